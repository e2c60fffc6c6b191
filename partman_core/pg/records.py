"""What is written into our tables together with DDL, in the DDL's transaction.

Each function returns a statement with all its values in it, so that the executor
can send it in one string with the statements that it belongs to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, LiteralString

from partman_core.naming import Name
from partman_core.pg.driver import sql

if TYPE_CHECKING:
    from datetime import datetime

    from partman_core.model import Action, Deed


def record_built(
    schema: str,
    name: Name,
    parent: int,
    bounds: str,
    run: int | None,
    now: datetime,
) -> sql.Composed:
    """Record a table that was built for *parent* and is not attached yet.

    :param bounds: the clause that it will be attached with.
    """
    return _statement(
        "INSERT INTO {schema}.managed_partitions"
        " (relation, parent, bounds, attached, origin, created_at, run_id)"
        " VALUES ({relation}, {parent}::oid, {bounds}, false, 'made', {now}, {run})",
        schema,
        relation=_by_name(name),
        parent=sql.Literal(parent),
        bounds=sql.Literal(bounds),
        now=sql.Literal(now),
        run=sql.Literal(run),
    )


def mark_attached(schema: str, name: Name) -> sql.Composed:
    """Record that a table that was built is attached now."""
    return _statement(
        "UPDATE {schema}.managed_partitions SET attached = true"
        " WHERE relation = {relation}",
        schema,
        relation=_by_name(name),
    )


def record_adopted(
    schema: str, oid: int, parent: int, bounds: str, now: datetime
) -> sql.Composed:
    """Record that a partition that somebody else made is ours from now on."""
    return _statement(
        "INSERT INTO {schema}.managed_partitions"
        " (relation, parent, bounds, attached, origin, created_at)"
        " VALUES ({oid}::oid, {parent}::oid, {bounds}, true, 'adopted', {now})"
        " ON CONFLICT (relation) DO UPDATE SET parent = excluded.parent,"
        " bounds = excluded.bounds, attached = true, origin = excluded.origin,"
        " created_at = excluded.created_at",
        schema,
        oid=sql.Literal(oid),
        parent=sql.Literal(parent),
        bounds=sql.Literal(bounds),
        now=sql.Literal(now),
    )


def record_retirement(  # noqa: PLR0913 - a row has as many columns
    schema: str,
    oid: int,
    parent: int,
    bounds: str,
    action: Action,
    target_schema: str | None,
    retired_at: datetime,
    due: datetime | None,
    run: int | None,
    rows: int | None,
    bytes: int | None,  # noqa: A002 - as everywhere
) -> sql.Composed:
    """Record that a partition is to be taken out, and what becomes of it.

    The CHECK that its bounds amount to is recorded with it, as PostgreSQL prints it
    at that moment.  That waits where somebody holds the partition exclusively.
    """
    columns = {
        "parent": sql.SQL("{}::oid").format(parent),
        "bounds": sql.Literal(bounds),
        "action": sql.Literal(action),
        "target_schema": sql.Literal(target_schema),
        "retired_at": sql.Literal(retired_at),
        "due": sql.Literal(due),
        "run_id": sql.Literal(run),
        "bound_check": sql.SQL("pg_get_partition_constraintdef({})").format(oid),
        "rows": sql.Literal(rows),
        "bytes": sql.Literal(bytes),
    }
    names = [sql.Identifier(name) for name in columns]
    return _statement(
        "INSERT INTO {schema}.detached_partitions (relation, {names})"
        " VALUES ({oid}::oid, {values}) ON CONFLICT (relation) DO UPDATE SET {changes}",
        schema,
        oid=sql.Literal(oid),
        names=sql.SQL(", ").join(names),
        values=sql.SQL(", ").join(columns.values()),
        changes=sql.SQL(", ").join(
            sql.SQL("{0} = excluded.{0}").format(name) for name in names
        ),
    )


def forget(schema: str, oid: int) -> sql.Composed:
    """Forget a relation: it is dropped, moved out of our care, or never was."""
    return _statement(
        "WITH gone AS (DELETE FROM {schema}.detached_partitions"
        " WHERE relation = {oid}::oid)"
        " DELETE FROM {schema}.managed_partitions WHERE relation = {oid}::oid",
        schema,
        oid=sql.Literal(oid),
    )


def record_deed(schema: str, deed: Deed) -> sql.Composed:
    """Record one operation in the history."""
    values = {
        "run_id": deed.run,
        "at": deed.at,
        "schema_name": deed.table.schema,
        "table_name": deed.table.relation,
        "kind": deed.kind,
        "partition": str(deed.partition),
        "bounds": deed.bounds,
        "rows": deed.rows,
        "bytes": deed.bytes,
        "seconds": deed.seconds,
        "result": deed.result,
        "sqlstate": deed.sqlstate,
        "message": deed.message,
    }
    return _statement(
        "INSERT INTO {schema}.operation_history ({names}) VALUES ({values})",
        schema,
        names=sql.SQL(", ").join(map(sql.Identifier, values)),
        values=sql.SQL(", ").join(map(sql.Literal, values.values())),
    )


def _statement(
    text: LiteralString, schema: str, **parts: sql.Composable
) -> sql.Composed:
    return sql.SQL(text).format(schema=sql.Identifier(schema), **parts)


def _by_name(name: Name) -> sql.Composed:
    """Return the relation of that name, for when its oid is not known yet."""
    return sql.SQL("{}::regclass").format(str(name))
