"""How something is tried: in batches where it can be, again where it was held up.

The fault of one operation is told from the others and costs only itself.
"""

from __future__ import annotations

import random
import time
from collections import deque
from functools import partial
from itertools import chain, islice, takewhile
from typing import TYPE_CHECKING, Any

import psycopg
from attrs import define, field

from partman_core.errors import Blocked
from partman_core.executor.lookout import Lookout
from partman_core.executor.outcome import LOCKED
from partman_core.pg import ddl
from partman_core.pg.steps import modes
from partman_core.pg.transactions import recover, seconds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from partman_core.executor.work import Connection, Job
    from partman_core.pg.steps import Lock
    from partman_core.plan import Operation

    Send = Callable[[list[Any]], object]
    Timed = Callable[[list[Any]], float]
    Noted = Callable[[Any, float], None]

DEADLOCK = "40P01"

STALLING_AT_ONCE = 10
"""Operations in the first transaction whose end queries wait for."""

SEEN_AT_ONCE = 3
"""Batches that are looked at together, to find one that nobody holds."""

MISSES = 3
"""Tries of one operation that takes longer than it may, with nobody in the way."""

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
    waiting = deque(chunks(operations, size))
    while waiting:
        job.work.stop.go_on()
        chunk = waiting.popleft()
        started = time.monotonic()
        try:
            send(chunk)
        except Exception as error:  # noqa: BLE001 - whatever a hook raises
            recover(job.work.conn)
            job.work.stop.go_on()
            if shared and is_held(error):
                _give_up(job, chunk, waiting, error, time.monotonic() - started)
            elif len(chunk) > 1:
                waiting.extendleft(reversed(list(chunks(chunk, 1))))
            else:
                job.failed(chunk[0], error, time.monotonic() - started)
        else:
            _note(job, chunk, started, noted)


def patiently(
    job: Job, operations: Sequence[Operation], send: Timed, noted: Noted, most: int
) -> None:
    """Do what can make queries wait, for ``lock_patience`` without progress.

    Queries queue behind each try for at most ``max_stall``; a try is made when it can
    succeed, see :class:`~partman_core.executor.lookout.Lookout`.  Batches grow as long
    as one takes less than half of that.

    :param send: sends a batch under that limit; all of it takes effect, or nothing.
        It returns for how many seconds queries could wait.
    :param noted: told of each that has taken effect, and how long it took.
    :param most: how many may be in a batch.
    """
    job.progressed()
    queue = Queue(job, deque(operations), min(most, STALLING_AT_ONCE), most)
    pause = first_pause(job)
    while queue.waiting:
        chunk = queue.take()
        if not chunk:
            queue.give_up()
            continue
        started = time.monotonic()
        try:
            held = send(chunk)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told
            recover(job.work.conn)
            job.work.stop.go_on()
            if is_held(error) and not queue.is_hopeless(chunk):
                queue.put_back(chunk)
                pause = rest(job, pause)
            elif len(chunk) > 1:
                queue.put_back(chunk, one_by_one=True)
            else:
                told = queue.lookout.blocked(error) if is_held(error) else error
                job.failed(chunk[0], told, time.monotonic() - started)
        else:
            _note(job, chunk, started, noted)
            queue.learn(len(chunk), held)
            pause = first_pause(job)


def insist(
    job: Job,
    conn: Connection,
    locks: Sequence[Lock],
    send: Callable[[], object],
    undo: Callable[[], object] | None = None,
) -> None:
    """Do one thing that can make queries wait, as :func:`patiently` does many.

    :param conn: the session that does it.
    :param locks: what it takes.
    :param send: sends it, under ``max_stall``.
    :param undo: leaves the failed try; None: by the end of the transaction.
    :raises Blocked: others were in the way for ``lock_patience``.
    """
    job.progressed()
    pause, lookout = first_pause(job), Lookout(job, conn)
    wanted = modes(locks)
    while True:
        if lookout.wait(wanted, {}) is None:
            raise lookout.blocked()
        try:
            send()
        except psycopg.Error as error:
            if conn.closed or not is_held(error):
                raise
            (undo or partial(recover, conn))()
            job.work.stop.go_on()
            if job.is_spent:
                raise lookout.blocked(error) from error
            pause = rest(job, pause)
        else:
            return


