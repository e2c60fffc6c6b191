"""Tenants in our own tables, and what a user's own question finds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg

from partman_core.errors import ConfigError
from partman_core.pg.driver import sql
from partman_core.pg.failures import explained
from partman_core.pg.queries import in_schema, queries
from partman_core.pg.session import read

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from partman_core.naming import Name
    from partman_core.pg.session import Connection

_SQL = queries("tenants.sql")

QUERY_BUDGET = "5s"
"""How long a user's question for tenants may take."""


def save(
    conn: Connection,
    schema: str,
    table: int,
    tenants: Mapping[str, Mapping[str, Any]],
    now: datetime,
) -> None:
    """Write tenants of a table, each in the place of what was there of it.

    :param schema: where our own tables are.
    :param table: the id of its row.
    :param tenants: by tenant, its settings as texts.
    """
    every = list(tenants.values())
    given = {
        "table": table,
        "tenants": list(tenants),
        "intervals": [own.get("partition_interval") for own in every],
        "counts": [own.get("partition_count") for own in every],
        "periods": [own.get("retention_period") for own in every],
        "moments": [now] * len(every),
    }
    with explained(conn, schema):
        conn.execute(in_schema(_SQL["save"], schema), given)


def remove(
    conn: Connection, schema: str, table: int, tenants: Sequence[str]
) -> list[str]:
    """Forget tenants of a table; return those that there were."""
    given = {"table": table, "tenants": list(tenants)}
    with explained(conn, schema):
        rows = conn.execute(in_schema(_SQL["remove"], schema), given).fetchall()
    return [tenant for (tenant,) in rows]


def canonical(conn: Connection, kind: str, values: Sequence[str]) -> list[str]:
    """Return values of a type as the server writes them.

    :param kind: the type's name, as the catalog has it.
    :raises ConfigError: one of them is none.
    """
    query = sql.SQL(_SQL["canonical"]).format(type=sql.SQL(kind))
    try:
        return [text for (text,) in read(conn, query, {"values": list(values)})]
    except psycopg.DataError as error:
        why = error.diag.message_primary or str(error)
        raise ConfigError(
            f"no tenant can be called so: {why}",
            hint=f"the tenant column is of the type {kind}",
            code="tenant",
        ) from error


def asked(conn: Connection, name: Name, query: str) -> list[str]:
    """Ask the question by which a table's tenants are found.

    It runs in a transaction that can write nothing, and for a while at most.

    :param query: one column, a row for each tenant.
    :raises ConfigError: PostgreSQL refuses it, or it gives something else.
    """
    limits = sql.SQL(
        "BEGIN READ ONLY; SET LOCAL statement_timeout = {}; SET LOCAL lock_timeout = {}"
    ).format(QUERY_BUDGET, QUERY_BUDGET)
    try:
        conn.execute(limits)
        cursor = conn.execute(query)
        rows = cursor.fetchall() if cursor.description else []
        width = len(cursor.description or ())
    except psycopg.Error as error:
        why = " ".join(str(error).split())
        raise _refused(name, f"PostgreSQL refuses it: {why}") from error
    finally:
        if not conn.closed:
            conn.rollback()
    if width != 1:
        raise _refused(name, f"it gives {width} columns, and has to give one")
    return sorted({str(value) for (value,) in rows if value is not None})


def _refused(name: Name, why: str) -> ConfigError:
    return ConfigError(
        f"{name}: tenants_query finds no tenants: {why}",
        hint='as in tenants_query = "SELECT id FROM customers"',
        code="tenants-query",
    )
