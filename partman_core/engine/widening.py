"""What is asked of the database for some tables only, as their settings want it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve

from partman_core.errors import ConfigError
from partman_core.pg import catalog, tenants
from partman_core.plan import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from partman_core.engine.opening import Session
    from partman_core.model import Tree
    from partman_core.pg.registry import Declared
    from partman_core.plugins import Plugins


def widened(
    session: Session,
    plugins: Plugins,
    declared: Iterable[Declared],
    trees: Mapping[int, Tree],
) -> tuple[dict[int, Tree], dict[int, tuple[Finding, ...]]]:
    """Add columns, by which partitions may be partitioned again, and tenants.

    :returns: the trees, and what went wrong with some tables, by oid.
    """
    there = [one for one in declared if one.oid in trees]
    deep = [one.oid for one in there if _is_deep(one, plugins)]
    known = catalog.columns(session.conn, deep) if deep else {}
    found = dict(trees) | {
        oid: evolve(trees[oid], columns=columns) for oid, columns in known.items()
    }
    faults: dict[int, tuple[Finding, ...]] = {}
    for one in there:
        query = one.settings.get("tenants_query")
        if query is None:
            continue
        try:
            asked = tenants.asked(session.conn, one.name, query)
        except ConfigError as error:
            faults[one.oid] = (_fault(one, error),)
        else:
            found[one.oid] = evolve(found[one.oid], tenants=tuple(asked))
    return found, faults


def _is_deep(declared: Declared, plugins: Plugins) -> bool:
    """Say whether a table may have more than one level."""
    kind = plugins.strategies().get(declared.settings.get("partition_type", ""))
    return "subpartition" in declared.settings or hasattr(kind, "beneath")


def _fault(declared: Declared, error: ConfigError) -> Finding:
    return Finding(
        code=error.code,
        severity="error",
        table=declared.name,
        message=f"{error.message}: tenants that only it knows get nothing new.",
        hint=error.hint,
    )
