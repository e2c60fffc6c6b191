"""The way back from the bin, as it is planned; and what a hold does to the bin."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from partman_core.bounds import RangeBounds
from partman_core.model import Partition, Retired
from partman_core.naming import Name
from partman_core.plan import Attach, Detach, Drop, Finding, TablePlan, described
from partman_core.planner.holds import ENDLESS, hold_on, is_held
from partman_core.planner.retiring import is_over
from partman_core.planner.returning import (
    Binned,
    Guard,
    settled,
    still_there,
    way_back,
)

from .plan_strategies import (
    BY_NAME,
    NOON,
    a_table,
    a_tree,
    codes,
    days,
    kept,
    of_kind,
    planned,
)

CODEC = BY_NAME["timestamptz"]
TABLE = Name("public", "flights")
DAY = timedelta(days=1)


def in_bin(**more: Any) -> Retired:
    """Return a partition that was retired a day ago and is due now."""
    return Retired(
        **{
            "oid": 99,
            "name": Name("public", "flights_p20261120"),
            "bounds": RangeBounds(("2026-11-20 00:00:00+00",), ("2026-11-21",)),
            "action": "drop",
            "retired_at": NOON - DAY,
            "due": NOON,
            "bound_check": "(at IS NOT NULL)",
            "rows": 7,
            "bytes": 8192,
            **more,
        }
    )


def attach_of(plan: TablePlan) -> Attach:
    [operation] = plan.operations
    assert isinstance(operation, Attach)
    return operation


@pytest.mark.parametrize(
    ("guard", "check", "proven"),
    [
        (None, None, False),
        (Guard(name="partman_bounds", proven=False), "partman_bounds", False),
        (Guard(name="flights_at_check", proven=True), "flights_at_check", True),
    ],
)
def test_rows_are_proven_first_where_postgresql_does_not_know_them(
    guard, check, proven
):
    attach = attach_of(way_back(TABLE, in_bin(), guard))
    assert (attach.check, attach.proven) == (check, proven)
    way = "attach" if proven else "prove-and-attach"
    assert described(attach)["way"] == way


def test_nothing_would_prove_the_rows_of_a_hash():
    attach = attach_of(way_back(TABLE, in_bin(bound_check=None), None))
    assert (attach.check, attach.proven) == (None, True)


def test_it_destroys_nothing_and_says_how_large_it_is():
    plan = way_back(TABLE, in_bin(), None)
    attach = attach_of(plan)
    assert not attach.destroys
    entry = described(attach)
    assert (entry["kind"], entry["rows"], entry["bytes"]) == ("attach", 7, 8192)
    assert entry["hold"] == "brought back from the bin"
    assert attach_of(way_back(TABLE, in_bin(), None, hold=False)).hold is None


def test_how_it_is_done_is_part_of_what_the_plan_is():
    proven = way_back(TABLE, in_bin(), Guard(name="x", proven=True))
    assert proven.hash != way_back(TABLE, in_bin(), None).hash
    assert (
        proven.hash
        == way_back(TABLE, in_bin(rows=8), Guard(name="x", proven=True)).hash
    )


def a_partition(**more: Any) -> Partition:
    return Partition(oid=99, name=Name("public", "p"), bounds=None, ours=True, **more)


def test_what_is_back_and_on_hold_can_be_let_go():
    back = a_partition(hold_until=ENDLESS, hold_reason="court")
    [found] = settled(TABLE, back, (), NOON).findings
    assert (found.code, found.message) == ("held", "public.p is on hold: court.")
    assert "partman release public.p" in found.hint


def test_what_is_back_and_goes_again_can_be_held():
    back = a_partition()
    detach = Detach(
        table=TABLE, partition=back, reason="", action="drop", concurrently=True
    )
    [found] = settled(TABLE, back, (detach,), NOON).findings
    assert (found.code, found.severity) == ("not-held", "info")
    assert "partman hold public.p" in found.hint
    assert settled(TABLE, back, (), NOON).findings == ()


moments = st.datetimes(datetime(2000, 1, 1), datetime(9999, 12, 30)).map(
    lambda moment: moment.replace(tzinfo=UTC)
)


@given(now=moments, until=moments | st.none())
def test_a_hold_keeps_until_its_end_and_not_a_moment_longer(now, until):
    kept_one = a_partition(hold_until=until)
    assert is_held(kept_one, now) == (until is not None and now < until)
    assert (hold_on(kept_one, now) is None) == (not is_held(kept_one, now))


def test_a_hold_without_end_names_no_day():
    kept_one = a_partition(hold_until=ENDLESS)
    assert hold_on(kept_one, NOON) == "on hold: no reason given"


HELD = {"hold_until": NOON + DAY, "hold_reason": "court"}


@pytest.mark.parametrize(
    ("more", "what"),
    [({}, "dropped"), ({"action": "move", "target_schema": "attic"}, "moved")],
)
def test_what_is_on_hold_in_the_bin_stays_there(more, what):
    tree = a_tree("timestamptz", *days("2026-11-24", 10))
    table = a_table(kept=kept("1 day"))
    for retired, count in ((in_bin(**more), 1), (in_bin(**more, **HELD), 0)):
        plan = planned(table, evolve(tree, bin=(retired,)), CODEC, NOON)
        assert len(plan.operations) == count
    assert codes(plan.findings) == {"held"}
    assert f"would be {what}" in plan.findings[0].message
    assert "partman release" in plan.findings[0].hint


def test_before_its_time_a_hold_in_the_bin_is_no_news():
    tree = a_tree("timestamptz", *days("2026-11-24", 10))
    early = in_bin(due=NOON + DAY, **HELD)
    plan = planned(a_table(kept=kept("1 day")), evolve(tree, bin=(early,)), CODEC, NOON)
    assert (plan.operations, plan.findings) == ((), ())


def test_what_was_cut_short_while_it_is_held_is_finished_and_stays():
    """Its rows are out of reach already."""
    half = evolve(days("2026-11-20", 1)[0], pending=True, **HELD)
    tree = a_tree("timestamptz", half, *days("2026-11-24", 10))
    retired = in_bin(oid=half.oid, name=half.name, attached=True, **HELD)
    plan = planned(
        a_table(kept=kept("1 day")), evolve(tree, bin=(retired,)), CODEC, NOON
    )
    assert [op.kind for op in plan.operations] == ["finalize"]
    assert of_kind(plan, Drop) == []


@pytest.mark.parametrize(
    ("action", "due", "over"),
    [
        ("drop", NOON, True),
        ("drop", NOON + DAY, False),
        ("drop", None, False),
        ("detach", None, False),
        ("move", None, True),
    ],
)
def test_what_has_to_go_is_over_at_its_time(action, due, over):
    assert is_over(in_bin(action=action, due=due), NOON) == over


def binned(retired: Retired | None = None, **more: Any) -> Binned:
    return Binned(
        **{
            "retired": retired or in_bin(),
            "parent": 1,
            "table": TABLE,
            "managed": True,
            **more,
        }
    )


def test_each_reason_to_be_in_the_bin_still_has_its_sentence():
    late = in_bin()
    drops = TablePlan(table=TABLE, operations=(
        Drop(table=TABLE, retired=late, reason=""),))  # fmt: skip
    paused = TablePlan(table=TABLE, findings=(
        Finding(code="foreign", severity="info", table=TABLE, message="Strangers."),
        Finding(code="paused", severity="info", table=TABLE, message="It is paused."),
    ))  # fmt: skip
    cases = [
        (binned(in_bin(due=NOON + DAY)), {}, None),
        (binned(in_bin(**HELD)), {}, "on hold until"),
        (binned(in_bin(due=NOON + DAY, **HELD)), {}, "on hold until"),
        (binned(table=None, managed=False), {}, "its table is gone"),
        (binned(managed=False), {}, "public.flights is no longer managed"),
        (binned(), {"error": "no such codec"}, "no such codec"),
        (binned(), {"plan": drops}, "the next run drops it"),
        (binned(), {"plan": drops, "failed": "the disk is full"}, "the disk is full"),
        (binned(), {"plan": paused, "failed": "old news"}, "It is paused."),
        (binned(), {"plan": TablePlan(table=TABLE)}, "nothing of public.flights"),
    ]
    for one, more, said in cases:
        found = still_there(one, NOON, **more)
        assert found is None if said is None else found and found.startswith(said)
