"""Boundaries lie where calendars have them, without gap, overlap or drift."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import islice, pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partman_core.grid import ANCHOR, Grid, NumberGrid
from partman_core.interval import Interval, zone
from partman_core.zones import first_instant, wall_clock

from .time_strategies import (
    DAY,
    DAYS,
    HARD_ZONES,
    INSTANT,
    anchors,
    assert_contiguous,
    changes,
    distinct_zones,
    grid,
    grids,
    moments,
    number_grids,
    some,
    utc,
    wall_grid,
    wall_grids,
    walls,
    zones,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

SKIPPED = {
    "Pacific/Apia": date(2011, 12, 30),
    "Pacific/Kiritimati": date(1994, 12, 31),
    "Pacific/Kwajalein": date(1993, 8, 21),
}
"""Days that never were, as the date line moved."""


def assert_laws(grid: Grid, at: datetime) -> None:
    lower, upper = grid.floor(at), grid.following(at)
    assert lower <= at < upper
    assert grid.floor(lower) == lower
    assert grid.following(lower) == upper
    assert grid.floor(upper) == upper
    assert grid.floor(upper - INSTANT) == lower
    assert next(grid.periods(at)) == (lower, upper)


class TestLaws:
    @given(grids(), st.data())
    def test_every_moment_has_its_period(self, grid: Grid, data: st.DataObject) -> None:
        at = data.draw(moments(timezone=grid.timezone))
        assert_laws(grid, at)
        assert grid.floor(at).tzinfo is UTC

    @given(wall_grids(), walls())
    def test_every_wall_clock_has_its_period(self, grid: Grid, at: datetime) -> None:
        assert_laws(grid, at)
        assert grid.floor(at).tzinfo is None

    @given(grids(), st.data())
    def test_periods_are_contiguous(self, grid: Grid, data: st.DataObject) -> None:
        at = data.draw(moments(timezone=grid.timezone))
        periods = some(grid.periods(at), 40)
        assert_contiguous(periods)
        for lower, upper in periods:
            assert (grid.floor(lower), grid.following(lower)) == (lower, upper)

    @given(grids(), st.data())
    def test_the_zone_of_a_moment_changes_nothing(
        self, grid: Grid, data: st.DataObject
    ) -> None:
        at = data.draw(moments(timezone=grid.timezone))
        elsewhere = at.astimezone(zone(data.draw(zones())))
        assert grid.floor(elsewhere) == grid.floor(at)
        assert grid.following(elsewhere) == grid.following(at)
        assert grid.nominal(elsewhere) == grid.nominal(at)

    @given(zones(), st.data())
    def test_a_time_on_the_wall_is_first_reached_once(
        self, name: str, data: st.DataObject
    ) -> None:
        where = zone(name)
        wall = wall_clock(data.draw(moments(timezone=name)), where)
        instant = first_instant(wall, where)
        assert wall_clock(instant, where) >= wall
        assert wall_clock(instant - INSTANT, where) < wall
        for change in changes(name):  # before it, clocks are as far as they get
            if change < instant:
                assert wall_clock(change - INSTANT, where) < wall

    @pytest.mark.parametrize("name", distinct_zones())
    def test_a_time_that_clocks_skip_is_reached_at_the_skip(self, name: str) -> None:
        where = zone(name)
        for change in changes(name):
            begin = wall_clock(change - INSTANT, where) + INSTANT
            end = wall_clock(change, where)
            skipped = (begin, begin + INSTANT, end - (end - begin) / 3, end - INSTANT)
            for wall in skipped if begin < end else ():
                assert first_instant(wall, where) == change

    @pytest.mark.parametrize("name", distinct_zones())
    def test_days_hold_where_clocks_change(self, name: str) -> None:
        """Around every change of every zone, from 1900 on."""
        days, where = grid("1 day", name), zone(name)
        for change in changes(name):
            for at in (change - INSTANT, change, change + INSTANT):
                assert days.floor(at) <= at < days.following(at)
            periods = some(days.periods(change - 2 * DAY), 4)
            assert_contiguous(periods)
            for lower, _ in periods:
                day = days.nominal(lower)
                assert day.time() == time.min
                assert wall_clock(lower, where).date() == day.date()
                assert wall_clock(lower - INSTANT, where).date() < day.date()

    @pytest.mark.parametrize("name", HARD_ZONES)
    def test_seventy_years_have_every_day_that_was(self, name: str) -> None:
        where = zone(name)
        days = some(grid("1 day", name).periods(utc("1970-01-02")), 25_567)
        assert_contiguous(days)
        dates = [wall_clock(lower, where).date() for lower, _ in days]
        for earlier, later in pairwise(dates):
            assert later - earlier == DAY or (
                later - earlier == 2 * DAY and earlier + DAY == SKIPPED[name]
            )


class TestCalendar:
    @given(zones(), st.data())
    def test_a_day_begins_with_its_first_instant(
        self, name: str, data: st.DataObject
    ) -> None:
        where = zone(name)
        lower = grid("1 day", name).floor(data.draw(moments(timezone=name)))
        today = wall_clock(lower, where).date()
        assert wall_clock(lower - INSTANT, where).date() < today
        assert grid("1 day", name).nominal(lower) == datetime.combine(today, time.min)

    @given(zones(), st.data())
    def test_hours_lie_in_utc(self, name: str, data: st.DataObject) -> None:
        at = data.draw(moments(timezone=name))
        hour = at.replace(minute=0, second=0, microsecond=0)
        assert grid("1 hour", name).floor(at) == hour
        assert grid("1 hour", name).following(at) == hour + timedelta(hours=1)
        quarter = grid("15 minutes", name).floor(at)
        assert (quarter.minute % 15, quarter.second, quarter.microsecond) == (0, 0, 0)

    @given(zones(), st.data())
    def test_36_hours_lie_in_utc(self, name: str, data: st.DataObject) -> None:
        lower = grid("36 hours", name).floor(data.draw(moments(timezone=name)))
        assert (lower - ANCHOR.replace(tzinfo=UTC)) % timedelta(hours=36) == timedelta()

    @given(zones(), st.data())
    def test_weeks_begin_on_mondays(self, name: str, data: st.DataObject) -> None:
        weeks = grid("1 week", name)
        lower, upper = next(weeks.periods(data.draw(moments(timezone=name))))
        assert weeks.nominal(lower).weekday() == weeks.nominal(upper).weekday() == 0
        assert weeks.nominal(upper) - weeks.nominal(lower) == timedelta(weeks=1)

    @given(zones(), st.sampled_from(range(7)), st.data())
    def test_weeks_begin_on_the_anchors_day(
        self, name: str, weekday: int, data: st.DataObject
    ) -> None:
        weeks = grid("1 week", name, ANCHOR + weekday * DAY)
        lower = weeks.floor(data.draw(moments(timezone=name)))
        assert weeks.nominal(lower).weekday() == weekday

    @given(zones(), st.data())
    def test_ten_days_are_counted_from_the_anchor(
        self, name: str, data: st.DataObject
    ) -> None:
        tens = grid("10 days", name)
        lower = tens.nominal(tens.floor(data.draw(moments(timezone=name))))
        assert (lower - ANCHOR) % timedelta(days=10) == timedelta()

    @pytest.mark.parametrize(
        ("interval", "months", "years"),
        [
            ("1 month", range(1, 13), 1),
            ("1 quarter", (1, 4, 7, 10), 1),
            ("6 months", (1, 7), 1),
            ("1 year", (1,), 1),
            ("1 decade", (1,), 10),
            ("1 century", (1,), 100),
        ],
    )
    @given(name=zones(), data=st.data())
    def test_months_and_years_begin_on_the_first(
        self,
        interval: str,
        months: Iterable[int],
        years: int,
        name: str,
        data: st.DataObject,
    ) -> None:
        periods = grid(interval, name)
        lower = periods.nominal(periods.floor(data.draw(moments(timezone=name))))
        assert (lower.day, lower.time()) == (1, time.min)
        assert lower.month in months
        assert (lower.year - 2001) % years == 0

    @given(st.integers(29, 31), zones(), st.data())
    def test_months_from_a_late_day_begin_on_it_or_on_the_last(
        self, day: int, name: str, data: st.DataObject
    ) -> None:
        months = grid("1 month", name, datetime(2001, 1, day))
        for lower, _ in some(months.periods(data.draw(moments(timezone=name))), 14):
            nominal = months.nominal(lower)
            assert nominal.day == day or (
                nominal.day < day and (nominal + DAY).month != nominal.month
            )

    @given(anchors(), zones(), st.sampled_from(DAYS))
    def test_the_anchor_is_a_boundary(
        self, anchor: datetime, name: str, interval: str
    ) -> None:
        first = first_instant(anchor, zone(name))
        assert grid(interval, name, anchor).floor(first) == first


class TestRefusing:
    def test_a_grid_steps_by_months_or_by_days(self) -> None:
        with pytest.raises(ValueError, match="'1 month 15 days' mixes months"):
            grid("1 month 15 days")

    def test_an_interval_of_nothing_makes_no_grid(self) -> None:
        with pytest.raises(ValueError, match="longer than '0 days'"):
            grid("0 days")

    @pytest.mark.parametrize("wall", [True, False])
    def test_an_unknown_zone_makes_no_grid(self, wall: bool) -> None:
        with pytest.raises(ValueError, match="did you mean 'Europe/Berlin'"):
            Grid(Interval(1), "Europe/Berln", wall=wall)

    def test_the_anchor_is_local(self) -> None:
        with pytest.raises(ValueError, match="give the local time"):
            grid("1 day", anchor=utc("2001-01-01"))

    def test_moments_have_an_offset_exactly_where_the_grid_has_a_zone(self) -> None:
        with pytest.raises(ValueError, match="with an offset"):
            grid("1 day").floor(datetime(2024, 1, 1))
        with pytest.raises(ValueError, match="without an offset"):
            wall_grid("1 day").following(utc("2024-01-01"))

    def test_the_calendar_has_an_end(self) -> None:
        last = datetime.max.replace(tzinfo=UTC)
        days = grid("1 day")
        assert days.floor(last) == utc("9999-12-31")
        assert some(days.periods(utc("9999-12-30T12:00")), 9) == [
            (utc("9999-12-30"), utc("9999-12-31"))
        ]
        with pytest.raises(ValueError, match="outside the years 1 to 9999"):
            days.following(last)

    @pytest.mark.parametrize("interval", ["1 day", "1 century", "7 hours"])
    @pytest.mark.parametrize("name", ["UTC", "America/New_York", "Asia/Kathmandu"])
    def test_the_edges_of_the_calendar_are_refused_in_words(
        self, interval: str, name: str
    ) -> None:
        periods = grid(interval, name)
        for edge in (datetime.min, datetime.max):
            at = edge.replace(tzinfo=UTC)
            for find in (periods.floor, periods.following, periods.nominal):
                try:
                    found = find(at)
                except ValueError as error:
                    found = error
                assert isinstance(found, datetime) or "outside the years" in str(found)

    @pytest.mark.parametrize("interval", [0, -5])
    def test_a_number_grid_needs_a_step(self, interval: int) -> None:
        with pytest.raises(ValueError, match="at least one number"):
            NumberGrid(interval)


class TestNumbers:
    @given(number_grids(), st.integers(-(1 << 72), 1 << 72))
    def test_every_number_has_its_period(self, grid: NumberGrid, at: int) -> None:
        lower, upper = grid.floor(at), grid.following(at)
        assert lower <= at < upper == lower + grid.interval
        assert (lower - grid.anchor) % grid.interval == 0
        assert grid.floor(lower) == grid.floor(upper - 1) == lower
        periods = list(islice(grid.periods(at), 5))
        assert periods[0] == (lower, upper)
        assert all(one[1] == two[0] for one, two in pairwise(periods))

    def test_negative_numbers_go_down(self) -> None:
        assert NumberGrid(1000).floor(-1) == -1000
        assert NumberGrid(1000, anchor=1).floor(0) == -999
