"""``partman release``: let go of a partition that was on hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from partman_core.cli import options

if TYPE_CHECKING:
    from partman_core.cli.state import State


@click.command()
@click.argument("partition", metavar="PARTITION")
@options.json_option
@click.pass_obj
def release(state: State, partition: str, as_json: bool) -> None:
    """Let go of PARTITION: retention takes it when its time is up."""
    from partman_core.cli.hold import described, told

    held = state.engine.release(partition)
    if as_json:
        body = {"partition": partition, "released": held and described(held)}
        state.out.envelope("release", body)
    elif held is None:
        state.out.say(f"{partition}: not on hold; nothing was changed")
    else:
        what = "dropped" if held.in_bin else "retired"
        state.out.say(f"{held.partition}: let go; it is {what} when its time is up")
        state.out.say(f"  before: {told(held)}")
