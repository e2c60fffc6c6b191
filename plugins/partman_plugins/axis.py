"""Moments on the axis of a partition key: what the built-in plugins share.

Keys of type ``timestamp`` and ``date`` count on a wall clock, the others in UTC; a
moment that is written without a zone is one of the table's own zone.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from partman_core.bounds import Edge, RangeBounds
from partman_core.zones import first_instant, wall_clock, zone

if TYPE_CHECKING:
    from partman_core.keys import Codec, Column

_ENDS = {"smallint": 1 << 15, "integer": 1 << 31, "bigint": 1 << 63}
"""The first number that is too large for a type."""


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


def within(column: Column, codec: Codec, lower: int, upper: int) -> RangeBounds | None:
    """Return the range of a block of numbers, as far as the column's type reaches.

    The block that holds the type's last number is open above, as no value of the type
    can be its upper bound; likewise below.

    :returns: None: the type has no number in it.
    """
    end = _ENDS.get(column.type)
    if end is None or codec.name != "integer":
        return RangeBounds((codec.literal(lower),), (codec.literal(upper),))
    if lower >= end or upper <= -end:
        return None
    first = Edge.MINVALUE if lower <= -end else codec.literal(lower)
    last = Edge.MAXVALUE if upper >= end else codec.literal(upper)
    return RangeBounds((first,), (last,))
