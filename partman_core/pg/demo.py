"""The demo's own tables: made, filled and counted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from partman_core.pg.queries import queries

if TYPE_CHECKING:
    from collections.abc import Iterable

    import psycopg

_SQL = queries("demo.sql")
CREATE = _SQL["create"]
"""The statement that makes the table, for showing."""

CREATE_BY_CARRIER = _SQL["create_by_carrier"]
"""The statement that makes the table of tenants, for showing."""


def create(conn: psycopg.Connection[Any]) -> None:
    """Make the partitioned table ``public.flights``, without partitions."""
    conn.execute(CREATE)


def load(conn: psycopg.Connection[Any], blocks: Iterable[bytes]) -> int:
    """Load rows, and let PostgreSQL look at them.

    :param blocks: CSV without a header line.
    :returns: how many rows there were.
    """
    with conn.cursor() as cursor:
        with cursor.copy(_SQL["copy"]) as copy:
            for block in blocks:
                copy.write(block)
        rows = cursor.rowcount
    conn.execute(_SQL["analyse"])
    return rows


def counts(conn: psycopg.Connection[Any]) -> dict[str, int]:
    """Count the rows of each partition, by its name."""
    return dict(conn.execute(_SQL["counts"]).fetchall())


def create_by_carrier(conn: psycopg.Connection[Any]) -> None:
    """Make the table ``public.flights_by_carrier``, without partitions."""
    conn.execute(CREATE_BY_CARRIER)


def fill_by_carrier(conn: psycopg.Connection[Any]) -> dict[str, int]:
    """Copy all flights that are kept; return how many each carrier has."""
    conn.execute(_SQL["fill_by_carrier"])
    conn.execute(_SQL["analyse_by_carrier"])
    return dict(conn.execute(_SQL["count_by_carrier"]).fetchall())


def version(conn: psycopg.Connection[Any]) -> str:
    """Return the server's version."""
    row = conn.execute(_SQL["version"]).fetchone()
    return row[0] if row else ""
