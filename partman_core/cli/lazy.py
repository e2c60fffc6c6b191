"""A group of commands that knows their names and imports them when called.

A plugin's commands come by the entry-point group ``partman.commands``::

    [project.entry-points."partman.commands"]
    archive = "partman_archive.cli:archive"

Each is a click command; its ``@click.pass_obj`` is the
:class:`~partman_core.cli.state.State`.
"""

from __future__ import annotations

import os
import sys
from functools import cached_property, partial
from importlib import import_module
from importlib.machinery import PathFinder
from typing import TYPE_CHECKING, Any

import click

from partman_core.cli.failing import exit_code_of, nobody_reads
from partman_core.errors import PluginError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from importlib.metadata import EntryPoint

GROUP = "partman.commands"


class LazyGroup(click.Group):
    """A click group whose commands are named in a mapping.

    :param lazy: module and attribute, and the line for ``--help``, by name.
    :param plugins: whether installed plugins add commands here.
    """

    def __init__(
        self,
        *args: Any,
        lazy: Mapping[str, tuple[str, str]],
        plugins: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.lazy = lazy
        self.plugins = plugins

    @cached_property
    def outside(self) -> dict[str, EntryPoint]:
        """The commands of plugins, by name; a built-in name stays ours."""
        if not (self.plugins and _offered()):
            return {}
        from importlib.metadata import entry_points

        found = entry_points(group=GROUP)
        return {e.name: e for e in found if e.name not in self.lazy}

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Return the names: ours in their order, then those of plugins."""
        return [*self.lazy, *sorted(self.outside)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import the command called *cmd_name*."""
        if cmd_name in self.lazy:
            module, _, attribute = self.lazy[cmd_name][0].partition(":")
            command = getattr(import_module(module), attribute)
            return command if isinstance(command, click.Command) else None
        if cmd_name in self.outside:
            return _loaded(self.outside[cmd_name])
        return None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that *args* begin with; say what was meant, if none."""
        from difflib import get_close_matches

        name = args[0]
        known = self.list_commands(ctx)
        if name in known or name.startswith("-") or ctx.resilient_parsing:
            return super().resolve_command(ctx, args)
        close = get_close_matches(name, known, n=1)
        meant = f"; did you mean {close[0]!r}?" if close else ""
        raise click.UsageError(f"no command {name!r}{meant}", ctx=ctx)

    def format_commands(
        self, ctx: click.Context, formatter: click.HelpFormatter
    ) -> None:
        """Write the list of commands without importing one."""
        rows = [(name, text) for name, (_, text) in self.lazy.items()]
        rows += [
            (name, f"(plugin {_distribution(self.outside[name])})")
            for name in self.list_commands(ctx)
            if name in self.outside
        ]
        with formatter.section("Commands"):
            formatter.write_dl(rows)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; click would end with 1 where nobody reads any more."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            return nobody_reads()

    def main(
        self,
        args: Sequence[str] | None = None,
        *rest: Any,
        standalone_mode: bool = True,
        **extra: Any,
    ) -> Any:
        """Run, and exit with partman's exit codes instead of click's."""
        run: Callable[..., Any] = partial(super().main, standalone_mode=False)
        if not standalone_mode:
            return run(args, *rest, **extra)
        # an argument that click cannot make sense of must not hide this one
        as_json = "--json" in (sys.argv[1:] if args is None else args)
        sys.exit(exit_code_of(lambda: run(args, *rest, **extra), as_json=as_json))


def _offered() -> bool:
    """Say whether an installed distribution may offer commands.

    To import :mod:`importlib.metadata` takes longer than all else that ``--help``
    does, and most have no such plugin: what it would read is searched for our group.
    """
    if any(
        hasattr(finder, "find_distributions") and finder is not PathFinder
        for finder in sys.meta_path
    ):
        return True
    return any(map(_offers, dict.fromkeys(sys.path)))


def _offers(place: str) -> bool:
    """Say whether a distribution in a directory of Python's path may offer commands."""
    try:
        names = os.listdir(place or ".")  # noqa: PTH208 - pathlib takes its time, too
    except NotADirectoryError:
        return True  # an archive, with who knows what in it
    except OSError:
        return False
    return any(
        _names_our_group(os.path.join(place, name, "entry_points.txt"))  # noqa: PTH118
        for name in names
        if name.lower().endswith((".dist-info", "egg-info"))
    )


def _names_our_group(file: str) -> bool:
    try:
        with open(file, "rb") as opened:  # noqa: PTH123
            return GROUP.encode() in opened.read()
    except OSError:
        return False


def _loaded(entry: EntryPoint) -> click.Command:
    try:
        command = entry.load()
    except Exception as error:
        raise PluginError(
            f"the command {entry.name!r} of {_distribution(entry)} cannot be imported: "
            f"{type(error).__name__}: {error}",
            hint=f"repair or uninstall {_distribution(entry)}",
        ) from error
    if not isinstance(command, click.Command):
        raise PluginError(
            f"the command {entry.name!r} of {_distribution(entry)} is no click "
            f"command, but {type(command).__name__}",
            hint=f"{entry.value} must name a function decorated with @click.command",
        )
    return command


def _distribution(entry: EntryPoint) -> str:
    return entry.dist.name if entry.dist else entry.module
