"""A run that is cut short tells what was done, and the next one does the rest."""

from __future__ import annotations

import signal
import threading
from typing import Any

import psycopg
import pytest

from partman_core import hookimpl
from partman_core.errors import ConfigError

from .helpers import (
    DAY,
    NOW,
    Clock,
    a_table,
    an_engine,
    by_table,
    children,
    daily,
    outcomes,
    registered_two,
    relations,
    told,
    value,
)


class CtrlC:
    """Is interrupted by an event of some kind."""

    def __init__(self, kind: str = "created") -> None:
        self.kind = kind

    @hookimpl
    def partman_event(self, event):
        if event.kind == self.kind:
            raise KeyboardInterrupt


@pytest.mark.parametrize("kind", ["created", "attached", "run-started"])
def test_an_interrupted_run_reports_what_was_done_and_the_next_does_the_rest(
    database, pg, two, kind
):
    engine = registered_two(database, plugins=[CtrlC(kind)])
    report = engine.maintain()
    assert report.interrupted
    [run] = engine.runs()
    assert run.result == "interrupted"
    assert run.finished_at is not None
    attached = [("create", child) for child in children(pg)]
    assert sorted(told(report)) == sorted(attached)
    assert "interrupted" in by_table(report)["others"].skipped
    after = an_engine(database).maintain()
    assert after.exit_code == 0
    assert len(children(pg)) == len(children(pg, "others")) == 3
    assert not engine.plan().operations


def test_what_was_built_and_not_attached_is_named_and_not_forgotten(database, pg):
    a_table(pg)
    engine = an_engine(database, plugins=[CtrlC()])
    daily(engine, count=3)
    left = {out.message for out in outcomes(engine.maintain(), "skipped")}
    assert "built and not attached yet; the next run attaches it" in left
    [found] = [f for f in engine.check()[0].findings if f.code == "unattached"]
    assert found.data["partitions"]
    with pytest.raises(ConfigError) as refused:
        engine.unregister("events")
    assert refused.value.code == "unattached"
    assert len(told(an_engine(database).maintain())) == 3
    engine.unregister("events")


def test_ctrl_c_while_it_waits_for_a_lock_ends_the_wait(database, pg, other, two):
    engine = registered_two(database)
    holder, watch = other(autocommit=False), other()
    holder.execute("LOCK TABLE events IN ACCESS EXCLUSIVE MODE")
    done = threading.Event()

    def interrupt() -> None:
        waiting = (
            "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
            " AND datname = current_database() AND query LIKE '%(LIKE %')"
        )
        while not done.is_set():
            if value(watch, waiting.replace("%", "%%")):
                signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
                return

    thread = threading.Thread(target=interrupt)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    thread.start()
    try:
        report = engine.maintain()
    finally:
        done.set()
        thread.join()
        signal.signal(signal.SIGINT, before)
        holder.rollback()
    assert report.interrupted
    assert {out.result for out in outcomes(report)} == {"skipped"}
    assert engine.runs()[0].result == "interrupted"
    assert relations(pg, "events%") == {"events"}
    assert len(told(engine.maintain())) == 6


@pytest.mark.parametrize("words", ["(LIKE", "ATTACH PARTITION", "CONCURRENTLY"])
def test_ctrl_c_before_the_answer_leaves_no_session_behind_that_works_on(
    database, pg, other, two, words
):
    """The session cannot be used any more then, and another one tells the end."""

    class Interrupted(psycopg.Connection[Any]):
        def execute(self, query: Any, *args: Any, **kwargs: Any) -> Any:
            text = query if isinstance(query, str) else query.as_string(None)
            if words in text:
                self.pgconn.send_query(text.encode())
                self.pgconn.flush()
                raise KeyboardInterrupt
            return super().execute(query, *args, **kwargs)

    clock = Clock(NOW - 3 * DAY)
    engine = registered_two(database, clock)
    daily(engine, retention_period="1 day", max_drops=9, confirm=True)
    engine.maintain()
    clock.now = NOW
    holder = other(autocommit=False)
    holder.execute(
        "SELECT count(*) FROM events"
        if words == "CONCURRENTLY"
        else "LOCK TABLE events IN ACCESS EXCLUSIVE MODE"
        if words == "(LIKE"
        else "LOCK TABLE events IN SHARE MODE"
    )
    report = an_engine(lambda: Interrupted.connect(database), clock).maintain()
    assert report.interrupted
    assert engine.runs()[0].result == "interrupted"
    others = "SELECT count(*) FROM pg_locks WHERE NOT granted"
    while value(pg, others):
        pass
    holder.rollback()
    assert engine.maintain("events").exit_code == 0
    assert not engine.plan("events").operations


def test_what_was_committed_unheard_is_reported_as_done(database, pg, two):
    """Ctrl-C comes when the answer to a COMMIT is on its way."""

    class Fused(psycopg.Connection[Any]):
        def execute(self, query: Any, *args: Any, **kwargs: Any) -> Any:
            done = super().execute(query, *args, **kwargs)
            text = query if isinstance(query, str) else query.as_string(None)
            if "ATTACH PARTITION" in text:
                raise KeyboardInterrupt
            return done

    registered_two(database)
    report = an_engine(lambda: Fused.connect(database)).maintain("events")
    assert report.interrupted
    assert sorted(told(report)) == [("create", child) for child in children(pg)]


@pytest.mark.parametrize("hook", ["post_create", "pre_detach", "pre_drop", "event"])
def test_a_session_that_is_killed_in_mid_run_costs_no_report(database, pg, two, hook):
    class Killer:
        @hookimpl
        def partman_post_create(self):
            self.kill("post_create")

        @hookimpl
        def partman_pre_detach(self):
            self.kill("pre_detach")

        @hookimpl
        def partman_pre_drop(self):
            self.kill("pre_drop")

        @hookimpl
        def partman_event(self, event):
            if event.kind == "attached":
                self.kill("event")

        def kill(self, where):
            if where == hook:
                pg.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database()"
                    " AND application_name = 'partman'"
                )

    clock = Clock(NOW - 3 * DAY)
    engine = registered_two(database, clock)
    daily(engine, retention_period="1 day", confirm=True)
    engine.maintain()
    clock.now = NOW
    report = an_engine(database, clock, plugins=[Killer()]).maintain(max_drops=9)
    tables = by_table(report)
    # Where nothing was under way at that moment, another session goes on.
    assert report.exit_code == (0 if hook == "event" else 5)
    assert tables["events"].exit_code == report.exit_code
    assert report.run == engine.runs()[0].id
    assert engine.runs()[0].result == ("done" if hook == "event" else "failed")
    if hook != "post_create":
        assert tables["events"].runway
    daily(engine, retention_period="1 day", confirm=True)
    after = engine.maintain(max_drops=9)
    assert after.exit_code == 0, after
    assert not engine.plan(max_drops=9).operations
    wanted = {f"events_p202611{day}" for day in (23, 24, 25, 26)}
    assert set(children(pg)) == relations(pg, "events_%") == wanted
