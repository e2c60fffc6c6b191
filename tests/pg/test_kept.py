"""What is looked at once more under lock, and kept if it is not as it was."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from partman_core import hookimpl

from .helpers import (
    DAY,
    OLD,
    OLDER,
    an_engine,
    check_text,
    children,
    daily,
    is_there,
    outcomes,
    told,
    value,
    with_history,
)

Connection = psycopg.Connection[Any]


def test_the_check_of_a_dropped_partition_stands_to_the_last(database, pg, clock):
    """Whoever took it away may have put other rows in."""
    engine = with_history(database, pg, clock, grace_period="1 day")
    engine.maintain()
    for name in (OLD, OLDER):
        assert len(check_text(pg, name)) == 1
    [(constraint,)] = pg.execute(
        "SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass"
        " AND contype = 'c'",
        [OLD],
    ).fetchall()
    pg.execute(f"ALTER TABLE {OLD} DROP CONSTRAINT {constraint}")
    clock.now += DAY
    report = engine.maintain()
    [out] = outcomes(report, "failed")
    assert out.operation.name.relation == OLD
    assert "CHECK" in out.message
    assert out.hint
    assert report.exit_code == 3
    assert is_there(pg, OLD)
    assert not is_there(pg, OLDER)


@pytest.mark.parametrize("in_default", [False, True])
def test_no_stray_row_gets_into_what_waits_to_be_dropped(
    database, pg, clock, in_default
):
    engine = with_history(
        database, pg, clock, in_default=in_default, grace_period="1 day"
    )
    engine.maintain()
    for name in (OLD, OLDER):
        with pytest.raises(Exception, match="check constraint"):
            pg.execute(f"INSERT INTO {name} VALUES ('2020-01-01')")


@pytest.mark.parametrize("in_default", [False, True])
def test_what_is_attached_again_is_not_dropped(database, pg, clock, in_default):
    engine = with_history(
        database, pg, clock, in_default=in_default, grace_period="1 day"
    )
    engine.maintain()
    plan = an_engine(database, clock.now + DAY).plan()
    assert {op.kind for op in plan.operations} >= {"drop"}

    class Rescuer:
        @hookimpl
        def partman_event(self, event):
            if event.kind == "attached":
                pg.execute(
                    f"ALTER TABLE events ATTACH PARTITION {OLD}"
                    " FOR VALUES FROM ('2026-11-22') TO ('2026-11-23')"
                )

    clock.now += DAY
    rescued = an_engine(database, clock, plugins=[Rescuer()])
    report = rescued.maintain()
    kept = outcomes(report, "skipped")
    assert [out.operation.name.relation for out in kept] == [OLD]
    assert "attached" in kept[0].message
    assert value(pg, f"SELECT count(*) FROM {OLD}") == 24


def test_what_is_held_is_neither_detached_nor_dropped(database, pg, clock):
    engine = with_history(database, pg, clock, grace_period="1 day")
    hold = (
        "UPDATE partman.managed_partitions SET hold_until = %s, hold_reason = 'court'"
        " WHERE relation = %s::regclass"
    )
    pg.execute(hold, [clock.now + 30 * DAY, OLDER])
    assert told(engine.maintain()) == [("detach", OLD)]
    pg.execute(hold, [clock.now + 30 * DAY, OLD])
    clock.now += DAY
    report = engine.maintain()
    assert not [op for op in outcomes(report) if op.operation.name.relation == OLD]
    assert is_there(pg, OLD)
    assert OLDER in children(pg)


def test_what_somebody_renamed_and_replaced_is_not_dropped(database, pg, clock):
    """The name stands for another table by now."""
    engine = with_history(database, pg, clock, grace_period="1 day")
    engine.maintain()

    class Swapper:
        @hookimpl
        def partman_event(self, event):
            if event.kind == "attached":
                pg.execute(f"ALTER TABLE {OLD} RENAME TO kept_by_hand")
                pg.execute(f"CREATE TABLE {OLD} (precious int)")

    clock.now += DAY
    report = an_engine(database, clock, plugins=[Swapper()]).maintain()
    assert ("drop", OLD) in told(report, "failed")
    assert is_there(pg, OLD)
    assert is_there(pg, "kept_by_hand")


@pytest.mark.parametrize("in_default", [False, True])
def test_what_was_replaced_since_the_plan_is_not_detached(
    database, pg, clock, in_default
):
    """It has other bounds by now, and another one has its name."""
    with_history(database, pg, clock, in_default=in_default)

    class Meddler:
        @hookimpl
        def partman_pre_detach(self, partition):
            if partition.name.relation == OLDER:
                pg.execute(f"ALTER TABLE events DETACH PARTITION {OLDER}")
                pg.execute(
                    f"ALTER TABLE events ATTACH PARTITION {OLDER}"
                    " FOR VALUES FROM ('2026-11-20') TO ('2026-11-22')"
                )
                pg.execute(f"ALTER TABLE {OLD} RENAME TO aside")

    report = an_engine(database, clock, plugins=[Meddler()]).maintain()
    assert told(report, "failed") == [("detach", OLDER), ("detach", OLD)]
    assert all("changed" in out.message for out in outcomes(report, "failed"))
    assert {OLDER, "aside"} <= set(children(pg))


def test_an_intent_that_is_not_carried_out_is_withdrawn(database, pg, clock):
    """Or what somebody detaches by hand later would be taken for ours to drop."""

    class Cut(psycopg.Connection[Any]):
        def execute(self, query: Any, *args: Any, **kwargs: Any) -> Any:
            text = query if isinstance(query, str) else query.as_string(None)
            if f'DETACH PARTITION "public"."{OLD}"' in text:
                raise KeyboardInterrupt
            return super().execute(query, *args, **kwargs)

    with_history(database, pg, clock)
    report = an_engine(lambda: Cut.connect(database), clock).maintain()
    assert told(report) == [("detach", OLDER)]
    intended = "SELECT relation::text FROM partman.detached_partitions ORDER BY 1"
    assert pg.execute(intended).fetchall() == [(OLDER,), (OLD,)]
    engine = an_engine(database, clock)
    daily(engine, count=3, start="2026-11-21")
    engine.maintain()
    assert pg.execute(intended).fetchall() == []
    pg.execute(f"ALTER TABLE events DETACH PARTITION {OLD} CONCURRENTLY")
    clock.now += DAY
    engine.maintain()
    assert is_there(pg, OLD)
