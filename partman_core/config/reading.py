"""One table's settings, read key by key: every mistake, not only the first."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import attrs
from attrs import Factory, define

from partman_core.config import conversion
from partman_core.config.mistakes import nearest
from partman_core.config.scalars import shown
from partman_core.settings import (
    SYNONYMS,
    UNSERVED,
    UNSERVED_VALUES,
    Setting,
    TableKeys,
    settings_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from partman_core.config.mistakes import Mistakes, Place
    from partman_core.model import Section
    from partman_core.plugins import Plugins


def as_written(value: Any) -> str:
    """Return a plain value as a settings file has it."""
    if isinstance(value, Mapping):
        pairs = (f"{key} = {as_written(inner)}" for key, inner in value.items())
        return f"{{ {', '.join(pairs)} }}"
    return json.dumps(value, ensure_ascii=False)


def _example(setting: Setting) -> str | None:
    if setting.example is None:
        return None
    return f"as in {setting.name} = {as_written(setting.example)}"


def _unserved(what: str) -> str:
    return f"{what} is not supported by this version"


@define
class Reading:
    """The reading of one table's settings.

    :param settings: as declared; None means the same as not declared.
    :param mistakes: where they are remembered.
    :param used: the keys that somebody knows.
    """

    settings: Mapping[str, Any]
    plugins: Plugins
    place: Place
    mistakes: Mistakes
    used: set[str] = Factory(set)

    def read(self, kind: type[Any]) -> Any | None:
        """Return what the class *kind* makes of its keys, None if they are wrong."""
        known = settings_of(kind)
        self.used.update(known)
        return self._made(kind, self.settings, self.place)

    def strategy(self, name: Any) -> type[Any] | None:
        """Return the class of the strategy of that name, None if there is none."""
        offered = self.plugins.strategies()
        if not isinstance(name, str):
            return None  # said already, with the other types that are wrong
        if name in offered:
            return offered[name]
        near = nearest(name, offered)
        guess = f"; did you mean {near!r}?" if near else ""
        place, what = self.place.at("partition_type"), f"a strategy {name!r}{guess}"
        if not self._has("partition_type"):
            place = self.place
            what = f"a strategy for a table that is partitioned by {name}"
        there = ", ".join(map(repr, offered))
        self.mistakes.add(
            place,
            f"no plugin here has {what}",
            f"there are {there}{self._who_is_absent()}",
        )
        return None

    def sections(self) -> dict[str, object]:
        """Return the sections that the settings have, by name."""
        found = {}
        for name, section in self.plugins.sections().items():
            value = self._inline(section) if section.inline else self._own(section)
            if value is not None:
                found[name] = value
        return found

    def _inline(self, section: Section) -> Any | None:
        known = settings_of(section.kind).values()
        there = any(self._has(setting.name) for setting in known)
        if not there and any(setting.required for setting in known):
            return None
        return self.read(section.kind)

    def _own(self, section: Section) -> Any | None:
        self.used.add(section.name)
        if not self._has(section.name):
            return None
        value, place = self.settings[section.name], self.place.at(section.name)
        if isinstance(value, section.kind):
            return value
        if not isinstance(value, Mapping):
            self.mistakes.add(place, f"{shown(value)} is not a table")
            return None
        known = settings_of(section.kind)
        for key in value:
            if key not in known:
                self.mistakes.add(place, *self._stray_in(section, key))
        return self._made(section.kind, value, place)

    def _has(self, key: str) -> bool:
        return self.settings.get(key) is not None

    def _made(
        self, kind: type[Any], values: Mapping[str, Any], place: Place
    ) -> Any | None:
        """Make an instance of *kind*, or remember all that is wrong with it."""
        before = len(self.mistakes.found)
        read: dict[str, Any] = {}
        for setting in settings_of(kind).values():
            self._read_one(setting, values.get(setting.name), place, read)
        self._validate(kind, read, place)
        if len(self.mistakes.found) > before:
            return None
        try:
            return kind(**read)
        except (TypeError, ValueError) as error:
            self.mistakes.add_error(place, error)
            return None

    def _read_one(
        self, setting: Setting, value: Any, place: Place, read: dict[str, Any]
    ) -> None:
        """Read one value into *read*, or remember what is wrong with it."""
        key = setting.name
        if value is None:
            if setting.required:
                self.mistakes.add(place, f"{key!r} is required", _example(setting))
        elif UNSERVED_VALUES.get(key) == value:
            self.mistakes.add(place, _unserved(f"{key} = {as_written(value)}"))
        else:
            try:
                read[key] = conversion.structure(value, setting.type)
            except Exception as error:  # noqa: BLE001 - whatever a plugin's type says
                conversion.remember(
                    error, place.at(key), self.mistakes, _example(setting)
                )

    def _validate(self, kind: type[Any], read: Mapping[str, Any], place: Place) -> None:
        """Ask every validator of a class, where making it would stop at the first."""
        probe = object.__new__(kind)
        known = settings_of(kind)
        for key, setting in known.items():
            default = None if setting.required else setting.default
            object.__setattr__(probe, setting.field, read.get(key, default))
        for attribute in attrs.fields(kind):
            key = attribute.alias or attribute.name
            if attribute.validator is None or key not in read:
                continue
            try:
                attribute.validator(probe, attribute, read[key])
            except AttributeError:
                continue  # it needs what only making the value would give it
            except (TypeError, ValueError) as error:
                hint = _example(known[key])
                self.mistakes.add_error(place.at(key), error, hint)

    def unknown(self) -> dict[str, Any]:
        """Return what is declared and nobody knows."""
        return {
            key: value
            for key, value in self.settings.items()
            if key not in self.used and value is not None
        }

    def refuse(self, key: str, strategy: type[Any] | None) -> None:
        """Remember that nobody knows *key*, and what was probably meant.

        :param strategy: the table's.
        """
        if self._is_of_another_strategy(key, strategy):
            return
        if key in UNSERVED:
            self.mistakes.add(self.place, _unserved(repr(key)))
        elif isinstance(self.settings[key], Mapping):
            self._refuse_section(key)
        else:
            meant = self._meant(key, strategy)
            guess = f"; did you mean {meant!r}?" if meant else ""
            self.mistakes.add(self.place, f"no setting {key!r}{guess}")

    def _refuse_section(self, name: str) -> None:
        near = nearest(name, self._section_names())
        guess = f"; did you mean {near!r}?" if near else ""
        self.mistakes.add(
            self.place,
            f"no plugin here has a section {name!r}{guess}",
            f"the plugin that has it may be missing{self._who_is_absent()}; "
            "`partman plugins` lists those that are there",
        )

    def _who_is_absent(self) -> str:
        broken = [failure.name for failure in self.plugins.failures]
        absent = [f"{name!r} is broken" for name in broken]
        absent += [f"{name!r} is left out" for name in self.plugins.without]
        return f" ({', '.join(absent)})" if absent else ""

    def _section_names(self) -> list[str]:
        sections = self.plugins.sections().values()
        return [section.name for section in sections if not section.inline]

    def _is_of_another_strategy(self, key: str, strategy: type[Any] | None) -> bool:
        for name, other in self.plugins.strategies().items():
            if other is strategy or key not in settings_of(other):
                continue
            if strategy is not None:
                whose = f"partition_type {name!r}, not of {strategy.kind!r}"
                self.mistakes.add(self.place, f"{key!r} is a setting of {whose}")
            # Of a strategy that is not known nobody can tell what it takes.
            return True
        return False

    def _meant(self, key: str, strategy: type[Any] | None) -> str | None:
        """Return the key that was probably meant, a section's after its name."""
        top = list(self._top_level(strategy))
        if SYNONYMS.get(key) in top:
            return SYNONYMS[key]
        inner = {
            inner: f"{section.name}.{inner}"
            for section in self.plugins.sections().values()
            if not section.inline
            for inner in settings_of(section.kind)
        }
        if key in inner:
            return inner[key]
        near = nearest(key, [*top, *inner])
        return near if near in top else inner.get(near or "")

    def _top_level(self, strategy: type[Any] | None) -> Iterator[str]:
        """Yield the keys that stand beside each other, whoever brings them."""
        yield from settings_of(TableKeys)
        if strategy is not None:
            yield from settings_of(strategy)
        for section in self.plugins.sections().values():
            yield from settings_of(section.kind) if section.inline else [section.name]

    def _stray_in(self, section: Section, key: str) -> tuple[str, str | None]:
        """Return sentence and hint for a key that a section does not have."""
        known: Iterable[str] = settings_of(section.kind)
        strategies = self.plugins.strategies().values()
        top = {"name", *self._top_level(None)}.union(*map(settings_of, strategies))
        sentence = f"no setting {key!r} in section {section.name!r}"
        if key in top:
            return sentence, f"the table's own settings stand before [{section.name}]"
        near = nearest(key, known)
        return f"{sentence}; did you mean {near!r}?" if near else sentence, None
