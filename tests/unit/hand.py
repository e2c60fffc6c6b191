"""Clocks that are turned by hand, and a bell that rings when they are."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

from partman_core.scheduler import Now

PATIENCE = 60
"""Seconds after which something that should have happened never will."""

START = datetime(2026, 11, 24, 15, 40, tzinfo=UTC)


class Hand:
    """Both clocks, and the bell with which a scheduler waits."""

    def __init__(self) -> None:
        self.steady, self.wall = 0.0, START
        self._rung = self._asleep = False
        self._changed = threading.Condition()

    def now(self) -> Now:
        return Now(self.steady, self.wall)

    @property
    def waiting(self) -> dict[str, object]:
        """What a scheduler is given for its clock and its bell."""
        return {"clock": self.now, "bell": self}

    def turn(self, seconds: float) -> None:
        """Let time pass, once nobody is busy with the moment before."""
        with self._changed:
            done = self._changed.wait_for(
                lambda: self._asleep and not self._rung, PATIENCE
            )
            assert done, "it is never at rest"
            self.steady += seconds
            self.wall += timedelta(seconds=seconds)
            self._asleep = False  # it has to look at the clock first
            self._changed.notify_all()

    def settle(self) -> None:
        """Return when nobody is busy with this moment."""
        self.turn(0)
        with self._changed:
            assert self._changed.wait_for(lambda: self._asleep, PATIENCE)

    # The bell

    def set(self) -> None:
        with self._changed:
            self._rung = True
            self._changed.notify_all()

    def clear(self) -> None:
        self._rung = False

    def wait(self, seconds: float) -> bool:
        """Wait until it rings or the clock is turned, which one then looks at."""
        with self._changed:
            self._asleep = True
            self._changed.notify_all()
            if seconds > 0:
                woken = self._changed.wait_for(
                    lambda: self._rung or not self._asleep, PATIENCE
                )
                assert woken, "nobody turns the clock"
            self._asleep = False
            return self._rung
