"""Codecs: from the text of key values to positions on an axis, and back.

A position is a number that orders as PostgreSQL orders the values, exactly; so
ranges can be compared, and grids laid, without asking the server.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias

from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Iterable

Position: TypeAlias = int | Fraction | float
"""Where a value lies.  Floats stand for MINVALUE (-inf) and MAXVALUE (inf) only."""

Axis: TypeAlias = Literal["time", "number"]


@frozen
class Column:
    """One column of a partition key.

    :param name: None where the key is an expression.
    :param type: as ``format_type`` names it, without modifiers.
    :param collation: name of the collation that orders the key; where that is the
        database's default, the name of what is behind it.
    :param expression: the SQL of an expression key.
    """

    name: str | None
    type: str
    collation: str | None = None
    not_null: bool = False
    expression: str | None = None

    @property
    def label(self) -> str:
        """Say what to call it to people."""
        return self.name or self.expression or "the key"


class Codec(Protocol):
    """Maps the values of some types to an axis.  Stateless, pure, hashable."""

    def __hash__(self) -> int:
        """Hash it: what it says of a value is remembered."""

    @property
    def name(self) -> str:
        """Say by which name the setting ``key`` chooses it."""

    @property
    def axis(self) -> Axis:
        """Say whether positions are moments or mere numbers."""

    @property
    def types(self) -> frozenset[str]:
        """Name the types that it serves, as ``format_type`` does, without modifiers."""

    @property
    def wall(self) -> bool:
        """Say whether values are wall-clock times, without a zone."""

    @property
    def by_default(self) -> bool:
        """Say whether columns of its types have it when ``key`` is not set."""

    def position(self, text: str) -> Position:
        """Return the place of a value.

        :param text: as PostgreSQL prints it, see :mod:`partman_core.bounds`.
        :raises ValueError: it has no place on this axis.
        """

    def literal(self, position: int | Fraction) -> str:
        """Return the value at *position* as PostgreSQL prints it, exactly.

        :raises ValueError: no value lies there.
        """

    def at(self, moment: datetime) -> int:
        """Return the first position that is not before *moment*.

        :param moment: aware; naive where the values are wall-clock times.
        :raises ValueError: this is a number axis, or the moment is of the wrong sort.
        """

    def moment(self, position: Position) -> datetime | None:
        """Return the last microsecond that is not after *position*.

        :returns: aware UTC; naive where the values are wall-clock times; None beyond
            the years 1 to 9999, at the infinities, and on a number axis.
        """

    def problems(self, column: Column) -> Iterable[str]:
        """Yield a sentence for every reason why it cannot serve *column*."""


def type_problems(codec: Codec, column: Column) -> Iterable[str]:
    """Yield a sentence if the column's type is none that *codec* serves."""
    if column.type not in codec.types:
        types = ", ".join(sorted(codec.types))
        yield f"{column.label} is {column.type}; key = {codec.name!r} serves {types}"


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
WALL_EPOCH = EPOCH.replace(tzinfo=None)


def to_microseconds(moment: datetime, *, wall: bool) -> int:
    """Return the microseconds from 1970 to *moment*.

    :param wall: count on the wall clock, where *moment* is naive.
    :raises ValueError: the moment is naive and should not be, or the reverse.
    """
    if (moment.tzinfo is None) is not wall:
        why = "is a wall clock's, and {} has a zone" if wall else "needs a zone for {}"
        raise ValueError(f"this axis {why.format(moment.isoformat())}")
    since = moment - (WALL_EPOCH if wall else EPOCH)
    return (since.days * 86_400 + since.seconds) * 10**6 + since.microseconds


def from_microseconds(microseconds: int, *, wall: bool) -> datetime | None:
    """Return the moment so long after 1970, None beyond the years 1 to 9999."""
    try:
        since = timedelta(microseconds=microseconds)
        return (WALL_EPOCH if wall else EPOCH) + since
    except OverflowError:
        return None


def whole(position: int | Fraction) -> int:
    """Return *position* as an integer.

    :raises ValueError: it lies between two.
    """
    if position != position // 1:
        raise ValueError(f"no value lies at {position}, only at whole numbers")
    return position // 1


def no_place(text: str, what: str) -> ValueError:
    """Return the error for *text* that is not *what* the axis holds."""
    return ValueError(f"{text!r} is not {what} as PostgreSQL prints it")
