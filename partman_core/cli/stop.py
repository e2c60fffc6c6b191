"""``partman stop``: have a run end, wherever it is at work."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from partman_core.cli import options
from partman_core.errors import ConfigError

if TYPE_CHECKING:
    from partman_core.cli.state import State


@click.command()
@click.argument("run", type=click.IntRange(min=1), metavar="RUN")
@options.json_option
@click.pass_obj
def stop(state: State, run: int, as_json: bool) -> None:
    """Have the run with the number RUN end in good order, wherever it is at work.

    What waits for locks ends at once, a hook that runs has 20 s.  `partman status`
    says which run is the last one.
    """
    told = state.engine.stop_run(run)
    if not told and not _was(state, run):
        raise ConfigError(
            f"there is no run {run}",
            hint="`partman status` shows the last run, `partman history` what all did",
            code="no-such-run",
        )
    if as_json:
        state.out.envelope("stop", {"run": run, "told_to_stop": told})
    elif told:
        state.out.say(f"Run {run} is told to stop.")
    else:
        state.out.say(f"Run {run} is over already.")


def _was(state: State, run: int) -> bool:
    """Say whether there ever was such a run: their numbers only grow."""
    return any(run <= last.id for last in state.engine.runs(limit=1))
