"""Where boundaries may lie: anchor + k x interval, in the table's time zone.

A grid depends on nothing but its own values, so any two calls of any two hosts
find the same boundaries, whatever the first moment was.  Any moment has its
boundary computed, not searched for.
"""

from __future__ import annotations

from datetime import MAXYEAR, MINYEAR, UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from attrs import Attribute, field, frozen

from partman_core.interval import Interval, plus_months
from partman_core.zones import first_instant, wall_clock, zone

if TYPE_CHECKING:
    from collections.abc import Iterator
    from zoneinfo import ZoneInfo

ANCHOR: Final = datetime.fromisoformat("2001-01-01")
"""A Monday, and the first day of a month, quarter, year and century."""


@frozen
class Grid:
    """Boundaries on a time axis.

    Months and days lie on the calendar of the zone.  Anything that is not a
    whole number of days lies in UTC, where no hour is missing or twice.

    :param interval: of months only, or without months; not empty.
    :param timezone: IANA name of the zone whose calendar counts.
    :param anchor: one of the boundaries, naive, on the clock of the zone.
    :param wall: for keys without a zone (``timestamp``, ``date``): boundaries
        and arguments are naive and the zone plays no part; otherwise they are
        aware, and boundaries come in UTC.
    """

    interval: Interval = field()
    timezone: str = field(default="UTC")
    anchor: datetime = field(default=ANCHOR)
    wall: bool = False
    _step: timedelta = field(init=False, repr=False, eq=False)
    _civil: ZoneInfo | None = field(init=False, repr=False, eq=False)
    _origin: datetime = field(init=False, repr=False, eq=False)

    @interval.validator
    def _steps(self, _: Attribute[Interval], interval: Interval) -> None:
        if interval.kind == "empty":
            raise ValueError(f"a partition interval is longer than {str(interval)!r}")
        if interval.kind == "mixed":
            error = ValueError(
                f"the partition interval {str(interval)!r} mixes months with days"
            )
            error.add_note('hint: use one of them, as in "1 month" or "30 days"')
            raise error

    @anchor.validator
    def _naive(self, _: Attribute[datetime], anchor: datetime) -> None:
        if anchor.tzinfo is not None:
            raise ValueError(f"the anchor {anchor} has an offset; give the local time")

    @_step.default
    def _length(self) -> timedelta:
        return timedelta(microseconds=self.interval.microseconds)

    @_civil.default
    def _calendar(self) -> ZoneInfo | None:
        """Return the zone to count in; None: boundaries can be counted as they are."""
        where = zone(self.timezone)
        utc = self.timezone == "UTC" or self.interval.kind == "subday"
        return None if self.wall or utc else where

    @_origin.default
    def _first(self) -> datetime:
        """Return the anchor on the clock to count by: naive, or in UTC."""
        naive = self.wall or self._civil is not None
        return self.anchor if naive else self.anchor.replace(tzinfo=UTC)

    def floor(self, at: datetime) -> datetime:
        """Return the last boundary that is not after *at*.

        :param at: aware, or naive on a grid of wall clocks.
        :raises ValueError: the boundary is outside the years 1 to 9999, or *at*
            is naive where it must not be, or the other way round.
        """
        return self._boundary(self._index(at))

    def following(self, at: datetime) -> datetime:
        """Return the first boundary after *at*; see :meth:`floor`."""
        return self._boundary(self._index(at) + 1)

    def periods(self, first: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Yield (lower, upper) of the period of *first* and of all later ones.

        Each begins where the one before it ends; they go on to the year 9999.
        """
        index = self._index(first)
        lower = self._boundary(index)
        while (upper := self._reached(index := index + 1)) is not None:
            if upper > lower:  # a day that a zone skips has no length
                yield lower, upper
                lower = upper

    def nominal(self, at: datetime) -> datetime:
        """Return the local time that people call *at* by, for names.

        A day that begins at one o'clock, as midnight is skipped, is still called
        by its midnight.  On a grid of less than days this is the time in UTC.

        :param at: a boundary, or any moment, which is called by its wall clock.
        :returns: naive.
        """
        index = self._index(at)
        at = self._canonical(at)
        met = self._reached(index) == at
        return (self._counted(index) if met else self._read(at)).replace(tzinfo=None)

    def _boundary(self, index: int) -> datetime:
        boundary = self._reached(index)
        if boundary is None:
            raise self._outside()
        return boundary

    def _reached(self, index: int) -> datetime | None:
        """Return the boundary of that index, None outside the years 1 to 9999."""
        try:
            counted = self._counted(index)
            return first_instant(counted, self._civil) if self._civil else counted
        except OverflowError:
            return None

    def _counted(self, index: int) -> datetime:
        """Return the boundary of that index on the clock to count by."""
        if self.interval.months:
            return plus_months(self._origin, index * self.interval.months)
        return self._origin + index * self._step

    def _index(self, at: datetime) -> int:
        """Return the greatest index whose boundary is not after *at*."""
        try:
            at = self._canonical(at)
            index = self._estimate(self._read(at))
        except OverflowError as error:
            raise self._outside() from error
        while (lower := self._reached(index)) is not None and lower > at:
            index -= 1
        while (upper := self._reached(index + 1)) is not None and upper <= at:
            index += 1
        return index

    def _estimate(self, at: datetime) -> int:
        """Return the index, but for what clocks and short months shift by."""
        if not self.interval.months:
            return (at - self._origin) // self._step
        years, months = at.year - self.anchor.year, at.month - self.anchor.month
        return (years * 12 + months) // self.interval.months

    def _canonical(self, at: datetime) -> datetime:
        """Return *at* as boundaries are given: in UTC, or naive."""
        if (at.tzinfo is None) is not self.wall:
            wanted = "without" if self.wall else "with"
            raise ValueError(f"this grid takes moments {wanted} an offset, not {at}")
        return at if self.wall else at.astimezone(UTC)

    def _read(self, at: datetime) -> datetime:
        """Return what the clock to count by reads at *at*."""
        return wall_clock(at, self._civil) if self._civil else at

    def _outside(self) -> ValueError:
        return ValueError(
            f"a period of {self.interval} reaches outside the years "
            f"{MINYEAR} to {MAXYEAR}"
        )


@frozen
class NumberGrid:
    """Boundaries on a number axis.

    :param interval: how many numbers a partition holds, at least 1.
    :param anchor: one of the boundaries.
    """

    interval: int = field()
    anchor: int = 0

    @interval.validator
    def _positive(self, _: Attribute[int], interval: int) -> None:
        if interval <= 0:
            raise ValueError(f"a partition holds at least one number, not {interval}")

    def floor(self, at: int) -> int:
        """Return the last boundary that is not after *at*."""
        return at - (at - self.anchor) % self.interval

    def following(self, at: int) -> int:
        """Return the first boundary after *at*."""
        return self.floor(at) + self.interval

    def periods(self, first: int) -> Iterator[tuple[int, int]]:
        """Yield (lower, upper) of the period of *first*, then of every later one."""
        lower = self.floor(first)
        while True:
            yield lower, lower + self.interval
            lower += self.interval
