"""What the catalog says of a parent that its new partitions must be told.

``CREATE TABLE (LIKE ...)`` and ``ATTACH`` carry over columns, defaults, checks,
indexes, foreign keys and triggers.  Owner, grants, row security, replica identity,
statistics targets, tablespace and access method they do not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from attrs import frozen
from psycopg.rows import dict_row

from partman_core.naming import Name
from partman_core.pg.build import relation
from partman_core.pg.driver import errors, sql
from partman_core.pg.queries import in_schema, queries

if TYPE_CHECKING:
    from datetime import datetime

    import psycopg

_SQL = queries("facts.sql")


@frozen(kw_only=True)
class Grant:
    """One privilege that somebody has on the parent or on one of its columns.

    :param grantee: a role; None: everybody (PUBLIC).
    """

    grantee: str | None
    privilege: str
    grantable: bool
    column: str | None = None


@frozen(kw_only=True)
class ColumnSettings:
    """Statistics target and options (``n_distinct=...``) of one column."""

    column: str
    target: int | None
    options: tuple[str, ...]


@frozen(kw_only=True)
class Facts:
    """What decides how a partition of one parent is built, attached and retired.

    :param role: who we are; to be returned to after acting as the owner.
    :param replica_identity: PostgreSQL's letter: ``d``, ``n``, ``f`` or ``i``.
    :param replica_columns: of the replica identity's index, for ``i``.
    :param refers_to: tables that the parent's foreign keys point at.
    :param referred_by: tables whose foreign keys point at the parent.
    """

    oid: int
    name: Name
    owner: str
    role: str
    row_security: bool = False
    force_row_security: bool = False
    replica_identity: str = "d"
    replica_columns: tuple[str, ...] = ()
    tablespace: str | None = None
    access_method: str | None = None
    default: Name | None = None
    grants: tuple[Grant, ...] = ()
    columns: tuple[ColumnSettings, ...] = ()
    refers_to: tuple[str, ...] = ()
    referred_by: tuple[str, ...] = ()

    @property
    def attach_waits(self) -> bool:
        """Whether application queries can queue behind an ATTACH here."""
        return self.default is not None or bool(self.refers_to)


def facts(conn: psycopg.Connection[Any], oids: Sequence[int]) -> dict[int, Facts]:
    """Read the facts of parents, by oid; one that is gone is left out."""
    with conn.cursor(row_factory=dict_row) as cur:
        cur.execute(_SQL["facts"], {"oids": list(oids)})
        return {row["oid"]: _facts(row) for row in cur}


def _facts(row: Mapping[str, Any]) -> Facts:
    default = row["default_relation"]
    return Facts(
        oid=row["oid"],
        name=Name(row["schema"], row["relation"]),
        owner=row["owner"],
        role=row["role"],
        row_security=row["row_security"],
        force_row_security=row["force_row_security"],
        replica_identity=row["replica_identity"],
        replica_columns=tuple(row["replica_columns"] or ()),
        tablespace=row["tablespace"],
        access_method=row["access_method"],
        default=None if default is None else Name(row["default_schema"], default),
        grants=tuple(Grant(**grant) for grant in row["grants"]),
        columns=tuple(
            ColumnSettings(
                column=column["column"],
                target=column["target"],
                options=tuple(column["options"]),
            )
            for column in row["columns"]
        ),
        refers_to=tuple(row["refers_to"]),
        referred_by=tuple(row["referred_by"]),
    )


def constraints(conn: psycopg.Connection[Any], oids: Sequence[int]) -> dict[int, str]:
    """Read the bounds of partitions as CHECK expressions, by oid."""
    rows = conn.execute(_SQL["constraints"], {"oids": list(oids)})
    return {oid: text for oid, text in rows if text}


def taken(conn: psycopg.Connection[Any], names: Sequence[Name]) -> set[Name]:
    """Return those of *names* that some relation has already."""
    rows = conn.execute(
        _SQL["taken"],
        {"schemas": [n.schema for n in names], "names": [n.relation for n in names]},
    )
    return {Name(schema, relation) for schema, relation in rows}


def children(
    conn: psycopg.Connection[Any], parent: int, oids: Sequence[int]
) -> dict[int, bool]:
    """Return which of *oids* are children of *parent*, True for half-detached."""
    params = {"parent": parent, "oids": list(oids)}
    return dict(conn.execute(_SQL["children"], params).fetchall())


def bounds_now(
    conn: psycopg.Connection[Any], oids: Sequence[int]
) -> dict[int, tuple[int, str]]:
    """Read the parent and the bounds' text of partitions, as they are now, by oid."""
    rows = conn.execute(_SQL["bounds_now"], {"oids": list(oids)})
    return {oid: (parent, text) for oid, parent, text in rows}


def obstacles(
    conn: psycopg.Connection[Any], schema: str, oids: Sequence[int], now: datetime
) -> dict[int, str | None]:
    """Say what forbids to drop detached partitions.

    :param schema: name of our own schema.
    :param now: the run's clock.
    :returns: by oid ``attached``, ``unguarded``, ``unknown``, ``held``, ``early``, or
        None where nothing does; a table that is gone is left out.
    """
    query = in_schema(_SQL["obstacles"], schema)
    return dict(conn.execute(query, {"oids": list(oids), "now": now}).fetchall())


def is_empty(conn: psycopg.Connection[Any], name: Name) -> bool:
    """Whether a table that was built and never attached still holds no row."""
    query = sql.SQL(_SQL["empty"]).format(table=relation(name))
    (row,) = conn.execute(query).fetchall()
    return bool(row[0])


def has_rows(conn: psycopg.Connection[Any], name: Name) -> bool | None:
    """Whether a table holds any row; None if it cannot be read now."""
    try:
        return not is_empty(conn, name)
    except (
        errors.InsufficientPrivilege,
        errors.LockNotAvailable,
        errors.QueryCanceled,
        errors.UndefinedTable,
    ):
        return None
