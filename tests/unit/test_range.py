"""Ranges: no gap, no overlap, the current period first, exactly as many as asked."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from partman_core.bounds import DefaultBounds, RangeBounds, parse
from partman_core.interval import Interval
from partman_core.keys import CODECS, Codec, Column, Key, span
from partman_core.model import Partition
from partman_core.naming import Name
from partman_core.strategy import Level, Strategy, Wanted
from partman_core.zones import first_instant, wall_clock, zone
from partman_plugins.axis import on_clock, reached
from partman_plugins.range import Range

from .time_strategies import HARD_ZONES, grid_intervals, moments, utc, zones

CODEC = {codec.name: codec for codec in CODECS}
TIMES = [codec for codec in CODECS if codec.axis == "time"]
NUMBERS = [codec for codec in CODECS if codec.axis == "number"]
MODERN = datetime(1975, 1, 1, tzinfo=UTC)
"""Identifiers that begin with a time do not reach further back than 1970."""


def key_of(codec: Codec, *more: str) -> Key:
    kind = min(codec.types)
    columns = [Column(name, kind, collation="C") for name in ("id", *more)]
    return Key("range", tuple(columns))


def level(
    codec: Codec | str = "timestamptz",
    now: datetime | str = "2026-11-24 12:00",
    timezone: str = "UTC",
    **more: Any,
) -> Level:
    codec = CODEC[codec] if isinstance(codec, str) else codec
    now = utc(now) if isinstance(now, str) else now
    known = {"existing": (), "timezone": timezone} | more
    return Level(key=key_of(codec), codec=codec, now=now, **known)


def ranges(interval: str | int, **settings: Any) -> Range:
    width = interval if isinstance(interval, int) else Interval.parse(interval)
    return Range(partition_interval=width, **settings)


def texts(found: list[Wanted]) -> list[tuple[Any, Any]]:
    bounds = [wanted.bounds for wanted in found]
    assert all(isinstance(each, RangeBounds) for each in bounds)
    return [(each.lower[0], each.upper[0]) for each in bounds]


def assert_contiguous(found: list[Wanted], codec: Codec) -> None:
    assert all(a.bounds.upper == b.bounds.lower for a, b in pairwise(found))
    places = [span(codec, wanted.bounds) for wanted in found]
    assert all(lower < upper for lower, upper in places)
    suffixes = [wanted.suffix for wanted in found]
    assert len(set(suffixes)) == len(suffixes)


@st.composite
def served(draw: st.DrawFn, **settings: Any) -> tuple[Range, Level]:
    """A strategy and a level that it can serve, of any time codec and zone."""
    codec, timezone = draw(st.sampled_from(TIMES)), draw(zones())
    now = draw(moments(timezone=timezone))
    assume(now >= MODERN)
    interval = draw(grid_intervals())
    strategy = Range(
        partition_interval=interval,
        partition_count=draw(st.integers(1, 12)),
        **{name: draw(values) for name, values in settings.items()},
    )
    assume(not list(strategy.problems(key_of(codec), codec)))
    return strategy, level(codec, now, timezone)


def test_range_is_a_strategy():
    assert isinstance(ranges("1 day"), Strategy)


def test_the_current_period_comes_first_and_is_counted():
    wanted = list(ranges("1 month", partition_count=3).wanted(level()))
    assert texts(wanted) == [
        ("2026-11-01 00:00:00+00", "2026-12-01 00:00:00+00"),
        ("2026-12-01 00:00:00+00", "2027-01-01 00:00:00+00"),
        ("2027-01-01 00:00:00+00", "2027-02-01 00:00:00+00"),
    ]
    assert [each.suffix for each in wanted] == ["202611", "202612", "202701"]


@given(served())
def test_what_is_wanted_is_contiguous_and_as_many_as_asked(given_: Any):
    strategy, seen = given_
    wanted = list(strategy.wanted(seen))
    assert_contiguous(wanted, seen.codec)
    assert len(wanted) == strategy.partition_count
    assert wanted == list(strategy.wanted(seen))


@given(served())
def test_the_first_one_holds_now_without_start(given_: Any):
    strategy, seen = given_
    lower, upper = span(seen.codec, next(strategy.wanted(seen)).bounds)
    assert lower <= reached(seen.codec, seen.now, seen.timezone) < upper


@given(served(), st.sampled_from(HARD_ZONES))
def test_boundaries_do_not_depend_on_now(given_: Any, timezone: str):
    """Whoever begins later finds the same boundaries."""
    strategy, seen = given_
    seen = level(seen.codec, seen.now, timezone)
    *_, last = strategy.wanted(seen)
    later = seen.codec.moment(span(seen.codec, last.bounds)[0])
    if later.tzinfo is None:
        local = later
        later = first_instant(local, zone(timezone))
        # in spring some clock readings never come
        assume(wall_clock(later, zone(timezone)) == local)
    assert last in list(strategy.wanted(level(seen.codec, later, timezone)))


@given(served(), st.integers(-400, 400))
def test_start_is_in_the_first_period_and_the_count_goes_from_now(
    given_: Any, days: int
):
    strategy, seen = given_
    start = seen.now + timedelta(days=days)
    assume(start >= MODERN)
    strategy = Range(
        partition_interval=Interval.parse("10 days"),
        partition_count=strategy.partition_count,
        start=start,
    )
    wanted = list(strategy.wanted(seen))
    assert_contiguous(wanted, seen.codec)
    spans = [span(seen.codec, each.bounds) for each in wanted]
    assert spans[0][0] <= reached(seen.codec, start, seen.timezone) < spans[0][1]
    here = reached(seen.codec, seen.now, seen.timezone)
    ahead = [upper for _, upper in spans if upper > here]
    assert len(ahead) == strategy.partition_count


@given(served(), st.integers(0, 400), st.integers(0, 400))
def test_nothing_that_is_no_longer_kept_is_wanted(given_: Any, ago: int, kept: int):
    _, seen = given_
    since = seen.now - timedelta(days=kept)
    assume(min(since, seen.now - timedelta(days=ago)) >= MODERN)
    strategy = ranges("5 days", start=seen.now - timedelta(days=ago))
    seen = level(seen.codec, seen.now, seen.timezone, kept_since=since)
    limit = reached(seen.codec, since, seen.timezone)
    wanted = list(strategy.wanted(seen))
    assert_contiguous(wanted, seen.codec)
    assert all(span(seen.codec, each.bounds)[1] > limit for each in wanted)


def test_start_reaches_back_to_the_period_that_is_still_kept():
    strategy = ranges("1 month", start=datetime(2013, 1, 1), partition_count=1)
    seen = level(now="2014-01-01", kept_since=utc("2013-10-15"))
    assert [each.suffix for each in strategy.wanted(seen)] == [
        "201310",
        "201311",
        "201312",
        "201401",
    ]


def test_a_start_without_a_zone_is_one_of_the_tables_zone():
    strategy = ranges("1 day", start=datetime(2026, 11, 24), partition_count=1)
    first = next(strategy.wanted(level(now="2026-11-24 12:00", timezone="Asia/Tokyo")))
    assert first.bounds.lower == ("2026-11-23 15:00:00+00",)
    assert first.suffix == "20261124"


def test_partition_until_is_in_the_last_period():
    strategy = ranges("1 month", partition_until=datetime(2027, 2, 1))
    suffixes = [each.suffix for each in strategy.wanted(level())]
    assert suffixes == ["202611", "202612", "202701", "202702"]


def test_when_partition_until_is_over_nothing_is_wanted():
    assert not list(
        ranges("1 day", partition_until=datetime(2026, 1, 1)).wanted(level())
    )


def test_an_anchor_moves_the_grid():
    weeks = ranges("1 week", anchor=datetime(2026, 11, 22), partition_count=1)
    assert next(weeks.wanted(level())).suffix == "20261122"
    hours = ranges("6 hours", anchor=datetime(2026, 1, 1, 5), partition_count=1)
    seen = level(timezone="Asia/Kathmandu")
    assert next(hours.wanted(seen)).bounds.lower == ("2026-11-24 11:15:00+00",)


def test_an_anchor_with_a_zone_means_the_same_as_its_local_time():
    local = ranges("1 day", anchor=datetime(2026, 1, 1, 6))
    aware = ranges("1 day", anchor=datetime(2026, 1, 1, 5, tzinfo=UTC))
    seen = level(timezone="Europe/Berlin")
    assert list(local.wanted(seen)) == list(aware.wanted(seen))


@pytest.mark.parametrize("codec", ["timestamp", "date"])
def test_keys_on_a_wall_clock_follow_the_tables_zone(codec: str):
    seen = level(codec, "2026-11-24 20:00", "Asia/Tokyo")
    first = next(ranges("1 day").wanted(seen))
    assert first.bounds.lower[0].startswith("2026-11-25")


@pytest.mark.parametrize("codec", NUMBERS)
def test_numbers_go_on_from_the_last_one_in_use(codec: Codec):
    seen = level(codec, position=2_500_000)
    wanted = list(ranges(1_000_000, partition_count=2).wanted(seen))
    assert texts(wanted) == [("2000000", "3000000"), ("3000000", "4000000")]
    assert [each.suffix for each in wanted] == ["2000000", "3000000"]


@given(
    st.integers(1, 10**6),
    st.integers(-(10**9), 10**9),
    st.none() | st.integers(-(10**6), 10**6),
    st.none() | st.integers(0, 100),
    st.integers(1, 20),
)
def test_numbers_have_the_same_laws(
    width: int, here: int, anchor: int | None, back: int | None, count: int
):
    start = None if back is None else here - back * width
    strategy = ranges(width, anchor=anchor, start=start, partition_count=count)
    seen = level("integer", position=here)
    wanted = list(strategy.wanted(seen))
    assert_contiguous(wanted, seen.codec)
    spans = [span(seen.codec, each.bounds) for each in wanted]
    first = here if start is None else start
    assert spans[0][0] <= first < spans[0][1]
    assert sum(upper > here for _, upper in spans) == count
    assert all((lower - (anchor or 0)) % width == 0 for lower, _ in spans)


def test_without_a_known_position_no_numbers_are_wanted():
    assert not list(ranges(1000).wanted(level("integer")))


@pytest.mark.parametrize(
    ("strategy", "codec", "words"),
    [
        (ranges("1 day"), "integer", "give a whole number"),
        (ranges(1000), "timestamptz", "say the unit"),
        (ranges("36 hours"), "date", "between two values of the key"),
        (ranges("1 hour"), "date", "between two values of the key"),
        (ranges("1 millisecond"), "epoch_s", "between two values of the key"),
        (ranges("1500 milliseconds"), "epoch_s", "between two values of the key"),
        (ranges("10 microseconds"), "uuid7", "between two values of the key"),
        (ranges("10 microseconds"), "ulid", "between two values of the key"),
        (
            ranges("1 day", anchor=datetime(2026, 1, 1, 6)),
            "date",
            "between two values of the key",
        ),
    ],
)
def test_what_it_cannot_serve_is_said(strategy: Range, codec: str, words: str):
    (problem,) = strategy.problems(key_of(CODEC[codec]), CODEC[codec])
    assert words in problem


def test_other_keys_are_said_to_be_none_of_its_own():
    strategy, codec = ranges("1 day"), CODEC["timestamptz"]
    (method,) = strategy.problems(Key("list", (Column("a", "text"),)), None)
    assert method == "the table is partitioned by LIST (a), not by range"
    (width,) = strategy.problems(key_of(codec, "tenant"), codec)
    assert "2 columns" in width
    (axis,) = strategy.problems(Key("range", (Column("a", "text"),)), None)
    assert "no codec" in axis


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"partition_interval": Interval()}, "a period has some length"),
        ({"partition_interval": Interval(1, 1)}, "mixes months"),
        ({"partition_interval": 0}, "at least one number"),
        ({"partition_interval": Interval(1), "partition_count": 0}, "at least 1"),
        ({"partition_interval": Interval(1), "start": 5}, "start is a number"),
        ({"partition_interval": 5, "anchor": datetime(2026, 1, 1)}, "anchor is a time"),
        (
            {"partition_interval": Interval(1), "start": datetime(9999, 1, 1)},
            "outside of 2 to 9998",
        ),
    ],
)
def test_settings_that_make_no_sense_are_refused(settings: Any, words: str):
    with pytest.raises(ValueError, match=words):
        Range(**settings)


def test_the_calendar_may_end():
    assert len(list(ranges("1 decade").wanted(level(now="9985-06-01")))) == 1


@given(served())
def test_its_own_partitions_fit(given_: Any):
    strategy, seen = given_
    for wanted in strategy.wanted(seen):
        assert strategy.fits(seen, wanted.bounds) is None


@pytest.mark.parametrize(
    ("bounds", "words"),
    [
        ("FROM ('2026-11-01 00:00:00+00') TO ('2026-12-01 00:00:00+00')", None),
        ("FROM ('2026-11-02 00:00:00+00') TO ('2026-12-01 00:00:00+00')", "not begin"),
        ("FROM ('2026-11-01 00:00:00+00') TO ('2026-11-20 00:00:00+00')", "shorter"),
        ("FROM ('2026-11-01 00:00:00+00') TO ('2027-01-01 00:00:00+00')", "several"),
        ("FROM ('2026-11-01 00:00:00+00') TO ('2027-01-03 00:00:00+00')", "not end"),
        ("FROM (MINVALUE) TO ('2026-11-01 00:00:00+00')", "open at one end"),
        ("FROM ('2026-11-01 00:00:00+00') TO (MAXVALUE)", "open at one end"),
        ("FROM ('2026-11-01 00:00:00+00') TO ('infinity')", "not end"),
        ("FROM ('-infinity') TO ('2026-11-01 00:00:00+00')", "not begin"),
        ("FROM ('a') TO ('b')", "not a timestamptz"),
        ("FROM ('a', '1') TO ('a', '2')", "several columns"),
    ],
)
def test_partitions_of_others_fit_if_they_are_one_period(
    bounds: str, words: str | None
):
    found = ranges("1 month").fits(level(), parse(f"FOR VALUES {bounds}"))
    assert found is None if words is None else words in (found or "")


def test_numbers_fit_likewise():
    seen, strategy = level("numeric"), ranges(1000)
    assert strategy.fits(seen, RangeBounds(("1000",), ("2000",))) is None
    assert "begin" in (strategy.fits(seen, RangeBounds(("1.5",), ("2000",))) or "")
    assert "several" in (strategy.fits(seen, RangeBounds(("0",), ("2000",))) or "")


def test_default_does_not_fit():
    assert "not a range" in (ranges("1 day").fits(level(), DefaultBounds()) or "")


@given(zones(), st.data())
def test_a_moment_keeps_its_place_on_every_clock(timezone: str, data: st.DataObject):
    now = data.draw(moments(timezone=timezone))
    local = on_clock(now, timezone, wall=True)
    assert local.tzinfo is None
    assert on_clock(now, timezone, wall=False) == now


def test_names_are_found_by_day_also_where_midnight_is_skipped():
    strategy = ranges("1 day", start=date_in("2018-11-04"), partition_count=1)
    seen = level(now="2018-11-04 12:00", timezone="America/Sao_Paulo")
    (wanted,) = strategy.wanted(seen)
    assert wanted.suffix == "20181104"
    assert texts([wanted]) == [("2018-11-04 03:00:00+00", "2018-11-05 02:00:00+00")]


def date_in(text: str) -> datetime:
    return datetime.combine(date.fromisoformat(text), datetime.min.time())


def test_existing_partitions_do_not_matter():
    bounds = RangeBounds(("2026-11-01 00:00:00+00",), ("2026-12-01 00:00:00+00",))
    there = Partition(oid=1, name=Name(None, "a"), bounds=bounds)
    strategy = ranges("1 month")
    assert list(strategy.wanted(level(existing=(there,)))) == list(
        strategy.wanted(level())
    )
