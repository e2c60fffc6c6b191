"""How a run is told: by whom it was, and what became of its tables."""

from __future__ import annotations

import getpass
import socket
from typing import TYPE_CHECKING, Any, cast

import psycopg
from attrs import frozen

from partman_core.errors import PartmanError, Unreachable
from partman_core.executor.outcome import exit_code_for, hint_for, one_line
from partman_core.report import TableReport

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from partman_core.engine.survey import View
    from partman_core.model import Event
    from partman_core.naming import Name
    from partman_core.plan import Finding, TablePlan
    from partman_core.plugins import Plugins
    from partman_core.report import Report

FAILURES = frozenset({1, 3, 4, 5, 8})
"""Exit codes of what a person should look at."""


def actor() -> str:
    """Name who runs this, for the history: user and host."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = "unknown"
    return f"{user}@{socket.gethostname()}"


@frozen(kw_only=True)
class Asker:
    """Whoever wants a run, where that is somebody else than who runs this.

    :param name: for the history.
    :param hear: is told of the run's events, as the hook ``partman_event`` is, and
        must not raise; None: nobody listens.
    """

    name: str
    hear: Callable[[Event], None] | None = None


@frozen
class _Heard:
    """An engine's plugins, and one listener more."""

    _plugins: Plugins
    _hear: Callable[[Event], None]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._plugins, name)

    def announce(self, event: Event) -> None:
        """Tell every listener."""
        self._hear(event)
        self._plugins.announce(event)


def heard(plugins: Plugins, asker: Asker | None) -> Plugins:
    """Return plugins of which the asker is one as far as events go."""
    if asker is None or asker.hear is None:
        return plugins
    return cast("Plugins", _Heard(plugins, asker.hear))


def nothing(view: View) -> TableReport:
    """Return the report of a table where nothing is due."""
    findings = view.plan.findings if view.plan else ()
    return TableReport(table=view.declared.name, findings=findings)


def left(view: View) -> TableReport:
    """Return the report of a table that the run did not come to."""
    return TableReport(
        table=view.declared.name, skipped="interrupted before its turn; run again"
    )


def failure(name: Name, error: Exception, *, lost: bool = False) -> TableReport:
    """Return the report of a table that could not be served.

    :param lost: whether the session is gone.
    """
    hint: str | None = "this is a bug in partman; please report it"
    code = PartmanError.exit_code
    if isinstance(error, PartmanError):
        hint, code = error.hint, error.exit_code
    elif lost:
        hint, code = "the connection is gone; run again", Unreachable.exit_code
    elif isinstance(error, psycopg.Error):
        hint, code = hint_for(error), exit_code_for(error)
    return TableReport(table=name, error=one_line(error), hint=hint, error_code=code)


def news(plan: TablePlan, report: TableReport) -> tuple[Finding, ...]:
    """Return what is found after a run, but for what its failures say already.

    What leaves a publication was found before, and is told where it has left.

    :param plan: what would be done now.
    :param report: with what was found before the run.
    """
    failed = {str(operation.name) for operation in report.of("failed")}
    done = {str(operation.name) for operation in report.of("done")}
    after = [
        found
        for found in plan.findings
        if found.code != "half-detached" or not failed.issuperset(_about(found))
    ]
    return (*after, *(found for found in report.findings if _has_left(found, done)))


def _has_left(found: Finding, done: set[str]) -> bool:
    return found.code == "publication" and not done.isdisjoint(_about(found))


def _about(found: Finding) -> Iterable[str]:
    names: Iterable[str] = found.data.get("partitions", ())
    return names


def outcome(made: Report) -> tuple[str, str | None]:
    """Return how a run ended, for the history: in a word, and why."""
    failed = [table for table in made.tables if table.exit_code in FAILURES]
    why = "; ".join(map(_why, failed)) or None
    if made.interrupted:
        return "interrupted", why
    return ("failed" if failed else "done"), why


def _why(table: TableReport) -> str:
    if table.error:
        return f"{table.table}: {table.error}"
    failed = [out.message for out in table.outcomes if out.result == "failed"]
    findings = [found.message for found in table.findings if found.exit_code]
    return f"{table.table}: {next(iter([*failed, *findings]), 'failed')}"
