"""A plan is applied if it still holds, and what was done is told."""

from __future__ import annotations

import json

import pytest

from partman_core.errors import ConfigError

from .helpers import (
    DAY,
    NOW,
    TODAY,
    Clock,
    a_table,
    an_engine,
    by_table,
    children,
    daily,
    done_of,
    is_there,
    registered_two,
    told,
)


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
    assert len(done_of(report["others"])) == 3
    assert list(children(pg)) == ["theirs"]
    assert engine.apply(engine.plan()).exit_code == 0


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
