"""What Hypothesis draws for the words of partman: values, bounds, names, columns."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import strategies as st

from partman_core.keys import Column
from partman_core.testing import words
from partman_core.testing.words import hash_bounds, range_bounds

__all__ = ["hash_bounds", "range_bounds"]

characters = words.characters()
values = words.values()
ends = words.ends()
list_bounds = words.list_bounds()
bounds = words.bounds()
identifiers = words.identifiers()
names = words.names()

moments = st.datetimes(timezones=st.just(UTC))
"""Aware moments, to the microsecond, in the years 1 to 9999."""

milliseconds = st.integers(0, (1 << 48) - 1)
"""What the time of an identifier can be, in milliseconds since 1970."""

wall_moments: st.SearchStrategy[datetime] = st.datetimes()


def column(type_: str, collation: str | None = None) -> Column:
    """Make a key column of a type."""
    return Column("k", type_, collation)
