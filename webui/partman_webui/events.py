"""The events of a run: what the history tells of it, and what is known before that."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from attrs import define, field

from partman_core.executor.outcome import LOCKED
from partman_webui import shapes
from partman_webui.shaped import iso

if TYPE_CHECKING:
    from collections.abc import Sequence

    from partman_core.model import Deed, Event, Run
    from partman_core.pg.holders import Blocker

PAST = {
    "create": "attached", "attach": "attached", "detach": "detached",
    "finalize": "detached", "settle": "detached", "drop": "dropped", "move": "moved",
    "discard": "discarded", "reopen": "discarded",
}  # fmt: skip
"""What an operation of the history has done, in the words of events."""


@define
class Log:
    """The events of one run, numbered in the order in which they were told.

    :param last: the number of the last entry of the history that is among them.
    :param left: why its table was left as it was; None: it was not.
    """

    run: int
    items: list[shapes.RunEvent] = field(factory=list)
    last: int = 0
    told: set[tuple[str, str | None]] = field(factory=set)
    waiting: frozenset[int] = frozenset()
    is_over: bool = False
    left: str | None = None
    turn: threading.Lock = field(factory=threading.Lock)

    def hear(self, event: Event) -> None:
        """Take in what the engine announces and the history has not, or not yet."""
        if event.kind not in {"created", "blocked"}:
            return
        partition = None if event.partition is None else str(event.partition)
        with self.turn:
            self._add(
                kind=event.kind,
                at=iso(event.at),
                table=None if event.table is None else str(event.table),
                partition=partition,
                bounds=None if event.bounds is None else str(event.bounds),
                rows=event.rows,
                bytes=event.bytes,
                message=event.message,
            )

    def record(self, entries: Sequence[tuple[int, Deed]]) -> None:
        """Take in entries of the history that came since."""
        with self.turn:
            for number, deed in entries:
                if number <= self.last:
                    continue
                self.last = number
                self.waiting = frozenset()
                kind, name = _kind(deed), str(deed.partition)
                if kind == "blocked" and (kind, name) in self.told:
                    continue
                self._add(
                    kind=kind, at=iso(deed.at), table=str(deed.table), partition=name,
                    bounds=deed.bounds, rows=deed.rows, bytes=deed.bytes,
                    seconds=deed.seconds, message=deed.message,
                )  # fmt: skip

    def wait(self, table: str, at: str, who: Sequence[Blocker]) -> None:
        """Tell who is in the way, if that are others than before."""
        with self.turn:
            pids = frozenset(one.pid for one in who)
            if pids and pids != self.waiting:
                told = "; ".join(map(str, who))
                message = f"waiting for {told}"
                self._add(
                    kind="blocked", at=at, table=table, partition=None, message=message
                )
            self.waiting = pids

    def leave(self, table: str, at: str, why: str) -> None:
        """Tell that a table was left as it was, and why."""
        with self.turn:
            self.left = why
            self._add(kind="skipped", at=at, table=table, partition=None, message=why)

    def end(self, run: Run) -> None:
        """Tell that the run is over, once."""
        with self.turn:
            if not self.is_over and run.result != "running":
                self.is_over = True
                ended = iso(run.finished_at or run.started_at)
                self._add(
                    kind="run-finished", at=ended, table=None, partition=None,
                    message=run.message,
                )  # fmt: skip

    def after(self, number: int) -> list[shapes.RunEvent]:
        """Return the events that came after one."""
        with self.turn:
            return self.items[max(number, 0) :]

    def _add(self, **event: Any) -> None:
        self.told.add((event["kind"], event["partition"]))
        self.items.append(shapes.RunEvent(id=len(self.items) + 1, **event))


def _kind(deed: Deed) -> str:
    if deed.result == "failed":
        return "blocked" if deed.sqlstate in LOCKED else "failed"
    if deed.result == "skipped":
        return "skipped"
    return PAST.get(deed.kind, deed.kind)
