"""Codecs for PostgreSQL's own dates and times, as far as its calendar reaches.

Almost every bound is midnight of a year with four digits, so that case has a short
way; years before Christ, with five digits, and fractions go by integer arithmetic.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import TYPE_CHECKING

from attrs import frozen

from partman_core.keys.codecs import (
    WALL_EPOCH,
    Axis,
    Column,
    Position,
    from_microseconds,
    no_place,
    to_microseconds,
    type_problems,
    whole,
)
from partman_core.keys.days import civil_date, day_number

if TYPE_CHECKING:
    from collections.abc import Iterable
    from fractions import Fraction

INFINITY = 1 << 100
"""The position of 'infinity', a real value of dates and times, below MAXVALUE."""

_VALUE_OF = {"infinity": INFINITY, "-infinity": -INFINITY}
_TEXT_OF: dict[int | Fraction, str] = {n: text for text, n in _VALUE_OF.items()}
_EPOCH_ORDINAL = WALL_EPOCH.toordinal()
_SECOND = 10**6
_DAY = 86_400 * _SECOND
_DATE = re.compile(r"(\d{4,})-(\d\d)-(\d\d)( BC)?", re.ASCII)
_STAMP = re.compile(
    r"(\d{4,}-\d\d-\d\d) ([01]\d|2[0-3]):([0-5]\d):([0-5]\d)"
    r"(?:\.(\d{1,6}))?(\+00)?( BC)?",
    re.ASCII,
)
_USUAL_DATE, _USUAL_STAMP = len("2013-01-01"), len("2013-01-01 00:00:00")
_FIRST_DAY = day_number(-4713, 11, 24)
_LAST_DATE = day_number(5_874_897, 12, 31)
_LAST_TIMESTAMP = day_number(294_276, 12, 31)


def _day_of(text: str) -> int | None:
    """Return the days from 1970 to a date, None if there is no such date."""
    match = _DATE.fullmatch(text)
    year = int(match[1]) if match else 0
    if match is None or year == 0:
        return None
    try:
        return day_number(1 - year if match[4] else year, int(match[2]), int(match[3]))
    except ValueError:
        return None


def _day_text(number: int, last: int, clock: str = "") -> str:
    if not _FIRST_DAY <= number <= last:
        raise ValueError("PostgreSQL's calendar does not reach that far")
    year, month, day = civil_date(number)
    shown, era = (year, "") if year > 0 else (1 - year, " BC")
    return f"{shown:04d}-{month:02d}-{day:02d}{clock}{era}"


@frozen(eq=False)
class Timestamps:
    """``timestamp`` with or without time zone: microseconds since 1970."""

    name: str
    types: frozenset[str]
    wall: bool
    axis: Axis = "time"
    by_default: bool = True

    def position(self, text: str) -> int:
        """See :meth:`Codec.position`."""
        zone = "" if self.wall else "+00"
        usual = len(text) == _USUAL_STAMP + len(zone) and text.endswith(zone)
        if usual and text[4] == "-" == text[7] and text[10] == " ":
            try:
                since = datetime.fromisoformat(text[:_USUAL_STAMP]) - WALL_EPOCH
            except ValueError:
                raise no_place(text, f"a {self.name}") from None
            return (since.days * 86_400 + since.seconds) * _SECOND
        return self._unusual_position(text, zone)

    def _unusual_position(self, text: str, zone: str) -> int:
        if text in _VALUE_OF:
            return _VALUE_OF[text]
        match = _STAMP.fullmatch(text)
        day = match and _day_of(match[1] + (match[7] or ""))
        if match is None or day is None or (match[6] or "") != zone:
            raise no_place(text, f"a {self.name}")
        seconds = int(match[2]) * 3600 + int(match[3]) * 60 + int(match[4])
        return day * _DAY + seconds * _SECOND + int((match[5] or "").ljust(6, "0"))

    def literal(self, position: int | Fraction) -> str:
        """See :meth:`Codec.literal`."""
        if position in _TEXT_OF:
            return _TEXT_OF[position]
        day, rest = divmod(whole(position), _DAY)
        seconds, microseconds = divmod(rest, _SECOND)
        minutes, second = divmod(seconds, 60)
        hour, minute = divmod(minutes, 60)
        clock = f" {hour:02d}:{minute:02d}:{second:02d}"
        if microseconds:
            clock += f".{microseconds:06d}".rstrip("0")
        return _day_text(day, _LAST_TIMESTAMP, clock + ("" if self.wall else "+00"))

    def at(self, moment: datetime) -> int:
        """See :meth:`Codec.at`."""
        return to_microseconds(moment, wall=self.wall)

    def moment(self, position: Position) -> datetime | None:
        """See :meth:`Codec.moment`."""
        if isinstance(position, float):
            return None
        return from_microseconds(position // 1, wall=self.wall)

    def problems(self, column: Column) -> Iterable[str]:
        """See :meth:`Codec.problems`."""
        return type_problems(self, column)


@frozen(eq=False)
class Dates:
    """``date``: days since 1970."""

    name: str = "date"
    types: frozenset[str] = frozenset({"date"})
    wall: bool = True
    axis: Axis = "time"
    by_default: bool = True

    def position(self, text: str) -> int:
        """See :meth:`Codec.position`."""
        if len(text) == _USUAL_DATE and text[4] == "-" == text[7]:
            try:
                return date.fromisoformat(text).toordinal() - _EPOCH_ORDINAL
            except ValueError:
                raise no_place(text, "a date") from None
        day = _VALUE_OF[text] if text in _VALUE_OF else _day_of(text)
        if day is None:
            raise no_place(text, "a date")
        return day

    def literal(self, position: int | Fraction) -> str:
        """See :meth:`Codec.literal`."""
        return _TEXT_OF.get(position) or _day_text(whole(position), _LAST_DATE)

    def at(self, moment: datetime) -> int:
        """See :meth:`Codec.at`."""
        return -(-to_microseconds(moment, wall=True) // _DAY)

    def moment(self, position: Position) -> datetime | None:
        """See :meth:`Codec.moment`."""
        if isinstance(position, float):
            return None
        return from_microseconds(position // 1 * _DAY, wall=True)

    def problems(self, column: Column) -> Iterable[str]:
        """See :meth:`Codec.problems`."""
        return type_problems(self, column)
