"""Codecs for numbers: ids, seconds since 1970, and identifiers that begin with a time.

Everything is integer arithmetic: a nanosecond of this century does not fit a float.
"""

from __future__ import annotations

import re
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING

from attrs import field, frozen

from partman_core.keys.codecs import (
    Axis,
    Column,
    Position,
    from_microseconds,
    no_place,
    to_microseconds,
    type_problems,
    whole,
)

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

_NUMBER = re.compile(r"-?\d+(\.\d+)?", re.ASCII)


def _number(text: str) -> int | Fraction:
    match = _NUMBER.fullmatch(text)
    if match is None:
        raise no_place(text, "a finite number")
    if match[1] is None:
        return int(text)
    exact = Fraction(text)
    return exact.numerator if exact.denominator == 1 else exact


def _number_text(position: int | Fraction) -> str:
    """Print a number without loss, as few digits as that takes."""
    exact = Fraction(position)
    scale, power = 0, 1
    while power % exact.denominator:
        if scale > exact.denominator.bit_length():
            raise ValueError(f"{position} has no end as a decimal number")
        scale, power = scale + 1, power * 10
    digits = f"{abs(exact) * power // 1:0{scale + 1}d}"
    point = len(digits) - scale
    fraction = f".{digits[point:]}" if scale else ""
    return f"{'-' if exact < 0 else ''}{digits[:point]}{fraction}"


@frozen(eq=False)
class Numbers:
    """An axis of numbers: the position is the value itself."""

    name: str
    types: frozenset[str]
    wall: bool = False
    axis: Axis = "number"
    by_default: bool = True

    def position(self, text: str) -> int | Fraction:
        """See :meth:`Codec.position`."""
        return _number(text)

    def literal(self, position: int | Fraction) -> str:
        """See :meth:`Codec.literal`."""
        return _number_text(position)

    def at(self, moment: datetime) -> int:
        """See :meth:`Codec.at`: numbers have no moments."""
        raise ValueError(f"{moment.isoformat()} has no place on an axis of numbers")

    def moment(self, position: Position) -> None:  # noqa: ARG002 - as all codecs have it
        """See :meth:`Codec.moment`: numbers have no moments."""
        return

    def problems(self, column: Column) -> Iterable[str]:
        """See :meth:`Codec.problems`."""
        return type_problems(self, column)


@frozen(eq=False)
class Epochs:
    """A count since 1970-01-01 00:00 UTC: the position is the count itself.

    :param per_second: how many make a second.
    """

    name: str
    per_second: int
    types: frozenset[str]
    wall: bool = False
    axis: Axis = "time"
    by_default: bool = False

    def position(self, text: str) -> int | Fraction:
        """See :meth:`Codec.position`."""
        return _number(text)

    def literal(self, position: int | Fraction) -> str:
        """See :meth:`Codec.literal`."""
        return _number_text(position)

    def at(self, moment: datetime) -> int:
        """See :meth:`Codec.at`."""
        return -(-to_microseconds(moment, wall=False) * self.per_second // 10**6)

    def moment(self, position: Position) -> datetime | None:
        """See :meth:`Codec.moment`."""
        if isinstance(position, float):
            return None
        microseconds = position * 10**6 // self.per_second
        return from_microseconds(microseconds, wall=False)

    def problems(self, column: Column) -> Iterable[str]:
        """See :meth:`Codec.problems`."""
        return type_problems(self, column)


_TAIL_BITS = 80
_ID_BITS = 128


def _id_at(moment: datetime) -> int:
    """Return the lowest id of the first millisecond that is not before *moment*."""
    milliseconds = -(-to_microseconds(moment, wall=False) // 1000)
    return max(milliseconds, 0) << _TAIL_BITS


def _id_moment(position: Position) -> datetime | None:
    if isinstance(position, float):
        return None
    return from_microseconds((position // 1 >> _TAIL_BITS) * 1000, wall=False)


def _id(position: int | Fraction, name: str) -> int:
    number = whole(position)
    if not 0 <= number < 1 << _ID_BITS:
        raise ValueError(f"no {name} lies at {number}: it has {_ID_BITS} bits")
    return number


_UUID = re.compile("-".join(f"[0-9a-f]{{{n}}}" for n in (8, 4, 4, 4, 12)))


@frozen(eq=False)
class Uuid7s:
    """Version 7 UUIDs: 48 bits of milliseconds, then chance; ordered as numbers.

    A bound has an all-zero tail, so that it lies below every id of its millisecond.
    """

    name: str = "uuid7"
    types: frozenset[str] = frozenset({"uuid"})
    wall: bool = False
    axis: Axis = "time"
    by_default: bool = False

    def position(self, text: str) -> int:
        """See :meth:`Codec.position`."""
        if not _UUID.fullmatch(text):
            raise no_place(text, "a uuid")
        return int(text.replace("-", ""), 16)

    def literal(self, position: int | Fraction) -> str:
        """See :meth:`Codec.literal`."""
        digits = f"{_id(position, 'uuid'):032x}"
        cuts = pairwise((0, 8, 12, 16, 20, 32))
        return "-".join(digits[start:end] for start, end in cuts)

    def at(self, moment: datetime) -> int:
        """See :meth:`Codec.at`."""
        return _id_at(moment)

    def moment(self, position: Position) -> datetime | None:
        """See :meth:`Codec.moment`."""
        return _id_moment(position)

    def problems(self, column: Column) -> Iterable[str]:
        """See :meth:`Codec.problems`."""
        return type_problems(self, column)


_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_ULID = re.compile(f"[0-7][{_CROCKFORD}]{{0,25}}")
_TO_PYTHON = str.maketrans(_CROCKFORD, "0123456789abcdefghijklmnopqrstuv")
_BYTEWISE = frozenset({"C", "POSIX", "ucs_basic", "pg_c_utf8"})


@frozen(eq=False)
class Ulids:
    """ULIDs as text: ten characters of milliseconds, then sixteen of chance.

    A bound is the ten alone, which sorts below every id of its millisecond; but only
    where text is ordered by its bytes, and ids are in capital letters.
    """

    name: str = "ulid"
    types: frozenset[str] = frozenset(
        {"text", "character varying", "character", "bpchar"}
    )
    wall: bool = False
    axis: Axis = "time"
    by_default: bool = False
    bytewise: frozenset[str] = field(default=_BYTEWISE, repr=False)

    def position(self, text: str) -> int:
        """See :meth:`Codec.position`."""
        characters = text.rstrip(" ")
        if not _ULID.fullmatch(characters):
            raise no_place(text, "a ULID in capital letters, or the start of one,")
        return int(characters.ljust(26, "0").translate(_TO_PYTHON), 32)

    def literal(self, position: int | Fraction) -> str:
        """See :meth:`Codec.literal`."""
        number = _id(position, "ULID")
        text = "".join(_CROCKFORD[number >> shift & 31] for shift in range(125, -1, -5))
        return text[:10] if text.endswith("0" * 16) else text

    def at(self, moment: datetime) -> int:
        """See :meth:`Codec.at`."""
        return _id_at(moment)

    def moment(self, position: Position) -> datetime | None:
        """See :meth:`Codec.moment`."""
        return _id_moment(position)

    def problems(self, column: Column) -> Iterable[str]:
        """See :meth:`Codec.problems`."""
        yield from type_problems(self, column)
        if column.type in self.types and column.collation not in self.bytewise:
            how = column.collation or "the database's collation"
            yield (
                f"{column.label} is ordered by {how}, and ULIDs as text need "
                'COLLATE "C" in the partition key'
            )
