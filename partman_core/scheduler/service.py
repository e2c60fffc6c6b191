"""The threads of background maintenance: one that waits, and one for each pass."""

from __future__ import annotations

import logging
import math
import threading
import time
from typing import TYPE_CHECKING, Any, Protocol

from attrs import define, evolve, field

from partman_core.executor.stopping import Stop
from partman_core.scheduler import telling
from partman_core.scheduler.agenda import LOOK_AGAIN
from partman_core.scheduler.background import Background
from partman_core.scheduler.ending import AGAIN, end
from partman_core.scheduler.timetable import later, now

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

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
    """A pass that is on.

    :param over: set when it is over.
    """

    number: int
    since: Now
    thread: threading.Thread
    stop: Stop = field(factory=Stop)
    over: threading.Event = field(factory=threading.Event)


@define(eq=False)
class Scheduler:
    """Lets passes begin when the agenda has them.

    Its threads are daemons: they keep no program from ending.

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
    _gone: threading.Event = field(factory=threading.Event)
    _running: dict[int, Running] = field(factory=dict)
    _waiting: threading.Thread = field(init=False)
    _state: Background = field(init=False)

    def __attrs_post_init__(self) -> None:
        """Begin with nothing done."""
        rhythm, since = str(self.agenda.timetable), self.clock().wall
        self._state = Background(rhythm=rhythm, since=since)
        self._waiting = _thread("partman background", self._wait)

    def start(self) -> None:
        """Begin, with a pass at once."""
        self._write([telling.begun(self._state.rhythm)])
        self._waiting.start()

    @property
    def is_on(self) -> bool:
        """Whether it goes on; in a fork of the process that began, it does not."""
        return not self._over and self._waiting.is_alive()

    @property
    def state(self) -> Background:
        """How it is doing."""
        with self._turn:
            at, is_on = self.clock(), self.is_on
            return evolve(
                self._state,
                is_on=is_on,
                passes=self.agenda.begun,
                running=tuple(one.since.wall for one in self._running.values()),
                next_at=later(at, self.agenda.left(at)) if is_on else None,
                away=self.agenda.away,
            )

    def stop(self, timeout: float | None = None) -> bool:
        """Begin no more passes, have those that are on end in good order, and wait.

        :param timeout: how many seconds to wait; None: as long as it takes.
        :returns: whether all of it has ended.
        """
        with self._turn:
            first, self._over = not self._over, True
            running = list(self._running.values())
        self.bell.set()
        for one in running:
            _end(one)
        threads = [(self._waiting, self._gone), *((r.thread, r.over) for r in running)]
        clean = _have_ended(threads, timeout)
        if first:
            self._write([telling.stopped(clean=clean)])
        return clean

    def _wait(self) -> None:
        """Do what the agenda says, and wait until it may say more."""
        while not self._over:
            self.bell.clear()
            try:
                rest = self._step()
            except Exception as error:  # noqa: BLE001 - it must not end silently
                self._write([telling.broken(error)])
                rest = LOOK_AGAIN
            self.bell.wait(rest)
        self._gone.set()

    def _step(self) -> float:
        """Do what the agenda says now; return for how many seconds there is rest."""
        with self._turn:
            if self._over:
                return 0.0
            lines, overdue = self._obey(self.clock())
            rest = self.agenda.rest(self.clock())
        self._write(lines)
        for one in overdue:
            _end(one)
        return rest

    def _obey(self, at: Now) -> tuple[list[telling.Line], list[Running]]:
        """Do what the agenda says.

        :returns: what there is to be told about it, and the passes to be ended.
        """
        orders, lines = self.agenda.look(at), []
        overdue = [self._running[number] for number in orders.overdue]
        lines += [telling.overdue(self.agenda.max_seconds) for _ in overdue]
        if orders.left_out:
            lines.append(telling.left_out(len(self._running)))
            left_out = self._state.left_out + 1
            self._state = evolve(self._state, left_out=left_out)
        if orders.begin is not None:
            lines += self._begin(orders.begin, at)
        return lines, overdue

    def _begin(self, number: int, at: Now) -> Iterable[telling.Line]:
        thread = _thread(f"partman pass {number}", lambda: self._do(one))
        one = self._running[number] = Running(number, at, thread)
        try:
            thread.start()
        except RuntimeError as error:  # the host has no thread left, or is ending
            return self._note(one, None, error)
        return ()

    def _do(self, one: Running) -> None:
        """Do one pass, and note how it ended."""
        report: Report | None = None
        error: BaseException | None = None
        try:
            report = self.work(one.stop)
        except KeyboardInterrupt:
            pass  # it was stopped before there was anything to report
        except BaseException as problem:  # noqa: BLE001 - told in the log
            error = problem
        with self._turn:
            lines = self._note(one, report, error)
        self.bell.set()
        self._write(lines)
        one.over.set()

    def _note(
        self, one: Running, report: Report | None, error: BaseException | None
    ) -> list[telling.Line]:
        """Note how a pass ended; return what there is to be told about it."""
        at = self.clock()
        del self._running[one.number]
        reached = not telling.is_away(report, error)
        self.agenda.ended(one.number, at, reached=reached)
        self._state = evolve(
            self._state,
            last_ended=at.wall,
            last_report=self._state.last_report if report is None else report,
            last_error=error,
        )
        left = None if self._over else self.agenda.left(at)
        took = at.steady - one.since.steady
        return list(telling.ended(report, error, took, left))

    def _write(self, lines: Iterable[telling.Line]) -> None:
        """Write into the log, which may be anybody's and must not end this thread."""
        for line in lines:
            more: dict[str, Any] = {"extra": dict(line.data)}
            if line.error is not None:
                more["exc_info"] = line.error
            try:
                getattr(self.log, line.level)("%s", line.text, **more)
            except Exception:
                logging.getLogger("partman").exception("not logged: %s", line.text)


def _end(one: Running) -> None:
    """Have a pass end, beside whoever wants it: the server may take its time."""
    name = f"partman end of pass {one.number}"
    _thread(name, lambda: end(one.stop, one.over.wait)).start()


def _thread(name: str, target: Callable[[], None]) -> threading.Thread:
    return threading.Thread(target=target, name=name, daemon=True)


def _have_ended(
    threads: Iterable[tuple[threading.Thread, threading.Event]], timeout: float | None
) -> bool:
    """Wait for threads, but for the one that asks; say whether they have ended.

    Each comes with the event that it sets at its end, as a signal that comes during
    :meth:`threading.Thread.join` makes Python take a thread for ended.  In a fork of
    the process there are none of them.
    """
    until = math.inf if timeout is None else time.monotonic() + timeout
    others = [each for each in threads if each[0] is not threading.current_thread()]
    for thread, over in others:
        while thread.is_alive() and not over.is_set():
            left = until - time.monotonic()
            if left <= 0:
                break
            over.wait(min(left, AGAIN))
    return not any(thread.is_alive() and not over.is_set() for thread, over in others)
