"""What is to be done now: begin a pass, leave one out, or end one that takes too long.

Nothing here waits, and nothing looks at a clock: moments are arguments.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from attrs import define, field, frozen

if TYPE_CHECKING:
    from partman_core.scheduler.timetable import Now, Timetable

AT_ONCE = 2
"""How many passes may be on at the same time.

One may wait for a hook for hours while the next one creates what is needed; claims
keep them apart."""

LOOK_AGAIN = 60.0
"""Seconds after which clocks are looked at again, as one may have been set."""

LONGEST_PAUSE = 300.0
"""Seconds between two tries to reach a server that is away, at most."""

DOUBLINGS = 9
"""How often the pause before the next try is doubled: longer than the longest."""


@frozen
class Orders:
    """What is to be done at one moment.

    :param begin: the number of the pass to begin; None: none is due.
    :param left_out: whether a pass is due for which there is no room.
    :param overdue: numbers of the passes to be told to end.
    """

    begin: int | None = None
    left_out: bool = False
    overdue: tuple[int, ...] = ()


@define
class Agenda:
    """Which passes are on, and when the next one begins.

    :param timetable: when passes are due.
    :param max_seconds: how long one may take; None: as long as it takes.
    :param begun: how many have begun so far.
    :param away: how many in a row have not reached the server.
    """

    timetable: Timetable
    max_seconds: float | None = None
    begun: int = 0
    away: int = 0
    _ends: dict[int, float] = field(factory=dict)
    _retry: float | None = None

    @property
    def on(self) -> tuple[int, ...]:
        """The numbers of the passes that are on."""
        return tuple(self._ends)

    def look(self, now: Now) -> Orders:
        """Return what is to be done; a pass that is to begin is on from now on."""
        overdue = self._overdue(now)
        if not self._is_time(now):
            return Orders(overdue=overdue)
        if len(self._ends) >= AT_ONCE:
            return Orders(left_out=True, overdue=overdue)
        self.begun += 1
        longest = math.inf if self.max_seconds is None else self.max_seconds
        self._ends[self.begun] = now.steady + longest
        return Orders(begin=self.begun, overdue=overdue)

    def _overdue(self, now: Now) -> tuple[int, ...]:
        """Return the passes whose time is up, each once."""
        found = tuple(n for n, end in self._ends.items() if now.steady >= end)
        self._ends.update(dict.fromkeys(found, math.inf))
        return found

    def _is_time(self, now: Now) -> bool:
        due = self.timetable.left(now) <= 0
        if due:
            self.timetable.advance(now)
        if self._retry is not None and now.steady >= self._retry:
            due = True
        if due:
            self._retry = None
        return due

    def ended(self, number: int, now: Now, *, reached: bool) -> None:
        """Note that a pass is over.

        :param reached: whether it reached the server; if not, the next one is tried
            soon.
        """
        del self._ends[number]
        self.away = 0 if reached else self.away + 1
        self._retry = None if reached else now.steady + self.pause

    @property
    def pause(self) -> float:
        """Seconds until the next try to reach the server."""
        doubled = 2.0 ** min(self.away - 1, DOUBLINGS)
        return min(doubled, LONGEST_PAUSE, self.timetable.period)

    def left(self, now: Now) -> float:
        """Return the seconds until the next pass begins, 0 or more."""
        found = self.timetable.left(now)
        if self._retry is not None:
            found = min(found, self._retry - now.steady)
        return max(found, 0.0)

    def rest(self, now: Now) -> float:
        """Return the seconds until it is to be looked again, if nothing happens."""
        ends = min(self._ends.values(), default=math.inf) - now.steady
        return max(0.0, min(LOOK_AGAIN, self.left(now), ends))
