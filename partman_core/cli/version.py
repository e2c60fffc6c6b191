"""``partman version``: what a bug report should name."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as version_of
from typing import TYPE_CHECKING

import click

from partman_core import __version__
from partman_core.cli import options

if TYPE_CHECKING:
    from partman_core.cli.state import State

PARTS = ("psycopg", "pluggy", "click", "tzdata")


@click.command()
@options.json_option
@click.pass_obj
def version(state: State, as_json: bool) -> None:
    """Print the version."""
    parts = {"python": platform.python_version()}
    for name in PARTS:
        try:
            parts[name] = version_of(name)
        except PackageNotFoundError:
            continue  # a part that was bundled without its metadata
    if as_json:
        state.out.envelope("version", {"partman": __version__, "parts": parts})
        return
    state.out.say(f"partman {__version__}")
    listed = ", ".join(f"{name} {number}" for name, number in parts.items())
    state.out.note(listed)
