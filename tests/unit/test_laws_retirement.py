"""Laws of the planner, whatever plugins say: what is not ours stays, DEFAULT as well.

Plugins may say anything about anything: that the present is to go, that a stranger's
partition is, that DEFAULT is.  The plan is what it may be all the same.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from partman_core.bounds import DefaultBounds
from partman_core.interval import Interval
from partman_core.model import Keep, Partition, Retire, Retired, Table, Tree
from partman_core.naming import Name
from partman_core.plan import Create, Detach, Drop, Finalize, Move, TablePlan
from partman_core.planner import plan_table
from partman_plugins.retention import Retention

from .plan_strategies import BY_NAME, NOON, a_table, a_tree, days, of_kind, planned

CODEC = BY_NAME["timestamptz"]
FIRST = "2026-11-10"
READY = 4
ZERO = Interval()
DAY = timedelta(days=1)

actions = st.sampled_from(["drop", "detach", "move"])
moments = st.integers(-3, 3).map(lambda number: NOON + number * DAY)


@st.composite
def partitions(draw: st.DrawFn) -> tuple[Partition, ...]:
    """Some of the days around noon: ours or not, held or not, half-detached or not."""
    there = []
    for day in days(FIRST, draw(st.integers(1, 25))):
        kind = draw(st.sampled_from(["ours"] * 6 + ["foreign", "held", "gone", "cut"]))
        if kind == "gone":
            continue
        there.append(
            evolve(
                day,
                ours=kind != "foreign",
                hold_until=draw(moments) if kind == "held" else None,
                pending=kind == "cut" and not any(p.pending for p in there),
            )
        )
    return tuple(there)


@st.composite
def binned(draw: st.DrawFn, there: tuple[Partition, ...]) -> tuple[Retired, ...]:
    """What is in the bin, by itself or as an intent that was not carried out."""
    ours = [one for one in there if one.ours]
    intended = draw(st.lists(st.sampled_from(ours), unique=True)) if ours else []
    long_ago = draw(st.integers(0, 4))
    out = [*intended, *days("2025-01-01", long_ago)]
    return tuple(
        Retired(
            oid=one.oid,
            name=one.name,
            bounds=one.bounds,
            action=action,
            retired_at=NOON - DAY,
            due=draw(moments) if action == "drop" else None,
            attached=one in intended,
            target_schema="attic" if action == "move" else None,
            hold_until=draw(st.none() | moments),
        )
        for one in out
        for action in [draw(actions)]
    )


@st.composite
def trees(draw: st.DrawFn) -> Tree:
    there = draw(partitions())
    default = Partition(
        oid=7, name=Name("public", "rest"), bounds=DefaultBounds(), ours=True
    )
    return a_tree(
        "timestamptz",
        *there,
        default=draw(st.sampled_from([None, default, evolve(default, ours=False)])),
        bin=draw(binned(there)),
    )


@st.composite
def words(draw: st.DrawFn, tree: Tree) -> list[Retire | Keep]:
    """What plugins say, of what is there and of what is not."""
    known = [*tree.partitions, *days("2020-01-01", 2)]
    known += [] if tree.default is None else [tree.default]
    said: list[Retire | Keep] = []
    for one in draw(st.lists(st.sampled_from(known), max_size=len(known))):
        if draw(st.integers(0, 4)) == 0:
            said.append(Keep(partition=one, reason="needed"))
            continue
        action = draw(actions)
        grace = Interval.parse("2 days") if action == "drop" else ZERO
        said.append(
            Retire(
                partition=one,
                reason="away",
                action=action,
                grace=draw(st.sampled_from([ZERO, grace])),
                schema="attic" if action == "move" else None,
            )
        )
    return said


def destroyed(plan: TablePlan) -> dict[int, str]:
    """Return by oid what would leave the table, or be gone for good."""
    out = of_kind(plan, Detach) + of_kind(plan, Finalize)
    gone = of_kind(plan, Move) + of_kind(plan, Drop)
    found = {one.partition.oid: one.kind for one in out}
    return found | {one.retired.oid: one.kind for one in gone}


def told(table: Table, tree: Tree, said: list[Retire | Keep], **more: object):
    return plan_table(table, tree, CODEC, NOON, said, **more)


@given(tree=trees(), data=st.data())
def test_what_is_not_ours_is_never_taken_out_and_default_neither(tree, data):
    said = data.draw(words(tree))
    plan = told(a_table(partition_count=READY), tree, said, max_drops=99)
    gone = destroyed(plan)
    assert 7 not in gone
    strangers = {one.oid for one in tree.partitions if not one.ours}
    assert not strangers & gone.keys()
    known = {one.oid for one in (*tree.partitions, *tree.bin)}
    assert gone.keys() <= known


@given(tree=trees(), data=st.data())
def test_what_is_kept_wanted_or_held_stays(tree, data):
    said = data.draw(words(tree))
    plan = told(a_table(partition_count=READY), tree, said, max_drops=99)
    out = {one.partition.oid for one in of_kind(plan, Detach)}
    assert out <= {one.partition.oid for one in said if isinstance(one, Retire)}
    assert not out & {one.partition.oid for one in said if isinstance(one, Keep)}
    for one in tree.partitions:
        (upper,) = one.bounds.upper
        over = datetime.fromisoformat(upper) <= NOON
        free = one.hold_until is None or one.hold_until <= NOON
        assert one.oid not in out or (over and free and not one.pending)


@given(tree=trees(), data=st.data())
def test_only_what_is_out_past_its_grace_and_not_held_is_dropped(tree, data):
    said = data.draw(words(tree))
    plan = told(a_table(partition_count=READY), tree, said, max_drops=99)
    out = {one.partition.oid: one for one in of_kind(plan, Detach)}
    finished = {one.partition.oid for one in of_kind(plan, Finalize)}
    in_bin = {one.oid: one for one in tree.bin}
    for drop in of_kind(plan, Drop):
        oid = drop.retired.oid
        if oid in out:
            assert (out[oid].action, out[oid].due) == ("drop", NOON)
            continue
        before = in_bin[oid]
        assert before.action == "drop"
        assert before.due is not None
        assert before.due <= NOON
        assert not before.attached or oid in finished
        assert before.hold_until is None or before.hold_until <= NOON


@given(tree=trees())
def test_without_a_word_nothing_is_taken_out(tree):
    plan = told(a_table(partition_count=READY), tree, [])
    assert of_kind(plan, Detach) == []


@given(tree=trees(), data=st.data(), limit=st.integers(0, 12))
def test_a_limit_holds_back_what_goes_and_never_what_comes(tree, data, limit):
    said = data.draw(words(tree))
    table = a_table(partition_count=READY)
    freely = told(table, tree, said, max_drops=99)
    plan = told(table, tree, said, max_drops=limit)
    due = len(of_kind(freely, Detach))
    assert len(of_kind(plan, Detach)) == (due if due <= limit else 0)
    assert of_kind(plan, Create) == of_kind(freely, Create)
    lately = {one.partition.oid for one in of_kind(freely, Detach)}
    older = [
        one
        for one in (*of_kind(freely, Drop), *of_kind(freely, Move))
        if one.retired.oid not in lately
    ]
    left = {one.retired.oid for one in (*of_kind(plan, Drop), *of_kind(plan, Move))}
    assert {one.retired.oid for one in older} <= left


@given(number=st.integers(1, 30), kept=st.integers(1, 30))
def test_unless_it_is_said_half_of_what_has_begun_may_go_at_most(number, kept):
    tree = a_tree("timestamptz", *days("2026-11-24", READY), *days(FIRST, 14)[-number:])
    retention = Retention(retention_period=Interval.parse(f"{kept} days"))
    plan = planned(a_table(kept=retention, partition_count=READY), tree, CODEC, NOON)
    assert len(of_kind(plan, Detach)) <= (min(number, 14) + 1) // 2
