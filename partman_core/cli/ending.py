"""Runs that a signal, or a limit in time, ends in good order.

The run is in a thread of its own, and this one does nothing but wait: so a Ctrl-C or a
SIGTERM never breaks into the work, and is answered at once.
"""

from __future__ import annotations

import threading
from concurrent.futures import Future, wait
from typing import TYPE_CHECKING

from partman_core.cli import failing
from partman_core.engine import Stop
from partman_core.errors import gravest
from partman_core.scheduler import end

if TYPE_CHECKING:
    from collections.abc import Callable

    from partman_core.report import Report

ENDED_EARLY = 7
"""The exit code of a run that was ended with work left, and not by a signal."""


def in_good_order(
    run: Callable[[Stop], Report], max_seconds: float | None = None
) -> tuple[Report, bool]:
    """Do a run that may be told to end.

    :param run: does it, until it is told to end.
    :param max_seconds: when it is told to end; None: by a signal only.
    :returns: its report, and whether a signal ended it.
    :raises KeyboardInterrupt: a second signal came, and it does not wait any longer.
    """
    stop, told = Stop(), False
    ended: Future[Report] = Future()
    doing = threading.Thread(target=_do, args=(run, stop, ended), daemon=True)

    def is_over(seconds: float) -> bool:
        return bool(wait([ended], seconds).done) or not doing.is_alive()

    try:
        doing.start()
        wait([ended], max_seconds)
    except KeyboardInterrupt:
        told = True
    if not ended.done():
        end(stop, is_over)
    if not ended.done():
        raise KeyboardInterrupt  # it came before the thread could begin
    return ended.result(), told


def _do(run: Callable[[Stop], Report], stop: Stop, ended: Future[Report]) -> None:
    try:
        ended.set_result(run(stop))
    except BaseException as error:  # noqa: BLE001 - raised where it is waited for
        ended.set_exception(error)


def exit_code(report: Report, *, told: bool) -> int:
    """Return what the process ends with.

    :param told: whether a signal ended the run.
    """
    if told:
        return failing.stop_code()
    if report.interrupted:
        return gravest([report.exit_code, ENDED_EARLY])
    return report.exit_code
