"""What leaves a table, when, and what becomes of it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from partman_core import hookimpl

from .helpers import (
    NOW,
    Clock,
    a_table,
    an_engine,
    children,
    daily,
    is_there,
    outcomes,
    told,
    value,
    with_history,
)

if TYPE_CHECKING:
    import psycopg

    Connection = psycopg.Connection[Any]

OLD, OLDER = "events_p20261122", "events_p20261121"
DAY = timedelta(days=1)


@pytest.mark.parametrize("in_default", [False, True])
def test_what_is_over_is_detached_and_dropped(database, pg, clock, in_default):
    engine = with_history(database, pg, clock, in_default=in_default)
    plan = engine.plan()
    kinds = [(op.kind, op.name.relation) for op in plan.operations]
    assert kinds == [
        ("detach", OLDER), ("detach", OLD), ("drop", OLDER), ("drop", OLD)
    ]  # fmt: skip
    assert [op.concurrently for op in plan.operations[:2]] == [not in_default] * 2
    report = engine.apply(plan)
    assert report.exit_code == 0, report
    assert told(report) == kinds
    assert not is_there(pg, OLD)
    assert not {OLD, OLDER} & set(children(pg))
    for table in ("managed_partitions", "detached_partitions"):
        query = f"SELECT count(*) FROM partman.{table} WHERE relation::oid NOT IN"
        assert value(pg, f"{query} (SELECT inhrelid FROM pg_inherits)") == 0
    assert not engine.plan().operations


@pytest.mark.parametrize("in_default", [False, True])
def test_the_history_says_what_was_done_and_how_long_it_took(
    database, pg, clock, in_default, other
):
    engine = with_history(database, pg, clock, in_default=in_default)
    engine.maintain()
    deeds = [deed for deed in engine.history("events") if deed.kind != "create"]
    assert [(d.kind, d.partition.relation, d.rows) for d in deeds] == [
        ("drop", OLD, 24), ("drop", OLDER, 24), ("detach", OLD, 24),
        ("detach", OLDER, 24),
    ]  # fmt: skip
    assert all(d.seconds > 0 and d.result == "done" for d in deeds)
    assert all(d.bounds.startswith("FOR VALUES FROM") for d in deeds)


def test_a_partition_is_kept_until_its_upper_bound_is_old_enough(database, pg):
    """Day D with a day's retention stays until D + 2 at midnight, exactly."""
    a_table(pg)
    clock = Clock()
    engine = an_engine(database, clock)
    daily(engine, retention_period="1 day")
    engine.maintain()
    midnight = NOW.replace(day=26, hour=0, minute=0)
    clock.now = midnight - timedelta(microseconds=1)
    assert ("detach", "events_p20261124") not in told(engine.maintain())
    clock.now = midnight
    assert ("detach", "events_p20261124") in told(engine.maintain())
    assert not is_there(pg, "events_p20261124")


def test_grace_is_waited_out_by_the_runs_clock(database, pg, clock):
    engine = with_history(database, pg, clock, grace_period="2 hours")
    assert told(engine.maintain()) == [("detach", OLDER), ("detach", OLD)]
    assert is_there(pg, OLD)
    clock.now += timedelta(hours=2) - timedelta(seconds=1)
    assert told(engine.maintain()) == []
    clock.now += timedelta(seconds=1)
    assert told(engine.maintain()) == [("drop", OLDER), ("drop", OLD)]
    assert not is_there(pg, OLD)


def test_detach_leaves_the_table_where_it_is_for_good(database, pg, clock):
    engine = with_history(database, pg, clock, retention_action="detach")
    assert told(engine.maintain()) == [("detach", OLDER), ("detach", OLD)]
    clock.now += 300 * DAY
    engine.maintain()
    assert value(pg, f"SELECT count(*) FROM {OLD}") == 24


def test_move_puts_the_table_into_its_schema_and_lets_go_of_it(database, pg, clock):
    pg.execute('CREATE SCHEMA "The Archive"')
    engine = with_history(
        database, pg, clock, retention_action="move", retention_schema='"The Archive"'
    )
    assert [kind for kind, _ in told(engine.maintain())] == [
        "detach", "detach", "move", "move"
    ]  # fmt: skip
    assert value(pg, f'SELECT count(*) FROM "The Archive".{OLD}') == 24
    assert value(pg, "SELECT count(*) FROM partman.detached_partitions") == 0
    assert not engine.plan().operations


