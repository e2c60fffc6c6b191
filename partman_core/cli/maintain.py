"""``partman maintain``: do everything that is due."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from partman_core.cli import options

if TYPE_CHECKING:
    from partman_core.cli.state import State


@click.command()
@options.tables_argument
@options.max_drops_option
@options.json_option
@click.pass_obj
def maintain(
    state: State, tables: tuple[str, ...], max_drops: int | None, as_json: bool
) -> int:
    """Do what is due: create what will be needed, retire what is over.

    Never asks: only a table with retention configured has something taken out.
    A table that another process works on is left to it.
    """
    with state.working() as engine:
        report = engine.maintain(*tables, max_drops=max_drops)
    return options.show_report(state.out, report, command="maintain", as_json=as_json)
