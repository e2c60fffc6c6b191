"""A managed table of flights, and what the tests of catalog and registry do to it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from psycopg.sql import SQL, Identifier

from partman_core.naming import Name
from partman_core.pg import catalog, registry
from partman_core.pg.records import Records

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from partman_core.model import Partition, Retired, Tree
    from partman_core.pg.session import Connection


NOW = datetime(2026, 3, 4, 5, 6, 7, 890123, tzinfo=UTC)
SCHEMA = "partman"
FLIGHTS = Name("public", "flights")
MARCH = "FOR VALUES FROM ('2026-03-01 00:00:00+00') TO ('2026-04-01 00:00:00+00')"
APRIL = "FOR VALUES FROM ('2026-04-01 00:00:00+00') TO ('2026-05-01 00:00:00+00')"
MAY = "FOR VALUES FROM ('2026-05-01 00:00:00+00') TO ('2026-06-01 00:00:00+00')"
OURS = {
    "actions",
    "schema_version",
    "partition_management",
    "managed_tenants",
    "managed_partitions",
    "detached_partitions",
    "maintenance_runs",
    "operation_history",
}
"""The tables of our schema."""

SETTINGS = {
    "partition_by": "at",
    "partition_type": "range",
    "partition_interval": "1 month",
    "partition_count": 12,
    "retention_period": "9 months",
    "timezone": "Europe/Madrid",
    "tenant_column": "carrier",
    "storage": {"fillfactor": "90"},
    "archive": {"to": "s3://bucket", "keep": [1, 2, None], "on": True},
}
"""A declaration with values of every type."""


def managed(conn: Connection, table: str, partitions: Mapping[str, str]) -> int:
    """Register a table, and record partitions as ours.

    :param partitions: bounds by name.
    :returns: the table's oid.
    """
    parent = oid_of(conn, table)
    registry.save(
        conn, SCHEMA, parent, Name("public", table), {}, origin="api", now=NOW
    )
    oids = [oid_of(conn, name) for name in partitions]
    conn.execute(records().adopted(oids, parent, list(partitions.values())))
    return parent


def records(run: int | None = None) -> Records:
    """Return what writes records of a run; None: of no run."""
    return Records(schema=SCHEMA, run=run, now=NOW)


def oid_of(conn: Connection, name: str) -> int:
    """Return the oid of a relation."""
    [(oid,)] = conn.execute("SELECT %s::regclass::oid", [name]).fetchall()
    return oid


def only(conn: Connection, oid: int) -> Tree:
    """Return the tree of one table."""
    return catalog.trees(conn, SCHEMA, [oid])[oid]


def names(partitions: Iterable[Partition | Retired]) -> list[str]:
    """Return the bare names of partitions."""
    return [partition.name.relation for partition in partitions]


def a_parent(conn: Connection) -> int:
    """Create the table flights without partitions; return its oid."""
    conn.execute("CREATE TABLE flights (at timestamptz) PARTITION BY RANGE (at)")
    return oid_of(conn, "flights")


def recorded(conn: Connection, parent: int, name: str, *, attach: bool = True) -> int:
    """Build a table and record it as ours, attached or not."""
    bounds = "FOR VALUES FROM ('2026-01-01 00:00:00+00') TO ('2026-02-01 00:00:00+00')"
    table = Name("public", name)
    written = records(run=1)
    conn.execute(SQL("CREATE TABLE {} (at timestamptz)").format(Identifier(name)))
    conn.execute(written.built([table], parent, [bounds]))
    if attach:
        conn.execute(
            SQL("ALTER TABLE flights ATTACH PARTITION {} {}").format(
                Identifier(name), SQL(bounds)
            )
        )
        conn.execute(written.attached([table]))
    return oid_of(conn, name)


def start(conn: Connection, **changes: Any) -> int:
    """Begin a run; return its number."""
    given = {"actor": "mia@host", "command": "maintain", "now": NOW, **changes}
    return registry.start_run(conn, SCHEMA, **given)


def tables(conn: Connection, name: str = SCHEMA) -> set[str]:
    """Return the names of the tables in a schema."""
    rows = conn.execute(
        "SELECT relname FROM pg_class WHERE relkind = 'r'"
        " AND relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = %s)",
        [name],
    )
    return {relname for (relname,) in rows}
