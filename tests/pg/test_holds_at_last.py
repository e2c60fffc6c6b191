"""A hold that is set between planning and detaching wins, and that is no failure."""

from __future__ import annotations

import pytest

from partman_core import hookimpl

from .helpers import (
    DAY,
    OLD,
    OLDER,
    an_engine,
    children,
    is_there,
    outcomes,
    told,
    value,
    with_history,
)


@pytest.mark.parametrize("in_default", [False, True])
def test_a_hold_between_the_plan_and_the_detach_wins(database, pg, clock, in_default):
    with_history(database, pg, clock, in_default=in_default)

    class Holder:
        @hookimpl
        def partman_pre_detach(self, partition):
            if partition.name.relation == OLDER:
                an_engine(database, clock).hold(OLD, reason="court")

    report = an_engine(database, clock, plugins=[Holder()]).maintain()
    [out] = [
        out
        for out in outcomes(report)
        if (out.operation.kind, out.operation.name.relation) == ("detach", OLD)
    ]
    assert (out.result, "on hold: court" in out.message) == ("skipped", True)
    assert ("detach", OLDER) in told(report)
    assert OLD in children(pg)
    assert report.exit_code == 0
    recorded = "SELECT count(*) FROM partman.detached_partitions"
    assert value(pg, recorded) == 0


def test_a_hold_between_the_detach_and_the_move_wins(database, pg, clock):
    pg.execute("CREATE SCHEMA attic")
    engine = with_history(
        database, pg, clock, retention_action="move", retention_schema="attic"
    )

    class Keeper:
        @hookimpl
        def partman_event(self, event):
            if event.kind == "detached" and event.partition.relation == OLD:
                engine.hold(OLD, reason="court")

    report = an_engine(database, clock, plugins=[Keeper()]).maintain()
    [out] = [out for out in outcomes(report) if out.operation.name.relation == OLD
             if out.operation.kind == "move"]  # fmt: skip
    assert (out.result, report.exit_code) == ("skipped", 0)
    assert ("move", OLDER) in told(report)
    assert value(pg, f"SELECT to_regclass('public.{OLD}')") is not None


@pytest.mark.parametrize("by_hand", [False, True])
def test_what_is_kept_between_the_plan_and_the_drop_is_left(
    database, pg, clock, by_hand
):
    """On hold in the bin, or attached again by somebody."""
    engine = with_history(database, pg, clock, grace_period="1 day")
    engine.maintain()
    clock.now += DAY

    class Keeper:
        @hookimpl
        def partman_event(self, event):
            if event.kind != "attached":
                return
            if by_hand:
                pg.execute(
                    f"ALTER TABLE events ATTACH PARTITION {OLD}"
                    " FOR VALUES FROM ('2026-11-22') TO ('2026-11-23')"
                )
            else:
                engine.hold(OLD, reason="court")

    report = an_engine(database, clock, plugins=[Keeper()]).maintain()
    [out] = [o for o in outcomes(report) if o.operation.name.relation == OLD]
    assert out.result == "skipped"
    assert report.exit_code == 0
    assert ("drop", OLDER) in told(report)
    assert is_there(pg, OLD)
