"""The planner's laws, over whole histories: time passes, people interfere.

A machine holds one table's tree.  Its rules let time pass, change the settings,
add, drop, hold, adopt and cut things short by hand, and maintain; maintaining is
planning and then doing the plan in memory.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from attrs import evolve
from hypothesis import assume, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from partman_core.adopt import adoption
from partman_core.bounds import RangeBounds
from partman_core.interval import Interval
from partman_core.model import Partition, Retired
from partman_core.naming import Name
from partman_core.plan import Create, Detach, TablePlan
from partman_core.planner import level
from partman_core.planner.coverage import overlaps, pieces, span_of, uncovered
from partman_core.planner.places import instant, last_position
from partman_core.zones import wall_clock, zone
from partman_plugins.range import Range
from partman_plugins.retention import Retention

from . import plan_strategies as plans
from . import time_strategies as times
from . import word_strategies as words
from .ages import is_over_age

EARLIEST, LATEST = datetime(1975, 1, 1, tzinfo=UTC), datetime(2060, 1, 1, tzinfo=UTC)

SUBDAY = ("15 minutes", "1 hour", "12 hours", "36 hours", "7 hours")
CALENDAR = ("1 day", "1 week", "10 days", "1 month", "1 quarter", "1 year")


def length(interval: Interval) -> timedelta:
    """Return about how long an interval is."""
    return timedelta(days=30 * interval.months, microseconds=interval.microseconds)


@st.composite
def ranges(draw: st.DrawFn, *, kind: str, now: datetime) -> Range:
    """Settings of a range on a key of this kind."""
    texts = CALENDAR if kind == "date" else SUBDAY + CALENDAR
    interval = Interval.parse(draw(st.sampled_from(texts)))
    start = None
    if draw(st.booleans()):
        start = now + draw(st.integers(-12, 3)) * length(interval)
    anchors = st.none() | st.just(datetime(2000, 1, 31)) | times.anchors()
    return Range(
        partition_interval=interval,
        partition_count=draw(st.integers(1, 5)),
        start=start,
        anchor=draw(st.none() | anchors) if interval.kind != "months" else None,
    )


@st.composite
def retentions(draw: st.DrawFn, *, within: Range) -> Retention | None:
    """Settings of what is kept, that go with a range."""
    period, number = None, None
    unit = length(within.partition_interval)
    if draw(st.booleans()):
        fixed = st.integers(1, 40).map(lambda quarters: unit * quarters / 4)
        period = Interval.parse(draw(fixed | st.sampled_from(("1 month", "1 year"))))
    if within.start is None and draw(st.booleans()):
        number = draw(st.integers(1, 6))
    action = draw(st.sampled_from(["drop", "detach", "move"]))
    grace = draw(st.none() | st.just(Interval.parse(unit * 2)))
    return Retention(
        retention_period=period,
        retention_count=number,
        retention_action=action,
        retention_schema="archive" if action == "move" else None,
        grace_period=grace if action == "drop" else None,
        max_drops=draw(st.none() | st.integers(1, 4)),
    )


class History(RuleBasedStateMachine):
    """One table through time."""

    kind: str

    @initialize(data=st.data())
    def begin(self, data: st.DataObject) -> None:
        self.codec = plans.BY_NAME[self.kind]
        self.timezone = data.draw(times.zones(), label="zone")
        now = data.draw(times.moments(timezone=self.timezone), label="now")
        assume(EARLIEST < now < LATEST)
        self.now = now
        name = Name("public", data.draw(words.identifiers, label="name"))
        self.tree = plans.a_tree(self.kind, name=name)
        self.forgotten: set[int] = set()
        self.declare(data)

    @rule(data=st.data())
    def declare(self, data: st.DataObject) -> None:
        """Register, or register again: other interval, other zone, other limits."""
        strategy = data.draw(ranges(kind=self.kind, now=self.now), label="range")
        kept = data.draw(retentions(within=strategy), label="retention")
        if data.draw(st.integers(0, 9), label="moves") == 0:
            self.timezone = data.draw(times.zones(), label="zone")
        self.table = plans.Table(
            name=self.tree.name,
            strategy=strategy,
            timezone=self.timezone,
            sections={} if kept is None else {"retention": kept},
            default_partition=data.draw(st.booleans(), label="default"),
        )

    @rule(data=st.data())
    def time_passes(self, data: st.DataObject) -> None:
        unit = length(self.table.strategy.partition_interval)
        quarters = data.draw(st.integers(0, 10), label="quarters of a period")
        odd = data.draw(st.integers(-1, 1), label="microseconds")
        later = self.now + unit * quarters / 4 + timedelta(microseconds=odd)
        if self.now < later < LATEST:
            self.now = later

    @rule(data=st.data())
    def somebody_adds_a_partition(self, data: st.DataObject) -> None:
        """Anywhere that is free, of any width, off the grid, with a lying name."""
        seen = level(self.table, self.tree, self.codec, self.now)
        wanted = [span_of(self.codec, one.bounds) for one in seen.wanted]
        assume(wanted)
        lower, upper = data.draw(st.sampled_from(wanted), label="near")
        unit = (upper - lower) // 4 or 1
        begin = lower + unit * data.draw(st.integers(-20, 8), label="from")
        end = begin + unit * data.draw(st.integers(1, 10), label="width")
        taken = plans.in_order(self.codec, (one.bounds for one in self.tree.partitions))
        assume(begin >= 0)
        free = uncovered((begin, end), taken)
        assume(free)
        edges = [self.codec.literal(place) for place in free[0]]
        lie = data.draw(st.integers(1990, 2050), label="year in its name")
        ours = data.draw(st.booleans(), label="adopted")
        odd = plans.a_partition(*edges, name=f"p{lie}_{next(plans.OIDS)}", ours=ours)
        self.tree = evolve(self.tree, partitions=(*self.tree.partitions, odd))

    @precondition(lambda self: self.tree.partitions)
    @rule(data=st.data())
    def somebody_drops_a_partition(self, data: st.DataObject) -> None:
        gone = data.draw(st.sampled_from(self.tree.partitions), label="dropped")
        left = tuple(one for one in self.tree.partitions if one.oid != gone.oid)
        there = tuple(one for one in self.tree.bin if one.oid != gone.oid)
        self.tree = evolve(self.tree, partitions=left, bin=there)

    @precondition(lambda self: self.tree.partitions)
    @rule(data=st.data())
    def somebody_holds_a_partition(self, data: st.DataObject) -> None:
        held = data.draw(st.sampled_from(self.tree.partitions), label="held")
        unit = length(self.table.strategy.partition_interval)
        until = self.now + unit * data.draw(st.integers(-1, 6), label="for")
        self._replace(held, hold_until=until, hold_reason="audit")

    @rule()
    def somebody_adopts(self) -> None:
        found = adoption(self.table, self.tree, self.codec, self.now)
        for partition in found.accepted:
            self._replace(partition, ours=True)

    @precondition(lambda self: self.tree.default is None)
    @precondition(lambda self: not any(p.pending for p in self.tree.partitions))
    @precondition(lambda self: self.tree.partitions)
    @rule(data=st.data())
    def a_detach_is_cut_short(self, data: st.DataObject) -> None:
        """By us, who recorded the intent, or by somebody by hand."""
        cut = data.draw(st.sampled_from(self.tree.partitions), label="cut short")
        self._replace(cut, pending=True)
        if cut.ours and data.draw(st.booleans(), label="recorded"):
            self._intend(cut)

    @precondition(lambda self: self.tree.partitions)
    @rule(data=st.data())
    def a_run_ends_between_recording_and_detaching(self, data: st.DataObject) -> None:
        ours = [one for one in self.tree.partitions if one.ours]
        assume(ours)
        self._intend(data.draw(st.sampled_from(ours), label="intended"))

    @precondition(lambda self: any(p.pending for p in self.tree.partitions))
    @rule()
    def somebody_finalizes(self) -> None:
        left = tuple(one for one in self.tree.partitions if not one.pending)
        gone = {one.oid for one in self.tree.partitions if one.pending}
        self.tree = evolve(
            self.tree,
            partitions=left,
            bin=tuple(
                evolve(one, attached=False) if one.oid in gone else one
                for one in self.tree.bin
            ),
        )

    @rule(data=st.data())
    def maintain_is_interrupted(self, data: st.DataObject) -> None:
        """Some operations are done, and one table is built and not attached."""
        plan = self._plan()
        ready = data.draw(st.integers(0, len(plan.operations)), label="done")
        rest = plan.operations[ready:]
        self.tree = plans.done(self.tree, plan.operations[:ready], self.codec, self.now)
        if rest and isinstance(rest[0], Create) and rest[0].built is None:
            built = Partition(
                oid=next(plans.OIDS), name=rest[0].name, bounds=rest[0].bounds
            )
            self.tree = evolve(self.tree, built=(*self.tree.built, built))

    @rule()
    def maintain(self) -> None:
        plan = self._plan()
        note(str(plan))
        self._creations_close_every_gap(plan)
        self._only_what_may_go_goes(plan)
        self._not_too_much_goes(plan)
        self._all_that_is_old_goes()
        assert plan == self._plan(), "the same arguments give the same plan"
        before = self.tree
        self.tree = plans.done(before, plan.operations, self.codec, self.now)
        self._all_that_is_wanted_is_there()
        again = self._plan()
        assert again.operations == (), "law 1: the second plan is empty"

    @rule(data=st.data())
    def maintenance_goes_on(self, data: st.DataObject) -> None:
        """As in a quiet year."""
        for _ in range(data.draw(st.integers(1, 8), label="times")):
            self.time_passes(data)
            self.maintain()

    @invariant()
    def nothing_overlaps(self) -> None:
        if hasattr(self, "tree"):
            held = plans.in_order(self.codec, (p.bounds for p in self.tree.partitions))
            assert all(one[1] <= other[0] for one, other in pairwise(held))

    # What the rules are made of.

    def _plan(self, **options: object) -> TablePlan:
        return plans.planned(self.table, self.tree, self.codec, self.now, **options)

    def _replace(self, partition: Partition, **changes: object) -> None:
        self.tree = evolve(
            self.tree,
            partitions=tuple(
                evolve(one, **changes) if one.oid == partition.oid else one
                for one in self.tree.partitions
            ),
        )

    def _intend(self, partition: Partition) -> None:
        if any(one.oid == partition.oid for one in self.tree.bin):
            return
        intent = Retired(
            oid=partition.oid,
            name=partition.name,
            bounds=partition.bounds,
            action="drop",
            retired_at=self.now,
            due=self.now,
            attached=True,
        )
        self.tree = evolve(self.tree, bin=(*self.tree.bin, intent))

    def _wanted(self) -> list[tuple]:
        seen = level(self.table, self.tree, self.codec, self.now)
        return [span_of(self.codec, one.bounds) for one in seen.wanted]

    def _blocked(self) -> list[tuple]:
        """Return what somebody else's unfinished detach keeps from being created."""
        return plans.in_order(
            self.codec, (p.bounds for p in self.tree.partitions if p.pending)
        )

    def _all_that_is_wanted_is_there(self) -> None:
        """Law 3."""
        taken, blocked = plans.spans(self.tree, self.codec), self._blocked()
        rests = [rest for one in self._wanted() for rest in uncovered(one, taken)]
        if blocked:
            waiting = pieces(self._wanted(), taken)
            assert all(overlaps((p.lower, p.upper), blocked) for p in waiting)
        else:
            assert rests == []
        assert not self.table.default_partition or self.tree.default

    def _creations_close_every_gap(self, plan: TablePlan) -> None:
        """Law 3: nothing is created twice, and nothing that is not wanted."""
        wanted = self._wanted()
        for made in plans.of_kind(plan, Create):
            if isinstance(made.bounds, RangeBounds):
                lower, upper = span_of(self.codec, made.bounds)
                assert uncovered((lower, upper), wanted) == []

    def _only_what_may_go_goes(self, plan: TablePlan) -> None:
        """Laws 2, 4 and 5."""
        wanted = self._wanted()
        kept = self.table.section(Retention)
        for detach in plans.of_kind(plan, Detach):
            partition = detach.partition
            held = span_of(self.codec, partition.bounds)
            assert partition.ours, "law 5"
            assert kept is not None, "law 6: no retention unless it is written"
            assert partition.hold_until is None or partition.hold_until <= self.now
            assert not overlaps(held, wanted), "law 2: nobody wants it"
            assert held[1] <= self._reached(self.now), "law 2: it is over"
            ended = instant(self.codec, held[1], self.timezone)
            assert self.codec.wall or ended <= self.now, "law 2: it is over"
            if kept.retention_count is None:
                assert self._is_over_age(partition), "law 4"

    def _is_over_age(self, partition: Partition) -> bool:
        kept, (upper,) = self.table.section(Retention), partition.bounds.upper
        if kept is None or kept.retention_period is None:
            return False
        period = kept.retention_period
        return is_over_age(self.kind, upper, period, self.now, self.timezone)

    def _reached(self, moment: datetime) -> int:
        return last_position(self.codec, moment, self.timezone, None)

    def _all_that_is_old_goes(self) -> None:
        """Law 4, the other way round: by age, nothing is forgotten."""
        if any(p.pending for p in self.tree.partitions):
            return
        wanted = self._wanted()
        freely = self._plan(max_drops=10**6)
        going = {detach.partition.oid for detach in plans.of_kind(freely, Detach)}
        for partition in self.tree.partitions:
            held = span_of(self.codec, partition.bounds)
            free = partition.hold_until is None or partition.hold_until <= self.now
            gone = self._is_over_age(partition) and not overlaps(held, wanted)
            if partition.ours and free and gone:
                assert partition.oid in going

    def _has_begun(self, bounds: Any) -> bool:
        held = span_of(self.codec, bounds)
        if held is None:
            return False
        began = instant(self.codec, held[0], self.timezone)
        if began is None:  # MINVALUE, or long before the calendar of datetime
            return held[0] < 0
        local = wall_clock(self.now, zone(self.timezone))
        mine = self.codec.moment(held[0])
        return mine <= local if self.codec.wall else began <= self.now

    def _not_too_much_goes(self, plan: TablePlan) -> None:
        """Law 6."""
        there = [one for one in self.tree.partitions if not one.pending]
        going = len(plans.of_kind(plan, Detach))
        kept = self.table.section(Retention)
        created = plans.of_kind(plan, Create)
        made = [one for one in created if isinstance(one.bounds, RangeBounds)]
        begun = [one for one in (*there, *made) if self._has_begun(one.bounds)]
        limit = (kept and kept.max_drops) or max(1, len(begun) // 2)
        assert limit <= max(1, (len(there) + len(made)) // 2) or kept.max_drops
        assert going <= limit
        freely = self._plan(max_drops=10**6)
        assert [c.bounds for c in plans.of_kind(freely, Create)] == [
            c.bounds for c in created
        ], "creations are never held back"
        due = len(plans.of_kind(freely, Detach))
        if len(there) == len(self.tree.partitions):
            # a half-detached one lets no other go, however many are due
            assert ("max-drops" in plans.codes(plan.findings)) == (due > limit)
        assert going == (due if due <= limit else 0)


@pytest.mark.parametrize("kind", plans.TIME_KINDS)
def test_the_laws_hold_over_any_history(kind: str) -> None:
    machine = type(f"HistoryOf{kind}", (History,), {"kind": kind})
    run_state_machine_as_test(
        machine, settings=settings(max_examples=30, stateful_step_count=20)
    )
