"""``partman maintain``: do everything that is due, once or again and again."""

from __future__ import annotations

from contextlib import nullcontext
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from partman_core.cli import options

if TYPE_CHECKING:
    from partman_core.cli.state import State
    from partman_core.config.file import Maintenance
    from partman_core.cron import Cron
    from partman_core.interval import Interval


@click.command()
@options.tables_argument
@click.option(
    "--every",
    type=options.Length(),
    help="Go on as a service: a pass at once, then one every so often, e.g. 1h.",
)
@click.option(
    "--cron",
    type=options.CronExpression(),
    help="Go on as a service: a pass at once, then when cron has it, in UTC.",
)
@click.option(
    "--service",
    is_flag=True,
    help="Go on as a service, as [maintenance] in the settings file says.",
)
@click.option(
    "--workers",
    type=click.IntRange(min=1),
    help="Serve this many tables at the same time.  [default: 2]",
)
@click.option(
    "--max-seconds",
    type=click.IntRange(min=1),
    help="End a pass in good order after so long.  [default: never]",
)
@options.max_drops_option
@click.option(
    "--log-format",
    type=click.Choice(["text", "json"]),
    envvar="PARTMAN_LOG_FORMAT",
    help="Show the log on stderr, one event a line.  [default, as a service: text]",
)
@options.json_option
@click.pass_obj
def maintain(  # noqa: PLR0913 - one for each flag
    state: State,
    /,
    *,
    tables: tuple[str, ...],
    every: Interval | None,
    cron: Cron | None,
    service: bool,
    log_format: str | None,
    as_json: bool,
    **limits: Any,
) -> int:
    """Do what is due: create what will be needed, retire what is over.

    Never asks: only a table with retention configured has something taken out.
    A table that another process works on is left to it.

    Once, and then it ends; with --every, --cron or --service it goes on until a
    signal comes.  A signal ends a pass in good order: 20 s are for a hook that runs.
    """
    said = _settings(state)
    limits["workers"] = limits["workers"] or said.workers
    limits["max_seconds"] = limits["max_seconds"] or said.max_seconds
    if not (every or cron or service):
        return _once(state, tables, log_format, as_json=as_json, **limits)
    if every and cron:
        raise click.UsageError("give --every or --cron, not both")
    if as_json:
        raise click.UsageError("--json is for one pass; a service has --log-format")
    if not (every or cron):
        every, cron = said.every, _cron(said)
    return _on_and_on(
        state, log_format or "text", *tables,
        every=every, cron=cron and str(cron), **limits,
    )  # fmt: skip


def _once(
    state: State,
    tables: tuple[str, ...],
    log_format: str | None,
    *,
    as_json: bool,
    max_seconds: int | None,
    **limits: Any,
) -> int:
    from partman_core.cli import ending, logs

    log = logs.shown(log_format, quiet=state.out.quiet) if log_format else nullcontext()
    with log, state.working() as engine:
        run = partial(engine.maintain, *tables, **limits)
        report, told = ending.in_good_order(lambda stop: run(stop=stop), max_seconds)
    options.show_report(state.out, report, command="maintain", as_json=as_json)
    return ending.exit_code(report, told=told)


def _on_and_on(state: State, log_format: str, *tables: str, **rhythm: Any) -> int:
    from partman_core.cli import logs, service

    with logs.shown(log_format, quiet=state.out.quiet):
        start = partial(state.engine.start, *tables, **rhythm)
        return service.serve(state.engine, start)


def _settings(state: State) -> Maintenance:
    from partman_core.config.file import Maintenance

    return state.settings.maintenance if state.settings else Maintenance()


def _cron(said: Maintenance) -> Cron | None:
    from partman_core.cron import Cron

    return None if said.cron is None else Cron.parse(said.cron)
