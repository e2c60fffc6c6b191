"""``partman bin``: list what retention has taken out and nobody has dropped yet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from partman_core.cli import options

if TYPE_CHECKING:
    from partman_core.cli.state import State
    from partman_core.engine import InBin


@click.command("bin")
@options.tables_argument
@options.json_option
@click.pass_obj
def contents(state: State, tables: tuple[str, ...], as_json: bool) -> None:
    """List what retention has taken out and nobody has dropped yet.

    `partman attach` brings a partition back; `partman hold` keeps it from being
    dropped.
    """
    found = state.engine.bin(*tables)
    if as_json:
        state.out.envelope("bin", {"partitions": [_entry(one) for one in found]})
        return
    if not found:
        state.out.note("the bin is empty")
    columns = (
        "PARTITION", "TABLE", "FROM", "TO", "ROWS", "SIZE", "RETIRED", "DUE", "WHY",
    )  # fmt: skip
    state.out.table(
        columns,
        map(_row, found),
        right="ROWS SIZE",
        spare="ROWS TABLE RETIRED TO",
        fold="WHY",
    )


def _entry(one: InBin) -> dict[str, Any]:
    from partman_core import bounds

    return {
        "partition": str(one.partition),
        "table": None if one.table is None else str(one.table),
        "bounds": bounds.to_json(one.bounds),
        "clause": bounds.clause(one.bounds),
        "rows": one.rows,
        "bytes": one.bytes,
        "action": one.action,
        "target_schema": one.target_schema,
        "retired_at": one.retired_at.isoformat(),
        "due": one.due and one.due.isoformat(),
        "kept": one.action == "detach",
        "overdue": one.overdue,
        "hold_until": one.hold_until and one.hold_until.isoformat(),
        "hold_reason": one.hold_reason,
        "why": one.why,
    }


def _row(one: InBin) -> tuple[str, ...]:
    from partman_core import bounds
    from partman_core.cli import words

    return (
        str(one.partition),
        "gone" if one.table is None else str(one.table),
        *words.edges(bounds.to_json(one.bounds)),
        words.count(one.rows),
        words.size(one.bytes),
        words.moment(one.retired_at),
        _due(one),
        one.why or "",
    )


def _due(one: InBin) -> str:
    from partman_core.cli import words

    if one.action == "move":
        return f"moves to {one.target_schema}"
    return "kept" if one.due is None else words.moment(one.due)
