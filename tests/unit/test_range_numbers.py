"""Blocks of numbers: where they begin, and where a type ends."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise
from math import inf
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partman_core.bounds import RangeBounds
from partman_core.keys import CODECS, Column, Key, span
from partman_core.strategy import Level, Wanted
from partman_plugins.limits import MOST_AHEAD
from partman_plugins.range import Range

BY_NAME = {codec.name: codec for codec in CODECS}
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
BITS = {"smallint": 15, "integer": 31, "bigint": 63}


def a_level(kind: str, position: int | None) -> Level:
    """Make a level with a key of this type."""
    codec = BY_NAME["numeric" if kind == "numeric" else "integer"]
    key = Key("range", (Column("id", kind),))
    return Level(key=key, codec=codec, existing=(), now=NOON, position=position)


def spans(kind: str, position: int | None, **settings: Any) -> list[tuple[Any, Any]]:
    """Return the places of what is wanted."""
    level = a_level(kind, position)
    wanted = [*Range(**settings).wanted(level)]
    return [span(level.codec, bounds_of(one)) for one in wanted if level.codec]


def bounds_of(wanted: Wanted) -> RangeBounds:
    assert isinstance(wanted.bounds, RangeBounds)
    return wanted.bounds


@given(st.integers(-1000, 1000), st.integers(1, 50), st.integers(1, 5))
def test_what_begins_at_a_start_begins_there_whatever_is_known(
    start: int, width: int, count: int
):
    settings = {"partition_interval": width, "partition_count": count, "start": start}
    unknown = spans("bigint", None, **settings)
    assert unknown == spans("bigint", start, **settings)
    assert len(unknown) == count
    assert unknown[0][0] <= start < unknown[0][1]


def test_a_start_far_behind_wants_no_more_than_can_be_made():
    far = spans("numeric", 10**30, partition_interval=1000, start=0)
    assert len(far) <= MOST_AHEAD + 10
    assert far[-1][0] > 10**30


@pytest.mark.parametrize("kind", BITS)
@given(data=st.data())
def test_every_number_of_a_type_has_its_block(kind: str, data: st.DataObject):
    end = 1 << BITS[kind]
    near = st.integers(-end, -end + 500) | st.integers(end - 500, end - 1)
    here = data.draw(near)
    width = data.draw(st.sampled_from([1, 7, 100, end, 10 * end]))
    found = spans(kind, here, partition_interval=width, partition_count=3)
    assert found[0][0] <= here < found[0][1]
    for (_, upper), (lower, _) in pairwise(found):
        assert upper == lower
    for lower, upper in found:
        assert lower == -inf or -end < lower < end
        assert upper == inf or -end < upper < end


def test_numeric_has_no_end():
    assert spans("numeric", 10**40, partition_interval=10, partition_count=1) == [
        (10**40, 10**40 + 10)
    ]
