"""Concurrent detaches: nobody who uses the table waits, and none may be cut short.

One that is cut short leaves its partition half-detached, with its rows out of sight.
"""

from __future__ import annotations

import time
from collections import deque
from contextlib import contextmanager, suppress
from itertools import islice
from typing import TYPE_CHECKING

import psycopg

from partman_core.bounds import parse
from partman_core.errors import Blocked, PartmanError, Refused
from partman_core.executor.attempts import is_held
from partman_core.executor.dependents import referred_to
from partman_core.executor.keeping import on_hold
from partman_core.executor.lookout import Lookout
from partman_core.naming import Name
from partman_core.pg import ddl, facts
from partman_core.pg.statements import EXCLUSIVE, settle
from partman_core.pg.steps import modes
from partman_core.pg.transactions import (
    RESET_LIMITS,
    acts,
    limits,
    lines,
    recover,
    session_limits,
    session_role,
    transaction,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from partman_core.executor.work import Connection, Job
    from partman_core.pg.facts import Place
    from partman_core.plan import Detach

RECORDED_AT_ONCE = 50
"""Detaches that are looked at together and recorded together."""

TRUSTED = 1.0
"""Seconds for which a look at the bounds is relied on."""


@contextmanager
def alone(job: Job) -> Iterator[None]:
    """Set the limits of what cannot run in a transaction, for as long as it takes."""
    conn, patience = job.work.conn, job.table.lock_patience
    conn.execute(session_limits(lock=patience, statement=patience))
    try:
        yield
    finally:
        with suppress(psycopg.OperationalError):
            recover(conn)
            conn.execute(RESET_LIMITS)


def detach_concurrently(job: Job, operations: Sequence[Detach]) -> None:
    """Detach one by one; what holds one up holds up the rest, which is not tried then.

    The parent's bounds are looked at, and what was done is recorded, for some at a
    time.  A run that is killed in between is no loss: the intents stand, so the next
    one finds what is out and records it.
    """
    if not operations:
        return
    waiting = deque(operations)
    job.progressed()
    with alone(job):
        while waiting:
            held = _next_ones(job, waiting)
            while held is not None and waiting:
                why = f"not tried, as {held.name} was held up"
                job.skipped(waiting.popleft(), why)


def _next_ones(job: Job, waiting: deque[Detach]) -> Detach | None:
    """Detach the first few; return the one that was held up, if one was."""
    conn = job.work.conn
    chunk = list(islice(waiting, RECORDED_AT_ONCE))
    places = facts.places(conn, [op.partition.oid for op in chunk])
    kept = on_hold(job, chunk)
    until = time.monotonic() + TRUSTED
    try:
        for operation in chunk:
            job.work.stop.go_on()
            waiting.popleft()
            if why := kept.get(operation.partition.oid):
                job.skipped(operation, why)
            elif not _is_detached(job, operation, places):
                return operation
            if time.monotonic() > until:
                break
    finally:
        with suppress(psycopg.OperationalError):
            recover(conn)
            record_out(job, conn)
    return None


def _is_detached(job: Job, operation: Detach, places: Mapping[int, Place]) -> bool:
    """Detach one and note what became of it; False: others were in the way."""
    started = time.monotonic()
    try:
        _detach(job, operation, places)
    except (psycopg.Error, PartmanError) as error:
        recover(job.work.conn)
        job.work.stop.go_on()
        job.failed(operation, error, time.monotonic() - started)
        return not is_held(error)
    job.progressed()
    job.out.append((operation, job.progress - started))
    return True


def _detach(job: Job, operation: Detach, places: Mapping[int, Place]) -> None:
    """Detach one partition while everybody goes on, within :func:`alone`.

    The bounds are checked first: what was planned may have been replaced.
    """
    recheck(job, [operation], places)
    try:
        _send(job, job.steps(operation)[0])
    except psycopg.Error as error:
        recover(job.work.conn)
        if is_held(error) and _is_pending(job, operation):
            raise _half_detached(job, operation, error) from error
        raise _explained(job, operation, error) from error


def _everything(job: Job, operation: Detach) -> dict[str, str]:
    """Return the locks to look at: whoever uses the table at all is waited for."""
    return modes(job.steps(operation)[0].locks) | {str(job.tree.name): EXCLUSIVE}


def record_out(job: Job, conn: Connection) -> None:
    """See to the CHECKs of what is out by now, and record it.

    :param conn: the run's session, or the one that has replaced it.
    """
    if not job.out:
        return
    try:
        _record(job, conn, job.out)
    except psycopg.Error:
        recover(conn)
        while job.out:
            _record_one(job, conn)
    recorded, job.out = job.out, []
    for operation, took in recorded:
        job.done(operation, took, event="detached")


def _record_one(job: Job, conn: Connection) -> None:
    """Record the first of what is out; the fault of one is not that of the others."""
    (operation, took) = job.out[0]
    try:
        _record(job, conn, [(operation, took)])
    except psycopg.Error as error:
        recover(conn)
        job.out.pop(0)
        job.failed(operation, error, took)
    else:
        job.out.pop(0)
        job.done(operation, took, event="detached")


def _record(job: Job, conn: Connection, out: Sequence[tuple[Detach, float]]) -> None:
    oids = [op.partition.oid for op, _ in out]
    checks = facts.missing_checks(conn, job.work.schema, oids)
    missing = [
        settle(op.name, checks[op.partition.oid])
        for op, _ in out
        if op.partition.oid in checks
    ]
    conn.execute(
        transaction(
            job.facts,
            lines(*missing) if missing else None,
            limits=limits(lock=job.patience),
            after=[
                job.records.detached(oids),
                job.records.done([job.deed(op) for op, _ in out], [s for _, s in out]),
            ],
        )
    )


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


def _is_pending(job: Job, operation: Detach) -> bool:
    oid = operation.partition.oid
    found = facts.places(job.work.conn, [oid]).get(oid)
    return found is not None and found.pending


def _in_the_way(job: Job, operation: Detach) -> str:
    lookout = Lookout(job, job.work.conn)
    return lookout.who(_everything(job, operation))


def _half_detached(job: Job, operation: Detach, error: psycopg.Error) -> Blocked:
    return Blocked(
        f"{operation.name} is half-detached: a transaction that used "
        f"{job.table.name} did not end within {job.table.lock_patience}: "
        f"{_in_the_way(job, operation)}",
        hint="its rows are out of sight already; the next run finishes it",
        code="half-detached",
        sqlstate=error.sqlstate,
    )


def _explained(job: Job, operation: Detach, error: psycopg.Error) -> Exception:
    """Return what to tell of a detach that left everything as it was."""
    if isinstance(error, psycopg.errors.ForeignKeyViolation):
        return referred_to(job, operation, error)
    if not is_held(error):
        return error
    return Blocked(
        f"{operation.name} was held for {job.table.lock_patience} by "
        f"{_in_the_way(job, operation)}",
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
