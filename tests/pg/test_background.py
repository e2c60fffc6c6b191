"""Background maintenance against a real server: restarts, locks, several engines."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys

import psycopg
import pytest

from partman_core import hookimpl
from partman_core.errors import Unreachable

from ..unit.hand import Hand
from .helpers import DAY, PATIENCE, Clock, a_table, an_engine, children, daily, value


class Listening:
    """Keeps the events, for the test to wait for."""

    def __init__(self) -> None:
        self.heard: queue.SimpleQueue[str] = queue.SimpleQueue()

    @hookimpl
    def partman_event(self, event):
        self.heard.put(event.kind)

    def until(self, kind: str) -> None:
        while self.heard.get(timeout=PATIENCE) != kind:
            pass


class Log:
    """A log whose lines the test waits for."""

    def __init__(self) -> None:
        self.lines: queue.SimpleQueue[str] = queue.SimpleQueue()

    def __getattr__(self, level):
        return lambda text, *args, **_: self.lines.put(f"{level} {text % args}")

    def until(self, words: str) -> str:
        while words not in (line := self.lines.get(timeout=PATIENCE)):
            pass
        return line


def test_the_first_pass_is_done_at_once(database, pg):
    a_table(pg)
    told = Listening()
    engine = an_engine(database, plugins=[told])
    daily(engine)
    engine.start(every="1 hour")
    told.until("run-finished")
    assert len(children(pg)) == 3
    assert engine.stop()
    assert engine.background.last_report.exit_code == 0
    [run] = engine.runs()
    assert (run.command, run.result) == ("maintain", "done")


def test_an_engine_may_be_started_before_there_is_anything_to_do(database, pg):
    hand, log = Hand(), Log()
    engine = an_engine(database, logger=log)
    engine.start(every="1 hour", jitter=0, _waiting=hand.waiting)
    log.until("nothing had to be done")
    a_table(pg)
    daily(engine)
    hand.turn(3600)
    assert "done 3 × create" in log.until("× create")
    assert engine.stop()


def test_to_stop_ends_what_waits_for_a_lock_and_a_later_pass_does_the_rest(
    database, pg, other
):
    a_table(pg)
    told = Listening()
    engine = an_engine(database, plugins=[told])
    daily(engine, lock_patience="1 hour")
    holder = other(autocommit=False)
    holder.execute("LOCK TABLE ONLY events IN SHARE UPDATE EXCLUSIVE MODE")
    engine.start()
    told.until("created")
    assert engine.stop(PATIENCE)
    report = engine.background.last_report
    assert report.interrupted
    assert len(report.of("skipped")) == 3
    assert [run.result for run in engine.runs()] == ["interrupted"]
    holder.rollback()
    told = Listening()
    engine = an_engine(database, plugins=[told])
    engine.start()
    told.until("run-finished")
    assert engine.stop()
    assert len(children(pg)) == 3
    assert not engine.plan().operations


def test_a_pass_that_takes_too_long_ends_in_good_order(database, pg, other):
    a_table(pg)
    hand, told, log = Hand(), Listening(), Log()
    engine = an_engine(database, plugins=[told], logger=log)
    daily(engine, lock_patience="1 hour")
    holder = other(autocommit=False)
    holder.execute("LOCK TABLE ONLY events IN SHARE UPDATE EXCLUSIVE MODE")
    engine.start(max_seconds=30, jitter=0, _waiting=hand.waiting)
    told.until("created")
    hand.turn(30)
    log.until("was interrupted")
    holder.rollback()
    hand.turn(3600)
    assert "done 3 × create" in log.until("× create")
    assert engine.stop()


def test_two_engines_do_no_double_work_and_raise_no_error(database, pg):
    for table in ("events", "others", "more"):
        a_table(pg, table)
    clock = Clock()
    hands, logs = [Hand(), Hand()], [Log(), Log()]
    engines = [an_engine(database, clock, logger=log) for log in logs]
    for table in ("events", "others", "more"):
        daily(engines[0], table)
    for engine, hand in zip(engines, hands, strict=True):
        engine.start(jitter=0, _waiting=hand.waiting)
    for _ in range(3):
        for log in logs:
            log.until("next one in")
        clock.now += DAY
        for hand in hands:
            hand.turn(3600)
    for engine, log in zip(engines, logs, strict=True):
        log.until("next one in")
        assert engine.stop()
        assert engine.background.last_report.exit_code == 0
    engines[0].maintain()
    query = "SELECT count(*), count(DISTINCT partition), bool_and(result = 'done')"
    done = pg.execute(f"{query} FROM partman.operation_history").fetchone()
    assert done == (18, 18, True)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_after_a_restart_of_the_server_it_carries_on(server, how):
    clock, hand, log = Clock(), Hand(), Log()
    engine = an_engine(server.dsn, clock, logger=log)
    daily(engine)
    engine.start(jitter=0, _waiting=hand.waiting)
    log.until("done 3 × create")
    os.kill(server.pid, how)
    os.waitid(os.P_PID, server.pid, os.WEXITED | os.WNOWAIT)
    server.kill()
    hand.turn(3600)
    assert "tried again in 1 s" in log.until("tried again")
    hand.turn(1)
    assert "tried again in 2 s" in log.until("tried again")
    assert isinstance(engine.background.last_error, Unreachable)
    assert not engine.background.is_ready
    server.start()
    clock.now += DAY
    hand.turn(2)
    log.until("done 1 × create")
    assert engine.stop()
    assert engine.background.away == 0
    with psycopg.connect(server.dsn, autocommit=True) as pg:
        assert len(children(pg)) == 4
        assert value(pg, "SELECT count(*) FROM partman.maintenance_runs") == 2


def test_a_server_that_comes_later_than_the_engine_is_waited_for(server):
    clock, hand, log = Clock(), Hand(), Log()
    engine = an_engine(server.dsn, clock, logger=log)
    daily(engine)
    server.kill()
    engine.start(jitter=0, _waiting=hand.waiting)
    log.until("tried again in 1 s")
    server.start()
    hand.turn(1)
    log.until("done 3 × create")
    assert engine.stop()


HOST = """
import sys
from partman_core import Engine, hookimpl
import threading

class Listening:
    built = threading.Semaphore(0)

    @hookimpl
    def partman_event(self, event):
        if event.kind == "created":
            self.built.release()

engine = Engine(sys.argv[1], plugins=[Listening()])
engine.start(workers=2)
for _ in range(6):
    Listening.built.acquire()
"""


def test_a_program_that_ends_without_stopping_it_is_not_kept(database, pg, other):
    for table in ("events", "others"):
        a_table(pg, table)
        daily(an_engine(database), table, lock_patience="1 hour")
    holder = other(autocommit=False)
    holder.execute("LOCK TABLE ONLY events, ONLY others IN SHARE UPDATE EXCLUSIVE MODE")
    host = [sys.executable, "-c", HOST, database]
    assert subprocess.run(host, check=False, timeout=PATIENCE).returncode == 0
