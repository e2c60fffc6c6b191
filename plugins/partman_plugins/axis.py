"""Moments on the axis of a partition key: what the built-in plugins share.

Keys of type ``timestamp`` and ``date`` count on a wall clock, the others in UTC; a
moment that is written without a zone is one of the table's own zone.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from partman_core.zones import first_instant, wall_clock, zone

if TYPE_CHECKING:
    from partman_core.keys import Codec


def on_clock(moment: datetime, timezone: str, *, wall: bool) -> datetime:
    """Return *moment* on the clock that an axis counts by.

    :param moment: aware; or naive, which is a time in the table's zone.
    :param timezone: the table's.
    :param wall: whether the axis counts on a wall clock.
    :returns: naive on a wall clock; else aware, in UTC.
    """
    if wall:
        return wall_clock(moment, zone(timezone)) if moment.tzinfo else moment
    if moment.tzinfo:
        return moment.astimezone(UTC)
    return first_instant(moment, zone(timezone))


def reached(codec: Codec, moment: datetime, timezone: str) -> int:
    """Return the last position that is not after *moment*.

    :param moment: as in :func:`on_clock`.
    """
    clock = on_clock(moment, timezone, wall=codec.wall)
    position = codec.at(clock)
    return position if codec.moment(position) == clock else position - 1
