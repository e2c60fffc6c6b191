"""The laws over whole histories, on a real server: time passes, people interfere.

Beside the database runs a model of what must still be there: which rows can be seen
through the table, which lie in tables that left it, and what of that may be gone.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import count, pairwise
from typing import Any

import psycopg
from attrs import define, evolve, frozen
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

from partman_core import Engine, hookimpl

from ..conftest import drop_database, new_database

SERIAL = count(1)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ZONES = ("UTC", "America/Havana", "Africa/Cairo")
"""Two of the zones change their clocks at midnight: that day has none."""
SHORTEST = {"hour": HOUR, "day": 23 * HOUR, "week": 167 * HOUR, "month": 671 * HOUR}
LONGEST = {"hour": HOUR, "day": 25 * HOUR, "week": 169 * HOUR, "month": 745 * HOUR}
OVERFULL = "23514"
"""DEFAULT holds rows of the new partition: it cannot be made until they are moved."""

CHILDREN = """
SELECT c.oid, c.oid::regclass::text, i.inhdetachpending,
       pg_get_expr(c.relpartbound, c.oid)
  FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
 WHERE i.inhparent = 'events'::regclass AND c.relkind = 'r'"""

DISAGREEING = """
SELECT c.oid::regclass, m.bounds, pg_get_expr(c.relpartbound, c.oid)
  FROM partman.managed_partitions m
  JOIN pg_inherits i ON i.inhrelid = m.relation AND i.inhparent = m.parent
  JOIN pg_class c ON c.oid = m.relation
 WHERE NOT m.attached OR m.bounds <> pg_get_expr(c.relpartbound, c.oid)"""


@frozen
class Wish:
    """What the table is registered with."""

    unit: str
    ready: int
    zone: str
    start: datetime | None
    kept: str | None
    action: str = "drop"
    grace: str | None = None
    default: bool = False

    def settings(self) -> dict[str, Any]:
        found = {
            "partition_by": "at",
            "partition_interval": f"1 {self.unit}",
            "partition_count": self.ready,
            "timezone": self.zone,
            "default_partition": self.default,
            "start": self.start and self.start.isoformat(),
            "retention_period": self.kept,
            "retention_action": self.kept and self.action,
            "grace_period": self.kept and self.action == "drop" and self.grace,
            "max_stall": "10 seconds",
        }
        return {key: value for key, value in found.items() if value}


@frozen
class Child:
    """A partition as the catalog has it; DEFAULT has no ends."""

    name: str
    pending: bool
    lower: datetime | None
    upper: datetime | None


@define
class Out:
    """A table that left its parent.

    :param rows: that are in it.
    :param ended: the upper bound that it had.
    :param due: from when on partman may drop it; None: not at all.
    """

    rows: set[int]
    ended: datetime | None
    due: datetime | None = None


class Fuse:
    """Ends a run: by Ctrl-C, at an event or at a statement, before it or after."""

    def __init__(self) -> None:
        self.left: dict[str, int] = {}

    def burn(self, kind: str) -> None:
        if kind in self.left:
            self.left[kind] -= 1
            if self.left[kind] <= 0:
                self.left.clear()
                raise KeyboardInterrupt

    @hookimpl
    def partman_event(self) -> None:
        self.burn("event")


class Fused(psycopg.Connection[Any]):
    fuse: Fuse

    def execute(self, *args: Any, **kwargs: Any) -> psycopg.Cursor[Any]:
        self.fuse.burn("before")
        done = super().execute(*args, **kwargs)
        self.fuse.burn("after")
        return done


@st.composite
def wishes(draw: st.DrawFn, now: datetime) -> Wish:
    unit = draw(st.sampled_from(list(SHORTEST)))
    start = None
    if draw(st.booleans()):
        start = now + draw(st.integers(-12, 3)) * SHORTEST[unit]
    quarters = draw(st.none() | st.integers(1, 40))
    hours = quarters and max(1, quarters * SHORTEST[unit] // (4 * HOUR))
    return Wish(
        unit=unit,
        ready=draw(st.integers(1, 6)),
        zone=draw(st.sampled_from(ZONES)),
        start=start,
        kept=hours and f"{hours} hours",
        action=draw(st.sampled_from(["drop", "drop", "detach"])),
        grace=draw(st.none() | st.just("2 days")),
        default=draw(st.integers(0, 5)) == 0,
    )


class History(RuleBasedStateMachine):
    """One table through time."""

    server: str
    template: str

    def __init__(self) -> None:
        super().__init__()
        self.database = f"partman_history_{next(SERIAL)}"
        new_database(self.server, self.database, self.template)
        self.dsn = make_conninfo(self.server, dbname=self.database)
        self.pg = psycopg.connect(self.dsn, autocommit=True)
        self.pg.execute("SET TimeZone = 'UTC'")
        self.pg.execute(
            "CREATE TABLE events (at timestamptz, n bigint, PRIMARY KEY (at, n))"
            " PARTITION BY RANGE (at)"
        )
        self.fuse = Fuse()
        self.engine = Engine(
            self._connect, clock=lambda: self.now, plugins=[self.fuse]
        )
        self.serial = count(1)
        self.seen: dict[int, datetime] = {}
        self.out: dict[int, Out] = {}
        self.foreign: set[int] = set()

    def teardown(self) -> None:
        self.pg.close()
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

    @rule(hours=st.integers(1, 72) | st.integers(1, 400).map(lambda days: 24 * days))
    def time_passes(self, hours: int) -> None:
        later = self.now + hours * HOUR + timedelta(minutes=17)
        if self.wish.start is not None:  # else there would be thousands of partitions
            later = min(later, self.wish.start + 40 * SHORTEST[self.wish.unit])
        self.now = max(self.now, later)

    @rule(quarters=st.integers(-30, 30))
    def a_row_comes(self, quarters: int) -> None:
        """If anything takes it."""
        with suppress(psycopg.errors.CheckViolation):
            self._insert(self.now + quarters * SHORTEST[self.wish.unit] / 4)

    @rule(every=st.booleans())
    def maintain(self, every: bool) -> None:
        before, rows = self._children(), self._placed()
        report = self.engine.maintain(max_drops=10**6 if every else None)
        note(str(report))
        self._look_after(before, rows)
        failed = [out for out in report.tables[0].outcomes if out.result != "done"]
        assert report.tables[0].error is None
        assert all(self._is_expected(out) for out in failed), failed
        self._no_gap_is_left([out.operation.bounds for out in failed])
        if not failed:
            assert self.engine.plan().operations == (), "law 1"
            self._rows_are_taken()
        if every and not failed:
            self._nothing_is_kept_too_long()

    @rule(
        kind=st.sampled_from(["event", "before", "after"]),
        left=st.integers(1, 16),
    )
    def a_run_is_cut_short(self, kind: str, left: int) -> None:
        before, rows = self._children(), self._placed()
        self.fuse.left = {kind: left}
        with suppress(KeyboardInterrupt):
            note(str(self.engine.maintain(max_drops=10**6)))
        self.fuse.left.clear()
        self.latest.close()  # it may have been cut short before it was the engine's
        self._look_after(before, rows)

    @rule()
    def adopt(self) -> None:
        for partition in self.engine.import_existing_partitions("events").accepted:
            self.foreign.discard(partition.oid)
        assert self.engine.import_existing_partitions("events").accepted == ()

    @precondition(lambda self: self._children())
    @rule(data=st.data())
    def somebody_drops_a_partition(self, data: st.DataObject) -> None:
        oid, child = self._one(data)
        rows = self._rows_of(child)
        self.pg.execute(f"DROP TABLE {child.name}")
        self._forget(rows)
        self.out.pop(oid, None)

    @precondition(lambda self: self._children())
    @rule(data=st.data(), concurrently=st.booleans())
    def somebody_detaches_a_partition(
        self, data: st.DataObject, concurrently: bool
    ) -> None:
        oid, child = self._one(data)
        rows, how = self._rows_of(child), "CONCURRENTLY" if concurrently else ""
        if self._by_hand(f"ALTER TABLE events DETACH PARTITION {child.name} {how}"):
            self._forget(rows)
            self.out[oid] = Out(rows, child.upper)

    @precondition(lambda self: self._children())
    @rule(data=st.data())
    def somebodys_detach_is_cut_short(self, data: st.DataObject) -> None:
        """As somebody reads the table: its rows are out of sight from then on."""
        oid, child = self._one(data)
        rows = self._rows_of(child)
        with psycopg.connect(self.dsn) as reader:
            reader.execute("SELECT FROM events LIMIT 1")
            self.pg.execute("SET statement_timeout = '50ms'")
            self._by_hand(
                f"ALTER TABLE events DETACH PARTITION {child.name} CONCURRENTLY"
            )
            self.pg.execute("RESET statement_timeout")
        if self._children()[oid].pending and not child.pending:
            self._forget(rows)
            self.out[oid] = Out(rows, child.upper)

    @rule(data=st.data(), shift=st.integers(-12, 12))
    def somebody_adds_a_partition(self, data: st.DataObject, shift: int) -> None:
        """On the grid or beside it, of one period, half of one, several, or for ever."""
        unit = SHORTEST[self.wish.unit]
        lower = upper = self._floor(self.now + shift * unit)
        if data.draw(st.booleans(), label="beside the grid"):
            lower += unit / 2
        width = data.draw(st.sampled_from(["period", "half", "three", "ever"]))
        if width == "period":
            upper = self._floor(upper + 1.5 * LONGEST[self.wish.unit])
        else:
            upper = lower + unit * {"half": 0.5, "three": 3}.get(width, 1)
        end = "MAXVALUE" if width == "ever" else f"'{upper}'"
        name = self._a_name(data)
        self._by_hand(
            f"CREATE TABLE {name} PARTITION OF events FOR VALUES FROM ('{lower}')"
            f" TO ({end})"
        )
        self.foreign |= {o for o, c in self._children().items() if c.name == name}

    @precondition(lambda self: self.out)
    @rule(data=st.data())
    def somebody_attaches_one_again(self, data: st.DataObject) -> None:
        oid = data.draw(st.sampled_from(sorted(self.out)), label="attached again")
        found = self.pg.execute(
            "SELECT %s::regclass::text, bounds FROM partman.managed_partitions"
            " WHERE relation = %s AND attached",
            [oid, oid],
        ).fetchone()
        if found and self._by_hand("ALTER TABLE events ATTACH PARTITION {} {}", *found):
            back = self.out.pop(oid)
            self.seen |= self._moments(found[0], back.rows)

    # What must always be so.

    @invariant()
    def what_is_recorded_is_what_is_there(self) -> None:
        if hasattr(self, "wish"):
            assert self.pg.execute(DISAGREEING).fetchall() == []

    @invariant()
    def no_row_is_lost(self) -> None:
        seen = {n for rows in self._placed().values() for n in rows}
        assert seen == set(self.seen)
        for oid, out in list(self.out.items()):
            name = self._name(oid)
            if name is not None:
                found = {n for (n,) in self.pg.execute(f"SELECT n FROM {name}")}
                assert found == out.rows, name
            else:
                assert self._may_be_dropped(oid, out), f"{oid}: {out}"
                del self.out[oid]

    # What the rules are made of.

    def _look_after(self, before: dict[int, Child], rows: dict[int, set[int]]) -> None:
        """See that a run retired only what it may; the rest must be as it was."""
        for oid in before.keys() - self._children().keys():
            child = before[oid]
            if child.pending:
                continue
            assert oid not in self.foreign, f"law 5: {child}"
            assert self._is_over(child.upper), f"law 4: {child}"
            gone = rows.get(oid, set())
            self._forget(gone)
            self.out[oid] = Out(gone, child.upper, self._due())

    def _due(self) -> datetime | None:
        if self.wish.action != "drop":
            return None
        return self.now + (2 * DAY - HOUR if self.wish.grace else timedelta())

    def _may_be_dropped(self, oid: int, out: Out) -> bool:
        """Partman took it out and its time is up, or would take it out now."""
        if out.due is not None:
            return out.due <= self.now
        return oid not in self.foreign and self._is_over(out.ended)

    def _is_over(self, upper: datetime | None) -> bool:
        since = self._kept_since()
        return since is not None and upper is not None and upper <= since

    def _kept_since(self) -> datetime | None:
        """Hours are hours, in every zone."""
        if self.wish.kept is None:
            return None
        return self.now - int(self.wish.kept.split()[0]) * HOUR

    def _is_expected(self, out: Any) -> bool:
        """DEFAULT may hold rows; what somebody detached by hand has no CHECK."""
        if out.operation.kind == "create":
            return bool(out.sqlstate == OVERFULL and self._default())
        return out.operation.kind == "drop" and "CHECK" in out.message

    def _window(self) -> tuple[datetime, datetime]:
        """Return what must be covered at least: each period has its shortest length."""
        begin = self.now
        if self.wish.start is not None:
            begin = self.wish.start
            if since := self._kept_since():
                begin = max(begin, min(since, self.now))
        ahead = (self.wish.ready - 1) * SHORTEST[self.wish.unit]
        return begin, max(begin, self.now) + ahead

    def _no_gap_is_left(self, failed: list[Any]) -> None:
        at, last = self._window()
        there = [child for child in self._children().values() if child.lower]
        held = [(c.lower, c.upper) for c in there if not c.pending] + self._waiting()
        for bounds in failed:  # what DEFAULT has rows of
            if hasattr(bounds, "lower"):
                ends = (bounds.lower[0], bounds.upper[0])
                held.append(tuple(map(datetime.fromisoformat, ends)))
        for lower, upper in sorted(held):
            if lower <= at < upper:
                at = upper
        assert at > last, f"nothing for {at}; wanted up to {last}: {held}"

    def _rows_are_taken(self) -> None:
        begin, last = self._window()
        for quarter in range(5):
            at = begin + (last - begin) * quarter / 4
            if not any(lower <= at < upper for lower, upper in self._waiting()):
                self._insert(at)

    def _waiting(self) -> list[tuple[datetime, datetime]]:
        """Return where nothing can be created while somebody's detach is unfinished."""
        around = LONGEST[self.wish.unit]
        return [
            (child.lower - around, max(child.upper, child.upper + around))
            for child in self._children().values()
            if child.pending
        ]

    def _nothing_is_kept_too_long(self) -> None:
        for oid, child in self._children().items():
            if oid in self.foreign or child.pending or not self._is_over(child.upper):
                continue
            raise AssertionError(f"{child} is kept too long")

    def _children(self) -> dict[int, Child]:
        found = {
            oid: Child(name, pending, *_ends(bounds))
            for oid, name, pending, bounds in self.pg.execute(CHILDREN)
        }
        ranges = sorted((c.lower, c.upper) for c in found.values() if c.lower)
        assert all(one[1] <= other[0] for one, other in pairwise(ranges))
        return found

    def _default(self) -> bool:
        return any(child.lower is None for child in self._children().values())

    def _placed(self) -> dict[int, set[int]]:
        placed: dict[int, set[int]] = {}
        for oid, n in self.pg.execute("SELECT tableoid, n FROM events"):
            placed.setdefault(oid, set()).add(n)
        return placed

    def _rows_of(self, child: Child) -> set[int]:
        return {n for (n,) in self.pg.execute(f"SELECT n FROM {child.name}")}

    def _moments(self, name: str, rows: set[int]) -> dict[int, datetime]:
        found = dict(self.pg.execute(f"SELECT n, at FROM {name}").fetchall())
        assert set(found) == rows
        return found

    def _forget(self, rows: set[int]) -> None:
        for n in rows:
            self.seen.pop(n, None)

    def _insert(self, at: datetime) -> None:
        n = next(self.serial)
        self.pg.execute("INSERT INTO events VALUES (%s, %s)", [at, n])
        self.seen[n] = at

    def _one(self, data: st.DataObject) -> tuple[int, Child]:
        there = sorted(self._children().items())
        return data.draw(st.sampled_from(there), label="partition")

    def _name(self, oid: int) -> str | None:
        asked = "SELECT oid::regclass::text FROM pg_class WHERE oid = %s"
        found = self.pg.execute(asked, [oid]).fetchone()
        return found and found[0]

    def _a_name(self, data: st.DataObject) -> str:
        """Return any name, or just the one that partman would give next."""
        due = [o.name for o in self.engine.plan().operations if o.kind == "create"]
        if due and data.draw(st.booleans(), label="partman's own name"):
            return due[-1].relation
        return f"x{next(self.serial)}"

    def _floor(self, at: datetime) -> datetime:
        zone = "UTC" if self.wish.unit == "hour" else self.wish.zone
        asked = "SELECT date_trunc(%s, %s::timestamptz, %s)"
        return self.pg.execute(asked, [self.wish.unit, at, zone]).fetchone()[0]

    def _by_hand(self, statement: str, *parts: str) -> bool:
        """Do what somebody may try; PostgreSQL refuses some of it."""
        try:
            self.pg.execute(statement.format(*parts))
        except psycopg.Error as error:
            note(f"refused: {error}")
            return False
        return True


def _ends(bounds: str) -> tuple[datetime | None, datetime | None]:
    if bounds == "DEFAULT":
        return None, None
    lower, upper = bounds.removeprefix("FOR VALUES FROM (").split(") TO (")
    return _moment(lower), _moment(upper.removesuffix(")"))


def _moment(text: str) -> datetime:
    if text == "MAXVALUE":
        return datetime.max.replace(tzinfo=UTC)
    return datetime.fromisoformat(text.strip("'"))


def test_the_laws_hold_over_any_history(server_dsn: str, template_db: str) -> None:
    machine = type(
        "AnyHistory", (History,), {"server": server_dsn, "template": template_db}
    )
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=40,
            stateful_step_count=15,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
