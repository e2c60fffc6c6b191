"""Time zones, the same on every host: read from the ``tzdata`` package alone.

Systems differ in the age of their zone files, and then two hosts put the same
day's boundary at different instants.  So the system's files are never asked,
whatever ``PYTHONTZPATH`` says.
"""

from __future__ import annotations

from bisect import bisect_left
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from functools import cache, lru_cache
from importlib.resources import files
from zoneinfo import ZoneInfo

_SECOND = timedelta(seconds=1)


@cache
def zone_names() -> frozenset[str]:
    """Return the names of all zones that there are."""
    text = files("tzdata").joinpath("zones").read_text(encoding="utf-8")
    return frozenset(text.split())


@cache
def zone(name: str) -> ZoneInfo:
    """Return the time zone of that IANA name.

    :param name: as in ``Europe/Berlin``; case matters.
    :returns: the zone of the ``tzdata`` package, read once.
    :raises ValueError: there is no such zone.
    """
    if name not in zone_names():
        raise _unknown(name)
    path = files("tzdata").joinpath("zoneinfo", *name.split("/"))
    with path.open("rb") as file:
        return ZoneInfo.from_file(file, key=name)


def wall_clock(moment: datetime, where: ZoneInfo) -> datetime:
    """Return what clocks in that zone read at *moment*.

    :param moment: aware.
    :returns: naive.
    """
    return moment.astimezone(where).replace(tzinfo=None, fold=0)


def told(moment: datetime, where: str = "UTC") -> str:
    """Return how a moment reads to a person, to the minute: ``2027-02-01 00:00 UTC``.

    :param moment: aware.
    :param where: the zone whose clocks are read, by its IANA name.
    """
    return f"{wall_clock(moment, zone(where)).isoformat(' ', 'minutes')} {where}"


@lru_cache(maxsize=1 << 14)
def first_instant(wall: datetime, where: ZoneInfo) -> datetime:
    """Return the first instant at which the clocks in a zone have reached *wall*.

    Of a time that clocks show twice this is the first; of a time that they
    skip, the moment of the skip.  So the midnight that begins a local day is
    the day's first instant, also where that day begins at one o'clock.

    :param wall: naive, the time on the wall.
    :returns: aware, in UTC.
    :raises OverflowError: outside the years 1 to 9999.
    """
    first = wall.replace(tzinfo=where, fold=0)
    offset, later = _offset(first), _offset(first.replace(fold=1))
    instant = (wall - offset).replace(tzinfo=UTC, fold=0)
    if offset >= later:
        return instant
    return _skip(wall, where, (wall - later).replace(tzinfo=UTC, fold=0), instant)


def _skip(
    wall: datetime, where: ZoneInfo, earliest: datetime, latest: datetime
) -> datetime:
    """Find the instant at which clocks jump over *wall*; they do at whole seconds."""
    start = earliest.replace(microsecond=0)
    seconds = range((latest - start) // _SECOND + 1)
    passed = bisect_left(
        seconds, wall, key=lambda second: wall_clock(start + second * _SECOND, where)
    )
    return start + passed * _SECOND


def _offset(moment: datetime) -> timedelta:
    return moment.utcoffset() or timedelta()


def _unknown(name: str) -> ValueError:
    error = ValueError(f"there is no time zone {name!r}")
    if near := _nearest(name):
        error.args = (f"{error}; did you mean {near!r}?",)
    error.add_note('hint: IANA names are known, as in "Europe/Berlin" or "UTC"')
    return error


def _nearest(name: str) -> str | None:
    """Return the zone that was probably meant: by its letters, or by its city."""
    spelled = {known.casefold(): known for known in sorted(zone_names())}
    cities = {known.rpartition("/")[2]: known for known in spelled}
    word = name.strip().casefold().replace(" ", "_")
    if word in cities and word not in spelled:
        return spelled[cities[word]]
    near = get_close_matches(word, spelled, n=1)
    return spelled[near[0]] if near else None
