"""The civil calendar without end: the dates that Python's ``datetime`` refuses.

PostgreSQL's dates reach from 4714 BC to 5874897 AD.  Years are astronomical here:
0 is 1 BC, -1 is 2 BC.  The calendar is the Gregorian one throughout, as in
PostgreSQL and in Python, and it repeats itself every 400 years.
"""

from __future__ import annotations

from datetime import date

_CYCLE_YEARS = 400
_CYCLE_DAYS = date(401, 1, 1).toordinal() - date(1, 1, 1).toordinal()
_EPOCH = date(1970, 1, 1).toordinal()


def day_number(year: int, month: int, day: int) -> int:
    """Return the days from 1970-01-01 to a date.

    :param year: astronomical, any.
    :raises ValueError: there is no such day.
    """
    cycles, offset = divmod(year - 1, _CYCLE_YEARS)
    like = date(offset + 1, month, day)
    return cycles * _CYCLE_DAYS + like.toordinal() - _EPOCH


def civil_date(number: int) -> tuple[int, int, int]:
    """Return year (astronomical), month and day, *number* days after 1970-01-01."""
    cycles, offset = divmod(number + _EPOCH - 1, _CYCLE_DAYS)
    like = date.fromordinal(offset + 1)
    return cycles * _CYCLE_YEARS + like.year, like.month, like.day
