"""A run that is told to end does, wherever it waits; and tells what was done."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from partman_core import hookimpl
from partman_core.engine import Stop
from partman_core.executor import hooked

from .helpers import (
    OLD,
    OLDER,
    PATIENCE,
    an_engine,
    by_table,
    daily,
    is_there,
    outcomes,
    told,
    value,
)
from .several import SIX, settings, with_tables

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from partman_core import Engine
    from partman_core.report import Report

    Connection = psycopg.Connection[Any]

HELD = "c"

WAITING = """
SELECT EXISTS (SELECT FROM pg_locks l JOIN pg_stat_activity a USING (pid)
                WHERE NOT l.granted AND a.application_name = 'partman'
                  AND a.datname = current_database())"""

LOOKING = """
SELECT EXISTS (SELECT FROM pg_stat_activity
                WHERE application_name = 'partman' AND datname = current_database()
                  AND query ~ 'held AS MATERIALIZED')
   AND to_regclass('b_p20261125') IS NOT NULL"""
"""Whether one of ours looks who is in the way, and the held table's are built."""


@contextmanager
def when_it_waits(
    watch: Connection, deed: Callable[[], object], waits: str = WAITING
) -> Iterator[None]:
    """Do something as soon as a session of ours waits."""
    over = threading.Event()

    def look() -> None:
        while not over.is_set():
            if value(watch, waits):
                deed()
                return

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


@pytest.fixture
def held(database: str, pg: Connection, other: Callable[..., Connection]) -> Engine:
    """Return an engine of whose six tables one is held; it would wait for an hour."""
    engine = with_tables(database, pg, SIX)
    daily(engine, HELD, retention_period="1 day", **settings(lock_patience="1 hour"))
    holder = other(autocommit=False)
    holder.execute(f"LOCK TABLE {HELD} IN ACCESS EXCLUSIVE MODE")
    return engine


def _ended_well(report: Report, engine: Engine) -> None:
    assert report.interrupted
    assert len(report.tables) == len(SIX)
    assert not told(report, "failed")
    assert by_table(report)[HELD].of("done") == ()
    [run, *_] = engine.runs()
    assert (run.id, run.result) == (report.run, "interrupted")
    assert run.finished_at is not None


@pytest.mark.parametrize("workers", [1, 3])
def test_the_word_to_stop_ends_a_wait_for_a_lock(held, other, workers):
    stop = Stop()
    with when_it_waits(other(), stop.set):
        report = held.maintain(workers=workers, stop=stop)
    _ended_well(report, held)


@pytest.mark.parametrize("workers", [1, 3])
def test_the_word_to_stop_ends_a_wait_for_readers(database, pg, other, workers):
    """Nobody queues behind such a wait: it is made of looks."""
    engine = with_tables(database, pg, SIX)
    beside_default = SIX[1]
    more = settings(lock_patience="1 hour", default_partition=True)
    daily(engine, beside_default, retention_period="1 day", **more)
    reader, stop = other(autocommit=False), Stop()
    reader.execute(f"SELECT FROM {beside_default}")
    with when_it_waits(other(), stop.set, LOOKING):
        report = engine.maintain(workers=workers, stop=stop)
    assert report.interrupted
    assert not told(report, "failed")
    left = by_table(report)[beside_default].outcomes
    assert {out.result for out in left} == {"skipped"}
    assert any("the next run attaches it" in out.message for out in left)
    reader.rollback()
    assert engine.maintain(workers=workers).exit_code == 0
    assert not engine.plan().operations


@pytest.mark.parametrize("workers", [1, 3])
def test_ctrl_c_ends_a_wait_for_a_lock(held, other, workers):
    main = threading.main_thread().ident
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with when_it_waits(other(), lambda: signal.pthread_kill(main, signal.SIGINT)):
            report = held.maintain(workers=workers)
    finally:
        signal.signal(signal.SIGINT, before)
    _ended_well(report, held)


@pytest.mark.parametrize("workers", [1, 3])
def test_another_engine_can_stop_a_run(database, held, other, workers):
    another = an_engine(database)
    asked: list[bool] = []

    def ask() -> None:
        [run, *_] = another.runs(limit=1)
        assert run.result == "running"
        asked.append(another.stop_run(run.id))

    with when_it_waits(other(), ask):
        report = held.maintain(workers=workers)
    _ended_well(report, held)
    assert asked == [True]
    assert not another.stop_run(report.run)


def test_a_run_that_is_told_to_end_before_it_begins_does_nothing(held):
    stop = Stop()
    stop.set()
    report = held.maintain(workers=3, stop=stop)
    _ended_well(report, held)
    assert not told(report)


def test_what_was_stopped_is_done_by_the_next_run(held, other, pg):
    stop = Stop()
    with when_it_waits(other(), stop.set):
        held.maintain(workers=3, stop=stop)
    pg.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_locks"
        " WHERE relation = %s::regclass AND mode = 'AccessExclusiveLock' AND granted",
        [HELD],
    )
    report = held.maintain(workers=3)
    assert report.exit_code == 0, report
    assert not held.plan().operations


class Archivist:
    """A pre-drop hook that takes its time; it says when it is at work."""

    def __init__(self) -> None:
        self.called, self.go_on = threading.Event(), threading.Event()

    @hookimpl
    def partman_pre_drop(self):
        self.called.set()
        assert self.go_on.wait(PATIENCE)


def stopped_in_a_hook(
    engine: Engine, plugin: Archivist, then: Callable[[], object]
) -> Report:
    """Maintain, and stop when the hook is at work.

    :param then: done after the word to stop.
    """
    stop = Stop()

    def tell() -> None:
        assert plugin.called.wait(PATIENCE)
        stop.set()
        then()

    thread = threading.Thread(target=tell)
    thread.start()
    try:
        return engine.maintain(stop=stop)
    finally:
        thread.join()


def test_a_hook_that_ends_in_time_is_waited_for(database, pg, expired):
    plugin = Archivist()
    engine = an_engine(database, expired, plugins=[plugin])
    report = stopped_in_a_hook(engine, plugin, plugin.go_on.set)
    assert report.interrupted
    assert ("drop", OLDER) in told(report)
    assert ("drop", OLD) in told(report, "skipped")
    assert not is_there(pg, OLDER)
    assert is_there(pg, OLD)


def test_a_hook_that_does_not_end_is_not_waited_for(database, pg, expired, monkeypatch):
    monkeypatch.setattr(hooked, "STOP_TIMEOUT", 0.2)
    plugin = Archivist()
    engine = an_engine(database, expired, plugins=[plugin])
    report = stopped_in_a_hook(engine, plugin, lambda: None)
    assert not plugin.go_on.is_set()
    plugin.go_on.set()
    assert report.interrupted
    [kept] = [out for out in outcomes(report) if out.operation.name.relation == OLDER
              and out.operation.kind == "drop"]  # fmt: skip
    assert kept.result == "skipped"
    assert "the next run" in kept.message
    assert ("drop", OLD) in told(report, "skipped")
    for thread in threading.enumerate():
        if thread.name.startswith("pre-drop"):
            thread.join(PATIENCE)
    assert value(pg, f"SELECT count(*) FROM {OLDER}") == 24
    after = an_engine(database, expired, plugins=[plugin]).maintain()
    assert told(after) == [("drop", OLDER), ("drop", OLD)]
