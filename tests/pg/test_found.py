"""The values of a list's key that wait in DEFAULT: looked for without waiting."""

from __future__ import annotations

import pytest
from psycopg.conninfo import make_conninfo

from partman_core.pg import catalog, found, session


@pytest.fixture
def a_list(conn):
    """Return a function that makes the table events by a list, and looks at it."""

    def look(key="kind", column="kind text"):
        conn.execute("DROP TABLE IF EXISTS events")
        conn.execute(f"CREATE TABLE events ({column}) PARTITION BY LIST ({key})")
        conn.execute('CREATE TABLE "re%st" PARTITION OF events DEFAULT')
        return the_tree(conn)

    return look


def the_tree(conn):
    query = "SELECT 'events'::regclass::oid::bigint"
    [(oid,)] = conn.execute(query).fetchall()
    return catalog.trees(conn, None, [oid])[oid]


def test_the_most_frequent_values_come_first_and_null_is_one(conn, a_list):
    a_list()
    conn.execute("CREATE TABLE a PARTITION OF events FOR VALUES IN ('a')")
    conn.execute("CREATE TABLE b PARTITION OF events FOR VALUES IN ('b', 'c')")
    tree = the_tree(conn)
    assert found.waiting(conn, tree) == ()
    conn.execute("INSERT INTO events VALUES ('a'), ('y'), (NULL), ('x''%s'), (NULL)")
    assert found.waiting(conn, tree) == (None, "x'%s", "y")
    assert found.values(conn, tree) == ("a", None, "x'%s", "y")


@pytest.mark.parametrize(
    ("column", "inserted", "printed"),
    [
        ("kind bool", "yes", "true"),
        ("kind timestamptz", "2026-11-24 10:00+02", "2026-11-24 08:00:00+00"),
        ("kind numeric(5,2)", "1.5", "1.50"),
        ("kind uuid", "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11",
         "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"),
    ],
)  # fmt: skip
def test_values_are_printed_as_bounds_are(conn, a_list, column, inserted, printed):
    a_list(column=column)
    conn.execute("INSERT INTO events VALUES (%s)", [inserted])
    tree = the_tree(conn)
    assert found.waiting(conn, tree) == (printed,)
    conn.execute("DELETE FROM events")
    conn.execute(f"CREATE TABLE a PARTITION OF events FOR VALUES IN ('{printed}')")
    assert found.values(conn, the_tree(conn)) == (printed,)


def test_of_very_many_values_a_thousand_are_enough(conn, a_list):
    a_list(column="kind int")
    conn.execute("INSERT INTO events SELECT generate_series(1, 3000)")
    assert len(found.waiting(conn, the_tree(conn))) == found.MOST


def test_without_a_default_nothing_waits(conn, a_list):
    a_list()
    conn.execute('DROP TABLE "re%st"')
    assert found.waiting(conn, the_tree(conn)) == ()


def test_the_values_of_an_expression_are_not_known(conn, a_list):
    tree = a_list(key="lower(kind)")
    assert found.waiting(conn, tree) is None
    assert found.values(conn, tree) == ()


def test_what_is_locked_or_gone_is_not_known(conn, other, a_list):
    tree = a_list()
    conn.execute("INSERT INTO events VALUES ('x')")
    holder = other(autocommit=False)
    holder.execute('LOCK TABLE "re%st" IN ACCESS EXCLUSIVE MODE')
    assert found.waiting(conn, tree) is None
    assert found.waiting(conn, the_tree(conn)) is None
    holder.rollback()
    conn.execute('DROP TABLE "re%st"')
    assert found.waiting(conn, tree) is None


def test_what_may_not_be_seen_is_not_known(a_role, conn, database, a_list):
    user = a_role()
    tree = a_list()
    with session.connect(make_conninfo(database, user=user, password="x")) as guest:
        assert found.waiting(guest, tree) is None


def test_what_takes_too_long_is_not_known(conn, a_list, monkeypatch):
    tree = a_list()
    conn.execute("INSERT INTO events SELECT n::text FROM generate_series(1, 200000) n")
    monkeypatch.setattr(found, "LOOK_BUDGET", "1ms")
    assert found.waiting(conn, tree) is None
    monkeypatch.undo()
    assert len(found.waiting(conn, tree)) == found.MOST
