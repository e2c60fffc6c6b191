"""What a run did, did not do, and could not do: always told, also on failure."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from attrs import field, frozen

from partman_core.errors import gravest
from partman_core.plan import described, found_json, summary

if TYPE_CHECKING:
    from partman_core.naming import Name
    from partman_core.plan import Finding, Operation

Result = Literal["done", "failed", "skipped"]


@frozen(kw_only=True)
class Outcome:
    """What became of one operation.

    :param seconds: how long it took.
    :param message: why it failed or was skipped.
    :param hint: the way out.
    :param sqlstate: PostgreSQL's code, where PostgreSQL refused it.
    :param exit_code: what it means for the run's exit code.
    """

    operation: Operation
    result: Result
    seconds: float = 0.0
    message: str | None = None
    hint: str | None = None
    sqlstate: str | None = None
    exit_code: int = 0


@frozen(kw_only=True)
class TableReport:
    """What became of one table in a run.

    :param outcomes: one for each operation, in the order of the run.
    :param error: why the table as a whole could not be served.
    :param skipped: why the table was left out, where that is no failure.
    :param runway: the sentence of the table's health about its runway.
    """

    table: Name
    outcomes: tuple[Outcome, ...] = ()
    findings: tuple[Finding, ...] = ()
    error: str | None = None
    hint: str | None = None
    error_code: int = 0
    skipped: str | None = None
    runway: str | None = None

    def of(self, result: Result) -> tuple[Operation, ...]:
        """Return the operations with this result."""
        return tuple(out.operation for out in self.outcomes if out.result == result)

    @property
    def exit_code(self) -> int:
        """The gravest of what happened here."""
        codes = [out.exit_code for out in self.outcomes]
        return gravest([*codes, self.error_code, *(f.exit_code for f in self.findings)])


@frozen(kw_only=True)
class Report:
    """What one run did.

    :param run: its number in the history; None if nothing could be written.
    :param started_at: by the run's clock.
    :param interrupted: whether it was told to stop before its end.
    """

    run: int | None
    command: str
    started_at: datetime
    tables: tuple[TableReport, ...] = ()
    interrupted: bool = False
    findings: tuple[Finding, ...] = field(default=())

    @property
    def exit_code(self) -> int:
        """The gravest of its tables' exit codes."""
        own = (found.exit_code for found in self.findings)
        return gravest([*own, *(table.exit_code for table in self.tables)])

    def of(self, result: Result) -> tuple[Operation, ...]:
        """Return the operations with this result, over all tables."""
        return tuple(op for table in self.tables for op in table.of(result))

    def __str__(self) -> str:
        """Return the report as a person reads it, without colours."""
        return "\n".join(_lines(self))

    def to_json(self) -> dict[str, Any]:
        """Return the report as plain JSON."""
        return {
            "version": 1,
            "run": self.run,
            "command": self.command,
            "started_at": self.started_at.isoformat(),
            "interrupted": self.interrupted,
            "exit_code": self.exit_code,
            "findings": [found_json(found) for found in self.findings],
            "tables": [_table_json(table) for table in self.tables],
        }


def _table_json(table: TableReport) -> dict[str, Any]:
    return {
        "table": str(table.table),
        "error": table.error,
        "hint": table.hint,
        "skipped": table.skipped,
        "runway": table.runway,
        "findings": [found_json(found) for found in table.findings],
        "operations": [
            described(out.operation)
            | {
                "result": out.result,
                "seconds": round(out.seconds, 4),
                "message": out.message,
                "hint": out.hint,
                "sqlstate": out.sqlstate,
            }
            for out in table.outcomes
        ],
    }


SIGNS = {"done": "ok", "failed": "FAILED", "skipped": "skipped"}


def _lines(report: Report) -> list[str]:
    lines: list[str] = []
    for table in report.tables:
        lines += _table_lines(table)
    done, failed = report.of("done"), report.of("failed")
    if done:
        lines.append(f"Done: {_past(done)}.")
    elif report.interrupted or any(_kept_from(part) for part in report.tables):
        lines.append("Nothing was done.")
    else:
        lines.append("Nothing had to be done.")
    if failed:
        lines.append(f"Failed: {_past(failed)}.")
    if report.interrupted:
        lines.append("Interrupted: run again to finish the rest.")
    return lines


def _kept_from(table: TableReport) -> bool:
    """Say whether a table was kept from what was due."""
    return bool(table.skipped or table.exit_code or table.of("skipped"))


def _past(operations: tuple[Operation, ...]) -> str:
    return summary(operations).replace(" to ", " × ")


def _table_lines(table: TableReport) -> list[str]:
    lines = [str(table.table)]
    if table.error:
        lines.append(f"  FAILED  {table.error}")
    if table.hint:
        lines.append(f"          hint: {table.hint}")
    if table.skipped:
        lines.append(f"  skipped  {table.skipped}")
    for out in table.outcomes:
        why = "" if out.message is None else f"  {out.message}"
        code = "" if out.sqlstate is None else f" [{out.sqlstate}]"
        op = out.operation
        lines.append(f"  {SIGNS[out.result]:<8}{op.kind:<9}{op.name}{why}{code}")
        if out.hint:
            lines.append(f"          hint: {out.hint}")
    lines += [f"  ! {f.severity}[{f.code}]: {f.message}" for f in table.findings]
    if table.runway:
        lines.append(f"  {table.runway}")
    return lines
