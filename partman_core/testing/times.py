"""Hypothesis strategies for moments, zones and intervals.

Random moments rarely fall near a change of the clocks, where everything happens; so
half of the moments are drawn around the changes of their zone.
"""

from __future__ import annotations

import struct
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.resources import files

from hypothesis import strategies as st

from partman_core.interval import Interval
from partman_core.zones import zone_names

HARD_ZONES = (
    "Africa/Cairo",  # midnight is skipped
    "Africa/Casablanca",  # the clocks follow the moon; negative daylight saving
    "America/Asuncion",
    "America/Havana",  # midnight comes twice
    "America/New_York",
    "America/Sao_Paulo",
    "America/St_Johns",  # clocks go back at one minute past midnight
    "America/Toronto",  # in 1919 clocks skipped from 23:30 to 00:30
    "Asia/Beirut",
    "Asia/Kathmandu",  # 5:45 from UTC
    "Australia/Lord_Howe",  # half an hour of daylight saving
    "Europe/London",
    "Pacific/Apia",  # a whole day is skipped
    "Pacific/Kwajalein",  # likewise, and once a day of 47 hours
    "Pacific/Kiritimati",
)
"""Zones in which some day is not as long as people think."""

FIRST, LAST = datetime.fromisoformat("1900-01-01"), datetime.fromisoformat("2100-12-31")
"""Between which all moments lie that are drawn."""

FIXED = ("1 hour", "15 minutes", "36 hours", "12 hours", "90 minutes", "7 hours")
DAYS = ("1 day", "1 week", "10 days", "30 days")
MONTHS = ("1 month", "1 quarter", "5 months", "1 year", "1 decade", "1 century")


@cache
def zone_file(name: str) -> bytes:
    """Return the compiled zone as the ``tzdata`` package has it."""
    return files("tzdata").joinpath("zoneinfo", *name.split("/")).read_bytes()


@cache
def changes(name: str) -> tuple[datetime, ...]:
    """Return when the clocks of a zone change, as far as its file lists it.

    Read from the file's bytes (RFC 8536), not by what is tested.

    :param name: of the zone, by its IANA name.
    :returns: aware, in UTC, in order, between :data:`FIRST` and :data:`LAST`.
    """
    data = zone_file(name)
    header = struct.Struct(">4sc15x6l")
    _, _, utc, std, leap, times, types, letters = header.unpack_from(data)
    skipped = times * 5 + types * 6 + letters + leap * 8 + std + utc
    start = header.size + skipped
    count = header.unpack_from(data, start)[5]
    stamps = struct.unpack_from(f">{count}q", data, start + header.size)
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    earliest, latest = FIRST.replace(tzinfo=UTC), LAST.replace(tzinfo=UTC)
    moments = (epoch + timedelta(seconds=stamp) for stamp in stamps)
    return tuple(moment for moment in moments if earliest < moment < latest)


def zones() -> st.SearchStrategy[str]:
    """Draw names of zones, the hard ones more often."""
    return st.sampled_from(HARD_ZONES) | st.sampled_from(sorted(zone_names()))


def walls() -> st.SearchStrategy[datetime]:
    """Draw naive moments of 1900 to 2100."""
    return st.datetimes(min_value=FIRST, max_value=LAST)


@st.composite
def moments(draw: st.DrawFn, *, timezone: str = "UTC") -> datetime:
    """Draw aware moments of 1900 to 2100, half of them where a zone's clocks change.

    :param timezone: the zone, by its IANA name.
    """
    near_a_change = draw(st.booleans())
    if near_a_change and changes(timezone):
        change = draw(st.sampled_from(changes(timezone)))
        near = st.integers(-3, 3) | st.integers(-200_000_000_000, 200_000_000_000)
        return change + timedelta(microseconds=draw(near))
    return draw(walls()).replace(tzinfo=UTC)


def intervals() -> st.SearchStrategy[Interval]:
    """Draw intervals of every kind, the empty one too."""
    sizes = st.sampled_from((1, 1000, 10**6, 6 * 10**7, 36 * 10**8, 864 * 10**8))
    counted = st.builds(lambda size, count: size * count, sizes, st.integers(0, 400))
    microseconds = counted | st.integers(0, 10**17)
    return st.builds(
        Interval,
        months=st.integers(0, 1300) | st.just(0),
        microseconds=microseconds | st.just(0),
    )


def grid_intervals() -> st.SearchStrategy[Interval]:
    """Draw intervals that a grid can have: months, or days, or less than days."""
    common = st.sampled_from(FIXED + DAYS + MONTHS).map(Interval.parse)
    months = st.integers(1, 30).map(lambda count: Interval(months=count))
    minutes = st.integers(1, 20_000).map(
        lambda n: Interval(microseconds=n * 60_000_000)
    )
    return common | months | minutes


def anchors() -> st.SearchStrategy[datetime]:
    """Draw anchors of grids: days of any month, the 31st too, mostly at midnight."""
    days = st.dates(FIRST.date(), LAST.date()).map(
        lambda day: datetime.combine(day, datetime.min.time())
    )
    usual = st.sampled_from(
        [datetime.fromisoformat("2001-01-01"), datetime.fromisoformat("2000-01-31")]
    )
    return usual | days | walls()
