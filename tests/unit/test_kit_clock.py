"""The clock of the test kit, turned by many hands."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone

import pytest

from partman_core.interval import Interval
from partman_core.testing import Clock


def test_it_stands_still_until_it_is_turned():
    clock = Clock()
    assert clock() == clock.now == datetime(2026, 1, 15, 12, tzinfo=UTC)
    assert "2026-01-15 12:00:00+00:00" in repr(clock)


def test_it_is_set_to_any_moment_and_gives_it_in_utc():
    clock = Clock("2026-03-01T00:00Z")
    west = timezone(timedelta(hours=-5))
    assert clock.set(datetime(2026, 2, 1, 22, tzinfo=west)) == clock()
    assert clock().isoformat() == "2026-02-02T03:00:00+00:00"


def test_it_advances_by_the_calendar():
    clock = Clock("2028-01-31T06:00Z")
    assert clock.advance("1 month").isoformat() == "2028-02-29T06:00:00+00:00"
    assert clock.advance(Interval.parse("1 day")).day == 1
    assert clock.advance(timedelta(minutes=5)) == clock.now
    assert clock.now.minute == 5


@pytest.mark.parametrize("given", ["2026-01-15", "noon", datetime(2026, 1, 15)])
def test_a_time_without_a_zone_is_no_moment(given):
    with pytest.raises(ValueError, match=r"no time zone|Invalid isoformat"):
        Clock().set(given)


def test_it_does_not_go_back_by_itself():
    clock = Clock()
    with pytest.raises(ValueError, match="negative"):
        clock.advance("-1 day")
    assert clock() == Clock()()


def test_every_turn_of_many_threads_counts():
    clock = Clock()
    begin = clock()
    with ThreadPoolExecutor(8) as hands:
        seen = list(hands.map(clock.advance, ["1 minute"] * 400))
    assert clock() == begin + timedelta(minutes=400)
    assert len(set(seen)) == 400
