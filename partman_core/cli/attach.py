"""``partman attach``: bring a partition back from the bin."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from partman_core.cli import options

if TYPE_CHECKING:
    from partman_core.cli.output import Output
    from partman_core.cli.state import State
    from partman_core.plan import Plan


@click.command()
@click.argument("partition", metavar="PARTITION")
@click.option(
    "--no-hold",
    is_flag=True,
    help="Do not put it on hold: retention may take it out again in the next run.",
)
@options.dry_run_option
@options.json_option
@click.pass_obj
def attach(
    state: State, partition: str, no_hold: bool, dry_run: bool, as_json: bool
) -> int:
    """Bring PARTITION back from the bin, into the table that it was in.

    It is put on hold without end, as retention would take it out again; `partman
    release` lets it go.  `partman bin` lists what there is.
    """
    if dry_run:
        plan = state.engine.attach(partition, dry_run=True, hold=not no_hold)
        _show(state.out, plan, as_json=as_json)
        return 0
    with state.working() as engine:
        report = engine.attach(partition, hold=not no_hold)
    return options.show_report(state.out, report, command="attach", as_json=as_json)


def _show(out: Output, plan: Plan, *, as_json: bool) -> None:
    from partman_core.cli.words import plan_lines

    body = plan.to_json()
    if as_json:
        out.envelope("attach", body)
        return
    for line in plan_lines(body, out.paint):
        out.say(line)
