"""Tenants of a table: what is another for each of them, and how it is written."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from uuid import UUID

from partman_core.interval import Interval

if TYPE_CHECKING:
    from partman_core.keys import Column
    from partman_core.model import Table, Tree

OWN = ("partition_interval", "partition_count", "retention_period")
"""The settings that can be a tenant's own."""

_WHOLE = frozenset({"smallint", "integer", "bigint"})


def read(own: Mapping[str, Any]) -> dict[str, Any]:
    """Return a tenant's own settings as values.

    :param own: as texts; what is not named is as the table has it.
    :raises ValueError: one of them is no length of time, and no number either.
    """
    found: dict[str, Any] = {}
    for key in OWN:
        value = own.get(key)
        if value is None:
            continue
        if (
            key == "partition_count"
            or isinstance(value, int)
            or (isinstance(value, str) and value.isdecimal())
        ):
            found[key] = int(value)
        else:
            found[key] = Interval.parse(value)
    return found


def written(own: Mapping[str, Any]) -> dict[str, Any]:
    """Return a tenant's own settings as they are stored."""
    return {
        key: value if key == "partition_count" else str(value)
        for key, value in read(own).items()
    }


def column_of(table: Table, tree: Tree) -> Column | None:
    """Return the column that says whose a row is; None: there is none."""
    name = getattr(table.strategy, "column", None)
    known = {column.name: column for column in tree.key.columns}
    return known.get(name) or tree.columns.get(name or "")


def spelled(tenant: str, kind: str) -> str:
    """Return a tenant as PostgreSQL writes the value, where that is another way.

    :param kind: the type of the tenant column.
    """
    with suppress(ValueError):
        if kind in _WHOLE:
            return str(int(tenant))
        if kind == "uuid":
            return str(UUID(tenant))
    return tenant
