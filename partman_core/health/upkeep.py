"""Rules about maintenance itself: whether it runs, and does what it should."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from partman_core.naming import as_typed
from partman_core.plan import Detach
from partman_core.planner.coverage import span_of
from partman_core.planner.creating import axis
from partman_core.planner.places import instant, spelled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from partman_core.health.scene import Scene
    from partman_core.plan import Finding

LATE = timedelta(days=1)
"""How long after its time a partition may be retired before anybody is told."""

IDLE = timedelta(days=2)
LONGEST_IDLE = timedelta(days=7)
"""How long maintenance may not have run: two days, up to a week if periods are long."""


def retention_late(scene: Scene) -> Iterator[Finding]:
    """Tell of what should be gone for long and is still there."""
    codec, since = axis(scene.level), scene.level.kept_since
    going = [op for op in scene.plan.operations if isinstance(op, Detach)]
    if codec is None or since is None:
        return
    late: list[tuple[timedelta, Detach]] = []
    for operation in going:
        found = span_of(codec, operation.bounds)
        ended = instant(codec, found[1], scene.level.timezone) if found else None
        if ended is not None and since - ended > LATE:
            late.append((since - ended, operation))
    if not late:
        return
    lag, oldest = max(late, key=lambda pair: pair[0])
    count = "1 partition is" if len(late) == 1 else f"{len(late)} partitions are"
    yield scene.finding(
        "retention-late",
        "warning",
        f"{count} kept longer than configured: {oldest.name} should have been gone "
        f"{spelled(lag)} ago.",
        f"`partman plan {as_typed(scene.table.name)}` shows what would go",
        partitions=len(late),
        seconds=int(lag.total_seconds()),
    )


def last_run_failed(scene: Scene) -> Iterator[Finding]:
    """Tell that the last run could not do all that it should have."""
    run = scene.last_run
    if run is None or run.result != "failed":
        return
    ended = run.finished_at or run.started_at
    why = f": {run.message}" if run.message else ""
    yield scene.finding(
        "last-run-failed",
        "warning",
        f"The last run (number {run.id}) failed {_ago(scene.now - ended)}{why}.",
        f"`partman history {as_typed(scene.table.name)}` shows what it did",
        run=run.id,
    )


def no_recent_run(scene: Scene) -> Iterator[Finding]:
    """Tell that maintenance does not run, or not often enough."""
    if scene.table.paused:
        return
    last = scene.last_success
    if last is not None and scene.now - last <= _patience(scene):
        return
    if last is None:
        message = "Maintenance has never run to its end."
    else:
        message = f"Maintenance last ran to its end {_ago(scene.now - last)}."
    yield scene.finding(
        "no-recent-run",
        "warning",
        message,
        "leave `partman maintain --every 1h` running as a service, or run "
        "`partman maintain` by cron",
        last_success=last and last.isoformat(),
    )


def _patience(scene: Scene) -> timedelta:
    codec, wanted = axis(scene.level), scene.wanted
    if codec is None or not wanted:
        return IDLE
    ends = [instant(codec, place, scene.level.timezone) for place in wanted[0]]
    lower, upper = ends
    if lower is None or upper is None:
        return IDLE
    return min(max(IDLE, upper - lower), LONGEST_IDLE)


def _ago(length: timedelta) -> str:
    return f"{spelled(length)} ago"
