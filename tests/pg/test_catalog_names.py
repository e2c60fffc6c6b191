"""Tables are found by name, and a wrong name is told with a guess."""

from __future__ import annotations

import pytest

from partman_core.errors import ConfigError
from partman_core.naming import Name
from partman_core.pg import catalog

from .flights import (
    MAY,
    oid_of,
)


def test_a_name_is_resolved_as_sql_would(conn, flights):
    assert catalog.resolve(conn, Name("public", "flights")) == flights
    assert catalog.resolve(conn, Name(None, "flights")) == flights
    conn.execute("CREATE SCHEMA app")
    conn.execute('CREATE TABLE app."Flights" (id int) PARTITION BY LIST (id)')
    conn.execute("SET search_path TO app")
    mixed = catalog.resolve(conn, Name(None, "Flights"))
    assert mixed == oid_of(conn, 'app."Flights"')
    with pytest.raises(ConfigError):
        catalog.resolve(conn, Name(None, "flights"))


@pytest.mark.usefixtures("flights")
@pytest.mark.parametrize(
    ("name", "message", "hint"),
    [
        ("flihgts", "there is no table flihgts on the search path", "public.flights?"),
        ("public.flihgts", "there is no table public.flihgts", "public.flights?"),
        ("nowhere.flights", "there is no table nowhere.flights", "public.flights?"),
        ("events", "there is no table events", 'did you mean public."Events"?'),
        ("public.events", "there is no table public.events", 'public."Events"?'),
        ("hidden", "there is no table hidden on the search path", "app.hidden?"),
        ("zzz", "there is no table zzz", "partitioned tables here are app.hidden, "),
    ],
)
def test_an_unknown_table_comes_with_a_guess(conn, name, message, hint):
    conn.execute('CREATE TABLE "Events" (id int) PARTITION BY LIST (id)')
    conn.execute("CREATE SCHEMA app")
    conn.execute("CREATE TABLE app.hidden (id int) PARTITION BY LIST (id)")
    with pytest.raises(ConfigError) as caught:
        catalog.resolve(conn, Name.parse(name))
    assert message in str(caught.value)
    assert hint in caught.value.hint
    assert (caught.value.exit_code, caught.value.code) == (4, "unknown-table")


def test_a_database_without_partitioned_tables_is_told(conn):
    with pytest.raises(ConfigError) as caught:
        catalog.resolve(conn, Name(None, "flights"))
    assert "is it the right one?" in caught.value.hint


@pytest.mark.usefixtures("flights")
@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("CREATE TABLE x (id int)", "public.x is an ordinary table"),
        ("CREATE VIEW x AS SELECT 1", "public.x is a view"),
        ("CREATE SEQUENCE x", "public.x is a sequence"),
        (
            f"CREATE TABLE x PARTITION OF flights {MAY}",
            "public.x is a partition of public.flights",
        ),
    ],
)
def test_what_is_not_partitioned_is_called_by_its_kind(conn, statement, message):
    conn.execute(statement)
    with pytest.raises(ConfigError) as caught:
        catalog.resolve(conn, Name("public", "x"))
    assert message in str(caught.value)
    assert caught.value.code == "not-partitioned"
    assert caught.value.hint


@pytest.mark.usefixtures("flights")
def test_a_partition_that_is_partitioned_itself_can_be_resolved(conn):
    conn.execute(f"CREATE TABLE x PARTITION OF flights {MAY} PARTITION BY HASH (at)")
    assert catalog.resolve(conn, Name("public", "x")) == oid_of(conn, "x")
