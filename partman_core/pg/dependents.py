"""What would be in the way of a partition that leaves: asked beforehand, and named.

PostgreSQL finds out about a view when the partition is detached already, and names a
foreign key by what it has called its part for that partition.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import frozen
from psycopg.sql import Literal

from partman_core.bounds import RangeBounds
from partman_core.naming import Name, quote_ident
from partman_core.pg.queries import queries
from partman_core.pg.session import read

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import psycopg

    from partman_core.bounds import Bounds
    from partman_core.keys import Key
    from partman_core.pg.session import Connection

_SQL = queries("dependents.sql")

_BY_IDENTITY = (
    "function",
    "materialized view",
    "policy",
    "procedure",
    "rule",
    "trigger",
    "view",
)
"""What ``DROP`` takes by the identity that PostgreSQL gives it."""


@frozen
class Dependent:
    """Something that needs a table.

    :param kind: what it is, in PostgreSQL's words.
    :param identity: its name, as PostgreSQL writes it.
    :param names: the parts of its name, unquoted.
    """

    kind: str
    identity: str
    names: tuple[str, ...]

    def __str__(self) -> str:
        """Return how it is called in a sentence."""
        kind = "constraint" if self.kind == "table constraint" else self.kind
        return f"{kind} {self.identity}"

    @property
    def removal(self) -> str:
        """Write what does away with it."""
        if self.kind in _BY_IDENTITY:
            return f"DROP {self.kind.upper()} {self.identity}"
        if self.kind == "table constraint":
            schema, table, name = self.names
            owner = Name(schema, table)
            return f"ALTER TABLE {owner} DROP CONSTRAINT {quote_ident(name)}"
        return f"drop the {self}"


def dependents(
    conn: Connection, oids: Sequence[int]
) -> dict[int, tuple[Dependent, ...]]:
    """Find what would not let partitions be dropped once they are detached.

    :returns: by oid; a partition that nothing needs is left out.
    """
    found: dict[int, tuple[Dependent, ...]] = {}
    for oid, kind, identity, names in read(
        conn, _SQL["dependents"], {"oids": list(oids)}
    ):
        each = Dependent(kind, identity, tuple(names))
        found[oid] = (*found.get(oid, ()), each)
    return found


@frozen
class Reference:
    """A foreign key that points at a table.

    :param table: that it belongs to.
    :param columns: by the column that is referred to, the one that refers to it.
    """

    table: Name
    constraint: str
    columns: Mapping[str, str]

    def deletion(self, key: Key, bounds: Bounds | None) -> str | None:
        """Write the end of the rows that refer to a partition.

        :param key: of the table that is referred to.
        :param bounds: of the partition.
        :returns: None where that is no range of one column.
        """
        column = self.columns.get(key.columns[0].name or "")
        if column is None or len(key.columns) > 1:
            return None
        if not isinstance(bounds, RangeBounds):
            return None
        ends = (*bounds.lower, *bounds.upper)
        limits = [
            f"{quote_ident(column)} {sign} {Literal(end).as_string(None)}"
            for sign, end in zip((">=", "<"), ends, strict=True)
            if isinstance(end, str)
        ]
        if not limits:
            return None
        return f"DELETE FROM {self.table} WHERE {' AND '.join(limits)}"  # noqa: S608


def reference(conn: Connection, error: psycopg.Error) -> Reference | None:
    """Find the foreign key that *error* tells of, as its owner knows it.

    :param error: why a partition could not leave its table.
    :returns: None if there is none any more.
    """
    asked: dict[str, Any] = {
        "schema": error.diag.schema_name,
        "relation": error.diag.table_name,
        "constraint": error.diag.constraint_name,
    }
    for schema, table, constraint, columns in read(conn, _SQL["reference"], asked):
        return Reference(Name(schema, table), constraint, columns)
    return None


def unidentified(conn: Connection, oids: Sequence[int]) -> dict[int, tuple[Name, ...]]:
    """Find what has no replica identity, of tables and their partitions.

    Rows there that are published can be neither changed nor deleted.

    :returns: by oid of the table, what has none: the table itself, whose partitions
        are made like it, and partitions; a table where all is well is left out.
    """
    found: dict[int, tuple[Name, ...]] = {}
    asked = {"oids": list(oids)}
    for oid, schema, relation in read(conn, _SQL["unidentified"], asked):
        found[oid] = (*found.get(oid, ()), Name(schema, relation))
    return found
