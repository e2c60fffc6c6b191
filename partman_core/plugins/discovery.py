"""Where plugins come from: built in, installed, or handed over.

Each is loaded alone, so that one that does not load hides no other.
"""

from __future__ import annotations

from functools import partial
from importlib import import_module
from importlib.metadata import entry_points
from typing import TYPE_CHECKING

from attrs import frozen

from partman_core import __version__
from partman_core.errors import PluginError
from partman_core.plugins.needs import check_distribution

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from importlib.metadata import EntryPoint

GROUP = "partman"
"""The group of entry points by which an installed plugin is found."""

COMMANDS = "partman.commands"
"""The group of entry points by which a plugin's commands are found."""

BUILTINS = tuple(f"partman_plugins.{name}" for name in ("range", "retention", "tenant"))
"""Registered in this order, before any other plugin, so asked after them."""


@frozen(kw_only=True)
class Candidate:
    """A plugin that is not loaded yet.

    :param source: where it comes from, in words.
    :param distribution: the installed one that it comes with; None: it was not found
        by its metadata.
    :param load: imports it.
    :param builtin: whether it comes with partman.
    """

    name: str
    version: str | None
    source: str
    load: Callable[[], object]
    distribution: str | None = None
    builtin: bool = False


@frozen(kw_only=True)
class Failure:
    """A plugin that cannot take part.

    :param error: why, and the way out.
    """

    name: str
    version: str | None
    source: str
    error: PluginError


@frozen(kw_only=True)
class PluginInfo:
    """A plugin, as people see it in a list.

    :param hooks: in which it takes part.
    :param failure: why it cannot take part.
    :param left_out: whether it was left out on request.
    """

    name: str
    version: str | None
    source: str
    hooks: tuple[str, ...] = ()
    failure: str | None = None
    left_out: bool = False


def candidates(
    plugins: Sequence[object] = (), installed: Iterable[EntryPoint] | None = None
) -> Iterator[Candidate]:
    """Yield all plugins there are, in the order of their registration.

    :param plugins: handed over: objects, modules, or dotted names of modules.
    :param installed: entry points; None: all of the group ``partman``.
    """
    for dotted in BUILTINS:
        yield Candidate(
            name=dotted.rpartition(".")[2],
            version=__version__,
            source="built in",
            load=partial(import_module, dotted),
            builtin=True,
        )
    found = entry_points(group=GROUP) if installed is None else installed
    yield from map(_installed, sorted(found, key=lambda point: point.name))
    yield from map(_handed_over, plugins)


def _installed(point: EntryPoint) -> Candidate:
    return Candidate(
        name=point.name,
        version=point.dist.version if point.dist else None,
        source=point.dist.name if point.dist else point.value,
        load=partial(_loaded, point),
        distribution=point.dist.name if point.dist else None,
    )


def with_commands() -> set[str]:
    """Return the names of the installed distributions that offer commands."""
    return {point.dist.name for point in entry_points(group=COMMANDS) if point.dist}


def _loaded(point: EntryPoint) -> object:
    """Import an installed plugin, unless it is made for another core."""
    if point.dist:
        check_distribution(point.dist.requires or ())
    return point.load()


def _handed_over(plugin: object) -> Candidate:
    if isinstance(plugin, str):
        load: Callable[[], object] = partial(import_module, plugin)
        name, version = plugin, None
    else:
        load = partial(_same, plugin)
        kind = type(plugin)
        name = getattr(plugin, "__name__", f"{kind.__module__}.{kind.__qualname__}")
        version = getattr(plugin, "__version__", None)
    return Candidate(name=name, version=version, source="handed over", load=load)


def _same(plugin: object) -> object:
    return plugin


def either(first: Candidate, second: Candidate) -> str:
    """Say how to go on with one of two plugins that have one name."""
    ways = [each.distribution for each in (first, second) if each.distribution]
    if len(set(ways)) < 2:  # noqa: PLR2004 - two sides
        return f"rename one of them: --without {first.name} leaves out both"
    return f"leave one of them out: {' or '.join(f'--without {way}' for way in ways)}"


def broken(candidate: Candidate, error: BaseException) -> Failure:
    """Say that a plugin cannot take part, and how to go on without it.

    :param error: what was raised.
    """
    leaving = f"leave it out with --without {candidate.name}"
    if isinstance(error, PluginError):
        why, hint = error.message, error.hint or "repair it"
    else:
        why, hint = f"{type(error).__name__}: {error}", "repair it"
        if isinstance(error, ImportError) and str(error.name).startswith(
            "partman_core"
        ):
            hint = f"it may be made for another partman than {__version__}: upgrade"
    whose = "" if candidate.source == candidate.name else f" ({candidate.source})"
    problem = PluginError(
        f"plugin {candidate.name!r}{whose} is broken: {why}",
        hint=hint if "--without" in hint else f"{hint}, or {leaving}",
        code="plugin-broken",
    )
    problem.__cause__ = error
    return Failure(
        name=candidate.name,
        version=candidate.version,
        source=candidate.source,
        error=problem,
    )
