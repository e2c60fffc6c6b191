"""Hypothesis strategies for grids, those of the test kit, and short words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import islice, pairwise

from hypothesis import strategies as st

from partman_core.grid import ANCHOR, Grid, NumberGrid
from partman_core.interval import Interval
from partman_core.testing.times import (
    DAYS,
    HARD_ZONES,
    anchors,
    changes,
    grid_intervals,
    intervals,
    moments,
    walls,
    zone_file,
    zones,
)
from partman_core.zones import zone_names

__all__ = [
    "DAYS",
    "HARD_ZONES",
    "anchors",
    "changes",
    "grid_intervals",
    "intervals",
    "moments",
    "walls",
    "zone_file",
    "zones",
]

INSTANT = timedelta(microseconds=1)
DAY = timedelta(days=1)

Period = tuple[datetime, datetime]


def grid(interval: str, timezone: str = "UTC", anchor: datetime = ANCHOR) -> Grid:
    return Grid(Interval.parse(interval), timezone, anchor)


def wall_grid(interval: str, anchor: datetime = ANCHOR) -> Grid:
    return Grid(Interval.parse(interval), anchor=anchor, wall=True)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def some(periods: Iterator[Period], count: int) -> list[Period]:
    return list(islice(periods, count))


def assert_contiguous(periods: Iterable[Period]) -> None:
    """No gap, no overlap, no empty period, in order."""
    periods = list(periods)
    assert all(lower < upper for lower, upper in periods)
    assert all(earlier[1] == later[0] for earlier, later in pairwise(periods))


def hint_of(error: BaseException) -> str:
    return "\n".join(getattr(error, "__notes__", ()))


@cache
def distinct_zones() -> tuple[str, ...]:
    """Return every zone once, without its other names."""
    return tuple({zone_file(name): name for name in sorted(zone_names())}.values())


def grids() -> st.SearchStrategy[Grid]:
    """Grids of aware moments, in any zone."""
    return st.builds(
        Grid, interval=grid_intervals(), timezone=zones(), anchor=anchors()
    )


def wall_grids() -> st.SearchStrategy[Grid]:
    """Grids of wall clocks."""
    return st.builds(
        Grid, interval=grid_intervals(), anchor=anchors(), wall=st.just(True)
    )


def number_grids() -> st.SearchStrategy[NumberGrid]:
    """Grids of numbers, negative anchors too."""
    big = 1 << 70
    return st.builds(
        NumberGrid, interval=st.integers(1, big), anchor=st.integers(-big, big)
    )
