"""``partman adopt``: take charge of partitions that are there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from partman_core.cli import options

if TYPE_CHECKING:
    from partman_core.adopt import Adoption
    from partman_core.cli.state import State


@click.command()
@options.table_argument
@options.dry_run_option
@options.json_option
@click.pass_obj
def adopt(state: State, table: str, dry_run: bool, as_json: bool) -> None:
    """Take charge of TABLE's existing partitions that fit its grid.

    From then on retention counts for them.  Others are left alone, with the
    reason.
    """
    done = state.engine.import_existing_partitions(table, dry_run=dry_run)
    if as_json:
        state.out.envelope("adopt", _entry(table, done, dry_run=dry_run))
        return
    verb = "would adopt" if dry_run else "adopted"
    for one in done.accepted:
        state.out.say(f"  {state.out.paint('+', 'good')} {verb}  {one.name}")
    for one, reason in done.refused:
        state.out.say(f"  {state.out.paint('!', 'change')} left  {one.name}: {reason}")
    total = len(done.accepted) + len(done.refused)
    state.out.say(f"{table}: {verb} {len(done.accepted)} of {total} partitions.")


def _entry(table: str, done: Adoption, *, dry_run: bool) -> dict[str, Any]:
    return {
        "table": table,
        "dry_run": dry_run,
        "adopted": [str(one.name) for one in done.accepted],
        "refused": [
            {"partition": str(one.name), "reason": reason}
            for one, reason in done.refused
        ],
    }
