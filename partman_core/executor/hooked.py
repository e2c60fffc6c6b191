"""Drops that plugins have a say in: each in a session of its own.

The hooks of a partition run in a thread.  When their time is up the server ends the
session, so the drop is impossible whatever a hook does later.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import psycopg

from partman_core.errors import PartmanError, Refused
from partman_core.executor import attempts
from partman_core.executor.outcome import one_line
from partman_core.pg.pooler import backend
from partman_core.pg.statements import EXCLUSIVE
from partman_core.pg.steps import lock_of
from partman_core.pg.transactions import (
    END_SESSION,
    MARK,
    hook_limits,
    is_marked,
    seconds,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from partman_core.executor.work import Connection, Job
    from partman_core.plan import Drop


STOP_TIMEOUT = 20.0
"""Seconds that a hook has to end when the run is to end."""

LOOK_AGAIN = 0.1
"""Seconds between two looks whether the run is to end."""


class Hooks(threading.Thread):
    """The pre-drop hooks of one partition, and what they said.

    :param session: in the drop's transaction; closed here.
    """

    def __init__(self, job: Job, operation: Drop, session: Connection) -> None:
        super().__init__(name=f"pre-drop {operation.name}", daemon=True)
        self.job, self.operation, self.session = job, operation, session
        self.error: BaseException | None = None
        self._turn = threading.Lock()
        self._ended = self._abandoned = False
        self._pid = session.info.backend_pid

    def run(self) -> None:
        """Call the hooks, and keep what they raise."""
        try:
            self.job.work.plugins.pre_drop(
                table=self.job.table,
                partition=self.operation.retired,
                conn=self.session,
                connect=self._connect,
            )
        except BaseException as error:  # noqa: BLE001 - told by verdict()
            self.error = error
        with self._turn:
            self._ended = True
            if self._abandoned:
                self.session.close()

    def _connect(self) -> Connection:
        conn = self.job.work.connect()
        conn.execute(hook_limits(self.job.table.hook_timeout))
        return conn

    def ask(self) -> None:
        """Run the hooks for as long as they may.

        :raises Refused: one says no, is too slow, or ended the transaction.
        """
        self.session.execute(hook_limits(self.job.table.hook_timeout, local=True))
        self.session.execute(MARK)
        self._pid = backend(self.session)
        self.start()
        self._wait()
        if self._give_up():
            raise Refused(
                f"{self.operation.name} is kept: a pre-drop hook ran past "
                f"{self._limit()}",
                hint="allow it a longer hook_timeout, or make the hook faster",
                code="hook-timeout",
            )
        self._verdict()

    def _limit(self) -> str:
        if self.job.work.stop.is_set():
            return f"the {STOP_TIMEOUT:.0f} s that it has when a run is to end"
        return str(self.job.table.hook_timeout)

    def _wait(self) -> None:
        """Wait for the hooks; when the run is to end, not for long any more."""
        stop, told = self.job.work.stop, False
        until = time.monotonic() + seconds(self.job.table.hook_timeout)
        while self.is_alive() and (left := until - time.monotonic()) > 0:
            if stop.is_set() and not told:
                told, until = True, min(until, time.monotonic() + STOP_TIMEOUT)
            self.join(min(left, LOOK_AGAIN))

    def _give_up(self) -> bool:
        """Let the server end the session if hooks still run; say whether they do."""
        with self._turn:
            self._abandoned = not self._ended
        if self._abandoned:
            self._end_session()
        return self._abandoned

    def _end_session(self) -> None:
        work, pid = self.job.work, self._pid
        try:
            with work.connect() as conn:
                conn.execute(END_SESSION, [pid])
        except (psycopg.Error, PartmanError) as error:
            work.log.warning("a session could not be ended, pid %s: %s", pid, error)

    def close(self) -> None:
        """Close the session, or leave that to the hook that still uses it."""
        unused = self.ident is None
        if unused or not (self._abandoned or self._give_up()):
            self.session.close()

    def _verdict(self) -> None:
        """Raise what keeps the partition."""
        name = self.operation.name
        if self.error is not None:
            raise Refused(
                f"{name} is kept by a plugin: {one_line(self.error)}",
                hint="the next run asks again; `partman plugins` shows who has a say",
                code="vetoed",
            ) from self.error
        if not is_marked(self.session):
            raise Refused(
                f"{name} is kept: a pre-drop hook ended or broke its transaction",
                hint="a hook must neither commit nor roll back the connection it gets",
                code="hook-ended-transaction",
            )


def insist(job: Job, session: Connection, send: Callable[[], None]) -> None:
    """Try again what ``max_stall`` cuts short, without losing the transaction.

    What the hooks did in it is not done a second time.

    :param send: sends the last statements of the transaction.
    """
    locks = [lock_of(name, EXCLUSIVE) for name in job.facts.refers_to]
    session.execute("SAVEPOINT partman")
    attempts.insist(job, session, locks, send, lambda: session.execute(BACK))


BACK = "ROLLBACK TO SAVEPOINT partman"
