"""What a partition holds, read and printed exactly as PostgreSQL prints it.

The values are the key values' text, as the server prints it under ``TimeZone``
UTC, ``DateStyle`` 'ISO, YMD', ``IntervalStyle`` postgres, ``bytea_output`` hex,
``extra_float_digits`` 1 and ``standard_conforming_strings`` on.  They are compared
for equality only: how text is ordered is the business of a collation, which only
PostgreSQL knows.  :mod:`partman_core.keys` gives them a place on an axis.
"""

from __future__ import annotations

import re
from enum import Enum
from functools import lru_cache
from math import gcd
from typing import TYPE_CHECKING, Any, TypeAlias

from attrs import field, frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


class Edge(Enum):
    """An end of a range that lies beyond every value, 'infinity' included."""

    MINVALUE = "MINVALUE"
    MAXVALUE = "MAXVALUE"


class _Printable:
    """Gives every kind of bounds its clause as its text."""

    __slots__ = ()

    def __str__(self) -> str:
        return clause(self)  # type: ignore[arg-type]


@frozen(str=False, cache_hash=True)
class RangeBounds(_Printable):
    """``[lower, upper)``, one value for each key column on either side."""

    lower: tuple[str | Edge, ...]
    upper: tuple[str | Edge, ...]

    def __attrs_post_init__(self) -> None:
        if not len(self.lower) == len(self.upper) > 0:
            raise ValueError(
                "the two ends of a range need one value for each key column, "
                f"not {len(self.lower)} and {len(self.upper)}"
            )


@frozen(str=False, cache_hash=True)
class ListBounds(_Printable):
    """The listed values, None for NULL.  Equality does not depend on their order."""

    values: tuple[str | None, ...] = field(eq=frozenset)

    def __attrs_post_init__(self) -> None:
        if not self.values:
            raise ValueError("a list partition needs at least one value")


@frozen(str=False)
class HashBounds(_Printable):
    """The keys whose hash leaves *remainder* when divided by *modulus*."""

    modulus: int
    remainder: int

    def __attrs_post_init__(self) -> None:
        if not 0 <= self.remainder < self.modulus:
            raise ValueError(
                f"a hash partition's remainder lies in 0 to {self.modulus - 1}, "
                f"not at {self.remainder}"
            )


@frozen(str=False)
class DefaultBounds(_Printable):
    """Whatever no other partition takes."""


Bounds: TypeAlias = RangeBounds | ListBounds | HashBounds | DefaultBounds


def shares(one: Bounds | None, other: Bounds | None) -> bool:
    """Say whether a key can be in both, so that PostgreSQL would refuse one of them.

    Of ranges only whether they are the same: how far they go is for a codec to say.
    """
    if isinstance(one, ListBounds) and isinstance(other, ListBounds):
        return not set(one.values).isdisjoint(other.values)
    if isinstance(one, HashBounds) and isinstance(other, HashBounds):
        common = gcd(one.modulus, other.modulus)
        return one.remainder % common == other.remainder % common
    return one is not None and one == other


_FROM, _TO, _IN = "FOR VALUES FROM (", " TO (", "FOR VALUES IN ("
_VALUE = re.compile(r"(?:'([^']*(?:''[^']*)*)'|([^\s'(),]+))(, |\))")
_HASH = re.compile(r"FOR VALUES WITH \(modulus (\d+), remainder (\d+)\)", re.ASCII)


@lru_cache(maxsize=1 << 16)
def parse(text: str) -> Bounds:
    """Read the bounds of a partition.

    :param text: what ``pg_get_expr(relpartbound, oid)`` gives.
    :raises ValueError: it is no partition bound.
    """
    if text.startswith(_FROM):
        lower, at = _values(text, len(_FROM), _range_word)
        if text.startswith(_TO, at):
            upper, at = _values(text, at + len(_TO), _range_word)
            if at == len(text):
                return RangeBounds(lower, upper)
    elif text.startswith(_IN):
        values, at = _values(text, len(_IN), _list_word)
        if at == len(text):
            return ListBounds(values)
    elif text == "DEFAULT":
        return DefaultBounds()
    elif match := _HASH.fullmatch(text):
        return HashBounds(int(match[1]), int(match[2]))
    raise _unreadable(text)