@define
class Queue:
    """What waits to be done in batches, and how large the next one may be.

    :param single: operations that go alone, by identity: one of a batch has failed.
    :param misses: how often one alone took too long with nobody in the way.
    """

    job: Job
    waiting: deque[Any]
    size: int
    most: int
    single: set[int] = field(factory=set)
    misses: int = 0
    lookout: Lookout = field()

    @lookout.default
    def _look_out(self) -> Lookout:
        return Lookout(self.job, self.job.work.conn)

    def take(self) -> list[Any]:
        """Wait until some can be done, and take as many as make a batch.

        :returns: none where patience is at its end.
        """
        some = self._next_ones()
        locks = [(op, ddl.stalling_locks(op, self.job.facts)) for op in some]
        names = {str(op.name) for op in some}
        every = {lock.relation: lock.mode for _, each in locks for lock in each}
        own = {name: mode for name, mode in every.items() if name in names}
        shared = {name: mode for name, mode in every.items() if name not in names}
        free = self.lookout.wait(shared, own) or ()
        chunk = self._first([op for op in some if str(op.name) in free])
        self._remove(chunk)
        return chunk

    def _next_ones(self) -> list[Any]:
        return list(islice(self.waiting, SEEN_AT_ONCE * self.size))

    def _remove(self, chunk: list[Any]) -> None:
        chosen = set(map(id, chunk))
        self.waiting = deque(op for op in self.waiting if id(op) not in chosen)

    def give_up(self) -> None:
        """Fail what was waited for in vain; leave the rest if all wait for the same."""
        some, error = self._next_ones(), self.lookout.blocked()
        self._remove(some)
        for operation in some:
            self.job.failed(operation, error, 0.0)
        if self.lookout.is_shared:
            skip(self.job, some[0], self.waiting)
            self.waiting.clear()

    def _first(self, free: list[Any]) -> list[Any]:
        """Return what makes a batch: as many as fit, or one that goes alone."""
        together = list(takewhile(lambda op: id(op) not in self.single, free))
        return together[: self.size] or free[:1]

    def put_back(self, chunk: list[Any], *, one_by_one: bool = False) -> None:
        """Have them tried again: in smaller batches, or each for itself."""
        self.waiting.extendleft(reversed(chunk))
        if one_by_one:
            self.single.update(map(id, chunk))
        else:
            self.size = max(1, len(chunk) // 2)

    def is_hopeless(self, chunk: list[Any]) -> bool:
        """Say whether a batch that was cut short need not be tried again.

        One that takes too long with nobody in the way will take too long again.
        """
        if len(chunk) == 1 and not self.lookout.present:
            self.misses += 1
        return self.job.is_spent or self.misses >= MISSES

    def learn(self, count: int, took: float) -> None:
        """Let the next batch take half of what queries may wait, at most."""
        fits = int(seconds(self.job.table.max_stall) / 2 / (took / count))
        self.misses = 0
        self.size = max(1, min(fits, 2 * max(count, self.size), self.most))


def chunks(operations: Sequence[Any], size: int) -> Iterator[list[Any]]:
    """Part operations into batches."""
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
    error = _named(job, chunk[0], error)
    for operation in chunk:
        job.failed(operation, error, took)
    skip(job, chunk[0], chain.from_iterable(waiting))
    waiting.clear()


def _named(job: Job, operation: Operation, error: Exception) -> Exception:
    """Add who is in the way."""
    if isinstance(error, Blocked):
        return error
    locks = [lock for step in job.steps(operation) for lock in step.locks]
    who = Lookout(job, job.work.conn).who(modes(locks))
    return Blocked(
        f"{job.table.name} was held for {job.table.lock_patience} by {who}",
        hint="nothing was changed; the next run tries again",
        sqlstate=getattr(error, "sqlstate", None),
    )


def skip(job: Job, held: Operation, others: Iterable[Operation]) -> None:
    """Leave for the next run what waits for the same as *held*."""
    for operation in others:
        job.skipped(operation, f"not tried, as {held.name} was held up")


def is_held(error: BaseException) -> bool:
    """Say whether somebody's lock is all that was in the way."""
    return isinstance(error, Blocked) or (
        isinstance(error, psycopg.Error) and error.sqlstate in {*LOCKED, DEADLOCK}
    )


def first_pause(job: Job) -> float:
    """Return how long to rest after the first try, in seconds."""
    return min(max(0.01, seconds(job.table.max_stall)), LONGEST_PAUSE)


def rest(job: Job, pause: float) -> float:
    """Let others work for about *pause* seconds; return how long the next time.

    :raises Stopped: the run is to end.
    """
    job.work.stop.rest(pause * random.uniform(0.5, 1.5))  # noqa: S311 - jitter
    return min(pause * 1.5, LONGEST_PAUSE)
