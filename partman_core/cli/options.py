"""Options and arguments that several commands share."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from partman_core.cli import failing

if TYPE_CHECKING:
    from collections.abc import Callable

    from partman_core.cli.output import Output
    from partman_core.cron import Cron
    from partman_core.interval import Interval
    from partman_core.report import Report


class Moment(click.ParamType[datetime]):
    """A moment as ISO 8601 writes it; without an offset it is UTC."""

    name = "moment"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        """Read it."""
        if isinstance(value, datetime):
            return value
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is no moment; one is 2026-11-24T09:00Z", param, ctx)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


class Length(click.ParamType["Interval"]):
    """A length of time, as in ``1h``."""

    name = "interval"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Interval:
        """Read it."""
        from partman_core.interval import Interval

        try:
            return Interval.parse(value)
        except ValueError as error:
            self.fail(f"{error}; it is written as 15m, 1h or '1 day'", param, ctx)


class CronExpression(click.ParamType["Cron"]):
    """When something is due by the calendar, as cron has it."""

    name = "expression"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Cron:
        """Read it."""
        from partman_core.cron import Cron

        try:
            return Cron.parse(str(value))
        except ValueError as error:
            self.fail(f"{error}; '15 * * * *' is a quarter past each hour", param, ctx)


tables_argument = click.argument("tables", nargs=-1, metavar="[TABLE]...")
table_argument = click.argument("table", metavar="TABLE")
json_option = click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="Print JSON for programs; an error is one line of it, on stderr.",
)
dry_run_option = click.option(
    "--dry-run", is_flag=True, help="Show what would be done; change nothing."
)
now_option = click.option(
    "--now", type=Moment(), help="Judge as if it were then, e.g. 2026-12-01T00:00Z."
)
max_drops_option = click.option(
    "--max-drops",
    type=click.IntRange(min=1),
    help="Retire up to this many partitions of a table.  [default: half of them]",
)


def yes_option(text: str) -> Callable[[Any], Any]:
    """Make the option ``--yes``."""
    return click.option("-y", "--yes", is_flag=True, help=text)


def agree(question: str, flag: str) -> None:
    """Ask before something that cannot be undone.

    :param flag: the option that answers it beforehand.
    :raises click.UsageError: nobody is there to be asked.
    :raises Declined: the answer was no, or none.
    """
    if not sys.stdin.isatty():
        raise click.UsageError(
            f"{question} This needs {flag}, as nobody is at the terminal to be asked",
            ctx=click.get_current_context(silent=True),
        )
    ask(question)


def ask(question: str) -> None:
    """Ask the person at the terminal.

    :raises Declined: the answer was no, or none.
    """
    try:
        click.confirm(question, abort=True, err=True)
    except click.Abort:
        raise failing.Declined from None


def show_report(
    out: Output, report: Report, *, command: str, as_json: bool = False
) -> int:
    """Print what a run did; return its exit code."""
    from partman_core.cli.words import report_lines

    body = report.to_json()
    if as_json:
        out.envelope(command, body)
    else:
        for line in report_lines(body, out.paint):
            out.say(line)
    return failing.stop_code() if report.interrupted else report.exit_code