def _values(
    text: str, at: int, word: Callable[[str], Any]
) -> tuple[tuple[Any, ...], int]:
    """Return the values from *at* on and the place after their parenthesis."""
    values = []
    while match := _VALUE.match(text, at):
        quoted, bare, end = match.groups()
        if quoted is None:
            values.append(word(bare))
        else:
            values.append(quoted.replace("''", "'") if "''" in quoted else quoted)
        at = match.end()
        if end == ")":
            return tuple(values), at
    raise _unreadable(text)


def _range_word(word: str) -> str | Edge:
    if word == "NULL":
        raise ValueError("a range cannot end at NULL")
    return Edge(word) if word in Edge.__members__ else word


def _list_word(word: str) -> str | None:
    if word in Edge.__members__:
        raise ValueError(f"a list cannot hold {word}")
    return None if word == "NULL" else word


def _unreadable(text: str) -> ValueError:
    return ValueError(f"not the bounds of a partition: {text!r}")


_FLOAT_LIKE = re.compile(r"[0-9].*[.eE]", re.DOTALL)


def clause(bounds: Bounds, types: Sequence[str] = ()) -> str:
    """Print *bounds* as the clause of PARTITION OF and ATTACH PARTITION.

    :param types: the key columns' types as ``format_type`` names them, without
        modifiers.  With them the text is character by character what PostgreSQL
        prints; without them every value is quoted, which means the same to it.
    """
    if isinstance(bounds, RangeBounds):
        lower, upper = _printed(bounds.lower, types), _printed(bounds.upper, types)
        return f"FOR VALUES FROM ({lower}) TO ({upper})"
    if isinstance(bounds, ListBounds):
        kinds = [*types[:1]] * len(bounds.values)
        return f"FOR VALUES IN ({_printed(bounds.values, kinds)})"
    if isinstance(bounds, HashBounds):
        modulus, remainder = bounds.modulus, bounds.remainder
        return f"FOR VALUES WITH (modulus {modulus}, remainder {remainder})"
    return "DEFAULT"


def _printed(values: Sequence[str | Edge | None], types: Sequence[str]) -> str:
    kinds = [*types, *[""] * (len(values) - len(types))]
    return ", ".join(map(_value, values, kinds))


def _value(value: str | Edge | None, kind: str) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, Edge):
        return value.value
    return value if _is_bare(value, kind) else "'" + value.replace("'", "''") + "'"


def _is_bare(value: str, kind: str) -> bool:
    """Say whether PostgreSQL prints *value* of this type without quotes."""
    if kind == "integer":
        return not value.startswith("-")
    if kind == "numeric":
        return _FLOAT_LIKE.match(value) is not None
    return kind == "boolean"


def to_json(bounds: Bounds) -> dict[str, Any]:
    """Return *bounds* as plain JSON, from which :func:`from_json` makes them again."""
    if isinstance(bounds, RangeBounds):
        lower, upper = map(_edges_to_json, (bounds.lower, bounds.upper))
        return {"kind": "range", "lower": lower, "upper": upper}
    if isinstance(bounds, ListBounds):
        return {"kind": "list", "values": list(bounds.values)}
    if isinstance(bounds, HashBounds):
        modulus, remainder = bounds.modulus, bounds.remainder
        return {"kind": "hash", "modulus": modulus, "remainder": remainder}
    return {"kind": "default"}


def _edges_to_json(values: tuple[str | Edge, ...]) -> list[str | dict[str, str]]:
    return [{"edge": v.value} if isinstance(v, Edge) else v for v in values]


def from_json(obj: Mapping[str, Any]) -> Bounds:
    """Make the bounds again that :func:`to_json` wrote.

    :raises ValueError: *obj* is something else.
    """
    try:
        kind = obj["kind"]
        if kind == "range":
            lower, upper = map(_edges_from_json, (obj["lower"], obj["upper"]))
            return RangeBounds(lower, upper)
        if kind == "list":
            return ListBounds(tuple(obj["values"]))
        if kind == "hash":
            return HashBounds(obj["modulus"], obj["remainder"])
        if kind == "default":
            return DefaultBounds()
    except (KeyError, TypeError) as error:
        raise ValueError(f"not the bounds of a partition: {obj!r}") from error
    raise ValueError(f"not the bounds of a partition: {obj!r}")


def _edges_from_json(values: Sequence[Any]) -> tuple[str | Edge, ...]:
    return tuple(v if isinstance(v, str) else Edge(v["edge"]) for v in values)
