"""When a pass is due: so long after the last one, or by the calendar."""

from __future__ import annotations

import random
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from attrs import define, frozen

if TYPE_CHECKING:
    from collections.abc import Callable

    from partman_core.cron import Cron
    from partman_core.interval import Interval

JITTER = 0.1
"""By which part of its length an interval is longer or shorter, at most."""

LATEST = 30.0
"""Seconds after its moment in the calendar that a pass begins, at most."""

JUMP = timedelta(minutes=1)
"""How far a clock goes back before it is said to have been set."""


@frozen
class Now:
    """What two clocks say at one moment.

    :param steady: seconds; is never set, and counts while the machine sleeps where
        the system can do that.
    :param wall: aware, UTC; may be set.
    """

    steady: float
    wall: datetime


def now() -> Now:
    """Look at both clocks."""
    steady = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
    return Now(time.clock_gettime(steady), datetime.now(UTC))


def later(now: Now, seconds: float) -> datetime:
    """Return the moment some seconds after *now*."""
    return now.wall + timedelta(seconds=seconds)


class Timetable(Protocol):
    """Says when the next pass is due; the first one is due at once."""

    @property
    def period(self) -> float:
        """About how many seconds lie between two passes."""

    def left(self, now: Now) -> float:
        """Return the seconds until the next pass; not more than 0: it is due."""

    def advance(self, now: Now) -> None:
        """Go on to the pass after this moment, however many were missed."""


@define
class Every:
    """Passes so long after each other, give or take some jitter.

    :param interval: from one to the next.
    :param jitter: which part of the interval it may be longer or shorter, so that
        engines that were started together do not stay together.
    """

    interval: Interval
    jitter: float = JITTER
    _chance: Callable[[], float] = random.random
    _due: float | None = None

    @property
    def period(self) -> float:
        """Seconds between two passes, where months are as long as now."""
        return self._length(datetime.now(UTC))

    def left(self, now: Now) -> float:
        """Return the seconds until the next pass."""
        return 0.0 if self._due is None else self._due - now.steady

    def advance(self, now: Now) -> None:
        """Go on to the pass after this moment."""
        stretch = 1 + self.jitter * (2 * self._chance() - 1)
        self._due = now.steady + self._length(now.wall) * stretch

    def _length(self, wall: datetime) -> float:
        return (self.interval.after(wall) - wall).total_seconds()

    def __str__(self) -> str:
        """Say how often."""
        return f"every {self.interval}"


@define
class ByCalendar:
    """Passes as a cron expression has them, each a little later by chance.

    A clock that is set forward makes one pass due; after one that is set back the
    next pass is the next one of the calendar again.

    :param jitter: at most which part of the time to the next one it is late.
    """

    cron: Cron
    jitter: float = JITTER
    _chance: Callable[[], float] = random.random
    _due: datetime | None = None
    _seen: datetime | None = None

    @property
    def period(self) -> float:
        """Seconds between the next two passes."""
        first = self.cron.after(datetime.now(UTC))
        return (self.cron.after(first) - first).total_seconds()

    def left(self, now: Now) -> float:
        """Return the seconds until the next pass."""
        if self._seen is not None and self._seen - now.wall > JUMP:
            self.advance(now)
        self._seen = now.wall
        return 0.0 if self._due is None else (self._due - now.wall).total_seconds()

    def advance(self, now: Now) -> None:
        """Go on to the pass after this moment."""
        moment = self.cron.after(now.wall)
        gap = (self.cron.after(moment) - moment).total_seconds()
        late = min(self.jitter * gap, LATEST) * self._chance()
        self._due = moment + timedelta(seconds=late)

    def __str__(self) -> str:
        """Say when."""
        return f"by cron {str(self.cron)!r}"
