"""Background maintenance: its threads, its state and its log, with clocks by hand."""

from __future__ import annotations

import logging
import threading
from datetime import timedelta
from queue import SimpleQueue
from typing import Any

import pytest

from partman_core import Engine
from partman_core.bounds import DefaultBounds
from partman_core.errors import ConfigError, Refused, Stopped, Unreachable
from partman_core.naming import Name
from partman_core.plan import Create, Finding
from partman_core.report import Outcome, Report, TableReport

from .hand import PATIENCE, START, Hand

HOUR = 3600.0
EVENTS = Name("public", "events")


def report(*tables: TableReport, **more: Any) -> Report:
    return Report(run=7, command="maintain", started_at=START, tables=tables, **more)


QUIET = report(TableReport(table=EVENTS))


class Ending:
    """How the test ends a pass."""

    def __init__(self) -> None:
        self.thread = threading.current_thread()
        self.how: SimpleQueue[Any] = SimpleQueue()

    def __call__(self, how: Any) -> None:
        """Have it return or raise *how*, and wait until that is noted."""
        self.how.put(how)
        self.thread.join(PATIENCE)
        assert not self.thread.is_alive()


class Passes:
    """What passes do: each waits for the test to say how it ends."""

    def __init__(self) -> None:
        self.begun: SimpleQueue[tuple[Any, Ending]] = SimpleQueue()

    def __call__(self, *tables: str, stop: Any, **options: Any) -> Report:
        ending = Ending()
        self.begun.put(((tables, options, stop), ending))
        end = ending.how.get(timeout=PATIENCE)
        if isinstance(end, BaseException):
            raise end
        return end

    def next(self) -> tuple[Any, Ending]:
        """Return what the next pass was given, and how to end it."""
        return self.begun.get(timeout=PATIENCE)

    @property
    def none(self) -> bool:
        return self.begun.empty()


@pytest.fixture
def passes():
    return Passes()


@pytest.fixture
def hand():
    return Hand()


@pytest.fixture
def engine(passes, hand):
    """Return an engine whose passes are the test's."""
    engine = Engine("postgresql://nowhere")
    engine.maintain = passes
    begin = engine.start
    engine.start = lambda *tables, **more: begin(
        *tables, **{"every": "1 hour", "jitter": 0, "_waiting": hand.waiting, **more}
    )
    yield engine
    while not passes.none:
        passes.next()[1](QUIET)
    assert engine.stop(PATIENCE)


def test_the_first_pass_begins_at_once_and_gets_what_was_said(engine, passes):
    engine.start("events", workers=3, max_drops=4)
    (tables, options, stop), end = passes.next()
    assert tables == ("events",)
    assert options == {"workers": 3, "max_drops": 4}
    assert not stop.is_set()
    end(QUIET)


def test_passes_follow_each_other(engine, passes, hand):
    engine.start()
    for _ in range(3):
        _, end = passes.next()
        end(QUIET)
        assert passes.none
        hand.turn(HOUR)
    passes.next()[1](QUIET)


def test_a_pass_that_lasts_keeps_no_other_from_beginning_but_a_third(
    engine, passes, hand, caplog
):
    engine.start()
    _, first = passes.next()
    hand.turn(HOUR)
    _, second = passes.next()
    hand.turn(HOUR)
    hand.settle()
    assert passes.none
    assert engine.background.left_out == 1
    assert len(engine.background.running) == 2
    assert "a pass was due and is left out: 2 are still on" in caplog.text
    first(QUIET)
    hand.turn(HOUR)
    _, third = passes.next()
    second(QUIET)
    third(QUIET)


def test_its_state_is_there_to_be_shown(engine, passes, hand):
    assert engine.background is None
    engine.start()
    _, end = passes.next()
    hand.settle()
    state = engine.background
    assert state.rhythm == "every 1 hour"
    assert (state.is_on, state.is_ready, state.passes) == (True, False, 1)
    assert (state.since, state.running) == (START, (START,))
    assert state.next_at == START + timedelta(hours=1)
    end(QUIET)
    state = engine.background
    assert state.is_ready
    assert (state.last_report, state.last_error, state.running) == (QUIET, None, ())
    assert state.to_json()["last_report"]["run"] == 7
    assert state.to_json()["next_at"] == state.next_at.isoformat()
    assert engine.stop()
    state = engine.background
    assert (state.is_on, state.is_ready, state.next_at) == (False, False, None)
    assert state.last_report == QUIET


