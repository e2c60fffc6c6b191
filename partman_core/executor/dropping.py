"""Drops: the end of a partition that nobody keeps.

Before its rows are gone everything is looked at once more, under lock: that it is
the relation that was retired, attached to nothing, past its grace, not held, that
every plugin had its chance, and that the CHECK which kept stray keys out still
stands.  If something is not so, it stays and is reported.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from partman_core.errors import Refused
from partman_core.executor.attempts import patiently, together
from partman_core.executor.dependents import without_dependents
from partman_core.executor.hooked import Hooks, insist
from partman_core.executor.keeping import Kept
from partman_core.pg import facts
from partman_core.pg.statements import freeze
from partman_core.pg.transactions import BEGIN, COMMIT, acting_as, limits, lines, timed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from psycopg.sql import Composed

    from partman_core.executor.work import Connection, Job
    from partman_core.plan import Drop, Operation

AT_ONCE = 100
"""Drops a transaction, where no plugin has to be asked."""

WHY = {
    "attached": "it is attached to a table again",
    "unguarded": "the CHECK of its bounds is gone, so it may hold other rows by now",
    "unsettled": "the run that detached it was cut short, and nobody settled that",
    "unknown": "it is not recorded as retired",
    "held": "it is held",
    "early": "its grace period has not ended",
    "gone": "its name stands for another table by now",
}


def drop(job: Job, operations: list[Drop], before: Mapping[int, Operation]) -> None:
    """Drop what is out of its table, and note the outcome of each.

    :param before: by oid, the operations of this pass that take it out.
    """
    ready = _still_there(job, [op for op in operations if job.is_out(op, before)])
    dropped = partial(job.done, event="dropped")
    if job.work.plugins.has("partman_pre_drop"):
        # No hook works, for hours maybe, on what could not be dropped then.
        ready = without_dependents(job, ready)
        together(job, ready, 1, partial(_drop_with_hooks, job), dropped)
    elif job.facts.refers_to:
        # Each still has its foreign key: users of the referenced table wait, but
        # once for a batch.
        patiently(job, ready, partial(_drop, job), dropped, most=AT_ONCE)
    else:
        together(job, ready, AT_ONCE, partial(_drop, job), dropped)


def _still_there(job: Job, operations: list[Drop]) -> list[Drop]:
    """Leave out what another engine has dropped since the plan.

    The plan was made before drops of this table were ours alone.
    """
    if not operations:
        return operations
    oids = [op.retired.oid for op in operations]
    found = facts.obstacles(job.work.conn, job.work.schema, oids, job.work.now)
    for op in operations:
        if op.retired.oid not in found:
            job.skipped(op, "it was dropped meanwhile")
    return [op for op in operations if op.retired.oid in found]


def _drop(job: Job, operations: list[Drop]) -> float:
    conn = job.work.conn
    _freeze(job, conn, operations, readable=False)
    return timed(conn, _ending(job, operations))


def _drop_with_hooks(job: Job, operations: list[Drop]) -> None:
    """Give the plugins their last chance, then drop, in a session of its own."""
    session = job.work.connect()
    hooks = Hooks(job, operations[0], session)
    try:
        with job.work.stop.watching(session):
            _freeze(job, session, operations, readable=True)
        hooks.ask()
        job.progressed()
        with job.work.stop.watching(session):
            _refuse_obstacles(job, session, operations)
            if job.facts.refers_to:
                insist(job, session, lambda: _send(job, session, operations))
            else:
                _send(job, session, operations)
    finally:
        hooks.close()


def _send(job: Job, session: Connection, operations: list[Drop]) -> None:
    session.execute(_ending(job, operations))


def _freeze(
    job: Job, conn: Connection, operations: list[Drop], *, readable: bool
) -> None:
    """Lock what is to be dropped, and look at it once more."""
    lock = freeze([op.name for op in operations], readable=readable)
    time_limits = limits(lock=job.patience)
    conn.execute(lines(BEGIN, time_limits, *acting_as(job.facts, lock)))
    _refuse_obstacles(job, conn, operations)


def _refuse_obstacles(job: Job, conn: Connection, operations: list[Drop]) -> None:
    """Refuse what must not be dropped."""
    oids = [op.retired.oid for op in operations]
    found = facts.obstacles(conn, job.work.schema, oids, job.work.now)
    for op in operations:
        name, why = found.get(op.retired.oid, (None, "gone"))
        if name != op.name:
            why = "gone"
        if why in {"attached", "held"}:
            raise Kept(f"{op.name} is kept: {WHY[why]}")
        if why is not None:
            raise Refused(
                f"{op.name} is kept: {WHY[why]}",
                hint="look at it, and drop it by hand if it is no longer needed",
                code=f"drop-{why}",
            )


def _ending(job: Job, operations: list[Drop]) -> Composed:
    """Write the drops, what is recorded of them, and the end of the transaction."""
    budget = job.budget if job.facts.refers_to else None
    gone = lines(*(job.steps(op)[0].sql for op in operations))
    return lines(
        limits(lock=job.patience, statement=budget),
        job.records.forgotten([op.retired.oid for op in operations]),
        job.deeds(operations),
        *acting_as(job.facts, gone),
        COMMIT,
    )
