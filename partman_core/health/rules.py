"""The rules of a table's health: each looks at one thing, and says what to do.

The reader is woken at night and did not set this up.  So a sentence has the numbers
in it, and a hint the command.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from partman_core.adopt import Fits
from partman_core.naming import as_typed, quote_ident
from partman_core.plan import Detach
from partman_core.planner import half_detached
from partman_core.planner.coverage import span_of, uncovered
from partman_core.planner.creating import axis, extent
from partman_core.planner.places import instant, shown, spelled

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from partman_core.health.scene import Scene
    from partman_core.plan import Finding, Severity
    from partman_core.planner.coverage import Span

LATE = timedelta(days=1)
"""How long after its time a partition may be retired before anybody is told."""

IDLE = timedelta(days=2)
LONGEST_IDLE = timedelta(days=7)
"""How long maintenance may not have run: two days, up to a week if periods are long."""


def runway_short(scene: Scene) -> Iterator[Finding]:
    """Tell that inserts find no partition, or soon will not."""
    runway, here = scene.runway, scene.here
    outage: Severity = "warning" if runway.default else "error"
    sentence = runway.sentence(scene.now)
    if runway.state == "failing":
        yield scene.finding("runway-short", outage, sentence, scene.maintain)
    if runway.state != "ends" or here is None or runway.end is None:
        return
    wanted = scene.wanted
    left = runway.end - here
    period = _period(wanted, here)
    if not wanted or period is None:
        message = f"{sentence} No more are wanted."
        hint = "look at partition_until in its settings"
        yield scene.finding("runway-short", "warning", message, hint)
    elif runway.end < wanted[-1][1]:
        message = f"{sentence} {_target(scene, wanted)}"
        if left < period[1] - period[0]:
            yield scene.finding("runway-short", outage, message, scene.maintain)
        elif left * 2 < wanted[-1][1] - here:
            yield scene.finding("runway-short", "warning", message, scene.maintain)
    elif left < period[1] - period[0]:
        message = f"{sentence} That is all that is wanted, and less than one period."
        hint = "raise partition_count, so that a late run does no harm"
        yield scene.finding("runway-short", "warning", message, hint)


def _period(wanted: Sequence[Span], here: int) -> Span | None:
    """Return the wanted range of now, else the first one."""
    holding = (found for found in wanted if found[0] <= here < found[1])
    return next(holding, wanted[0] if wanted else None)


def _target(scene: Scene, wanted: Sequence[Span]) -> str:
    codec = axis(scene.level)
    if codec is None:
        return ""
    return f"They should reach to {shown(codec, wanted[-1][1], scene.level.timezone)}."


def gap(scene: Scene) -> Iterator[Finding]:
    """Tell of wanted ranges without a partition, though later ones exist."""
    codec, here = axis(scene.level), scene.here
    wanted, there = scene.wanted, scene.there
    if codec is None or not there:
        return
    last = there[-1][1]
    rests = (rest for whole in wanted for rest in uncovered(whole, there))
    holes = [rest for rest in _merged(rests) if rest[1] < last]
    if here is not None:  # that one is told of as the runway
        holes = [(lower, upper) for lower, upper in holes if not lower <= here < upper]
    if not holes:
        return
    zone = scene.level.timezone
    lower, upper = (shown(codec, place, zone) for place in holes[0])
    more = f", and {len(holes) - 1} more gaps" if len(holes) > 1 else ""
    yield scene.finding(
        "gap",
        "warning",
        f"No partition holds {lower} to {upper}{more}: inserts for it "
        f"{'fall into DEFAULT' if scene.tree.default else 'fail'}.",
        scene.maintain,
        gaps=len(holes),
    )


def _merged(rests: Iterable[Span]) -> list[Span]:
    merged: list[Span] = []
    for lower, upper in rests:
        start = merged.pop()[0] if merged and merged[-1][1] == lower else lower
        merged.append((start, upper))
    return merged


def default_rows(scene: Scene) -> Iterator[Finding]:
    """Tell of rows that have fallen into the DEFAULT partition."""
    default = scene.tree.default
    if default is None or scene.default_rows is False:
        return
    if scene.default_rows is None and not default.rows:
        return
    about = f"about {default.rows:,} rows" if default.rows else "rows"
    column = scene.tree.key.columns[0]
    key = quote_ident(column.name) if column.name else column.expression
    yield scene.finding(
        "default-rows",
        "warning",
        f"There are {about} in the DEFAULT partition {default.name}: a partition for "
        "them cannot be attached before they are moved.",
        f"see which: `SELECT min({key}), max({key}) "  # noqa: S608 - shown, not run
        f"FROM {default.name}`",
        rows=default.rows,
    )


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
        "run `partman maintain` every hour, by cron or a timer",
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


def cut_short(scene: Scene) -> Iterator[Finding]:
    """Tell of partitions whose detach was cut short."""
    yield from half_detached(scene.table, scene.tree)


def foreign(scene: Scene) -> Iterator[Finding]:
    """Tell of partitions that are not partman's, so that retention passes them by."""
    theirs = [part for part in scene.level.existing if not part.ours]
    if not theirs:
        return
    count = "1 partition was" if len(theirs) == 1 else f"{len(theirs)} partitions were"
    yield scene.finding(
        "foreign",
        "info",
        f"{count} made by somebody else ({theirs[0].name}): retention never touches "
        "what partman neither made nor adopted.",
        f"`partman adopt {as_typed(scene.table.name)} --dry-run` shows which could be "
        "adopted",
        partitions=[str(part.name) for part in theirs],
    )


def off_grid(scene: Scene) -> Iterator[Finding]:
    """Tell of current and future partitions that lie off the grid."""
    strategy, here, codec = scene.table.strategy, scene.here, axis(scene.level)
    if not isinstance(strategy, Fits) or here is None or codec is None:
        return
    odd = [
        part
        for part in scene.level.existing
        if part.bounds is not None
        and (found := span_of(codec, part.bounds))
        and found[1] > here
        and strategy.fits(scene.level, part.bounds)
    ]
    if not odd:
        return
    count = "1 partition does" if len(odd) == 1 else f"{len(odd)} partitions do"
    yield scene.finding(
        "off-grid",
        "info",
        f"{count} not lie on the grid: {odd[0].name} holds "
        f"{extent(codec, odd[0].bounds, scene.level)}.",
        partitions=[str(part.name) for part in odd],
    )


RULES = (
    runway_short,
    gap,
    default_rows,
    retention_late,
    last_run_failed,
    no_recent_run,
    cut_short,
    foreign,
    off_grid,
)
"""In the order in which they are told."""
