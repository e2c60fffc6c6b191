"""Looking at the catalog never hangs, whoever holds what."""

from __future__ import annotations

import time

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from partman_core.bounds import DefaultBounds, ListBounds, parse
from partman_core.errors import Blocked
from partman_core.pg import catalog, registry, session

from .flights import (
    APRIL,
    MARCH,
    MAY,
    SCHEMA,
    managed,
    names,
    oid_of,
    only,
)

HOLDS = {
    "DROP": "DROP TABLE march",
    "DETACH": "ALTER TABLE flights DETACH PARTITION march",
    "ATTACH": f"ALTER TABLE flights ATTACH PARTITION may {MAY}",
    "CREATE": f"CREATE TABLE june PARTITION OF flights {MAY}",
    "ALTER": "ALTER TABLE march ADD CHECK (true)",
    "LOCK": "LOCK TABLE flights IN ACCESS EXCLUSIVE MODE",
    "REGISTRY": "DELETE FROM partman.managed_partitions",
}


@pytest.mark.parametrize("ddl", HOLDS.values(), ids=HOLDS.keys())
def test_looking_does_not_wait_for_ddl_of_others(conn, other, flights, ddl):
    conn.execute("CREATE TABLE may (LIKE flights)")
    conn.execute("CREATE TABLE rest PARTITION OF flights DEFAULT")
    holder = other(autocommit=False)
    holder.execute(ddl)
    tree = only(conn, flights)
    held = {
        relation
        for (relation,) in conn.execute(
            "SELECT relation::regclass::text FROM pg_locks"
            " WHERE mode = 'AccessExclusiveLock' AND locktype = 'relation'"
            " AND pid = %s",
            [holder.info.backend_pid],
        )
    }
    everything = [*tree.partitions, tree.default]
    assert names(everything) == ["march", "april", "rest"]
    assert tree.locked == ("flights" in held)
    assert {p.name.relation for p in everything if p.locked} == held & {
        "march",
        "april",
        "rest",
    }
    assert [p.bounds for p in everything] == [
        parse(MARCH),
        parse(APRIL),
        DefaultBounds(),
    ]
    assert [p.ours for p in everything] == [True, True, False]


def test_who_waits_for_a_lock_counts_as_having_it(conn, other, pg, flights):
    other(autocommit=False).execute("SELECT * FROM march")
    waiting = other(autocommit=False)
    waiting.pgconn.send_query(b"ALTER TABLE march ADD CHECK (true)")
    wanted = "SELECT count(*) FROM pg_locks WHERE NOT granted AND pid = %s"
    deadline = time.monotonic() + 10
    while not pg.execute(wanted, [waiting.info.backend_pid]).fetchone()[0]:
        assert time.monotonic() < deadline
    locked = {p.name.relation: p.locked for p in only(conn, flights).partitions}
    assert locked == {"march": True, "april": False}
    waiting.cancel_safe()


def test_ones_own_locks_are_not_in_the_way(conn, flights):
    with conn.transaction():
        conn.execute("LOCK TABLE flights IN ACCESS EXCLUSIVE MODE")
        tree = only(conn, flights)
    assert not tree.locked
    assert not any(p.locked for p in tree.partitions)


@pytest.fixture
def pairs(conn):
    """A managed table whose bounds cannot be printed while their type is altered."""
    registry.ensure(conn, SCHEMA)
    conn.execute("CREATE TYPE pair AS (a int, b int)")
    conn.execute("CREATE TABLE pairs (k pair) PARTITION BY LIST (k)")
    conn.execute("CREATE TABLE p1 PARTITION OF pairs FOR VALUES IN ('(1,2)')")
    conn.execute("CREATE TABLE p2 PARTITION OF pairs FOR VALUES IN ('(3,4)')")
    conn.execute("CREATE TABLE rest PARTITION OF pairs DEFAULT")
    return managed(conn, "pairs", {"p1": "FOR VALUES IN ('(1,2)')"})


