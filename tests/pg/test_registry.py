"""Our own tables: made once, by whoever may, and never over somebody else's."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from psycopg.sql import SQL, Identifier

from partman_core import __version__
from partman_core.errors import Blocked, ConfigError
from partman_core.model import Deed
from partman_core.naming import Name
from partman_core.pg import catalog, registry, schema, session
from partman_core.pg.migrations import Migration, latest, migrations
from partman_core.pg.records import Records

SCHEMA = "partman"
NOW = datetime(2026, 3, 4, 5, 6, 7, 890123, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
FLIGHTS = Name("public", "flights")
SETTINGS = {
    "partition_by": "at",
    "partition_type": "range",
    "partition_interval": "1 month",
    "partition_count": 12,
    "retention_period": "9 months",
    "timezone": "Europe/Madrid",
    "tenant_column": "carrier",
    "storage": {"fillfactor": "90"},
    "archive": {"to": "s3://bucket", "keep": [1, 2, None], "on": True},
}


@pytest.fixture
def conn(database):
    with session.connect(database) as conn:
        yield conn


@pytest.fixture
def ready(conn):
    """A connection to a database with our schema."""
    registry.ensure(conn, SCHEMA)
    return conn


@pytest.fixture
def guest(conn, database):
    """The DSN of a role without any privilege, which is dropped afterwards."""
    name = f"{conn.info.dbname}_guest"
    conn.execute(SQL("CREATE ROLE {} LOGIN").format(Identifier(name)))
    yield make_conninfo(database, user=name)
    conn.execute(SQL("DROP OWNED BY {}").format(Identifier(name)))
    conn.execute(SQL("DROP ROLE {}").format(Identifier(name)))


def tables(conn, name=SCHEMA):
    rows = conn.execute(
        "SELECT relname FROM pg_class WHERE relkind = 'r'"
        " AND relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = %s)",
        [name],
    )
    return {relname for (relname,) in rows}


OURS = {
    "schema_version",
    "partition_management",
    "managed_tenants",
    "managed_partitions",
    "detached_partitions",
    "maintenance_runs",
    "operation_history",
}


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
    oid = flights(conn)
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


def test_who_may_not_make_a_schema_is_told_the_grant(conn, guest):
    with session.connect(guest) as poor:
        with pytest.raises(ConfigError, match="permission denied") as caught:
            registry.ensure(poor, SCHEMA)
        assert (caught.value.exit_code, caught.value.code) == (4, "privilege")
        assert poor.info.transaction_status == psycopg.pq.TransactionStatus.IDLE
        by_schema, by_database = caught.value.hint.split(": ", 1)[1].split("; or ")
        assert by_database.startswith("GRANT CREATE ON DATABASE")
        conn.execute(by_schema)
        registry.ensure(poor, SCHEMA)
        assert tables(poor) == OURS


def test_who_may_make_schemas_needs_no_more(conn, guest):
    with session.connect(guest) as poor:
        user, name = Identifier(poor.info.user), Identifier(poor.info.dbname)
        conn.execute(SQL("GRANT CREATE ON DATABASE {} TO {}").format(name, user))
        registry.ensure(poor, SCHEMA)
        assert registry.declared(poor, SCHEMA) == []


def test_who_may_not_use_a_prepared_schema_is_told_the_grant(conn, guest):
    conn.execute("CREATE SCHEMA partman")
    with session.connect(guest) as poor:
        with pytest.raises(ConfigError) as caught:
            registry.ensure(poor, SCHEMA)
        assert caught.value.code == "privilege"
        conn.execute(caught.value.hint.split(": ", 1)[1])
        registry.ensure(poor, SCHEMA)


def test_who_may_not_read_our_tables_is_told_the_grant(ready, guest):
    with session.connect(guest) as poor:
        server = session.probe(poor, SCHEMA)
        assert (server.registry, server.schema_version) == ("unreadable", None)
        with pytest.raises(ConfigError) as caught:
            registry.check(server)
        assert (caught.value.exit_code, caught.value.code) == (4, "privilege")
        with pytest.raises(ConfigError) as direct:
            registry.declared(poor, SCHEMA)
        assert direct.value.code == "privilege"
        ready.execute(caught.value.hint)
        registry.check(session.probe(poor, SCHEMA))
        assert registry.declared(poor, SCHEMA) == []
        with pytest.raises(ConfigError) as writing:
            start(poor)
        assert writing.value.code == "privilege"
        ready.execute(writing.value.hint.split(" (")[0])
        assert start(poor)


def flights(conn, name="flights"):
    conn.execute(
        SQL("CREATE TABLE {} (at timestamptz) PARTITION BY RANGE (at)").format(
            Identifier(name)
        )
    )
    return oid_of(conn, name)


def oid_of(conn, name):
    (oid,) = conn.execute("SELECT %s::regclass::oid", [name]).fetchone()
    return oid


def save(conn, oid, settings=SETTINGS, **changes):
    options = {"origin": "file", "requires": ["archive"], "now": NOW, **changes}
    return registry.save(conn, SCHEMA, oid, FLIGHTS, settings, **options)


def test_a_declaration_comes_back_as_it_was_given(ready):
    oid = flights(ready)
    number = save(ready, oid)
    (found,) = registry.declared(ready, SCHEMA)
    assert found == registry.Declared(
        id=number,
        oid=oid,
        name=FLIGHTS,
        missing=False,
        settings=SETTINGS,
        origin="file",
        paused=False,
        requires=("archive",),
        created_at=NOW,
        updated_at=NOW,
    )


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"partition_interval": 1000, "retention_period": 5000},
        {"partition_interval": "1 day", "retention_count": 3},
        {"start": None, "name_template": "{table}_%s_{suffix}"},
        {"archive": {}},
    ],
)
def test_settings_keep_their_types(ready, settings):
    save(ready, flights(ready), settings)
    (found,) = registry.declared(ready, SCHEMA)
    assert found.settings == settings


def test_what_people_look_for_has_its_column(ready):
    save(ready, flights(ready))
    row = ready.execute(
        "SELECT relation::text, schema_name, table_name, partition_interval,"
        " retention_period, partition_count, timezone, tenant_column"
        " FROM partman.partition_management"
    ).fetchone()
    assert row == (
        *("flights", "public", "flights", "1 month", "9 months", 12),
        *("Europe/Madrid", "carrier"),
    )


def test_a_declaration_replaces_the_one_before(ready):
    oid = flights(ready)
    number = save(ready, oid)
    changed = {"partition_interval": "1 day"}
    assert save(ready, oid, changed, origin="api", paused=True, requires=(), now=LATER)
    (found,) = registry.declared(ready, SCHEMA)
    assert (found.id, found.settings, found.origin) == (number, changed, "api")
    assert (found.paused, found.requires) == (True, ())
    assert (found.created_at, found.updated_at) == (NOW, LATER)


def test_a_managed_table_keeps_its_declaration_when_it_is_renamed(ready):
    oid = flights(ready)
    save(ready, oid)
    ready.execute('ALTER TABLE flights RENAME TO "Journeys"')
    ready.execute("CREATE SCHEMA travel")
    ready.execute('ALTER TABLE "Journeys" SET SCHEMA travel')
    (found,) = registry.declared(ready, SCHEMA)
    assert (found.oid, found.name) == (oid, Name("travel", "Journeys"))


def test_a_dropped_table_is_missing_until_its_namesake_is_declared(ready):
    save(ready, flights(ready))
    ready.execute("DROP TABLE flights")
    (found,) = registry.declared(ready, SCHEMA)
    assert (found.missing, found.name) == (True, FLIGHTS)
    again = flights(ready)
    save(ready, again)
    (found,) = registry.declared(ready, SCHEMA)
    assert (found.missing, found.oid) == (False, again)


def test_a_removed_table_is_not_declared_but_its_partitions_stay_ours(ready):
    oid = flights(ready)
    save(ready, oid)
    record(ready, oid, "p1")
    assert registry.remove(ready, SCHEMA, oid)
    assert not registry.remove(ready, SCHEMA, oid)
    assert registry.declared(ready, SCHEMA) == []
    assert ready.execute("SELECT count(*) FROM partman.managed_partitions").fetchone()[
        0
    ]


def start(conn, **changes):
    given = {"actor": "mia@host", "command": "maintain", "now": NOW, **changes}
    return registry.start_run(conn, SCHEMA, **given)


def test_runs_are_told_newest_first(ready):
    assert registry.runs(ready, SCHEMA) == []
    assert registry.last(ready, SCHEMA) == (None, None)
    first, second = start(ready), start(ready, command="apply")
    assert second > first
    assert registry.last(ready, SCHEMA) == (registry.runs(ready, SCHEMA)[0], None)
    registry.finish_run(ready, SCHEMA, first, result="done", now=LATER)
    registry.finish_run(
        ready, SCHEMA, second, result="failed", message="disk full", now=LATER
    )
    newest, oldest = registry.runs(ready, SCHEMA)
    assert (newest.id, newest.command, newest.result) == (second, "apply", "failed")
    assert newest.message == "disk full"
    assert (oldest.actor, oldest.started_at, oldest.finished_at) == (
        "mia@host",
        NOW,
        LATER,
    )
    assert registry.runs(ready, SCHEMA, 1) == [newest]
    assert registry.last(ready, SCHEMA) == (newest, LATER)


def deed(run, table, partition):
    return Deed(
        run=run,
        at=NOW,
        table=table,
        kind="drop",
        partition=Name("public", partition),
        bounds="DEFAULT",
        rows=7,
        bytes=8192,
        seconds=0.5,
    )


def test_history_is_told_newest_first_and_by_table(ready):
    run = start(ready)
    records = Records(schema=SCHEMA, run=run, now=NOW)
    other = Name("a.b", 'Odd "one"')
    ready.execute(records.done([deed(run, FLIGHTS, "p1"), deed(run, FLIGHTS, "P 2")]))
    ready.execute(records.failed([deed(run, other, "p3")]))
    found = registry.history(ready, SCHEMA)
    assert [(d.table, d.partition.relation, d.result) for d in found] == [
        (other, "p3", "failed"),
        (FLIGHTS, "P 2", "done"),
        (FLIGHTS, "p1", "done"),
    ]
    assert (found[-1].rows, found[-1].bytes, found[-1].bounds) == (7, 8192, "DEFAULT")
    assert (found[-1].at, found[-1].run) == (NOW, run)
    assert registry.history(ready, SCHEMA, [other]) == found[:1]
    assert registry.history(ready, SCHEMA, [FLIGHTS, other]) == found
    assert registry.history(ready, SCHEMA, limit=2) == found[:2]
    assert registry.history(ready, SCHEMA, [Name("public", "no")]) == []


def record(conn, parent, name, *, attach=True):
    """Build a table and record it as ours, attached or not."""
    bounds = "FOR VALUES FROM ('2026-01-01 00:00:00+00') TO ('2026-02-01 00:00:00+00')"
    table = Name("public", name)
    records = Records(schema=SCHEMA, run=1, now=NOW)
    conn.execute(SQL("CREATE TABLE {} (at timestamptz)").format(Identifier(name)))
    conn.execute(records.built([table], parent, [bounds]))
    if attach:
        conn.execute(
            SQL("ALTER TABLE {} ATTACH PARTITION {} {}").format(
                SQL("flights"), Identifier(name), SQL(bounds)
            )
        )
        conn.execute(records.attached([table]))
    return oid_of(conn, name)


def test_what_somebody_detached_or_dropped_by_hand_is_forgotten(ready):
    parent = flights(ready)
    detached = record(ready, parent, "detached")
    ready.execute("ALTER TABLE flights DETACH PARTITION detached")
    dropped = record(ready, parent, "dropped")
    ready.execute("DROP TABLE dropped")
    kept = {
        record(ready, parent, "attached"),
        record(ready, parent, "built", attach=False),
    }
    gone = registry.forget_stale(ready, SCHEMA)
    assert sorted(gone) == sorted([detached, dropped])
    rows = ready.execute("SELECT relation::oid FROM partman.managed_partitions")
    assert {oid for (oid,) in rows} == kept
    assert registry.forget_stale(ready, SCHEMA) == []


def test_the_bin_forgets_only_what_is_gone(ready):
    parent = flights(ready)
    binned = record(ready, parent, "binned")
    for oid in (binned, 1):
        ready.execute(
            "INSERT INTO partman.detached_partitions"
            " (relation, parent, bounds, action, retired_at)"
            " VALUES (%s::oid, %s::oid, 'DEFAULT', 'drop', now())",
            [oid, parent],
        )
    ready.execute("ALTER TABLE flights DETACH PARTITION binned")
    assert registry.forget_stale(ready, SCHEMA) == []
    rows = ready.execute("SELECT relation::oid FROM partman.detached_partitions")
    assert rows.fetchall() == [(binned,)]
