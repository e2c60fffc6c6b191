"""Retirements: record the intent, detach, and let go or drop.

The intents of a table are recorded in one transaction before anything is
detached, so that whatever is killed when, the next run knows what it finds.
Without a DEFAULT partition each is detached concurrently and nobody waits; with
one, PostgreSQL rules that out, and a batch is detached in one short transaction.
"""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING

import psycopg

from partman_core.bounds import parse
from partman_core.errors import Blocked, Refused
from partman_core.executor.attempts import patiently, recover, together
from partman_core.executor.creation import STALLING_AT_ONCE
from partman_core.executor.outcome import LOCKED, one_line
from partman_core.interval import Interval
from partman_core.naming import Name
from partman_core.pg import ddl, facts
from partman_core.pg.transactions import (
    RESET_LIMITS,
    acts,
    limits,
    session_limits,
    session_role,
    transaction,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from partman_core.executor.work import Job
    from partman_core.pg.facts import Place
    from partman_core.plan import Detach, Finalize, Move, Operation

SHORT_TRY = Interval(microseconds=1_000_000)
"""How long FINALIZE may wait: while it does, no partition can be attached."""


def finalize(job: Job, operations: list[Finalize]) -> None:
    """Finish detaches that were cut short."""
    detached = partial(job.done, event="detached")
    together(job, operations, 1, partial(_finalize, job), detached, shared=True)


def _finalize(job: Job, operations: list[Finalize]) -> None:
    (operation,) = operations
    oid = operation.partition.oid
    checks = facts.bound_checks(job.work.conn, job.work.schema, [oid])
    body = job.steps(operation)[0].sql
    if oid in checks:
        body = body + ddl.settle(operation.name, checks[oid])
    job.work.conn.execute(
        transaction(
            job.facts,
            body,
            limits=limits(lock=SHORT_TRY, statement=SHORT_TRY),
            after=[job.records.detached([oid]), job.deeds([operation])],
        )
    )


def detach(job: Job, operations: list[Detach]) -> None:
    """Detach what no plugin forbids, and note the outcome of each."""
    allowed = [operation for operation in operations if _is_allowed(job, operation)]
    allowed = _with_somewhere_to_go(job, allowed)
    intended: list[Detach] = []
    together(
        job, allowed, len(allowed) or 1, partial(_intend, job),
        lambda operation, _: intended.append(operation),
    )  # fmt: skip
    detached = partial(job.done, event="detached")
    concurrently = [op for op in intended if op.concurrently]
    plainly = [op for op in intended if not op.concurrently]
    together(job, concurrently, 1, partial(_concurrently, job), detached, shared=True)
    patiently(job, plainly, STALLING_AT_ONCE, partial(_plainly, job), detached)
    withdraw(job, [op.partition.oid for op in intended if not job.is_done(op)])


def withdraw(job: Job, oids: Sequence[int]) -> None:
    """Forget the intents about partitions that are still where they were."""
    if oids:
        job.work.conn.execute(job.records.withdrawn(oids))


def _is_allowed(job: Job, operation: Detach) -> bool:
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


def _with_somewhere_to_go(job: Job, operations: list[Detach]) -> list[Detach]:
    """Leave out what could be detached, but not be moved to its schema then."""
    schemas = {op.target_schema for op in operations if op.target_schema is not None}
    if not schemas:
        return operations
    usable = facts.schemas(job.work.conn, job.tree.oid, schemas)
    left = []
    for operation in operations:
        target = operation.target_schema
        if target is None or usable.get(target):
            left.append(operation)
        else:
            job.failed(operation, _no_place(job, target, known=target in usable), 0.0)
    return left


def _no_place(job: Job, schema: str, *, known: bool) -> Refused:
    name, owner = Name(None, schema), Name(None, job.facts.owner)
    if not known:
        return Refused(
            f"there is no schema {name} to move it to",
            hint=f"CREATE SCHEMA {name} AUTHORIZATION {owner}, or name another "
            "retention_schema",
            code="retention-schema",
        )
    return Refused(
        f"{owner} may not make tables in the schema {name}, where it is to be moved",
        hint=f"GRANT USAGE, CREATE ON SCHEMA {name} TO {owner}",
        code="retention-schema",
    )


def _intend(job: Job, operations: list[Detach]) -> None:
    """Record what is about to be retired, in one transaction."""
    bounds = [job.clause(op.bounds) for op in operations]
    job.work.conn.execute(
        transaction(
            job.facts,
            None,
            limits=limits(lock=job.patience),
            before=[job.records.retiring(operations, job.tree.oid, bounds)],
        )
    )


def _concurrently(job: Job, operations: list[Detach]) -> None:
    """Detach one partition while everybody goes on.

    The bounds are checked again first: what was planned may have been replaced.
    """
    (operation,) = operations
    conn, oid = job.work.conn, operation.partition.oid
    _recheck(job, operations, facts.places(conn, [oid]))
    step = job.steps(operation)[0]
    conn.execute(session_limits(lock=job.patience, statement=job.patience))
    acting = acts(job.facts)
    if acting:
        conn.execute(session_role(job.facts.owner))
    started = time.monotonic()
    try:
        conn.execute(step.sql)
    except psycopg.Error as error:
        _explain_cut(job, operation, error)
    finally:
        if not conn.closed:
            recover(conn)
            if acting:
                conn.execute(session_role(job.facts.role))
            conn.execute(RESET_LIMITS)
    _settle(job, operation, time.monotonic() - started)


def _settle(job: Job, operation: Detach, took: float) -> None:
    """See to its CHECK, and record that it is out.

    :param took: how long it was detached for, in seconds.
    """
    conn, oid = job.work.conn, operation.partition.oid
    check = facts.bound_checks(conn, job.work.schema, [oid]).get(oid)
    conn.execute(
        transaction(
            job.facts,
            None if check is None else ddl.settle(operation.name, check),
            limits=limits(lock=job.patience),
            after=[
                job.records.detached([oid]),
                job.records.done([job.deed(operation)], took),
            ],
        )
    )


def _explain_cut(job: Job, operation: Detach, error: psycopg.Error) -> None:
    """Say in which state a detach was left that did not get its locks in time."""
    conn = job.work.conn
    recover(conn)
    if error.sqlstate not in LOCKED:
        raise error
    left = facts.places(conn, [operation.partition.oid]).get(operation.partition.oid)
    if left is not None and left.pending:
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
    conn, oids = job.work.conn, [op.partition.oid for op in operations]
    places = facts.places(conn, oids, checks=True)
    _recheck(job, operations, places)
    conn.execute(
        transaction(
            job.facts,
            ddl.batch([job.steps(op, places)[0] for op in operations]),
            limits=limits(statement=job.table.max_stall),
            after=[job.records.detached(oids), job.deeds(operations)],
        )
    )


def _recheck(
    job: Job, operations: Sequence[Detach], places: Mapping[int, Place]
) -> None:
    """Refuse if a partition is no longer the one that the plan speaks of."""
    for operation in operations:
        found = places.get(operation.partition.oid)
        if (
            found is None
            or Name(found.schema, found.relation) != operation.name
            or found.parent != job.tree.oid
            or found.pending
            or parse(found.bounds) != operation.bounds
        ):
            raise Refused(
                f"{operation.name} has changed since it was planned",
                hint=ddl.CHANGED,
                code="changed",
            )


def move(job: Job, operations: list[Move], before: Mapping[int, Operation]) -> None:
    """Put detached partitions into their schema, and let go of them.

    :param before: by oid, the operations of this pass that take them out.
    """
    ready = [op for op in operations if job.is_out(op, before)]
    together(job, ready, 1, partial(_move, job), partial(job.done, event="moved"))


def _move(job: Job, operations: list[Move]) -> None:
    (operation,) = operations
    job.work.conn.execute(
        transaction(
            job.facts,
            job.steps(operation)[0].sql,
            limits=limits(lock=job.patience),
            before=[job.records.forgotten([operation.retired.oid])],
            after=[job.deeds([operation])],
        )
    )
