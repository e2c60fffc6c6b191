"""A plugin with a codec of its own: KSUIDs, which begin with seconds since May 2014."""

from __future__ import annotations

import re
from math import inf
from typing import TYPE_CHECKING, Any, Literal

from attrs import frozen

from partman_core import hookimpl
from partman_core.keys.codecs import from_microseconds, to_microseconds, type_problems

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from fractions import Fraction

    from partman_core.keys import Codec, Column, Position

DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
VALUE = {digit: number for number, digit in enumerate(DIGITS)}
BEGINNING = 1_400_000_000
"""Where they begin, in seconds since 1970."""

TAIL, SIZE = 128, 160
"""How many bits are chance, and how many there are."""


def encoded(number: int) -> str:
    """Write a number of 20 bytes as 27 characters."""
    characters = []
    for _ in range(27):
        number, digit = divmod(number, 62)
        characters.append(DIGITS[digit])
    return "".join(reversed(characters))


def ksuid(moment: datetime, chance: int) -> str:
    """Make the id of a moment.

    :param chance: 16 bytes of it.
    """
    return encoded(int(moment.timestamp()) - BEGINNING << TAIL | chance)


@frozen(eq=False)
class Ksuids:
    """KSUIDs as text, in the order of their bytes."""

    name: str = "ksuid"
    types: frozenset[str] = frozenset({"text", "character varying", "character"})
    wall: bool = False
    axis: Literal["time", "number"] = "time"
    by_default: bool = False

    def position(self, text: str) -> int:
        """See :meth:`Codec.position`."""
        if not re.fullmatch(r"[0-9A-Za-z]{27}", text, re.ASCII):
            raise ValueError(f"{text!r} is no KSUID")
        number = 0
        for digit in text:
            number = number * 62 + VALUE[digit]
        if number >> SIZE:
            raise ValueError(f"{text!r} is more than a KSUID can be")
        return number

    def literal(self, position: int | Fraction) -> str:
        """See :meth:`Codec.literal`."""
        number = int(position)
        if number != position or not 0 <= number < 1 << SIZE:
            raise ValueError(f"no KSUID lies at {position}")
        return encoded(number)

    def at(self, moment: datetime) -> int:
        """See :meth:`Codec.at`."""
        seconds = -(-to_microseconds(moment, wall=False) // 10**6)
        return max(0, seconds - BEGINNING) << TAIL

    def moment(self, position: Position) -> datetime | None:
        """See :meth:`Codec.moment`."""
        if position == inf or position < 0:
            return None
        seconds = (int(position // 1) >> TAIL) + BEGINNING
        return from_microseconds(seconds * 10**6, wall=False)

    def problems(self, column: Column) -> Iterable[str]:
        """See :meth:`Codec.problems`."""
        yield from type_problems(self, column)
        if column.type in self.types and column.collation not in {"C", "POSIX"}:
            yield (
                f"{column.label} is ordered by {column.collation}, and KSUIDs need "
                'COLLATE "C" in the partition key'
            )


class Offered:
    """The plugin."""

    @hookimpl
    def partman_key_codecs(self) -> list[Codec]:
        """Offer ``key = "ksuid"``."""
        return [Ksuids()]


PLUGIN: Any = Offered()