def test_a_lock_that_comes_in_between_costs_one_table_only(
    database, other, pairs, flights
):
    """Nobody can see this lock coming: it is on the type of a value in the bounds."""
    other(autocommit=False).execute("ALTER TYPE pair RENAME ATTRIBUTE a TO x")
    dsn = make_conninfo(database, options="-c statement_timeout=10s")
    with session.connect(dsn) as fresh:
        for found in (
            catalog.trees(fresh, SCHEMA),
            catalog.trees(fresh, SCHEMA, [pairs, flights]),
        ):
            tree = found[pairs]
            assert tree.locked
            assert names(tree.partitions) == ["p1", "p2"]
            assert [p.bounds for p in tree.partitions] == [
                ListBounds(("(1,2)",)),
                None,
            ]
            assert [p.ours for p in tree.partitions] == [True, False]
            assert all(p.locked for p in tree.partitions)
            assert tree.default.bounds == DefaultBounds()
            assert not found[flights].locked
            assert all(p.bounds for p in found[flights].partitions)
        assert fresh.execute("SHOW lock_timeout").fetchone() == ("0",)


def test_an_expression_key_is_left_out_while_it_is_locked(conn, other):
    conn.execute("CREATE TABLE t (a int) PARTITION BY RANGE ((a + 1))")
    other(autocommit=False).execute("LOCK TABLE t IN ACCESS EXCLUSIVE MODE")
    tree = catalog.trees(conn, None, [oid_of(conn, "t")]).popitem()[1]
    assert tree.locked
    assert tree.key.columns[0].expression == "an expression"


def test_a_locked_registry_is_an_error_soon(conn, other, flights):
    other(autocommit=False).execute("LOCK TABLE partman.managed_partitions")
    with pytest.raises(Blocked, match="did not go away") as caught:
        catalog.trees(conn, SCHEMA)
    assert caught.value.sqlstate == "55P03"
    assert catalog.trees(conn, None, [flights])


def test_inside_a_transaction_a_lock_is_an_error(conn, other, flights):
    other(autocommit=False).execute("LOCK TABLE partman.managed_partitions")
    conn.execute("SET lock_timeout = '10ms'")
    with pytest.raises(Blocked), conn.transaction():
        catalog.trees(conn, SCHEMA, [flights])


@pytest.mark.usefixtures("flights")
def test_one_look_is_one_query(conn):
    sent = []

    class Counting(psycopg.ClientCursor):
        def execute(self, query, params=None, **options):
            sent.append(query)
            return super().execute(query, params, **options)

    original, psycopg.ClientCursor = psycopg.ClientCursor, Counting
    try:
        catalog.trees(conn, SCHEMA)
    finally:
        psycopg.ClientCursor = original
    assert len(sent) == 1


def test_rows_are_looked_for_without_waiting(conn, other, flights):
    conn.execute("CREATE TABLE rest PARTITION OF flights DEFAULT")
    default = only(conn, flights).default
    assert catalog.has_rows(conn, default) is False
    conn.execute("INSERT INTO flights VALUES ('2020-01-01')")
    assert catalog.has_rows(conn, default) is True
    assert catalog.has_rows(conn, None) is None
    other(autocommit=False).execute("LOCK TABLE rest IN ACCESS EXCLUSIVE MODE")
    assert catalog.has_rows(conn, default) is None
    assert catalog.has_rows(conn, only(conn, flights).default) is None


def test_rows_that_may_not_be_seen_are_unknown(a_role, conn, database, flights):
    user = a_role()
    conn.execute("CREATE TABLE rest PARTITION OF flights DEFAULT")
    default = only(conn, flights).default
    with session.connect(make_conninfo(database, user=user, password="x")) as guest:
        assert catalog.has_rows(guest, default) is None


def test_rows_that_row_security_hides_are_unknown_and_not_absent(
    a_role, conn, database, flights
):
    """Whoever is subject to it would find no row, and call DEFAULT empty."""
    user = a_role()
    conn.execute("CREATE TABLE rest PARTITION OF flights DEFAULT")
    conn.execute("INSERT INTO flights VALUES ('2020-01-01')")
    conn.execute(f"GRANT SELECT ON rest TO {user}")
    default = only(conn, flights).default
    dsn = make_conninfo(database, user=user, password="x")
    with session.connect(dsn) as ours, psycopg.connect(dsn) as given:
        session.adopt(given)
        for guest in (ours, given):
            assert catalog.has_rows(guest, default) is True
        conn.execute("ALTER TABLE rest ENABLE ROW LEVEL SECURITY")
        for guest in (ours, given):
            assert catalog.has_rows(guest, default) is None
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                guest.execute("SELECT FROM rest")
    conn.execute(f"DROP OWNED BY {user}")
