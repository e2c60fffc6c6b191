"""The laws over whole histories, on a real server: time passes, people interfere.

Beside the database runs a model of what must still be there: which rows can be seen
through the table, which lie in tables that left it, and what of that may be gone.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from itertools import count
from typing import Any

import psycopg
from attrs import evolve
from hypothesis import HealthCheck, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from psycopg.conninfo import make_conninfo

from partman_core import Engine

from ..conftest import drop_database, new_database
from .history import HOUR, LONGEST, SHORTEST, Child, Events, Fuse, Fused, Out, wishes

SERIAL = count(1)
MANY = 10**6
OVERFULL = "23514"
"""DEFAULT holds rows of the new partition: it cannot be made until they are moved."""


class History(RuleBasedStateMachine):
    """One table through time.

    :ivar seen: the rows that can be seen through the table.
    :ivar out: what left the table, by oid.
    :ivar foreign: oids of partitions that partman neither made nor adopted.
    """

    server: str
    template: str

    def __init__(self) -> None:
        super().__init__()
        self.database = f"partman_history_{next(SERIAL)}"
        new_database(self.server, self.database, self.template)
        self.dsn = make_conninfo(self.server, dbname=self.database)
        self.events = Events(self.dsn)
        self.fuse = Fuse()
        self.engine = Engine(self._connect, clock=lambda: self.now, plugins=[self.fuse])
        self.serial = count(1)
        self.seen: set[int] = set()
        self.out: dict[int, Out] = {}
        self.foreign: set[int] = set()

    def teardown(self) -> None:
        self.events.pg.close()
        drop_database(self.server, self.database)

    def _connect(self) -> Fused:
        self.latest = Fused.connect(self.dsn, autocommit=True)
        self.latest.fuse = self.fuse
        return self.latest

    # What happens.

    @initialize(
        now=st.datetimes(datetime(2019, 1, 1), datetime(2026, 12, 31)),
        data=st.data(),
    )
    def begin(self, now: datetime, data: st.DataObject) -> None:
        self.now = now.replace(tzinfo=UTC)
        self.declare(data)

    @rule(data=st.data())
    def declare(self, data: st.DataObject) -> None:
        self.wish = data.draw(wishes(self.now), label="wish")
        self.engine.register("events", confirm=True, **self.wish.settings())

    @rule(change=st.sampled_from(["unit", "ready", "zone", "kept"]), data=st.data())
    def change_one_setting(self, change: str, data: st.DataObject) -> None:
        other = data.draw(wishes(self.now), label="wish")
        wish = evolve(self.wish, **{change: getattr(other, change)})
        if wish.start is not None and wish.start < self.now - 40 * SHORTEST[wish.unit]:
            wish = evolve(wish, start=None)
        self.wish = wish
        self.engine.register("events", confirm=True, **wish.settings())

    @rule(quarters=st.integers(1, 12), days=st.just(0) | st.integers(0, 400))
    def time_passes(self, quarters: int, days: int) -> None:
        unit = SHORTEST[self.wish.unit]
        later = self.now + quarters * unit / 4 + days * 24 * HOUR
        if self.wish.start is not None:  # else there would be thousands of partitions
            later = min(later, self.wish.start + 40 * unit)
        self.now = max(self.now, later)

    @rule(passes=st.lists(st.integers(1, 12), min_size=1, max_size=4))
    def time_passes_in_care(self, passes: list[int]) -> None:
        for quarters in passes:
            self.maintain(every=True)
            self.time_passes(quarters, days=0)
        self.maintain(every=False)

    @rule(quarters=st.integers(-30, 30))
    def a_row_comes(self, quarters: int) -> None:
        """If anything takes it."""
        with suppress(psycopg.errors.CheckViolation):
            self._insert(self.now + quarters * SHORTEST[self.wish.unit] / 4)

    @rule(every=st.booleans())
    def maintain(self, every: bool) -> None:
        before, rows = self.events.children(), self.events.placed()
        report = self.engine.maintain(max_drops=MANY if every else None)
        note(str(report))
        self._look_after(before, rows)
        assert report.tables[0].error is None
        failed = [out for out in report.tables[0].outcomes if out.result != "done"]
        assert all(map(self._is_expected, failed)), failed
        self._no_gap_is_left([out.operation.bounds for out in failed])
        if not failed:
            assert self.engine.plan().operations == (), "law 1"
            self._rows_are_taken()
        if every and not failed:
            self._nothing_is_kept_too_long()

    @rule(kind=st.sampled_from(["event", "before", "after"]), left=st.integers(1, 16))
    def a_run_is_cut_short(self, kind: str, left: int) -> None:
        before, rows = self.events.children(), self.events.placed()
        self.fuse.left = {kind: left}
        with suppress(KeyboardInterrupt):
            note(str(self.engine.maintain(max_drops=MANY)))
        self.fuse.left.clear()
        self.latest.close()  # it may have been cut short before it was the engine's
        self._look_after(before, rows)

    @rule()
    def adopt(self) -> None:
        for partition in self.engine.import_existing_partitions(
            "events", confirm=True
        ).accepted:
            self.foreign.discard(partition.oid)
        assert self.engine.import_existing_partitions("events").accepted == ()

    @precondition(lambda self: self.events.children())
    @rule(data=st.data())
    def somebody_drops_a_partition(self, data: st.DataObject) -> None:
        oid, child, rows = self._one(data)
        self.events.pg.execute(f"DROP TABLE {child.name}")
        self.seen -= rows
        self.out.pop(oid, None)

    @precondition(lambda self: self.events.children())
    @rule(data=st.data(), how=st.sampled_from(["", "CONCURRENTLY"]))
    def somebody_detaches_a_partition(self, data: st.DataObject, how: str) -> None:
        oid, child, rows = self._one(data)
        detach = f"ALTER TABLE events DETACH PARTITION {child.name} {how}"
        if self.events.try_to(detach):
            self._is_out(oid, Out(child, rows))

    @precondition(lambda self: self.events.children())
    @rule(data=st.data())
    def somebodys_detach_is_cut_short(self, data: st.DataObject) -> None:
        """As somebody reads the table: its rows are out of sight from then on."""
        oid, child, rows = self._one(data)
        with psycopg.connect(self.dsn) as reader:
            reader.execute("SELECT FROM events LIMIT 1")
            self.events.pg.execute("SET statement_timeout = '50ms'")
            detach = f"ALTER TABLE events DETACH PARTITION {child.name} CONCURRENTLY"
            self.events.try_to(detach)
            self.events.pg.execute("RESET statement_timeout")
        if self.events.children()[oid].pending and not child.pending:
            self._is_out(oid, Out(child, rows))

    @rule(data=st.data(), shift=st.integers(-12, 12), beside=st.booleans())
    def somebody_adds_a_partition(
        self, data: st.DataObject, shift: int, beside: bool
    ) -> None:
        """On the grid or beside it: one period, half of one, several, or for ever."""
        unit = SHORTEST[self.wish.unit]
        begin = self._floor(self.now + shift * unit)
        lower = begin + unit / 2 if beside else begin
        ends = {
            "period": self._floor(begin + 1.5 * LONGEST[self.wish.unit]),
            "half": lower + unit / 2,
            "three": lower + 3 * unit,
            "ever": None,
        }
        upper = ends[data.draw(st.sampled_from(list(ends)), label="width")]
        to = "MAXVALUE" if upper is None else f"'{upper}'"
        name = self._a_name(data)
        values = f"FROM ('{lower}') TO ({to})"
        self.events.try_to(
            f"CREATE TABLE {name} PARTITION OF events FOR VALUES {values}"
        )
        there = self.events.children().items()
        self.foreign |= {oid for oid, child in there if child.name == name}

    @precondition(lambda self: self.out)
    @rule(data=st.data())
    def somebody_attaches_one_again(self, data: st.DataObject) -> None:
        oid = data.draw(st.sampled_from(sorted(self.out)), label="attached again")
        name, clause = self.events.name(oid), self.out[oid].child.clause
        if self.events.try_to(f"ALTER TABLE events ATTACH PARTITION {name} {clause}"):
            self.seen |= self.out.pop(oid).rows
            if not self.events.is_recorded(oid):
                self.foreign.add(oid)

    # What must always be so.

    @invariant()
    def what_is_recorded_is_what_is_there(self) -> None:
        if hasattr(self, "wish"):
            assert self.events.disagreeing() == []

    @invariant()
    def no_row_is_lost(self) -> None:
        assert set().union(*self.events.placed().values()) == self.seen
        for oid, out in list(self.out.items()):
            name = self.events.name(oid)
            if name is not None:
                assert self.events.rows(name) == out.rows, name
            else:
                assert self._may_be_dropped(oid, out), f"{oid}: {out}"
                del self.out[oid]

    # What the rules are made of.

    def _insert(self, at: datetime) -> None:
        n = next(self.serial)
        self.events.insert(at, n)
        self.seen.add(n)

    def _one(self, data: st.DataObject) -> tuple[int, Child, set[int]]:
        there = sorted(self.events.children().items())
        oid, child = data.draw(st.sampled_from(there), label="partition")
        return oid, child, self.events.rows(child.name)

    def _is_out(self, oid: int, out: Out) -> None:
        self.seen -= out.rows
        self.out[oid] = out

    def _a_name(self, data: st.DataObject) -> str:
        """Return any name, or just the one that partman would give next."""
        due = [o.name for o in self.engine.plan().operations if o.kind == "create"]
        if due and data.draw(st.booleans(), label="partman's own name"):
            return due[-1].relation
        return f"x{next(self.serial)}"

    def _floor(self, at: datetime) -> datetime:
        return self.events.floor(at, self.wish.unit, self.wish.zone)

    def _look_after(self, before: dict[int, Child], rows: dict[int, set[int]]) -> None:
        """See that a run retired only what it may; the rest must be as it was."""
        for oid in before.keys() - self.events.children().keys():
            child = before[oid]
            if not child.pending:
                assert oid not in self.foreign, f"law 5: {child}"
                assert self._is_over(child), f"law 4: {child}"
                due = self.wish.due(self.now)
                self._is_out(oid, Out(child, rows.get(oid, set()), due))

    def _is_over(self, child: Child) -> bool:
        since = self.wish.kept_since(self.now)
        return since is not None and child.upper is not None and child.upper <= since

    def _may_be_dropped(self, oid: int, out: Out) -> bool:
        """Partman took it out and its time is up, or would take it out now."""
        if out.due is not None:
            return out.due <= self.now
        return oid not in self.foreign and self._is_over(out.child)

    def _is_expected(self, out: Any) -> bool:
        """DEFAULT may hold rows; what somebody detached by hand has no CHECK."""
        if out.operation.kind == "create":
            there = self.events.children().values()
            return out.sqlstate == OVERFULL and any(c.lower is None for c in there)
        return out.operation.kind == "drop" and "CHECK" in out.message

    def _no_gap_is_left(self, failed: list[Any]) -> None:
        at, last = self.wish.window(self.now)
        there = [child for child in self.events.children().values() if child.lower]
        held = [(c.lower, c.upper) for c in there if not c.pending] + self._waiting()
        for bounds in failed:  # what DEFAULT has rows of
            if hasattr(bounds, "lower"):
                ends = (bounds.lower[0], bounds.upper[0])
                held.append(tuple(map(datetime.fromisoformat, ends)))
        for lower, upper in sorted(held):
            if lower <= at < upper:
                at = upper
        assert at > last, f"nothing for {at}; wanted up to {last}: {held}"

    def _waiting(self) -> list[tuple[datetime, datetime]]:
        """Return where nothing can be created while somebody's detach is unfinished."""
        around = LONGEST[self.wish.unit]
        end = datetime.max.replace(tzinfo=UTC) - around
        return [
            (child.lower - around, min(child.upper, end) + around)
            for child in self.events.children().values()
            if child.pending
        ]

    def _rows_are_taken(self) -> None:
        begin, last = self.wish.window(self.now)
        for quarter in range(5):
            at = begin + (last - begin) * quarter / 4
            if not any(lower <= at < upper for lower, upper in self._waiting()):
                self._insert(at)

    def _nothing_is_kept_too_long(self) -> None:
        """But for what lies in a period that is wanted still, or already."""
        there = self.events.children()
        if any(child.pending for child in there.values()):
            return  # nothing can be detached until that is finished
        begin = self.wish.window(self.now)[0] - LONGEST[self.wish.unit]
        for oid, child in there.items():
            if self._is_over(child) and child.upper <= begin:
                assert oid in self.foreign, f"{child} is kept too long"


def test_the_laws_hold_over_any_history(server_dsn: str, template_db: str) -> None:
    machine = type("Any", (History,), {"server": server_dsn, "template": template_db})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=60,
            stateful_step_count=15,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