def test_what_cannot_be_moved_is_not_even_detached(database, pg, clock):
    pg.execute("CREATE SCHEMA nowhere")
    engine = with_history(
        database, pg, clock, retention_action="move", retention_schema="nowhere"
    )
    pg.execute("DROP SCHEMA nowhere")
    report = engine.maintain()
    failed = outcomes(report, "failed")
    assert {out.operation.kind for out in failed} == {"detach"}
    assert all("nowhere" in out.message for out in failed)
    assert "CREATE SCHEMA nowhere" in failed[0].hint
    assert {OLD, OLDER} <= set(children(pg))
    pg.execute("CREATE SCHEMA nowhere")
    assert engine.maintain().exit_code == 0


def test_a_name_that_is_taken_where_it_is_to_be_moved_is_told(database, pg, clock):
    pg.execute("CREATE SCHEMA attic")
    pg.execute(f"CREATE TABLE attic.{OLD} (n int)")
    engine = with_history(
        database, pg, clock, retention_action="move", retention_schema="attic"
    )
    report = engine.maintain()
    [out] = outcomes(report, "failed")
    assert (out.operation.kind, out.sqlstate) == ("move", "42P07")
    assert is_there(pg, OLD)
    pg.execute(f"DROP TABLE attic.{OLD}")
    assert told(engine.maintain()) == [("move", OLD)]


def test_a_veto_keeps_the_partition_and_is_in_the_report(database, pg, clock):
    class Auditor:
        @hookimpl
        def partman_pre_detach(self, partition):
            if partition.name.relation == OLD:
                raise RuntimeError("the auditors still read it")

    with_history(database, pg, clock)
    engine = an_engine(database, clock, plugins=[Auditor()])
    report = engine.maintain()
    [out] = outcomes(report, "failed")
    assert "the auditors still read it" in out.message
    assert out.operation.name.relation == OLD
    assert ("drop", OLD) in told(report, "skipped")
    assert ("drop", OLDER) in told(report)
    assert report.exit_code == 3
    assert OLD in children(pg)
    assert value(pg, "SELECT count(*) FROM partman.detached_partitions") == 0


@pytest.mark.parametrize("in_default", [False, True])
def test_a_table_with_a_foreign_key_of_its_own_is_retired(
    database, pg, clock, in_default
):
    pg.execute("CREATE TABLE kinds (kind int PRIMARY KEY)")
    a_table(pg, columns="at timestamptz NOT NULL, kind int REFERENCES kinds")
    if in_default:
        pg.execute("CREATE TABLE rest PARTITION OF events DEFAULT")
    engine = an_engine(database, clock)
    daily(engine, start="2026-11-21", retention_period="3 days")
    assert engine.maintain().exit_code == 0
    clock.now += 2 * DAY
    report = engine.maintain()
    assert report.exit_code == 0, report
    assert ("drop", OLD) in told(report)


def test_max_drops_holds_back_what_may_be_a_mistake(database, pg, clock):
    engine = with_history(database, pg, clock, max_drops=1)
    report = engine.maintain()
    assert told(report) == []
    [found] = [f for f in report.tables[0].findings if f.code == "max-drops"]
    assert "--max-drops 2" in found.hint
    assert report.exit_code == 3
    assert ("drop", OLD) in told(engine.maintain(max_drops=2))


def test_only_what_partman_made_or_adopted_is_retired(database, pg, clock):
    a_table(pg)
    pg.execute(
        "CREATE TABLE theirs PARTITION OF events"
        " FOR VALUES FROM ('2020-01-01') TO ('2020-01-02')"
    )
    engine = an_engine(database, clock)
    daily(engine, retention_period="1 day")
    engine.maintain()
    assert "theirs" in children(pg)
    assert engine.import_existing_partitions("events", dry_run=True).backlog
    assert "theirs" in children(pg)
    engine.maintain()
    assert "theirs" in children(pg)
    adopted = engine.import_existing_partitions("events", confirm=True)
    assert [p.name.relation for p in adopted.accepted] == ["theirs"]
    assert ("drop", "theirs") in told(engine.maintain())
