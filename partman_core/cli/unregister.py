"""``partman unregister``: let go of a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from partman_core.cli import options

if TYPE_CHECKING:
    from partman_core.cli.state import State


@click.command()
@options.table_argument
@options.yes_option("Do not ask.")
@options.json_option
@click.pass_obj
def unregister(state: State, table: str, yes: bool, as_json: bool) -> None:
    """Let go of a table: its partitions and rows stay, nobody maintains it."""
    if not yes:
        options.agree(f"{table} would no longer be maintained. Do it?", "--yes")
    done = state.engine.unregister(table)
    if as_json:
        state.out.envelope("unregister", {"table": str(done.table)})
    else:
        state.out.say(f"{done.table}: no longer managed; its partitions stay")
