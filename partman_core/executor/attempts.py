"""How something is tried: in batches where it can be, again where it was held up.

The fault of one operation is told from the others and costs only itself.
"""

from __future__ import annotations

import random
import time
from collections import deque
from typing import TYPE_CHECKING, Any

import psycopg

from partman_core.errors import Blocked
from partman_core.executor.outcome import LOCKED
from partman_core.pg.transactions import recover, seconds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from partman_core.executor.work import Job
    from partman_core.plan import Operation

    Send = Callable[[list[Any]], None]
    Noted = Callable[[Any, float], None]

DEADLOCK = "40P01"

LONGEST_PAUSE = 2.0
"""Seconds between two tries, at most."""


def together(  # noqa: PLR0913 - how to send, how to note, and what it waits for
    job: Job,
    operations: Sequence[Operation],
    size: int,
    send: Send,
    noted: Noted,
    *,
    shared: bool = False,
) -> None:
    """Send operations in batches; where a batch fails, one by one.

    :param send: sends a batch; all of it takes effect, or nothing.
    :param noted: told of each that has taken effect, and how long it took.
    :param shared: whether they all wait for the same lock, so that what holds up one
        holds up the rest, which is not tried then.
    """
    job.progressed()
    waiting = deque(_chunks(operations, size))
    while waiting:
        chunk = waiting.popleft()
        started = time.monotonic()
        try:
            send(chunk)
        except Exception as error:  # noqa: BLE001 - whatever a hook raises
            recover(job.work.conn)
            if shared and is_held(error):
                _give_up(job, chunk, waiting, error, time.monotonic() - started)
            elif len(chunk) > 1:
                waiting.extendleft(reversed(list(_chunks(chunk, 1))))
            else:
                job.failed(chunk[0], error, time.monotonic() - started)
        else:
            _note(job, chunk, started, noted)


def patiently(
    job: Job,
    operations: Sequence[Operation],
    size: int,
    send: Send,
    noted: Noted,
) -> None:
    """Try again what ``max_stall`` cuts short, for ``lock_patience`` without progress.

    Queries queue behind each try for at most ``max_stall``; between the tries they
    run freely, and the pauses grow.

    :param send: sends a batch under that limit; all of it takes effect, or nothing.
    :param noted: told of each that has taken effect, and how long it took.
    """
    job.progressed()
    waiting, pause = deque(_chunks(operations, size)), first_pause(job)
    while waiting:
        chunk = waiting.popleft()
        started = time.monotonic()
        try:
            send(chunk)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told
            recover(job.work.conn)
            if is_held(error) and not job.is_spent:
                waiting.extend(_chunks(chunk, 1))
                pause = rest(pause)
            elif len(chunk) > 1:
                waiting.extendleft(reversed(list(_chunks(chunk, 1))))
            else:
                took = time.monotonic() - started
                job.failed(chunk[0], held_up(job, error), took)
        else:
            _note(job, chunk, started, noted)
            pause = first_pause(job)


def _chunks(operations: Sequence[Operation], size: int) -> Iterator[list[Any]]:
    for start in range(0, len(operations), size):
        yield list(operations[start : start + size])


def _note(job: Job, chunk: list[Any], started: float, noted: Noted) -> None:
    job.progressed()
    each = (job.progress - started) / len(chunk)
    for operation in chunk:
        noted(operation, each)


def _give_up(
    job: Job, chunk: list[Any], waiting: deque[list[Any]], error: Exception, took: float
) -> None:
    """Fail what was tried, and leave the rest for the next run."""
    for operation in chunk:
        job.failed(operation, error, took)
    while waiting:
        for operation in waiting.popleft():
            job.skipped(operation, f"not tried, as {chunk[0].name} was held up")


def is_held(error: BaseException) -> bool:
    """Say whether somebody's lock is all that was in the way."""
    return isinstance(error, Blocked) or (
        isinstance(error, psycopg.Error) and error.sqlstate in {*LOCKED, DEADLOCK}
    )


def held_up(job: Job, error: Exception) -> Exception:
    """Return what to tell where patience was at its end."""
    if not is_held(error):
        return error
    return Blocked(
        f"{job.table.name} was held by others for {job.table.lock_patience}, tried "
        f"within {job.table.max_stall}",
        hint="run again later, or allow a longer max_stall",
        sqlstate=getattr(error, "sqlstate", None),
    )


def first_pause(job: Job) -> float:
    """Return how long to rest after the first try, in seconds."""
    return min(max(0.01, seconds(job.table.max_stall)), LONGEST_PAUSE)


def rest(pause: float) -> float:
    """Let others work for about *pause* seconds; return how long the next time."""
    time.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311 - jitter
    return min(pause * 1.5, LONGEST_PAUSE)
