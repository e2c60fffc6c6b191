"""What a plan's operations would send, and which locks that takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import evolve, frozen

from partman_core.pg import ddl, facts, window
from partman_core.pg.driver import errors
from partman_core.plan import Create, Detach
from partman_core.planner import nesting

if TYPE_CHECKING:
    import psycopg

    from partman_core.engine.opening import Session
    from partman_core.engine.survey import Surveyor
    from partman_core.model import Table, Tree
    from partman_core.naming import Name
    from partman_core.pg.ddl import Step
    from partman_core.plan import Operation, Plan


@frozen(kw_only=True)
class Explained:
    """One operation, and the steps that it would be done in."""

    operation: Operation
    steps: tuple[Step, ...]


def explain(
    conn: psycopg.Connection[Any], surveyor: Surveyor, opened: Session, plan: Plan
) -> tuple[Explained, ...]:
    """Return the steps of each operation of *plan*, in its order."""
    names = tuple(str(part.table) for part in plan.tables if part.operations)
    views = surveyor.look(opened, names) if names else []
    tables = {
        level.name: (view.table, level)
        for view in views
        if view.table and view.tree
        for level in nesting.levels(view.tree)
    }
    parents = {_parent(op) for op in plan.operations} & tables.keys()
    known = facts.facts(conn, [tables[name][1].oid for name in parents])
    for name in {_parent(op) for op in plan.operations if isinstance(op, Create)}:
        if name in parents and (oid := tables[name][1].oid) in known:
            known[oid] = _measured(conn, known[oid])
    plain = [
        op.partition.oid
        for op in plan.operations
        if isinstance(op, Detach) and not op.concurrently
    ]
    places = facts.places(conn, plain, checks=True) if plain else {}
    return tuple(
        _explained(operation, *tables[_parent(operation)], known, places)
        for operation in plan.operations
        if _parent(operation) in tables
    )


def _parent(operation: Operation) -> Name:
    """Return what an operation is done to: the table, or a partition that is one."""
    return operation.parent or operation.table


def _measured(conn: psycopg.Connection[Any], parent: facts.Facts) -> facts.Facts:
    """Add how much of DEFAULT an attach reads, which decides how it is done."""
    if parent.default is None:
        return parent
    try:
        return evolve(parent, default_bytes=window.size(conn, parent.default))
    except errors.LockNotAvailable:
        return parent


def _explained(
    operation: Operation,
    table: Table,
    tree: Tree,
    known: dict[int, facts.Facts],
    places: dict[int, facts.Place],
) -> Explained:
    parent = known.get(tree.oid)
    oid = getattr(getattr(operation, "partition", None), "oid", None)
    gone = (
        isinstance(operation, Detach)
        and not operation.concurrently
        and (oid not in places)
    )
    if parent is None or gone:
        return Explained(operation=operation, steps=())
    return Explained(
        operation=operation,
        steps=ddl.steps(operation, parent, table, places),
    )
