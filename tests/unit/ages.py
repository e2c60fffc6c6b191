"""How old partitions are, worked out from the text of their upper bounds.

The laws of retention are judged by it, so it asks neither codecs nor intervals to do
sums: only what the settings say, the text in the catalog, and Python's calendar.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from partman_core.zones import zone

if TYPE_CHECKING:
    from partman_core.interval import Interval

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
TICK = timedelta(microseconds=1)


def is_over_age(
    kind: str, upper: str, period: Interval, now: datetime, timezone: str
) -> bool:
    """Say whether what ends at *upper* has ended a *period* ago.

    :param kind: of the key, by the name of its codec.
    :param upper: as PostgreSQL prints it.
    """
    limit = limit_of(period, now, timezone)
    if kind in {"timestamp", "date"}:  # these are on the clocks of the zone
        return datetime.fromisoformat(upper) <= clocks(limit, timezone)
    return _instant(kind, upper) <= limit


def _instant(kind: str, upper: str) -> datetime:
    if kind == "timestamptz":
        return datetime.fromisoformat(upper)
    if kind == "epoch_ms":
        return EPOCH + timedelta(milliseconds=int(upper))
    assert kind == "uuid7"
    milliseconds, chance = divmod(UUID(upper).int, 1 << 80)
    # Below a bound with a tail there are still ids of its own millisecond.
    return EPOCH + timedelta(milliseconds=milliseconds) + (TICK if chance else 0 * TICK)


def clocks(moment: datetime, timezone: str) -> datetime:
    """Return what the clocks of a zone show at a moment."""
    return moment.astimezone(zone(timezone)).replace(tzinfo=None, fold=0)


def limit_of(period: Interval, now: datetime, timezone: str) -> datetime:
    """Go back by the calendar of the zone, or by what is less than a day as it is."""
    length = timedelta(microseconds=period.microseconds)
    if length % DAY:
        assert not period.months
        return now - length
    shown = clocks(now, timezone)
    first = shown.replace(day=1)
    for _ in range(period.months):
        first = (first - DAY).replace(day=1)
    last = monthrange(first.year, first.month)[1]
    earlier = first.replace(day=min(shown.day, last)) - length
    return earlier.replace(tzinfo=zone(timezone)).astimezone(UTC)
