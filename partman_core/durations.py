"""The text of intervals: read many spellings, write one.

People write "1 day", PostgreSQL "1 mon 02:00:00", ISO 8601 "P1M", Go "1h30m",
Python "1 day, 2:00:00".  All of them are read to (months, microseconds).
"""

from __future__ import annotations

import re
from difflib import get_close_matches
from fractions import Fraction
from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator

DAY: Final = 86_400_000_000
"""Microseconds of a day."""

Amount: TypeAlias = tuple[str, str]
"""A number and the unit that it counts, both as written."""

_MONTHS: Final = {
    "month": (1, "mon mons mo"),
    "quarter": (3, "qtr qtrs"),
    "year": (12, "y yr yrs"),
    "decade": (120, "dec decs"),
    "century": (1200, "c cent centuries"),
}
_MICROSECONDS: Final = {
    "microsecond": (1, "us usec usecs µs μs"),
    "millisecond": (1000, "ms msec msecs"),
    "second": (1_000_000, "s sec secs"),
    "minute": (60_000_000, "m min mins"),
    "hour": (3_600_000_000, "h hr hrs"),
    "day": (DAY, "d"),
    "week": (7 * DAY, "w wk wks"),
}
_UNITS: Final = _MONTHS | _MICROSECONDS
_SPELLINGS: Final = {
    spelling: unit
    for unit, (_, short) in _UNITS.items()
    for spelling in (unit, f"{unit}s", *short.split())
}

_WRITTEN: Final = ("day", "hour", "minute", "second", "millisecond", "microsecond")

_NUMBER = r"[0-9]+(?:\.[0-9]+)?|\.[0-9]+"
_PIECE = re.compile(
    r"[\s,]*(?:(?P<clock>[0-9]+:[0-5][0-9](?::[0-5][0-9](?:\.[0-9]+)?)?)(?![\w.:])"
    rf"|\+?(?P<number>{_NUMBER})\s*(?P<unit>[^\W\d_]+))\s*"
)
_ISO_NUMBER = r"([0-9]+(?:[.,][0-9]+)?)"
_ISO = re.compile(
    "P(?=[0-9T]){Y}{M}{W}{D}(?:T(?=[0-9]){H}{M}{S})?".format_map(
        {unit: f"(?:{_ISO_NUMBER}{unit})?" for unit in "YMWDHS"}
    ),
    re.IGNORECASE,
)
_ISO_UNITS = ("year", "month", "week", "day", "hour", "minute", "second")
_NEGATIVE = re.compile(r"(?:^|[\s,PT])-\s*[0-9.P]|\bago\b", re.IGNORECASE)


def parse(text: str) -> tuple[int, int]:
    """Read an interval.

    :returns: calendar months, and microseconds for all that has a fixed length.
    :raises ValueError: it is none, has no unit or one that nobody knows, is
        negative, or is not a whole number of months or microseconds.
    """
    totals = {"months": Fraction(), "microseconds": Fraction()}
    seen: set[str] = set()
    for number, spelling in _amounts(text):
        unit = _unit(spelling, text)
        if unit in seen:
            raise _error(f"{text!r} names the {unit} twice")
        seen.add(unit)
        part = "months" if unit in _MONTHS else "microseconds"
        totals[part] += _UNITS[unit][0] * Fraction(number.replace(",", "."))
    for part, total in totals.items():
        if total.denominator != 1:
            raise ValueError(f"{text!r} is not a whole number of {part}")
    return int(totals["months"]), int(totals["microseconds"])


def spelled(months: int, microseconds: int) -> str:
    """Write an interval as :func:`parse` and PostgreSQL read it."""
    years, rest = divmod(months, 12)
    words = []
    if months:
        words.append(_count(months, "month") if rest else _count(years, "year"))
    if microseconds or not months:
        unit, size = next(
            (unit, _UNITS[unit][0])
            for unit in _WRITTEN
            if microseconds % _UNITS[unit][0] == 0
        )
        words.append(_count(microseconds // size, unit))
    return " ".join(words)


def _count(number: int, unit: str) -> str:
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"


def _amounts(text: str) -> Iterator[Amount]:
    """Split *text* into numbers and their units."""
    stripped = text.strip()
    if _NEGATIVE.search(stripped):
        raise ValueError(f"an interval is not negative: {text!r}")
    if iso := _ISO.fullmatch(stripped):
        yield from (
            (number, unit)
            for number, unit in zip(iso.groups(), _ISO_UNITS, strict=True)
            if number
        )
        return
    position = 0
    while not position or position < len(stripped):
        piece = _PIECE.match(stripped, position)
        if piece is None:
            raise _unreadable(text, stripped[position:])
        yield from _piece(piece)
        position = piece.end()


def _piece(piece: re.Match[str]) -> Iterator[Amount]:
    if piece["clock"]:
        units = ("hour", "minute", "second")
        yield from zip(piece["clock"].split(":"), units, strict=False)
    else:
        yield piece["number"], piece["unit"]


def _unit(spelling: str, text: str) -> str:
    """Return the unit that is spelled so."""
    if spelling == "M":
        raise _error(f"{text!r} may mean months or minutes", "say which one")
    if unit := _SPELLINGS.get(spelling.casefold()):
        return unit
    near = get_close_matches(spelling.casefold(), _SPELLINGS, n=1)
    guess = f"; did you mean {near[0]!r}?" if near else ""
    raise _error(f"there is no unit {spelling!r} in the interval {text!r}{guess}")


def _unreadable(text: str, rest: str) -> ValueError:
    """Say why *text* cannot be read at *rest*."""
    if re.fullmatch(rf"\+?({_NUMBER})", rest):
        return _error(f"{text!r} has no unit", f'say the unit, as in "{rest} days"')
    near = get_close_matches(rest.casefold(), _SPELLINGS, n=1)
    if near:
        unit = _SPELLINGS[near[0]]
        return _error(f"{text!r} has no number", f'say how many, as in "1 {unit}"')
    return _error(f"{text!r} is not an interval")


def _error(
    sentence: str, hint: str = 'write it as "15 minutes", "1 day" or "P1M"'
) -> ValueError:
    error = ValueError(sentence)
    error.add_note(f"hint: {hint}")
    return error
