"""``partman plugins``: list the plugins, what they take part in, and their commands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from partman_core.cli import options, outside

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

    from partman_core.cli.state import State
    from partman_core.errors import PluginError
    from partman_core.plugins import PluginInfo


@click.command()
@options.json_option
@click.pass_obj
def plugins(state: State, as_json: bool) -> int:
    """List the plugins and their commands: version, source, hooks, failures.

    Exits with 4 if one is broken.
    """
    from partman_core.cli.app import COMMANDS

    listed = state.plugins.listed()
    commands = outside.told(COMMANDS, state.plugins.without)
    broken = [one for one in listed if one.failure]
    code = 4 if broken or any(error for _, error in commands) else 0
    if as_json:
        found = {
            "plugins": [_entry(one) for one in listed],
            "commands": [_command(*one) for one in commands],
        }
        state.out.envelope("plugins", found)
        return code
    columns = ("PLUGIN", "VERSION", "SOURCE", "HOOKS", "FAILURE")
    rows = [*map(_row, listed), *(_command_row(*one) for one in commands)]
    state.out.table(columns, rows, fold="HOOKS FAILURE")
    for one in broken:
        state.out.note(
            f"{one.name} is broken: until it is repaired or left out "
            f"(--without {one.name}) nothing is detached, moved or dropped"
        )
    for point, error in commands:
        if error is not None:
            state.out.note(f"the command {point.name}: {error.hint}")
    return code


def _command(point: EntryPoint, error: PluginError | None) -> dict[str, Any]:
    return {
        "name": point.name,
        "version": point.dist.version if point.dist else None,
        "source": outside.distribution(point),
        "failure": error.message if error else None,
    }


def _entry(one: PluginInfo) -> dict[str, Any]:
    return {
        "name": one.name,
        "version": one.version,
        "source": one.source,
        "hooks": list(one.hooks),
        "left_out": one.left_out,
        "failure": one.failure,
    }


def _row(one: PluginInfo) -> tuple[str, ...]:
    return (
        one.name,
        one.version or "",
        one.source,
        " ".join(hook.removeprefix("partman_") for hook in one.hooks),
        "left out" if one.left_out else _one_line(one.failure),
    )


def _command_row(point: EntryPoint, error: PluginError | None) -> tuple[str, ...]:
    entry = _command(point, error)
    shown = (entry["name"], entry["version"] or "", entry["source"], "(a command)")
    return (*shown, _one_line(entry["failure"]))


def _one_line(text: str | None) -> str:
    return " ".join((text or "").split())
