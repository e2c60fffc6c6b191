"""Tables, trees and histories for the planner, and what doing a plan would leave."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import count, pairwise

from attrs import evolve

from partman_core.bounds import RangeBounds
from partman_core.interval import Interval
from partman_core.keys import CODECS, Codec, Column, Key
from partman_core.model import Keep, Partition, Retire, Retired, Table, Tree
from partman_core.naming import Name
from partman_core.plan import Operation, TablePlan
from partman_core.planner import level, plan_table
from partman_core.planner.coverage import Span, in_order
from partman_core.testing.simulation import applied as done
from partman_plugins import retention
from partman_plugins.range import Range
from partman_plugins.retention import Retention

__all__ = ["done"]

BY_NAME = {codec.name: codec for codec in CODECS}
TYPES = {
    "timestamptz": "timestamp with time zone",
    "timestamp": "timestamp without time zone",
    "date": "date",
    "epoch_ms": "bigint",
    "uuid7": "uuid",
    "integer": "bigint",
}
TIME_KINDS = ("timestamptz", "timestamp", "date", "epoch_ms", "uuid7")
OIDS = count(1000)
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
NAME = Name("public", "flights")


def range_key(kind: str) -> Key:
    return Key("range", (Column("at", TYPES[kind]),))


def a_table(
    interval: str | int = "1 day",
    *,
    kept: Retention | None = None,
    timezone: str = "UTC",
    name: Name = NAME,
    **settings: object,
) -> Table:
    """Make a table by range; what Range does not know is the table's own."""
    own = {"default_partition", "paused", "name_template"}
    ours = {key: settings.pop(key) for key in own & settings.keys()}
    return Table(
        name=name,
        strategy=Range(partition_interval=_interval(interval), **settings),
        timezone=timezone,
        sections={} if kept is None else {"retention": kept},
        **ours,
    )


def _interval(text: str | int) -> object:
    return text if isinstance(text, int) else Interval.parse(text)


def a_tree(
    kind: str = "timestamptz",
    *partitions: Partition,
    name: Name = NAME,
    **other: object,
) -> Tree:
    """Make what the database holds of a table."""
    return Tree(
        oid=1,
        name=name,
        key=range_key(kind),
        owner="app",
        partitions=partitions,
        **other,
    )


def a_partition(
    lower: str,
    upper: str,
    *,
    name: str | None = None,
    ours: bool = True,
    **other: object,
) -> Partition:
    """Make a partition that holds [lower, upper), as PostgreSQL prints them."""
    oid = next(OIDS)
    return Partition(
        oid=oid,
        name=Name("public", name or f"flights_{oid}"),
        bounds=RangeBounds((lower,), (upper,)),
        ours=ours,
        **other,
    )


def kept(period: str, **settings: object) -> Retention:
    """Make settings that keep this long."""
    return Retention(retention_period=Interval.parse(period), **settings)


def retired(name: str, **changes: object) -> Retired:
    """Make what is in the bin for three days at noon."""
    made = Retired(
        oid=next(OIDS),
        name=Name("public", name),
        bounds=RangeBounds(("2020-01-01 00:00:00+00",), ("2020-01-02 00:00:00+00",)),
        action="drop",
        retired_at=NOON - timedelta(days=3),
        due=None,
    )
    return evolve(made, **changes)


def bounds_of(operations: Iterable[Operation]) -> list[tuple]:
    return [(*op.bounds.lower, *op.bounds.upper) for op in operations]


def names_of(operations: Iterable[Operation]) -> list[str]:
    return [operation.name.relation for operation in operations]


def days(first: str, number: int, **other: object) -> tuple[Partition, ...]:
    """Make daily partitions of a timestamptz key, from *first* on."""
    start = datetime.fromisoformat(first)
    edges = [str(start + timedelta(days=day)) + "+00" for day in range(number + 1)]
    return tuple(
        a_partition(
            lower, upper, name=f"flights_p{lower[:10].replace('-', '')}", **other
        )
        for lower, upper in pairwise(edges)
    )


def verdicts(
    table: Table, tree: Tree, codec: Codec, now: datetime
) -> list[Retire | Keep]:
    """Ask the built-in retention."""
    return list(
        retention.partman_retire(table=table, level=level(table, tree, codec, now))
    )


def planned(
    table: Table, tree: Tree, codec: Codec, now: datetime, **options: object
) -> TablePlan:
    """Plan with the built-in retention."""
    said = verdicts(table, tree, codec, now)
    return plan_table(table, tree, codec, now, said, **options)


def spans(tree: Tree, codec: Codec) -> list[Span]:
    """Return what the usable partitions hold, in order."""
    return in_order(codec, (p.bounds for p in tree.partitions if not p.pending))


def of_kind(plan: TablePlan, kind: type) -> list:
    """Return a plan's operations of one kind."""
    return [operation for operation in plan.operations if isinstance(operation, kind)]


def codes(findings: Iterable) -> set[str]:
    return {found.code for found in findings}
