"""Levels of lists and of hashes, and what doing a plan would leave of them.

``done`` does what PostgreSQL would, and refuses what PostgreSQL would refuse.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import count, pairwise
from math import gcd

from attrs import evolve

from partman_core.bounds import Bounds, HashBounds, ListBounds
from partman_core.keys import Column, Key
from partman_core.model import Partition, Table, Tree
from partman_core.naming import MAX_BYTES, Name
from partman_core.plan import Create, Operation, TablePlan
from partman_core.planner import as_it_is, plan_table
from partman_core.strategy import Level, Strategy

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
NAME = Name("public", "events")
OIDS = count(1000)


def a_table(strategy: Strategy) -> Table:
    return Table(name=NAME, strategy=strategy)


def a_tree(
    method: str, *held: Bounds | None, kind: str = "text", **more: object
) -> Tree:
    """Make a table with partitions of somebody else."""
    partitions = tuple(
        Partition(oid=oid, name=Name("public", f"theirs_{oid}"), bounds=bounds)
        for oid, bounds in zip(OIDS, held, strict=False)
    )
    key = Key(method, (Column("kind", kind),))
    return Tree(oid=1, name=NAME, key=key, owner="app", partitions=partitions, **more)


def planned(strategy: Strategy, tree: Tree) -> TablePlan:
    return plan_table(a_table(strategy), tree, None, NOW)


def seen(strategy: Strategy, tree: Tree) -> Level:
    return as_it_is(a_table(strategy), tree, None, NOW)


def bounds_of(plan: TablePlan) -> list[Bounds]:
    return [operation.bounds for operation in plan.operations]


def suffixes(plan: TablePlan) -> list[str]:
    prefix = f"{NAME.relation}_p"
    return [op.name.relation.removeprefix(prefix) for op in plan.operations]


def done(tree: Tree, operations: Iterable[Operation]) -> Tree:
    """Return *tree* when all *operations* were done, which create."""
    for operation in operations:
        assert isinstance(operation, Create)
        name = operation.name
        assert len(name.relation.encode()) <= MAX_BYTES
        taken = {tree.name, *(one.name for one in tree.partitions)}
        assert name not in taken, "42P07: relation already exists"
        there = [one.bounds for one in tree.partitions if one.bounds is not None]
        for bounds in there:
            assert not overlap(operation.bounds, bounds), "42P17: would overlap"
        _check_moduli([*there, operation.bounds])
        made = Partition(oid=next(OIDS), name=name, bounds=operation.bounds, ours=True)
        tree = evolve(tree, partitions=(*tree.partitions, made))
    return tree


def overlap(one: Bounds, other: Bounds) -> bool:
    """Say whether a row could be in both."""
    if isinstance(one, ListBounds) and isinstance(other, ListBounds):
        return bool({*one.values} & {*other.values})
    assert isinstance(one, HashBounds)
    assert isinstance(other, HashBounds)
    return not (one.remainder - other.remainder) % gcd(one.modulus, other.modulus)


def _check_moduli(held: Iterable[Bounds]) -> None:
    moduli = sorted({b.modulus for b in held if isinstance(b, HashBounds)})
    for smaller, larger in pairwise(moduli):
        assert not larger % smaller, "42P16: modulus must be a factor"
