"""Hypothesis strategies for key values, bounds and names, with likely trouble."""

from __future__ import annotations

from hypothesis import strategies as st

from partman_core.bounds import (
    Bounds,
    DefaultBounds,
    Edge,
    HashBounds,
    ListBounds,
    RangeBounds,
)
from partman_core.naming import MAX_BYTES, Name

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


def characters() -> st.SearchStrategy[str]:
    """Draw what a text in PostgreSQL can hold, one character each."""
    return st.characters(exclude_categories=["Cs"], exclude_characters="\0")


def values() -> st.SearchStrategy[str]:
    """Draw key values as text, those that a tokenizer could stumble over among them."""
    return st.sampled_from(_TRICKY_VALUES) | st.text(characters(), max_size=20)


def ends() -> st.SearchStrategy[str | Edge]:
    """Draw ends of ranges: values, MINVALUE and MAXVALUE."""
    return values() | st.sampled_from(Edge)


@st.composite
def range_bounds(draw: st.DrawFn, *, width: int | None = None) -> RangeBounds:
    """Draw a range over some columns; its ends need not be in order.

    :param width: over how many; None: one to four.
    """
    size = draw(st.integers(1, 4)) if width is None else width
    side = st.lists(ends(), min_size=size, max_size=size).map(tuple)
    return RangeBounds(draw(side), draw(side))


def list_bounds() -> st.SearchStrategy[ListBounds]:
    """Draw lists of values, NULL among them."""
    drawn = st.lists(st.none() | values(), min_size=1, max_size=6, unique=True)
    return drawn.map(lambda several: ListBounds(tuple(several)))


@st.composite
def hash_bounds(draw: st.DrawFn) -> HashBounds:
    """Draw one remainder of any modulus that PostgreSQL takes."""
    modulus = draw(st.integers(1, 2**31 - 1))
    return HashBounds(modulus, draw(st.integers(0, modulus - 1)))


def bounds() -> st.SearchStrategy[Bounds]:
    """Draw bounds of every kind."""
    default = st.just(DefaultBounds())
    return range_bounds() | list_bounds() | hash_bounds() | default


def identifiers() -> st.SearchStrategy[str]:
    """Draw every name that PostgreSQL can give a relation, and likely trouble."""
    return st.sampled_from(_TRICKY_NAMES) | st.text(characters(), min_size=1).filter(
        lambda text: len(text.encode()) <= MAX_BYTES
    )


def names() -> st.SearchStrategy[Name]:
    """Draw names of relations, with a schema and without."""
    return st.builds(Name, st.none() | identifiers(), identifiers())
