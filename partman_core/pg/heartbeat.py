"""The sign of life of sessions that wait while others work.

The server ends a session that says nothing for ten minutes, and its claims with it, so
that an engine that hangs gives way.  One that waits for a hook does not hang.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Self

from psycopg.pq import PipelineStatus, TransactionStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import psycopg

EVERY = 120.0
"""Seconds between two signs of life: some may be late before a session is ended."""


class Heartbeat:
    """Keeps idle sessions alive for as long as the block runs.

    A session that is in use, or inside a transaction, is left alone.

    :param sessions: gives those that are to be kept, asked each time anew.
    :param every: seconds between two signs of life.
    """

    def __init__(
        self,
        sessions: Callable[[], Iterable[psycopg.Connection[Any]]],
        *,
        every: float = EVERY,
    ) -> None:
        self._sessions = sessions
        self._every = every
        self._over = threading.Event()
        self._thread = threading.Thread(
            target=self._keep, name="partman heartbeat", daemon=True
        )

    def __enter__(self) -> Self:
        """Begin."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """End, and leave no session half asked."""
        self._over.set()
        self._thread.join()

    def _keep(self) -> None:
        while not self._over.wait(self._every):
            for conn in self._sessions():
                beat(conn)


def status(conn: psycopg.Connection[Any]) -> TransactionStatus:
    """Return how a session is for those who use it: a sign of life is no activity."""
    with conn.lock:
        return TransactionStatus(conn.pgconn.transaction_status)


def beat(conn: psycopg.Connection[Any]) -> bool:
    """Give a sign of life, if nobody uses the session; say whether it was given.

    One that is lost is no concern here: whoever uses it next is told.
    """
    if not conn.lock.acquire(blocking=False):
        return False
    try:
        unused = (
            not conn.closed
            and conn.pgconn.transaction_status == TransactionStatus.IDLE
            and conn.pgconn.pipeline_status == PipelineStatus.OFF
        )
        if unused:
            conn.pgconn.exec_(b"SELECT 1")
        return unused
    finally:
        conn.lock.release()
