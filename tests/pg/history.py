"""What the history of a table is made of: wishes, a look at the table, a fuse."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import psycopg
from attrs import define, frozen
from hypothesis import note
from hypothesis import strategies as st

from partman_core import hookimpl

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ZONES = ("UTC", "America/Havana", "Africa/Cairo")
"""Two of the zones change their clocks at midnight: that day has none."""

SHORTEST = {"hour": HOUR, "day": 23 * HOUR, "week": 167 * HOUR, "month": 671 * HOUR}
LONGEST = {"hour": HOUR, "day": 25 * HOUR, "week": 169 * HOUR, "month": 745 * HOUR}

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
    kept: int | None
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
            "retention_period": self.kept and f"{self.kept} hours",
            "retention_action": self.kept and self.action,
            "grace_period": self.kept and self.action == "drop" and self.grace,
            "max_stall": "10 seconds",
        }
        return {key: value for key, value in found.items() if value}

    def kept_since(self, now: datetime) -> datetime | None:
        """Hours are hours, in every zone."""
        return None if self.kept is None else now - self.kept * HOUR

    def due(self, now: datetime) -> datetime | None:
        """Say from when on what is retired now may be dropped: days have 23 hours."""
        if self.action != "drop":
            return None
        return now + (2 * DAY - HOUR if self.grace else timedelta())

    def window(self, now: datetime) -> tuple[datetime, datetime]:
        """Return what must be covered at least: each period has its shortest length."""
        begin = now
        if self.start is not None:
            since = self.kept_since(now)
            begin = self.start if since is None else max(self.start, since)
        ahead = (self.ready - 1) * SHORTEST[self.unit]
        return begin, max(begin, now) + ahead


@st.composite
def wishes(draw: st.DrawFn, now: datetime) -> Wish:
    unit = draw(st.sampled_from(list(SHORTEST)))
    start = None
    if draw(st.integers(0, 2)) == 0:
        start = now + draw(st.integers(-12, 3)) * SHORTEST[unit]
    quarters = draw(st.none() | st.integers(1, 10) | st.integers(1, 40))
    return Wish(
        unit=unit,
        ready=draw(st.integers(1, 6)),
        zone=draw(st.sampled_from(ZONES)),
        start=start,
        kept=quarters and max(1, quarters * SHORTEST[unit] // (4 * HOUR)),
        action=draw(st.sampled_from(["drop", "drop", "detach"])),
        grace=draw(st.none() | st.just("2 days")),
        default=draw(st.integers(0, 5)) == 0,
    )


@frozen
class Child:
    """A partition as the catalog has it; DEFAULT has no ends."""

    name: str
    pending: bool
    clause: str
    lower: datetime | None = None
    upper: datetime | None = None

    @classmethod
    def of(cls, name: str, pending: bool, clause: str) -> Child:
        if clause == "DEFAULT":
            return cls(name, pending, clause)
        ends = clause.removeprefix("FOR VALUES FROM (").removesuffix(")")
        return cls(name, pending, clause, *map(_moment, ends.split(") TO (")))


def _moment(text: str) -> datetime:
    if text == "MAXVALUE":
        return datetime.max.replace(tzinfo=UTC)
    return datetime.fromisoformat(text.strip("'"))


@define
class Out:
    """A table that left its parent.

    :param rows: that are in it.
    :param due: from when on partman may drop it; None: not at all.
    """

    child: Child
    rows: set[int]
    due: datetime | None = None


class Events:
    """The table and whatever is near it, as anybody sees it."""

    def __init__(self, dsn: str) -> None:
        self.pg = psycopg.connect(dsn, autocommit=True)
        self.pg.execute("SET TimeZone = 'UTC'")
        self.pg.execute(
            "CREATE TABLE events (at timestamptz, n bigint, PRIMARY KEY (at, n))"
            " PARTITION BY RANGE (at)"
        )

    def children(self) -> dict[int, Child]:
        found = {oid: Child.of(*row) for oid, *row in self.pg.execute(CHILDREN)}
        ranges = sorted((c.lower, c.upper) for c in found.values() if c.lower)
        assert all(one[1] <= other[0] for one, other in pairwise(ranges))
        return found

    def name(self, oid: int) -> str | None:
        """Return a table's name; None if it is gone."""
        asked = "SELECT oid::regclass::text FROM pg_class WHERE oid = %s"
        found = self.pg.execute(asked, [oid]).fetchone()
        return found and found[0]

    def rows(self, relation: str) -> set[int]:
        return {n for (n,) in self.pg.execute(f"SELECT n FROM {relation}")}

    def placed(self) -> dict[int, set[int]]:
        """Return the rows that can be seen through the table, by partition."""
        placed: dict[int, set[int]] = {}
        for oid, n in self.pg.execute("SELECT tableoid, n FROM events"):
            placed.setdefault(oid, set()).add(n)
        return placed

    def insert(self, at: datetime, n: int) -> None:
        self.pg.execute("INSERT INTO events VALUES (%s, %s)", [at, n])

    def is_recorded(self, oid: int) -> bool:
        asked = "SELECT FROM partman.managed_partitions WHERE relation = %s"
        return bool(self.pg.execute(asked, [oid]).rowcount)

    def disagreeing(self) -> list[Any]:
        """Return the partitions whose bounds are not those that partman recorded."""
        return self.pg.execute(DISAGREEING).fetchall()

    def floor(self, at: datetime, unit: str, zone: str) -> datetime:
        asked = "SELECT date_trunc(%s, %s::timestamptz, %s)"
        zone = "UTC" if unit == "hour" else zone
        ((found,),) = self.pg.execute(asked, [unit, at, zone])
        return found

    def try_to(self, statement: str) -> bool:
        """Do what somebody may try by hand; PostgreSQL refuses some of it."""
        try:
            self.pg.execute(statement)
        except psycopg.Error as error:
            note(f"refused: {error}")
            return False
        return True


class Fuse:
    """Ends a run by Ctrl-C: at an event, before a statement, or after it."""

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
