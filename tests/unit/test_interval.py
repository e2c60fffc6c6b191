"""Intervals are read as people write them and step as calendars do."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from attrs.exceptions import FrozenInstanceError
from hypothesis import given
from hypothesis import strategies as st

from partman_core.interval import Interval, zone
from partman_core.zones import wall_clock

from .time_strategies import hint_of, intervals, moments, utc, walls, zones

HOUR = 3_600_000_000
DAY = 24 * HOUR


class TestReading:
    @pytest.mark.parametrize(
        ("text", "months", "microseconds"),
        [
            ("1 day", 0, DAY),
            ("15 minutes", 0, HOUR // 4),
            ("1 year 6 months", 18, 0),
            ("36h", 0, 36 * HOUR),
            ("1h30m", 0, 90 * HOUR // 60),
            ("168h0m0s", 0, 7 * DAY),
            ("P1M", 1, 0),
            ("PT15M", 0, HOUR // 4),
            ("P1DT12H", 0, 36 * HOUR),
            ("P2W", 0, 14 * DAY),
            ("P1Y2M3DT4H5M6.5S", 14, 3 * DAY + 4 * HOUR + 306_500_000),
            ("pt0,5h", 0, HOUR // 2),
            ("01:30:00", 0, 90 * HOUR // 60),
            ("01:30", 0, 90 * HOUR // 60),
            ("168:00:00.000001", 0, 7 * DAY + 1),
            ("1 mon 2 days 03:00:00", 1, 2 * DAY + 3 * HOUR),
            ("1 year 2 mons", 14, 0),
            ("1 week", 0, 7 * DAY),
            ("1 quarter", 3, 0),
            ("1 decade", 120, 0),
            ("1 century", 1200, 0),
            ("2 centuries", 2400, 0),
            ("0.5 years", 6, 0),
            ("1.5 days", 0, 36 * HOUR),
            (".5 h", 0, HOUR // 2),
            ("250ms", 0, 250_000),
            ("3 us", 0, 3),
            ("3 µs", 0, 3),
            ("0.001 ms", 0, 1),
            ("5 m", 0, HOUR // 12),
            ("5 MIN", 0, HOUR // 12),
            ("1 Day, 2 Hours", 0, 26 * HOUR),
            ("  1   day  ", 0, DAY),
            ("+1 day", 0, DAY),
            ("0 days", 0, 0),
        ],
    )
    def test_every_usual_spelling_is_read(
        self, text: str, months: int, microseconds: int
    ) -> None:
        assert Interval.parse(text) == Interval(months, microseconds)

    @given(st.timedeltas(timedelta(0), timedelta(days=300_000)))
    def test_a_timedelta_and_its_text_are_read_alike(self, delta: timedelta) -> None:
        assert Interval.parse(str(delta)) == Interval.parse(delta)

    def test_an_interval_is_read_as_itself(self) -> None:
        assert Interval.parse(Interval(1, 2)) == Interval(1, 2)

    @given(intervals())
    def test_what_is_written_is_read_back(self, interval: Interval) -> None:
        assert Interval.parse(str(interval)) == interval
        assert Interval.parse(json.loads(json.dumps(interval.to_json()))) == interval

    @given(st.lists(st.sampled_from(("yr", "mon", "wk", "d", "h", "ms")), unique=True))
    def test_parts_add_up(self, units: list[str]) -> None:
        parts = [Interval.parse(f"2 {unit}") for unit in units]
        whole = Interval.parse(" ".join(f"2{unit}" for unit in units) or "0 d")
        assert whole.months == sum(part.months for part in parts)
        assert whole.microseconds == sum(part.microseconds for part in parts)

    @given(st.text())
    def test_no_text_ends_in_another_error(self, text: str) -> None:
        with suppress(ValueError):
            assert isinstance(Interval.parse(text), Interval)


class TestRefusing:
    @pytest.mark.parametrize("bare", ["10", "1 day 10", " 10 ", "+10", "1.5"])
    def test_a_number_without_a_unit_is_refused(self, bare: str) -> None:
        with pytest.raises(ValueError, match="has no unit") as caught:
            Interval.parse(bare)
        assert "say the unit, as in" in hint_of(caught.value)

    def test_the_hint_of_a_bare_number_is_an_example_of_it(self) -> None:
        with pytest.raises(ValueError, match="'10' has no unit") as caught:
            Interval.parse("10")
        assert hint_of(caught.value) == 'hint: say the unit, as in "10 days"'

    def test_a_number_that_came_without_quotes_is_refused_alike(self) -> None:
        with pytest.raises(ValueError, match="'10' has no unit"):
            Interval.parse(10)  # type: ignore[arg-type]

    @pytest.mark.parametrize(
        "junk",
        ["", " ", "soon", "1 day!", "P", "PT", "P1", "1:2:3", "25:61", "1..2 days",
         "P1.2.3D", "1 day;", "٣ days", "None", "1,5 hours", "day 1", "1 day P1M"],
    )  # fmt: skip
    def test_junk_is_refused(self, junk: str) -> None:
        with pytest.raises(ValueError, match=r"interval|no unit|no number"):
            Interval.parse(junk)

    @pytest.mark.parametrize(
        ("text", "meant"),
        [("1 motnh", "month"), ("15 minuts", "minutes"), ("3 weks", "weeks")],
    )
    def test_a_misspelt_unit_is_guessed(self, text: str, meant: str) -> None:
        with pytest.raises(ValueError, match=f"did you mean '{meant}'"):
            Interval.parse(text)

    @pytest.mark.parametrize(
        ("text", "hint"),
        [("month", "1 month"), ("daily", "1 day"), ("hours", "1 hour")],
    )
    def test_a_unit_without_a_number_is_refused(self, text: str, hint: str) -> None:
        with pytest.raises(ValueError, match="has no number") as caught:
            Interval.parse(text)
        assert hint in hint_of(caught.value)

    @pytest.mark.parametrize(
        "text", ["-1 day", "- 1 day", "1 day -2 hours", "P-1M", "-P1M", "PT-5M",
                 "-01:00:00", "1 day ago"]
    )  # fmt: skip
    def test_a_negative_interval_is_refused(self, text: str) -> None:
        with pytest.raises(ValueError, match="not negative"):
            Interval.parse(text)

    def test_negative_parts_and_timedeltas_are_refused(self) -> None:
        for make in (
            lambda: Interval(months=-1),
            lambda: Interval(microseconds=-1),
            lambda: Interval.parse(timedelta(days=-1)),
        ):
            with pytest.raises(ValueError, match="not negative"):
                make()

    @pytest.mark.parametrize(
        ("text", "unit"),
        [("0.5 months", "months"), ("0.1 years", "months"), ("0.5 us", "microseconds")],
    )
    def test_parts_of_what_cannot_be_parted_are_refused(
        self, text: str, unit: str
    ) -> None:
        with pytest.raises(ValueError, match=f"not a whole number of {unit}"):
            Interval.parse(text)

    def test_a_capital_m_may_mean_two_things(self) -> None:
        with pytest.raises(ValueError, match="months or minutes"):
            Interval.parse("1M")

    @pytest.mark.parametrize("text", ["1 day 1 day", "1 week 1w", "1 hour 01:00"])
    def test_a_unit_that_is_named_twice_is_refused(self, text: str) -> None:
        with pytest.raises(ValueError, match="twice"):
            Interval.parse(text)

    @pytest.mark.parametrize("text", ["10001 years", "999999999999 days"])
    def test_an_interval_has_an_end(self, text: str) -> None:
        with pytest.raises(ValueError, match="at most 10000 years"):
            Interval.parse(text)


class TestValue:
    @pytest.mark.parametrize(
        ("interval", "text", "kind"),
        [
            (Interval(1), "1 month", "months"),
            (Interval(3), "3 months", "months"),
            (Interval(12), "1 year", "months"),
            (Interval(18), "18 months", "months"),
            (Interval(1200), "100 years", "months"),
            (Interval(0, DAY), "1 day", "days"),
            (Interval(0, 7 * DAY), "7 days", "days"),
            (Interval(0, 36 * HOUR), "36 hours", "subday"),
            (Interval(0, HOUR // 4), "15 minutes", "subday"),
            (Interval(0, 1_500_000), "1500 milliseconds", "subday"),
            (Interval(0, 1), "1 microsecond", "subday"),
            (Interval(1, 15 * DAY), "1 month 15 days", "mixed"),
            (Interval(12, HOUR), "1 year 1 hour", "mixed"),
            (Interval(), "0 days", "empty"),
        ],
    )
    def test_it_has_one_text_and_one_kind(
        self, interval: Interval, text: str, kind: str
    ) -> None:
        assert (str(interval), interval.kind) == (text, kind)
        assert bool(interval) is (kind != "empty")

    def test_equal_lengths_are_equal(self) -> None:
        assert Interval.parse("24 hours") == Interval.parse("1 day")
        assert len({Interval.parse("12 months"), Interval.parse("1 year")}) == 1

    def test_months_and_days_have_no_order(self) -> None:
        with pytest.raises(TypeError):
            assert Interval(1) < Interval(0, 30 * DAY)  # type: ignore[operator]

    def test_it_cannot_be_changed(self) -> None:
        with pytest.raises(FrozenInstanceError):
            Interval(1).months = 2  # type: ignore[misc]


class TestStepping:
    @pytest.mark.parametrize(
        ("interval", "moment", "later"),
        [
            ("1 month", "2026-01-31T10:00", "2026-02-28T10:00"),
            ("1 month", "2024-01-31T10:00", "2024-02-29T10:00"),
            ("2 months", "2023-01-31T00:00", "2023-03-31T00:00"),
            ("1 year", "2024-02-29T00:00", "2025-02-28T00:00"),
            ("1 month", "2026-12-15T00:00", "2027-01-15T00:00"),
            ("1 month 15 days", "2026-01-31T00:00", "2026-03-15T00:00"),
            ("36 hours", "2026-12-31T12:00", "2027-01-02T00:00"),
        ],
    )
    def test_months_end_where_they_end(
        self, interval: str, moment: str, later: str
    ) -> None:
        step = Interval.parse(interval)
        assert step.after(datetime.fromisoformat(moment)) == datetime.fromisoformat(
            later
        )
        assert step.after(utc(moment)) == utc(later)

    def test_nine_months_ago_clamps_to_the_end_of_february(self) -> None:
        assert Interval(9).before(utc("2026-11-30T12:00")) == utc("2026-02-28T12:00")

    def test_a_day_on_the_wall_clock_may_have_23_hours(self) -> None:
        before = utc("2024-03-09T17:00")  # noon in New York; clocks change in the night
        day = Interval.parse("1 day")
        assert day.after(before, "America/New_York") == utc("2024-03-10T16:00")
        assert day.before(utc("2024-03-10T16:00"), "America/New_York") == before
        assert day.after(before) == utc("2024-03-10T17:00")

    def test_hours_elapse_everywhere_alike(self) -> None:
        before = utc("2024-03-09T17:00")
        later = Interval.parse("36 hours").after(before, "America/New_York")
        assert later - before == timedelta(hours=36)

    def test_a_month_steps_on_the_wall_clock(self) -> None:
        moment = utc("2026-02-28T23:00")  # midnight of 1 March in Berlin
        later = Interval(1).after(moment, "Europe/Berlin")
        assert later == utc("2026-03-31T22:00")
        assert later.tzinfo is UTC

    @given(intervals(), walls())
    def test_without_a_zone_it_steps_as_in_utc(
        self, interval: Interval, wall: datetime
    ) -> None:
        aware = wall.replace(tzinfo=UTC)
        assert interval.after(wall) == interval.after(aware).replace(tzinfo=None)
        try:
            earlier = interval.before(wall)
        except ValueError:  # before the year 1
            return
        assert earlier == interval.before(aware).replace(tzinfo=None)
        assert earlier.tzinfo is None

    @given(intervals(), zones(), st.data())
    def test_later_is_never_earlier(
        self, interval: Interval, name: str, data: st.DataObject
    ) -> None:
        moment = data.draw(moments(timezone=name))
        later = interval.after(moment, name)
        assert later.tzinfo is UTC
        if interval.kind in ("subday", "empty"):
            assert later - moment == timedelta(microseconds=interval.microseconds)
        elif interval.kind != "mixed":
            where = zone(name)
            assert wall_clock(later, where) > wall_clock(moment, where)

    def test_a_step_out_of_the_calendar_is_refused(self) -> None:
        with pytest.raises(ValueError, match=r"100 years before .* outside the years"):
            Interval(1200).before(datetime(90, 1, 1))
        with pytest.raises(ValueError, match=r"1 day after .* outside the years"):
            Interval(0, DAY).after(datetime.max.replace(tzinfo=UTC))
