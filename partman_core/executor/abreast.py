"""Work in a second session beside the first, where neither waits for the other.

Building a table reads its parent, and attaching one locks it against changes only: two
sessions do both in little more time than attaching takes alone.  Whatever goes wrong in
the second one ends it and no more: what it has not done is done by the first, which
tells what is wrong.
"""

from __future__ import annotations

import threading
import time
from contextlib import closing, contextmanager, suppress
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

import psycopg
from attrs import define, evolve, field

from partman_core.errors import PartmanError
from partman_core.executor.stopping import CANCELLED_WITHIN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from partman_core.executor.attempts import Noted
    from partman_core.executor.work import Connection, Job

    Batch = list[Any]
    Send = Callable[[Job, Batch], object]


@contextmanager
def beside(
    job: Job, batches: Sequence[Batch], send: Send, noted: Noted
) -> Iterator[Iterator[Batch]]:
    """Send batches in a second session; give them one by one, as they take effect.

    They end early where one could not be done, or the run is to stop; where there is
    no second session to be had, none comes.  What took effect is noted in any case.
    """
    try:
        conn = job.work.connect()
    except (psycopg.Error, PartmanError) as error:
        job.work.log.info("%s: one session has to do: %s", job.table.name, error)
        yield iter(())
        return
    mate = _Mate(evolve(job, work=evolve(job.work, conn=conn)), batches, send)
    with closing(conn), job.work.stop.watching(conn):
        mate.start()
        done = mate.noted(noted)
        try:
            yield done
        finally:
            mate.end(conn)
            for _ in done:
                pass


@define
class _Mate:
    """A thread that sends batches in a session of its own."""

    job: Job
    batches: Sequence[Batch]
    send: Send
    done: SimpleQueue[tuple[Batch, float] | None] = field(factory=SimpleQueue)
    enough: threading.Event = field(factory=threading.Event)
    thread: threading.Thread = field(init=False)

    def start(self) -> None:
        self.thread = threading.Thread(
            target=self._work, name="partman mate", daemon=True
        )
        self.thread.start()

    def _work(self) -> None:
        try:
            for batch in self.batches:
                if self.enough.is_set() or self.job.work.stop.is_set():
                    break
                started = time.monotonic()
                self.send(self.job, batch)
                self.job.progressed()
                took = self.job.progress - started
                self.done.put((batch, took / len(batch)))
        except Exception as error:  # noqa: BLE001 - the first session meets it again
            self.job.work.log.info(
                "%s: one session goes on alone: %s", self.job.table.name, error
            )
        finally:
            self.done.put(None)

    def noted(self, noted: Noted) -> Iterator[Batch]:
        """Note what took effect, as it does."""
        for batch, each in iter(self.done.get, None):
            for operation in batch:
                noted(operation, each)
            yield batch

    def end(self, conn: Connection) -> None:
        """Wait for the end of what is being done, and cut it short."""
        self.enough.set()
        if self.thread.is_alive():
            with suppress(psycopg.Error):
                conn.cancel_safe(timeout=CANCELLED_WITHIN)
        self.thread.join()
