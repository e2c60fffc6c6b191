"""What is retired, and what never is, in cases that people know by name."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from attrs import evolve

from partman_core.bounds import DefaultBounds
from partman_core.errors import PluginError
from partman_core.interval import Interval
from partman_core.model import Keep, Partition, Retire
from partman_core.naming import Name
from partman_core.plan import Create, Detach, Drop, Move
from partman_core.planner import level, plan_table
from partman_plugins.retention import Retention

from .plan_strategies import (
    BY_NAME,
    NOON,
    a_partition,
    a_table,
    a_tree,
    codes,
    days,
    done,
    kept,
    names_of,
    of_kind,
    planned,
    retired,
)

CODEC = BY_NAME["timestamptz"]


def test_what_is_kept_long_enough_is_detached_and_dropped() -> None:
    tree = a_tree("timestamptz", *days("2026-11-20", 14))
    plan = planned(a_table(kept=kept("2 days")), tree, CODEC, NOON)
    assert names_of(of_kind(plan, Detach)) == ["flights_p20261120", "flights_p20261121"]
    assert names_of(of_kind(plan, Drop)) == ["flights_p20261120", "flights_p20261121"]
    assert all(op.concurrently for op in of_kind(plan, Detach))
    kinds = [op.kind for op in plan.operations]
    assert kinds == ["detach", "detach", "drop", "drop"]


def test_a_partition_lives_until_its_last_row_is_old_enough() -> None:
    """A row of 23:59 is kept for its whole 24 hours."""
    tree = a_tree("timestamptz", *days("2026-11-22", 12))
    table = a_table(kept=kept("24 hours"))
    before = datetime(2026, 11, 23, 23, 59, 59, 999_999, tzinfo=UTC)
    assert planned(table, tree, CODEC, before).operations == ()
    plan = planned(table, tree, CODEC, before + timedelta(microseconds=1))
    assert names_of(of_kind(plan, Detach)) == ["flights_p20261122"]


def test_without_retention_nothing_ever_goes() -> None:
    tree = a_tree("timestamptz", *days("2020-01-01", 10), *days("2026-11-24", 10))
    assert planned(a_table(), tree, CODEC, NOON).operations == ()


def test_bounds_decide_and_never_a_name() -> None:
    lies = a_partition(
        "2026-11-24 00:00:00+00", "2026-11-25 00:00:00+00", name="flights_p19990101"
    )
    tree = a_tree("timestamptz", lies, *days("2026-11-25", 9))
    assert planned(a_table(kept=kept("1 day")), tree, CODEC, NOON).operations == ()


def test_what_somebody_else_made_is_told_of_and_stays() -> None:
    tree = a_tree(
        "timestamptz", *days("2026-11-20", 2, ours=False), *days("2026-11-24", 10)
    )
    plan = planned(a_table(kept=kept("1 day")), tree, CODEC, NOON)
    assert plan.operations == ()
    (found,) = plan.findings
    assert (found.code, found.severity) == ("foreign", "info")
    assert "2 partitions" in found.message
    assert "partman adopt public.flights" in found.hint


def test_nobody_is_sent_to_adopt_what_is_over_and_would_be_refused() -> None:
    bounds = ("2026-11-18 00:00:00+00", "2026-11-20 00:00:00+00")
    odd = a_partition(*bounds, name="odd", ours=False)
    tree = a_tree("timestamptz", odd, *days("2026-11-24", 10))
    (found,) = planned(a_table(kept=kept("1 day")), tree, CODEC, NOON).findings
    assert found.code == "foreign"
    assert found.hint == (
        "nothing to adopt (public.odd: it spans several periods of 1 day): it stays "
        "until somebody takes it out by hand, or adopts it with --any-size"
    )


def test_a_held_partition_stays_and_says_why() -> None:
    held = days(
        "2026-11-20",
        1,
        hold_until=datetime(2027, 1, 1, tzinfo=UTC),
        hold_reason="audit",
    )
    tree = a_tree("timestamptz", *held, *days("2026-11-24", 10))
    table = a_table(kept=kept("1 day"))
    plan = planned(table, tree, CODEC, NOON)
    assert plan.operations == ()
    assert codes(plan.findings) == {"held"}
    assert "2027-01-01" in plan.findings[0].message
    assert "audit" in plan.findings[0].message
    later = datetime(2027, 1, 1, tzinfo=UTC)
    assert "flights_p20261120" in names_of(
        of_kind(planned(table, tree, CODEC, later, max_drops=99), Detach)
    )


def test_a_guards_word_is_the_stronger_one() -> None:
    old = days("2026-11-20", 1)[0]
    tree = a_tree("timestamptz", old, *days("2026-11-24", 10))
    said = [
        Retire(partition=old, reason="old"),
        Keep(partition=old, reason="open case"),
    ]
    plan = plan_table(a_table(), tree, CODEC, NOON, said)
    assert plan.operations == ()
    assert "open case" in plan.findings[0].message


def test_a_plugin_cannot_retire_the_present_the_future_or_a_stranger() -> None:
    there = days("2026-11-24", 10)
    stranger = days("2020-01-01", 1)[0]
    said = [Retire(partition=one, reason="away") for one in (*there, stranger)]
    tree = a_tree("timestamptz", *there)
    assert plan_table(a_table(), tree, CODEC, NOON, said).operations == ()
    far = a_partition("2030-01-01 00:00:00+00", "2031-01-01 00:00:00+00")
    tree = a_tree("timestamptz", *there, far)
    said = [Retire(partition=far, reason="away")]
    assert plan_table(a_table(), tree, CODEC, NOON, said).operations == ()


def test_what_start_wants_is_never_retired() -> None:
    old = days("2026-11-20", 1)[0]
    tree = a_tree("timestamptz", old, *days("2026-11-21", 13))
    table = a_table(start=datetime(2026, 11, 1, tzinfo=UTC))
    plan = plan_table(table, tree, CODEC, NOON, [Retire(partition=old, reason="x")])
    assert of_kind(plan, Detach) == []


def test_the_gentlest_of_several_words_counts() -> None:
    old = days("2026-11-20", 1)[0]
    tree = a_tree("timestamptz", old, *days("2026-11-24", 10))
    week = Interval.parse("7 days")
    said = [
        Retire(partition=old, reason="drop it"),
        Retire(partition=old, reason="drop it later", grace=week),
    ]
    plan = plan_table(a_table(), tree, CODEC, NOON, said)
    assert [op.kind for op in plan.operations] == ["detach"]
    assert plan.operations[0].due == NOON + timedelta(days=7)
    said.append(Retire(partition=old, reason="detach it", action="detach"))
    plan = plan_table(a_table(), tree, CODEC, NOON, said)
    assert [(op.action, op.due) for op in plan.operations] == [("detach", None)]


def test_a_move_follows_its_detach() -> None:
    tree = a_tree("timestamptz", *days("2026-11-20", 1), *days("2026-11-24", 10))
    section = kept("1 day", retention_action="move", retention_schema="archive")
    plan = planned(a_table(kept=section), tree, CODEC, NOON)
    detach, move = plan.operations
    assert isinstance(move, Move)
    assert detach.target_schema == move.target_schema == "archive"
    after = done(tree, plan.operations, CODEC, NOON)
    assert planned(a_table(kept=section), after, CODEC, NOON).operations == ()


def test_a_move_to_nowhere_is_the_plugins_fault() -> None:
    old = days("2026-11-20", 1)[0]
    tree = a_tree("timestamptz", old, *days("2026-11-24", 10))
    said = [Retire(partition=old, reason="x", action="move")]
    with pytest.raises(PluginError, match="names no schema"):
        plan_table(a_table(), tree, CODEC, NOON, said)


def test_grace_is_waited_out_to_the_microsecond() -> None:
    section = kept("1 day", grace_period=Interval.parse("7 days"))
    table = a_table(kept=section, partition_count=20)
    tree = a_tree("timestamptz", *days("2026-11-20", 1), *days("2026-11-24", 20))
    plan = planned(table, tree, CODEC, NOON)
    assert [op.kind for op in plan.operations] == ["detach"]
    tree = done(tree, plan.operations, CODEC, NOON)
    due = NOON + timedelta(days=7)
    early = planned(table, tree, CODEC, due - timedelta(microseconds=1))
    assert of_kind(early, Drop) == []
    (drop,) = of_kind(planned(table, tree, CODEC, due), Drop)
    assert drop.name.relation == "flights_p20261120"
    assert drop.reason == (
        "was taken out on 2026-11-24 12:00 UTC, and its grace is over"
    )


def test_what_was_only_to_be_detached_is_never_dropped() -> None:
    tree = a_tree(
        "timestamptz",
        *days("2026-11-24", 10),
        bin=(retired("a", action="detach"), retired("b", due=None)),
    )
    assert planned(a_table(), tree, CODEC, NOON).operations == ()


def test_an_intent_that_is_still_attached_is_detached_again_never_dropped() -> None:
    old = days("2026-11-20", 1)[0]
    intent = retired(
        old.name.relation, oid=old.oid, bounds=old.bounds, due=NOON, attached=True
    )
    tree = a_tree("timestamptz", old, *days("2026-11-24", 10), bin=(intent,))
    plan = planned(a_table(kept=kept("1 day")), tree, CODEC, NOON)
    assert [op.kind for op in plan.operations] == ["detach", "drop"]
    assert planned(a_table(), tree, CODEC, NOON).operations == ()


def test_with_a_default_partition_a_detach_cannot_be_concurrent() -> None:
    default = Partition(oid=9, name=Name("public", "d"), bounds=DefaultBounds())
    tree = a_tree("timestamptz", *days("2026-11-20", 1), *days("2026-11-24", 10))
    for table, there in (
        (a_table(kept=kept("1 day")), evolve(tree, default=default)),
        (a_table(kept=kept("1 day"), default_partition=True), tree),
    ):
        (detach,) = of_kind(planned(table, there, CODEC, NOON), Detach)
        assert not detach.concurrently


def test_too_many_at_once_are_all_held_back_but_creations_are_not() -> None:
    tree = a_tree("timestamptz", *days("2026-11-10", 12), *days("2026-11-24", 9))
    table = a_table(kept=kept("1 day"))
    plan = planned(table, tree, CODEC, NOON)
    assert [op.kind for op in plan.operations] == ["create"]
    (found,) = plan.findings
    assert (found.code, found.severity) == ("max-drops", "warning")
    assert found.data == {"due": 12, "limit": 6, "partitions": 13}
    assert "`partman maintain public.flights --max-drops 12`" in found.hint
    plan = planned(table, tree, CODEC, NOON, max_drops=12)
    assert len(of_kind(plan, Detach)) == 12
    assert plan.findings == ()


def test_a_limit_in_the_settings_takes_the_place_of_the_half() -> None:
    tree = a_tree("timestamptz", *days("2026-11-20", 14))
    table = a_table(kept=kept("1 day", max_drops=1))
    plan = planned(table, tree, CODEC, NOON)
    assert of_kind(plan, Detach) == []
    assert "max_drops is 1" in plan.findings[0].message


def test_keeping_the_newest_counts_what_is_about_to_be_made() -> None:
    """Or the next run would retire one more."""
    tree = a_tree("timestamptz", *days("2026-11-20", 4))
    table = a_table(kept=Retention(retention_count=3), partition_count=1)
    plan = planned(table, tree, CODEC, NOON)
    assert names_of(of_kind(plan, Create)) == ["flights_p20261124"]
    assert names_of(of_kind(plan, Detach)) == ["flights_p20261120", "flights_p20261121"]
    after = done(tree, plan.operations, CODEC, NOON)
    assert planned(table, after, CODEC, NOON).operations == ()


def test_the_level_shows_retention_what_is_coming_under_no_oid_of_the_server() -> None:
    seen = level(a_table(partition_count=2), a_tree(), CODEC, NOON)
    assert [one.oid for one in seen.existing] == [-1, -2]
    assert [one.bounds for one in seen.existing] == [w.bounds for w in seen.wanted]


@pytest.mark.parametrize("why", ["partition", "parent", "unread"])
def test_nothing_is_retired_where_somebody_holds_a_lock(why) -> None:
    last = a_partition("2026-12-03 00:00:00+00", "2026-12-04 00:00:00+00", locked=True)
    if why == "unread":
        last = evolve(last, bounds=None)
    if why == "parent":
        last = evolve(last, locked=False)
    there = (*days("2026-11-20", 1), *days("2026-11-24", 8), last)
    tree = a_tree("timestamptz", *there, locked=why == "parent")
    plan = planned(a_table(kept=kept("1 day")), tree, CODEC, NOON)
    assert of_kind(plan, Detach) == []
    assert of_kind(plan, Create) != [], "creations go on"
    (found,) = plan.findings
    assert (found.code, found.severity) == ("locked", "warning")


def test_a_lock_where_nothing_is_due_is_nobodys_business() -> None:
    tree = a_tree("timestamptz", *days("2026-11-24", 10, locked=True))
    plan = planned(a_table(kept=kept("1 day")), tree, CODEC, NOON)
    assert (plan.operations, plan.findings) == ((), ())


def test_what_must_not_be_destroyed_now_is_left_out_and_creations_go_on() -> None:
    cut = evolve(days("2026-11-19", 1)[0], pending=True)
    tree = a_tree(
        "timestamptz",
        *days("2026-11-20", 1),
        *days("2026-11-24", 9),
        cut,
        bin=(retired("old", due=NOON),),
    )
    table = a_table(kept=kept("1 day"))
    plan = planned(table, tree, CODEC, NOON, destroys="the plugin 'archive' is broken")
    assert [op.kind for op in plan.operations] == ["create"]


def test_an_unknown_value_in_bounds_is_left_alone() -> None:
    odd = a_partition("gestern", "heute")
    tree = a_tree("timestamptz", odd, *days("2026-11-24", 10))
    said = [Retire(partition=odd, reason="x")]
    assert plan_table(a_table(), tree, CODEC, NOON, said).operations == ()


# --- half-detached -----------------------------------------------------------------


def test_a_detach_that_was_cut_short_is_finished_and_followed_up() -> None:
    cut = evolve(days("2026-11-20", 1)[0], pending=True)
    intent = retired(
        cut.name.relation, oid=cut.oid, bounds=cut.bounds, due=NOON, attached=True
    )
    tree = a_tree("timestamptz", cut, *days("2026-11-24", 10), bin=(intent,))
    plan = planned(a_table(), tree, CODEC, NOON)
    assert [op.kind for op in plan.operations] == ["finalize", "drop"]
    assert codes(plan.findings) == {"half-detached"}
    after = done(tree, plan.operations, CODEC, NOON)
    assert after.bin == ()


def test_one_cut_short_by_somebody_else_is_theirs_to_finish() -> None:
    cut = evolve(days("2026-11-20", 1)[0], pending=True, ours=False)
    tree = a_tree("timestamptz", cut, *days("2026-11-21", 13))
    plan = planned(a_table(kept=kept("1 day")), tree, CODEC, NOON)
    assert plan.operations == (), "no other detach can succeed meanwhile"
    (found,) = plan.findings
    assert found.code == "half-detached"
    assert "FINALIZE" in found.hint


def test_one_that_somebody_is_at_now_is_waited_for() -> None:
    cut = evolve(days("2026-11-20", 1)[0], pending=True, locked=True)
    tree = a_tree("timestamptz", cut, *days("2026-11-24", 10))
    plan = planned(a_table(), tree, CODEC, NOON)
    assert plan.operations == ()
    assert "at this moment" in plan.findings[0].hint


def test_a_creation_in_its_place_comes_after_the_finish() -> None:
    cut = evolve(days("2026-11-24", 1)[0], pending=True)
    tree = a_tree("timestamptz", cut)
    plan = planned(a_table(partition_count=2), tree, CODEC, NOON)
    assert [op.kind for op in plan.operations] == ["create", "finalize", "create"]
    first, _, last = plan.operations
    assert first.bounds.lower == ("2026-11-25 00:00:00+00",)
    assert last.bounds == cut.bounds
    assert last.name != cut.name
    theirs = a_tree("timestamptz", evolve(cut, ours=False))
    plan = planned(a_table(partition_count=2), theirs, CODEC, NOON)
    assert [op.kind for op in plan.operations] == ["create"]
