"""A group of commands that knows their names and imports them when called.

Those of plugins are found in :mod:`partman_core.cli.outside`.
"""

from __future__ import annotations

import os
import sys
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

from partman_core.cli import outside
from partman_core.cli.failing import exit_code_of, nobody_reads

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from importlib.metadata import EntryPoint

_OUTSIDE = f"{__name__}.outside"


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

    def _others(self, ctx: click.Context) -> dict[str, list[EntryPoint]]:
        """Return the commands of plugins and who offers them; ours stay ours."""
        if not self.plugins:
            return {}
        found: dict[str, list[EntryPoint]] | None = ctx.meta.get(_OUTSIDE)
        if found is None:
            found = outside.found()
            # Most have none, and then the settings file is not read here.
            without = _left_out(ctx) if found else ()
            found = ctx.meta[_OUTSIDE] = outside.less(found, without)
        return {name: points for name, points in found.items() if name not in self.lazy}

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names: ours in their order, then those of plugins."""
        return [*self.lazy, *sorted(self._others(ctx))]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command called *cmd_name*."""
        if cmd_name in self.lazy:
            module, _, attribute = self.lazy[cmd_name][0].partition(":")
            command = getattr(import_module(module), attribute)
            return command if isinstance(command, click.Command) else None
        offered = self._others(ctx).get(cmd_name)
        return outside.loaded(cmd_name, offered) if offered else None

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
            (name, outside.line(offered))
            for name, offered in sorted(self._others(ctx).items())
        ]
        with formatter.section("Commands"):
            formatter.write_dl(rows)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; click would end with 1 where nobody reads any more."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            return nobody_reads()
        except Exception as error:
            if offered := self._others(ctx).get(ctx.invoked_subcommand or ""):
                error.add_note(f"in {ctx.invoked_subcommand} {outside.line(offered)}")
            raise

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


def _left_out(ctx: click.Context) -> tuple[str, ...]:
    """Return the plugins that are left out, by an option or by the settings file."""
    from partman_core.cli.here import left_out, settings_file

    # Where help is asked for, nobody has looked into the environment yet.
    named = ctx.params.get("config", os.environ.get("PARTMAN_CONFIG"))
    file = settings_file(named)
    return (*(ctx.params.get("without") or ()), *left_out(file))
