"""The catalog as trees: all that is there of a table, by one query."""

from __future__ import annotations

import pytest
from psycopg.conninfo import make_conninfo
from psycopg.sql import SQL, Identifier

from partman_core.bounds import DefaultBounds, HashBounds, ListBounds, parse
from partman_core.keys import Column
from partman_core.naming import Name
from partman_core.pg import catalog, registry, session

from .flights import (
    MARCH,
    NOW,
    SCHEMA,
    names,
    oid_of,
    only,
)


def test_a_tree_tells_all_of_a_table(conn, flights):
    conn.execute("CREATE TABLE rest PARTITION OF flights DEFAULT")
    conn.execute("INSERT INTO flights SELECT '2026-03-02' FROM generate_series(1, 300)")
    conn.execute("VACUUM ANALYZE march")
    tree = catalog.trees(conn, SCHEMA)[flights]
    assert tree.oid == flights
    assert tree.name == Name("public", "flights")
    assert tree.owner == conn.info.user
    assert str(tree.key) == "RANGE (at)"
    assert tree.key.columns == (
        Column("at", "timestamp with time zone", not_null=True),
    )
    march, april = tree.partitions
    assert march.name == Name("public", "march")
    assert march.bounds == parse(MARCH)
    assert (march.rows, april.rows, tree.rows) == (300, None, 300)
    assert march.bytes >= 8192
    assert march.created_at == NOW
    assert (march.ours, march.locked, march.pending) == (True, False, False)
    assert tree.default.bounds == DefaultBounds()
    assert not tree.default.ours
    assert (tree.built, tree.bin, tree.locked) == ((), (), False)


def test_all_managed_tables_come_at_once_and_no_other(conn, flights):
    conn.execute("CREATE TABLE other (id int) PARTITION BY LIST (id)")
    assert set(catalog.trees(conn, SCHEMA)) == {flights}
    other = oid_of(conn, "other")
    assert set(catalog.trees(conn, SCHEMA, [flights, other])) == {flights, other}


@pytest.mark.usefixtures("flights")
def test_what_is_gone_or_not_partitioned_is_left_out(conn):
    conn.execute("CREATE TABLE plain (id int)")
    assert catalog.trees(conn, SCHEMA, [1, oid_of(conn, "plain")]) == {}
    conn.execute("DROP TABLE flights")
    assert catalog.trees(conn, SCHEMA) == {}


def test_without_our_schema_nothing_is_ours(conn):
    assert catalog.trees(conn, None) == {}
    conn.execute("CREATE TABLE t (id int) PARTITION BY LIST (id)")
    conn.execute("CREATE TABLE t1 PARTITION OF t FOR VALUES IN (1)")
    oid = oid_of(conn, "t")
    tree = catalog.trees(conn, None, [oid])[oid]
    assert names(tree.partitions) == ["t1"]
    assert not tree.partitions[0].ours


def test_a_table_without_partitions_is_a_tree(conn):
    conn.execute("CREATE TABLE bare (id int) PARTITION BY HASH (id)")
    tree = catalog.trees(conn, None, [oid_of(conn, "bare")]).popitem()[1]
    assert (tree.partitions, tree.default, tree.rows) == ((), None, None)
    assert tree.key.method == "hash"


def test_bounds_and_kinds_of_every_method(conn):
    registry.ensure(conn, SCHEMA)
    conn.execute("CREATE TABLE l (k text) PARTITION BY LIST (k)")
    conn.execute("CREATE TABLE l1 PARTITION OF l FOR VALUES IN ('a, ''b', NULL)")
    conn.execute(
        "CREATE TABLE l2 PARTITION OF l FOR VALUES IN ('c') PARTITION BY HASH (k)"
    )
    conn.execute(
        "CREATE TABLE h1 PARTITION OF l2 FOR VALUES WITH (MODULUS 2, REMAINDER 1)"
    )
    conn.execute("CREATE FOREIGN DATA WRAPPER nothing")
    conn.execute("CREATE SERVER nowhere FOREIGN DATA WRAPPER nothing")
    conn.execute(
        "CREATE FOREIGN TABLE l3 PARTITION OF l FOR VALUES IN ('d') SERVER nowhere"
    )
    tree = only(conn, oid_of(conn, "l"))
    assert [(p.bounds, p.kind) for p in tree.partitions] == [
        (ListBounds(("a, 'b", None)), "table"),
        (ListBounds(("c",)), "partitioned"),
        (ListBounds(("d",)), "foreign"),
    ]
    below = only(conn, oid_of(conn, "l2"))
    assert below.partitions[0].bounds == HashBounds(2, 1)


def test_a_key_tells_types_collations_and_expressions(conn):
    conn.execute("CREATE DOMAIN code AS varchar(10)")
    conn.execute("CREATE DOMAIN short_code AS code")
    conn.execute('CREATE COLLATION "Mine" FROM "C"')
    conn.execute(
        'CREATE TABLE t (a short_code COLLATE "C", b text COLLATE "Mine",'
        " c numeric(10, 2) NOT NULL, d int)"
        " PARTITION BY RANGE (a, b, lower(b || ', '), c, (d + 1))"
    )
    key = catalog.trees(conn, None, [oid_of(conn, "t")]).popitem()[1].key
    assert [(c.name, c.type, c.collation, c.not_null) for c in key.columns] == [
        ("a", "character varying", "C", False),
        ("b", "text", "public.Mine", False),
        (None, "text", "public.Mine", False),
        ("c", "numeric", None, True),
        (None, "integer", None, False),
    ]
    assert [c.expression for c in key.columns] == [
        None,
        None,
        "lower((b || ', '::text))",
        None,
        "(d + 1)",
    ]


def test_the_default_collation_is_called_by_what_is_behind_it(server_dsn, conn):
    name = f"{conn.info.dbname}_in_c"
    conn.execute(
        SQL(
            "CREATE DATABASE {} TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'"
            " LOCALE_PROVIDER libc"
        ).format(Identifier(name))
    )
    try:
        with session.connect(make_conninfo(server_dsn, dbname=name)) as there:
            there.execute("CREATE TABLE t (k text) PARTITION BY RANGE (k)")
            tree = catalog.trees(there, None, [oid_of(there, "t")]).popitem()[1]
            assert tree.key.columns[0].collation == "C"
    finally:
        conn.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))


def test_any_identifier_is_read(conn):
    conn.execute('CREATE SCHEMA "Größe.1"')
    conn.execute('CREATE TABLE "Größe.1"."a""b" (id int) PARTITION BY LIST (id)')
    conn.execute(
        'CREATE TABLE "Größe.1"."%s {x}" PARTITION OF "Größe.1"."a""b"'
        " FOR VALUES IN (1)"
    )
    oid = catalog.resolve(conn, Name("Größe.1", 'a"b'))
    tree = catalog.trees(conn, None, [oid])[oid]
    assert tree.name == Name("Größe.1", 'a"b')
    assert tree.partitions[0].name == Name("Größe.1", "%s {x}")
