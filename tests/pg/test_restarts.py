"""A server that restarts, or goes away in the middle: no engine has to be made anew."""

from __future__ import annotations

import os
import signal

import psycopg
import pytest

from partman_core import hookimpl
from partman_core.errors import Unreachable
from partman_core.pg.embedded import EmbeddedServer

from .helpers import (
    DAY,
    NOW,
    Clock,
    a_table,
    an_engine,
    children,
    daily,
    outcomes,
    told,
)


def end(server: EmbeddedServer, how: signal.Signals = signal.SIGINT) -> None:
    """End it, as a fast stop does, or a crash, and keep its files."""
    os.kill(server.pid, how)
    os.waitid(os.P_PID, server.pid, os.WEXITED | os.WNOWAIT)
    server.kill()


class Ending:
    """Ends the server at an event of some kind, and may start it again."""

    def __init__(
        self,
        server: EmbeddedServer,
        how: signal.Signals,
        *,
        again: bool,
        kind: str = "created",
    ) -> None:
        self.server, self.how, self.again, self.ended = server, how, again, False
        self.kind = kind

    @hookimpl
    def partman_event(self, event):
        if event.kind == self.kind and not self.ended:
            self.ended = True
            end(self.server, self.how)
            if self.again:
                self.server.start()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_an_engine_works_on_after_a_restart_of_the_server(server, how):
    clock = Clock()
    engine = an_engine(server.dsn, clock)
    daily(engine)
    assert engine.maintain().exit_code == 0
    end(server, how)
    with pytest.raises(Unreachable):
        engine.maintain()
    server.start()
    assert not engine.plan().operations
    clock.now += DAY
    assert len(told(engine.maintain())) == 1
    assert [run.result for run in engine.runs()] == ["done", "done"]


def test_a_run_whose_server_restarts_is_reported_and_recorded_as_failed(server):
    ending = Ending(server, signal.SIGINT, again=True)
    engine = an_engine(server.dsn, Clock(), plugins=[ending])
    daily(engine, retention_period="1 day", start="2026-11-20", confirm=True)
    report = engine.maintain()
    assert ending.ended
    assert report.exit_code == 5, str(report)
    assert "the connection to the server is gone" in str(report)
    [run] = engine.runs()
    assert (run.id, run.result) == (report.run, "failed")
    assert run.finished_at is not None
    assert engine.maintain().exit_code == 0
    assert not engine.plan().operations


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_a_run_whose_server_stays_away_is_reported_all_the_same(server, how):
    ending = Ending(server, how, again=False)
    engine = an_engine(server.dsn, Clock(), plugins=[ending])
    daily(engine, retention_period="1 day", start="2026-11-20", confirm=True)
    report = engine.maintain()
    assert ending.ended
    assert report.exit_code == 5
    assert "no server answers" in str(report)
    server.start()
    with psycopg.connect(server.dsn, autocommit=True) as pg:
        attached = set(children(pg))
    assert attached == {partition for _, partition in told(report)}
    [run] = engine.runs()
    assert (run.result, run.finished_at) == ("failed", None)
    assert run.message == "its engine or the server went away"
    assert "last-run-failed" in {found.code for found in engine.check()[0].findings}
    assert engine.maintain().exit_code == 0
    assert not engine.plan().operations


def test_what_was_done_before_the_server_went_away_is_reported(server):
    clock = Clock(NOW - 3 * DAY)
    engine = an_engine(server.dsn, clock)
    daily(engine, retention_period="1 day", max_drops=9, confirm=True)
    engine.maintain()
    clock.now = NOW
    ending = Ending(server, signal.SIGINT, again=False, kind="attached")
    report = an_engine(server.dsn, clock, plugins=[ending]).maintain()
    assert ending.ended
    assert report.exit_code == 5
    assert {kind for kind, _ in told(report)} == {"create"}
    assert {out.operation.kind for out in outcomes(report)} == {
        "create",
        "detach",
        "drop",
    }
    server.start()
    with psycopg.connect(server.dsn, autocommit=True) as pg:
        assert {name for _, name in told(report)} < set(children(pg))
    assert engine.maintain().exit_code == 0
    assert not engine.plan().operations


def test_a_run_is_on_for_as_long_as_it_lasts(database, pg):
    """Also for others who ask."""
    a_table(pg)
    seen = []

    class Watching:
        @hookimpl
        def partman_event(self, event):
            seen.append((event.kind, an_engine(database).runs()[0].result))

    engine = an_engine(database, plugins=[Watching()])
    daily(engine)
    engine.maintain()
    assert dict(seen) == {
        "run-started": "running",
        "created": "running",
        "attached": "running",
        "run-finished": "done",
    }
