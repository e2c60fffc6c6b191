"""Where the axes of numbers of some tables stand, asked for all of them together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve

from partman_core.engine.axes import axis
from partman_core.engine.declared import typed
from partman_core.errors import PartmanError
from partman_core.pg.position import positions
from partman_core.planner import nesting
from partman_core.planner.axes import along
from partman_core.planner.standing import Asked

if TYPE_CHECKING:
    from collections.abc import Iterable

    from partman_core.model import Table, Tree
    from partman_core.pg.registry import Declared
    from partman_core.pg.session import Connection
    from partman_core.plugins import Plugins


def placed(conn: Connection, table: Table, tree: Tree, plugins: Plugins) -> Tree:
    """Add to a tree where its axis of numbers stands, if it has one that can be."""
    try:
        wanted = asked(table, tree, plugins)
    except PartmanError:
        return tree
    return _with(conn, [wanted])[tree.oid] if wanted else tree


def with_positions(
    conn: Connection,
    declared: Iterable[Declared],
    trees: dict[int, Tree],
    plugins: Plugins,
) -> dict[int, Tree]:
    """Add to trees where their axes of numbers stand; nothing is asked for others.

    What is wrong with their settings is told elsewhere.
    """
    counting = [c for c in plugins.codecs().values() if c.axis == "number"]
    types = frozenset[str]().union(*(codec.types for codec in counting))
    wanted = []
    for one in declared:
        tree = trees.get(one.oid)
        if tree is None or not _may_count(tree, types):
            continue
        try:
            found = asked(typed(one, plugins), tree, plugins)
        except Exception:  # noqa: BLE001, S112 - planning the table tells of it
            continue
        if found is not None:
            wanted.append(found)
    return trees | _with(conn, wanted)


def _may_count(tree: Tree, types: frozenset[str]) -> bool:
    """Say whether some level may have an axis of numbers.

    :param types: what such an axis can be made of.
    """
    columns = (*tree.key.columns, *tree.columns.values())
    return any(column.type in types for column in columns)


def _with(conn: Connection, wanted: list[Asked]) -> dict[int, Tree]:
    found = positions(conn, wanted)
    return {
        oid: evolve(one.tree, position=found[oid].position, doubt=found[oid].doubt)
        for one in wanted
        if (oid := one.tree.oid) in found
    }


def asked(table: Table, tree: Tree, plugins: Plugins) -> Asked | None:
    """Return the first axis of numbers of a table, from the top downwards.

    :returns: None: there is none.
    :raises PartmanError: a level has no codec, or no such column.
    """
    key = tree.key
    levels: tuple[Tree, ...] = (tree,)
    while True:
        codec = axis(table, evolve(tree, key=key), plugins)
        if codec is not None and codec.axis == "number":
            (column,) = along(table, key).columns
            if column.name is None and tree.locked:
                return None  # the words of the expression cannot be read now
            return Asked(tree=tree, column=column, codec=codec, levels=levels)
        below = nesting.below(table, key)
        if below is None:
            return None
        key = nesting.key_below(table, evolve(tree, key=key))
        levels = tuple(sub for level in levels for sub in level.subtrees.values())
        table = below
