"""A plan is applied if it still holds, and one table's trouble is its own."""

from __future__ import annotations

import json
import signal
import threading
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from partman_core import hookimpl
from partman_core.errors import ConfigError
from partman_core.pg.claims import claim

from .helpers import (
    NOW,
    Clock,
    a_table,
    an_engine,
    children,
    daily,
    is_there,
    outcomes,
    relations,
    told,
    value,
)

if TYPE_CHECKING:
    from partman_core.report import Report, TableReport

DAY = timedelta(days=1)
TODAY = "events_p20261124"


def by_table(report: Report) -> dict[str, TableReport]:
    return {table.table.relation: table for table in report.tables}


@pytest.fixture
def two(pg):
    """Make the tables ``events`` and ``others``."""
    a_table(pg)
    a_table(pg, "others")


def registered_two(database: str, now: Any = NOW, **options: Any) -> Any:
    engine = an_engine(database, now, **options)
    daily(engine)
    daily(engine, "others")
    return engine


def test_planning_reads_and_changes_nothing(database, pg, two):
    engine = registered_two(database)
    plan = engine.plan()
    assert len(plan.operations) == 6
    assert plan.exit_code == 2
    assert engine.plan().hash == plan.hash
    assert not children(pg)
    assert not engine.runs()
    assert len(engine.plan("events").operations) == 3


def test_a_plan_is_explained_by_the_statements_that_are_sent(database, pg, two):
    engine = registered_two(database)
    plan = engine.plan("events")
    explained = engine.explain(plan)
    assert [one.operation for one in explained] == list(plan.operations)
    texts = [step.text() for one in explained for step in one.steps]
    assert texts[0].startswith('CREATE TABLE "public"."events_p20261124" (LIKE')
    assert "ATTACH PARTITION" in texts[1]
    for text in texts:
        pg.execute(text)
    assert len(children(pg)) == 3


@pytest.mark.parametrize("saved", [False, True])
def test_a_plan_that_holds_is_applied(database, pg, two, saved):
    engine = registered_two(database)
    plan = engine.plan()
    if saved:
        plan = json.loads(json.dumps(plan.to_json()))
    report = engine.apply(plan)
    assert report.exit_code == 0
    assert len(told(report)) == 6
    assert report.command == "apply"


def test_a_stale_plan_is_refused_for_its_table_and_the_others_go_on(database, pg, two):
    engine = registered_two(database)
    plan = engine.plan()
    pg.execute(
        "CREATE TABLE theirs PARTITION OF events"
        " FOR VALUES FROM ('2026-11-24') TO ('2026-11-25')"
    )
    report = by_table(engine.apply(plan))
    assert "no longer holds" in report["events"].error
    assert "2 to create" in report["events"].error
    assert report["events"].exit_code == 2
    assert len(told_of(report["others"])) == 3
    assert list(children(pg)) == ["theirs"]
    assert engine.apply(engine.plan()).exit_code == 0


def told_of(table: TableReport) -> list[str]:
    return [out.operation.name.relation for out in table.outcomes if not out.message]


def test_a_plan_of_some_kinds_stays_one_of_these_kinds(database, pg):
    """What may be retired is not in a plan of creations, nor in its hash."""
    clock = Clock(NOW - 3 * DAY)
    a_table(pg)
    engine = an_engine(database, clock)
    daily(engine, retention_period="1 day")
    engine.maintain()
    clock.now = NOW
    plan = engine.plan(only=("create",))
    assert {op.kind for op in plan.operations} == {"create"}
    saved = plan.to_json()
    assert saved["only"] == ["create"]
    report = engine.apply(saved)
    assert {kind for kind, _ in told(report)} == {"create"}
    assert is_there(pg, "events_p20261121")


def test_creating_retires_nothing_and_retiring_creates_nothing(database, pg):
    clock = Clock(NOW - 3 * DAY)
    a_table(pg)
    engine = an_engine(database, clock)
    daily(engine, retention_period="1 day", max_drops=9)
    engine.maintain()
    clock.now = NOW
    retired = engine.drop_old_partitions()
    assert {kind for kind, _ in told(retired)} == {"detach", "drop"}
    created = engine.create_future_partitions("events")
    assert {kind for kind, _ in told(created)} == {"create"}
    assert not engine.plan().operations


def test_a_table_that_is_no_longer_managed_is_told_and_the_others_go_on(
    database, pg, two
):
    engine = registered_two(database)
    plan = engine.plan()
    engine.unregister("events")
    report = by_table(engine.apply(plan))
    assert "not managed" in report["events"].error
    assert report["events"].exit_code == 4
    assert len(children(pg, "others")) == 3


@pytest.mark.parametrize("text", [{}, {"tables": 3}, {"tables": [{"table": "a.b.c"}]}])
def test_what_is_no_plan_is_refused(database, text):
    with pytest.raises(ConfigError, match="not a plan"):
        an_engine(database).apply(text)


def test_a_table_that_another_engine_works_on_is_left_to_it(database, pg, other, two):
    engine = registered_two(database)
    plan = engine.plan()
    oid = value(pg, "SELECT 'events'::regclass::oid")
    with claim(other(), oid) as ours:
        assert ours
        report = engine.maintain()
        assert report.exit_code == 0
        tables = by_table(report)
        assert "another engine" in tables["events"].skipped
        assert len(told_of(tables["others"])) == 3
        applied = by_table(engine.apply(plan))
        assert applied["events"].exit_code == 6
        with pytest.raises(Exception, match="another engine") as caught:
            engine.import_existing_partitions("events")
        assert caught.value.exit_code == 6
    assert len(told(engine.maintain())) == 3


