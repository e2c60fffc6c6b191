"""Hypothesis strategies for everything that plugins are given.

::

    from hypothesis import given
    from partman_core.testing import strategies as some

    @given(some.moments(timezone="Pacific/Apia"))
    def test_it_holds_on_days_that_are_skipped(now): ...
"""

from __future__ import annotations

from partman_core.testing.levels import (
    codecs,
    columns,
    histories,
    key_of,
    keys,
    levels,
    partitions,
    tables,
    tree_of,
)
from partman_core.testing.times import (
    anchors,
    changes,
    grid_intervals,
    intervals,
    moments,
    walls,
    zones,
)
from partman_core.testing.words import (
    bounds,
    hash_bounds,
    identifiers,
    list_bounds,
    names,
    range_bounds,
    values,
)

__all__ = [
    "anchors",
    "bounds",
    "changes",
    "codecs",
    "columns",
    "grid_intervals",
    "hash_bounds",
    "histories",
    "identifiers",
    "intervals",
    "key_of",
    "keys",
    "levels",
    "list_bounds",
    "moments",
    "names",
    "partitions",
    "range_bounds",
    "tables",
    "tree_of",
    "values",
    "walls",
    "zones",
]
