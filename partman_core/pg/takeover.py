"""What other partition managers have written down in the database, and who is at work.

Each keeps tables of its own: pg_partman ``part_config``, go_partman and gopartman
``parent_tables``.  pg-partsmith keeps none, but marks the tables that it takes out.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, LiteralString

from attrs import evolve, frozen

from partman_core.errors import ConfigError
from partman_core.naming import Name, quote_ident
from partman_core.pg import at_work
from partman_core.pg.driver import errors, sql
from partman_core.pg.queries import in_schema, queries
from partman_core.pg.session import read
from partman_core.takeover import Source, Template

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from partman_core.pg.session import Connection
    from partman_core.takeover import Peer

_SQL = queries("takeover.sql")

_KNOWN: Mapping[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
    "pg_partman": (("part_config", ("parent_table", "control", "premake")),),
    "go_partman": (
        ("parent_tables", ("partition_interval", "retention_period")),
        ("partition_management", ("tenant_id", "partition_interval")),
    ),
    "gopartman": (("parent_tables", ("partition_interval", "retention_period")),),
}
"""The tables by which each is known, with columns that they have."""

MAINTENANCE = "pg_partman run_maintenance"
"""What pg_partman makes its lock of."""

MARK, PREFIX = "pg-partsmith:orphan-parent=", "partitioner"
"""How pg-partsmith marks a table that it takes out, and what it makes its locks of."""

_CALLED = ("go_partman", "gopartman", "go-partman")
"""What programs with them may call their sessions."""

_TURN_OFF: Mapping[str, LiteralString] = {
    "part_config": "UPDATE {}.part_config SET automatic_maintenance = 'off'"
    " WHERE parent_table = {}",
    "parent_tables": "UPDATE {}.parent_tables SET automatic_maintenance = false"
    " WHERE schema_name = {} AND table_name = {}",
}
"""How each is told to leave a table alone."""


@frozen
class Place:
    """Where another one keeps its tables.

    :param table: by which it was known.
    """

    schema: str
    table: str


def places(conn: Connection, peer: Peer) -> list[Place]:
    """Return where a partition manager keeps its tables in this database."""
    return [
        Place(schema, table)
        for table, columns in _KNOWN.get(peer, ())
        for (schema,) in read(
            conn, _SQL["schemas"], {"table": table, "columns": list(columns)}
        )
    ]


def of_pg_partman(conn: Connection, place: Place) -> list[Source]:
    """Read pg_partman's tables.

    :raises ConfigError: they may not be read.
    """
    found = []
    rows = _rows(conn, "part_config", place)
    jobs = at_work.jobs(conn)
    busy = at_work.holders(conn, [at_work.Lock.of_text(conn, MAINTENANCE)])
    for text, written, template, is_nested in rows:
        source = Source(
            table=_named(written),
            row=json.loads(text),
            is_nested=is_nested,
            template=_template(conn, template),
            jobs=tuple(job for job in jobs if written in job),
            at_work=tuple(busy.get(0, ())),
            stop=_turn_off(conn, place, written),
        )
        found.append(source)
    return _seen(conn, found)


def of_go(conn: Connection, place: Place) -> list[Source]:
    """Read the tables of go_partman or gopartman.

    :raises ConfigError: they may not be read.
    """
    if place.table == "partition_management":
        return _seen(conn, _watched(conn, _of_first_layout(conn, place)))
    found = []
    rows = _rows(conn, "parent_tables", place)
    for text, schema, relation, tenants in rows:
        source = Source(
            table=Name(schema, relation),
            row=json.loads(text),
            tenants=json.loads(tenants),
            left=tuple(_left(conn, place, schema, relation)),
            stop=_turn_off(conn, place, schema, relation),
        )
        found.append(source)
    return _seen(conn, _watched(conn, found))


def of_partsmith(
    conn: Connection, rows: Iterable[tuple[Name, Mapping[str, Any]]], runtime: Any
) -> list[Source]:
    """Look at the tables of a document of pg-partsmith.

    :param rows: each with what the document says of it.
    :param runtime: what the document says of marks and locks.
    """
    mark = runtime.get("marker_prefix") or MARK
    prefix = runtime.get("lock_prefix") or PREFIX
    found = [Source(table=name, row=row) for name, row in rows]
    keys = [f"{one.table.schema}.{one.table.relation}" for one in found]
    locks = [at_work.Lock.of(_key(f"{prefix}:{key}")) for key in keys]
    held = at_work.holders(conn, locks)
    marked = []
    for number, (one, key) in enumerate(zip(found, keys, strict=True)):
        marks = [mark + key, mark + str(one.table.relation)]
        rows_left = read(conn, _SQL["orphans"], {"marks": marks})
        left = tuple(name for (name,) in rows_left)
        marked.append(evolve(one, at_work=tuple(held.get(number, ())), left=left))
    return _seen(conn, marked)


def _of_first_layout(conn: Connection, place: Place) -> list[Source]:
    """Read the rows of the first go_partman, one for each tenant of a table."""
    tables: dict[Name, Source] = {}
    rows = _rows(conn, "partition_management", place)
    for text, schema, relation, tenant in rows:
        row, table = json.loads(text), Name(schema, relation)
        one = tables.get(table) or Source(table=table, row=row)
        if tenant:
            one = evolve(one, tenants={**one.tenants, tenant: row})
        tables[table] = one
    return list(tables.values())


def _rows(conn: Connection, query: str, place: Place) -> list[tuple[Any, ...]]:
    """Ask a question about another one's tables.

    :raises ConfigError: they may not be read.
    """
    try:
        return read(conn, in_schema(_SQL[query], place.schema), {})
    except errors.InsufficientPrivilege as error:
        schema, user = quote_ident(place.schema), quote_ident(conn.info.user)
        raise ConfigError(
            f"{user} may not read the tables in the schema {schema}: "
            f"{error.diag.message_primary}",
            hint=f"GRANT USAGE ON SCHEMA {schema} TO {user}; "
            f"GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO {user}",
            code="privilege",
        ) from error


def _left(conn: Connection, place: Place, schema: str, relation: str) -> list[str]:
    query = in_schema(_SQL["detached"], place.schema)
    given = {"schema_name": schema, "table_name": relation}
    try:
        return [name for (name,) in read(conn, query, given)]
    except (errors.UndefinedTable, errors.UndefinedColumn):
        return []  # the first versions do not name their partitions


def _watched(conn: Connection, found: Sequence[Source]) -> list[Source]:
    """Add who holds the lock that gopartman takes for a table, and who is connected."""
    pairs = [(one.table.schema or "", one.table.relation) for one in found]
    held = at_work.holders(conn, at_work.Lock.of_pairs(conn, pairs))
    there = at_work.sessions(conn, _CALLED)
    return [
        evolve(one, at_work=(*held.get(number, ()), *there))
        for number, one in enumerate(found)
    ]


def _key(text: str) -> int:
    """Return the key that pg-partsmith makes of a text."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


