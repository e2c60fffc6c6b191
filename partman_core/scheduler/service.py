"""The threads of background maintenance: one that waits, and one for each pass."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any, Protocol

from attrs import define, evolve, field

from partman_core.executor.stopping import Stop
from partman_core.scheduler import telling
from partman_core.scheduler.background import Background
from partman_core.scheduler.telling import is_away
from partman_core.scheduler.timetable import now

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from partman_core.report import Report
    from partman_core.scheduler.agenda import Agenda
    from partman_core.scheduler.timetable import Now


class Bell(Protocol):
    """What the waiting thread is woken with, as :class:`threading.Event` is."""

    def set(self) -> None:
        """Wake it."""

    def clear(self) -> None:
        """Be ready to wake it again."""

    def wait(self, timeout: float, /) -> bool:
        """Wait so many seconds, or until it is woken."""


@define(eq=False)
class Running:
    """A pass that is on."""

    number: int
    since: Now
    stop: Stop = field(factory=Stop)


@define(eq=False)
class Scheduler:
    """Lets passes begin when the agenda has them.

    All its threads are daemons: they never keep a program from ending.

    :param work: does one pass, and returns its report.
    :param agenda: what is to be done when.
    :param log: like :class:`logging.Logger`.
    :param clock: looks at both clocks.
    :param bell: what the waiting is done with.
    """

    work: Callable[[Stop], Report]
    agenda: Agenda
    log: Any
    clock: Callable[[], Now] = now
    bell: Bell = field(factory=threading.Event)
    _turn: threading.Lock = field(factory=threading.Lock)
    _over: bool = False
    _running: dict[int, Running] = field(factory=dict)
    _threads: set[threading.Thread] = field(factory=set)
    _state: Background = field(init=False)

    def __attrs_post_init__(self) -> None:
        """Begin with nothing done."""
        self._state = Background(
            rhythm=str(self.agenda.timetable),
            is_on=False,
            since=self.clock().wall,
            passes=0,
            running=(),
            left_out=0,
            next_at=None,
            last_ended=None,
            last_report=None,
            last_error=None,
            away=0,
        )

    def start(self) -> None:
        """Begin, with a pass at once."""
        self.log.info("maintenance in the background, %s", self._state.rhythm)
        self._spawn("partman background", self._wait)

    @property
    def is_on(self) -> bool:
        """Whether it goes on: in a child of the process that began, it does not."""
        names = {thread.name for thread in self._alive()}
        return not self._over and "partman background" in names

    @property
    def state(self) -> Background:
        """How it is doing."""
        with self._turn:
            at, on = self.clock(), self.is_on
            left = self.agenda.left(at)
            return evolve(
                self._state,
                is_on=on,
                passes=self.agenda.begun,
                running=tuple(one.since.wall for one in self._running.values()),
                next_at=_later(at, left) if on else None,
                away=self.agenda.away,
            )

    def stop(self, timeout: float | None = None) -> bool:
        """Begin no more passes, have those that are on end in good order, and wait.

        :param timeout: how many seconds to wait; None: as long as it takes.
        :returns: whether all of it has ended.
        """
        with self._turn:
            self._over = True
            running = list(self._running.values())
        for one in running:
            one.stop.set()
        self.bell.set()
        end = None if timeout is None else time.monotonic() + timeout
        for thread in self._alive():
            thread.join(None if end is None else max(0.0, end - time.monotonic()))
        return not self._alive()

    def _alive(self) -> list[threading.Thread]:
        """Return the threads that others can wait for."""
        here = threading.current_thread()
        return [t for t in list(self._threads) if t.is_alive() and t is not here]

    def _spawn(self, name: str, target: Callable[..., None], *args: Any) -> None:
        thread = threading.Thread(target=target, args=args, name=name, daemon=True)
        self._threads = {*self._alive(), thread}
        thread.start()

    def _wait(self) -> None:
        """Do what the agenda says, and wait until it may say more."""
        while True:
            self.bell.clear()
            with self._turn:
                if self._over:
                    return
                self._obey(self.clock())
                rest = self.agenda.rest(self.clock())
            self.bell.wait(rest)
