"""What the catalog says of a parent that its new partitions must be told.

``CREATE TABLE (LIKE ...)`` and ``ATTACH`` carry over columns, defaults, checks,
indexes, foreign keys and triggers.  Owner, grants, row security, replica identity,
statistics targets, tablespace and access method they do not.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from attrs import evolve, frozen
from psycopg.rows import dict_row

from partman_core.naming import Name
from partman_core.pg.failures import explained
from partman_core.pg.queries import in_schema, queries
from partman_core.pg.session import read

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

    :param types: of the key's columns, as they are declared.
    :param role: who we are; to be returned to after acting as the owner.
    :param replica_identity: PostgreSQL's letter: ``d``, ``n``, ``f`` or ``i``.
    :param replica_columns: of the replica identity's index, for ``i``.
    :param superuser: whether we are one.
    :param default_is_owners: whether DEFAULT belongs to the parent's owner, who can
        lock it then.
    :param default_bytes: how much of DEFAULT an attach reads; 0 if nobody has looked.
    :param refers_to: tables that the parent's foreign keys point at.
    :param referred_by: tables whose foreign keys point at the parent.
    """

    oid: int
    name: Name
    owner: str
    role: str
    types: tuple[str, ...]
    superuser: bool = False
    row_security: bool = False
    force_row_security: bool = False
    replica_identity: str = "d"
    replica_columns: tuple[str, ...] = ()
    tablespace: str | None = None
    access_method: str | None = None
    default: Name | None = None
    default_is_owners: bool = True
    default_bytes: int = 0
    grants: tuple[Grant, ...] = ()
    columns: tuple[ColumnSettings, ...] = ()
    refers_to: tuple[Name, ...] = ()
    referred_by: tuple[Name, ...] = ()

    def with_default(self, name: Name) -> Facts:
        """Return them with a DEFAULT partition that was made since."""
        return evolve(self, default=name, default_is_owners=True)

    @property
    def attach_waits(self) -> bool:
        """Whether application queries can queue behind an ATTACH here."""
        return self.default is not None or self.is_linked

    @property
    def is_linked(self) -> bool:
        """Whether foreign keys lead from it or to it."""
        return bool(self.refers_to or self.referred_by)


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
        types=tuple(row["types"]),
        superuser=row["superuser"],
        row_security=row["row_security"],
        force_row_security=row["force_row_security"],
        replica_identity=row["replica_identity"],
        replica_columns=tuple(row["replica_columns"] or ()),
        tablespace=row["tablespace"],
        access_method=row["access_method"],
        default=None if default is None else Name(row["default_schema"], default),
        default_is_owners=row["default_is_owners"],
        grants=tuple(Grant(**grant) for grant in row["grants"]),
        columns=tuple(
            ColumnSettings(
                column=column["column"],
                target=column["target"],
                options=tuple(column["options"]),
            )
            for column in row["columns"]
        ),
        refers_to=tuple(Name(*name) for name in row["refers_to"]),
        referred_by=tuple(Name(*name) for name in row["referred_by"]),
    )


@frozen
class Place:
    """Where a partition stands now.

    :param schema: with ``relation`` the name that it has now.
    :param pending: half-detached.
    :param bounds: as the catalog prints them.
    :param check: the CHECK that these amount to; None where it was not asked for, is
        there already, or would not stand on its own.
    :param stale: whether it has some other CHECK by the name that ours has.
    """

    schema: str
    relation: str
    parent: int
    pending: bool
    bounds: str
    check: str | None = None
    stale: bool = False


def places(
    conn: psycopg.Connection[Any], oids: Sequence[int], *, checks: bool = False
) -> dict[int, Place]:
    """Read where partitions stand now, by oid; those that are none are left out.

    :param checks: also their CHECKs.
    :raises Blocked: somebody holds one exclusively.
    """
    asked = {"oids": list(oids), "checks": checks}
    with explained(conn):
        rows = read(conn, _SQL["bounds"], asked)
    return {oid: Place(*row) for oid, *row in rows}


def columns(conn: psycopg.Connection[Any], oid: int) -> list[str]:
    """Return the names of a table's columns, in their order."""
    return [name for (name,) in read(conn, _SQL["columns"], {"oid": oid})]


def taken(conn: psycopg.Connection[Any], names: Sequence[Name]) -> set[Name]:
    """Return which of *names* relations or types have already."""
    asked = {
        "schemas": [name.schema for name in names],
        "names": [name.relation for name in names],
    }
    rows = read(conn, _SQL["taken"], asked)
    return {Name(schema, relation) for schema, relation in rows}


def schemas(
    conn: psycopg.Connection[Any], parent: int, names: Collection[str]
) -> dict[str, bool]:
    """Return which of these schemas are there.

    :returns: by name, whether the owner of *parent* may make tables in it.
    """
    asked = {"parent": parent, "schemas": list(names)}
    return dict(conn.execute(_SQL["schemas"], asked).fetchall())


def obstacles(
    conn: psycopg.Connection[Any], schema: str, oids: Sequence[int], now: datetime
) -> dict[int, tuple[Name, str | None]]:
    """Say what forbids to drop detached partitions.

    :param schema: name of our own schema.
    :param now: the run's clock.
    :returns: by oid the name that it has now, and ``attached``, ``unguarded``,
        ``unsettled``, ``unknown``, ``held``, ``early``, or None where nothing does; a
        table that is gone is left out.
    """
    query = in_schema(_SQL["obstacles"], schema)
    rows = conn.execute(query, {"oids": list(oids), "now": now})
    return {oid: (Name(*name), why) for oid, *name, why in rows}


def bound_checks(
    conn: psycopg.Connection[Any], schema: str, oids: Sequence[int]
) -> dict[int, str]:
    """Read the CHECKs that were recorded of retired partitions, by oid.

    :param schema: name of our own schema.
    """
    query = in_schema(_SQL["bound_checks"], schema)
    return dict(conn.execute(query, {"oids": list(oids)}).fetchall())


def missing_checks(
    conn: psycopg.Connection[Any], schema: str, oids: Sequence[int]
) -> dict[int, str]:
    """Read the recorded CHECKs that retired partitions do not have, by oid.

    :param schema: name of our own schema.
    """
    query = in_schema(_SQL["missing_checks"], schema)
    return dict(conn.execute(query, {"oids": list(oids)}).fetchall())
