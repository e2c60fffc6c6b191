"""Law: who is in our way is named, and nobody waits for that longer than a moment.

Somebody holds a lock for as long as the run lasts; an application goes on meanwhile.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from .helpers import NOW, OLD, a_table, an_engine, children, daily, outcomes, value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from partman_core.report import Report

    Connection = psycopg.Connection[Any]

MAX_STALL = 100
"""Milliseconds."""

TENFOLD = f"-c statement_timeout={10 * MAX_STALL}"
"""What an application would not stand: its query is cut short then."""

SETTINGS = {
    "start": "2026-11-21",
    "max_stall": f"{MAX_STALL} ms",
    "lock_patience": "1500 ms",
    "max_drops": 9,
}

USES = (
    "SELECT count(*) FROM events WHERE at >= '2026-11-24'",
    "INSERT INTO events VALUES ('2026-11-24 12:00', 1)",
    "INSERT INTO kinds VALUES (nextval('more'))",
    "UPDATE events SET kind = 1 WHERE at >= '2026-11-24'",
)
"""What the application does, again and again."""

READS = "SELECT FROM events"
READS_ONE = f"SELECT FROM {OLD}"
LOCKS = "LOCK TABLE {} IN {} MODE"

CASES = [
    # what there is, what the run has to do, what the holder does
    ("default", "create", READS),
    ("default", "create", LOCKS.format("ONLY events", "ACCESS SHARE")),
    ("default", "create", LOCKS.format("ONLY rest", "ACCESS SHARE")),
    ("default", "create", "INSERT INTO events VALUES ('2026-11-22', 1)"),
    ("default", "retire", READS),
    ("default", "retire", READS_ONE),
    ("default", "retire", LOCKS.format("ONLY events", "ACCESS SHARE")),
    ("default", "retire", LOCKS.format("ONLY rest", "ACCESS SHARE")),
    ("default", "retire", f"ANALYZE {OLD}"),
    ("foreign key", "create", LOCKS.format("kinds", "ROW EXCLUSIVE")),
    ("foreign key", "create", "INSERT INTO kinds VALUES (99)"),
    ("foreign key", "retire", LOCKS.format("kinds", "ROW EXCLUSIVE")),
    ("foreign key and default", "create", "INSERT INTO kinds VALUES (99)"),
    ("foreign key and default", "retire", "INSERT INTO kinds VALUES (99)"),
    ("foreign key and default", "retire", READS),
    ("plain", "create", LOCKS.format("ONLY events", "SHARE UPDATE EXCLUSIVE")),
    ("plain", "retire", READS),
    ("plain", "retire", READS_ONE),
    ("plain", "retire", LOCKS.format("ONLY events", "SHARE UPDATE EXCLUSIVE")),
]


class Application:
    """Uses the tables without a pause; keeps what goes wrong."""

    def __init__(self, dsn: str) -> None:
        self.conn = psycopg.connect(
            make_conninfo(dsn, options=TENFOLD, application_name="shop"),
            autocommit=True,
        )
        self.done, self.error = 0, ""
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._work)

    def _work(self) -> None:
        while not self._over.is_set():
            for use in USES:
                try:
                    self.conn.execute(use)
                except psycopg.Error as error:
                    self.error = f"{use}: {error}"
                    return
                self.done += 1

    @contextmanager
    def at_work(self) -> Iterator[None]:
        self._thread.start()
        try:
            yield
        finally:
            self._over.set()
            self._thread.join()
            self.conn.close()


def prepared(database: str, pg: Connection, shape: str, work: str) -> Any:
    """Make the tables, so that there is something to create or to retire."""
    pg.execute("CREATE TABLE kinds AS SELECT 1 AS kind")
    pg.execute("ALTER TABLE kinds ADD PRIMARY KEY (kind)")
    pg.execute("CREATE SEQUENCE more MINVALUE 100")
    key = "REFERENCES kinds" if "foreign key" in shape else ""
    a_table(pg, columns=f"at timestamptz NOT NULL, kind int {key}")
    if "default" in shape:
        pg.execute("CREATE TABLE rest PARTITION OF events DEFAULT")
    engine = an_engine(database)
    daily(engine, count=2, **SETTINGS)
    assert engine.maintain().exit_code == 0
    more = {"count": 5} if work == "create" else {"retention_period": "1 day"}
    daily(engine, **{"count": 2, "confirm": True, **SETTINGS, **more})
    return engine


@pytest.mark.parametrize(("shape", "work", "holds"), CASES)
def test_nobody_waits_for_long_and_who_is_in_the_way_is_named(
    database, pg, other, shape, work, holds
):
    engine = prepared(database, pg, shape, work)
    holder = other(autocommit=False, application_name="reporting")
    holder.execute(holds)
    application = Application(database)
    with application.at_work():
        report = engine.maintain()
    assert application.error == ""
    assert application.done
    _is_told(report, holder, holds)
    hints = [out.hint for out in outcomes(report, "failed")]
    if "default" in shape:
        assert all("max_stall of more than" in hint for hint in hints), hints
    holder.rollback()
    after = engine.maintain()
    assert after.exit_code == 0, after
    assert not engine.plan().operations


def _is_told(report: Report, holder: Connection, holds: str) -> None:
    failed = outcomes(report, "failed")
    assert report.exit_code == 8, report
    assert {out.exit_code for out in failed} == {8}
    pid = f"pid {holder.info.backend_pid} (postgres, reporting)"
    for out in failed:
        assert pid in out.message, out.message
        assert " ".join(holds.split())[:77] in out.message
        assert "pg_read_all_stats" not in out.hint


def test_what_may_not_be_seen_is_not_shown_and_the_grant_is_named(
    a_role, database, pg, other
):
    role = a_role()
    [(name,)] = pg.execute("SELECT current_database()").fetchall()
    pg.execute(f'GRANT CREATE ON DATABASE "{name}" TO {role}')
    pg.execute(f"GRANT CREATE ON SCHEMA public TO {role}")
    dsn = make_conninfo(database, user=role, password="x")
    with psycopg.connect(dsn, autocommit=True) as owner:
        engine = prepared(dsn, owner, "default", "create")
    holder = other(autocommit=False, application_name="reporting")
    holder.execute("SELECT 'secret' FROM events")
    hidden = outcomes(engine.maintain(), "failed")
    pid = f"pid {holder.info.backend_pid} (postgres"
    for out in hidden:
        assert pid in out.message
        assert "secret" not in out.message
        assert "GRANT pg_read_all_stats" in out.hint
    pg.execute(f"GRANT pg_read_all_stats TO {role}")
    seen = outcomes(engine.maintain(), "failed")
    for out in seen:
        assert f"{pid}, reporting)" in out.message
        assert "secret" in out.message
        assert "GRANT" not in out.hint
    assert len(hidden) == len(seen) == 3
    holder.rollback()
    pg.execute(f"DROP SCHEMA partman, public CASCADE; DROP OWNED BY {role}")


def test_a_detach_that_is_cut_short_is_finished_when_the_holder_is_gone(
    database, pg, other
):
    """And until then nothing else is disturbed by it."""
    engine = prepared(database, pg, "plain", "retire")
    holder = other(autocommit=False, application_name="reporting")
    holder.execute(READS)
    assert engine.maintain().exit_code == 8
    pending = "SELECT count(*) FROM pg_inherits WHERE inhdetachpending"
    assert value(pg, pending) == 1
    assert engine.maintain().exit_code == 8
    assert value(pg, pending) == 1
    holder.rollback()
    assert engine.maintain().exit_code == 0
    assert set(children(pg)) == {f"events_p{NOW:%Y%m%d}", "events_p20261123",
                                 "events_p20261125"}  # fmt: skip
