"""How background maintenance is doing: for pages, probes and those who wait."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import frozen

if TYPE_CHECKING:
    from datetime import datetime

    from partman_core.report import Report


@frozen(kw_only=True)
class Background:
    """Background maintenance at one moment; all moments are of this host's clock.

    :param rhythm: how often, as in ``every 1 hour``.
    :param since: when it was started.
    :param is_on: whether it goes on; else it was stopped.
    :param passes: how many have begun.
    :param running: since when each pass that is on now has been.
    :param left_out: how many were due while there was no room for them.
    :param next_at: when the next one begins; None: never.
    :param last_ended: when a pass last ended; None: none has.
    :param last_report: the last report that a pass made.
    :param last_error: why the pass that ended last made none; None: it made one.
    :param away: how many passes in a row have not reached the server.
    """

    rhythm: str
    since: datetime
    is_on: bool = False
    passes: int = 0
    running: tuple[datetime, ...] = ()
    left_out: int = 0
    next_at: datetime | None = None
    last_ended: datetime | None = None
    last_report: Report | None = None
    last_error: BaseException | None = None
    away: int = 0

    @property
    def is_ready(self) -> bool:
        """Whether it is on, and the pass that ended last could do its work."""
        return self.is_on and self.last_ended is not None and self.last_error is None

    def to_json(self) -> dict[str, Any]:
        """Return it as plain JSON."""
        report, error = self.last_report, self.last_error
        return {
            "rhythm": self.rhythm,
            "is_on": self.is_on,
            "is_ready": self.is_ready,
            "since": self.since.isoformat(),
            "passes": self.passes,
            "running": [moment.isoformat() for moment in self.running],
            "left_out": self.left_out,
            "next_at": self.next_at and self.next_at.isoformat(),
            "last_ended": self.last_ended and self.last_ended.isoformat(),
            "last_report": report and report.to_json(),
            "last_error": error and str(error),
            "away": self.away,
        }
