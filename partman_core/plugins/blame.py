"""Whose code it was that raised what nobody foresaw.

What plugins offer is called all over: the methods of strategies, codecs and sections.
So the traceback is asked, where such an error comes to light.
"""

from __future__ import annotations

from traceback import walk_tb
from types import ModuleType
from typing import TYPE_CHECKING

from partman_core.model import Section

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from partman_core.plugins.offers import Offer


def culprit(error: BaseException, homes: Mapping[str, str]) -> tuple[str, str] | None:
    """Return the plugin that raised an error, and in which function of those we call.

    :param homes: by module, the plugin whose code is in it.
    :returns: None if no plugin was at work.
    """
    found: tuple[str, str] | None = None
    for frame, _ in reversed(list(walk_tb(error.__traceback__))):
        whose = _owner(frame.f_globals.get("__name__", ""), homes)
        if found is not None and whose != found[0]:
            break
        if whose is not None:
            found = whose, frame.f_code.co_qualname
    return found


def _owner(module: str, homes: Mapping[str, str]) -> str | None:
    """Return the plugin that a module is of, itself or by a package around it."""
    while module and module not in homes:
        module = module.rpartition(".")[0]
    return homes.get(module)


def homes(plugin: object, offered: Sequence[Offer]) -> set[str]:
    """Return the modules that have a plugin's code.

    :param plugin: a module or an object.
    :param offered: what it offers; that may be a value of a class of ours.
    """
    found = {plugin.__name__ if isinstance(plugin, ModuleType) else _home(plugin)}
    for offer in offered:
        value = offer.value
        found.add(_home(value.kind if isinstance(value, Section) else value))
    return {module for module in found if module.partition(".")[0] not in OURS}


OURS = ("partman_core", "partman_plugins")


def _home(thing: object) -> str:
    kind = thing if isinstance(thing, type) else type(thing)
    return kind.__module__
