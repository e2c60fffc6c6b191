"""What a plan's operations would send, and which locks that takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import frozen

from partman_core.pg import ddl, facts
from partman_core.plan import Detach

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
    plain = [
        op.partition.oid
        for op in plan.operations
        if isinstance(op, Detach) and not op.concurrently
    ]
    checks = facts.constraints(conn, plain) if plain else {}
    by_name = {view.declared.name: view for view in views}
    return tuple(
        _explained(operation, by_name[operation.table], known, checks)
        for operation in plan.operations
        if operation.table in by_name
    )


def _explained(
    operation: Operation,
    view: View,
    known: dict[int, facts.Facts],
    checks: dict[int, str],
) -> Explained:
    if not (view.table and view.tree):
        return Explained(operation=operation, steps=())
    types = [column.type for column in view.tree.key.columns]
    parent = known[view.tree.oid]
    return Explained(
        operation=operation,
        steps=ddl.steps(operation, parent, view.table, types, checks),
    )
