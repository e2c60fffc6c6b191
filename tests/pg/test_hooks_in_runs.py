"""Hooks that are asked on the way: after a build, before a detach, before a drop."""

from __future__ import annotations

import signal
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from partman_core import hookimpl

from .helpers import (
    DAY,
    NOW,
    OLD,
    OLDER,
    PATIENCE,
    TODAY,
    TOMORROW,
    Archived,
    Clock,
    a_table,
    an_engine,
    children,
    daily,
    expiring,
    is_there,
    outcomes,
    relations,
    told,
    value,
)

if TYPE_CHECKING:
    Connection = psycopg.Connection[Any]


def test_pre_detach_is_asked_and_its_veto_counts(database, pg, expired):
    class Auditor:
        @hookimpl
        def partman_pre_detach(self, table, partition):
            assert table.name.relation == "events"
            assert partition.rows == 24
            if partition.name.relation == OLD:
                raise RuntimeError("it is still read")

    report = an_engine(database, expired, plugins=[Auditor()]).maintain()
    [out] = outcomes(report, "failed")
    assert "it is still read" in out.message
    assert OLD in children(pg)
    assert not is_there(pg, OLDER)


def test_post_create_finishes_the_table_in_its_transaction(database, pg):
    class Commenter:
        seen: list[Any]

        @hookimpl
        def partman_post_create(self, table, partition, bounds, conn):
            conn.execute(f"COMMENT ON TABLE {partition} IS 'made for {table.name}'")
            self.seen = [bounds, is_there(pg, partition.relation)]

    a_table(pg)
    plugin = Commenter()
    engine = an_engine(database, plugins=[plugin])
    daily(engine, count=1)
    engine.maintain()
    comment = value(pg, "SELECT obj_description(%s::regclass)", TODAY)
    assert comment == "made for public.events"
    bounds, visible = plugin.seen
    assert str(bounds) == children(pg)[TODAY]
    assert not visible


def test_post_create_that_raises_leaves_that_one_out_and_nothing_behind(database, pg):
    class Picky:
        right = False

        @hookimpl
        def partman_post_create(self, partition, conn):
            conn.execute("CREATE TABLE by_the_way ()")
            if partition.relation == TODAY and not self.right:
                raise ValueError("not today")
            conn.execute("DROP TABLE by_the_way")

    a_table(pg)
    plugin = Picky()
    engine = an_engine(database, plugins=[plugin])
    daily(engine, count=2)
    report = engine.maintain()
    [out] = outcomes(report, "failed")
    assert "not today" in out.message
    assert out.operation.name.relation == TODAY
    assert report.exit_code == 3
    assert relations(pg, "%") == {"events", TOMORROW}
    plugin.right = True
    assert told(engine.maintain()) == [("create", TODAY)]


@pytest.mark.parametrize("word", ["COMMIT", "ROLLBACK", "SELECT 1 / 0"])
def test_post_create_must_leave_the_transaction_as_it_is(database, pg, word):
    class Rude:
        polite = False

        @hookimpl
        def partman_post_create(self, conn):
            if not self.polite:
                with suppress(psycopg.Error):
                    conn.execute(word)

    a_table(pg)
    plugin = Rude()
    engine = an_engine(database, plugins=[plugin])
    daily(engine, count=1)
    report = engine.maintain()
    [out] = outcomes(report, "failed")
    assert "transaction" in out.message
    assert not children(pg)
    plugin.polite = True
    assert told(engine.maintain()) == [("create", TODAY)]
    assert relations(pg) == {"events", TODAY}


def test_pre_drop_works_in_the_drops_transaction(database, pg, expired):
    class Watcher(Archived):
        def meanwhile(self, partition, _conn, connect):
            with connect() as second:
                rows = f"SELECT count(*) FROM {partition.name}"
                assert value(second, rows) == value(self.pg, rows) == 24
            self.pg.execute("SET lock_timeout = '10ms'")
            with pytest.raises(psycopg.errors.LockNotAvailable):
                self.pg.execute(f"INSERT INTO {partition.name} VALUES ('2026-11-21')")

    plugin = Watcher(pg)
    report = an_engine(database, expired, plugins=[plugin]).maintain()
    assert report.exit_code == 0, report
    assert plugin.calls == [OLDER, OLD]
    assert value(pg, "SELECT count(*) FROM archive") == 48
    assert not relations(pg) & {OLD, OLDER}


