"""Detaches: who waits for whom, and what is cut short is finished."""

from __future__ import annotations

from datetime import timedelta
from threading import Thread
from typing import TYPE_CHECKING, Any

from partman_core import hookimpl

from .helpers import (
    a_table,
    an_engine,
    children,
    daily,
    half_detached,
    outcomes,
    relations,
    told,
    value,
    with_history,
)

if TYPE_CHECKING:
    import psycopg

    Connection = psycopg.Connection[Any]

OLD, OLDER = "events_p20261122", "events_p20261121"
DAY = timedelta(days=1)

WAITING = """
SELECT extract(epoch FROM clock_timestamp() - query_start)::float8
  FROM pg_stat_activity
 WHERE datname = current_database() AND wait_event_type = 'Lock'
   AND query LIKE '%CONCURRENTLY%'"""


def test_a_concurrent_detach_is_recorded_with_the_time_it_waited(
    database, pg, clock, other
):
    """It waits for a reader, who lets go only when it has waited for a while."""
    with_history(database, pg, clock)
    reader, watch, waited = other(autocommit=False), other(), []

    def let_go() -> None:
        while not waited or waited[-1] < 0.2:
            waited.extend(seconds for (seconds,) in watch.execute(WAITING))
        reader.rollback()

    class Reader:
        @hookimpl
        def partman_pre_detach(self, partition):
            if partition.name.relation == OLDER:
                reader.execute("SELECT count(*) FROM events")
                Thread(target=let_go).start()

    engine = an_engine(database, clock, plugins=[Reader()])
    assert engine.maintain().exit_code == 0
    [took] = [
        deed.seconds
        for deed in engine.history("events")
        if deed.kind == "detach" and deed.partition.relation == OLDER
    ]
    assert took >= 0.2


def test_a_half_detached_partition_is_finalised(database, pg, clock, other):
    engine = with_history(database, pg, clock)
    half_detached(pg, other)
    report = engine.maintain()
    assert told(report)[0] == ("finalize", OLDER)
    assert report.exit_code in {0, 3}, report
    assert OLDER not in children(pg)
    assert not engine.plan().operations


def test_a_detach_that_is_cut_short_says_so_and_is_finished_by_the_next_run(
    database, pg, clock, other
):
    """A reader is idle in its transaction for as long as patience lasts."""
    engine = with_history(database, pg, clock, lock_patience="200 ms")
    reader = other(autocommit=False)
    reader.execute("SELECT count(*) FROM events")
    report = engine.maintain()
    [out] = outcomes(report, "failed")
    assert out.operation.name.relation == OLDER
    assert "half-detached" in out.message
    assert report.exit_code == 8, str(report)
    assert ("detach", OLD) in told(report, "skipped")
    assert report.tables[0].runway
    reader.rollback()
    again = engine.maintain()
    assert again.exit_code in {0, 3}, again
    assert not {OLD, OLDER} & relations(pg)
    assert not engine.plan().operations


def test_a_creation_that_a_half_detached_partition_is_in_the_way_of_comes_after_it(
    database, pg, clock, other
):
    a_table(pg)
    engine = an_engine(database, clock)
    daily(engine)
    engine.maintain()
    half_detached(pg, other, "events_p20261125")
    report = engine.maintain()
    assert report.exit_code in {0, 3}, report
    kinds = told(report)
    assert kinds[0] == ("finalize", "events_p20261125")
    assert kinds[1][0] == "create"
    bounds = children(pg).values()
    assert any("FROM ('2026-11-25" in text for text in bounds)
    assert not engine.plan().operations


def test_a_reader_who_holds_the_table_delays_a_plain_detach_and_is_not_delayed(
    database, pg, clock, other
):
    engine = with_history(
        database, pg, clock, in_default=True, lock_patience="300 ms", max_stall="20 ms"
    )
    reader = other(autocommit=False)
    reader.execute("SELECT count(*) FROM events")
    report = engine.maintain()
    failed = outcomes(report, "failed")
    assert {out.operation.kind for out in failed} == {"detach"}
    assert report.exit_code == 8
    who = f"pid {reader.info.backend_pid} (postgres) in a transaction of"
    assert all(who in out.message for out in failed)
    assert all("SELECT count(*) FROM events" in out.message for out in failed)
    assert all("max_stall of more than" in out.hint for out in failed)
    reader.rollback()
    assert engine.maintain().exit_code == 0
    assert OLD not in relations(pg)


def test_one_held_partition_does_not_keep_the_others(database, pg, clock, other):
    engine = with_history(
        database, pg, clock, in_default=True, lock_patience="300 ms", max_stall="20 ms"
    )
    reader = other(autocommit=False)
    reader.execute(f"SELECT count(*) FROM {OLD}")
    report = engine.maintain()
    assert told(report, "failed") == [("detach", OLD)]
    assert ("drop", OLDER) in told(report)
    reader.rollback()


def test_those_who_use_what_refers_to_the_table_wait_for_a_moment_only(
    database, pg, clock, other
):
    """A concurrent detach takes its last lock on the referring table."""
    a_table(pg, columns="at timestamptz PRIMARY KEY, note text")
    pg.execute("CREATE TABLE notes (at timestamptz REFERENCES events)")
    engine = an_engine(database, clock)
    settings = {"start": "2026-11-21", "retention_period": "3 days"}
    daily(engine, **settings, max_stall="50 ms")
    engine.maintain()
    clock.now += DAY
    user = other(autocommit=False)
    user.execute("SELECT count(*) FROM notes")
    queued: list[bool] = []
    waiting = "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)"
    looking = (
        "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
        " AND application_name = 'partman' AND position('pg_locks' IN query) > 0)"
    )

    def let_go() -> None:
        while not value(pg, looking):
            pass
        queued.append(value(pg, waiting))
        user.rollback()

    thread = Thread(target=let_go)
    thread.start()
    report = engine.maintain()
    thread.join()
    assert queued == [False]
    assert report.exit_code == 0, report
    assert ("drop", OLDER) in told(report)


def test_a_detach_that_could_not_get_its_last_lock_is_not_begun(
    database, pg, clock, other
):
    a_table(pg, columns="at timestamptz PRIMARY KEY, note text")
    pg.execute("CREATE TABLE notes (at timestamptz REFERENCES events)")
    engine = an_engine(database, clock)
    settings = {"start": "2026-11-21", "retention_period": "3 days"}
    daily(engine, **settings, max_stall="20 ms", lock_patience="200 ms")
    engine.maintain()
    clock.now += DAY
    user = other(autocommit=False)
    user.execute("SELECT count(*) FROM notes")
    report = engine.maintain()
    [out] = outcomes(report, "failed")
    assert f"pid {user.info.backend_pid} (postgres)" in out.message
    assert report.exit_code == 8
    assert OLDER in children(pg)
    user.rollback()
    assert told(engine.maintain())[-2:] == [("detach", OLDER), ("drop", OLDER)]
