"""Where boundaries may lie: on the grid of an interval and an anchor."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from partman_core.grid import Grid, NumberGrid
from partman_core.interval import Interval
from partman_plugins.axis import on_clock

if TYPE_CHECKING:
    from partman_core.keys import Codec, Position


def grid_of(
    interval: Interval | int,
    anchor: datetime | int | None = None,
    timezone: str = "UTC",
    *,
    wall: bool = False,
) -> Grid:
    """Return the grid of times.

    :param anchor: a moment at which a period begins; None: 2001-01-01.
    :param timezone: of the table.
    :param wall: whether the axis counts on a wall clock.
    :raises ValueError: the interval is no length of time, or has no grid.
    """
    if not isinstance(interval, Interval):
        raise ValueError(f"{interval} is no length of time")  # noqa: TRY004
    if not isinstance(anchor, datetime):
        return Grid(interval, timezone, wall=wall)
    # Less than a day is counted in UTC, everything else by the local calendar.
    in_utc = interval.kind == "subday" and not wall
    clock = on_clock(anchor, timezone, wall=not in_utc)
    return Grid(interval, timezone, clock.replace(tzinfo=None), wall)


def blocks_of(
    interval: Interval | int, anchor: datetime | int | None = None
) -> NumberGrid | None:
    """Return the grid of numbers; None: the interval is a length of time.

    :param anchor: a number at which a block begins; None: 0.
    :raises ValueError: the interval has no grid.
    """
    if isinstance(interval, Interval):
        return None
    return NumberGrid(interval, anchor if isinstance(anchor, int) else 0)


def following(
    codec: Codec,
    position: Position,
    interval: Interval | int,
    anchor: datetime | int | None,
    timezone: str,
) -> int | None:
    """Return the boundary after a boundary, None if *position* is not one.

    :param anchor: as in :func:`grid_of` or :func:`blocks_of`.
    :param timezone: of the table.
    """
    if codec.axis == "number":
        blocks = blocks_of(interval, anchor)
        if blocks is None or position % 1:
            return None
        place = int(position)
        return blocks.following(place) if blocks.floor(place) == place else None
    grid = grid_of(interval, anchor, timezone, wall=codec.wall)
    moment = codec.moment(position)
    if moment is None:
        return None
    try:
        # Identifiers that begin with a time have none before 1970: there the
        # place of a boundary is the very first one.
        if codec.at(grid.floor(moment)) != position:
            return None
        return codec.at(grid.following(moment))
    except ValueError:
        return None
