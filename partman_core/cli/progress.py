"""A live line on the terminal while an engine works."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from rich.console import Console

from partman_core.hookspecs import hookimpl

if TYPE_CHECKING:
    from types import TracebackType

    from partman_core.model import Event


class Progress:
    """A plugin that shows on stderr what was done last, and how much so far."""

    def __init__(self) -> None:
        self._done = 0
        self._status: Any = Console(stderr=True).status("connecting")

    def __enter__(self) -> Self:
        """Begin to show it."""
        self._status.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Take the line away."""
        self._status.stop()

    @hookimpl
    def partman_event(self, event: Event) -> None:
        """Show *event*."""
        from rich.markup import escape

        if event.partition is not None:
            self._done += 1
        what = event.partition or event.table or ""
        line = f"{self._done} done  {event.kind.replace('-', ' ')}  {what}"
        self._status.update(escape(line.rstrip()))
