"""``partman adopt``: take charge of partitions that are there."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from partman_core.cli import options
from partman_core.cli.words import count, size
from partman_core.naming import as_typed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from partman_core.adopt import Adoption, Backlog
    from partman_core.cli.output import Output
    from partman_core.cli.state import State


@click.command()
@options.table_argument
@click.option(
    "--any-size",
    is_flag=True,
    help="Also take those off the grid, if they have two ends.",
)
@options.dry_run_option
@options.yes_option("Also take what is no longer kept: the next run retires it.")
@options.json_option
@click.pass_obj
def adopt(  # noqa: PLR0913 - one for each flag
    state: State, /, *, table: str, any_size: bool, dry_run: bool, yes: bool,
    as_json: bool,
) -> None:  # fmt: skip
    """Take charge of TABLE's existing partitions that fit its grid.

    From then on retention counts for them.  Others are left alone, with the
    reason; so are those that are no longer kept, until you say --yes.
    """

    def take(*, agreed: bool) -> Adoption:
        return state.engine.import_existing_partitions(
            table, dry_run=dry_run, confirm=agreed, any_size=any_size
        )

    done = take(agreed=yes)
    if as_json:
        state.out.envelope("adopt", adoption_json(done, dry_run=dry_run))
        return
    for line in adoption_lines(done, state.out, dry_run=dry_run):
        state.out.say(line)
    if done.backlog and not (done.agreed or dry_run) and sys.stdin.isatty():
        options.ask("Adopt these as well?")
        for line in adoption_lines(take(agreed=True), state.out, dry_run=False):
            state.out.say(line)


def adoption_json(done: Adoption, *, dry_run: bool) -> dict[str, Any]:
    """Return an adoption as the command prints it for programs."""
    return {
        "table": str(done.table),
        "dry_run": dry_run,
        "adopted": [str(one.name) for one in done.accepted],
        "refused": [
            {
                "partition": str(one.partition.name),
                "kind": one.partition.kind,
                "reason": one.why,
                "remedy": one.remedy,
            }
            for one in done.refused
        ],
        "backlog": done.backlog.to_json() | {"agreed": done.agreed},
    }


def adoption_lines(done: Adoption, out: Output, *, dry_run: bool) -> Iterator[str]:
    """Say what is, or would be, adopted, what is not, and why."""
    verb = "would adopt" if dry_run else "adopted"
    for part in done.accepted:
        yield f"  {out.paint('+', 'good')} {verb}  {part.name}"
    for one in done.refused:
        yield f"  {out.paint('!', 'change')} left  {one.partition.name}: {one.why}"
        yield f"    = so: {one.remedy}"
    if done.backlog:
        yield from _backlog_lines(done, out)
    left = len(done.refused) + (0 if done.agreed else len(done.backlog.partitions))
    total = len(done.accepted) + left
    yield f"{done.table}: {verb} {len(done.accepted)} of {total} partitions."


def _backlog_lines(done: Adoption, out: Output) -> Iterator[str]:
    """Say what is no longer kept, before anything of it is retired."""
    if not done.agreed:
        for part in done.backlog.partitions:
            held = f"{size(part.bytes)}, {count(part.rows, ' rows')}"
            yield f"  {out.paint('!', 'change')} over  {part.name}  {held}"
    yield f"  {backlog_words(done.backlog)}"
    if done.agreed:
        yield "    the next run retires them"
    else:
        flags = "--any-size --yes" if done.any_size else "--yes"
        command = f"`partman adopt {as_typed(done.table)} {flags}`"
        yield f"    = try: {command} adopts them as well, and the next run retires them"


def backlog_words(backlog: Backlog) -> str:
    """Say how much is no longer kept."""
    number = len(backlog.partitions)
    what = "1 partition is" if number == 1 else f"{number} partitions are"
    rows = "rows never counted"
    if backlog.rows is not None:
        rows = count(backlog.rows, " rows")
    return f"{what} no longer kept: {rows}, {size(backlog.bytes)}"