AWAY = [
    Unreachable("no server answers"),
    ConfigError("the server is a standby", code="standby"),
    report(TableReport(table=EVENTS, error="the connection is gone", error_code=5)),
]


@pytest.mark.parametrize("how", AWAY, ids=["unreachable", "standby", "lost"])
def test_a_server_that_is_away_is_tried_again_soon(engine, passes, hand, how):
    engine.start()
    for pause in (1, 2, 4):
        _, end = passes.next()
        end(how)
        state = engine.background
        hand.turn(pause)
    assert state.away == 3
    _, end = passes.next()
    end(QUIET)
    assert engine.background.away == 0
    assert engine.background.is_ready
    hand.turn(60)
    hand.settle()
    assert passes.none


def test_an_error_that_time_does_not_heal_waits_for_the_next_pass(
    engine, passes, hand, caplog
):
    engine.start()
    _, end = passes.next()
    error = ConfigError("no managed table evnts", hint="did you mean events?")
    end(error)
    state = engine.background
    assert (state.is_on, state.is_ready, state.last_error) == (True, False, error)
    assert "the pass failed: no managed table evnts (hint: did you mean" in caplog.text
    hand.turn(60)
    hand.settle()
    assert passes.none
    hand.turn(HOUR)
    _, end = passes.next()
    end(QUIET)
    assert engine.background.is_ready


def test_a_bug_in_a_pass_ends_nothing_else_and_has_its_traceback(
    engine, passes, hand, caplog
):
    engine.start()
    _, end = passes.next()
    end(KeyError("oops"))
    assert "the pass failed: KeyError: 'oops'" in caplog.text
    assert "Traceback" in caplog.text
    hand.turn(HOUR)
    passes.next()[1](QUIET)


def test_a_pass_that_takes_too_long_is_told_to_end(engine, passes, hand, caplog):
    caplog.set_level(logging.INFO)
    engine.start(max_seconds=90)
    (_, _, stop), end = passes.next()
    hand.turn(89)
    hand.settle()
    assert not stop.is_set()
    hand.turn(1)
    assert stop.wait(PATIENCE)
    end(report(TableReport(table=EVENTS), interrupted=True))
    assert "the pass has had its 90 s" in caplog.text
    assert "run 7 was interrupted" in caplog.text
    assert engine.background.is_on


def test_to_stop_tells_the_passes_and_waits_for_them(engine, passes, hand):
    engine.start()
    (_, _, one), first = passes.next()
    hand.turn(HOUR)
    (_, _, two), second = passes.next()
    assert not engine.stop(timeout=0)
    assert one.wait(PATIENCE)
    assert two.wait(PATIENCE)
    assert not engine.background.is_on
    first(Stopped())
    second(report(TableReport(table=EVENTS), interrupted=True))
    assert engine.stop()
    assert engine.background.running == ()
    assert passes.none


def test_to_stop_what_is_not_on_does_nothing(engine, passes):
    assert engine.stop()
    engine.start()
    passes.next()[1](QUIET)
    assert engine.stop()
    assert engine.stop()


def test_to_start_twice_is_refused_until_it_is_stopped(engine, passes):
    engine.start()
    passes.next()[1](QUIET)
    with pytest.raises(ConfigError, match="running in the background already") as told:
        engine.start(every="2 hours")
    assert told.value.hint
    assert engine.background.rhythm == "every 1 hour"
    engine.stop()
    hand = Hand()
    engine.start(every="2 hours", _waiting=hand.waiting)
    passes.next()[1](QUIET)
    assert engine.background.rhythm == "every 2 hours"


