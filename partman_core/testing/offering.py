"""What a plugin offers, taken as an engine takes it: named, frozen, read, written."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from attrs import frozen

from partman_core import hookimpl
from partman_core.config import structure, unstructure
from partman_core.errors import PartmanError
from partman_core.model import Section, Table
from partman_core.naming import Name
from partman_core.plugins import Plugins
from partman_core.strategy import Beneath, Strategy
from partman_core.testing.laws import LawBroken, shown, told

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from partman_core.keys import Codec
    from partman_core.strategy import Level

NAME = Name("public", "events")


class Offer:
    """A plugin made on the spot.

    :param strategies: the classes that it offers.
    :param codecs: the codecs that it offers.
    :param sections: the settings of its own that it offers.
    """

    __name__ = "offered"

    def __init__(
        self,
        *,
        strategies: Sequence[type[Any]] = (),
        codecs: Sequence[Codec] = (),
        sections: Sequence[Section] = (),
    ) -> None:
        self.strategies = strategies
        self.codecs = codecs
        self.sections = sections

    @hookimpl
    def partman_strategies(self) -> Sequence[type[Any]]:
        """Offer the strategies."""
        return self.strategies

    @hookimpl
    def partman_key_codecs(self) -> Sequence[Codec]:
        """Offer the codecs."""
        return self.codecs

    @hookimpl
    def partman_sections(self) -> Sequence[Section]:
        """Offer the sections."""
        return self.sections


def plugins_of(*plugins: object) -> Plugins:
    """Return the built-in plugins and these.

    :raises LawBroken: one cannot take part.
    """
    found = Plugins(plugins, installed=())
    for failure in found.failures:
        raise LawBroken(failure.error.message, failure.error.hint or "")
    return found


def offering(kind: type[Any]) -> Plugins:
    """Return plugins that offer a strategy class.

    :raises LawBroken: it cannot be offered.
    """
    if kind not in _KNOWN:
        _KNOWN[kind] = _offering(kind)
    found = _KNOWN[kind]
    if isinstance(found, LawBroken):
        raise found
    return found


_KNOWN: WeakKeyDictionary[type[Any], Plugins | LawBroken] = WeakKeyDictionary()


def _offering(kind: type[Any]) -> Plugins | LawBroken:
    alone = plugins_of()
    if alone.strategies().get(kind.kind) is kind:
        return alone
    try:
        return plugins_of(Offer(strategies=[kind]))
    except LawBroken as broken:
        return broken


def check_settings(strategy: Strategy) -> None:
    """Hold that the settings of a strategy are read back as they were written."""
    _check_written(Table(name=NAME, strategy=strategy), offering(type(strategy)))


def _check_written(table: Table, plugins: Plugins) -> None:
    """Hold that a table's settings are read back as they were written."""
    what = f"{table.strategy!r}"
    settings = told(
        f"{what}: writing its settings", lambda: unstructure(table, plugins)
    )
    try:
        text = json.dumps(settings)
        again = structure(json.loads(text), table.name, plugins)
    except (TypeError, PartmanError) as error:
        raise LawBroken(
            f"{what}: its settings cannot be read back as they are written: {error}",
            f"settings: {settings!r}",
        ) from error
    pairs: list[tuple[object, object]] = [(table.strategy, again.strategy)]
    pairs += [
        (value, again.sections.get(name)) for name, value in table.sections.items()
    ]
    for one, other in pairs:
        if one != other:
            raise LawBroken(
                f"{one!r} is read back as something else from its settings",
                f"read: {other!r}",
                f"settings: {text}",
            )


def check_section(
    strategy: Strategy, section: object, plugins: Plugins
) -> dict[str, object]:
    """Hold the laws of a plugin's own settings, and return them by their name.

    :param section: a value of the plugin's class.
    :param plugins: who offer both.
    """
    names = {each.kind: name for name, each in plugins.sections().items()}
    name = names.get(type(section))
    if name is None:
        raise LawBroken(
            f"{section!r} is of no class that the plugin offers by partman_sections"
        )
    table = Table(name=NAME, strategy=strategy, sections={name: section})
    _check_written(table, plugins)
    tightens = getattr(section, "tightens", None)
    if callable(tightens):
        said = told(f"{section!r}: tightens", lambda: list(tightens(section)))
        if said:
            raise LawBroken(
                f"{section!r} says that it keeps less than itself: {said[0]}"
            )
    return {name: section}


def check_beneath(strategy: Any, level: Level) -> None:
    """Hold that a strategy knows how its partitions are partitioned again."""
    table, name = Table(name=NAME, strategy=strategy), f"{strategy!r}: beneath"
    below = told(name, lambda: strategy.beneath(table, level.key), shown(level))
    if below is None:
        return
    if not isinstance(below, Beneath) or not isinstance(below.strategy, Strategy):
        raise LawBroken(f"{name} gives {below!r}, which is no Beneath", shown(level))
    if not below.columns or below.method not in ("range", "list", "hash"):
        raise LawBroken(
            f"{name} names no columns, or no method: {below!r}", shown(level)
        )


@frozen
class Kept:
    """A limit by age, as a retention plugin's settings have one."""

    since: datetime

    def kept_since(self, now: datetime, timezone: str) -> datetime:  # noqa: ARG002
        """Say how far back partitions are kept."""
        return self.since


def kept(level: Level) -> dict[str, object]:
    """Return sections that limit age as *level* has it."""
    return {} if level.kept_since is None else {"kept": Kept(level.kept_since)}