def test_what_pre_drop_wrote_is_rolled_back_if_the_drop_fails(database, pg, expired):
    class Using(Archived):
        def meanwhile(self, partition, _conn, _connect):
            if partition.name.relation == OLD:
                pg.execute(f"CREATE VIEW used AS SELECT * FROM {OLD}")

    plugin = Using(pg)
    report = an_engine(database, expired, plugins=[plugin]).maintain()
    assert told(report, "failed") == [("drop", OLD)]
    assert value(pg, "SELECT count(*) FROM archive") == 24
    assert is_there(pg, OLD)


def test_pre_drop_that_raises_keeps_the_partition_for_the_next_run(
    database, pg, expired
):
    class Full(Archived):
        full = True

        def meanwhile(self, partition, _conn, _connect):
            if self.full and partition.name.relation == OLD:
                raise OSError("the disk is full")

    plugin = Full(pg)
    engine = an_engine(database, expired, plugins=[plugin])
    report = engine.maintain()
    [out] = outcomes(report, "failed")
    assert "the disk is full" in out.message
    assert out.operation.name.relation == OLD
    assert report.exit_code == 3
    assert is_there(pg, OLD)
    assert value(pg, "SELECT count(*) FROM archive") == 24
    plugin.full = False
    assert told(engine.maintain()) == [("drop", OLD)]
    assert value(pg, "SELECT count(*) FROM archive") == 48
    assert plugin.calls == [OLDER, OLD, OLD]


def test_pre_drop_that_takes_too_long_is_cut_off_and_the_partition_kept(
    database, pg, expired
):
    """Whatever the hook does later."""

    class Slow(Archived):
        go_on, ended = threading.Event(), threading.Event()
        error: Exception | None = None

        def meanwhile(self, partition, conn, _connect):
            if partition.name.relation == OLDER:
                assert self.go_on.wait(PATIENCE)
                try:
                    conn.execute(f"DROP TABLE {partition.name}")
                except psycopg.Error as error:
                    self.error = error
                self.ended.set()

    plugin = Slow(pg)
    engine = an_engine(database, expired, plugins=[plugin])
    expiring(engine, hook_timeout="100 ms")
    report = engine.maintain()
    [out] = outcomes(report, "failed")
    assert out.operation.name.relation == OLDER
    assert "hook" in out.message
    assert "hook_timeout" in out.hint
    assert ("drop", OLD) in told(report)
    plugin.go_on.set()
    assert plugin.ended.wait(PATIENCE)
    assert isinstance(plugin.error, psycopg.OperationalError)
    assert value(pg, f"SELECT count(*) FROM {OLDER}") == 24
    for thread in threading.enumerate():
        if thread.name.startswith("pre-drop"):
            thread.join(PATIENCE)


@pytest.mark.parametrize("words", ["COMMIT", "ROLLBACK", "COMMIT; BEGIN", "SELECT 1/0"])
def test_pre_drop_must_leave_the_transaction_as_it_is(database, pg, expired, words):
    class Rude(Archived):
        def meanwhile(self, partition, conn, _connect):
            if partition.name.relation == OLD:
                with suppress(psycopg.Error):
                    conn.execute(words)

    report = an_engine(database, expired, plugins=[Rude(pg)]).maintain()
    [out] = outcomes(report, "failed")
    assert "transaction" in out.message
    assert is_there(pg, OLD)
    assert not is_there(pg, OLDER)


def test_a_session_that_a_hook_leaves_open_does_not_hold_the_run_for_ever(
    database, pg, expired
):
    class Forgetful(Archived):
        left: list[Connection]

        def meanwhile(self, partition, _conn, connect):
            self.left.append(connect())
            self.left[-1].autocommit = False
            self.left[-1].execute(f"SELECT count(*) FROM {partition.name}")

    plugin = Forgetful(pg)
    plugin.left = []
    engine = an_engine(database, expired, plugins=[plugin])
    expiring(engine, lock_patience="100 ms")
    report = engine.maintain()
    assert report.exit_code == 8
    assert {out.operation.kind for out in outcomes(report, "failed")} == {"drop"}
    for conn in plugin.left:
        conn.close()


