"""What plugins may offer an engine, checked before anything uses it.

A strategy, a codec or a section that is not what it has to be is found when its
plugin is loaded, by the plugin's name, instead of in the middle of a run.  Where two
plugins offer one name nobody can tell which is meant, so neither has it: a table of
another kind is served, and one that would use it is told of both.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, get_type_hints

import attrs
from attrs import Factory, define, frozen

from partman_core.errors import PluginError
from partman_core.keys import CODECS
from partman_core.model import Section
from partman_core.settings import RESERVED

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from partman_core.keys import Codec

CORE = "partman"
"""The owner of what no plugin offers."""


@frozen(kw_only=True)
class Offer:
    """One thing that a plugin offers.

    :param what: ``strategy``, ``codec`` or ``section``.
    :param owner: the plugin.
    """

    what: str
    name: str
    value: Any
    owner: str


@define
class Offers:
    """What is offered, each by its name, and the plugin that offers it."""

    strategies: dict[str, type[Any]] = Factory(dict)
    codecs: dict[str, Codec] = Factory(lambda: {codec.name: codec for codec in CODECS})
    sections: dict[str, Section] = Factory(dict)
    owners: dict[tuple[str, str], str] = Factory(
        lambda: {("codec", codec.name): CORE for codec in CODECS}
    )

    def add(self, offer: Offer) -> None:
        """Add what nobody else offers."""
        kinds: dict[str, dict[str, Any]] = {
            "strategy": self.strategies,
            "codec": self.codecs,
            "section": self.sections,
        }
        kinds[offer.what][offer.name] = offer.value
        self.owners[offer.what, offer.name] = offer.owner


def read(plugin: str, offered: Mapping[str, Any]) -> tuple[Offer, ...]:
    """Return what a plugin offers.

    :param plugin: its name.
    :param offered: what its hooks gave, by hook.
    :raises PluginError: something is not what it has to be, or is offered twice.
    """
    found: dict[tuple[str, str], Offer] = {}
    for hook, (what, name_of) in _READERS.items():
        for value in _many(hook, offered.get(hook)):
            name = name_of(value)
            if (what, name) in found:
                raise PluginError(f"it offers the {what} {name!r} twice")
            found[what, name] = Offer(what=what, name=name, value=value, owner=plugin)
    return tuple(found.values())


def conflicts(offers: Iterable[Offer], firm: Collection[str]) -> dict[str, PluginError]:
    """Find the plugins that offer what another one offers as well.

    :param offers: all there are.
    :param firm: the plugins that keep what they offer: those that come with partman.
    :returns: by plugin that cannot take part, why.
    """
    firm = {CORE, *firm}
    found: dict[str, PluginError] = {}
    for message, owners in (*_same_names(offers), *_same_keys(offers)):
        error = PluginError(message, hint=_way_out(owners))
        losers = [name for name in owners if name not in firm]
        found |= {name: error for name in losers if name not in found}
    return found


def _same_names(offers: Iterable[Offer]) -> Iterator[tuple[str, list[str]]]:
    """Yield what is offered by several, in words, and by whom."""
    owners: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    owners |= {("codec", codec.name): [CORE] for codec in CODECS}
    for offer in offers:
        owners[offer.what, offer.name].append(offer.owner)
    for (what, name), found in owners.items():
        if len(found) > 1:
            yield (
                f"the {what} {name!r} is offered twice: by {_all(found, 'by ')}",
                found,
            )


def _same_keys(offers: Iterable[Offer]) -> Iterator[tuple[str, list[str]]]:
    """Yield keys that would mean two things in the settings of one table."""
    beside = defaultdict[str, list[str]](list, {key: [CORE] for key in RESERVED})
    own: defaultdict[str, list[str]] = defaultdict(list)
    for offer in offers:
        kind = offer.value
        if offer.what == "section":
            for key in keys_of(kind.kind) if kind.inline else [offer.name]:
                beside[key].append(offer.owner)
        elif offer.what == "strategy":
            for key in keys_of(kind):
                own[key].append(offer.owner)
    for key, owners in beside.items():
        # two strategies may have one key: a table has but one of them
        found = [*owners, *own[key]]
        if len(found) > 1 and (len(owners) > 1 or own[key]):
            several = _all(found)
            yield f"the setting {key!r} would mean two things: {several} have it", found


def _all(names: Iterable[str], word: str = "") -> str:
    return f" and {word}".join(map(repr, dict.fromkeys(names)))


def _way_out(owners: Iterable[str]) -> str:
    ways = [f"--without {name}" for name in dict.fromkeys(owners) if name != CORE]
    if len(ways) == 1:
        return f"call it something else, or leave the plugin out with {ways[0]}"
    return f"leave one of them out: {' or '.join(ways)}"


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
