"""What an engine does by itself: maintenance again and again, in the background."""

from __future__ import annotations

import threading
from functools import partial
from typing import TYPE_CHECKING, Any

import psycopg

from partman_core.cron import Cron
from partman_core.engine.running import Running
from partman_core.errors import ConfigError, Unreachable
from partman_core.interval import Interval
from partman_core.scheduler import Agenda, ByCalendar, Every, Scheduler

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import timedelta

    from partman_core.executor.stopping import Stop
    from partman_core.report import Report
    from partman_core.scheduler import Background

BY_DEFAULT = "1 hour"
SHORTEST = Interval(microseconds=1_000_000)
"""The shortest time from one pass to the next."""

_TURN = threading.Lock()
"""Held while an engine is started or asked: never for long."""


class InBackground(Running):
    """The work that an engine does without being asked."""

    _scheduler: Scheduler | None = None

    def start(  # noqa: PLR0913 - all that background maintenance depends on
        self,
        *tables: str,
        every: str | timedelta | Interval | None = None,
        cron: str | None = None,
        workers: int = 2,
        jitter: float = 0.1,
        max_seconds: float | None = None,
        max_drops: int | None = None,
        _waiting: Any = None,
    ) -> None:
        """Maintain in the background until :meth:`stop`: at once, and again and again.

        Passes are done in threads of their own, which keep no program from ending.
        While the server is away it is tried again after 1 s, 2 s, 4 s and so on, at
        most 5 minutes.

        :param tables: which; none: all.
        :param every: from one pass to the next: "1 hour", "15m"; by default an hour.
        :param cron: or when, as cron has it, in UTC: "15 * * * *".
        :param workers: how many tables are served at the same time, at most; with
            more than one, hooks are called from several threads.
        :param jitter: by which part of it the time between two passes is longer or
            shorter, at most; 0 to 1.
        :param max_seconds: end a pass in good order after so long; None: never.
        :param max_drops: retire at most so many partitions of a table in a pass.
        :param _waiting: a clock and a bell, for tests.
        :raises ConfigError: something of this cannot work, or it is running already.
        """
        _check(workers=workers, jitter=jitter, max_seconds=max_seconds)
        agenda = Agenda(_timetable(every, cron, jitter), max_seconds)
        work = partial(
            self._reached, tables, {"workers": workers, "max_drops": max_drops}
        )
        more = {} if _waiting is None else _waiting
        scheduler = Scheduler(work, agenda, self._log, **more)
        with _TURN:
            if self._scheduler is not None and self._scheduler.is_on:
                raise ConfigError(
                    "maintenance is running in the background already",
                    hint="stop() it first, to start it in another way",
                    code="already-running",
                )
            self._scheduler = scheduler
            scheduler.start()

    def stop(self, timeout: float | None = None) -> bool:
        """Stop maintenance in the background; where it is not on, nothing happens.

        A pass that is on ends in good order: what waits for locks ends at once, a
        hook that runs has 20 s.

        :param timeout: seconds to wait for it; None: as long as it takes.
        :returns: whether it has ended.
        """
        scheduler = self._scheduler
        return scheduler is None or scheduler.stop(timeout)

    @property
    def background(self) -> Background | None:
        """How maintenance in the background is doing; None: it was never started."""
        scheduler = self._scheduler
        return None if scheduler is None else scheduler.state

    def _reached(
        self, tables: tuple[str, ...], options: dict[str, Any], stop: Stop
    ) -> Report:
        """Do one pass; a connection that breaks means that the server is away."""
        try:
            return self.maintain(*tables, **options, stop=stop)
        except (psycopg.OperationalError, psycopg.InterfaceError) as error:
            told = " ".join(str(error).split())
            raise Unreachable(f"the connection broke: {told}") from error


def _timetable(
    every: str | timedelta | Interval | None, cron: str | None, jitter: float
) -> Every | ByCalendar:
    """Read when passes are due.

    :raises ConfigError: that is not said, or said twice.
    """
    if every is not None and cron is not None:
        raise ConfigError("give either every or cron, not both", code="background")
    if cron is not None:
        return ByCalendar(_read(Cron.parse, cron), jitter)
    return Every(_read(_interval, BY_DEFAULT if every is None else every), jitter)


def _interval(given: str | timedelta | Interval) -> Interval:
    found = Interval.parse(given)
    if not found or (not found.months and found.microseconds < SHORTEST.microseconds):
        raise ValueError(f"every is at least {SHORTEST}, not {found}")
    return found


def _read(parse: Callable[[Any], Any], given: Any) -> Any:
    try:
        return parse(given)
    except ValueError as error:
        notes = getattr(error, "__notes__", ())
        hint = next((n.removeprefix("hint: ") for n in notes), None)
        raise ConfigError(str(error), hint=hint, code="background") from error


def _check(*, workers: int, jitter: float, max_seconds: float | None) -> None:
    """Refuse what cannot work.

    :raises ConfigError: with the first of it.
    """
    wrong = None
    if workers < 1:
        wrong = f"workers is at least 1, not {workers}"
    elif not 0 <= jitter <= 1:
        wrong = f"jitter is a part of the interval, 0 to 1, not {jitter}"
    elif max_seconds is not None and max_seconds <= 0:
        wrong = f"max_seconds is more than 0, not {max_seconds}"
    if wrong:
        raise ConfigError(wrong, code="background")