def _template(conn: Connection, written: str | None) -> Template | None:
    if not written:
        return None
    name = _named(written)
    given = {"schema": name.schema, "relation": name.relation}
    for indexes, storage, tablespace in read(conn, _SQL["template"], given):
        return Template(
            name=str(name),
            indexes=indexes,
            storage=json.loads(storage),
            tablespace=tablespace,
        )
    return None


def _named(written: str) -> Name:
    """Read a name that is written without quotes, whatever is in it."""
    schema, dot, relation = written.partition(".")
    return Name(schema, relation) if dot else Name("public", schema)


def _turn_off(conn: Connection, place: Place, *values: str) -> str:
    """Write the statement that has the other one leave a table alone."""
    schema, *literals = sql.Identifier(place.schema), *map(sql.Literal, values)
    return sql.SQL(_TURN_OFF[place.table]).format(schema, *literals).as_string(conn)


def _seen(conn: Connection, found: Sequence[Source]) -> list[Source]:
    """Add what the catalog has of the tables."""
    given = {
        "schemas": [one.table.schema for one in found],
        "relations": [one.table.relation for one in found],
    }
    rows = {number: rest for number, *rest in read(conn, _SQL["tables"], given)}
    seen = []
    for number, one in enumerate(found, 1):
        kind, is_partition, is_nested, has_default = rows.get(
            number, (None, False, False, False)
        )
        seen.append(
            evolve(
                one,
                kind=kind,
                is_partition=is_partition,
                is_nested=one.is_nested or is_nested,
                has_default=has_default,
            )
        )
    return seen
