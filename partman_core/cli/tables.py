"""``partman tables``: list what is managed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from partman_core.cli import options

if TYPE_CHECKING:
    from partman_core.cli.state import State
    from partman_core.model import Table
    from partman_core.naming import Name


@click.command()
@options.json_option
@click.pass_obj
def tables(state: State, as_json: bool) -> None:
    """List the managed tables."""
    managed = state.engine.managed_tables()
    found = _keys(state) if any(one.partition_by is None for one in managed) else {}
    entries = [_entry(one, one.partition_by or found.get(one.name)) for one in managed]
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


def _keys(state: State) -> dict[Name, str]:
    """Return the key columns of the managed tables, as the database has them."""
    from partman_core.engine.opening import Opener
    from partman_core.engine.survey import Surveyor
    from partman_core.pg import catalog

    schema, plugins = state.engine.schema, state.plugins
    opener = Opener(target=state.target, schema=schema, plugins=plugins, clock=None)
    with opener.session() as opened:
        declared = Surveyor(schema=schema, plugins=plugins).declared(opened)
        oids = [one.oid for one in declared if not one.missing]
        trees = catalog.trees(opened.conn, schema, oids) if oids else {}
    return {
        one.name: ", ".join(column.label for column in trees[one.oid].key.columns)
        for one in declared
        if one.oid in trees
    }


def _entry(table: Table, key: str | None) -> dict[str, Any]:
    return {
        "table": str(table.name),
        "partition_type": table.strategy.kind,
        "partition_by": key,
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
