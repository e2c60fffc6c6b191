"""Where now lies on a key's axis, and how a place there reads to a person."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from partman_core.interval import Interval
from partman_core.naming import suffix_for
from partman_core.zones import wall_clock, zone

if TYPE_CHECKING:
    from partman_core.keys import Codec, Position
    from partman_core.planner.coverage import Span

_TICK = timedelta(microseconds=1)
_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)
_MINUTE = timedelta(minutes=1)


def last_position(
    codec: Codec | None, now: datetime, timezone: str, position: int | None
) -> int | None:
    """Return the last position that does not lie in the future.

    A range is over when its upper end is at or before it, and holds now when it
    lies inside.

    :param now: aware.
    :param position: the last one in use, which is the answer on a number axis.
    :returns: None: no axis, or not known.
    """
    if codec is None or codec.axis == "number":
        return position
    # `at` rounds up; one tick later and one position back rounds down.
    ahead = now + _TICK
    moment = wall_clock(ahead, zone(timezone)) if codec.wall else ahead
    return codec.at(moment) - 1


def instant(codec: Codec, position: Position, timezone: str) -> datetime | None:
    """Return the moment of a place on a time axis.

    :returns: aware, UTC; None on a number axis, at the infinities and beyond the
        years that Python knows.
    """
    moment = codec.moment(position)
    if moment is None or not codec.wall:
        return moment
    try:
        return moment.replace(tzinfo=zone(timezone)).astimezone(UTC)
    except OverflowError:
        return None


def shown(
    codec: Codec, position: Position, timezone: str, *, to_minutes: bool = False
) -> str:
    """Return how a place reads: ``2014-02-01 00:00 UTC``, ``2014-02-01``, ``1000``.

    :param timezone: of the table: times are shown in it.
    :param to_minutes: leave seconds out.
    """
    if isinstance(position, float):
        return "MAXVALUE" if position > 0 else "MINVALUE"
    moment = codec.moment(position)
    if moment is None:
        return codec.literal(position)
    if "date" in codec.types:
        return moment.date().isoformat()
    try:
        local = _local(codec, moment, timezone)
    except OverflowError:
        return codec.literal(position)
    whole = to_minutes or not (local.second or local.microsecond)
    text = local.isoformat(" ", "minutes" if whole else "auto")
    return text if codec.wall else f"{text} {timezone}"


def spelled(length: timedelta) -> str:
    """Return a length of time in words, rounded down: ``31 days``, ``9 hours``."""
    for unit, word in ((_DAY, "day"), (_HOUR, "hour"), (_MINUTE, "minute")):
        count = length // unit
        if count >= 1:
            return f"{count:,} {word}{'s' if count > 1 else ''}"
    return "less than a minute"


def suffix(codec: Codec, lower: Position, period: Span, timezone: str) -> str:
    """Return a name's suffix for a range that does not begin with its period.

    :param lower: where it begins.
    :param period: the wanted range, for how fine names are.
    """
    moments = [codec.moment(place) for place in (lower, *period)]
    begins, first, last = moments
    if begins is None or first is None or last is None:
        return suffix_for(int(lower // 1), 1)
    length = _local(codec, last, timezone) - _local(codec, first, timezone)
    interval = Interval.parse(max(length, _TICK))
    # Names of less than days are in UTC, as their grid is.
    local = begins if interval.kind == "subday" else _local(codec, begins, timezone)
    return suffix_for(local.replace(tzinfo=None), interval)


def _local(codec: Codec, moment: datetime, timezone: str) -> datetime:
    return moment if codec.wall else wall_clock(moment, zone(timezone))
