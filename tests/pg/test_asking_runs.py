"""Runs that somebody asks for: who it was, what they hear, what the history tells."""

from __future__ import annotations

import pytest

from partman_core import Engine, hookimpl
from partman_core.engine.telling import Asker, actor
from partman_core.errors import ConfigError

from .helpers import (
    DAY,
    NOW,
    OLD,
    OLDER,
    TODAY,
    a_table,
    an_engine,
    daily,
    expiring,
    told,
)

ADA = "ada (token)"


@pytest.fixture
def events(database, pg):
    a_table(pg)
    engine = an_engine(database)
    daily(engine)
    return engine


def test_a_run_is_in_the_history_with_who_asked_for_it(events):
    report = events.apply(events.plan(), asker=Asker(name=ADA))
    assert events.run(report.run).actor == ADA
    assert events.apply(events.plan(), asker=Asker(name=ADA)).run == report.run + 1
    assert [run.actor for run in events.runs()] == [ADA, ADA]
    assert events.maintain().run == report.run + 2
    assert events.runs()[0].actor == actor()


def test_who_asks_hears_what_the_plugins_hear(database, pg):
    class Hearing:
        def __init__(self):
            self.heard = []

        @hookimpl
        def partman_event(self, event):
            self.heard.append(event)

    plugin, mine = Hearing(), []
    a_table(pg)
    engine = an_engine(database, plugins=[plugin])
    daily(engine)
    report = engine.apply(engine.plan(), asker=Asker(name=ADA, hear=mine.append))
    assert mine == plugin.heard
    assert mine[0].kind == "run-started"
    assert mine[0].run == report.run
    assert mine[-1].kind == "run-finished"
    assert len(mine) == 2 + 2 * 3


def test_what_comes_back_from_the_bin_is_in_the_history_with_who_asked(
    database, pg, clock
):
    a_table(pg)
    engine = Engine(database, clock=clock)
    expiring(engine, grace_period="7 days", max_drops=9)
    clock.now = NOW - 3 * DAY
    engine.maintain()
    clock.now = NOW
    engine.maintain()
    heard = []
    report = engine.attach(OLD, asker=Asker(name=ADA, hear=heard.append))
    assert engine.run(report.run).actor == ADA
    assert told(report) == [("attach", OLD)]
    assert "attached" in {event.kind for event in heard}


def test_what_one_run_did_is_told_in_order_and_counted(events):
    report = events.maintain()
    done = events.happened(report.run)
    assert [number for number, _ in done] == sorted(number for number, _ in done)
    assert done[0][1].partition.relation == TODAY
    assert len(done) == 3
    middle = done[1][0]
    assert events.happened(report.run, after=middle) == done[2:]
    tally = events.tallies(report.run, 99)[report.run]
    assert (tally.done, tally.failed) == (3, 0)
    assert [str(name) for name in tally.tables] == ["public.events"]
    assert 99 not in events.tallies(report.run, 99)


def test_runs_are_told_from_a_number_down_and_of_one_table(events, pg):
    a_table(pg, "others")
    daily(events, "others")
    for name in ("events", "others", "events"):
        events.maintain(name)
    newest, middle, oldest = events.runs()
    assert events.runs(before=newest.id) == [middle, oldest]
    assert events.runs(before=newest.id, limit=1) == [middle]
    assert events.runs(table="others") == [middle]
    assert events.run(oldest.id) == oldest
    assert events.run(99) is None
    with pytest.raises(ConfigError):
        events.runs(table="nowhere")


def test_before_anything_is_registered_there_is_nothing_to_tell(database):
    engine = an_engine(database)
    assert engine.run(1) is None
    assert engine.happened(1) == []
    assert engine.tallies(1) == {}
    assert engine.actions() == []
    assert engine.record_action(actor="a", method="b", action="c", allowed=True) is None
    assert engine.look().tables == ()


def test_one_look_gives_the_tables_with_the_health_that_check_gives(events, pg):
    events.maintain()
    seen = events.look()
    assert [one.health for one in seen.tables] == events.check()
    assert seen.last_run == events.runs()[0]
    (one,) = seen.tables
    assert one.view.plan.hash == events.plan().tables[0].hash
    assert one.view.tree.partitions == tuple(events.partitions("events"))
    pg.execute("DROP TABLE events")
    (one,) = events.look().tables
    assert one.view.error.code == "table-gone"
    assert one.health.state == "error"


def test_what_is_due_at_several_moments_is_what_plans_say(events, clock):
    moments = [clock.now.replace(day=day) for day in (24, 26, 30)]
    ahead = events.ahead("events", moments)
    assert ahead == [events.plan("events", now=at).tables[0] for at in moments]
    with pytest.raises(ConfigError):
        events.ahead("nowhere", moments)


def test_sizes_are_exact_and_unknown_for_what_is_locked(events, pg, other):
    events.maintain()
    parts = events.partitions("events")
    pg.execute(
        "INSERT INTO events SELECT '2026-11-24', g::text"
        " FROM generate_series(1, 5000) g"
    )
    rows = pg.execute(
        "SELECT oid::bigint, pg_total_relation_size(oid) FROM pg_class"
        " WHERE oid = ANY(%s)",
        [[part.oid for part in parts]],
    )
    exact = dict(rows.fetchall())
    assert events.sizes([part.oid for part in parts]) == exact
    blocker = other(autocommit=False)
    blocker.execute(f"LOCK TABLE {TODAY}")
    found = events.sizes([part.oid for part in parts])
    today = next(part.oid for part in parts if part.name.relation == TODAY)
    assert found == exact | {today: None}
    assert events.sizes([1]) == {}


def test_who_is_in_the_way_of_a_lock_is_told_by_name(events, other):
    events.maintain()
    reader = other(autocommit=False, application_name="slow report")
    reader.execute("SELECT count(*) FROM events")
    (found,) = events.in_the_way({"public.events": "ACCESS EXCLUSIVE"})
    assert (found.application, found.pid) == ("slow report", reader.info.backend_pid)
    assert events.in_the_way({"public.events": "SHARE UPDATE EXCLUSIVE"}) == []
    assert events.in_the_way({"public.nowhere": "ACCESS EXCLUSIVE"}) == []


def test_a_run_of_ours_is_in_nobodys_way(events, other):
    events.maintain()
    run = other(autocommit=False)
    run.execute("SELECT pg_advisory_lock(1885434486, 1), count(*) FROM events")
    assert events.in_the_way({"public.events": "ACCESS EXCLUSIVE"}) == []


def test_the_partitions_that_are_over_are_seen(database, pg, expired):
    seen = Engine(database, clock=expired).look("events")
    going = {op.name.relation for op in seen.tables[0].view.plan.operations}
    assert going == {OLD, OLDER}
