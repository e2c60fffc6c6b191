"""Returns: a detached partition is attached again, its rows proven to fit before.

Proving reads them all, beside everybody.  After it the attach itself is as short as
that of an empty table, and is tried as everything is that can make queries wait.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import psycopg

from partman_core.errors import Refused
from partman_core.executor import window
from partman_core.executor.attempts import patiently, together
from partman_core.executor.lookout import Lookout
from partman_core.executor.outcome import one_line
from partman_core.pg import ddl
from partman_core.pg.returning import returned
from partman_core.pg.steps import modes
from partman_core.pg.transactions import limits, timed, transaction

if TYPE_CHECKING:
    from partman_core.executor.work import Job
    from partman_core.pg.ddl import Step
    from partman_core.plan import Attach


def attach(job: Job, operations: list[Attach]) -> None:
    """Attach partitions from the bin, and note the outcome of each."""
    proven: list[Attach] = []
    together(
        job, operations, 1, partial(_prove, job),
        lambda operation, _: proven.append(operation),
    )  # fmt: skip
    window.measure(job)
    attached = partial(job.done, event="attached")
    patiently(job, proven, partial(_attach, job), attached, most=1)


def _prove(job: Job, operations: list[Attach]) -> None:
    """Have PostgreSQL know that the rows are within the bounds."""
    (operation,) = operations
    lookout = Lookout(job, job.work.conn)
    for step in job.steps(operation)[:-1]:
        if lookout.wait({}, modes(step.locks)) is None:
            raise lookout.blocked()
        sent = transaction(job.facts, step.sql, limits=limits(lock=job.patience))
        try:
            job.work.conn.execute(sent)
        except psycopg.Error as error:
            raise _explained(job, operation, step, error) from error
        job.progressed()


def _attach(job: Job, operations: list[Attach]) -> float:
    """Attach one, the registry told in the same transaction."""
    (operation,) = operations
    step = job.steps(operation)[-1]
    time_limits = limits(lock=job.patience)
    if step.waits:
        time_limits = limits(statement=job.budget)
    sent = transaction(
        job.facts,
        ddl.batch([step]),
        limits=time_limits,
        after=[returned(operation, job.tree.oid, job.records), job.deeds(operations)],
    )
    try:
        return timed(job.work.conn, sent)
    except psycopg.Error as error:
        raise _explained(job, operation, step, error) from error


def _explained(
    job: Job, operation: Attach, step: Step, error: psycopg.Error
) -> Exception:
    """Return what to tell of what PostgreSQL refused: ours, where we know a way out."""
    name, table = operation.name, job.table.name
    match error.sqlstate:
        case "42P01":
            what = f"{name} is gone: somebody has dropped or renamed it meanwhile"
            hint = "`partman bin` shows what there is now"
        case "42P17":
            what = f"{name} has no place in {table} any more: {one_line(error)}"
            hint = "move the rows of either into the other, or take that one out first"
        case "23514" if step.phase == "attach" and _is_of_default(job, error):
            what = f"{job.facts.default} holds rows in the range of {name}"
            hint = f"move them into {name}, then attach it"
        case "23514":
            what = f"{name} holds rows that do not belong in it: {one_line(error)}"
            hint = f"move them out of it; it is for {job.clause(operation.bounds)}"
        case "42804":
            what = f"{name} is not made as {table} is by now: {one_line(error)}"
            hint = f"change it with ALTER TABLE {name}, then attach it"
        case _:
            return error
    return Refused(what, hint=hint, sqlstate=error.sqlstate)


def _is_of_default(job: Job, error: psycopg.Error) -> bool:
    default = job.facts.default
    return default is not None and error.diag.table_name == default.relation
