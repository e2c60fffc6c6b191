"""Creations: build apart, then attach.

Building takes no lock that anybody waits for.  Attaching is short: tables are built
before, all of them or, where there are many, in a second session, so that what is held
is held for attaching alone.  Each transaction records what it did; a run that ends in
between leaves tables that the next run attaches or removes.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import psycopg
from attrs import evolve
from psycopg.pq import TransactionStatus

from partman_core.errors import Refused
from partman_core.executor import abreast, window
from partman_core.executor.attempts import chunks, patiently, skip, together
from partman_core.executor.outcome import LOCKED
from partman_core.executor.work import is_default
from partman_core.interval import Interval
from partman_core.pg import build as building
from partman_core.pg import ddl
from partman_core.pg.statements import removal_if_empty
from partman_core.pg.transactions import (
    BEGIN,
    COMMIT,
    hook_limits,
    limits,
    lines,
    recover,
    roles,
    timed,
    transaction,
)
from partman_core.pg.window import is_needed as needs_window

if TYPE_CHECKING:
    from psycopg.sql import Composed

    from partman_core.executor.work import Job
    from partman_core.pg.steps import Step
    from partman_core.plan import Create, Discard

AT_ONCE = 100
"""Tables a transaction: far from what the server's lock table holds."""

LOCKED_AT_ONCE = 1000
"""Tables that are attached in a transaction: with each all that is inside is locked."""

BRIEF = Interval(microseconds=1_000_000)
"""How long to wait for a table that nobody but us should know."""


def create(job: Job, operations: list[Create]) -> None:
    """Build and attach, and note the outcome of each."""
    to_build = [operation for operation in operations if operation.built is None]
    if job.work.plugins.has("partman_post_create"):
        build, size = _build_with_hooks, 1
    else:
        build, size = _build, _fitting(AT_ONCE, to_build)
        _create_abreast(job, to_build, size)
    to_build = [op for op in to_build if not job.is_begun(op)]
    together(job, to_build, size, partial(build, job), job.built, shared=True)
    built = [op for op in operations if id(op) not in job.outcomes]
    window.measure(job)
    apart = [op for op in built if needs_window(op, job.facts, job.table.max_stall)]
    close = [op for op in built if op not in apart]
    _attach_all(job, close)
    window.attach(job, apart, partial(_attach_all, job))
    for operation in built:
        if not job.is_done(operation):
            _clear(job, operation)
        elif is_default(operation):
            job.has_default(operation.name)


def _create_abreast(job: Job, operations: list[Create], size: int) -> None:
    """Build many in a second session, and attach meanwhile; where that keeps nobody.

    What it leaves is done the usual way.
    """
    if job.facts.attach_waits or len(operations) <= size:
        return
    batches = list(chunks(operations, size))
    with abreast.beside(job, batches, _build, job.built) as built:
        for batch in built:
            _attach_all(job, batch)
            if held := next((op for op in batch if job.is_blocked(op)), None):
                skip(job, held, [op for op in operations if not job.is_settled(op)])
                return


def _attach_all(job: Job, built: list[Create]) -> None:
    attached = partial(job.done, event="attached")
    size = min(AT_ONCE, _fitting(LOCKED_AT_ONCE, built))
    if job.facts.attach_waits:
        patiently(job, built, partial(_attach, job), attached, most=size)
    else:
        together(job, built, size, partial(_attach, job), attached, shared=True)


