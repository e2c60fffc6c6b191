"""Levels through time: sub-trees come and go, by partman, by hand, and by adoption.

Beside the database runs a model of which rows there must be: none is lost but by
retention, of a partition that partman made or adopted; and where something is wanted,
rows are taken at every level.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import psycopg
import pytest
from attrs import evolve, frozen
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

import partman_listhash
from partman_core import Engine

from ..conftest import drop_database, new_database
from .history import Fuse, Fused

SERIAL = count(1)
DAY = timedelta(days=1)
MONTH = 31 * DAY
MANY = 10**6
SHORTEST = {"1 week": 7 * DAY, "1 month": 28 * DAY}
KINDS = ("a", "b", "c", "d")
KEYS = {"months, then a hash": "RANGE (at)", "a list, then months": "LIST (kind)"}

ALL = """
WITH RECURSIVE down(oid, part) AS (
    SELECT 'events'::regclass::oid, NULL::oid
     UNION ALL
    SELECT i.inhrelid, CASE p.partstrat WHEN 'r' THEN i.inhrelid ELSE d.part END
      FROM down d
      JOIN pg_inherits i ON i.inhparent = d.oid
      JOIN pg_partitioned_table p ON p.partrelid = d.oid)
SELECT d.oid, d.oid::regclass::text, d.part, i.inhdetachpending, p.partstrat,
       pg_get_expr(c.relpartbound, c.oid)
  FROM down d
  JOIN pg_inherits i ON i.inhrelid = d.oid
  JOIN pg_class c ON c.oid = d.oid
  LEFT JOIN pg_partitioned_table p ON p.partrelid = d.oid"""


@frozen
class Wish:
    """What the table is registered with.

    :ivar kept: for how many days; None: for ever.
    :ivar parts: so many parts of a hash, or lists.
    """

    unit: str
    ready: int
    kept: int | None
    parts: int

    def settings(self, key: str) -> dict[str, Any]:
        ranges = {
            "partition_type": "range",
            "partition_by": "at",
            "partition_interval": self.unit,
            "partition_count": self.ready,
        }
        kept = {} if self.kept is None else {"retention_period": f"{self.kept} days"}
        if key.startswith("LIST"):
            lists = {"partition_type": "list", "values": list(KINDS[: self.parts])}
            return {**lists, **kept, "subpartition": ranges}
        hashes = {"partition_type": "hash", "partition_by": "id", "modulus": self.parts}
        return {**ranges, **kept, "subpartition": hashes}

    def since(self, now: datetime) -> datetime:
        """Say since when rows are kept."""
        if self.kept is None:
            return datetime.min.replace(tzinfo=UTC)
        return now - self.kept * DAY


WISHES = st.builds(
    Wish,
    unit=st.sampled_from(["1 month", "1 month", "1 week"]),
    ready=st.integers(1, 3),
    kept=st.sampled_from([None, 20, 50, 100]),
    parts=st.integers(2, 3),
)


@frozen
class Part:
    """A partition at any level.

    :ivar range: oid of the range that it is, or is inside of; None: of none.
    :ivar split: how it is partitioned again; None: it holds rows.
    """

    name: str
    range: int | None
    pending: bool
    split: str | None
    clause: str

    @property
    def upper(self) -> datetime:
        """Where a range ends."""
        end = self.clause.removesuffix(")").split(") TO (")[1]
        return datetime.fromisoformat(end.strip("'"))


class Nesting(RuleBasedStateMachine):
    """One table of two levels.

    :ivar rows: the numbers of those that must be there.
    :ivar foreign: oids of ranges that partman neither made nor adopted.
    """

    server: str
    template: str
    key: str

    def __init__(self) -> None:
        super().__init__()
        self.database = f"partman_nesting_{next(SERIAL)}"
        new_database(self.server, self.database, self.template)
        self.dsn = make_conninfo(self.server, dbname=self.database)
        self.pg = psycopg.connect(self.dsn, autocommit=True)
        self.pg.execute("SET TimeZone = 'UTC'")
        self.pg.execute(
            "CREATE TABLE events (at timestamptz NOT NULL, kind text, id bigint)"
            f" PARTITION BY {self.key}"
        )
        self.fuse = Fuse()
        self.engine = Engine(
            self._connect, clock=lambda: self.now, plugins=[partman_listhash, self.fuse]
        )
        self.serial = count(1)
        self.rows: set[int] = set()
        self.foreign: set[int] = set()

    def teardown(self) -> None:
        self.pg.close()
        drop_database(self.server, self.database)

    def _connect(self) -> Fused:
        self.latest = Fused.connect(self.dsn, autocommit=True)
        self.latest.fuse = self.fuse
        return self.latest

    # What happens.

    @initialize(wish=WISHES, days=st.integers(0, 60))
    def begin(self, wish: Wish, days: int) -> None:
        self.now = datetime(2026, 1, 1, 15, 40, tzinfo=UTC) + days * DAY
        self.declare(wish)

    @rule(wish=WISHES)
    def declare(self, wish: Wish) -> None:
        self.wish = wish
        self.engine.register("events", confirm=True, **wish.settings(self.key))

    @rule(change=st.sampled_from(["unit", "kept", "parts"]), other=WISHES)
    def change_one_setting(self, change: str, other: Wish) -> None:
        self.declare(evolve(self.wish, **{change: getattr(other, change)}))

    @rule(days=st.integers(1, 45))
    def time_passes(self, days: int) -> None:
        self.now += days * DAY

    @rule(days=st.integers(-60, 60), kind=st.sampled_from(KINDS))
    def a_row_comes(self, days: int, kind: str) -> None:
        """If anything takes it."""
        with suppress(psycopg.errors.CheckViolation):
            self._insert(self.now + days * DAY, kind)

    @rule()
    def maintain(self) -> None:
        before, placed = self._parts(), self._placed()
        report = self.engine.maintain(max_drops=MANY)
        note(str(report))
        self._look_after(before, placed)
        [table] = report.tables
        assert table.error is None
        assert [out for out in table.outcomes if out.result != "done"] == []
        assert self.engine.plan().operations == (), "law 1"
        self._rows_are_taken()
        self._nothing_is_kept_too_long()

    @rule(kind=st.sampled_from(["event", "before", "after"]), left=st.integers(1, 16))
    def a_run_is_cut_short(self, kind: str, left: int) -> None:
        before, placed = self._parts(), self._placed()
        self.fuse.left = {kind: left}
        with suppress(KeyboardInterrupt):
            note(str(self.engine.maintain(max_drops=MANY)))
        self.fuse.left.clear()
        self.latest.close()  # it may have been cut short before it was the engine's
        self._look_after(before, placed)

    @rule()
    def adopt(self) -> None:
        taken = self.engine.import_existing_partitions("events", confirm=True)
        self.foreign -= {partition.oid for partition in taken.accepted}
        assert self.engine.import_existing_partitions("events").accepted == ()

    @precondition(lambda self: self._parts())
    @rule(data=st.data())
    def somebody_drops_a_partition(self, data: st.DataObject) -> None:
        """One that holds rows, or one with all that is inside of it.

        What is partitioned in another way is whole: partman adds nothing to it.
        """
        names = sorted(part.name for part in self._parts().values())
        there = [name for name in names if not name.endswith("_all")]
        name = data.draw(st.sampled_from(there), label="dropped")
        self.rows -= {n for (n,) in self.pg.execute(f"SELECT id FROM {name}")}
        self.pg.execute(f"DROP TABLE {name}")

    @rule(
        months=st.integers(-3, 4),
        days=st.sampled_from([(0, 0), (0, 15), (14, 14), (0, 60)]),
        inside=st.sampled_from(["rows", "nothing", "parts", "others"]),
        kind=st.sampled_from(KINDS),
    )
    def somebody_adds_a_partition(
        self, months: int, days: tuple[int, int], inside: str, kind: str
    ) -> None:
        """On the grid or beside it, of any size, with all inside of it, or less."""
        lower = self._month(self.now + months * MONTH)
        upper = self._month(lower + MONTH + 5 * DAY)
        if days != (0, 0):
            lower, upper = lower + days[0] * DAY, lower + days[1] * DAY + DAY
        span = f"FROM ('{lower}') TO ('{upper}')"
        if self.key.startswith("RANGE"):
            self._add("events", span, inside, "HASH (id)", HALVES)
            return
        lists = [p.name for p in self._parts().values() if p.split == "r"]
        for name in lists[:1]:
            self._add(name, span, "rows")
        months_of = {"_1": span}
        self._add("events", f"IN ('{kind}')", inside, "RANGE (at)", months_of)

    # What must always be so.

    @invariant()
    def no_row_is_lost(self) -> None:
        there = {n for (n,) in self.pg.execute("SELECT id FROM events")}
        assert self.rows <= there

    # What the rules are made of.

    def _parts(self) -> dict[int, Part]:
        return {oid: Part(*rest) for oid, *rest in self.pg.execute(ALL)}

    def _ranges(self) -> dict[int, Part]:
        return {oid: p for oid, p in self._parts().items() if p.range == oid}

    def _placed(self) -> dict[int, int | None]:
        """Return in which range each row is, if it is in any."""
        parts = self._parts()
        rows = self.pg.execute("SELECT id, tableoid FROM events")
        return {n: parts[oid].range for n, oid in rows}

    def _insert(self, at: datetime, kind: str) -> None:
        n = next(self.serial)
        self.pg.execute("INSERT INTO events VALUES (%s, %s, %s)", [at, kind, n])
        self.rows.add(n)

    def _month(self, at: datetime) -> datetime:
        return at.replace(day=1, hour=0, minute=0)

    def _add(
        self,
        parent: str,
        values: str,
        inside: str,
        split: str = "",
        parts: dict[str, str] | None = None,
    ) -> None:
        """Add a partition as somebody may by hand; PostgreSQL refuses some."""
        name, before = f"x{next(self.serial)}", self._parts()
        how = {"nothing": split, "parts": split, "others": "LIST ((id % 2))"}
        by = f"PARTITION BY {how[inside]}" if inside in how else ""
        values = f"FOR VALUES {values} {by}"
        inner = {"parts": parts or {}, "others": {"_all": "DEFAULT"}}.get(inside, {})
        try:
            with self.pg.transaction():
                self.pg.execute(f"CREATE TABLE {name} PARTITION OF {parent} {values}")
                for suffix, clause in inner.items():
                    to = clause if clause == "DEFAULT" else f"FOR VALUES {clause}"
                    self.pg.execute(
                        f"CREATE TABLE {name}{suffix} PARTITION OF {name} {to}"
                    )
        except psycopg.Error as error:
            note(f"refused: {error}")
        self.foreign |= self._ranges().keys() - before.keys()

    def _look_after(
        self, before: dict[int, Part], placed: dict[int, int | None]
    ) -> None:
        """See that a run retired only what it may; the rest must be as it was."""
        ranges = {oid: part for oid, part in before.items() if part.range == oid}
        for oid in ranges.keys() - self._ranges().keys():
            if not ranges[oid].pending:
                assert oid not in self.foreign, f"law 5: {ranges[oid]}"
                assert self._is_over(ranges[oid]), f"law 4: {ranges[oid]}"
        for n in self.rows - self._placed().keys():
            home = placed[n]
            assert home is not None, f"{n} was in no range"
            assert home not in self.foreign, f"{n} was in {ranges[home]}"
            assert self._is_over(ranges[home]), f"{n} was in {ranges[home]}"
            self.rows.discard(n)

    def _is_over(self, part: Part) -> bool:
        return part.upper <= self.wish.since(self.now)

    def _rows_are_taken(self) -> None:
        ahead = (self.wish.ready - 1) * SHORTEST[self.wish.unit]
        for at in (self.now, self.now + ahead):
            for kind in KINDS[: self.wish.parts]:
                self._insert(at, kind)
                self._insert(at, kind)

    def _nothing_is_kept_too_long(self) -> None:
        """But for what lies in a period that is wanted."""
        for oid, part in self._ranges().items():
            if self._is_over(part) and part.upper <= self.now - MONTH:
                assert oid in self.foreign, f"{part} is kept too long"


HALVES = {f"_{n}": f"WITH (MODULUS 2, REMAINDER {n})" for n in range(2)}


@pytest.mark.parametrize("layout", KEYS)
def test_no_level_loses_a_row_or_refuses_one(server_dsn, template_db, layout):
    given = {"server": server_dsn, "template": template_db, "key": KEYS[layout]}
    machine = type("Machine", (Nesting,), given)
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=6, stateful_step_count=20, deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip
