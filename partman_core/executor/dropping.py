"""Drops: the end of a partition that nobody keeps.

Before its rows are gone everything is looked at once more, under lock: that it is
the relation that was retired, attached to nothing, past its grace, not held, that
every plugin had its chance, and that the CHECK which kept stray keys out still
stands.  If something is not so, it stays and is reported.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from psycopg.pq import TransactionStatus

from partman_core.errors import Refused
from partman_core.executor.outcome import one_line
from partman_core.executor.work import is_out, patiently, together
from partman_core.pg import ddl, facts
from partman_core.pg.transactions import (
    BEGIN,
    COMMIT,
    acting_as,
    end_session,
    limits,
    lines,
)

if TYPE_CHECKING:
    from psycopg.sql import Composed

    from partman_core.executor.work import Connection, Job
    from partman_core.plan import Detach, Drop

AT_ONCE = 20
"""Drops a transaction, where no plugin has to be asked."""

WHY = {
    "attached": "it is attached to a table again",
    "unguarded": "the CHECK of its bounds is gone, so it may hold other rows by now",
    "unknown": "it is not recorded as retired",
    "held": "it is held",
    "early": "its grace period has not ended",
}


def drop(job: Job, operations: list[Drop], detached: dict[int, Detach]) -> None:
    """Drop what is out of its table, and note the outcome of each."""
    ready = [op for op in operations if is_out(job, op, detached)]
    if job.work.plugins.has("partman_pre_drop"):
        together(job, ready, 1, lambda some: _drop_with_hooks(job, some[0]), "dropped")
    elif job.facts.refers_to:
        together(job, ready, 1, lambda some: _drop_linked(job, some), "dropped")
    else:
        together(job, ready, AT_ONCE, lambda some: _drop(job, some), "dropped")


def _drop(job: Job, operations: list[Drop], *, stalling: bool = False) -> None:
    conn = job.work.conn
    _freeze(job, conn, operations, readable=False)
    budget = job.table.max_stall if stalling else None
    _finish(
        job, conn, operations, limits(lock=job.table.lock_patience, statement=budget)
    )


def _drop_linked(job: Job, operations: list[Drop]) -> None:
    """Drop one that still has its foreign key: the referenced table's users wait."""
    patiently(job, lambda: _drop(job, operations, stalling=True))


def _freeze(
    job: Job, conn: Connection, operations: list[Drop], *, readable: bool
) -> None:
    """Lock what is to be dropped, and look at it once more."""
    lock = ddl.freeze([op.name for op in operations], readable=readable)
    time_limits = limits(lock=job.table.lock_patience)
    conn.execute(lines(BEGIN, time_limits, *acting_as(job.facts, lock)))
    oids = [op.retired.oid for op in operations]
    found = facts.obstacles(conn, job.work.schema, oids, job.work.now)
    for op in operations:
        why = found.get(op.retired.oid, "unknown")
        if why is not None:
            raise Refused(
                f"{op.name} is kept: {WHY[why]}",
                hint="look at it, and drop it by hand if it is no longer needed",
                code=f"drop-{why}",
            )


def _finish(
    job: Job, conn: Connection, operations: list[Drop], time_limits: Composed
) -> None:
    gone = lines(*(job.steps(op)[0].sql for op in operations))
    forgotten = job.records.forgotten([op.retired.oid for op in operations])
    done = job.deeds(operations)
    conn.execute(
        lines(time_limits, forgotten, done, *acting_as(job.facts, gone), COMMIT)
    )


def _drop_with_hooks(job: Job, operation: Drop) -> None:
    """Give the plugins their last chance, then drop, in a session of its own.

    The hook runs in a thread.  When its time is up the session is ended by the
    server, so the drop is impossible whatever the hook does later.
    """
    session = job.work.connect()
    hook = _Hook(job, operation, session)
    try:
        _freeze(job, session, [operation], readable=True)
        hook.start()
        hook.join(job.table.hook_timeout.microseconds / 1e6)
        if hook.is_alive():
            hook.abandoned = True
            end_session(job.work.conn, session.info.backend_pid)
            raise Refused(
                f"{operation.name} is kept: a pre-drop hook ran past "
                f"{job.table.hook_timeout}",
                hint="allow it a longer hook_timeout, or make the hook faster",
                code="hook-timeout",
            )
        hook.verdict()
        patience = job.table.lock_patience
        budget = job.table.max_stall if job.facts.refers_to else None
        _finish(job, session, [operation], limits(lock=patience, statement=budget))
    finally:
        if not hook.is_alive():
            session.close()


class _Hook(threading.Thread):
    """The pre-drop hooks of one partition, and what they said."""

    def __init__(self, job: Job, operation: Drop, session: Connection) -> None:
        super().__init__(name=f"pre-drop {operation.name}", daemon=True)
        self.job, self.operation, self.session = job, operation, session
        self.error: BaseException | None = None
        self.abandoned = False

    def run(self) -> None:
        """Call the hooks, and keep what they raise."""
        try:
            self.job.work.plugins.pre_drop(
                table=self.job.table,
                partition=self.operation.retired,
                conn=self.session,
                connect=self.job.work.connect,
            )
        except BaseException as error:  # noqa: BLE001 - told by verdict()
            self.error = error
        if self.abandoned:
            self.session.close()

    def verdict(self) -> None:
        """Raise what keeps the partition."""
        name = self.operation.name
        if self.error is not None:
            raise Refused(
                f"{name} is kept by a plugin: {one_line(self.error)}",
                hint="the next run asks again; `partman plugins` shows who has a say",
                code="vetoed",
            ) from self.error
        if self.session.info.transaction_status != TransactionStatus.INTRANS:
            raise Refused(
                f"{name} is kept: a pre-drop hook ended the drop's transaction",
                hint="a hook must neither commit nor roll back the connection it gets",
                code="hook-ended-transaction",
            )
