"""What is created in cases that people know by name."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from attrs import frozen

from partman_core.bounds import DefaultBounds, Edge, ListBounds, RangeBounds
from partman_core.keys import Column, Key
from partman_core.model import Partition, Retire, Table, Tree
from partman_core.naming import Name
from partman_core.plan import Create, Detach, Discard
from partman_core.planner import plan_table
from partman_core.strategy import Wanted

from . import plan_strategies as plans
from .plan_strategies import (
    BY_NAME,
    NAME,
    NOON,
    a_partition,
    a_table,
    a_tree,
    bounds_of,
    codes,
    days,
    done,
    names_of,
    of_kind,
    planned,
    retired,
)

CODEC = BY_NAME["timestamptz"]


def test_an_empty_table_gets_the_current_period_and_those_ahead() -> None:
    plan = planned(a_table(partition_count=3), a_tree(), CODEC, NOON)
    assert names_of(plan.operations) == [
        "flights_p20261124",
        "flights_p20261125",
        "flights_p20261126",
    ]
    assert bounds_of(plan.operations)[0] == (
        "2026-11-24 00:00:00+00",
        "2026-11-25 00:00:00+00",
    )
    assert [op.reason for op in plan.operations] == [
        "holds what is inserted now",
        "is kept ready ahead of time",
        "is kept ready ahead of time",
    ]


def test_a_second_plan_is_empty() -> None:
    table, tree = a_table(), a_tree()
    plan = planned(table, tree, CODEC, NOON)
    after = done(tree, plan.operations, CODEC, NOON)
    assert planned(table, after, CODEC, NOON).operations == ()


def test_every_gap_in_the_window_is_closed_not_only_the_end() -> None:
    there = (*days("2026-11-24", 2), *days("2026-11-27", 7))
    plan = planned(a_table(), a_tree("timestamptz", *there), CODEC, NOON)
    assert names_of(plan.operations) == ["flights_p20261126"]
    assert plan.operations[0].reason == "closes a gap ahead"


def test_the_past_that_start_asks_for_is_made() -> None:
    table = a_table(start=datetime(2026, 11, 20, tzinfo=UTC), partition_count=1)
    plan = planned(table, a_tree(), CODEC, NOON)
    assert len(plan.operations) == 5
    assert plan.operations[0].reason == "is wanted of the past"


def test_whoever_made_a_partition_it_counts_as_there() -> None:
    there = days("2026-11-24", 10, ours=False)
    plan = planned(a_table(), a_tree("timestamptz", *there), CODEC, NOON)
    assert plan.operations == ()


def test_a_partition_of_any_name_and_kind_counts() -> None:
    there = a_partition(
        "2026-11-24 00:00:00+00", "2026-11-25 00:00:00+00", name="x", kind="foreign"
    )
    table = a_table(partition_count=1)
    assert planned(table, a_tree("timestamptz", there), CODEC, NOON).operations == ()


def test_only_the_rest_beside_an_odd_partition_is_created() -> None:
    odd = a_partition("2026-11-24 00:00:00+00", "2026-11-24 06:00:00+00")
    table = a_table(partition_count=1)
    plan = planned(table, a_tree("timestamptz", odd), CODEC, NOON)
    assert bounds_of(plan.operations) == [
        ("2026-11-24 06:00:00+00", "2026-11-25 00:00:00+00")
    ]
    assert names_of(plan.operations) == ["flights_p20261124_06"]
    assert codes(plan.findings) == {"off-grid"}
    assert "2026-11-24 06:00 UTC to 2026-11-25 00:00 UTC" in plan.findings[0].message


def test_a_short_rest_joins_the_next_partition() -> None:
    """Daily partitions until the 25th, then monthly: no stub of five days."""
    there = days("2026-11-24", 2)
    table = a_table("1 month", partition_count=3)
    plan = planned(table, a_tree("timestamptz", *there), CODEC, NOON)
    assert bounds_of(of_kind(plan, Create)) == [
        ("2026-11-01 00:00:00+00", "2026-11-24 00:00:00+00"),
        ("2026-11-26 00:00:00+00", "2027-01-01 00:00:00+00"),
        ("2027-01-01 00:00:00+00", "2027-02-01 00:00:00+00"),
    ]
    assert names_of(plan.operations) == [
        "flights_p202611",
        "flights_p20261126",
        "flights_p202701",
    ]


def test_a_short_rest_without_a_next_partition_is_created_as_it_is() -> None:
    odd = a_partition("2026-11-24 00:00:00+00", "2026-11-24 20:00:00+00")
    table = a_table(partition_count=1)
    plan = planned(table, a_tree("timestamptz", odd), CODEC, NOON)
    assert bounds_of(plan.operations) == [
        ("2026-11-24 20:00:00+00", "2026-11-25 00:00:00+00")
    ]


def test_a_partition_without_end_is_enough() -> None:
    there = Partition(
        oid=7,
        name=Name("public", "rest"),
        bounds=RangeBounds((Edge.MINVALUE,), (Edge.MAXVALUE,)),
    )
    plan = planned(a_table(), a_tree("timestamptz", there), CODEC, NOON)
    assert plan.operations == ()


def test_a_longer_interval_goes_on_where_the_shorter_ends() -> None:
    there = days("2026-11-20", 14)
    table = a_table("1 week", partition_count=3)
    plan = planned(table, a_tree("timestamptz", *there), CODEC, NOON)
    assert bounds_of(plan.operations) == [
        ("2026-12-04 00:00:00+00", "2026-12-14 00:00:00+00")
    ] or bounds_of(plan.operations) == [
        ("2026-12-04 00:00:00+00", "2026-12-07 00:00:00+00"),
        ("2026-12-07 00:00:00+00", "2026-12-14 00:00:00+00"),
    ]


def test_days_follow_the_clock_of_the_zone_through_the_change() -> None:
    table = a_table(timezone="Europe/Berlin", partition_count=3)
    now = datetime(2026, 10, 24, 12, tzinfo=UTC)
    plan = planned(table, a_tree(), CODEC, now)
    assert bounds_of(plan.operations) == [
        ("2026-10-23 22:00:00+00", "2026-10-24 22:00:00+00"),
        ("2026-10-24 22:00:00+00", "2026-10-25 23:00:00+00"),
        ("2026-10-25 23:00:00+00", "2026-10-26 23:00:00+00"),
    ]
    assert names_of(plan.operations)[1] == "flights_p20261025"


@pytest.mark.parametrize(
    ("kind", "lower", "upper"),
    [
        ("timestamptz", "2026-11-01 00:00:00+00", "2026-12-01 00:00:00+00"),
        ("timestamp", "2026-11-01 00:00:00", "2026-12-01 00:00:00"),
        ("date", "2026-11-01", "2026-12-01"),
        ("epoch_ms", "1793491200000", "1796083200000"),
        (
            "uuid7",
            "019a3c9e-9400-0000-0000-000000000000",
            "019ad71b-c000-0000-0000-000000000000",
        ),
    ],
)
def test_each_kind_of_key_gets_its_own_bounds(kind, lower, upper) -> None:
    table = a_table("1 month", partition_count=1)
    plan = planned(table, a_tree(kind), BY_NAME[kind], NOON)
    assert names_of(plan.operations) == ["flights_p202611"]
    if kind != "uuid7":
        assert bounds_of(plan.operations) == [(lower, upper)]
    odd = plan.operations[0].bounds
    codec = BY_NAME[kind]
    assert codec.moment(codec.position(odd.lower[0])).replace(tzinfo=UTC) == datetime(
        2026, 11, 1, tzinfo=UTC
    )


def test_a_day_off_the_grid_is_completed_by_dates() -> None:
    odd = a_partition("2026-11-05", "2026-12-05")
    table = a_table("1 month", partition_count=2)
    plan = planned(table, a_tree("date", odd), BY_NAME["date"], NOON)
    assert bounds_of(plan.operations) == [
        ("2026-11-01", "2026-11-05"),
        ("2026-12-05", "2027-01-01"),
    ]
    assert names_of(plan.operations) == ["flights_p202611", "flights_p20261205"]


def test_a_number_axis_goes_on_from_the_last_number_in_use() -> None:
    codec = BY_NAME["integer"]
    table = a_table(1000, partition_count=2)
    plan = planned(table, a_tree("integer", position=2500), codec, NOON)
    assert bounds_of(plan.operations) == [("2000", "3000"), ("3000", "4000")]
    assert names_of(plan.operations) == ["flights_p2000", "flights_p3000"]


def test_a_number_axis_with_an_odd_partition_is_completed() -> None:
    codec, odd = BY_NAME["integer"], a_partition("2400", "3100")
    table = a_table(1000, partition_count=2)
    plan = planned(table, a_tree("integer", odd, position=2500), codec, NOON)
    assert bounds_of(plan.operations) == [("2000", "2400"), ("3100", "4000")]
    assert names_of(plan.operations) == ["flights_p2000", "flights_p3100"]


def test_an_unknown_position_is_told_and_nothing_is_done() -> None:
    binned = retired("old", due=NOON)
    tree = a_tree("integer", bin=(binned,))
    plan = planned(a_table(1000), tree, BY_NAME["integer"], NOON)
    assert plan.operations == ()
    assert codes(plan.findings) == {"position-unknown"}
    assert plan.findings[0].severity == "warning"


def test_a_default_partition_is_made_when_it_is_wanted_and_missing() -> None:
    table = a_table(partition_count=1, default_partition=True)
    plan = planned(table, a_tree(), CODEC, NOON)
    assert names_of(plan.operations) == ["flights_p20261124", "flights_pdefault"]
    assert plan.operations[1].bounds == DefaultBounds()
    tree = done(a_tree(), plan.operations, CODEC, NOON)
    assert planned(table, tree, CODEC, NOON).operations == ()


def test_what_is_built_already_is_only_attached() -> None:
    built = a_partition("2026-11-24 00:00:00+00", "2026-11-25 00:00:00+00", name="b")
    table = a_table(partition_count=1)
    plan = planned(table, a_tree(built=(built,)), CODEC, NOON)
    (made,) = plan.operations
    assert (made.built, made.name.relation) == (built.oid, "b")
    assert "built already" in made.reason


def test_what_is_built_and_not_wanted_is_discarded() -> None:
    stale = a_partition("2020-01-01 00:00:00+00", "2020-01-02 00:00:00+00")
    tree = a_tree("timestamptz", *days("2026-11-24", 10), built=(stale,))
    plan = planned(a_table(), tree, CODEC, NOON)
    (discard,) = plan.operations
    assert isinstance(discard, Discard)
    assert discard.partition == stale


def test_a_taken_name_gets_a_mark_and_stays_the_same() -> None:
    table = a_table(partition_count=1)
    taken = a_partition(
        "2020-01-01 00:00:00+00", "2020-01-02 00:00:00+00", name="flights_p20261124"
    )
    plan = planned(table, a_tree("timestamptz", taken), CODEC, NOON)
    (name,) = names_of(plan.operations)
    assert name != "flights_p20261124"
    assert name.startswith("flights_")
    again = planned(table, a_tree("timestamptz", taken), CODEC, NOON)
    assert names_of(again.operations) == [name]
    stranger = planned(
        table, a_tree(), CODEC, NOON, taken={Name("public", "flights_p20261124")}
    )
    assert names_of(stranger.operations) == [name]
    elsewhere = planned(
        table, a_tree(), CODEC, NOON, taken={Name("other", "flights_p20261124")}
    )
    assert names_of(elsewhere.operations) == ["flights_p20261124"]


def test_a_paused_table_is_left_alone() -> None:
    plan = planned(a_table(paused=True), a_tree(), CODEC, NOON)
    assert plan.operations == ()
    assert codes(plan.findings) == {"paused"}


# --- lists, and whatever else has no axis ------------------------------------------


@frozen(kw_only=True)
class Groups:
    """A strategy without an axis."""

    kind = "groups"
    groups: tuple[tuple[str, ...], ...]

    def problems(self, key, codec):  # noqa: ARG002 - as the protocol has it
        return ()

    def wanted(self, level):  # noqa: ARG002 - as the protocol has it
        for number, group in enumerate(self.groups):
            yield Wanted(bounds=ListBounds(group), suffix=str(number))


def a_list(*partitions: Partition) -> Tree:
    key = Key("list", (Column("carrier", "text"),))
    return Tree(oid=1, name=NAME, key=key, owner="app", partitions=partitions)


def listed(*values: str, ours: bool = True) -> Partition:
    oid = next(plans.OIDS)
    bounds = ListBounds(values)
    return Partition(oid=oid, name=Name("public", f"l{oid}"), bounds=bounds, ours=ours)


def test_only_the_values_that_no_list_holds_are_created() -> None:
    table = Table(name=NAME, strategy=Groups(groups=(("a", "b"), ("c", "d"), ("e",))))
    tree = a_list(listed("b", "a"), listed("c"))
    plan = plan_table(table, tree, None, NOON)
    assert [op.bounds for op in plan.operations] == [
        ListBounds(("d",)),
        ListBounds(("e",)),
    ]


def test_a_list_that_is_not_wanted_can_be_retired_and_a_wanted_one_cannot() -> None:
    table = Table(name=NAME, strategy=Groups(groups=(("a", "b"),)))
    old, part = listed("x"), listed("a", "y")
    tree = a_list(old, part, listed("b"), listed("z"))
    said = [Retire(partition=one, reason="gone") for one in (old, part)]
    plan = plan_table(table, tree, None, NOON, said)
    assert [op.partition for op in of_kind(plan, Detach)] == [old]
