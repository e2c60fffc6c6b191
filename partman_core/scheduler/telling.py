"""What background maintenance writes into the log: a quiet pass is one line."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Literal

from attrs import field, frozen

from partman_core.errors import ConfigError, PartmanError, Unreachable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from partman_core.report import Report, Result, TableReport

PARTS: Mapping[Result, str] = {"done": "done", "failed": "failed", "skipped": "left"}
"""The results of operations, as they are counted in a line."""


@frozen
class Line:
    """One line of the log.

    :param data: for programs.
    :param error: whose traceback belongs to it.
    """

    level: Literal["info", "warning", "error"]
    text: str
    data: Mapping[str, Any] = field(factory=dict)
    error: BaseException | None = None


def is_away(report: Report | None, error: BaseException | None) -> bool:
    """Say whether a pass did not reach a server that can be written to.

    A standby counts: after a failover it is the primary in a moment.
    """
    if isinstance(error, ConfigError) and error.code == "standby":
        return True
    tables = () if report is None else report.tables
    gone = any(table.exit_code == Unreachable.exit_code for table in tables)
    return isinstance(error, Unreachable) or gone


def begun(rhythm: str) -> Line:
    """Say that it begins."""
    return Line("info", f"maintenance in the background, {rhythm}", _event("started"))


def left_out(running: int) -> Line:
    """Say that a pass was due and did not begin."""
    text = f"a pass was due and is left out: {running} are still on"
    return Line("warning", text, _event("pass-left-out", running=running))


def overdue(seconds: float | None) -> Line:
    """Say that a pass has taken too long."""
    text = f"the pass has had its {seconds:g} s and is told to end"
    return Line("warning", text, _event("pass-overdue", max_seconds=seconds))


def ended(
    report: Report | None,
    error: BaseException | None,
    seconds: float,
    left: float | None,
) -> Iterator[Line]:
    """Say how a pass ended.

    :param error: why it made no report; None as well: it was stopped before.
    :param seconds: how long it took.
    :param left: seconds until the next one; None: there is none.
    """
    data = {"seconds": round(seconds, 3), "next_in": left and round(left, 1)}
    if report is not None:
        yield from map(_trouble, (t for t in report.tables if t.error))
        yield _summed(report, seconds, left, data)
    elif error is None:
        yield Line("info", "the pass was stopped", _event("pass-stopped", **data))
    elif is_away(None, error):
        text = f"{_sentence(error)}{_next(left, 'tried again')}"
        yield Line("warning", text, _event("server-away", **data))
    else:
        known = isinstance(error, PartmanError)
        text = f"the pass failed: {_sentence(error)}{_next(left)}"
        event = _event("pass-failed", **data)
        yield Line("error", text, event, None if known else error)


def broken(error: BaseException) -> Line:
    """Say that it has a fault of its own, and goes on."""
    text = f"maintenance in the background has a bug: {_sentence(error)}"
    return Line("error", text, _event("bug"), error)


def stopped(*, clean: bool) -> Line:
    """Say that it is over."""
    if clean:
        return Line("info", "maintenance has stopped", _event("stopped"))
    text = "maintenance was stopped, and a pass did not end in time"
    return Line("warning", text, _event("stopped"))


def _summed(
    report: Report, seconds: float, left: float | None, data: Mapping[str, Any]
) -> Line:
    counts = {
        word: Counter(operation.kind for operation in report.of(result))
        for result, word in PARTS.items()
    }
    told = [f"{word} {_counted(kinds)}" for word, kinds in counts.items() if kinds]
    skipped = sum(bool(table.skipped) for table in report.tables)
    if skipped:
        told.append(f"{skipped} left out: another is at work there")
    found = sum(bool(f.exit_code) for table in report.tables for f in table.findings)
    if found:
        told.append(f"{found} to look at: partman check")
    how = _how(report)
    what = ", ".join(told) or "nothing had to be done"
    run = "the pass" if report.run is None else f"run {report.run}"
    text = f"{run} {how} in {seconds:.1f} s: {what}{_next(left)}"
    event = _event(
        "pass-ended", run=report.run, result=how, tables=len(report.tables),
        findings=found, **{word: sum(kinds.values()) for word, kinds in counts.items()},
        **data,
    )  # fmt: skip
    return Line("warning" if report.exit_code else "info", text, event)


def _how(report: Report) -> str:
    if report.interrupted:
        return "was interrupted"
    failed = report.of("failed") or any(table.error for table in report.tables)
    return "failed" if failed else "was done"


def _counted(kinds: Counter[str]) -> str:
    return ", ".join(f"{count} × {kind}" for kind, count in kinds.items())


def _trouble(table: TableReport) -> Line:
    hint = f" (hint: {table.hint})" if table.hint else ""
    name = str(table.table)
    return Line("error", f"{name}: {table.error}{hint}", _event("failed", table=name))


def _event(kind: str, **data: Any) -> dict[str, Any]:
    return {"event": kind, **data}


def _sentence(error: BaseException) -> str:
    if not isinstance(error, PartmanError):
        return f"{type(error).__name__}: {error}"
    return f"{error.message} (hint: {error.hint})" if error.hint else error.message


def _next(left: float | None, what: str = "next one") -> str:
    """Say when it goes on, to the second where that matters."""
    if left is None:
        return ""
    minutes = left / 60
    for short, long, text in (
        (left, 90, f"{left:.0f} s"),
        (minutes, 90, f"{minutes:.0f} min"),
        (minutes / 60, 48, f"{minutes / 60:.0f} h"),
    ):
        if short <= long:
            return f"; {what} in {text}"
    return f"; {what} in {minutes / 60 / 24:.0f} days"
