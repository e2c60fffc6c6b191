"""The values that lists are made of: looked for where the strategy wants to know."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve

from partman_core.pg import found

if TYPE_CHECKING:
    from collections.abc import Iterable

    from partman_core.engine.opening import Session
    from partman_core.model import Tree
    from partman_core.pg.registry import Declared
    from partman_core.plugins import Plugins


def with_values(
    session: Session,
    declared: Iterable[Declared],
    trees: dict[int, Tree],
    plugins: Plugins,
) -> dict[int, Tree]:
    """Add the key values that are there, where a strategy has ``finds_values``.

    :param trees: by oid, of the tables that are *declared*.
    """
    offered = plugins.strategies()
    looked = dict(trees)
    for one in declared:
        tree = trees.get(one.oid)
        if tree is None:
            continue
        kind = offered.get(one.settings.get("partition_type") or tree.key.method)
        if getattr(kind, "finds_values", False) and _begins_with_values(tree, kind):
            looked[one.oid] = evolve(tree, values=found.values(session.conn, tree))
    return looked


def _begins_with_values(tree: Tree, kind: object) -> bool:
    """Say whether the first column of the key is one of single values."""
    shared = len(tree.key.columns) > 1 and hasattr(kind, "lane")
    return tree.key.method == "list" or shared
