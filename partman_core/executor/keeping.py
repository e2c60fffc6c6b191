"""Holds at the last moment: one that is set between planning and doing wins."""

from __future__ import annotations

from typing import TYPE_CHECKING

from partman_core.errors import Refused
from partman_core.pg import holds
from partman_core.planner.holds import held

if TYPE_CHECKING:
    from collections.abc import Sequence

    from partman_core.executor.work import Job
    from partman_core.plan import Detach


class Kept(Refused):
    """Somebody keeps it since it was planned: that is no failure, it is left."""

    default_code = "kept"


def on_hold(job: Job, operations: Sequence[Detach]) -> dict[int, str]:
    """Say which partitions are on hold by now.

    :returns: by oid, the hold as part of a sentence.
    """
    work, oids = job.work, [operation.partition.oid for operation in operations]
    found = holds.held(work.conn, work.schema, oids, work.now)
    return {oid: held(until, reason) for oid, (until, reason) in found.items()}


def refuse_held(job: Job, operations: Sequence[Detach]) -> None:
    """Refuse to take out what is on hold by now.

    :raises Kept: one is.
    """
    found = on_hold(job, operations)
    for operation in operations:
        if why := found.get(operation.partition.oid):
            raise Kept(f"{operation.name} stays: {why}")
