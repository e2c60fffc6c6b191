"""Days, weeks and months that went wrong elsewhere, and the periods of every day."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest

from partman_core.grid import ANCHOR, Grid
from partman_core.interval import Interval, zone
from partman_core.zones import wall_clock

from .time_strategies import (
    DAY,
    HARD_ZONES,
    INSTANT,
    assert_contiguous,
    grid,
    some,
    utc,
    wall_grid,
)


class TestMoments:
    """Days that went wrong elsewhere."""

    @pytest.mark.parametrize(
        ("name", "at", "lower", "hours"),
        [
            ("America/New_York", "2024-03-10T12:00", "2024-03-10T05:00", 23),
            ("America/New_York", "2024-11-03T12:00", "2024-11-03T04:00", 25),
            ("Europe/London", "2024-03-31T12:00", "2024-03-31T00:00", 23),
            ("Europe/London", "2024-10-27T12:00", "2024-10-26T23:00", 25),
            ("Australia/Lord_Howe", "2024-04-06T20:00", "2024-04-06T13:00", 24.5),
            ("Australia/Lord_Howe", "2024-10-05T20:00", "2024-10-05T13:30", 23.5),
            # Midnight comes twice; the day begins with the first.
            ("America/Havana", "2024-11-03T04:30", "2024-11-03T04:00", 25),
            # Midnight never comes; the day begins at one o'clock.
            ("Africa/Cairo", "2024-04-26T12:00", "2024-04-25T22:00", 23),
            ("Asia/Beirut", "2024-03-31T12:00", "2024-03-30T22:00", 23),
            ("America/Havana", "2024-03-10T12:00", "2024-03-10T05:00", 23),
            ("America/Sao_Paulo", "2018-11-04T12:00", "2018-11-04T03:00", 23),
            # Clocks went from 23:30 to 00:30: the day began at half past twelve.
            ("America/Toronto", "1919-03-31T12:00", "1919-03-31T04:30", 23.5),
            # Clocks went from 00:01 back to 23:01: midnight came twice.
            ("America/St_Johns", "2006-10-29T12:00", "2006-10-29T02:30", 25),
            ("Asia/Kathmandu", "2024-06-01T12:00", "2024-05-31T18:15", 24),
        ],
    )
    def test_a_day_is_as_long_as_it_was(
        self, name: str, at: str, lower: str, hours: float
    ) -> None:
        begin, end = next(grid("1 day", name).periods(utc(at)))
        assert (begin, (end - begin) / timedelta(hours=1)) == (utc(lower), hours)

    def test_a_day_that_never_was_has_no_period(self) -> None:
        """Samoa went from 29 to 31 December 2011."""
        days = grid("1 day", "Pacific/Apia")
        periods = some(days.periods(utc("2011-12-29T12:00")), 3)
        assert_contiguous(periods)
        assert [lower for lower, _ in periods] == [
            utc("2011-12-29T10:00"),
            utc("2011-12-30T10:00"),
            utc("2011-12-31T10:00"),
        ]
        assert [days.nominal(lower).date() for lower, _ in periods] == [
            date(2011, 12, 29),
            date(2011, 12, 31),
            date(2012, 1, 1),
        ]

    def test_the_repeated_midnight_belongs_to_the_day_that_has_begun(self) -> None:
        days = grid("1 day", "America/Havana")
        first, second = utc("2024-11-03T04:00"), utc("2024-11-03T05:00")
        assert days.floor(first) == days.floor(second) == first
        assert days.floor(first - INSTANT) < first

    def test_a_day_without_midnight_keeps_its_name(self) -> None:
        days = grid("1 day", "Africa/Cairo")
        lower = days.floor(utc("2024-04-26T12:00"))
        assert wall_clock(lower, zone("Africa/Cairo")) == datetime(2024, 4, 26, 1)
        assert days.nominal(lower) == datetime(2024, 4, 26)

    def test_a_moment_off_the_grid_is_called_by_its_wall_clock(self) -> None:
        at = utc("2024-06-01T10:30")
        assert grid("1 day", "Asia/Kathmandu").nominal(at) == datetime(
            2024, 6, 1, 16, 15
        )
        assert grid("1 hour", "Asia/Kathmandu").nominal(at) == datetime(
            2024, 6, 1, 10, 30
        )
        assert wall_grid("1 day").nominal(datetime(2024, 6, 1, 7)) == datetime(
            2024, 6, 1, 7
        )

    def test_the_hour_that_comes_twice_is_two_hours(self) -> None:
        hours = grid("1 hour", "America/New_York")
        periods = some(hours.periods(utc("2024-11-03T04:30")), 4)
        assert [upper - lower for lower, upper in periods] == [timedelta(hours=1)] * 4
        assert len({hours.nominal(lower) for lower, _ in periods}) == 4

    def test_the_clocks_of_morocco_are_those_of_the_package(self) -> None:
        lower = grid("1 day", "Africa/Casablanca").floor(utc("2026-11-15T12:00"))
        offset = zone("Africa/Casablanca").utcoffset(datetime(2026, 11, 15))
        assert offset is not None
        assert lower == utc("2026-11-15") - offset


class TestExamples:
    @pytest.mark.parametrize("name", ["UTC", *HARD_ZONES])
    @pytest.mark.parametrize(
        "interval",
        ["1 week", "10 days", "36 hours", "1 month", "1 quarter", "1 year", "1 day"],
    )
    def test_thirty_days_in_a_row_make_the_same_periods(
        self, interval: str, name: str
    ) -> None:
        """Whatever day the periods are asked for, they are parts of one row."""
        periods = grid(interval, name)
        start = utc("2024-02-10T13:37")
        row = some(periods.periods(start), 100)
        assert_contiguous(row)
        for day in range(30):
            now = start + day * DAY
            wanted = some(periods.periods(now), 4)
            assert wanted[0][0] <= now < wanted[0][1]
            at = row.index(wanted[0])
            assert wanted == row[at : at + 4]

    def test_weeks_are_whole_from_any_day(self) -> None:
        weeks = grid("7 days")
        for day in range(1, 31):
            first = next(weeks.periods(datetime(2024, 1, day, 9, tzinfo=UTC)))[0]
            assert first == datetime(2024, 1, day - (day - 1) % 7, tzinfo=UTC)

    def test_months_from_the_last_second_of_january(self) -> None:
        periods = some(grid("1 month").periods(utc("2026-01-31T23:59:59")), 13)
        lowers = [lower for lower, _ in periods]
        months = [(2026, month) for month in range(1, 13)] + [(2027, 1)]
        assert lowers == [datetime(*month, 1, tzinfo=UTC) for month in months]

    @pytest.mark.parametrize(("year", "days"), [(2024, 29), (2025, 28), (2100, 28)])
    def test_february_is_as_long_as_it_is(self, year: int, days: int) -> None:
        lower, upper = next(grid("1 month").periods(datetime(year, 2, 9, tzinfo=UTC)))
        assert (upper - lower).days == days

    def test_months_from_the_31st_never_drift(self) -> None:
        months = wall_grid("1 month", datetime(2023, 1, 31))
        lowers = [lower for lower, _ in some(months.periods(datetime(2023, 2, 1)), 6)]
        assert [(lower.month, lower.day) for lower in lowers] == [
            (1, 31), (2, 28), (3, 31), (4, 30), (5, 31), (6, 30)
        ]  # fmt: skip

    @pytest.mark.parametrize(
        ("interval", "lowers"),
        [
            ("1 hour", ["09:00", "10:00", "11:00"]),
            ("15 minutes", ["09:30", "09:45", "10:00"]),
            ("12 hours", ["00:00", "12:00"]),
            ("6 hours", ["06:00", "12:00", "18:00"]),
        ],
    )
    def test_parts_of_a_day_are_aligned(self, interval: str, lowers: list[str]) -> None:
        periods = grid(interval).periods(utc("2024-01-01T09:37"))
        assert [lower for lower, _ in some(periods, len(lowers))] == [
            utc(f"2024-01-01T{lower}") for lower in lowers
        ]

    def test_the_default_anchor_begins_everything(self) -> None:
        at = datetime.combine(ANCHOR.date(), time.min, UTC)
        for interval in ("1 day", "1 week", "1 month", "1 quarter", "1 year"):
            assert grid(interval).floor(at) == at
        for interval in ("1 decade", "1 century"):
            assert grid(interval).floor(at) == at
        assert ANCHOR.weekday() == 0

    def test_wall_clocks_know_no_change_of_the_clocks(self) -> None:
        """Keys without a zone: the fall-back hour holds twice the rows."""
        hours = Grid(Interval.parse("1 hour"), "America/New_York", wall=True)
        assert hours.floor(datetime(2024, 3, 10, 2, 30)) == datetime(2024, 3, 10, 2)
        days = Grid(Interval.parse("1 day"), "Pacific/Apia", wall=True)
        assert days.floor(datetime(2011, 12, 30, 9)) == datetime(2011, 12, 30)