def _fitting(tables: int, operations: list[Create]) -> int:
    """Return how many operations have so many tables together, at least one."""
    heaviest = max((operation.tables for operation in operations), default=1)
    return max(1, tables // heaviest)


def _build(job: Job, operations: list[Create]) -> None:
    """Build tables in one transaction, the intent recorded in it.

    What has more inside than a transaction should hold locks for gets the rest in
    further ones: the next run goes on with it if one fails, before it is attached.
    """
    if len(operations) == 1 and operations[0].tables > AT_ONCE:
        first, *others = _parts(operations[0])
        _send(job, [first], building.statements(first, job.facts, job.table))
        for part in others:
            sent = building.inside(part, job.facts, job.table)
            job.work.conn.execute(
                transaction(
                    job.facts,
                    sent,
                    limits=limits(lock=job.patience),
                    after=job.records.inside([part]),
                    making=True,
                )
            )
            job.progressed()
        return
    _send(job, operations, ddl.batch([job.steps(op)[0] for op in operations]))


def _parts(operation: Create) -> list[Create]:
    """Part what is inside of a new partition, so that each part is small enough."""
    parts: list[list[Create]] = [[]]
    weight = 1
    for inner in operation.inner:
        if weight + inner.tables > AT_ONCE and parts[-1]:
            parts.append([])
            weight = 0
        parts[-1].append(inner)
        weight += inner.tables
    return [evolve(operation, inner=tuple(some)) for some in parts]


def _send(job: Job, operations: list[Create], body: Composed) -> None:
    recorded = job.records.built(
        [op.name for op in operations],
        job.tree.oid,
        [job.clause(op.bounds) for op in operations],
    )
    job.work.conn.execute(
        transaction(
            job.facts,
            body,
            limits=limits(lock=job.patience),
            after=[recorded, *job.records.inside(operations)],
            making=True,
        )
    )


def _build_with_hooks(job: Job, operations: list[Create]) -> None:
    """Build one table and let the plugins finish it, in one transaction."""
    (operation,) = operations
    conn = job.work.conn
    owner, myself = roles(job.facts, making=True)
    recorded = job.records.built(
        [operation.name], job.tree.oid, [job.clause(operation.bounds)]
    )
    inside = job.records.inside([operation])
    step = job.steps(operation)[0]
    time_limits = limits(lock=job.patience)
    time_limits += hook_limits(job.table.hook_timeout, local=True)
    conn.execute(
        lines(
            BEGIN, time_limits, *owner, step.sql, *myself, recorded, *inside, *owner
        )
    )  # fmt: skip
    job.work.plugins.post_create(
        table=job.table, partition=operation.name, bounds=operation.bounds, conn=conn
    )
    if conn.info.transaction_status != TransactionStatus.INTRANS:
        raise Refused(
            f"a post-create hook ended or broke the transaction that builds "
            f"{operation.name}",
            hint="a hook must neither commit nor roll back the connection it gets",
            code="hook-ended-transaction",
        )
    conn.execute(lines(*myself, COMMIT))


def _attach(job: Job, operations: list[Create]) -> float:
    """Attach tables in one transaction, the registry told in it."""
    body = ddl.batch([_attaching(job, op) for op in operations])
    time_limits = limits(lock=job.patience)
    if job.facts.attach_waits:
        time_limits = limits(statement=job.budget)
    return timed(
        job.work.conn,
        transaction(
            job.facts,
            body,
            limits=time_limits,
            before=[job.records.attached([op.name for op in operations])],
            after=[job.deeds(operations)],
        ),
    )


def _attaching(job: Job, operation: Create) -> Step:
    return next(step for step in job.steps(operation) if step.phase == "attach")


def _clear(job: Job, operation: Create) -> None:
    """Remove the table of an attach that was refused for good, if it is empty.

    One that was only held up stays, and the next run attaches it.
    """
    found = job.outcomes.get(id(operation))
    if found is None or found.sqlstate is None or found.sqlstate in LOCKED:
        return
    conn = job.work.conn
    recover(conn)
    try:
        conn.execute(
            transaction(
                job.facts,
                removal_if_empty(operation.name),
                limits=limits(lock=BRIEF),
                before=[job.records.unbuilt(operation.name)],
            )
        )
    except psycopg.Error as error:
        recover(conn)
        job.work.log.warning("%s is left for the next run: %s", operation.name, error)


def discard(job: Job, operations: list[Discard]) -> None:
    """Remove tables that an earlier run built and nobody wants any more."""
    discarded = partial(job.done, event="discarded")
    together(job, operations, 1, partial(_discard, job), discarded)


def _discard(job: Job, operations: list[Discard]) -> None:
    (operation,) = operations
    job.work.conn.execute(
        transaction(
            job.facts,
            job.steps(operation)[0].sql,
            limits=limits(lock=BRIEF),
            before=[job.records.forgotten([operation.partition.oid])],
            after=[job.deeds([operation])],
        )
    )
