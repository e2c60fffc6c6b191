"""The end of a run: told, and told again until it has ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from partman_core.executor.stopping import Stop

AGAIN = 1.0
"""Seconds after which what has not ended is told again."""


def end(stop: Stop, is_over: Callable[[float], bool]) -> None:
    """Tell a run to end, and wait until it has.

    A statement that was about to be sent when the word came waits in the server all
    the same; it is cancelled when the word comes again.

    :param is_over: waits so many seconds for it, and says whether it has ended.
    """
    stop.set()
    while not is_over(AGAIN):
        stop.set()
