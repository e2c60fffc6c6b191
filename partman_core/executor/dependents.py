"""What others need of a partition keeps it, and is named with the way out.

Nothing is ever dropped with CASCADE.  So what could not be dropped then is not even
detached, or its rows would be out of sight and their table still there.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

import psycopg

from partman_core.errors import Refused
from partman_core.naming import quote_ident
from partman_core.pg.dependents import dependents, reference
from partman_core.pg.transactions import recover
from partman_core.plan import Detach, Drop

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from partman_core.executor.work import Job
    from partman_core.pg.dependents import Dependent, Reference

D = TypeVar("D", Detach, Drop)

NAMED = 3
"""So many dependents are named."""


def without_dependents(job: Job, operations: list[D]) -> list[D]:
    """Leave out what is to be dropped and could not be, as something needs it."""
    doomed = [oid for op in operations if (oid := _doomed(op)) is not None]
    if not doomed:
        return operations
    needed = dependents(job.work.conn, doomed)
    left = []
    for operation in operations:
        if by := needed.get(_doomed(operation) or 0):
            job.failed(operation, _needed(job, by), 0.0)
        else:
            left.append(operation)
    return left


def _doomed(operation: Detach | Drop) -> int | None:
    """Return the oid of what is to be dropped, at once or later."""
    if isinstance(operation, Drop):
        return operation.retired.oid
    return operation.partition.oid if operation.action == "drop" else None


def _needed(job: Job, by: Sequence[Dependent]) -> Refused:
    named = [str(each) for each in by[:NAMED]]
    if len(by) > NAMED:
        named.append(f"{len(by) - NAMED} more")
    listed = " and ".join(filter(None, [", ".join(named[:-1]), named[-1]]))
    verb = "depends" if len(by) == 1 else "depend"
    return Refused(
        f"kept: {listed} {verb} on it, and it could not be dropped",
        hint=f"partman never drops with CASCADE: {by[0].removal}, or have it use "
        f"{job.table.name} instead; with retention_action = 'detach' partitions "
        "leave their table and stay",
        code="dependents",
    )


@contextmanager
def naming_references(job: Job, operations: Sequence[Detach]) -> Iterator[None]:
    """Say of one partition that rows of another table keep it whose they are.

    Of several nothing is said, as they are tried one by one then.

    :raises Refused: rows of another table refer to rows of it.
    """
    try:
        yield
    except psycopg.errors.ForeignKeyViolation as error:
        if len(operations) > 1:
            raise
        recover(job.work.conn)
        raise referred_to(job, operations[0], error) from error


def referred_to(job: Job, operation: Detach, error: psycopg.Error) -> Exception:
    """Say which rows of whom keep a partition in its table.

    :param error: PostgreSQL's, of a foreign key that points at the table.
    """
    found = reference(job.work.conn, error)
    if found is None:
        return error
    return Refused(
        f"kept: rows of {found.table} refer to rows of it by the foreign key "
        f"{quote_ident(found.constraint)}: {error.diag.message_detail}",
        hint=_way_out(job, operation, found),
        code="referred-to",
        sqlstate=error.sqlstate,
    )


def _way_out(job: Job, operation: Detach, found: Reference) -> str:
    deletion = found.deletion(job.tree.key, operation.bounds)
    what = f"`{deletion}`" if deletion else "delete those that refer to this partition"
    return f"archive what is to be kept of {found.table}, then {what}"
