"""The settings of a managed table that do not depend on any plugin.

A setting is a field of a frozen attrs class: its type says what values it takes, its
line in the class's docstring what it means.  Strategies and sections of plugins
bring classes of their own, read here in the same way.
"""

from __future__ import annotations

import re
from inspect import cleandoc
from typing import Any, Literal, get_type_hints
from weakref import WeakKeyDictionary

import attrs
from attrs import Attribute, field, frozen

from partman_core.interval import Interval, zone
from partman_core.naming import DEFAULT_TEMPLATE, validate_template


class Parameters(dict[str, str]):
    """Storage parameters by name, as PostgreSQL reads them."""


def _is_zone(_self: object, _attribute: Attribute[str], name: str) -> None:
    zone(name)


def _is_template(_self: object, _attribute: Attribute[str], template: str) -> None:
    validate_template(template)


def _is_positive(_self: object, attribute: Attribute[Interval], value: Any) -> None:
    if not value:
        raise ValueError(f"{attribute.name} is longer than nothing")


def _is_written(_self: object, attribute: Attribute[Any], value: str | None) -> None:
    if value is not None and not value.strip():
        raise ValueError(f"{attribute.name} is empty")


@frozen(kw_only=True)
class TableKeys:
    """The settings that every managed table has, whatever its strategy.

    :param partition_type: the strategy by name; by default that of the table itself.
    :param partition_by: the key column, as in the table's own PARTITION BY; by
        default as found.
    :param key: how key values are read, by the name of a codec: epoch_s, epoch_ms,
        epoch_us, epoch_ns, uuid7, ulid, or a plugin's; by default by the column's
        type.
    :param timezone: the zone in whose calendar periods begin, by its IANA name.
    :param name_template: how partitions are named.
    :param default_partition: whether a DEFAULT partition is kept.
    :param storage: storage parameters of new partitions; by default the table's.
    :param tablespace: tablespace of new partitions; by default the table's.
    :param max_stall: the longest that application queries may queue behind partman.
    :param lock_patience: how long to try for locks without progress.
    :param hook_timeout: how long a pre-drop hook may take.
    :param drain: whether maintenance moves rows out of the DEFAULT partition.
    """

    partition_type: str | None = field(default=None, validator=_is_written)
    partition_by: str | None = field(
        default=None, validator=_is_written, metadata={"example": "created_at"}
    )
    key: str | None = field(default=None, validator=_is_written)
    timezone: str = field(
        default="UTC", validator=_is_zone, metadata={"example": "Europe/Berlin"}
    )
    name_template: str = field(default=DEFAULT_TEMPLATE, validator=_is_template)
    default_partition: bool = False
    storage: Parameters = field(
        factory=Parameters, metadata={"example": {"fillfactor": 90}}
    )
    tablespace: str | None = field(default=None, validator=_is_written)
    max_stall: Interval = field(
        default=Interval(microseconds=100_000), validator=_is_positive
    )
    lock_patience: Interval = field(
        default=Interval(microseconds=30_000_000), validator=_is_positive
    )
    hook_timeout: Interval = field(
        default=Interval(microseconds=3_600_000_000), validator=_is_positive
    )
    drain: Literal["never"] = "never"


@frozen(kw_only=True)
class LevelKeys:
    """The settings of a level below the first, besides those of its strategy.

    :param partition_type: the strategy by name.
    :param partition_by: the key column, or several with commas between them.
    :param key: how key values are read, by the name of a codec; by default by the
        column's type.
    :param default_partition: whether each partition keeps a DEFAULT partition.
    """

    partition_type: str = field(validator=_is_written, metadata={"example": "hash"})
    partition_by: str = field(validator=_is_written, metadata={"example": "id"})
    key: str | None = field(default=None, validator=_is_written)
    default_partition: bool = False


SUBPARTITION = "subpartition"
"""The key of the level below: a table of its own, which may have one again."""

UNSERVED = frozenset(
    {
        "retention_if",
        "retention_size",
    }
)
"""Keys that partman knows and this version does not serve."""

UNSERVED_VALUES = {"drain": "small"}
"""Values that partman knows and this version does not serve, by key."""

SYNONYMS = {
    "column": "partition_by",
    "control": "partition_by",
    "count": "partition_count",
    "interval": "partition_interval",
    "partition_column": "partition_by",
    "partition_key": "partition_by",
    "premake": "partition_count",
    "retention": "retention_period",
    "strategy": "partition_type",
    "tz": "timezone",
}
"""What the same thing is called elsewhere."""


@frozen(kw_only=True)
class Setting:
    """One key of the settings.

    :param type: what values it takes, resolved.
    :param default: what it is when it is not named; NOTHING if it is required.
    :param meaning: a sentence or two.
    :param example: a value as people write it; None if it needs none.
    """

    name: str
    field: str
    type: Any
    default: Any = attrs.NOTHING
    meaning: str = ""
    example: Any = None

    @property
    def required(self) -> bool:
        """Whether it has to be named."""
        return self.default is attrs.NOTHING


_KNOWN: WeakKeyDictionary[type[Any], dict[str, Setting]] = WeakKeyDictionary()


def settings_of(kind: type[Any]) -> dict[str, Setting]:
    """Return the settings that an attrs class stands for, by key.

    :param kind: its fields are the keys; the lines ``:param key:`` of its docstring
        say what they mean.
    """
    found = _KNOWN.get(kind)
    if found is None:
        found = _KNOWN[kind] = _read(kind)
    return found


def _read(kind: type[Any]) -> dict[str, Setting]:
    types = get_type_hints(kind, include_extras=True)
    meanings = _meanings(kind.__doc__ or "")
    return {
        each.alias or each.name: Setting(
            name=each.alias or each.name,
            field=each.name,
            type=types.get(each.name, Any),
            default=_default(each),
            meaning=meanings.get(each.name, ""),
            example=each.metadata.get("example"),
        )
        for each in attrs.fields(kind)
        if each.init
    }


def _default(attribute: Attribute[Any]) -> Any:
    default: Any = attribute.default
    if isinstance(default, attrs.Factory):  # type: ignore[arg-type]
        return None if default.takes_self else default.factory()
    return default


_PARAM = re.compile(r"^:param (\w+):\s*(.*?)(?=^:|\Z)", re.MULTILINE | re.DOTALL)


def _meanings(doc: str) -> dict[str, str]:
    """Return what the ``:param`` lines of a docstring say."""
    found = _PARAM.findall(cleandoc(doc))
    words = {name: " ".join(text.split()).replace("``", "`") for name, text in found}
    return {name: text[:1].upper() + text[1:] for name, text in words.items()}


RESERVED = frozenset({"name", SUBPARTITION, *settings_of(TableKeys)})
"""Keys that no plugin can have for its own."""
