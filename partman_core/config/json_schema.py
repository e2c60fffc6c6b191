"""The JSON Schema of the settings file, with the plugins that are installed.

Editors complete and check ``partman.toml`` with it.  The settings' own classes say
what there is; :mod:`msgspec` writes the schema of plain twins of them, in which
intervals and moments are the texts that people write.
"""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Annotated, Any, Literal, Union, get_args, get_origin

import attrs
import msgspec
from attrs import Factory, define
from msgspec import UNSET, Meta, UnsetType

from partman_core.config.conversion import plain
from partman_core.config.declaration import DEFAULT_TYPE
from partman_core.config.file import PARTS
from partman_core.interval import Interval
from partman_core.settings import (
    SUBPARTITION,
    Parameters,
    Setting,
    TableKeys,
    settings_of,
)

if TYPE_CHECKING:
    from partman_core.plugins import Plugins

DIALECT = "https://json-schema.org/draft/2020-12/schema"

_INTERVAL = Annotated[
    str,
    Meta(
        title="Interval",
        description='A length of time, as in "15 minutes", "1 month" or "P1D".',
        examples=["15 minutes", "1 day", "1 month"],
    ),
]
_MOMENT = Annotated[
    str,
    Meta(
        title="Moment",
        description="A date or a time; without an offset in the table's time zone.",
        examples=["2026-01-31", "2026-01-31T12:00:00+01:00"],
    ),
]
_NAME = Annotated[
    str, Meta(description="The partitioned table.", examples=["public.events"])
]
_LEVEL = Annotated[
    dict[str, Any],
    Meta(
        description="How each partition is partitioned again: partition_type, "
        "partition_by, and what that strategy takes; it may have a level below again.",
        examples=[{"partition_type": "hash", "partition_by": "id", "modulus": 8}],
    ),
]
_TEXTS = {
    Interval: _INTERVAL,
    datetime: _MOMENT,
    date: _MOMENT,
    Path: str,
    Parameters: dict[str, str | int | float | bool],
}


def schema(plugins: Plugins) -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a settings file.

    :param plugins: whose strategies and sections it has.
    """
    twins = _Twins()
    tables = [twins.table(kind, plugins) for kind in plugins.strategies().values()]
    parts = [_optional(name, twins.of(kind)) for name, kind in PARTS.items()]
    fields = [*parts, _optional("tables", list[Any])]
    file = msgspec.defstruct("Settings", fields, forbid_unknown_fields=True)
    (root, *chosen), components = msgspec.json.schema_components(
        [file, *tables], ref_template="#/$defs/{name}"
    )
    components["Settings"]["properties"]["tables"]["items"] = (
        chosen[0] if len(chosen) == 1 else {"anyOf": chosen}
    )
    return {"$schema": DIALECT, "title": "partman", **root, "$defs": components}


@define
class _Twins:
    """Classes like those of the settings, with values as TOML and JSON have them."""

    made: dict[type[Any], type[msgspec.Struct]] = Factory(dict)

    def of(self, kind: type[Any]) -> type[msgspec.Struct]:
        """Return the twin of a class."""
        if kind not in self.made:
            doc = (kind.__doc__ or "").partition(":param")[0]
            self.made[kind] = msgspec.defstruct(
                kind.__name__,
                [self.field(setting) for setting in settings_of(kind).values()],
                namespace={"__doc__": " ".join(doc.split())},
                module=kind.__module__,
                forbid_unknown_fields=True,
                kw_only=True,
            )
        return self.made[kind]

    def table(self, kind: type[Any], plugins: Plugins) -> type[msgspec.Struct]:
        """Return the twin of a table's settings with the strategy *kind*."""
        settings = settings_of(TableKeys) | settings_of(kind)
        sections = []
        for section in plugins.sections().values():
            if section.inline:
                settings |= settings_of(section.kind)
            else:
                sections.append(_optional(section.name, self.of(section.kind)))
        settings["partition_type"] = attrs.evolve(
            settings["partition_type"],
            type=Literal[kind.kind],
            default=None if kind.kind == DEFAULT_TYPE else attrs.NOTHING,
        )
        fields = [("name", _NAME), *map(self.field, settings.values()), *sections]
        fields.append(_optional(SUBPARTITION, _LEVEL))
        return msgspec.defstruct(
            f"Table_{kind.kind}", fields, forbid_unknown_fields=True, kw_only=True
        )

    def field(self, setting: Setting) -> tuple[str, Any] | tuple[str, Any, Any]:
        """Return the twin of a setting, as a field."""
        examples = None if setting.example is None else [setting.example]
        meta = Meta(description=setting.meaning or setting.name, examples=examples)
        described: Any = Annotated[self.translated(setting.type), meta]
        if setting.required:
            return setting.name, described
        default = plain(setting.default)
        if default is None or isinstance(default, list | dict):
            return _optional(setting.name, described)
        return setting.name, described, msgspec.field(default=default)

    def translated(self, kind: Any) -> Any:
        """Return the type of the plain values from which *kind* is read."""
        if kind in _TEXTS:
            return _TEXTS[kind]
        if isinstance(kind, type) and attrs.has(kind):
            return self.of(kind)
        origin, inner = get_origin(kind), get_args(kind)
        if origin is Literal or not inner:
            return kind
        kinds = tuple(
            each if each is ... else self.translated(each)
            for each in inner
            if each is not NoneType
        )
        if origin in (Union, UnionType):
            return Union[kinds]  # noqa: UP007 - of types that are known at run time only
        return origin[kinds]


def _optional(name: str, kind: Any) -> tuple[str, Any, Any]:
    """Return a field that may be left out; TOML has nothing like null."""
    return name, Union[kind, UnsetType], msgspec.field(default=UNSET)  # noqa: UP007
