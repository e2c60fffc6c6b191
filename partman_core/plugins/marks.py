"""Whether a plugin takes part in what it means to: hooks are spelt and marked right.

Silence would be worst: a hook that is misspelt is never called, and the rows that it
was to save are dropped.
"""

from __future__ import annotations

import inspect
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from partman_core import __version__
from partman_core.errors import PluginError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    import pluggy

PREFIX = "partman_"
"""What the name of every hook begins with."""


def check_hooks(plugin: object, manager: pluggy.PluginManager, specs: object) -> None:
    """Check a plugin before it is registered.

    :param specs: the module of the hooks' specifications.
    :raises PluginError: a hook or an argument is misspelt, a hook is unmarked or a
        wrapper, or there is none.
    """
    known = {
        name: list(inspect.signature(getattr(specs, name)).parameters)
        for name in dir(specs)
        if name.startswith(PREFIX)
    }
    marked = set()
    for attribute in dir(plugin):
        options = manager.parse_hookimpl_opts(plugin, attribute)
        if options is None:
            _refuse_unmarked(plugin, attribute, known)
            continue
        hook = options.get("specname") or attribute
        marked.add(hook)
        if hook in known or not options.get("optionalhook"):
            _check_one(hook, getattr(plugin, attribute), options, known)
    if marked.isdisjoint(known):
        raise PluginError("it takes part in no hook", hint="mark one with @hookimpl")


def _check_one(
    hook: str,
    function: Callable[..., Any],
    options: Mapping[str, Any],
    known: Mapping[str, list[str]],
) -> None:
    """Check one implementation of a hook."""
    if hook not in known:
        near = get_close_matches(hook, known, n=1)
        guess = f"; did you mean {near[0]!r}?" if near else ""
        raise PluginError(
            f"there is no hook {hook!r} ({_place(function)}){guess}", hint=_NEWER
        )
    if options.get("wrapper") or options.get("hookwrapper"):
        raise PluginError(
            f"{hook} is a wrapper ({_place(function)}); partman calls hooks one by one",
            hint="drop wrapper=True",
        )
    for name in _required(function):
        if name not in known[hook]:
            near = get_close_matches(name, known[hook], n=1)
            guess = f"; did you mean {near[0]!r}?" if near else ""
            there = ", ".join(known[hook]) or "none"
            raise PluginError(
                f"{hook} has no argument {name!r} ({_place(function)}){guess}",
                hint=f"its arguments are: {there}",
            )


_NEWER = (
    f"`partman_core/hookspecs.py` has them all; one that partman {__version__} does "
    "not have yet is marked with @hookimpl(optionalhook=True)"
)


def _refuse_unmarked(plugin: object, name: str, known: Iterable[str]) -> None:
    """Refuse a function that is meant to be a hook, by its name, and is not marked."""
    if not name.startswith(PREFIX) or not inspect.isroutine(getattr(plugin, name)):
        return
    meant = get_close_matches(name, known, n=1, cutoff=0.85)
    if meant:
        slip = "" if meant[0] == name else f" and there is no such hook; {meant[0]} is"
        raise PluginError(
            f"{name} lacks its mark{slip}", hint="put @hookimpl before it"
        )


def _required(function: Callable[..., Any]) -> list[str]:
    """Return the arguments that an implementation asks for."""
    return [
        name
        for name, parameter in inspect.signature(function).parameters.items()
        if parameter.default is parameter.empty
        and parameter.kind
        in {parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD}
    ]


def _place(function: Callable[..., Any]) -> str:
    """Say which function it is, and where it stands."""
    inner = inspect.unwrap(function)
    code = getattr(inner, "__code__", None)
    if code is None:
        return f"function {getattr(inner, '__name__', inner)}"
    file = Path(code.co_filename).name
    return f"function {code.co_name} in {file}, line {code.co_firstlineno}"
