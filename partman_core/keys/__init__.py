"""The partition key, and which codec gives its values their place on an axis."""

from __future__ import annotations

from difflib import get_close_matches
from functools import lru_cache
from math import inf
from typing import TYPE_CHECKING, Literal

from attrs import frozen

from partman_core.bounds import Edge
from partman_core.keys.calendar import Dates, Timestamps
from partman_core.keys.codecs import Axis, Codec, Column, Position, type_problems
from partman_core.keys.numbers import Epochs, Numbers, Ulids, Uuid7s
from partman_core.naming import quote_ident

if TYPE_CHECKING:
    from collections.abc import Mapping

    from partman_core.bounds import RangeBounds

__all__ = [
    "CODECS",
    "Axis",
    "Codec",
    "Column",
    "Key",
    "Position",
    "bound_position",
    "codec_for",
    "span",
]


@frozen
class Key:
    """How a table is partitioned: ``PARTITION BY method (columns)``."""

    method: Literal["range", "list", "hash"]
    columns: tuple[Column, ...]

    def __str__(self) -> str:
        return f"{self.method.upper()} ({', '.join(map(_column_sql, self.columns))})"


def _column_sql(column: Column) -> str:
    if column.name is None:
        return f"({column.expression})"
    return quote_ident(column.name)


_WIDE = frozenset({"bigint", "numeric"})

CODECS: tuple[Codec, ...] = (
    Timestamps("timestamptz", frozenset({"timestamp with time zone"}), wall=False),
    Timestamps("timestamp", frozenset({"timestamp without time zone"}), wall=True),
    Dates(),
    Numbers("integer", frozenset({"smallint", "integer", "bigint"})),
    Numbers("numeric", frozenset({"numeric"})),
    Epochs("epoch_s", 1, _WIDE | {"integer"}),
    Epochs("epoch_ms", 10**3, _WIDE),
    Epochs("epoch_us", 10**6, _WIDE),
    Epochs("epoch_ns", 10**9, _WIDE),
    Uuid7s(),
    Ulids(),
)
"""The codecs that come with partman; plugins offer more."""


def codec_for(column: Column, name: str | None, codecs: Mapping[str, Codec]) -> Codec:
    """Choose the codec of a key column.

    :param name: the setting ``key``; None to go by the column's type.
    :param codecs: all there are, by name.
    :raises ValueError: no such codec, or none for this type; a note says the way out.
    """
    if name is not None:
        return _named_codec(column, name, codecs)
    serving = [codec for codec in codecs.values() if column.type in codec.types]
    chosen = [codec for codec in serving if codec.by_default]
    if len(chosen) == 1:
        return chosen[0]
    how = "several codecs serve" if chosen else "no codec serves"
    error = ValueError(f"{how} {column.label} by its type, {column.type}")
    raise _with_choice(error, [codec.name for codec in chosen or serving])


def _named_codec(column: Column, name: str, codecs: Mapping[str, Codec]) -> Codec:
    codec = codecs.get(name)
    if codec is None:
        close = get_close_matches(name, codecs, n=1)
        guess = f"; did you mean {close[0]!r}?" if close else ""
        error = ValueError(f"no codec {name!r}{guess}")
        raise _with_choice(error, list(codecs))
    for problem in type_problems(codec, column):
        names = [c.name for c in codecs.values() if column.type in c.types]
        raise _with_choice(ValueError(problem), names)
    return codec


def _with_choice(error: ValueError, names: list[str]) -> ValueError:
    if names:
        error.add_note(f"hint: set key to {' or '.join(map(repr, names))}")
    else:
        error.add_note("hint: a plugin can offer a codec for this type")
    return error


def bound_position(codec: Codec, value: str | Edge) -> Position:
    """Return the place of one end of a range.

    :raises ValueError: the value has no place on the codec's axis.
    """
    if isinstance(value, Edge):
        return -inf if value is Edge.MINVALUE else inf
    return codec.position(value)


@lru_cache(maxsize=1 << 16)
def span(codec: Codec, bounds: RangeBounds) -> tuple[Position, Position]:
    """Return the places of both ends of a range over a single column.

    :raises ValueError: there are several columns, or an end has no place on the axis.
    """
    if len(bounds.lower) != 1:
        raise ValueError(f"{bounds} ranges over several columns, not along one axis")
    lower, upper = bounds.lower[0], bounds.upper[0]
    return bound_position(codec, lower), bound_position(codec, upper)
