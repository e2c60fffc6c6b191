"""The commands that plugins add: found by metadata, told apart, imported when called.

They come by the entry-point group ``partman.commands``::

    [project.entry-points."partman.commands"]
    archive = "partman_archive.cli:archive"

Each is a click command; its ``@click.pass_obj`` is the
:class:`~partman_core.cli.state.State`.  A name of ours stays ours, and one that two
distributions offer is neither's: whoever calls it is told of both.
"""

from __future__ import annotations

import os
import sys
from importlib.machinery import PathFinder
from typing import TYPE_CHECKING

import click

from partman_core.errors import PluginError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from importlib.metadata import EntryPoint

GROUP = "partman.commands"


def found() -> dict[str, list[EntryPoint]]:
    """Return what installed distributions offer as commands, by name."""
    if not _offered():
        return {}
    from importlib.metadata import entry_points

    commands: dict[str, list[EntryPoint]] = {}
    for point in sorted(entry_points(group=GROUP), key=distribution):
        commands.setdefault(point.name, []).append(point)
    return commands


def less(
    commands: Mapping[str, list[EntryPoint]], without: Collection[str]
) -> dict[str, list[EntryPoint]]:
    """Return commands but for those of some distributions.

    :param without: distributions that are left out.
    """
    left = {
        name: [point for point in offered if distribution(point) not in without]
        for name, offered in commands.items()
    }
    return {name: offered for name, offered in left.items() if offered}


def loaded(name: str, offered: Iterable[EntryPoint]) -> click.Command:
    """Import a command.

    :param name: what it is called.
    :param offered: who offers it.
    :raises PluginError: several do, it cannot be imported, or is no command.
    """
    if (error := conflict(name, offered)) is not None:
        raise error
    (point,) = offered
    whose = distribution(point)
    try:
        command = point.load()
    except (Exception, SystemExit) as error:
        raise PluginError(
            f"the command {name!r} of {whose} cannot be imported: "
            f"{type(error).__name__}: {error}",
            hint=f"repair or uninstall {whose}",
        ) from error
    if not isinstance(command, click.Command):
        raise PluginError(
            f"the command {name!r} of {whose} is no click "
            f"command, but {type(command).__name__}",
            hint=f"{point.value} must name a function decorated with @click.command",
        )
    return command


def conflict(name: str, offered: Iterable[EntryPoint]) -> PluginError | None:
    """Return what is wrong with a name that several distributions offer."""
    whose = [distribution(point) for point in offered]
    if len(whose) == 1:
        return None
    ways = " or ".join(f"--without {one}" for one in whose)
    return PluginError(
        f"the command {name!r} is offered twice: by {' and by '.join(whose)}",
        hint=f"leave one of them out: {ways}, or in the settings file, by `without` in "
        "[plugins]; or uninstall it",
    )


def shadowed(name: str, offered: Iterable[EntryPoint]) -> PluginError:
    """Return what is wrong with a plugin's command that has the name of one of ours."""
    whose = " and ".join(distribution(point) for point in offered)
    return PluginError(
        f"the command {name!r} of {whose} is never called: "
        f"partman has one of that name itself",
        hint=f"{whose} has to call it something else",
    )


def told(
    ours: Collection[str], without: Collection[str] = ()
) -> list[tuple[EntryPoint, PluginError | None]]:
    """Return every command that is offered, and what is wrong with it.

    All are imported for that.

    :param ours: the names of the commands that come with partman.
    :param without: distributions that are left out.
    """
    return [
        (point, _problem(name, offered, ours))
        for name, offered in sorted(less(found(), without).items())
        for point in offered
    ]


def _problem(
    name: str, offered: list[EntryPoint], ours: Collection[str]
) -> PluginError | None:
    if name in ours:
        return shadowed(name, offered)
    try:
        loaded(name, offered)
    except PluginError as error:
        return error
    return None


def line(offered: Iterable[EntryPoint]) -> str:
    """Return what ``--help`` says of a command, without importing it."""
    whose = [distribution(point) for point in offered]
    if len(whose) == 1:
        return f"(plugin {whose[0]})"
    return f"(offered twice, by {' and '.join(whose)})"


def distribution(point: EntryPoint) -> str:
    """Return the name of the distribution that offers a command."""
    return point.dist.name if point.dist else point.module


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
