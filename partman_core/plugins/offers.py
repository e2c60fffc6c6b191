"""What plugins may offer an engine, checked before anything uses it.

A strategy, a codec or a section that is not what it has to be is found when its
plugin is loaded, by the plugin's name, instead of in the middle of a run.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, get_type_hints

import attrs
from attrs import Factory, define

from partman_core.errors import PluginError
from partman_core.keys import CODECS
from partman_core.model import Section
from partman_core.settings import RESERVED

if TYPE_CHECKING:
    from collections.abc import Callable

    from partman_core.keys import Codec

CORE = "partman"
"""The owner of what no plugin offers."""


@define
class Offers:
    """What is offered so far, each by its name, and the plugin that offers it."""

    strategies: dict[str, type[Any]] = Factory(dict)
    codecs: dict[str, Codec] = Factory(lambda: {codec.name: codec for codec in CODECS})
    sections: dict[str, Section] = Factory(dict)
    owners: dict[tuple[str, str], str] = Factory(
        lambda: {("codec", codec.name): CORE for codec in CODECS}
    )


def merged(offers: Offers, plugin: str, offered: Mapping[str, Any]) -> Offers:
    """Return what is offered once one more plugin takes part.

    :param plugin: its name.
    :param offered: what its hooks gave, by hook.
    :raises PluginError: something is not what it has to be, or is offered already.
    """
    more = Offers(
        dict(offers.strategies),
        dict(offers.codecs),
        dict(offers.sections),
        dict(offers.owners),
    )
    kinds: dict[str, dict[str, Any]] = {
        "strategy": more.strategies,
        "codec": more.codecs,
        "section": more.sections,
    }
    for hook, (what, read) in _READERS.items():
        for value in _many(hook, offered.get(hook)):
            name = read(value)
            if other := more.owners.get((what, name)):
                raise _twice(what, name, other, plugin)
            kinds[what][name] = value
            more.owners[what, name] = plugin
    _check_keys(more)
    return more


def _twice(what: str, name: str, first: str, second: str) -> PluginError:
    return PluginError(
        f"the {what} {name!r} is offered twice: by {first!r} and by {second!r}",
        hint="leave one of them out",
    )


def _check_keys(offers: Offers) -> None:
    """Refuse keys that would mean two things in the settings of one table."""
    taken = dict.fromkeys(RESERVED, CORE)
    for section in offers.sections.values():
        owner = offers.owners["section", section.name]
        for key in keys_of(section.kind) if section.inline else [section.name]:
            if key in taken:
                raise _clash(key, taken[key], owner)
            taken[key] = owner
    for name, strategy in offers.strategies.items():
        for key in keys_of(strategy):
            if key in taken:
                raise _clash(key, taken[key], offers.owners["strategy", name])


def _clash(key: str, first: str, second: str) -> PluginError:
    return PluginError(
        f"the setting {key!r} would mean two things: {first!r} and {second!r} have it"
    )


def keys_of(kind: type[Any]) -> list[str]:
    """Return the settings that a class stands for: its fields."""
    return [a.alias or a.name for a in attrs.fields(kind) if a.init]


def _many(hook: str, offered: Any) -> list[Any]:
    if offered is None:
        return []
    if isinstance(offered, str | type) or not isinstance(offered, Iterable):
        raise PluginError(f"{hook} gives {offered!r}, not a list")
    return list(offered)


def _strategy(kind: Any) -> str:
    _frozen_class(kind, "a strategy")
    name = getattr(kind, "kind", None)
    if not isinstance(name, str) or not name:
        raise PluginError(f"the strategy {kind.__name__} has no name: kind = ...")
    for method in ("problems", "wanted"):
        if not callable(getattr(kind, method, None)):
            raise PluginError(f"the strategy {name!r} has no method {method!r}")
    return name


def _codec(codec: Any) -> str:
    name = getattr(codec, "name", None)
    if isinstance(codec, type) or not isinstance(name, str) or not name:
        raise PluginError(f"{codec!r} is not a codec: it has no name")
    if getattr(codec, "axis", None) not in ("time", "number"):
        raise PluginError(f"the codec {name!r} has no axis: 'time' or 'number'")
    for part in ("types", "wall", "by_default"):
        if not hasattr(codec, part):
            raise PluginError(f"the codec {name!r} does not say {part!r}")
    for method in ("position", "literal", "at", "moment", "problems"):
        if not callable(getattr(codec, method, None)):
            raise PluginError(f"the codec {name!r} has no method {method!r}")
    return name


def _section(section: Any) -> str:
    if not isinstance(section, Section):
        raise PluginError(f"{section!r} is not a section: partman_core.model.Section")
    _frozen_class(section.kind, f"the section {section.name!r}")
    return section.name


def _frozen_class(kind: Any, what: str) -> None:
    """Refuse what is not a frozen attrs class with types known at run time."""
    if not isinstance(kind, type) or not attrs.has(kind):
        raise PluginError(f"{kind!r} is not {what}: a frozen attrs class")
    try:
        object.__new__(kind).__setattr__("partman", None)
    except attrs.exceptions.FrozenInstanceError:
        pass
    except AttributeError:
        raise PluginError(f"{what} is not frozen: {kind.__name__}") from None
    else:
        raise PluginError(f"{what} is not frozen: {kind.__name__}")
    try:
        get_type_hints(kind, include_extras=True)
    except NameError as error:
        raise PluginError(
            f"{what}, {kind.__name__}, has a type that is unknown at run time: {error}",
            hint="import it outside of `if TYPE_CHECKING`",
        ) from error


_READERS: dict[str, tuple[str, Callable[[Any], str]]] = {
    "partman_strategies": ("strategy", _strategy),
    "partman_key_codecs": ("codec", _codec),
    "partman_sections": ("section", _section),
}
"""The hooks that offer something, what that is called, and who checks it."""

OFFERING = tuple(_READERS)
