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
from msgspec import UNSET, Meta, UnsetType

from partman_core.conversion import plain
from partman_core.declaration import DEFAULT_TYPE
from partman_core.interval import Interval
from partman_core.settings import Parameters, Setting, TableKeys, settings_of
from partman_core.settings_file import PARTS

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
_TEXTS = {Interval: _INTERVAL, datetime: _MOMENT, date: _MOMENT, Path: str}
_PARAMETERS = dict[str, str | int | float | bool]


def schema(plugins: Plugins) -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a settings file.

    :param plugins: whose strategies and sections it has.
    """
    tables = tuple(_table(kind, plugins) for kind in plugins.strategies().values())
    parts = [_optional(name, _twin(kind)) for name, kind in PARTS.items()]
    fields = [*parts, _optional("tables", list[Any])]
    file = msgspec.defstruct("Settings", fields, forbid_unknown_fields=True)
    (root, *_), components = msgspec.json.schema_components(
        [file, *tables], ref_template="#/$defs/{name}"
    )
    names = [table.__name__ for table in tables]
    choice = [{"$ref": f"#/$defs/{name}"} for name in names]
    components["Settings"]["properties"]["tables"]["items"] = (
        choice[0] if len(choice) == 1 else {"anyOf": choice}
    )
    return {"$schema": DIALECT, "title": "partman", **root, "$defs": components}


def _table(kind: type[Any], plugins: Plugins) -> type[msgspec.Struct]:
    """Return the twin of a table's settings with the strategy *kind*."""
    settings = dict(settings_of(TableKeys)) | settings_of(kind)
    sections = []
    for section in plugins.sections().values():
        if section.inline:
            settings |= settings_of(section.kind)
        else:
            sections.append(_optional(section.name, _twin(section.kind)))
    chosen = Literal[kind.kind]  # type: ignore[name-defined]
    settings["partition_type"] = attrs.evolve(
        settings["partition_type"],
        type=chosen,
        default=None if kind.kind == DEFAULT_TYPE else attrs.NOTHING,
    )
    name = Annotated[
        str, Meta(description="The partitioned table.", examples=["public.events"])
    ]
    fields = [("name", name), *map(_field, settings.values()), *sections]
    return msgspec.defstruct(
        f"Table_{kind.kind}", fields, forbid_unknown_fields=True, kw_only=True
    )


def _twin(kind: type[Any]) -> type[msgspec.Struct]:
    """Return a class like *kind* whose values are those of TOML and JSON."""
    doc = (kind.__doc__ or "").partition("\n:param")[0].partition(":param")[0]
    return msgspec.defstruct(
        kind.__name__,
        [_field(setting) for setting in settings_of(kind).values()],
        namespace={"__doc__": " ".join(doc.split())},
        forbid_unknown_fields=True,
        kw_only=True,
    )


def _field(setting: Setting) -> tuple[str, Any] | tuple[str, Any, Any]:
    examples = None if setting.example is None else [setting.example]
    meta = Meta(description=setting.meaning or setting.name, examples=examples)
    described: Any = Annotated[_translated(setting.type), meta]
    if setting.required:
        return setting.name, described
    default = plain(setting.default)
    if default is None or isinstance(default, list | dict):
        return _optional(setting.name, described)
    return setting.name, described, msgspec.field(default=default)


def _optional(name: str, kind: Any) -> tuple[str, Any, Any]:
    """Return a field that may be left out; TOML has nothing like null."""
    return name, Union[kind, UnsetType], msgspec.field(default=UNSET)  # noqa: UP007


def _translated(kind: Any) -> Any:
    """Return the type of the plain values from which *kind* is read."""
    if kind in _TEXTS:
        return _TEXTS[kind]
    if kind is Parameters:
        return _PARAMETERS
    if isinstance(kind, type) and attrs.has(kind):
        return _twin(kind)
    origin, inner = get_origin(kind), get_args(kind)
    if origin is Literal or not inner:
        return kind
    kinds = tuple(
        each if each is ... else _translated(each)
        for each in inner
        if each is not NoneType
    )
    if origin in (Union, UnionType):
        return Union[kinds]  # noqa: UP007 - of types that are known at run time only
    return origin[kinds]