def test_what_row_security_would_hide_from_a_hook_is_refused(a_role, database, pg):
    """Or an archive would lack the rows that are dropped after it."""
    role = a_role()
    clock = Clock(NOW - 3 * DAY)
    a_table(pg)
    pg.execute("ALTER TABLE events ENABLE ROW LEVEL SECURITY")
    pg.execute("ALTER TABLE events FORCE ROW LEVEL SECURITY")
    pg.execute(f"GRANT CREATE ON SCHEMA public TO {role}")
    pg.execute(f"GRANT CREATE ON DATABASE {pg.info.dbname} TO {role}")
    pg.execute(f"ALTER TABLE events OWNER TO {role}")
    plugin = Archived(pg)
    pg.execute(f"GRANT ALL ON archive TO {role}")
    dsn = make_conninfo(database, user=role, password="x")
    engine = an_engine(dsn, clock, plugins=[plugin])
    expiring(engine)
    engine.maintain()
    pg.execute("INSERT INTO events VALUES ('2026-11-21')")
    clock.now = NOW
    report = engine.maintain()
    assert ("drop", OLDER) in told(report, "failed")
    assert value(pg, f"SELECT count(*) FROM {OLDER}") == 1


def test_a_hook_is_asked_once_a_run_for_each_partition(database, pg, expired):
    class No(Archived):
        def meanwhile(self, _partition, _conn, _connect):
            raise RuntimeError("no")

    plugin = No(pg)
    an_engine(database, expired, plugins=[plugin]).maintain()
    assert plugin.calls == [OLDER, OLD]


def test_a_hook_is_asked_once_though_the_drop_is_tried_again(database, pg, expired):
    """What it did is kept, though the first try takes longer than it may."""
    pg.execute("CREATE TABLE kinds (kind int PRIMARY KEY)")
    pg.execute("ALTER TABLE events ADD COLUMN kind int REFERENCES kinds")
    pg.execute(SLOW_AT_FIRST)

    class Writer(Archived):
        @hookimpl
        def partman_pre_drop(self, partition, conn):
            self.calls.append(partition.name.relation)
            conn.execute("INSERT INTO archive VALUES (now())")

    plugin = Writer(pg)
    engine = an_engine(database, expired, plugins=[plugin])
    expiring(engine, max_stall="100 ms")
    report = engine.maintain()
    assert report.exit_code == 0, report
    assert plugin.calls == [OLDER, OLD]
    assert value(pg, "SELECT count(*) FROM archive") == 2
    assert value(pg, "SELECT last_value FROM tries") > 2
    assert not relations(pg) & {OLD, OLDER}


SLOW_AT_FIRST = """
CREATE SEQUENCE tries;
CREATE FUNCTION slow_at_first() RETURNS event_trigger LANGUAGE plpgsql AS $$
BEGIN
    IF nextval('tries') = 1 THEN PERFORM pg_sleep(60); END IF;
END $$;
CREATE EVENT TRIGGER slow ON sql_drop EXECUTE FUNCTION slow_at_first()
"""


def test_ctrl_c_while_a_hook_runs_keeps_the_partition(database, pg, expired):
    go_on = threading.Event()

    class Slow(Archived):
        def meanwhile(self, _partition, _conn, _connect):
            signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
            assert go_on.wait(PATIENCE)

    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        report = an_engine(database, expired, plugins=[Slow(pg)]).maintain()
    finally:
        signal.signal(signal.SIGINT, before)
        go_on.set()
    assert report.interrupted
    assert told(report)[-2:] == [("detach", OLDER), ("detach", OLD)]
    assert told(report, "skipped") == [("drop", OLDER), ("drop", OLD)]
    for thread in threading.enumerate():
        if thread.name.startswith("pre-drop"):
            thread.join(PATIENCE)
    pg.execute("SET lock_timeout = '10s'")
    assert value(pg, f"SELECT count(*) FROM {OLD}") == 24
    pg.execute(f"INSERT INTO {OLDER} VALUES ('2026-11-21')")
    assert value(pg, "SELECT count(*) FROM archive") == 0
    after = an_engine(database, expired).maintain()
    assert told(after) == [("drop", OLDER), ("drop", OLD)]
