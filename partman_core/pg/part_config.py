"""What pg_partman has written down of its sets, and of the sets inside of them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, LiteralString

from partman_core.naming import Name
from partman_core.pg.driver import sql
from partman_core.pg.queries import queries
from partman_core.pg.session import read
from partman_core.takeover import Depth, Inside, Template

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from partman_core.pg.session import Connection

    Row = Mapping[str, Any]

_SQL = queries("takeover.sql")

_OFF: LiteralString = (
    "UPDATE {}.part_config SET automatic_maintenance = 'off' WHERE parent_table = {}"
)
_OFF_INSIDE: LiteralString = (
    " OR parent_table IN (SELECT n.nspname || '.' || c.relname"
    " FROM pg_partition_tree({}) t JOIN pg_class c ON c.oid = t.relid"
    " JOIN pg_namespace n ON n.oid = c.relnamespace)"
)


def named(written: str) -> Name:
    """Read a name that is written without quotes, whatever is in it."""
    schema, dot, relation = written.partition(".")
    return Name(schema, relation) if dot else Name("public", schema)


def turn_off(conn: Connection, schema: str, written: str, *, nests: bool) -> str:
    """Write the statement that has pg_partman leave a table alone.

    :param schema: of pg_partman.
    :param nests: also what is inside of the table.
    """
    where, name = sql.Identifier(schema), sql.Literal(written)
    statement = sql.SQL(_OFF).format(where, name)
    if nests:
        table = sql.Literal(str(named(written)))
        statement += sql.SQL(_OFF_INSIDE).format(table)
    return statement.as_string(conn)


def insides(conn: Connection, names: Sequence[Name]) -> dict[Name, list[Inside]]:
    """Return the partitions of tables that are partitioned again, outer ones first."""
    given = {
        "schemas": [name.schema for name in names],
        "relations": [name.relation for name in names],
    }
    found: dict[Name, list[Inside]] = {}
    for number, depth, schema, relation, has_default in read(
        conn, _SQL["inside"], given
    ):
        one = Inside(
            name=Name(schema, relation),
            depth=depth,
            has_default=has_default,
        )
        found.setdefault(names[number - 1], []).append(one)
    return found


def depths(
    table: Name,
    inside: Sequence[Inside],
    rules: Mapping[Name, Row],
) -> Iterator[Depth]:
    """Yield the levels below the first.

    :param inside: the partitions of the table that are partitioned again.
    :param rules: what part_config_sub has of the partitions of tables, by table.
    """
    above, depth = [table], 1
    while True:
        there = tuple(one for one in inside if one.depth == depth)
        written = tuple((name, rules[name]) for name in above if name in rules)
        if not (there or written):
            return
        yield Depth(rules=written, there=there)
        above, depth = [one.name for one in there], depth + 1


def template(conn: Connection, written: str | None, table: Name) -> Template | None:
    """Return a template; None: there is none.

    :param table: what it is the template of.
    """
    if not written:
        return None
    name = named(written)
    given = {
        "schema": name.schema,
        "relation": name.relation,
        "table_schema": table.schema,
        "table": table.relation,
    }
    for indexes, unique, storage, tablespace, is_unlogged, has_grants in read(
        conn, _SQL["template"], given
    ):
        return Template(
            name=str(name),
            indexes=indexes,
            unique=unique,
            storage=json.loads(storage),
            tablespace=tablespace,
            is_unlogged=is_unlogged,
            has_grants=has_grants,
        )
    return None
