"""``partman hold``: keep a partition, whatever retention says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from partman_core.cli import options

if TYPE_CHECKING:
    from datetime import datetime

    from partman_core.cli.state import State
    from partman_core.engine import Hold


@click.command()
@click.argument("partition", metavar="PARTITION")
@click.option(
    "--until",
    type=options.Moment(),
    help="Until when, e.g. 2027-01-01 or 2027-01-01T09:00+01:00; without an offset it "
    "is UTC.  [default: without end]",
)
@click.option("--reason", required=True, help="What for; plans show it.")
@options.json_option
@click.pass_obj
def hold(
    state: State, partition: str, until: datetime | None, reason: str, as_json: bool
) -> None:
    """Keep PARTITION: it is not retired, and if it is in the bin it is not dropped.

    `partman release` lets it go.  A second hold takes the place of the first.
    """
    held = state.engine.hold(partition, reason=reason, until=until)
    if as_json:
        state.out.envelope("hold", described(held))
        return
    state.out.say(f"{held.partition}: {told(held)}")
    if held.before is not None:
        state.out.say(f"  before: {told(held.before)}")
    if held.in_bin:
        from partman_core.naming import as_typed

        back = f"`partman attach {as_typed(held.partition)}` brings it back"
        state.out.say(f"  it is in the bin, and stays there; {back}")


def described(held: Hold) -> dict[str, Any]:
    """Return a hold as plain JSON; ``until`` is null where it has no end."""
    return {
        "partition": str(held.partition),
        "table": None if held.table is None else str(held.table),
        "until": held.until and held.until.isoformat(),
        "reason": held.reason,
        "in_bin": held.in_bin,
        "before": held.before and described(held.before),
    }


def told(held: Hold) -> str:
    """Say a hold, as part of a sentence."""
    from partman_core.cli import words

    until = "" if held.until is None else f" until {words.moment(held.until)}"
    return f"on hold{until}: {held.reason}"
