"""What a plan's operations would send, and which locks that takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import evolve, frozen

from partman_core.pg import ddl, facts, window
from partman_core.pg.driver import errors
from partman_core.plan import Create, Detach

if TYPE_CHECKING:
    import psycopg

    from partman_core.engine.opening import Session
    from partman_core.engine.survey import Surveyor, View
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
    known = facts.facts(conn, [view.declared.oid for view in views])
    creating = {op.table for op in plan.operations if isinstance(op, Create)}
    for view in views:
        if view.declared.name in creating and view.declared.oid in known:
            known[view.declared.oid] = _measured(conn, known[view.declared.oid])
    plain = [
        op.partition.oid
        for op in plan.operations
        if isinstance(op, Detach) and not op.concurrently
    ]
    places = facts.places(conn, plain, checks=True) if plain else {}
    by_name = {view.declared.name: view for view in views}
    return tuple(
        _explained(operation, by_name[operation.table], known, places)
        for operation in plan.operations
        if operation.table in by_name
    )


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
    view: View,
    known: dict[int, facts.Facts],
    places: dict[int, facts.Place],
) -> Explained:
    if not (view.table and view.tree):
        return Explained(operation=operation, steps=())
    parent = known.get(view.tree.oid)
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
        steps=ddl.steps(operation, parent, view.table, places),
    )
