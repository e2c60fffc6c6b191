"""One table's part of a run: creations first, nothing that waits before them."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from partman_core.executor import creation, dropping, retirement
from partman_core.executor.outcome import plain
from partman_core.executor.work import Job, recover
from partman_core.pg.driver import psycopg
from partman_core.plan import Create, Detach, Discard, Drop, Finalize, Move
from partman_core.report import TableReport

if TYPE_CHECKING:
    from partman_core.executor.work import Work
    from partman_core.model import Table, Tree
    from partman_core.pg.facts import Facts
    from partman_core.plan import Operation, TablePlan

Op = TypeVar("Op", Create, Detach, Discard, Drop, Finalize, Move)


def run(
    work: Work, table: Table, tree: Tree, facts: Facts, plan: TablePlan
) -> tuple[TableReport, bool]:
    """Do what *plan* says, and tell what became of each operation.

    :returns: the report, and whether it was interrupted on the way.
    :raises psycopg.OperationalError: when the connection is gone.
    """
    job = Job(work=work, table=table, tree=tree, facts=facts)
    interrupted = False
    try:
        _operate(job, plan.operations)
    except KeyboardInterrupt:
        interrupted = True
    except Exception as error:  # noqa: BLE001 - told in the report
        # The session is gone; what is not noted yet has failed with it.
        for operation in plan.operations:
            if id(operation) not in job.outcomes:
                job.failed(operation, error, 0.0)
    _record_failures(job)
    return _report(job, plan, interrupted=interrupted), interrupted


def _record_failures(job: Job) -> None:
    """Write what failed into the history; what was done stands there already."""
    failed = [out for out in job.outcomes.values() if out.result == "failed"]
    conn = job.work.conn
    if not failed or conn.closed:
        return
    try:
        recover(conn)
        deeds = [job.deed(out.operation, out) for out in failed]
        conn.execute(job.records.failed(deeds))
    except psycopg.Error as error:
        job.work.log.warning("failures are not in the history: %s", error)


def _operate(job: Job, operations: tuple[Operation, ...]) -> None:
    creation.create(job, _of(operations, Create))
    creation.discard(job, _of(operations, Discard))
    retirement.finalize(job, _of(operations, Finalize))
    detaches = _of(operations, Detach)
    retirement.detach(job, detaches)
    detached = {op.partition.oid: op for op in detaches}
    retirement.move(job, _of(operations, Move), detached)
    dropping.drop(job, _of(operations, Drop), detached)


def _of(operations: tuple[Operation, ...], kind: type[Op]) -> list[Op]:
    return [operation for operation in operations if type(operation) is kind]


def _report(job: Job, plan: TablePlan, *, interrupted: bool) -> TableReport:
    why = "interrupted; the next run does it" if interrupted else "not reached"
    return TableReport(
        table=plan.table,
        outcomes=tuple(
            job.outcomes.get(id(op)) or plain(op, "skipped", why=why)
            for op in plan.operations
        ),
        findings=plan.findings,
    )
