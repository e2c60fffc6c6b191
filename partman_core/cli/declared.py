"""The tables of a settings file, beside those of the registry."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from partman_core.cli.state import State
    from partman_core.model import Table


def declared(state: State) -> tuple[Table, ...]:
    """Return the tables of the settings file, typed.

    :raises ConfigError: all mistakes of the whole file.
    """
    from partman_core.config.file import read_tables

    if state.file is None:
        return ()
    _, tables = read_tables(state.file, state.plugins)
    return tables


def differing(state: State, managed: Sequence[Table]) -> list[str]:
    """Say where the settings file differs from the registry, a sentence each."""
    from partman_core.config import difference

    told = []
    for table in declared(state):
        same = [one for one in managed if _is_called(one, table)]
        if not same:
            told.append(f"{table.name} is in {state.file}, but not registered")
        elif changes := difference(same[0].settings, table.settings):
            keys = ", ".join(change.key for change in changes)
            told.append(f"{table.name} differs from {state.file} in {keys}")
    return told


def _is_called(managed: Table, table: Table) -> bool:
    """Compare names; one without a schema in the file means any."""
    if managed.name.relation != table.name.relation:
        return False
    return table.name.schema in (None, managed.name.schema)
