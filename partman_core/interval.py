"""How long a period is: "15 minutes", "1 day", "1 month", "1 century".

Months and years follow the calendar, so an :class:`Interval` keeps months apart
from what has a fixed length.  A day is 24 hours when lengths are compared, and
a step on the wall clock when a whole number of days is counted in a zone.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import MAXYEAR, MINYEAR, UTC, datetime, timedelta
from typing import Final, Literal, Self, TypeAlias

from attrs import Attribute, field, frozen

from partman_core import durations
from partman_core.durations import DAY
from partman_core.zones import wall_clock, zone

__all__ = ["Interval", "Kind", "plus_months", "zone"]

Kind: TypeAlias = Literal["months", "days", "subday", "mixed", "empty"]

LONGEST_YEARS: Final = 10_000
SHORTEST_MONTH: Final = 28


def _limit(name: str) -> int:
    return LONGEST_YEARS * (12 if name == "months" else 366 * DAY)


@frozen
class Interval:
    """A length of time, never negative.

    :param months: calendar months; a year is twelve.
    :param microseconds: what has a fixed length; days are kept here as well.
    """

    months: int = field(default=0)
    microseconds: int = field(default=0)

    @months.validator
    @microseconds.validator
    def _not_negative(self, attribute: Attribute[int], value: int) -> None:
        if value < 0:
            raise ValueError(f"an interval is not negative: {value} {attribute.name}")
        if value > _limit(attribute.name):
            raise ValueError(f"an interval is at most {LONGEST_YEARS} years")

    @classmethod
    def parse(cls, text: str | timedelta | Interval) -> Self:
        """Read an interval as people, PostgreSQL, ISO 8601 or Python write it.

        :param text: "1 day", "1 year 6 months", "36h", "1h30m", "01:30:00",
            "P1M", "PT15M", a timedelta, or an interval already.
        :raises ValueError: it is not one, has no unit, is negative, is not a
            whole number of months or microseconds, or is too long.
        """
        if isinstance(text, Interval):
            return cls(text.months, text.microseconds)
        if isinstance(text, timedelta):
            return cls(microseconds=text // timedelta(microseconds=1))
        return cls(*durations.parse(str(text)))

    @property
    def kind(self) -> Kind:
        """Say how it steps: by months, by days, by less, by both, or not at all."""
        if self.months:
            return "mixed" if self.microseconds else "months"
        if not self.microseconds:
            return "empty"
        return "subday" if self.microseconds % DAY else "days"

    def after(self, moment: datetime, timezone: str = "UTC") -> datetime:
        """Return the moment that is this much later.

        Months and whole days step on the wall clock, the end of a month staying
        inside the month; anything that is not a whole number of days elapses.

        :param moment: aware, or naive for a wall clock without a zone.
        :param timezone: whose wall clock an aware moment steps on.
        :returns: aware in UTC, or naive, as *moment* is.
        :raises ValueError: unknown zone, or outside the years 1 to 9999.
        """
        return self._shift(moment, timezone, 1)

    def before(self, moment: datetime, timezone: str = "UTC") -> datetime:
        """Return the moment that is this much earlier; see :meth:`after`."""
        return self._shift(moment, timezone, -1)

    def _shift(self, moment: datetime, timezone: str, sign: int) -> datetime:
        try:
            if moment.tzinfo is None:
                return self._elapse(self._step(moment, sign), sign)
            shifted = moment.astimezone(UTC)
            if self.months or self.kind == "days":
                where = zone(timezone)
                wall = self._step(wall_clock(moment, where), sign)
                shifted = wall.replace(tzinfo=where).astimezone(UTC)
            return self._elapse(shifted, sign)
        except OverflowError as error:
            way = "after" if sign > 0 else "before"
            raise ValueError(
                f"{self} {way} {moment} is outside the years {MINYEAR} to {MAXYEAR}"
            ) from error

    def _step(self, wall: datetime, sign: int) -> datetime:
        """Do what steps on a wall clock: months and whole days."""
        if self.months:
            wall = plus_months(wall, sign * self.months)
        if self.microseconds % DAY:
            return wall
        return wall + sign * timedelta(days=self.microseconds // DAY)

    def _elapse(self, moment: datetime, sign: int) -> datetime:
        """Do the rest, which is as long anywhere."""
        if self.microseconds % DAY == 0:
            return moment
        return moment + sign * timedelta(microseconds=self.microseconds)

    def to_json(self) -> str:
        """Return it as text, for JSON."""
        return str(self)

    def __str__(self) -> str:
        """Write it as :meth:`parse` and PostgreSQL read it."""
        return durations.spelled(self.months, self.microseconds)

    def __bool__(self) -> bool:
        """Whether it has any length."""
        return bool(self.months or self.microseconds)


def plus_months(wall: datetime, months: int) -> datetime:
    """Step by calendar months; a day that the month lacks becomes its last.

    :raises OverflowError: outside the years 1 to 9999.
    """
    year, month = divmod(wall.year * 12 + wall.month - 1 + months, 12)
    if not MINYEAR <= year <= MAXYEAR:
        raise OverflowError(f"there is no year {year}")
    if wall.day <= SHORTEST_MONTH:
        return wall.replace(year=year, month=month + 1)
    last = monthrange(year, month + 1)[1]
    return wall.replace(year=year, month=month + 1, day=min(wall.day, last))
