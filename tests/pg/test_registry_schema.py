"""Our own tables: made once, by whoever may, and never over somebody else's."""

from __future__ import annotations

import threading

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from partman_core import __version__
from partman_core.errors import Blocked, ConfigError
from partman_core.pg import catalog, registry, schema, session
from partman_core.pg.migrations import Migration, latest, migrations

from .flights import (
    FLIGHTS,
    NOW,
    OURS,
    SCHEMA,
    SETTINGS,
    a_parent,
    start,
    tables,
)


def test_our_schema_is_made_once(conn):
    registry.ensure(conn, SCHEMA)
    assert tables(conn) == OURS
    server = session.probe(conn, SCHEMA)
    assert (server.registry, server.schema_version) == ("ours", latest())
    registry.ensure(conn, SCHEMA)
    versions = conn.execute(
        "SELECT version, partman_version FROM partman.schema_version"
    )
    assert versions.fetchall() == [(m.version, __version__) for m in migrations()]


def test_the_schema_may_have_any_name(conn):
    name = 'Our "{schema}" %s'
    registry.ensure(conn, name)
    assert tables(conn, name) == OURS
    oid = a_parent(conn)
    registry.save(conn, name, oid, FLIGHTS, SETTINGS, origin="api", now=NOW)
    assert [one.settings for one in registry.declared(conn, name)] == [SETTINGS]
    assert set(catalog.trees(conn, name)) == {oid}


def test_a_schema_that_somebody_prepared_for_us_is_taken(conn):
    conn.execute("CREATE SCHEMA partman")
    registry.ensure(conn, SCHEMA)
    assert tables(conn) == OURS


def test_migrations_are_numbered_without_a_gap_and_never_look_away():
    numbers = [migration.version for migration in migrations()]
    assert numbers == list(range(1, len(numbers) + 1))
    for migration in migrations():
        assert "IF NOT EXISTS" not in migration.statements.upper()


def test_many_processes_may_make_it_at_the_same_time(conn, database):
    ready = threading.Barrier(4)
    failures = []

    def make():
        try:
            # An isolation in which waiting for the others would not show their work.
            isolation = r"-c default_transaction_isolation=serializable"
            with session.connect(make_conninfo(database, options=isolation)) as own:
                ready.wait(10)
                registry.ensure(own, SCHEMA)
        except Exception as error:  # noqa: BLE001 - the test names it
            failures.append(error)

    threads = [threading.Thread(target=make) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []
    assert tables(conn) == OURS
    assert conn.execute("SELECT count(*) FROM partman.schema_version").fetchone() == (
        latest(),
    )


def test_who_waits_too_long_for_the_others_says_so(conn, other, monkeypatch):
    monkeypatch.setattr(schema, "MIGRATION_PATIENCE", "10ms")
    other().execute(
        schema._SQL["migration_lock"].replace("xact_", ""), schema._lock(SCHEMA)
    )
    with pytest.raises(Blocked):
        registry.ensure(conn, SCHEMA)
    assert session.probe(conn, SCHEMA).registry == "absent"


def added(statements):
    """The migrations with one more."""
    more = (*migrations(), Migration(latest() + 1, "more", statements))
    return lambda: more, lambda: more[-1].version


def test_an_older_schema_is_migrated(ready, monkeypatch):
    all_of_them, newest = added("CREATE TABLE {schema}.more (id int)")
    monkeypatch.setattr(schema, "migrations", all_of_them)
    monkeypatch.setattr(schema, "latest", newest)
    registry.ensure(ready, SCHEMA)
    assert tables(ready) == OURS | {"more"}
    assert session.probe(ready, SCHEMA).schema_version == newest()


def test_a_migration_that_fails_leaves_nothing(conn, monkeypatch):
    all_of_them, newest = added("CREATE TABLE {schema}.more (id int); SELECT 1 / 0")
    monkeypatch.setattr(schema, "migrations", all_of_them)
    monkeypatch.setattr(schema, "latest", newest)
    with pytest.raises(psycopg.errors.DivisionByZero):
        registry.ensure(conn, SCHEMA)
    assert session.probe(conn, SCHEMA).registry == "absent"
    assert conn.info.transaction_status == psycopg.pq.TransactionStatus.IDLE


@pytest.mark.parametrize(
    ("statement", "whose"),
    [
        ("CREATE TABLE partman.part_config (id int)", "pg_partman"),
        (
            "CREATE TABLE partman.parent_tables ();CREATE TABLE partman.partitions ()",
            "go_partman",
        ),
        ("CREATE TABLE partman.schema_version (version int)", "schema_version"),
    ],
)
def test_a_schema_of_somebody_else_is_left_alone(conn, statement, whose):
    conn.execute(f"CREATE SCHEMA partman; {statement}")
    before = tables(conn)
    for refused in (
        lambda: registry.ensure(conn, SCHEMA),
        lambda: registry.check(session.probe(conn, SCHEMA)),
    ):
        with pytest.raises(ConfigError) as caught:
            refused()
        assert (caught.value.exit_code, caught.value.code) == (4, "schema-taken")
        assert whose in str(caught.value)
        assert 'schema = "' in caught.value.hint
    assert tables(conn) == before


def test_a_schema_that_a_newer_partman_migrated_can_be_read_but_not_written(ready):
    ready.execute("INSERT INTO partman.schema_version VALUES (99, now(), '9.9')")
    server = session.probe(ready, SCHEMA)
    registry.check(server)
    assert registry.declared(ready, SCHEMA) == []
    for refused in (
        lambda: registry.ensure(ready, SCHEMA),
        lambda: registry.check(server, writing=True),
    ):
        with pytest.raises(ConfigError, match="version 99") as caught:
            refused()
        assert (caught.value.exit_code, caught.value.code) == (4, "schema-newer")


def test_a_schema_that_is_too_new_to_be_read_is_called_that(ready):
    ready.execute("ALTER TABLE partman.partition_management RENAME paused TO rests")
    with pytest.raises(ConfigError, match="paused") as caught:
        registry.declared(ready, SCHEMA)
    assert caught.value.code == "schema-newer"


def test_nothing_is_made_where_nothing_can_be_written(database, conn):
    dsn = make_conninfo(database, options="-c default_transaction_read_only=on")
    with session.connect(dsn) as reader:
        with pytest.raises(ConfigError) as caught:
            registry.ensure(reader, SCHEMA)
        assert caught.value.code == "standby"
    registry.ensure(conn, SCHEMA)
    with session.connect(dsn) as reader:
        with pytest.raises(ConfigError) as caught:
            start(reader)
        assert caught.value.code == "standby"
