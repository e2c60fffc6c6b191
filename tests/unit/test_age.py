"""Age is judged by the upper bound in the catalog, to the tick, in any zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from partman_core.interval import Interval
from partman_core.plan import Detach
from partman_plugins.retention import Retention

from . import plan_strategies as plans
from . import time_strategies as times
from .ages import clocks, is_over_age, limit_of

PERIODS = ("2 days", "49 hours", "10 days", "1000 hours", "1 month", "1 year")
"""Longer than a day, so that nothing of the current one is over age."""

NEAR = st.sampled_from((-1000, -999, -1, 0, 1, 999, 1000)) | st.integers(
    -(10**12), 10**11
)
"""Microseconds from the limit."""

EARLIEST = datetime(1975, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("kind", plans.TIME_KINDS)
@given(times.zones(), st.sampled_from(PERIODS), st.sets(NEAR, min_size=2), st.data())
def test_what_is_retired_is_exactly_what_ended_before_the_limit(
    kind, timezone, text, offsets, data
) -> None:
    """Whatever is in the names, and wherever the bounds lie."""
    now = data.draw(times.moments(timezone=timezone), label="now")
    assume(now > EARLIEST)
    period, codec = Interval.parse(text), plans.BY_NAME[kind]
    limit = limit_of(period, now, timezone)
    ends = [limit + timedelta(microseconds=offset) for offset in offsets]
    if codec.wall:
        ends = [clocks(end, timezone) for end in ends]
    edges = map(codec.literal, sorted({codec.at(end) for end in ends}))
    there = [
        plans.a_partition(lower, upper, name=f"p{2100 + number}")
        for number, (lower, upper) in enumerate(pairwise(edges))
    ]
    table = plans.a_table(kept=Retention(retention_period=period), timezone=timezone)
    tree = plans.a_tree(kind, *there)
    plan = plans.planned(table, tree, codec, now, max_drops=10**6)
    going = {detach.partition.oid for detach in plans.of_kind(plan, Detach)}
    assert going == {
        one.oid
        for one in there
        if is_over_age(kind, *one.bounds.upper, period, now, timezone)
    }
