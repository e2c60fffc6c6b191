"""``partman partitions``: list a table's partitions."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from partman_core.cli import options

if TYPE_CHECKING:
    from partman_core.cli.state import State
    from partman_core.model import Partition


@click.command()
@options.table_argument
@options.json_option
@click.pass_obj
def partitions(state: State, table: str, as_json: bool) -> None:
    """List TABLE's partitions, with bounds and sizes as PostgreSQL estimates them."""
    from partman_core.cli import words

    entries = [_entry(one) for one in state.engine.partitions(table)]
    if as_json:
        state.out.envelope("partitions", {"table": table, "partitions": entries})
        return
    rows = [
        (
            entry["partition"],
            *words.edges(entry["bounds"]),
            words.count(entry["rows"]),
            words.size(entry["bytes"]),
            entry["state"],
        )
        for entry in entries
    ]
    columns = ("PARTITION", "FROM", "TO", "ROWS", "SIZE", "STATE")
    state.out.table(columns, rows, right="ROWS SIZE", spare="ROWS")


def _entry(one: Partition) -> dict[str, Any]:
    from partman_core import bounds

    return {
        "partition": str(one.name),
        "bounds": None if one.bounds is None else bounds.to_json(one.bounds),
        "clause": None if one.bounds is None else bounds.clause(one.bounds),
        "kind": one.kind,
        "rows": one.rows,
        "bytes": one.bytes,
        "managed": one.ours,
        "state": _state(one),
        "hold_until": one.hold_until and one.hold_until.isoformat(),
        "hold_reason": one.hold_reason,
    }


def _state(one: Partition) -> str:
    if one.pending:
        return "half-detached"
    if one.locked:
        return "locked"
    if one.hold_until is not None and one.hold_until > datetime.now(UTC):
        return "held"
    return "managed" if one.ours else "not ours"