def test_a_hook_may_stop_it(engine, passes, hand):
    """It does not wait for the pass that it is called in."""
    done = threading.Event()

    def maintain(*_: str, **__: Any) -> Report:
        assert engine.stop()
        done.set()
        return QUIET

    engine.maintain = maintain
    engine.start()
    assert done.wait(PATIENCE)


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"every": "1 hour", "cron": "@daily"}, "either every or cron"),
        ({"every": "soon"}, "soon"),
        ({"every": "10"}, "has no unit"),
        ({"every": "10 ms"}, "every is at least 1 second"),
        ({"every": timedelta(0)}, "every is at least 1 second"),
        ({"every": None, "cron": "daily"}, "has 1 field"),
        ({"workers": 0}, "workers is at least 1"),
        ({"jitter": 2}, "jitter is a part of the interval"),
        ({"max_seconds": 0}, "max_seconds is more than 0"),
    ],
)
def test_what_cannot_work_is_refused_before_anything_begins(engine, passes, given, why):
    with pytest.raises(ConfigError, match=why):
        engine.start(**given)
    assert engine.background is None
    assert passes.none


def test_it_may_go_by_the_calendar(engine, passes, hand):
    engine.start(every=None, cron="0 16 * * *")
    _, end = passes.next()
    end(QUIET)
    assert engine.background.rhythm == "by cron '0 16 * * *'"
    assert engine.background.next_at == START + timedelta(minutes=20)
    hand.turn(20 * 60)
    passes.next()[1](QUIET)


# The log


@pytest.fixture
def said(engine, passes, hand, caplog):
    """Return the lines that the log has about one pass."""
    caplog.set_level(logging.INFO)

    def end(how: Any) -> list[str]:
        engine.start()
        _, over = passes.next()
        hand.turn(2)
        hand.settle()
        caplog.clear()
        over(how)
        return [f"{r.levelname} {r.getMessage()}" for r in caplog.records]

    return end


def test_a_quiet_pass_is_one_line(said, caplog):
    assert said(QUIET) == [
        "INFO run 7 was done in 2.0 s: nothing had to be done; next one in 60 min"
    ]
    data = vars(caplog.records[0])
    assert (data["event"], data["run"], data["next_in"]) == ("pass-ended", 7, 3598)


def test_what_was_done_and_what_was_not_is_counted(said):
    made = Create(
        table=EVENTS, name=Name("public", "x"), bounds=DefaultBounds(), reason="r"
    )
    outcomes = (
        Outcome(operation=made, result="done"),
        Outcome(operation=made, result="done"),
        Outcome(operation=made, result="failed", exit_code=3),
        Outcome(operation=made, result="skipped"),
    )
    other = TableReport(table=Name("public", "busy"), skipped="another is at work")
    assert said(report(TableReport(table=EVENTS, outcomes=outcomes), other)) == [
        (
            "WARNING run 7 failed in 2.0 s: done 2 × create, failed 1 × create, left "
            "1 × create, 1 left out: another is at work there; next one in 60 min"
        )
    ]


def test_a_table_that_could_not_be_served_has_a_line_of_its_own(said):
    lost = TableReport(table=EVENTS, error="it is gone", hint="look", error_code=4)
    first, last = said(report(lost))
    assert first == "ERROR public.events: it is gone (hint: look)"
    assert last.startswith("WARNING run 7 failed in 2.0 s: ")


def test_findings_are_counted_and_not_repeated(said):
    found = Finding(code="gap", severity="error", table=EVENTS, message="a gap")
    (line,) = said(report(TableReport(table=EVENTS, findings=(found,))))
    assert "1 to look at: partman check; next one" in line
    assert line.startswith("WARNING run 7 was done")


def test_a_server_that_is_away_is_one_line_a_try(said):
    assert said(Unreachable("no server answers", hint="is it up?")) == [
        "WARNING no server answers (hint: is it up?); tried again in 1 s"
    ]


def test_a_refusal_is_a_line_without_a_traceback(said, caplog):
    (line,) = said(Refused("no"))
    assert line == "ERROR the pass failed: no; next one in 60 min"
    assert not caplog.records[0].exc_info


def test_a_log_that_raises_stops_nothing(passes, hand, caplog):
    class Broken:
        def __getattr__(self, name: str) -> Any:
            raise RuntimeError(name)

    engine = Engine("postgresql://nowhere", logger=Broken())
    engine.maintain = passes
    engine.start(jitter=0, _waiting=hand.waiting)
    for _ in range(2):
        _, end = passes.next()
        end(QUIET)
        hand.turn(HOUR)
    passes.next()[1](QUIET)
    assert engine.stop(PATIENCE)
    assert "not logged: run 7 was done" in caplog.text
