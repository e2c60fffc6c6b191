"""Rules about the partitions that are there: whose they are, and how they lie."""

from __future__ import annotations

from typing import TYPE_CHECKING

from partman_core.planner.coverage import span_of
from partman_core.planner.creating import axis, extent
from partman_core.planner.fitting import Fits, adopting
from partman_core.planner.leftovers import half_detached

if TYPE_CHECKING:
    from collections.abc import Iterator

    from partman_core.health.scene import Scene
    from partman_core.plan import Finding


def cut_short(scene: Scene) -> Iterator[Finding]:
    """Tell of partitions whose detach was cut short."""
    yield from half_detached(scene.table, scene.tree)


def foreign(scene: Scene) -> Iterator[Finding]:
    """Tell of partitions that are not partman's, so that retention passes them by.

    Those whose bounds cannot be read may be partman's, and are left out.
    """
    there = scene.level.existing
    theirs = [part for part in there if part.bounds is not None and not part.ours]
    if not theirs:
        return
    count = "1 partition was" if len(theirs) == 1 else f"{len(theirs)} partitions were"
    yield scene.finding(
        "foreign",
        "info",
        f"{count} made by somebody else ({theirs[0].name}): retention never touches "
        "what partman neither made nor adopted.",
        adopting(scene.table, scene.level, theirs),
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


def locked(scene: Scene) -> Iterator[Finding]:
    """Tell of what could not be looked at, as somebody holds it locked."""
    default = scene.tree.default
    hint = "look again in a moment; `pg_locks` shows who holds it"
    unread = [str(part.name) for part in scene.tree.partitions if part.bounds is None]
    if unread:
        many = f"{len(unread)} partitions ({unread[0]} ...) are"
        who = many if unread[1:] else f"{unread[0]} is"
        yield scene.finding(
            "locked",
            "warning",
            f"{who} locked by somebody, and the bounds cannot be read: inserts may "
            "have more partitions than it seems.",
            hint,
            partitions=unread,
        )
    elif default is not None and scene.default_is_hidden:
        held = default.name if default.locked else scene.tree.name
        yield scene.finding(
            "locked",
            "info",
            f"{held} is locked by somebody: whether there are rows in the DEFAULT "
            f"partition {default.name} could not be seen.",
            hint,
            partitions=[str(default.name)],
        )
