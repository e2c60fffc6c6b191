"""A large DEFAULT is proved in order beside everybody, instead of under a lock."""

from __future__ import annotations

import re
from typing import Any

import psycopg
import pytest

from partman_core.pg import window

from .helpers import (
    a_table,
    an_engine,
    children,
    daily,
    outcomes,
    told,
    value,
)

TOO_LARGE = "20 ms"
"""With this max_stall, 2 MB may be read while queries wait."""

CHECKS = """
SELECT count(*) FROM pg_constraint
 WHERE conrelid = 'rest'::regclass AND conname = 'partman_window'"""


@pytest.fixture
def large(database, clock, pg):
    """Return an engine with a table whose DEFAULT holds 4 MB of old rows."""
    a_table(pg)
    pg.execute("CREATE TABLE rest PARTITION OF events DEFAULT")
    pg.execute(
        "INSERT INTO events SELECT '2001-01-01', repeat('x', 1000)"
        " FROM generate_series(1, 4000)"
    )
    engine = an_engine(database, clock)
    daily(engine, count=6, max_stall="2 s")
    return engine


def listening(database: str, said: list[str]) -> Any:
    """Open connections that tell what PostgreSQL says of the proofs it needs."""

    def connect() -> psycopg.Connection[Any]:
        conn = psycopg.connect(database, options="-c client_min_messages=debug1")
        conn.add_notice_handler(lambda notice: said.append(notice.message_primary))
        return conn

    return connect


def scans(said: list[str]) -> list[str]:
    return [text for text in said if re.match(r'verifying table "rest"', text)]


def implied(said: list[str]) -> list[str]:
    wanted = 'updated partition constraint for default partition "rest" is implied'
    return [text for text in said if text.startswith(wanted)]


def test_ranges_far_ahead_are_attached_without_reading_default(
    database, pg, clock, large, monkeypatch
):
    monkeypatch.setattr(window, "READ_RATE", 1_000_000)
    said: list[str] = []
    engine = an_engine(listening(database, said), clock)
    report = engine.maintain()
    assert report.exit_code == 0, report
    assert len(children(pg)) == 7
    # Today and tomorrow are close: rows may come in, so they are not refused.
    assert len(implied(said)) == 4
    assert value(pg, CHECKS) == 0
    assert value(pg, "SELECT count(*) FROM events") == 4000
    assert not engine.plan().operations


def test_the_plan_states_the_window(database, pg, clock, large, monkeypatch):
    monkeypatch.setattr(window, "READ_RATE", 1_000_000)
    explained = large.explain(large.plan())
    phases = [[step.phase for step in each.steps] for each in explained]
    assert phases[0] == ["build", "attach"]
    assert phases[-1] == ["build", "guard", "validate", "attach", "reopen"]
    guard = explained[-1].steps[1]
    assert "rows of that range are refused" in (guard.waits or "")


def test_rows_in_one_range_keep_only_that_partition(
    database, pg, clock, large, monkeypatch
):
    monkeypatch.setattr(window, "READ_RATE", 1_000_000)
    pg.execute("INSERT INTO events VALUES ('2026-11-28 12:00+00', 'early')")
    report = an_engine(database, clock).maintain()
    [failed] = outcomes(report, "failed")
    assert failed.operation.name.relation == "events_p20261128"
    assert "DEFAULT holds rows" in failed.message
    assert len(told(report, "done")) == 5
    assert value(pg, CHECKS) == 0
    assert value(pg, "SELECT count(*) FROM events") == 4001


def test_a_default_too_large_for_what_is_close_is_told_with_the_way_out(
    database, pg, clock, large
):
    """A range that takes rows today must not refuse them, and must not stall."""
    daily(large, count=2, max_stall="1 ms", lock_patience="2 s")
    pg.execute("INSERT INTO events SELECT '2001-01-01', note FROM events")
    pg.execute("INSERT INTO events SELECT '2001-01-01', note FROM events")
    report = an_engine(database, clock).maintain()
    assert report.exit_code == 8
    for failed in outcomes(report, "failed"):
        assert "nobody was in the way" in failed.message
        assert "move its rows out first" in failed.hint
    assert value(pg, CHECKS) == 0


class Dies(psycopg.Connection[Any]):
    """Loses its server while DEFAULT is read."""

    def execute(self, query: Any, *args: Any, **kwargs: Any) -> Any:
        text = query if isinstance(query, str) else query.as_string(None)
        if "VALIDATE CONSTRAINT" in text:
            self.close()
        return super().execute(query, *args, **kwargs)


def test_a_run_that_dies_in_the_window_is_followed_by_one_that_closes_it(
    database, pg, clock, large, monkeypatch
):
    monkeypatch.setattr(window, "READ_RATE", 1_000_000)
    connections = iter([Dies, *[psycopg.Connection] * 9])
    dying = an_engine(lambda: next(connections).connect(database), clock)
    dying.maintain()
    assert value(pg, CHECKS) == 1
    with pytest.raises(psycopg.errors.CheckViolation):
        pg.execute("INSERT INTO events VALUES ('2026-11-28 12:00+00', 'refused')")
    engine = an_engine(database, clock)
    kinds = [operation.kind for operation in engine.plan().operations]
    assert kinds[0] == "reopen"
    report = engine.maintain()
    assert report.exit_code == 0, report
    assert value(pg, CHECKS) == 0
    assert not engine.plan().operations
    assert len(children(pg)) == 7


def test_a_window_is_closed_also_when_nothing_is_to_be_made(database, pg, clock, large):
    large.maintain()
    pg.execute(
        "ALTER TABLE rest ADD CONSTRAINT partman_window"
        " CHECK (NOT (at >= '2031-01-01')) NOT VALID"
    )
    assert [op.kind for op in large.plan().operations] == ["reopen"]
    assert large.maintain().exit_code == 0
    pg.execute("INSERT INTO events VALUES ('2031-01-01', 'taken')")
