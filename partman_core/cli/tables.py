"""``partman tables``: list what is managed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from partman_core.cli import options

if TYPE_CHECKING:
    from partman_core.cli.state import State
    from partman_core.model import Table


@click.command()
@options.json_option
@click.pass_obj
def tables(state: State, as_json: bool) -> None:
    """List the managed tables."""
    entries = [_entry(table) for table in state.engine.managed_tables()]
    if as_json:
        state.out.envelope("tables", {"tables": entries})
        return
    if not entries:
        state.out.note("no table is managed yet; try: partman register TABLE --help")
    state.out.table(
        ("TABLE", "TYPE", "KEY", "INTERVAL", "KEPT", "ORIGIN", "STATE"),
        map(_row, entries),
        spare="TYPE ORIGIN",
    )


def _entry(table: Table) -> dict[str, Any]:
    return {
        "table": str(table.name),
        "partition_type": table.strategy.kind,
        "partition_by": table.partition_by,
        "settings": dict(table.settings),
        "origin": table.origin,
        "paused": table.paused,
        "requires": list(table.requires),
    }


def _row(entry: dict[str, Any]) -> tuple[str, ...]:
    settings = entry["settings"]
    return (
        entry["table"],
        entry["partition_type"],
        entry["partition_by"] or "",
        str(settings.get("partition_interval", "")),
        _kept(settings),
        entry["origin"],
        "paused" if entry["paused"] else "active",
    )


def _kept(settings: dict[str, Any]) -> str:
    parts = [str(settings.get("retention_period", ""))]
    if "retention_count" in settings:
        parts.append(f"{settings['retention_count']} partitions")
    return " and ".join(filter(None, parts)) or "for ever"
