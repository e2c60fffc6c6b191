"""What is found out and written down when a table's part of a run is over.

A run that is interrupted, or loses its session, does not know what became of the last
thing it sent.  The history does: it is written in the same transactions.
"""

from __future__ import annotations

from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import psycopg

from partman_core.errors import PartmanError
from partman_core.executor.concurrent import record_out
from partman_core.executor.outcome import plain
from partman_core.naming import Name
from partman_core.pg.transactions import recover

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from partman_core.executor.work import Connection, Job
    from partman_core.plan import Operation
    from partman_core.report import Outcome


def account(job: Job, operations: Sequence[Operation], error: Exception | None) -> None:
    """See to it that every operation has its outcome, and failures are recorded.

    :param error: what ended it before its end, if anything did.
    """
    unknown = [op for op in operations if id(op) not in job.outcomes]
    failed = _failed(job, operations)
    if not unknown and not failed:
        return
    try:
        with _session(job) as conn:
            _find(job, conn, [op for op in operations if not job.is_done(op)])
            job.out = [(op, took) for op, took in job.out if not job.is_done(op)]
            record_out(job, conn)
            _fail(job, unknown, error)
            _record(job, conn, operations)
    except (psycopg.Error, PartmanError) as problem:
        _fail(job, unknown, error)
        job.work.log.warning("failures are not in the history: %s", problem)


@contextmanager
def _session(job: Job) -> Iterator[Connection]:
    """Give the run's session if it still works, else another."""
    conn = job.work.conn
    with suppress(psycopg.OperationalError):
        recover(conn)
    if not conn.closed:
        yield conn
        return
    with job.work.connect() as another:
        yield another


def _find(job: Job, conn: Connection, unknown: Sequence[Operation]) -> None:
    """Note as done what was committed without our having heard of it."""
    if not unknown:
        return
    rows = conn.execute(job.records.known(job.table.name)).fetchall()
    done = {(kind, Name.parse(name)) for kind, name in rows}
    for operation in unknown:
        if (operation.kind, operation.name) in done:
            job.outcomes[id(operation)] = plain(operation, "done")


def _fail(job: Job, unknown: Sequence[Operation], error: Exception | None) -> None:
    if error is None:
        return
    for operation in unknown:
        if id(operation) not in job.outcomes:
            job.failed(operation, error, 0.0)


def _failed(job: Job, operations: Sequence[Operation]) -> list[Outcome]:
    found = [job.outcomes.get(id(operation)) for operation in operations]
    return [out for out in found if out is not None and out.result == "failed"]


def _record(job: Job, conn: Connection, operations: Sequence[Operation]) -> None:
    """Write what failed into the history; what was done stands there already."""
    failed = _failed(job, operations)
    if failed:
        deeds = [job.deed(out.operation, out) for out in failed]
        conn.execute(job.records.failed(deeds))
