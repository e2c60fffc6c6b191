"""Rules about where inserts go: into partitions, into DEFAULT, or nowhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from partman_core.naming import quote_ident
from partman_core.planner.coverage import uncovered
from partman_core.planner.creating import axis
from partman_core.planner.places import shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from partman_core.health.scene import Scene
    from partman_core.plan import Finding, Severity
    from partman_core.planner.coverage import Span


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
    if default is None or not scene.default_has_rows:
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
