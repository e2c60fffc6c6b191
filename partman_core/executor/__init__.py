"""One table's part of a run: creations first, nothing that waits before them."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from partman_core.executor import creation, dropping, retirement
from partman_core.executor.aftermath import account
from partman_core.executor.outcome import plain
from partman_core.executor.work import Job
from partman_core.plan import Create, Detach, Discard, Drop, Finalize, Move
from partman_core.report import TableReport

if TYPE_CHECKING:
    from collections.abc import Iterable

    from partman_core.executor.work import Work
    from partman_core.model import Table, Tree
    from partman_core.pg.facts import Facts
    from partman_core.plan import Operation, TablePlan


def run(
    work: Work, table: Table, tree: Tree, facts: Facts, plan: TablePlan
) -> tuple[TableReport, bool]:
    """Do what *plan* says, and tell what became of each operation.

    :returns: the report, and whether it was interrupted on the way.
    """
    job = Job(work=work, table=table, tree=tree, facts=facts)
    interrupted = False
    error: Exception | None = None
    try:
        _withdraw_left_over(job, plan.operations)
        _operate(job, plan.operations)
    except KeyboardInterrupt:
        interrupted = True
    except Exception as problem:  # noqa: BLE001 - told in the report
        error = problem  # most likely the session is gone
    account(job, plan.operations, error)
    return _report(job, plan, interrupted=interrupted), interrupted


def _withdraw_left_over(job: Job, operations: Iterable[Operation]) -> None:
    """Forget what a killed run was about to retire, and what is kept by now."""
    pending = {part.oid for part in job.tree.partitions if part.pending}
    still = {op.partition.oid for op in operations if isinstance(op, Detach)}
    left = [retired.oid for retired in job.tree.bin if retired.attached]
    retirement.withdraw(job, [oid for oid in left if oid not in pending | still])


def _operate(job: Job, operations: Iterable[Operation]) -> None:
    """Do the operations in their order, those of one kind together."""
    leaving: dict[int, Operation] = {}
    for kind, group in groupby(operations, key=type):
        some: list[Any] = list(group)
        if kind is Create:
            creation.create(job, some)
        elif kind is Discard:
            creation.discard(job, some)
        elif kind is Finalize:
            retirement.finalize(job, some)
        elif kind is Detach:
            retirement.detach(job, some)
        elif kind is Move:
            retirement.move(job, some, leaving)
        elif kind is Drop:
            dropping.drop(job, some, leaving)
        if kind in {Finalize, Detach}:
            leaving |= {operation.partition.oid: operation for operation in some}


def _report(job: Job, plan: TablePlan, *, interrupted: bool) -> TableReport:
    why = "interrupted; the next run does it" if interrupted else "not reached"
    return TableReport(
        table=plan.table,
        outcomes=tuple(
            job.outcomes.get(id(op)) or plain(op, "skipped", why=_left(job, op, why))
            for op in plan.operations
        ),
        findings=plan.findings,
    )


def _left(job: Job, operation: Operation, why: str) -> str:
    """Say what was left of an operation, and name what is half-made."""
    if id(operation) in job.ready:
        return "built and not attached yet; the next run attaches it"
    return why
