"""Retirements: record the intent, detach, and let go or drop.

The intents of a table are recorded in one transaction before anything is
detached, so that whatever is killed when, the next run knows what it finds.
Without a DEFAULT partition and foreign keys each is detached concurrently and nobody
waits; with one, somebody would, and a batch is detached in one short transaction.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from partman_core.errors import Refused
from partman_core.executor.attempts import insist, patiently, together
from partman_core.executor.concurrent import (
    RECORDED_AT_ONCE,
    detach_concurrently,
    recheck,
)
from partman_core.executor.creation import AT_ONCE
from partman_core.executor.dependents import naming_references, without_dependents
from partman_core.executor.keeping import Kept, refuse_held
from partman_core.executor.outcome import one_line
from partman_core.interval import Interval
from partman_core.naming import Name
from partman_core.pg import ddl, facts, statements
from partman_core.pg.transactions import limits, lines, timed, transaction

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from psycopg.sql import Composed

    from partman_core.executor.work import Job
    from partman_core.plan import Detach, Finalize, Move, Operation, Settle

SHORT_TRY = Interval(microseconds=1_000_000)
"""How long FINALIZE may take: while it waits, no partition can be attached."""


def finalize(job: Job, operations: list[Finalize]) -> None:
    """Finish detaches that were cut short."""
    detached = partial(job.done, event="detached")
    together(job, operations, 1, partial(_finalize, job), detached, shared=True)
    job.stuck = next((op for op in operations if not job.is_done(op)), None)


def _finalize(job: Job, operations: list[Finalize]) -> None:
    (operation,) = operations
    oid = operation.partition.oid
    checks = facts.bound_checks(job.work.conn, job.work.schema, [oid])
    body = job.steps(operation)[0].sql
    if oid in checks:
        body = body + statements.settle(operation.name, checks[oid])
    sent = transaction(
        job.facts,
        body,
        limits=_brief(job),
        after=[job.records.detached([oid]), job.deeds([operation])],
    )
    conn = job.work.conn
    insist(job, conn, job.steps(operation)[0].locks, lambda: conn.execute(sent))


def _brief(job: Job) -> Composed:
    """Write the limits of a try to finish a detach.

    It waits for older snapshots, and while it does no partition can be attached; and
    then for those who use what refers to the table, while others queue behind it.
    """
    lock = job.budget if job.facts.is_linked else SHORT_TRY
    return limits(lock=lock, statement=SHORT_TRY)


def settle(job: Job, operations: list[Settle]) -> None:
    """Record what a killed run has taken out, once its rows are known to be its own."""
    detached = partial(job.done, event="detached")
    together(job, operations, RECORDED_AT_ONCE, partial(_settle, job), detached)


def _settle(job: Job, operations: list[Settle]) -> None:
    job.work.conn.execute(
        transaction(
            job.facts,
            lines(*(job.steps(op)[0].sql for op in operations)),
            limits=limits(lock=job.patience),
            after=[
                job.records.detached([op.retired.oid for op in operations]),
                job.deeds(operations),
            ],
        )
    )


def detach(job: Job, operations: list[Detach]) -> None:
    """Detach what no plugin forbids, and note the outcome of each."""
    operations = _not_behind(job, operations)
    allowed = [operation for operation in operations if _is_allowed(job, operation)]
    allowed = _with_somewhere_to_go(job, without_dependents(job, allowed))
    intended: list[Detach] = []
    together(
        job, allowed, len(allowed) or 1, partial(_intend, job),
        lambda operation, _: intended.append(operation),
    )  # fmt: skip
    detach_concurrently(job, [op for op in intended if op.concurrently])
    detached = partial(job.done, event="detached")
    plainly = [op for op in intended if not op.concurrently]
    patiently(job, plainly, partial(_plainly, job), detached, most=AT_ONCE)
    withdraw(job, [op.partition.oid for op in intended if not job.is_done(op)])


def _not_behind(job: Job, operations: list[Detach]) -> list[Detach]:
    """Leave out what PostgreSQL refuses while another detach is unfinished."""
    if job.stuck is None:
        return operations
    why = f"not tried, as {job.stuck.name} is still half-detached"
    for operation in operations:
        if operation.concurrently:
            job.skipped(operation, why)
    return [operation for operation in operations if not operation.concurrently]


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


def _plainly(job: Job, operations: list[Detach]) -> float:
    """Detach a batch in one short transaction, its bound CHECKs added in it."""
    conn, oids = job.work.conn, [op.partition.oid for op in operations]
    places = facts.places(conn, oids, checks=True)
    recheck(job, operations, places)
    refuse_held(job, operations)
    sent = transaction(
        job.facts,
        ddl.batch([job.steps(op, places)[0] for op in operations]),
        limits=limits(statement=job.budget),
        after=[job.records.detached(oids), job.deeds(operations)],
    )
    with naming_references(job, operations):
        return timed(conn, sent)


def move(job: Job, operations: list[Move], before: Mapping[int, Operation]) -> None:
    """Put detached partitions into their schema, and let go of them.

    :param before: by oid, the operations of this pass that take them out.
    """
    ready = [op for op in operations if job.is_out(op, before)]
    together(job, ready, 1, partial(_move, job), partial(job.done, event="moved"))


def _move(job: Job, operations: list[Move]) -> None:
    (operation,) = operations
    oid = operation.retired.oid
    found = facts.obstacles(job.work.conn, job.work.schema, [oid], job.work.now)
    why = found.get(oid, (None, None))[1]
    if why == "held":
        raise Kept(f"{operation.name} stays where it is: it is held")
    if why == "attached":
        raise Refused(
            f"{operation.name} is attached to a table, and stays where it is",
            hint="run again: the plan is made anew each time",
            code="move-attached",
        )
    job.work.conn.execute(
        transaction(
            job.facts,
            job.steps(operation)[0].sql,
            limits=limits(lock=job.patience),
            before=[job.records.forgotten([operation.retired.oid])],
            after=[job.deeds([operation])],
        )
    )