def test_a_claim_is_given_back_whatever_happens(database, pg, other, two):
    oid = value(pg, "SELECT 'events'::regclass::oid")

    class Trouble:
        @hookimpl
        def partman_event(self, event):
            if event.kind == "created":
                raise KeyboardInterrupt

    conns: list[Any] = []

    def connect():
        conns.append(other())
        return conns[-1]

    registered_two(database)
    an_engine(connect, plugins=[Trouble()]).maintain()
    with claim(other(), oid) as ours:
        assert ours


@pytest.mark.parametrize("trouble", ["dropped", "privilege", "locked", "settings"])
def test_one_tables_trouble_stops_no_other(database, pg, other, two, trouble):
    engine = registered_two(database)
    daily(engine, lock_patience="100 ms")
    holder = other(autocommit=False)
    if trouble == "dropped":
        pg.execute("DROP TABLE events")
    elif trouble == "privilege":
        pg.execute(
            "CREATE FUNCTION no() RETURNS event_trigger LANGUAGE plpgsql AS"
            " $$BEGIN IF tg_tag = 'CREATE TABLE' AND EXISTS (SELECT FROM"
            " pg_event_trigger_ddl_commands() WHERE object_identity LIKE"
            " '%events_p%') THEN RAISE insufficient_privilege; END IF; END$$"
        )
        pg.execute("CREATE EVENT TRIGGER no ON ddl_command_end EXECUTE FUNCTION no()")
    elif trouble == "locked":
        holder.execute("LOCK TABLE events IN ACCESS EXCLUSIVE MODE")
    else:
        pg.execute(
            "UPDATE partman.partition_management SET partition_interval = 'x'"
            " WHERE table_name = 'events'"
        )
    report = engine.maintain()
    tables = by_table(report)
    assert len(told_of(tables["others"])) == 3
    assert tables["others"].runway
    assert tables["events"].exit_code == {"locked": 8}.get(trouble, 4)
    assert report.exit_code == tables["events"].exit_code
    assert "events" in engine.runs()[0].message
    holder.rollback()


def test_what_is_locked_is_tried_once_and_not_once_for_each_partition(
    database, pg, other, two
):
    """Or a locked table with a hundred partitions to make would hold up all others."""
    engine = registered_two(database)
    daily(engine, count=150, lock_patience="300 ms")
    holder = other(autocommit=False)
    holder.execute("LOCK TABLE events IN ACCESS EXCLUSIVE MODE")
    report = engine.maintain()
    events = by_table(report)["events"]
    assert len(events.of("failed")) == 100
    assert len(events.of("skipped")) == 50
    assert sum({out.seconds for out in events.outcomes}) < 3
    holder.rollback()


@pytest.mark.parametrize("kind", ["created", "attached", "run-started"])
def test_an_interrupted_run_reports_what_was_done_and_the_next_does_the_rest(
    database, pg, two, kind
):
    class CtrlC:
        @hookimpl
        def partman_event(self, event):
            if event.kind == kind:
                raise KeyboardInterrupt

    engine = registered_two(database, plugins=[CtrlC()])
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
    class CtrlC:
        @hookimpl
        def partman_event(self, event):
            if event.kind == "created":
                raise KeyboardInterrupt

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
    assert tables["events"].exit_code == 5
    assert report.exit_code == 5
    assert report.run == engine.runs()[0].id
    assert engine.runs()[0].result == "failed"
    if hook != "post_create":
        assert tables["events"].runway
    daily(engine, retention_period="1 day", confirm=True)
    after = engine.maintain(max_drops=9)
    assert after.exit_code == 0, after
    assert not engine.plan(max_drops=9).operations
    wanted = {f"events_p202611{day}" for day in (23, 24, 25, 26)}
    assert set(children(pg)) == relations(pg, "events_%") == wanted


def test_the_history_keeps_what_failed_and_why(database, pg, two):
    pg.execute("CREATE TABLE rest PARTITION OF events DEFAULT")
    pg.execute("INSERT INTO events VALUES (%s)", [NOW])
    engine = registered_two(database)
    engine.maintain()
    [failed] = [deed for deed in engine.history("events") if deed.result == "failed"]
    assert (failed.partition.relation, failed.sqlstate) == (TODAY, "23514")
    assert failed.message
    [run] = engine.runs()
    assert (run.result, run.command) == ("failed", "maintain")
    assert "@" in run.actor


def test_a_report_reads_as_text_and_as_json(database, pg, two):
    report = registered_two(database).maintain()
    assert "ok      create   public.events_p20261124" in str(report)
    told_as = report.to_json()
    assert json.loads(json.dumps(told_as)) == told_as
    assert told_as["exit_code"] == 0


def test_two_engines_at_once_do_no_double_work(database, pg, two):
    engines = [registered_two(database) for _ in range(4)]
    reports: list[Report] = []
    threads = [
        threading.Thread(target=lambda e=engine: reports.append(e.maintain()))
        for engine in engines
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [report.exit_code for report in reports] == [0] * 4
    done = [each for report in reports for each in told(report)]
    assert len(done) == len(set(done)) == 6
    assert not engines[0].plan().operations
