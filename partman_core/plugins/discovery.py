"""Where plugins come from: built in, installed, or handed over.

Each is loaded alone, so that one that does not load hides no other.
"""

from __future__ import annotations

import inspect
from difflib import get_close_matches
from functools import partial
from importlib import import_module
from importlib.metadata import entry_points
from typing import TYPE_CHECKING

from attrs import frozen

from partman_core import __version__
from partman_core.errors import PluginError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from importlib.metadata import EntryPoint

    import pluggy

GROUP = "partman"
"""The group of entry points by which an installed plugin is found."""

BUILTINS = ("partman_plugins.range", "partman_plugins.retention")
"""Registered in this order, before any other plugin, so asked after them."""


@frozen(kw_only=True)
class Candidate:
    """A plugin that is not loaded yet.

    :param source: where it comes from, in words.
    :param load: imports it.
    :param builtin: whether it comes with partman.
    """

    name: str
    version: str | None
    source: str
    load: Callable[[], object]
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
        load=point.load,
    )


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


def broken(candidate: Candidate, error: BaseException | str) -> Failure:
    """Say that a plugin cannot take part, and how to go on without it.

    :param error: what was raised, or a sentence.
    """
    if isinstance(error, PluginError):
        why, hint = error.message, error.hint
    elif isinstance(error, BaseException):
        why, hint = f"{type(error).__name__}: {error}", None
    else:
        why, hint = error, None
    way_out = f"repair it, or leave it out with --without {candidate.name}"
    whose = "" if candidate.source == candidate.name else f" ({candidate.source})"
    problem = PluginError(
        f"plugin {candidate.name!r}{whose} is broken: {why}",
        hint=f"{hint}; or {way_out}" if hint else way_out,
        code="plugin-broken",
    )
    if isinstance(error, BaseException):
        problem.__cause__ = error
    return Failure(
        name=candidate.name,
        version=candidate.version,
        source=candidate.source,
        error=problem,
    )


def check_hooks(plugin: object, manager: pluggy.PluginManager, specs: object) -> None:
    """Check that a registered plugin takes part in what it means to.

    :param specs: the module of the hooks' specifications.
    :raises PluginError: a hook is misspelt or unmarked, or there is none.
    """
    known = [name for name in dir(specs) if name.startswith("partman_")]
    callers = manager.get_hookcallers(plugin) or []
    for caller in callers:
        if not caller.has_spec():
            raise _unknown(caller.name, known)
        for implementation in caller.get_hookimpls():
            if implementation.hookwrapper or implementation.wrapper:
                raise PluginError(
                    f"{caller.name} is a wrapper; partman calls hooks one by one",
                    hint="drop wrapper=True",
                )
    marked = {caller.name for caller in callers}
    for name in known:
        if name not in marked and inspect.isroutine(getattr(plugin, name, None)):
            raise PluginError(f"{name} lacks its mark", hint="put @hookimpl before it")
    if not marked:
        raise PluginError("it takes part in no hook", hint="mark one with @hookimpl")


def _unknown(name: str, known: Sequence[str]) -> PluginError:
    near = get_close_matches(name, known, n=1)
    guess = f"; did you mean {near[0]!r}?" if near else ""
    return PluginError(f"there is no hook {name!r}{guess}")
