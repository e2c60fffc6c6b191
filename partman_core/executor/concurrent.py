"""Concurrent detaches: nobody who uses the table waits, and none may be cut short.

One that is cut short leaves its partition half-detached, with its rows out of sight.
"""

from __future__ import annotations

import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import psycopg

from partman_core.bounds import parse
from partman_core.errors import Blocked, Refused
from partman_core.executor.attempts import first_pause, is_held, rest
from partman_core.interval import Interval
from partman_core.naming import Name
from partman_core.pg import ddl, facts
from partman_core.pg.statements import finalization, settle
from partman_core.pg.transactions import (
    RESET_LIMITS,
    acts,
    limits,
    recover,
    session_limits,
    session_role,
    transaction,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from psycopg.sql import Composed

    from partman_core.executor.work import Job
    from partman_core.pg.facts import Place
    from partman_core.plan import Detach

SHORT_TRY = Interval(microseconds=1_000_000)
"""How long FINALIZE may take: while it waits, no partition can be attached."""


@contextmanager
def alone(job: Job) -> Iterator[None]:
    """Set the limits of what cannot run in a transaction, for as long as it takes.

    Where others refer to the table, their queries queue behind its last lock.
    """
    conn, patience = job.work.conn, job.table.lock_patience
    lock = job.table.max_stall if job.facts.referred_by else patience
    conn.execute(session_limits(lock=lock, statement=patience))
    try:
        yield
    finally:
        with suppress(psycopg.OperationalError):
            recover(conn)
            conn.execute(RESET_LIMITS)


def detach_alone(
    job: Job, operations: list[Detach], *, checks: Mapping[int, str]
) -> None:
    """Detach one partition while everybody goes on, within :func:`alone`.

    The bounds are checked again first: what was planned may have been replaced.

    :param checks: by oid, the CHECKs that the bounds of partitions amount to.
    """
    (operation,) = operations
    recheck(job, operations, facts.places(job.work.conn, [operation.partition.oid]))
    started = time.monotonic()
    try:
        _send(job, job.steps(operation)[0])
    except psycopg.Error as error:
        recover(job.work.conn)
        if not (is_held(error) and _is_pending(job, operation)):
            raise _explained(job, operation, error) from error
        if not job.facts.referred_by:
            raise _half_detached(job, operation, error) from error
        _finish(job, operation)
    took = time.monotonic() - started
    _settle(job, operation, checks.get(operation.partition.oid), took)


def _send(job: Job, step: ddl.Step) -> None:
    """Send a detach, as the parent's owner."""
    conn = job.work.conn
    if not acts(job.facts):
        conn.execute(step.sql)
        return
    conn.execute(session_role(job.facts.owner))
    try:
        conn.execute(step.sql)
    finally:
        with suppress(psycopg.OperationalError):
            recover(conn)
            conn.execute(session_role(job.facts.role))


def _finish(job: Job, operation: Detach) -> None:
    """Finish a detach that did not get its last locks at once, in short tries."""
    conn, pause = job.work.conn, first_pause(job)
    sent = transaction(
        job.facts,
        finalization(job.tree.name, operation.name),
        limits=brief_limits(job),
    )
    while True:
        try:
            conn.execute(sent)
        except psycopg.Error as error:
            recover(conn)
            if not is_held(error) or job.is_spent:
                raise _half_detached(job, operation, error) from error
            pause = rest(pause)
        else:
            return


def brief_limits(job: Job) -> Composed:
    """Write the limits of a try to finish a detach.

    It waits for older snapshots, and while it does no partition can be attached; and
    then for those who use what refers to the table, while others queue behind it.
    """
    lock = job.table.max_stall if job.facts.referred_by else SHORT_TRY
    return limits(lock=lock, statement=SHORT_TRY)


def _settle(job: Job, operation: Detach, check: str | None, took: float) -> None:
    """See to its CHECK, and record that it is out.

    :param took: how long it was detached for, in seconds.
    """
    job.work.conn.execute(
        transaction(
            job.facts,
            None if check is None else settle(operation.name, check),
            limits=limits(lock=job.patience),
            after=[
                job.records.detached([operation.partition.oid]),
                job.records.done([job.deed(operation)], took),
            ],
        )
    )


def _is_pending(job: Job, operation: Detach) -> bool:
    oid = operation.partition.oid
    found = facts.places(job.work.conn, [oid]).get(oid)
    return found is not None and found.pending


def _half_detached(job: Job, operation: Detach, error: psycopg.Error) -> Blocked:
    return Blocked(
        f"{operation.name} is half-detached: a transaction that used "
        f"{job.table.name} did not end within {job.table.lock_patience}",
        hint="its rows are out of sight already; the next run finishes it",
        code="half-detached",
        sqlstate=error.sqlstate,
    )


def _explained(job: Job, operation: Detach, error: psycopg.Error) -> Exception:
    """Return what to tell of a detach that left everything as it was."""
    if not is_held(error):
        return error
    return Blocked(
        f"{operation.name} was held by others for {job.table.lock_patience}",
        hint="nothing was changed; the next run tries again",
        sqlstate=error.sqlstate,
    )


def recheck(
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
