"""Retirements: record the intent, detach, and let go or drop.

The intents of a table are recorded in one transaction before anything is
detached, so that whatever is killed when, the next run knows what it finds.
Without a DEFAULT partition each is detached concurrently and nobody waits; with
one, PostgreSQL rules that out, and a batch is detached in one short transaction.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg

from partman_core.errors import Blocked, Refused
from partman_core.executor.creation import STALLING_AT_ONCE
from partman_core.executor.outcome import LOCKED, one_line
from partman_core.executor.work import is_out, patiently, recover, together
from partman_core.interval import Interval
from partman_core.pg import ddl, facts
from partman_core.pg.transactions import (
    RESET_LIMITS,
    limits,
    session_limits,
    session_role,
    transaction,
)

if TYPE_CHECKING:
    from partman_core.executor.work import Job
    from partman_core.plan import Detach, Finalize, Move

SHORT_TRY = Interval(microseconds=1_000_000)
"""How long FINALIZE may wait: while it does, no partition can be attached."""


def finalize(job: Job, operations: list[Finalize]) -> None:
    """Finish detaches that were cut short."""
    together(job, operations, 1, lambda some: _finalize(job, some[0]), "detached")


def _finalize(job: Job, operation: Finalize) -> None:
    step = job.steps(operation)[0]
    job.work.conn.execute(
        transaction(
            job.facts,
            step.sql,
            limits=limits(lock=SHORT_TRY, statement=SHORT_TRY),
            after=[job.deeds([operation])],
        )
    )


def detach(job: Job, operations: list[Detach]) -> None:
    """Detach what no plugin forbids, and note the outcome of each."""
    allowed = [operation for operation in operations if _allowed(job, operation)]
    together(job, allowed, len(allowed) or 1, lambda some: _intend(job, some), None)
    intended = [op for op in allowed if id(op) not in job.outcomes]
    concurrently = [op for op in intended if op.concurrently]
    plainly = [op for op in intended if not op.concurrently]
    together(job, concurrently, 1, lambda some: _concurrently(job, some[0]), "detached")
    together(
        job, plainly, STALLING_AT_ONCE, lambda some: _plainly(job, some), "detached"
    )


def _allowed(job: Job, operation: Detach) -> bool:
    """Ask the plugins; a veto keeps the partition and is in the report."""
    try:
        job.work.plugins.pre_detach(table=job.table, partition=operation.partition)
    except Exception as error:  # noqa: BLE001 - a veto is whatever a hook raises
        why = Refused(
            f"kept by a plugin: {one_line(error)}",
            hint="`partman plugins` shows who has a say; --without NAME leaves it out",
            code="vetoed",
        )
        job.failed(operation, why, 0.0)
        return False
    return True


def _intend(job: Job, operations: list[Detach]) -> None:
    """Record what is about to be retired, in one transaction."""
    bounds = [job.clause(op.bounds) for op in operations]
    intents = job.records.retiring(operations, job.tree.oid, bounds)
    job.work.conn.execute(
        transaction(
            job.facts,
            None,
            limits=limits(lock=job.table.lock_patience),
            before=[intents],
        )
    )


def _concurrently(job: Job, operation: Detach) -> None:
    """Detach one partition while everybody goes on.

    The bounds are checked again first: what was planned may have been replaced.
    """
    conn = job.work.conn
    _recheck(job, operation)
    step = job.steps(operation)[0]
    patience = job.table.lock_patience
    conn.execute(session_limits(lock=patience, statement=patience))
    acting = job.facts.role != job.facts.owner
    if acting:
        conn.execute(session_role(job.facts.owner))
    try:
        conn.execute(step.sql)
    except psycopg.Error as error:
        _explain_cut(job, operation, error)
    finally:
        if not conn.closed:
            if acting:
                conn.execute(session_role(job.facts.role))
            conn.execute(RESET_LIMITS)
    conn.execute(job.deeds([operation]))


def _explain_cut(job: Job, operation: Detach, error: psycopg.Error) -> None:
    """Say in which state a detach was left that did not get its locks in time."""
    conn = job.work.conn
    recover(conn)
    if error.sqlstate not in LOCKED:
        raise error
    left = facts.children(conn, job.tree.oid, [operation.partition.oid])
    if left.get(operation.partition.oid):
        raise Blocked(
            f"{operation.name} is half-detached: a transaction that used "
            f"{job.table.name} did not end within {job.table.lock_patience}",
            hint="its rows are out of sight already; the next run finishes it",
            code="half-detached",
            sqlstate=error.sqlstate,
        ) from error
    raise Blocked(
        f"{operation.name} was held by others for {job.table.lock_patience}",
        hint="nothing was changed; the next run tries again",
        sqlstate=error.sqlstate,
    ) from error


def _plainly(job: Job, operations: list[Detach]) -> None:
    """Detach a batch in one short transaction, its bound CHECKs added in it."""
    conn = job.work.conn
    oids = [op.partition.oid for op in operations]
    checks = facts.constraints(conn, oids)
    steps = [job.steps(op, checks)[0] for op in operations]
    sent = transaction(
        job.facts,
        ddl.batch(steps),
        limits=limits(statement=job.table.max_stall),
        after=[job.deeds(operations)],
    )

    def send() -> None:
        conn.execute(sent)

    patiently(job, send)


def _recheck(job: Job, operation: Detach) -> None:
    """Refuse if a partition is no longer the one that the plan speaks of."""
    oid, bounds = operation.partition.oid, operation.partition.bounds
    now = facts.bounds_now(job.work.conn, [oid]).get(oid)
    if bounds is None or now != (job.tree.oid, job.clause(bounds)):
        raise Refused(
            f"{operation.name} has changed since it was planned",
            hint="run again: the plan is made anew each time",
            code="changed",
        )


def move(job: Job, operations: list[Move], detached: dict[int, Detach]) -> None:
    """Put detached partitions into their schema, and let go of them."""
    ready = [op for op in operations if is_out(job, op, detached)]
    together(job, ready, 1, lambda some: _move(job, some[0]), "moved")


def _move(job: Job, operation: Move) -> None:
    step = job.steps(operation)[0]
    job.work.conn.execute(
        transaction(
            job.facts,
            step.sql,
            limits=limits(lock=job.table.lock_patience),
            before=[job.records.forgotten([operation.retired.oid])],
            after=[job.deeds([operation])],
        )
    )
