"""``partman register``: manage a table, or change how."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from partman_core.cli import flags, options
from partman_core.cli.registrations import show_registrations, with_consent

if TYPE_CHECKING:
    from partman_core.cli.state import State


@click.command()
@options.table_argument
@flags.settings_flags
@options.dry_run_option
@options.yes_option("Agree to a change that retires more than before.")
@options.json_option
@click.pass_obj
def register(  # noqa: PLR0913 - one for each flag
    state: State,
    /,
    *,
    table: str,
    extra: tuple[str, ...],
    storage: tuple[str, ...],
    dry_run: bool,
    yes: bool,
    as_json: bool,
    **given: Any,
) -> int:
    """Manage a table, or change how it is managed.

    This is a full declaration: what is not given takes its default.  Nothing is
    created or retired before `partman maintain` or `partman apply`.
    """
    settings = flags.collected(given, storage, extra)
    done = with_consent(
        lambda confirm: state.engine.register(
            table, confirm=confirm, dry_run=dry_run, **settings
        ),
        yes=yes,
    )
    return show_registrations(state.out, "register", [done], as_json=as_json)
