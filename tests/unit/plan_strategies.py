"""Tables, trees and histories for the planner, and what doing a plan would leave.

``done`` is the executor in memory: it does what PostgreSQL would, and refuses what
PostgreSQL would refuse.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count, pairwise

from attrs import evolve
from partman_plugins import retention
from partman_plugins.range import Range
from partman_plugins.retention import Retention

from partman_core.bounds import DefaultBounds, RangeBounds
from partman_core.interval import Interval
from partman_core.keys import CODECS, Codec, Column, Key
from partman_core.model import Keep, Partition, Retire, Retired, Table, Tree
from partman_core.naming import MAX_BYTES, Name
from partman_core.plan import (
    Create,
    Detach,
    Discard,
    Drop,
    Finalize,
    Move,
    Operation,
    TablePlan,
)
from partman_core.planner import level, plan_table
from partman_core.planner.coverage import Span, in_order, overlaps, span_of

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


def done(
    tree: Tree, operations: Iterable[Operation], codec: Codec, now: datetime
) -> Tree:
    """Return what is left of *tree* when all *operations* were done."""
    for operation in operations:
        match operation:
            case Create():
                tree = _created(tree, operation, codec, now)
            case Discard():
                tree = evolve(tree, built=_without(tree.built, operation.partition.oid))
            case Finalize():
                tree = _finalized(tree, operation)
            case Detach():
                tree = _detached(tree, operation, now)
            case Move():
                assert not _binned(tree, operation.retired.oid).attached
                tree = evolve(tree, bin=_without(tree.bin, operation.retired.oid))
            case Drop():
                binned = _binned(tree, operation.retired.oid)
                assert not binned.attached
                assert binned.action == "drop"
                assert binned.due is not None
                assert binned.due <= now
                tree = evolve(tree, bin=_without(tree.bin, operation.retired.oid))
    return tree


def _without(found: Sequence, oid: int) -> tuple:
    left = tuple(one for one in found if one.oid != oid)
    assert len(left) == len(found) - 1, "it is there, once"
    return left


def _binned(tree: Tree, oid: int) -> Retired:
    (found,) = (retired for retired in tree.bin if retired.oid == oid)
    return found


def _created(tree: Tree, made: Create, codec: Codec, now: datetime) -> Tree:
    assert len(made.name.relation.encode()) <= MAX_BYTES
    built = tree.built
    if made.built is None:
        names = {one.name for one in (*tree.partitions, *built, *tree.bin)}
        names |= {tree.name} | ({tree.default.name} if tree.default else set())
        assert made.name not in names, "42P07: relation already exists"
    else:
        (ready,) = (one for one in built if one.oid == made.built)
        assert (ready.name, ready.bounds) == (made.name, made.bounds)
        built = _without(built, made.built)
    oid = made.built or next(OIDS)
    partition = Partition(
        oid=oid, name=made.name, bounds=made.bounds, ours=True, created_at=now
    )
    if isinstance(made.bounds, DefaultBounds):
        assert tree.default is None
        return evolve(tree, default=partition, built=built)
    span = span_of(codec, made.bounds)
    assert span is not None
    assert span[0] < span[1], "42P17: empty range bound"
    there = in_order(codec, (one.bounds for one in tree.partitions))
    assert not overlaps(span, there), "42P17: would overlap"
    return evolve(tree, partitions=(*tree.partitions, partition), built=built)


def _finalized(tree: Tree, operation: Finalize) -> Tree:
    oid = operation.partition.oid
    assert next(p for p in tree.partitions if p.oid == oid).pending
    return evolve(
        tree,
        partitions=_without(tree.partitions, oid),
        bin=tuple(
            evolve(one, attached=False) if one.oid == oid else one for one in tree.bin
        ),
    )


def _detached(tree: Tree, operation: Detach, now: datetime) -> Tree:
    partition = operation.partition
    assert partition in tree.partitions
    assert not partition.pending
    if operation.concurrently:
        assert tree.default is None, "55000: a default partition exists"
        assert not any(p.pending for p in tree.partitions), "55000: already pending"
    retired = Retired(
        oid=partition.oid,
        name=partition.name,
        bounds=partition.bounds,
        action=operation.action,
        retired_at=now,
        due=operation.due,
        target_schema=operation.target_schema,
    )
    others = tuple(one for one in tree.bin if one.oid != partition.oid)
    return evolve(
        tree,
        partitions=_without(tree.partitions, partition.oid),
        bin=(*others, retired),
    )


def spans(tree: Tree, codec: Codec) -> list[Span]:
    """Return what the usable partitions hold, in order."""
    return in_order(codec, (p.bounds for p in tree.partitions if not p.pending))


def of_kind(plan: TablePlan, kind: type) -> list:
    """Return a plan's operations of one kind."""
    return [operation for operation in plan.operations if isinstance(operation, kind)]


def codes(findings: Iterable) -> set[str]:
    return {found.code for found in findings}
