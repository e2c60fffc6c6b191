"""Retention: by the upper bound, to the microsecond, and never what is wanted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from partman_core.bounds import Edge, RangeBounds
from partman_core.interval import Interval
from partman_core.keys import CODECS, Codec, Column, Key, span
from partman_core.model import Partition, Retire, Table
from partman_core.naming import Name
from partman_core.strategy import Level, Limit
from partman_plugins.range import Range
from partman_plugins.retention import Retention, partman_retire

from .retention_cases import kept
from .time_strategies import DAY, grid_intervals, intervals, moments, utc, zones

if TYPE_CHECKING:
    from collections.abc import Iterable

CODEC = {codec.name: codec for codec in CODECS}
TIMES = [codec for codec in CODECS if codec.axis == "time"]
TICK = timedelta(microseconds=1)
MODERN = datetime(1975, 1, 1, tzinfo=UTC)


def partitions(bounds: Iterable[Any]) -> tuple[Partition, ...]:
    return tuple(
        Partition(oid=oid, name=Name("s", f"p{oid}"), bounds=each)
        for oid, each in enumerate(bounds, 1)
    )


def ends(*texts: str | Edge) -> tuple[Partition, ...]:
    """Return partitions that lie side by side, with these ends."""
    return partitions(RangeBounds((a,), (b,)) for a, b in pairwise(texts))


def level(
    existing: tuple[Partition, ...],
    now: datetime,
    codec: Codec = CODEC["timestamptz"],
    timezone: str = "UTC",
    **more: Any,
) -> Level:
    column = Column("id", min(codec.types), collation="C")
    return Level(
        key=Key("range", (column,)),
        codec=codec,
        existing=existing,
        now=now,
        timezone=timezone,
        **more,
    )


def retired(
    retention: Retention, seen: Level, strategy: Range | None = None
) -> list[Retire]:
    table = Table(
        name=Name("s", "t"),
        strategy=strategy or Range(partition_interval=Interval(microseconds=1)),
        sections={"retention": retention},
    )
    return partman_retire(table, seen)


def oids(found: Iterable[Retire]) -> list[int]:
    return [each.partition.oid for each in found]


DAYS = ("2026-11-20", "2026-11-21", "2026-11-22", "2026-11-23")


def test_a_row_of_the_last_minute_is_kept_for_its_whole_day():
    """A row of 23:59 of day D, kept for 1 day, survives until D+2 00:00 exactly."""
    there = ends(*(f"{day} 00:00:00+00" for day in DAYS[:2]))
    one_day = kept(retention_period="1 day")
    over = utc("2026-11-22 00:00")
    assert oids(retired(one_day, level(there, over))) == [1]
    assert not retired(one_day, level(there, over - TICK))


@pytest.mark.parametrize("codec", TIMES, ids=lambda codec: codec.name)
def test_the_limit_is_exact_for_every_kind_of_key(codec: Codec):
    moment = utc("2026-11-21")
    clock = moment.replace(tzinfo=None) if codec.wall else moment
    there = ends(
        codec.literal(codec.at(clock - DAY)),
        codec.literal(codec.at(clock)),
    )
    one_day = kept(retention_period="1 day")
    assert oids(retired(one_day, level(there, moment + DAY, codec))) == [1]
    assert not retired(one_day, level(there, moment + DAY - TICK, codec))


def test_what_ended_between_two_microseconds_has_not_ended():
    codec = CODEC["epoch_ns"]
    there = ends("0", str(codec.at(utc("2026-11-21")) + 1))
    one_day = kept(retention_period="1 day")
    assert not retired(one_day, level(there, utc("2026-11-22"), codec))
    assert retired(one_day, level(there, utc("2026-11-22") + TICK, codec))


@given(
    st.sampled_from(TIMES),
    zones(),
    grid_intervals(),
    intervals() | st.none(),
    st.integers(0, 5),
    st.integers(0, 500),
    st.data(),
)
def test_what_range_wants_is_never_retired(
    codec: Codec,
    timezone: str,
    interval: Interval,
    period: Interval | None,
    count: int,
    days: int,
    data: st.DataObject,
):
    """Also where `start` reaches back, and whatever else is there."""
    now = data.draw(moments(timezone=timezone))
    start = data.draw(st.none() | st.just(now - timedelta(days=days)))
    assume(now - timedelta(days=days) >= MODERN)
    assume(interval.kind == "months" or interval.microseconds >= 3_600_000_000)
    strategy = Range(partition_interval=interval, partition_count=3, start=start)
    retention = Retention(
        retention_period=period, retention_count=None if start else count
    )
    bare = level((), now, codec, timezone)
    assume(not list(strategy.problems(bare.key, codec)))
    assume(not list(retention.problems(strategy)))
    limit = retention.kept_since(now, timezone)
    old = Range(
        partition_interval=interval,
        partition_count=3,
        start=now - timedelta(days=days) - DAY,
    )
    there = partitions(each.bounds for each in old.wanted(bare))
    seen = level(there, now, codec, timezone, kept_since=limit)
    wanted = {each.bounds for each in strategy.wanted(seen)}
    gone = retired(retention, seen, strategy)
    assert wanted.isdisjoint(each.partition.bounds for each in gone)
    # What is not over is not retired either, whoever wants it.
    for each in gone:
        upper = codec.moment(span(codec, each.partition.bounds)[1])
        assert upper.replace(tzinfo=UTC) <= now + (2 * DAY if codec.wall else 0 * DAY)


@given(st.sampled_from(TIMES), zones(), intervals(), st.data())
def test_it_retires_exactly_what_ended_before_its_limit(
    codec: Codec, timezone: str, period: Interval, data: st.DataObject
):
    now = data.draw(moments(timezone=timezone))
    retention = Retention(retention_period=period)
    limit = retention.kept_since(now, timezone)
    assume(now >= MODERN)
    strategy = Range(
        partition_interval=Interval.parse("1 day"),
        partition_count=1,
        start=now - 30 * DAY,
    )
    bare = level((), now, codec, timezone)
    there = partitions(each.bounds for each in strategy.wanted(bare))
    found = oids(retired(retention, level(there, now, codec, timezone)))
    uppers = {p.oid: codec.moment(span(codec, p.bounds)[1]) for p in there}
    if limit is not None and codec.wall:
        from partman_plugins.axis import on_clock

        limit = on_clock(limit, timezone, wall=True)
    assert found == [
        oid for oid, upper in uppers.items() if limit is not None and upper <= limit
    ]


@pytest.mark.parametrize(
    "retention",
    [
        kept(),
        kept(retention_period="0 days"),
        kept(retention_period=0),
        kept(retention_count=0),
        kept(retention_period="9000 years"),
    ],
)
def test_without_a_limit_everything_is_kept(retention: Retention):
    there = ends(*(f"{day} 00:00:00+00" for day in DAYS))
    assert not retired(retention, level(there, utc("2999-01-01")))


def test_open_and_unreadable_bounds_are_left_alone():
    there = (
        *ends(Edge.MINVALUE, "2020-01-01 00:00:00+00"),
        *ends("2020-01-01 00:00:00+00", Edge.MAXVALUE),
        *ends("2020-01-01 00:00:00+00", "infinity"),
        *ends("a", "b"),
        *partitions([None]),
    )
    there = tuple(
        Partition(oid=oid, name=each.name, bounds=each.bounds)
        for oid, each in enumerate(there, 1)
    )
    found = retired(kept(retention_period="1 day"), level(there, utc("2999-01-01")))
    assert oids(found) == [1]


def test_the_newest_ones_are_kept_by_number_and_the_future_is_not_counted():
    there = ends(*(f"{day} 00:00:00+00" for day in DAYS))
    two = kept(retention_count=2)
    assert oids(retired(two, level(there, utc("2026-11-22 12:00")))) == [1]
    assert not retired(two, level(there, utc("2026-11-21 23:59")))
    assert oids(retired(two, level(there, utc("2026-11-22 00:00")))) == [1]


def test_any_limit_retires():
    there = ends(*(f"{day} 00:00:00+00" for day in DAYS))
    both = kept(retention_period="1 day", retention_count=3)
    assert oids(retired(both, level(there, utc("2026-11-23")))) == [1, 2]
    one = kept(retention_period="30 days", retention_count=1)
    assert oids(retired(one, level(there, utc("2026-11-22 12:00")))) == [1, 2]


def test_numbers_have_an_age_too():
    there = ends("0", "1000", "2000", "3000")
    codec = CODEC["integer"]
    seen = level(there, utc("2026-11-23"), codec, position=2500)
    strategy = Range(partition_interval=1000)
    assert oids(retired(kept(retention_period=1500), seen, strategy)) == [1]
    assert not retired(kept(retention_period=1501), seen, strategy)
    assert oids(retired(kept(retention_count=1), seen, strategy)) == [1, 2]


def test_without_a_position_no_numbers_are_retired():
    there = ends("0", "1000")
    seen = level(there, utc("2026-11-23"), CODEC["integer"])
    both = kept(retention_period=1, retention_count=1)
    assert not retired(both, seen, Range(partition_interval=1000))


def test_what_becomes_of_it_is_in_the_verdict():
    there = ends("2013-02-01 00:00:00+00", "2013-03-01 00:00:00+00")
    seen = level(there, utc("2013-12-31 14:23"))
    (dropped,) = retired(kept(retention_period="9 months", grace_period="1 day"), seen)
    assert (dropped.action, dropped.grace) == ("drop", Interval.parse("1 day"))
    assert dropped.reason == (
        "ended 2013-03-01, kept for 9 months (since 2013-03-31 14:23 UTC)"
    )
    (moved,) = retired(
        kept(
            retention_count=1,
            retention_action="move",
            retention_schema='"Old"',
        ),
        level(
            ends(*(f"2013-0{month}-01 00:00:00+00" for month in (2, 3, 4))),
            utc("2013-03-15"),
        ),
    )
    assert (moved.action, moved.schema) == ("move", "Old")
    assert moved.reason == "of the partitions only the newest is kept"


def test_it_is_a_limit_by_age():
    assert isinstance(kept(), Limit)
    assert kept(retention_period="1 day").kept_since(utc("2026-11-23"), "UTC") == utc(
        "2026-11-22"
    )
