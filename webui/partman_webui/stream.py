"""The events of a run as they come: server-sent events, bounded in every way.

A stream lives for less than half a minute and then ends by itself (the browser asks
again, and says what it has), there are few at a time, and all end when the server does.
So none can hold a thread of the server for long, whatever becomes of its client.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import msgspec

from partman_webui.problems import problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from partman_webui.events import Log
    from partman_webui.shapes import RunEvent

LIFE = 25.0
"""Seconds that a stream lasts at most."""

MOST = 8
"""How many there may be at a time."""

PAUSE = 0.5
"""Seconds between two looks for new events."""

SIGN_OF_LIFE = 10.0
"""Seconds after which something is sent, if nothing happens."""


class Streams:
    """The streams that are on.

    :param stop: has all of them end.
    :param most: how many there may be.
    """

    def __init__(self, stop: threading.Event, most: int = MOST) -> None:
        self._slots = threading.BoundedSemaphore(most)
        self._stop = stop

    def open(
        self,
        pull: Callable[[], Log],
        after: int,
        *,
        life: float = LIFE,
        clock: Callable[[], float] = time.monotonic,
    ) -> Stream:
        """Begin a stream.

        :param pull: reads what is new, and returns the run's events.
        :param after: the number of the last event that the client has.
        :raises ProblemError: there is no room for one more.
        """
        if not self._slots.acquire(blocking=False):
            raise problem(
                "too-many-streams",
                f"{MOST} pages follow runs at this moment, and no more may.",
                hint="Ask for JSON again and again: ?after=N gives what is new.",
                headers={"Retry-After": "5"},
            )
        told = _told(pull, after, self._stop, clock() + life, clock)
        return Stream(told, self._slots.release)


class Stream:
    """What a server sends piece by piece; whoever serves it closes it at the end.

    :param pieces: what is sent.
    :param release: is called once, at the end.
    """

    def __init__(self, pieces: Iterator[bytes], release: Callable[[], None]) -> None:
        self._pieces = pieces
        self._release = release
        self._is_open = True

    def __iter__(self) -> Stream:
        return self

    def __next__(self) -> bytes:
        try:
            return next(self._pieces)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Give the room to others; the server calls this, also for a lost client."""
        if self._is_open:
            self._is_open = False
            self._release()


def _told(
    pull: Callable[[], Log],
    after: int,
    stop: threading.Event,
    end: float,
    clock: Callable[[], float],
) -> Iterator[bytes]:
    # The first piece sends the headers on their way.
    yield b"retry: 1500\n: ok\n\n"
    said = clock()
    while not stop.is_set() and clock() < end:
        log = pull()
        events = log.after(after)
        for event in events:
            after = event.id
            yield written(event)
        if events:
            said = clock()
        if log.is_over:
            break
        if clock() - said > SIGN_OF_LIFE:
            said = clock()
            yield b": on\n\n"
        stop.wait(PAUSE)
    yield b"event: bye\ndata: {}\n\n"


def written(event: RunEvent) -> bytes:
    """Write an event for the stream."""
    data = msgspec.json.encode(event)
    return b"id: %d\nevent: run\ndata: %s\n\n" % (event.id, data)
