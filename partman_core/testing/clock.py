"""A clock that a test turns by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from partman_core.interval import Interval

START = datetime(2026, 1, 15, 12, tzinfo=UTC)
"""Where a clock stands that nobody has set: a Thursday noon."""


class Clock:
    """Stands still until it is turned.  Any thread may read or turn it.

    Calling it gives the time, so it is what an engine takes::

        engine = Engine(dsn, clock=clock)

    :param start: as in :meth:`set`.
    """

    def __init__(self, start: datetime | str = START) -> None:
        self._turning = Lock()
        self._now = _moment(start)

    def __call__(self) -> datetime:
        """Return the time: aware, in UTC."""
        with self._turning:
            return self._now

    def __repr__(self) -> str:
        """Say what it shows."""
        return f"<Clock {self.now.isoformat(' ')}>"

    @property
    def now(self) -> datetime:
        """The time: aware, in UTC."""
        return self()

    def set(self, moment: datetime | str) -> datetime:
        """Turn it to a moment, an earlier one too.

        :param moment: aware, or such a moment in ISO 8601: "2026-03-01T00:00Z".
        :returns: the moment, in UTC.
        :raises ValueError: it has no time zone, or is no moment.
        """
        now = _moment(moment)
        with self._turning:
            self._now = now
        return now

    def advance(self, by: timedelta | Interval | str) -> datetime:
        """Turn it forward.

        :param by: a timedelta, an interval, or one in words, "36 hours" or "1 month";
            months and days step by the calendar of UTC.
        :returns: what it shows then, in UTC.
        :raises ValueError: it is no interval, or leads out of the calendar.
        """
        from partman_core.interval import Interval

        step = Interval.parse(by)
        with self._turning:
            self._now = step.after(self._now)
            return self._now


def _moment(given: datetime | str) -> datetime:
    moment = datetime.fromisoformat(given) if isinstance(given, str) else given
    if moment.utcoffset() is None:
        msg = f"{moment.isoformat(' ')} has no time zone, so it is no moment"
        raise ValueError(msg)
    return moment.astimezone(UTC)
