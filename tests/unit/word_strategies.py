"""What Hypothesis draws for the words of partman: values, bounds, names, columns."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import strategies as st

from partman_core.bounds import DefaultBounds, Edge, HashBounds, ListBounds, RangeBounds
from partman_core.keys import Column
from partman_core.naming import MAX_BYTES, Name

characters = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
"""What a text in PostgreSQL can hold."""

_TRICKY_VALUES = (
    "",
    "'",
    "''",
    "', '",
    "')",
    ") TO (",
    "') TO ('",
    "a\nb",
    "\\",
    "\\'",
    '(1,"a,b\'")',
    "NULL",
    "MINVALUE",
    "MAXVALUE",
    "DEFAULT",
    "FOR VALUES FROM ('1') TO ('2')",
    "true",
    "-5",
    "infinity",
    "0044-03-15 BC",
    "é世界🦣",
)
values = st.sampled_from(_TRICKY_VALUES) | st.text(characters, max_size=20)
"""Key values as text, the ones that a tokenizer could stumble over among them."""

ends = values | st.sampled_from(Edge)


@st.composite
def range_bounds(draw: st.DrawFn, *, width: int | None = None) -> RangeBounds:
    """Draw a range over some columns; its ends need not be in order."""
    size = draw(st.integers(1, 4)) if width is None else width
    side = st.lists(ends, min_size=size, max_size=size).map(tuple)
    return RangeBounds(draw(side), draw(side))


@st.composite
def hash_bounds(draw: st.DrawFn) -> HashBounds:
    modulus = draw(st.integers(1, 2**31 - 1))
    return HashBounds(modulus, draw(st.integers(0, modulus - 1)))


list_bounds = st.lists(st.none() | values, min_size=1, max_size=6, unique=True).map(
    lambda drawn: ListBounds(tuple(drawn))
)
bounds = range_bounds() | list_bounds | hash_bounds() | st.just(DefaultBounds())

_TRICKY_NAMES = (
    "Events",
    "select",
    "user",
    "interval",
    'we"ird',
    '""',
    "a.b",
    " padded ",
    "naïve tbl",
    "İstanbul",
    "dollar$",
    "1st",
    "{suffix}",
    "{table}",
    "{",
    "%s",
    "x" * 63,
    "é" * 31,
    "🦣" * 15,
)
identifiers = st.sampled_from(_TRICKY_NAMES) | st.text(characters, min_size=1).filter(
    lambda text: len(text.encode()) <= MAX_BYTES
)
"""Every name that PostgreSQL can give a relation, and likely trouble."""

names = st.builds(Name, st.none() | identifiers, identifiers)

moments = st.datetimes(timezones=st.just(UTC))
"""Aware moments, to the microsecond, in the years 1 to 9999."""

milliseconds = st.integers(0, (1 << 48) - 1)
"""What the time of an identifier can be, in milliseconds since 1970."""

wall_moments: st.SearchStrategy[datetime] = st.datetimes()


def column(type_: str, collation: str | None = None) -> Column:
    """Make a key column of a type."""
    return Column("k", type_, collation)
