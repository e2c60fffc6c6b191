"""``partman history``: list what was done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from partman_core.cli import options, words

if TYPE_CHECKING:
    from partman_core.cli.state import State
    from partman_core.model import Deed


@click.command()
@options.tables_argument
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    default=50,
    show_default=True,
    help="How many operations to list.",
)
@options.json_option
@click.pass_obj
def history(state: State, tables: tuple[str, ...], limit: int, as_json: bool) -> None:
    """List what was done, the latest first."""
    deeds = state.engine.history(*tables, limit=limit)
    if as_json:
        state.out.envelope("history", {"operations": [_entry(one) for one in deeds]})
        return
    if not deeds:
        state.out.note("nothing was done yet")
    columns = ("AT", "RUN", "TABLE", "WHAT", "PARTITION", "RESULT", "TOOK", "WHY")
    state.out.table(
        columns, map(_row, deeds), right="RUN TOOK", spare="TOOK RUN TABLE", fold="WHY"
    )


def _entry(deed: Deed) -> dict[str, Any]:
    return {
        "run": deed.run,
        "at": deed.at.isoformat(),
        "table": str(deed.table),
        "kind": deed.kind,
        "partition": str(deed.partition),
        "clause": deed.bounds,
        "rows": deed.rows,
        "bytes": deed.bytes,
        "seconds": deed.seconds,
        "result": deed.result,
        "sqlstate": deed.sqlstate,
        "message": deed.message,
    }


def _row(deed: Deed) -> tuple[str, ...]:
    why = f"{deed.message or ''} {f'[{deed.sqlstate}]' if deed.sqlstate else ''}"
    return (
        words.moment(deed.at),
        str(deed.run),
        str(deed.table),
        deed.kind,
        str(deed.partition),
        deed.result,
        f"{deed.seconds * 1000:.0f} ms",
        why.strip().replace("\n", " "),
    )
