"""The root of the command line: global options, and the names of all commands."""

from __future__ import annotations

from typing import Any

import click

from partman_core.cli.lazy import LazyGroup

_HERE = "partman_core.cli"
COMMANDS = {
    "demo": (f"{_HERE}.demo:demo", "Tell a true story on a PostgreSQL of its own."),
    "register": (f"{_HERE}.register:register", "Manage a table, or change how."),
    "unregister": (f"{_HERE}.unregister:unregister", "Let go of a table."),
    "sync": (f"{_HERE}.sync:sync", "Register the tables of a settings file."),
    "adopt": (f"{_HERE}.adopt:adopt", "Take charge of partitions that are there."),
    "migrate-from": (
        f"{_HERE}.takeover:migrate_from",
        "Take over from another partition manager.",
    ),
    "plan": (f"{_HERE}.plan:plan", "Say what maintenance would do now, and why."),
    "apply": (f"{_HERE}.apply:apply", "Do what the plan says."),
    "maintain": (f"{_HERE}.maintain:maintain", "Do what is due, once or as a service."),
    "stop": (f"{_HERE}.stop:stop", "Have a run end in good order."),
    "status": (f"{_HERE}.status:status", "Say how the tables are."),
    "check": (f"{_HERE}.check:check", "Print one line per problem, for monitors."),
    "partitions": (f"{_HERE}.partitions:partitions", "List a table's partitions."),
    "tables": (f"{_HERE}.tables:tables", "List the managed tables."),
    "tenants": (f"{_HERE}.tenants:tenants", "Say who has partitions of their own."),
    "bin": (f"{_HERE}.bin:contents", "List what is out and not dropped yet."),
    "attach": (f"{_HERE}.attach:attach", "Bring a partition back from the bin."),
    "hold": (f"{_HERE}.hold:hold", "Keep a partition, whatever retention says."),
    "release": (f"{_HERE}.release:release", "Let go of a partition on hold."),
    "history": (f"{_HERE}.history:history", "List what was done, the latest first."),
    "config": (f"{_HERE}.config:config", "Make or check a settings file."),
    "plugins": (f"{_HERE}.plugins:plugins", "List the plugins and their hooks."),
    "version": (f"{_HERE}.version:version", "Print the version."),
}


@click.group(
    cls=LazyGroup,
    lazy=COMMANDS,
    plugins=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 done, 2 work is waiting, 3 a person has to look, "
    "4 settings, 5 no connection, 6 claimed by another, 7 ended early, run again, "
    "8 blocked, run again, 64 usage, 130 and 143 stopped.",
)
@click.option(
    "-c",
    "--config",
    type=click.Path(exists=True, dir_okay=False),
    envvar="PARTMAN_CONFIG",
    is_eager=True,  # --help lists the commands of plugins that are not left out
    help="Settings file.  [default: partman.toml or pyproject.toml, if here]",
)
@click.option(
    "--dsn",
    envvar="PARTMAN_DSN",
    help="How to connect.  [default: $PARTMAN_DSN, the settings file, $PGHOST ...]",
)
@click.option(
    "--schema",
    envvar="PARTMAN_SCHEMA",
    help="Where our own tables are.  [default: partman]",
)
@click.option(
    "--without",
    multiple=True,
    metavar="NAME",
    is_eager=True,
    help="Leave a plugin out.",
)
@click.option(
    "--color",
    "colour",
    type=click.Choice(["auto", "always", "never"]),
    default="auto",
    show_default=True,
    help="Colour the output.",
)
@click.option("-q", "--quiet", is_flag=True, help="Say nothing but results and errors.")
@click.option("-v", "--verbose", is_flag=True, help="Show the log, and tracebacks.")
@click.pass_context
def cli(ctx: click.Context, /, **given: Any) -> None:
    """Keep partitioned PostgreSQL tables healthy.

    Partitions that will be needed are made ahead, those that are no longer kept
    are retired.  `plan`, `status` and the like only read; `apply` and `maintain`
    change.
    """
    from pathlib import Path

    from partman_core.cli.state import State

    file = given.pop("config")
    ctx.obj = State(config=file and Path(file), **given)
