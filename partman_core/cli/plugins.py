"""``partman plugins``: list the plugins and what they take part in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from partman_core.cli import options

if TYPE_CHECKING:
    from partman_core.cli.state import State
    from partman_core.plugins import PluginInfo


@click.command()
@options.json_option
@click.pass_obj
def plugins(state: State, as_json: bool) -> int:
    """List the plugins: version, source, hooks, failures.

    Exits with 4 if one is broken.
    """
    listed = state.plugins.listed()
    broken = [one for one in listed if one.failure]
    if as_json:
        state.out.envelope("plugins", {"plugins": [_entry(one) for one in listed]})
        return 4 if broken else 0
    columns = ("PLUGIN", "VERSION", "SOURCE", "HOOKS", "FAILURE")
    state.out.table(columns, map(_row, listed), fold="HOOKS FAILURE")
    for one in broken:
        state.out.note(
            f"{one.name} is broken: until it is repaired or left out "
            f"(--without {one.name}) nothing is detached, moved or dropped"
        )
    return 4 if broken else 0


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
        "left out" if one.left_out else " ".join((one.failure or "").split()),
    )
