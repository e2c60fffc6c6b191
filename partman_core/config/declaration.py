"""From the declared settings of a table to a typed one, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import attrs

from partman_core.config import conversion
from partman_core.config.beneath import read_beneath, written
from partman_core.config.mistakes import Mistakes, Place
from partman_core.config.reading import Reading
from partman_core.model import Table
from partman_core.settings import SUBPARTITION, Setting, TableKeys, settings_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from partman_core.model import Origin
    from partman_core.naming import Name
    from partman_core.plugins import Plugins

DEFAULT_TYPE = "range"
"""The strategy where neither the settings nor the table itself tell one."""

WITH_TENANTS = "tenant"
"""The strategy where the settings name a tenant column, and none."""

_TABLE_FIELDS = frozenset(settings_of(TableKeys)) - {"partition_type", "drain"}


def structure(  # noqa: PLR0913 - what a table is besides its settings
    settings: Mapping[str, Any],
    name: Name,
    plugins: Plugins,
    *,
    where: str = "",
    parent_type: str | None = None,
    origin: Origin = "api",
    paused: bool = False,
    requires: Iterable[str] = (),
    lenient: bool = False,
) -> Table:
    """Return a managed table as its settings want it.

    :param settings: as declared, flat; sections of plugins as mappings.
    :param where: the place that mistakes name: ``tables[0]``, or with the file
        before it, ``partman.toml: tables[0]``.
    :param parent_type: how the table is partitioned (``range``, ``list``, ``hash``),
        for settings without ``partition_type``.
    :param lenient: keep what no active plugin knows, without effect, instead of
        refusing it: for settings that were accepted when they were registered.
    :raises ConfigError: with all mistakes at once.
    """
    mistakes = Mistakes()
    reading = Reading(settings, plugins, Place.parse(where), mistakes)
    table = read_table(reading, name, parent_type=parent_type, lenient=lenient)
    mistakes.refuse(f"the settings of {name}")
    if table is None:
        raise AssertionError("a table without mistakes can be made")
    return attrs.evolve(table, origin=origin, paused=paused, requires=tuple(requires))


def read_table(
    reading: Reading,
    name: Name,
    *,
    parent_type: str | None = None,
    lenient: bool = False,
) -> Table | None:
    """Return a managed table, None if there are mistakes, which are remembered.

    :param parent_type: see :func:`structure`.
    :param lenient: see :func:`structure`.
    """
    before = len(reading.mistakes.found)
    own = reading.read(TableKeys)
    declared = reading.settings.get("partition_type")
    if reading.settings.get("tenant_column") is not None:
        parent_type = WITH_TENANTS
    kind = reading.strategy(declared or parent_type or DEFAULT_TYPE)
    strategy = None if kind is None else reading.read(kind)
    sections = reading.sections()
    beneath = read_beneath(reading, lenient=lenient)
    unknown = reading.unknown()
    if not lenient:
        for key in unknown:
            reading.refuse(key, kind)
    if strategy is not None:
        _cross_check(strategy, sections, reading)
    if len(reading.mistakes.found) > before or own is None or strategy is None:
        return None
    shared = {key: getattr(own, key) for key in _TABLE_FIELDS}
    table = Table(
        name=name, strategy=strategy, sections=sections, beneath=beneath, **shared
    )
    settings = unstructure(table, reading.plugins) | unknown
    return attrs.evolve(table, settings=settings)


def _cross_check(
    strategy: Any, sections: Mapping[str, object], reading: Reading
) -> None:
    """Remember what only several parts of the settings together get wrong."""
    for section in sections.values():
        problems = getattr(section, "problems", None)
        if callable(problems):
            for sentence in problems(strategy):
                reading.mistakes.add(reading.place, sentence)


def unstructure(table: Table, plugins: Plugins) -> dict[str, Any]:
    """Return a table's settings in plain JSON, from which it is made again.

    What is as it is by default is left out; everything else has one canonical
    spelling, so that equal tables have equal settings.

    :param plugins: they know which sections stand beside the table's own keys.
    """
    shared = {key: getattr(table, key) for key in _TABLE_FIELDS}
    shared["storage"] = conversion.structure(table.storage, _STORAGE)
    settings: dict[str, Any] = {"partition_type": table.strategy.kind}
    settings |= conversion.plain(TableKeys(**shared))
    settings |= conversion.plain(table.strategy)
    if table.beneath is not None:
        settings[SUBPARTITION] = written(table.beneath)
    known = plugins.sections()
    for name, value in table.sections.items():
        plain = conversion.plain(value)
        inline = name in known and known[name].inline
        settings |= plain if inline else {name: plain}
    return settings


_STORAGE = settings_of(TableKeys)["storage"].type


def keys(plugins: Plugins) -> tuple[Setting, ...]:
    """Return all settings that a table can have beside each other, each once.

    Sections of their own are not among them; ``plugins.sections()`` has those.
    """
    found = dict(settings_of(TableKeys))
    inline = [s.kind for s in plugins.sections().values() if s.inline]
    for kind in (*plugins.strategies().values(), *inline):
        for name, setting in settings_of(kind).items():
            found.setdefault(name, setting)
    return tuple(found.values())
