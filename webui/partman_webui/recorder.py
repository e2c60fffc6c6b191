"""What was done and refused goes into the history, whatever becomes of the request.

What was done is written at once.  Refusals are written by a thread, so that nobody
waits for a database to be told no, and no more of them than that thread can take.
"""

from __future__ import annotations

import logging
import queue
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

from attrs import define, field, frozen

if TYPE_CHECKING:
    from partman_core import Engine
    from partman_webui.asking import Actor

LOG = logging.getLogger("partman.webui")
WAITING = 100
"""Refusals that may wait to be written; more are only in the log."""


@frozen(kw_only=True)
class Entry:
    """Something that somebody did, or was refused."""

    engine: Engine
    actor: Actor
    action: str
    target: str | None
    allowed: bool
    detail: str | None = None


@define
class Recorder:
    """Writes entries into the history; never raises."""

    _waiting: queue.Queue[Entry] = field(factory=lambda: queue.Queue(WAITING))
    _writer: threading.Thread | None = None
    _lock: threading.Lock = field(factory=threading.Lock)

    def keep(self, entry: Entry) -> None:
        """Write an entry, now.

        What the history cannot keep (a standby, no schema of ours yet) is in the log.
        """
        tell(entry)
        _write(entry)

    def keep_soon(self, entry: Entry) -> None:
        """Have an entry written, and do not wait for it."""
        tell(entry)
        with self._lock:
            if self._writer is None:
                self._writer = threading.Thread(
                    target=self._work, name="partman-webui-history", daemon=True
                )
                self._writer.start()
        with suppress(queue.Full):
            self._waiting.put_nowait(entry)

    def settle(self) -> None:
        """Wait until everything is written that was to be."""
        self._waiting.join()

    def _work(self) -> None:
        while True:
            entry = self._waiting.get()
            try:
                _write(entry)
            finally:
                self._waiting.task_done()


def tell(entry: Entry) -> None:
    """Write an entry into the log."""
    verb = "did" if entry.allowed else "was refused"
    target = f" {entry.target}" if entry.target else ""
    why = f": {entry.detail}" if entry.detail else ""
    LOG.log(
        logging.INFO if entry.allowed else logging.WARNING,
        "%s %s %s%s%s",
        entry.actor.name,
        verb,
        entry.action,
        target,
        why,
        extra={
            "actor": entry.actor.name,
            "address": entry.actor.address,
            "action": entry.action,
        },
    )


def _write(entry: Entry) -> None:
    try:
        entry.engine.record_action(
            actor=entry.actor.name,
            method=entry.actor.method,
            action=entry.action,
            target=entry.target,
            allowed=entry.allowed,
            detail=entry.detail,
            address=entry.actor.address,
        )
    except Exception as error:  # noqa: BLE001 - it must not undo what was done
        LOG.warning("the history cannot keep that: %s", error)
