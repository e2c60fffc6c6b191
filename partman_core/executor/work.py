"""What the parts of one pass share: the session, the clock, the record."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import psycopg
from attrs import define, field, frozen

from partman_core.bounds import clause
from partman_core.errors import Blocked
from partman_core.executor import outcome
from partman_core.model import Deed, Event
from partman_core.pg import ddl
from partman_core.pg.batches import Registry

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from psycopg.sql import Composed

    from partman_core.bounds import Bounds
    from partman_core.model import Table, Tree
    from partman_core.pg.ddl import Step
    from partman_core.pg.facts import Facts
    from partman_core.plan import Detach, Drop, Move, Operation
    from partman_core.plugins import Plugins
    from partman_core.report import Outcome

Connection = psycopg.Connection[Any]


@frozen(kw_only=True)
class Work:
    """One pass.

    :param conn: the session that runs the DDL, in autocommit.
    :param connect: opens another session like it.
    :param schema: name of our own schema.
    :param run: the run's number in the history.
    :param now: the run's clock.
    """

    conn: Connection
    connect: Callable[[], Connection]
    schema: str
    plugins: Plugins
    run: int
    now: datetime
    log: Any

    def announce(self, kind: str, table: Table, operation: Operation) -> None:
        """Tell the listeners what is committed."""
        sized = getattr(operation, "partition", None) or getattr(
            operation, "retired", None
        )
        self.plugins.announce(
            Event(
                kind=kind,
                at=self.now,
                run=self.run,
                table=table.name,
                partition=operation.name,
                bounds=operation.bounds,
                tenant=getattr(operation, "tenant", None),
                rows=getattr(sized, "rows", None),
                bytes=getattr(sized, "bytes", None),
            )
        )


@define
class Job:
    """One table's part of a pass, and what has become of its operations so far."""

    work: Work
    table: Table
    tree: Tree
    facts: Facts
    outcomes: dict[int, Outcome] = field(factory=dict)

    @property
    def records(self) -> Registry:
        """How this pass writes into our tables."""
        work = self.work
        return Registry(schema=work.schema, run=work.run, now=work.now)

    def deed(self, operation: Operation, found: Outcome | None = None) -> Deed:
        """Return what the history keeps of *operation*.

        :param found: its outcome, where it failed.
        """
        sized = getattr(operation, "partition", None) or getattr(
            operation, "retired", None
        )
        return Deed(
            run=self.work.run,
            at=self.work.now,
            table=self.table.name,
            kind=operation.kind,
            partition=operation.name,
            bounds=self.clause(operation.bounds) or None,
            rows=getattr(sized, "rows", None),
            bytes=getattr(sized, "bytes", None),
            seconds=found.seconds if found else 0.0,
            result=found.result if found else "done",
            sqlstate=found.sqlstate if found else None,
            message=found.message if found else None,
        )

    def deeds(self, operations: Sequence[Operation]) -> Composed:
        """Write what the history keeps of operations that are done."""
        return self.records.done([self.deed(operation) for operation in operations])

    def clause(self, bounds: Bounds | None) -> str:
        """Write bounds as the catalog prints them; empty where there are none."""
        if bounds is None:
            return ""
        return clause(bounds, [column.type for column in self.tree.key.columns])

    def steps(
        self, operation: Operation, checks: Mapping[int, str] | None = None
    ) -> tuple[Step, ...]:
        """Write *operation* as steps."""
        types = [column.type for column in self.tree.key.columns]
        return ddl.steps(operation, self.facts, self.table, types, checks or {})

    def done(self, operation: Operation, seconds: float, event: str) -> None:
        """Note that *operation* is committed, and tell the listeners."""
        self.outcomes[id(operation)] = outcome.plain(operation, "done", seconds=seconds)
        self.work.log.info(
            "%s %s of %s", event, operation.name, self.table.name,
            extra={"table": str(self.table.name), "partition": str(operation.name)},
        )  # fmt: skip
        self.work.announce(event, self.table, operation)

    def failed(
        self, operation: Operation, error: BaseException, seconds: float
    ) -> None:
        """Note that *operation* failed, and why."""
        found = outcome.failed(operation, error, seconds)
        self.outcomes[id(operation)] = found
        self.work.log.warning(
            "%s of %s failed: %s", operation.kind, operation.name, found.message,
            extra={"table": str(self.table.name), "sqlstate": found.sqlstate},
        )  # fmt: skip
        event = "blocked" if isinstance(error, Blocked) else "failed"
        self.work.announce(event, self.table, operation)

    def skipped(self, operation: Operation, why: str) -> None:
        """Note that *operation* was left for the next run, and why."""
        self.outcomes[id(operation)] = outcome.plain(operation, "skipped", why=why)

    def is_done(self, operation: Operation) -> bool:
        """Whether *operation* is committed."""
        found = self.outcomes.get(id(operation))
        return found is not None and found.result == "done"


def is_out(job: Job, operation: Drop | Move, detached: Mapping[int, Detach]) -> bool:
    """Whether a partition is out of its table; if not, note that it was skipped."""
    before = detached.get(operation.retired.oid)
    if before is None or job.is_done(before):
        return True
    job.skipped(operation, "it could not be detached")
    return False


def in_chunks(operations: Sequence[Operation], size: int) -> Iterator[list[Any]]:
    """Cut *operations* into lists of at most *size*."""
    for start in range(0, len(operations), size):
        yield list(operations[start : start + size])


def together(
    job: Job,
    operations: Sequence[Operation],
    size: int,
    send: Callable[[list[Any]], None],
    event: str | None,
) -> None:
    """Send operations in batches; where a batch fails, one by one.

    So the fault of one is told from the others, and costs only itself.

    :param send: sends a batch; all of it takes effect, or nothing.
    :param event: what is told when it is committed; None: it is not yet done.
    """
    for chunk in in_chunks(operations, size):
        started = time.monotonic()
        try:
            send(chunk)
        except Exception as error:  # noqa: BLE001 - whatever a hook raises
            recover(job.work.conn)
            if len(chunk) > 1:
                together(job, chunk, 1, send, event)
                continue
            job.failed(chunk[0], error, time.monotonic() - started)
            continue
        for operation in chunk:
            if event:
                each = (time.monotonic() - started) / len(chunk)
                job.done(operation, each, event)


def recover(conn: Connection) -> None:
    """Leave a failed transaction, if there is one; a dead session is raised."""
    if conn.closed:
        raise psycopg.OperationalError("the connection to the server is gone")
    if conn.info.transaction_status != psycopg.pq.TransactionStatus.IDLE:
        conn.rollback()


def patiently(job: Job, send: Callable[[], None]) -> None:
    """Try again and again within ``lock_patience`` what ``max_stall`` cuts short.

    Queries queue behind each try for at most ``max_stall``; between the tries they
    run freely, and the pauses grow.

    :raises Blocked: when the patience is spent.
    """
    deadline = time.monotonic() + job.table.lock_patience.microseconds / 1e6
    pause = max(0.01, job.table.max_stall.microseconds / 1e6)
    while True:
        try:
            send()
        except psycopg.Error as error:
            recover(job.work.conn)
            if error.sqlstate not in outcome.LOCKED:
                raise
            if time.monotonic() > deadline:
                raise Blocked(
                    f"{job.table.name} was held by others for "
                    f"{job.table.lock_patience}, tried within {job.table.max_stall}",
                    hint="run again later, or allow a longer max_stall",
                    sqlstate=error.sqlstate,
                ) from error
            time.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311 - jitter
            pause = min(pause * 1.5, 2.0)
        else:
            return
