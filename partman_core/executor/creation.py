"""Creations: build apart, then attach.

Building takes no lock that anybody waits for.  Attaching is short: all tables are
built first, so that what is held is held for attaching alone.  Each transaction
records what it did; a run that ends in between leaves tables that the next run
attaches or removes.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from partman_core.errors import Refused
from partman_core.executor.outcome import LOCKED
from partman_core.executor.work import patiently, recover, together
from partman_core.interval import Interval
from partman_core.pg import ddl, facts
from partman_core.pg.transactions import (
    BEGIN,
    COMMIT,
    limits,
    lines,
    roles,
    transaction,
)

if TYPE_CHECKING:
    from psycopg.sql import Composed

    from partman_core.executor.work import Job
    from partman_core.plan import Create, Discard

AT_ONCE = 100
"""Tables a transaction: far from what the server's lock table holds."""

STALLING_AT_ONCE = 10
"""Attaches a transaction where queries wait for its end."""


def create(job: Job, operations: list[Create]) -> None:
    """Build and attach, and note the outcome of each."""
    to_build = [operation for operation in operations if operation.built is None]
    together(job, to_build, _build_size(job), lambda some: _build(job, some), None)
    built = [op for op in operations if id(op) not in job.outcomes]
    stalling = job.facts.attach_waits
    size = STALLING_AT_ONCE if stalling else AT_ONCE
    together(job, built, size, lambda some: _attach(job, some), "attached")
    for operation in built:
        if not job.is_done(operation):
            _clear(job, operation)


def _build_size(job: Job) -> int:
    return 1 if job.work.plugins.has("partman_post_create") else AT_ONCE


def _build(job: Job, operations: list[Create]) -> None:
    """Build tables in one transaction, the intent recorded in it."""
    step = [job.steps(op)[0] for op in operations]
    recorded = job.records.built(
        [op.name for op in operations],
        job.tree.oid,
        [job.clause(op.bounds) for op in operations],
    )
    time_limits = limits(lock=job.table.lock_patience)
    if not job.work.plugins.has("partman_post_create"):
        body = ddl.batch(step)
        job.work.conn.execute(
            transaction(job.facts, body, limits=time_limits, after=[recorded])
        )
    else:
        _build_with_hooks(job, operations[0], step[0], time_limits, recorded)


def _build_with_hooks(
    job: Job,
    operation: Create,
    step: ddl.Step,
    time_limits: Composed,
    recorded: Composed,
) -> None:
    """Build one table and let the plugins finish it, in one transaction."""
    conn = job.work.conn
    owner, myself = roles(job.facts)
    conn.execute(lines(BEGIN, time_limits, *owner, step.sql))
    job.work.plugins.post_create(
        table=job.table, partition=operation.name, bounds=operation.bounds, conn=conn
    )
    conn.execute(lines(*myself, recorded, COMMIT))


def _attach(job: Job, operations: list[Create]) -> None:
    """Attach tables in one transaction, the registry told in it."""
    body = ddl.batch([job.steps(op)[-1] for op in operations])
    stalling = job.facts.attach_waits
    time_limits = (
        limits(lock=None, statement=job.table.max_stall)
        if stalling
        else limits(lock=job.table.lock_patience)
    )
    sent = transaction(
        job.facts,
        body,
        limits=time_limits,
        before=[job.records.attached([op.name for op in operations])],
        after=[job.deeds(operations)],
    )
    if stalling:
        patiently(job, lambda: _send(job, sent))
    else:
        _send(job, sent)


def _send(job: Job, statement: Composed) -> None:
    job.work.conn.execute(statement)


def _clear(job: Job, operation: Create) -> None:
    """Remove the table of an attach that was refused for good.

    One that was only locked out stays: the next run attaches it.
    """
    found = job.outcomes[id(operation)]
    if operation.built is not None or found.sqlstate in LOCKED or not found.sqlstate:
        return
    conn = job.work.conn
    recover(conn)
    if facts.is_empty(conn, operation.name):
        conn.execute(
            transaction(
                job.facts,
                ddl.removal(operation.name),
                limits=limits(lock=Interval(microseconds=1_000_000)),
                before=[job.records.unbuilt(operation.name)],
            )
        )


def discard(job: Job, operations: list[Discard]) -> None:
    """Remove tables that an earlier run built and nobody wants any more."""
    for operation in operations:
        started = time.monotonic()
        try:
            _discard(job, operation)
        except Exception as error:  # noqa: BLE001 - told from the others
            recover(job.work.conn)
            job.failed(operation, error, time.monotonic() - started)
        else:
            job.done(operation, time.monotonic() - started, "discarded")


def _discard(job: Job, operation: Discard) -> None:
    conn = job.work.conn
    if not facts.is_empty(conn, operation.name):
        raise Refused(
            f"{operation.name} was built for {job.table.name} and never attached, "
            "but somebody has put rows into it",
            hint="attach it by hand, or move its rows and drop it",
            code="built-not-empty",
        )
    step = job.steps(operation)[0]
    conn.execute(
        transaction(
            job.facts,
            step.sql,
            limits=limits(lock=Interval(microseconds=1_000_000)),
            before=[job.records.forgotten([operation.partition.oid])],
            after=[job.deeds([operation])],
        )
    )
