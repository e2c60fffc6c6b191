"""The word to stop, and what it ends at once: whatever waits in the server."""

from __future__ import annotations

import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.pq import TransactionStatus

from partman_core.errors import Stopped

if TYPE_CHECKING:
    from collections.abc import Iterator

CANCELLED_WITHIN = 5.0
"""Seconds that the server has to hear that something is to be cancelled."""


class Stop(threading.Event):
    """Told once that a run is to end: nothing new begins, and what waits is cancelled.

    A statement that is about to be sent at that moment is missed, so whoever waits for
    the end says it again.
    """

    def __init__(self) -> None:
        super().__init__()
        self._at_work: dict[int, psycopg.Connection[Any]] = {}

    @contextmanager
    def watching(self, conn: psycopg.Connection[Any]) -> Iterator[None]:
        """Have what *conn* does cancelled when the word comes."""
        self._at_work[id(conn)] = conn
        try:
            yield
        finally:
            self._at_work.pop(id(conn), None)

    def set(self) -> None:
        """Say that the run is to end."""
        super().set()
        for conn in list(self._at_work.values()):
            if conn.closed or conn.info.transaction_status != TransactionStatus.ACTIVE:
                continue
            with suppress(psycopg.Error):
                conn.cancel_safe(timeout=CANCELLED_WITHIN)

    def go_on(self) -> None:
        """Go on, if the word has not come.

        :raises Stopped: it has.
        """
        if self.is_set():
            raise Stopped

    def rest(self, seconds: float) -> None:
        """Let others work for some time.

        :raises Stopped: the run is to end.
        """
        if self.wait(seconds):
            raise Stopped
