"""``partman apply``: do what the plan says."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, TextIO

import click

from partman_core.cli import options
from partman_core.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from partman_core.cli.state import State
    from partman_core.plan import Plan


@click.command()
@options.tables_argument
@click.option(
    "--plan",
    "saved",
    type=click.File(encoding="utf-8"),
    metavar="FILE",
    help="Apply this saved plan, and only if it still holds; - reads it from stdin.",
)
@click.option(
    "-y",
    "--yes",
    "--drop",
    "agreed",
    is_flag=True,
    help="Do not ask before partitions are detached, moved or dropped.",
)
@options.max_drops_option
@options.json_option
@click.pass_obj
def apply(  # noqa: PLR0913 - one for each flag
    state: State,
    /,
    *,
    tables: tuple[str, ...],
    saved: TextIO | None,
    agreed: bool,
    max_drops: int | None,
    as_json: bool,
) -> int:
    """Do what the plan says.

    Each table's part is planned again under its claim, and done if it is still
    the same.  A plan that takes partitions out is asked about before, or needs
    --yes (--drop is the same).
    """
    if saved and tables:
        raise click.UsageError("give TABLE or --plan, not both: the plan names them")
    from partman_core.cli import ending

    made: Plan | dict[str, Any]
    if saved:
        made = body = _read(saved)
    else:
        made = state.engine.plan(*tables, max_drops=max_drops)
        body = made.to_json()
    _show(state, body, as_json=as_json)
    if not agreed and (doomed := _doomed(body)):
        options.agree(f"{doomed} to be taken out or dropped. Do it?", "--yes or --drop")
    with state.working() as engine:
        report, told = ending.in_good_order(
            lambda stop: engine.apply(made, max_drops=max_drops, stop=stop)
        )
    options.show_report(state.out, report, command="apply", as_json=as_json)
    return ending.exit_code(report, told=told)


def _read(file: TextIO) -> dict[str, Any]:
    """Read a saved plan.

    :raises ConfigError: it is none, or none that we can read.
    """
    try:
        body = json.load(file)
    except UnicodeDecodeError as error:
        raise _no_plan(file, "it is no text") from error
    except (ValueError, RecursionError) as error:
        raise _no_plan(file, f"it is no JSON: {error}") from error
    if not (isinstance(body, dict) and "hash" in body and "tables" in body):
        raise _no_plan(file, "it is JSON, but of something else")
    if body.get("version") != 1:
        told = f"it has version {body.get('version')!r}, and only 1 is known"
        raise _no_plan(file, told)
    try:
        _said(body)
        _doomed(body)
    except (LookupError, TypeError, AttributeError, ValueError) as error:
        told = f"it is damaged: {type(error).__name__}: {error}"
        raise _no_plan(file, told) from error
    return body


def _no_plan(file: TextIO, why: str) -> ConfigError:
    name = "what stdin gave" if file.name == "<stdin>" else file.name
    return ConfigError(
        f"{name} is not a saved plan: {why}",
        hint="`partman plan -o FILE` saves one",
        code="not-a-plan",
    )


def _said(body: Mapping[str, Any]) -> list[str]:
    from partman_core.cli.words import plan_lines

    return list(plan_lines(body, lambda text, _: text))


def _show(state: State, body: Mapping[str, Any], *, as_json: bool) -> None:
    """Show the plan first: to the person that is asked, not to programs."""
    if not as_json:
        for line in _said(body):
            state.out.note(line)


def _doomed(body: Mapping[str, Any]) -> str:
    """Say how many partitions would be destroyed; empty if none."""
    from partman_core.cli.words import operations_of

    destroys = {"detach", "finalize", "move", "drop"}
    names = {e["partition"] for e in operations_of(body) if e["kind"] in destroys}
    if not names:
        return ""
    return "1 partition is" if len(names) == 1 else f"{len(names)} partitions are"
