"""What doing a plan would leave: the executor in memory, one level at a time.

It does what PostgreSQL would do, and refuses what PostgreSQL would refuse.
"""

from __future__ import annotations

from itertools import combinations, count
from math import gcd
from typing import TYPE_CHECKING, Any

from attrs import evolve

from partman_core.bounds import DefaultBounds, HashBounds, ListBounds, RangeBounds
from partman_core.model import Partition, Retired
from partman_core.naming import MAX_BYTES
from partman_core.plan import Create, Detach, Discard, Drop, Finalize, Move, Operation
from partman_core.planner.coverage import span_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from partman_core.bounds import Bounds
    from partman_core.keys import Codec
    from partman_core.model import Tree

_OIDS = count(1_000_000)


def applied(
    tree: Tree, operations: Iterable[Operation], codec: Codec | None, now: datetime
) -> Tree:
    """Return what is left of *tree* when all *operations* are done.

    :param codec: of the key; None where it has no axis.
    :param now: the run's clock, aware.
    :raises AssertionError: PostgreSQL would refuse one, or it makes no sense.
    """
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
            case Move() | Drop():
                tree = _gone(tree, operation, now)
    return tree


def _must(holds: bool, sentence: str) -> None:
    if not holds:
        raise AssertionError(sentence)


def _without(found: Sequence[Any], oid: int) -> tuple[Any, ...]:
    left = tuple(one for one in found if one.oid != oid)
    _must(len(left) == len(found) - 1, f"the relation {oid} is not there, once")
    return left


def _created(tree: Tree, made: Create, codec: Codec | None, now: datetime) -> Tree:
    _must(len(made.name.relation.encode()) <= MAX_BYTES, f"{made.name} is too long")
    built = tree.built
    if made.built is None:
        names = {one.name for one in (*tree.partitions, *built)}
        names |= {tree.name, *(one.name for one in tree.bin)}
        names |= {tree.default.name} if tree.default else set()
        _must(made.name not in names, f"42P07: {made.name} exists already")
    else:
        (ready,) = (one for one in built if one.oid == made.built)
        same = (ready.name, ready.bounds) == (made.name, made.bounds)
        _must(same, f"{made.name} was built as something else")
        built = _without(built, made.built)
    partition = Partition(
        oid=made.built or next(_OIDS),
        name=made.name,
        bounds=made.bounds,
        ours=True,
        created_at=now,
    )
    if isinstance(made.bounds, DefaultBounds):
        _must(tree.default is None, "42P17: there is a DEFAULT partition already")
        return evolve(tree, default=partition, built=built)
    for one in tree.partitions:
        if one.bounds is not None:
            message = f"42P17: {made.bounds} would overlap {one.bounds}"
            _must(not overlap(codec, made.bounds, one.bounds), message)
    if (span := span_of(codec, made.bounds)) is not None:
        _must(span[0] < span[1], f"42P17: {made.bounds} is empty")
    return evolve(tree, partitions=(*tree.partitions, partition), built=built)


def overlap(codec: Codec | None, one: Bounds, other: Bounds) -> bool:
    """Say whether two partitions of one level cannot be there together.

    Ranges that have no place on an axis are compared by equality.

    :param codec: of the key; None where it has no axis.
    """
    match one, other:
        case ListBounds(), ListBounds():
            return not {*one.values}.isdisjoint(other.values)
        case HashBounds(), HashBounds():
            common = gcd(one.modulus, other.modulus)
            return one.remainder % common == other.remainder % common
        case RangeBounds(), RangeBounds():
            held, taken = span_of(codec, one), span_of(codec, other)
            if held is not None and taken is not None:
                return held[0] < taken[1] and taken[0] < held[1]
    return one == other


def overlapping(
    codec: Codec | None, bounds: Iterable[Bounds]
) -> tuple[Bounds, Bounds] | None:
    """Return two of *bounds* that overlap; None: no two do.

    :param codec: of the key; None where it has no axis.
    """
    pairs = combinations(bounds, 2)
    return next((pair for pair in pairs if overlap(codec, *pair)), None)


def _finalized(tree: Tree, operation: Finalize) -> Tree:
    oid = operation.partition.oid
    pending = any(one.oid == oid and one.pending for one in tree.partitions)
    _must(pending, f"{operation.name} is not half-detached")
    return evolve(
        tree,
        partitions=_without(tree.partitions, oid),
        bin=tuple(
            evolve(one, attached=False) if one.oid == oid else one for one in tree.bin
        ),
    )


def _detached(tree: Tree, operation: Detach, now: datetime) -> Tree:
    partition = operation.partition
    _must(partition in tree.partitions, f"{partition.name} is not attached")
    _must(not partition.pending, f"{partition.name} is half-detached")
    if operation.concurrently:
        _must(tree.default is None, "55000: a default partition exists")
        pending = any(one.pending for one in tree.partitions)
        _must(not pending, "55000: another partition is half-detached")
    if partition.bounds is None:
        raise AssertionError(f"nobody knows the bounds of {partition.name}")
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


def _gone(tree: Tree, operation: Move | Drop, now: datetime) -> Tree:
    (binned,) = (one for one in tree.bin if one.oid == operation.retired.oid)
    _must(not binned.attached, f"{binned.name} is still attached")
    if isinstance(operation, Drop):
        _must(binned.action == "drop", f"{binned.name} is not to be dropped")
        over = binned.due is not None and binned.due <= now
        _must(over, f"{binned.name} is dropped before its time")
    return evolve(tree, bin=_without(tree.bin, binned.oid))
