"""``partman config``: make and check settings files; no database is needed."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import click

from partman_core.cli import options
from partman_core.errors import PluginError

if TYPE_CHECKING:
    from partman_core.cli.state import State

HANDED_OVER = "handed over"
"""The source of plugins that are no installed distribution: a file's own, here."""


@click.group()
def config() -> None:
    """Make or check a settings file."""


@config.command()
@click.argument(
    "file", default="partman.toml", type=click.Path(dir_okay=False, path_type=Path)
)
@click.pass_obj
def init(state: State, file: Path) -> None:
    """Write a commented settings file to begin with."""
    text = (files("partman_core.cli") / "template.toml").read_text(encoding="utf-8")
    try:
        with file.open("x", encoding="utf-8") as new:
            new.write(text)
    except FileExistsError:
        raise click.UsageError(
            f"{file} exists and is not overwritten; name another file"
        ) from None
    except OSError as error:
        raise click.UsageError(f"{file}: {error.strerror}") from error
    state.out.say(f"Wrote {file}. Edit it, then: partman config validate {file}")


@config.command()
@click.argument(
    "file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@options.json_option
@click.pass_obj
def validate(state: State, file: Path | None, as_json: bool) -> None:
    """Check a settings file, and tell all mistakes at once."""
    from partman_core.cli.declared import declared

    if file is not None:
        state.config = file
    if state.file is None:
        raise click.UsageError("there is no partman.toml here; name the file")
    names = [str(table.name) for table in declared(state)]
    _check_plugins(state)
    if as_json:
        state.out.envelope(
            "config validate", {"file": str(state.file), "tables": names}
        )
        return
    counted = "1 table" if len(names) == 1 else f"{len(names)} tables"
    state.out.say(f"{state.file}: {counted}, no mistakes")


def _check_plugins(state: State) -> None:
    """Refuse plugins that the file uses, and that cannot be used.

    :raises PluginError: with every one of them.
    """
    told = tuple(
        f"{state.file}: {one.failure} @ plugins.use"
        for one in state.plugins.listed()
        if one.failure and one.source == HANDED_OVER
    )
    if told:
        raise PluginError(
            told[0] if len(told) == 1 else f"{len(told)} plugins are broken",
            hint="repair it, or take it out of [plugins] use",
            code="plugin-broken",
            mistakes=told,
        )


@config.command()
@click.pass_obj
def schema(state: State) -> None:
    """Print the JSON Schema of settings files, with the plugins that are here."""
    from partman_core.config.json_schema import schema as made

    state.out.say(json.dumps(made(state.plugins), indent=2))
