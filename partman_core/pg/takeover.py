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
from partman_core.pg import at_work, part_config
from partman_core.pg.driver import errors, sql
from partman_core.pg.queries import in_schema, queries
from partman_core.pg.session import read
from partman_core.takeover import Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from partman_core.pg.session import Connection
    from partman_core.takeover import Depth, Peer

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

_TURN_OFF: LiteralString = (
    "UPDATE {}.parent_tables SET automatic_maintenance = false"
    " WHERE schema_name = {} AND table_name = {}"
)
"""How gopartman is told to leave a table alone."""


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
    """Read pg_partman's tables, those inside of others with the outermost one.

    :raises ConfigError: they may not be read.
    """
    rows = {
        part_config.named(written): (written, json.loads(text))
        for text, written in _rows(conn, "part_config", place)
    }
    rules = {
        part_config.named(written): json.loads(text)
        for text, written in _rows(conn, "part_config_sub", place)
    }
    inside = part_config.insides(conn, list(rows))
    inner = {one.name for each in inside.values() for one in each}
    tops = {name: row for name, row in rows.items() if name not in inner}
    jobs = at_work.jobs(conn)
    busy = at_work.holders(conn, [at_work.Lock.of_text(conn, MAINTENANCE)])
    found = []
    for name, (written, row) in tops.items():
        there = [
            evolve(one, row=rows.get(one.name, (None, None))[1])
            for one in inside.get(name, ())
        ]
        depths = tuple(part_config.depths(name, there, rules))
        source = Source(
            table=name,
            row=row,
            depths=depths,
            template=part_config.template(conn, _template_of(row, depths), name),
            jobs=tuple(
                _naming(
                    jobs,
                    [
                        written,
                        *(rows[one.name][0] for one in there if one.row is not None),
                    ],
                )
            ),
            at_work=tuple(busy.get(0, ())),
            stop=part_config.turn_off(conn, place.schema, written, nests=bool(there)),
        )
        found.append(source)
    return _seen(conn, found)


def _template_of(row: Mapping[str, Any], depths: Sequence[Depth]) -> str | None:
    """Return the template of the partitions that hold rows, as pg_partman writes it."""
    rules = [depth.rules[0][1] for depth in depths if depth.rules]
    written = (rules[-1] if rules else row).get("template_table")
    return None if written is None else str(written)


def _naming(jobs: Iterable[str], names: Sequence[str]) -> Iterator[str]:
    """Yield the jobs that name one of these tables."""
    for job in jobs:
        if any(name in job for name in names):
            yield job


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


def _turn_off(conn: Connection, place: Place, *values: str) -> str:
    """Write the statement that has the other one leave a table alone."""
    schema, *literals = sql.Identifier(place.schema), *map(sql.Literal, values)
    return sql.SQL(_TURN_OFF).format(schema, *literals).as_string(conn)


def _seen(conn: Connection, found: Sequence[Source]) -> list[Source]:
    """Add what the catalog has of the tables."""
    given = {
        "schemas": [one.table.schema for one in found],
        "relations": [one.table.relation for one in found],
    }
    rows = {number: rest for number, *rest in read(conn, _SQL["tables"], given)}
    seen = []
    for number, one in enumerate(found, 1):
        kind, inside_of, is_nested, has_default, has_grants = rows.get(
            number, (None, None, False, False, False)
        )
        seen.append(
            evolve(
                one,
                kind=kind,
                inside_of=inside_of,
                is_nested=is_nested,
                has_default=has_default,
                has_grants=has_grants,
            )
        )
    return seen
