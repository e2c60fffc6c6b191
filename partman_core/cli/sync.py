"""``partman sync``: register the tables of a settings file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from partman_core.cli import failing, options
from partman_core.cli.registrations import (
    may_ask,
    registration_json,
    show_registrations,
)

if TYPE_CHECKING:
    from partman_core.cli.output import Output
    from partman_core.cli.state import State
    from partman_core.engine import Sync


@click.command()
@click.argument(
    "file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("--prune", is_flag=True, help="Let go of tables that left the file.")
@options.dry_run_option
@options.yes_option("Agree to changes that retire more than before.")
@options.json_option
@click.pass_obj
def sync(  # noqa: PLR0913 - one for each flag
    state: State,
    /,
    *,
    file: Path | None,
    prune: bool,
    dry_run: bool,
    yes: bool,
    as_json: bool,
) -> int:
    """Register the tables of a settings file.

    Without FILE it takes the one of --config, or the one that lies here.
    """
    if file is not None:
        state.config = file
    done = _synced(state, prune=prune, confirm=yes, dry_run=dry_run)
    declined = False
    if any(map(may_ask, done.errors.values())):
        _tell_errors(done)
        declined = not _agreed()
        if not declined:
            done = _synced(state, prune=prune, confirm=True, dry_run=dry_run)
    if as_json:
        state.out.envelope("sync", _entry(done))
    else:
        _show(state.out, done, dry_run=dry_run)
    if declined:
        # what needed no consent was written, and is shown above
        raise failing.Declined("what was asked about was left as it was")
    _tell_errors(done)
    return done.exit_code


def _agreed() -> bool:
    try:
        options.ask("Do it?")
    except failing.Declined:
        return False
    return True


def _synced(state: State, **how: bool) -> Sync:
    if state.file is None:
        raise click.UsageError("there is no partman.toml here; name the file")
    return state.engine.sync(state.file, **how)


def _tell_errors(done: Sync) -> None:
    for error in done.errors.values():
        failing.tell(error)


def _entry(done: Sync) -> dict[str, Any]:
    return {
        "tables": [registration_json(one) for one in done.registrations],
        "removed": [str(one) for one in done.removed],
        "left": [str(one) for one in done.left],
        "errors": {name: error.message for name, error in done.errors.items()},
    }


def _show(out: Output, done: Sync, *, dry_run: bool) -> None:
    show_registrations(out, "sync", done.registrations, as_json=False)
    word = "would be let go of" if dry_run else "no longer managed"
    for name in done.removed:
        out.say(f"{name}: {word}; its partitions stay")
    for name in done.left:
        out.say(f"{name}: left the file, still managed; --prune lets go of it")
