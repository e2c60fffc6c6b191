"""Levels below the first: what partitions are partitioned by in their turn.

Each level is planned as if it were a table of its own; a new partition is planned with
all that is to be inside of it, as it is built whole before anybody can insert into it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve

from partman_core.errors import ConfigError
from partman_core.keys import Key
from partman_core.model import Tree
from partman_core.plan import Finding
from partman_core.planner.coverage import overlaps, span_of
from partman_core.planner.lanes import tenant_of
from partman_core.strategy import Above, Nesting

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from partman_core.keys import Codec
    from partman_core.model import Partition, Table
    from partman_core.plan import Create
    from partman_core.strategy import Beneath, Level, Wanted


def beneath(table: Table, key: Key) -> Beneath | None:
    """Say how the partitions of a level are partitioned again.

    The strategy is asked first; what the settings say is below that.

    :param table: as it is at that level.
    :param key: of that level.
    :returns: None: they hold rows.
    """
    found = None
    if isinstance(table.strategy, Nesting):
        found = table.strategy.beneath(table, key)
    if found is None:
        return table.beneath
    return evolve(found, beneath=found.beneath or table.beneath)


def below(table: Table, key: Key) -> Table | None:
    """Return a table as it is one level further down.

    :param table: as it is at one level.
    :param key: of that level.
    :returns: None: there is no level below.
    """
    found = beneath(table, key)
    if found is None:
        return None
    return evolve(
        table,
        strategy=found.strategy,
        partition_by=None,
        key=found.key,
        default_partition=found.default_partition,
        beneath=found.beneath,
    )


def key_below(table: Table, tree: Tree) -> Key:
    """Return the key of the level below.

    :param table: as it is at the level of *tree*.
    :param tree: with its columns.
    :raises ConfigError: it has no such column.
    """
    found = beneath(table, tree.key)
    if found is None:
        raise TypeError(f"the partitions of {tree.name} are not partitioned")
    missing = [name for name in found.columns if name not in tree.columns]
    if missing:
        raise ConfigError(
            f"{table.name}: its partitions are to be partitioned by {missing[0]!r}, "
            "and there is no such column",
            hint=f"it has {', '.join(tree.columns)}",
            code="missing-column",
        )
    return Key(found.method, tuple(tree.columns[name] for name in found.columns))


def as_declared(table: Table, tree: Tree, subtree: Tree) -> bool:
    """Say whether a partition is partitioned again as the settings have it.

    Somebody may have made it otherwise by hand, or the settings have changed since.

    :param table: as it is at the level of *tree*.
    :param subtree: of the partition.
    """
    return str(key_below(table, tree)) == str(subtree.key)


def otherwise(table: Table, key: Key, others: Sequence[Tree]) -> Finding:
    """Tell of partitions that are partitioned again in another way.

    :param key: that the settings have there.
    :param others: these partitions.
    """
    first, *rest = others
    who = f"{first.name} is" if not rest else f"{first.name} and {len(rest)} more are"
    it = "it" if not rest else "them"
    return Finding(
        code="other-key",
        severity="info",
        table=table.name,
        message=(
            f"{who} partitioned by {first.key}, and the settings have {key} there: "
            f"nothing is made or retired inside of {it}."
        ),
        hint="it stays, and goes as a whole; to have it as the settings say, take it "
        "out by hand, run again, and insert its rows into the table",
        data={"partitions": [str(other.name) for other in others]},
    )


def inside(made: Create, tree: Tree, codec: Codec | None, key: Key) -> Tree:
    """Return what a new partition will be, before anything is inside of it.

    :param tree: what it is made for.
    :param codec: of that one's key; None where it has no axis.
    :param key: how it is partitioned itself.
    """
    return Tree(
        oid=0,
        name=made.name,
        key=key,
        owner=tree.owner,
        tenants=tree.tenants,
        position=tree.position,
        columns=tree.columns,
        above=(*tree.above, Above(bounds=made.bounds, codec=codec, key=tree.key)),
    )


def reachable(level: Level, wanted: Iterable[Wanted]) -> Iterator[Wanted]:
    """Leave out what no row of the partitions above could ever be in.

    That is so where a level above is by the same column: days of another month.
    """
    column = _column(level.key)
    spans = [
        found
        for above in level.above
        if column is not None
        and above.key is not None
        and _column(above.key) == column
        and (found := span_of(above.codec, above.bounds)) is not None
    ]
    for one in wanted:
        own = span_of(level.codec, one.bounds) if spans else None
        if own is None or all(overlaps(own, [span]) for span in spans):
            yield one


def _column(key: Key) -> str | None:
    """Return the name of the only column of ranges; None: there is none."""
    single = key.method == "range" and len(key.columns) == 1
    return key.columns[0].name if single else None


def holdings(table: Table, tree: Tree) -> dict[str, list[Partition]]:
    """Return the partitions that hold rows of one tenant alone, by tenant.

    :param table: as it is at the level of *tree*.
    """
    found: dict[str, list[Partition]] = {}
    lower = below(table, tree.key)
    for partition in tree.partitions:
        subtree = tree.subtrees.get(partition.oid)
        tenant = tenant_of(table, tree.key, partition.bounds)
        if tenant is not None:
            found.setdefault(tenant, []).extend(_leaves(partition, subtree))
        elif subtree is not None and lower is not None:
            for whose, parts in holdings(lower, subtree).items():
                found.setdefault(whose, []).extend(parts)
    return found


def levels(tree: Tree) -> Iterator[Tree]:
    """Yield a tree, and all that is below it, to any depth."""
    yield tree
    for subtree in tree.subtrees.values():
        yield from levels(subtree)


def everything(tree: Tree) -> Iterator[Partition]:
    """Yield all partitions, each before what is inside of it, DEFAULT ones last.

    One that is partitioned again has the rows and the size of what is inside.
    """
    last = () if tree.default is None else (tree.default,)
    for partition in (*tree.partitions, *last):
        subtree = tree.subtrees.get(partition.oid)
        if subtree is None:
            yield partition
            continue
        inside = list(_leaves(partition, subtree))
        known = [leaf.rows for leaf in inside if leaf.rows is not None]
        yield evolve(
            partition,
            rows=sum(known) if known else None,
            bytes=sum(leaf.bytes for leaf in inside),
        )
        yield from everything(subtree)


def leaves(tree: Tree) -> Iterator[Partition]:
    """Yield the partitions that hold rows, DEFAULT ones of the levels below included.

    :param tree: its own DEFAULT partition is left out, as it is of ``partitions``.
    """
    for partition in tree.partitions:
        yield from _leaves(partition, tree.subtrees.get(partition.oid))


def _leaves(partition: Partition, tree: Tree | None) -> Iterator[Partition]:
    if tree is None:
        yield partition
        return
    yield from leaves(tree)
    if tree.default is not None:
        yield tree.default
