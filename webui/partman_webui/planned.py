"""Plans, as the values that ``/api/v1`` answers: operations with SQL and locks."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from partman_core.bounds import clause
from partman_core.cli.words import tally
from partman_core.pg.holders import CONFLICTS
from partman_core.plan import SIGNS, Create, Detach, Drop, Plan, described
from partman_webui import shapes
from partman_webui.shaped import iso, reason

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from partman_core.engine import Explained
    from partman_core.pg.ddl import Step
    from partman_core.plan import Operation, TablePlan

Steps: TypeAlias = "Mapping[int, tuple[Step, ...]]"

WAYS = {
    "build-and-attach": "built apart, then attached",
    "attach": "attached",
    "prove-and-attach": "its rows are looked at first, then it is attached",
    "concurrently": "detached while nobody waits",
    "plain": "detached in one short transaction",
}
"""How operations are done, in words, by what plans call it."""

HARMLESS = ("ACCESS SHARE", "ROW SHARE")
"""Modes that hardly any query of an application waits for."""


def plan(made: Plan, explained: Iterable[Explained]) -> shapes.PlanShown:
    """Return a plan.

    :param explained: its operations with their steps, as the engine gave them.
    """
    steps = {id(one.operation): one.steps for one in explained}
    dropped = [op for op in made.operations if isinstance(op, Drop)]
    return shapes.PlanShown(
        hash=made.hash,
        now=iso(made.now),
        text=f"{tally(made.to_json())}.",
        destroys=made.destroys,
        bytes_freed=sum(op.retired.bytes for op in dropped),
        tables=[_table(part, made, steps) for part in made.tables],
    )


def _table(part: TablePlan, made: Plan, steps: Steps) -> shapes.PlannedTable:
    alone = Plan(now=made.now, tables=(part,), only=made.only)
    return shapes.PlannedTable(
        table=str(part.table),
        hash=part.hash,
        text=f"{tally(alone.to_json())}.",
        operations=[
            _operation(number, operation, steps.get(id(operation), ()))
            for number, operation in enumerate(part.operations, 1)
        ],
        findings=[reason(found) for found in part.findings],
    )


def _operation(
    number: int, operation: Operation, steps: Sequence[Step]
) -> shapes.PlannedOperation:
    entry = described(operation)
    bounds = operation.bounds
    waits = dict.fromkeys(step.waits for step in steps if step.waits)
    return shapes.PlannedOperation(
        n=number,
        kind=operation.kind,
        sign=SIGNS[operation.kind],
        parent=None if operation.parent is None else str(operation.parent),
        name=str(operation.name),
        bounds=None if bounds is None else clause(bounds),
        tenant=entry.get("tenant"),
        reason=operation.reason,
        destroys=operation.destroys,
        rows=entry.get("rows"),
        bytes=entry.get("bytes"),
        way=_way(operation, entry.get("way")),
        sql=[step.text() for step in steps],
        locks=_locks(steps),
        waits="; ".join(waits) or None,
    )


def _way(operation: Operation, way: str | None) -> str | None:
    if isinstance(operation, Create) and operation.built is not None:
        return "built by an earlier run, now attached"
    if isinstance(operation, Create) and operation.inner:
        inside = operation.tables - 1
        return f"built apart with {inside} inside, then attached"
    if isinstance(operation, Detach) and operation.action == "move":
        return f"{WAYS[way or 'plain']}, then moved"
    return None if way is None else WAYS[way]


def _locks(steps: Sequence[Step]) -> list[shapes.LockTaken]:
    """Return the locks of all steps, each relation and mode once."""
    found: dict[tuple[str, str], bool] = {}
    for step in steps:
        for lock in step.locks:
            waits = step.waits is not None and lock.mode not in HARMLESS
            key = (lock.relation, lock.mode)
            found[key] = found.get(key, False) or waits
    return [
        shapes.LockTaken(relation=relation, mode=mode, waits=waits)
        for (relation, mode), waits in found.items()
    ]


def strongest(shown: shapes.PlanShown) -> dict[str, str]:
    """Return the strongest lock that a plan takes, by the relation's name.

    What the plan itself makes is left out: nobody can be in the way there.
    """
    order = list(CONFLICTS)
    operations = [op for part in shown.tables for op in part.operations]
    made = {op.name for op in operations if op.kind == "create"}
    found: dict[str, str] = {}
    for lock in (lock for op in operations for lock in op.locks):
        before = found.get(lock.relation)
        if lock.relation in made or lock.mode in HARMLESS:
            continue
        if before is None or order.index(lock.mode) > order.index(before):
            found[lock.relation] = lock.mode
    return found
