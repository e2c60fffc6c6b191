"""The catalog as trees: what is there, whose it is, and that looking never hangs."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from psycopg.sql import SQL, Identifier

from partman_core.bounds import DefaultBounds, HashBounds, ListBounds, parse
from partman_core.errors import Blocked, ConfigError
from partman_core.keys import Column
from partman_core.naming import Name
from partman_core.pg import catalog, registry, session
from partman_core.pg.records import Records
from partman_core.plan import Detach

NOW = datetime(2026, 3, 4, 5, 6, tzinfo=UTC)
SCHEMA = "partman"
MARCH = "FOR VALUES FROM ('2026-03-01 00:00:00+00') TO ('2026-04-01 00:00:00+00')"
APRIL = "FOR VALUES FROM ('2026-04-01 00:00:00+00') TO ('2026-05-01 00:00:00+00')"
MAY = "FOR VALUES FROM ('2026-05-01 00:00:00+00') TO ('2026-06-01 00:00:00+00')"


@pytest.fixture
def conn(database):
    """A settled connection that gives up after ten seconds, in case it hangs."""
    options = "-c statement_timeout=10s"
    with session.connect(make_conninfo(database, options=options)) as conn:
        yield conn


@pytest.fixture
def flights(conn):
    """A managed table with two partitions of ours; returns its oid."""
    registry.ensure(conn, SCHEMA)
    conn.execute(
        "CREATE TABLE flights (at timestamptz NOT NULL) PARTITION BY RANGE (at)"
    )
    conn.execute(f"CREATE TABLE march PARTITION OF flights {MARCH}")
    conn.execute(f"CREATE TABLE april PARTITION OF flights {APRIL}")
    return managed(conn, "flights", {"march": MARCH, "april": APRIL})


def managed(conn, table, partitions):
    """Register a table, and record partitions as ours."""
    parent = oid_of(conn, table)
    registry.save(
        conn, SCHEMA, parent, Name("public", table), {}, origin="api", now=NOW
    )
    oids = [oid_of(conn, name) for name in partitions]
    conn.execute(records().adopted(oids, parent, list(partitions.values())))
    return parent


def records(run=None):
    return Records(schema=SCHEMA, run=run, now=NOW)


def oid_of(conn, name):
    (oid,) = conn.execute("SELECT %s::regclass::oid", [name]).fetchone()
    return oid


def only(conn, oid):
    return catalog.trees(conn, SCHEMA, [oid])[oid]


def names(partitions):
    return [partition.name.relation for partition in partitions]


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


def test_identity_follows_renames(conn, flights):
    conn.execute("CREATE SCHEMA elsewhere")
    conn.execute("ALTER TABLE march RENAME TO lent")
    conn.execute("ALTER TABLE april SET SCHEMA elsewhere")
    conn.execute("ALTER TABLE flights RENAME TO journeys")
    conn.execute("ALTER TABLE journeys SET SCHEMA elsewhere")
    conn.execute("ALTER SCHEMA elsewhere RENAME TO there")
    tree = catalog.trees(conn, SCHEMA)[flights]
    assert tree.name == Name("there", "journeys")
    assert {p.name for p in tree.partitions} == {
        Name("public", "lent"),
        Name("there", "april"),
    }
    assert all(p.ours for p in tree.partitions)


def test_a_namesake_is_not_ours(conn, flights):
    conn.execute("DROP TABLE march")
    conn.execute(f"CREATE TABLE march PARTITION OF flights {MARCH}")
    ours = {p.name.relation: p.ours for p in only(conn, flights).partitions}
    assert ours == {"march": False, "april": True}


def test_with_other_bounds_or_another_parent_it_is_not_ours(conn, flights):
    conn.execute("ALTER TABLE flights DETACH PARTITION march")
    conn.execute(f"ALTER TABLE flights ATTACH PARTITION march {MAY}")
    conn.execute("ALTER TABLE flights DETACH PARTITION april")
    conn.execute("CREATE TABLE trips (at timestamptz NOT NULL) PARTITION BY RANGE (at)")
    conn.execute(f"ALTER TABLE trips ATTACH PARTITION april {APRIL}")
    assert [p.ours for p in only(conn, flights).partitions] == [False]
    assert [p.ours for p in only(conn, oid_of(conn, "trips")).partitions] == [False]


def test_the_order_of_a_list_does_not_matter_for_whose_it_is(conn):
    registry.ensure(conn, SCHEMA)
    conn.execute("CREATE TABLE l (k int) PARTITION BY LIST (k)")
    conn.execute("CREATE TABLE l1 PARTITION OF l FOR VALUES IN (1, 2)")
    oid = managed(conn, "l", {"l1": "FOR VALUES IN ('2', '1')"})
    assert only(conn, oid).partitions[0].ours


def test_a_hold_is_shown_and_may_be_for_ever(conn, flights):
    conn.execute(
        "UPDATE partman.managed_partitions SET hold_until = 'infinity',"
        " hold_reason = 'audit' WHERE relation = 'march'::regclass"
    )
    march, april = only(conn, flights).partitions
    assert march.hold_until == datetime(9999, 12, 31, tzinfo=UTC)
    assert (march.hold_reason, april.hold_until) == ("audit", None)


def test_what_was_built_and_not_attached_is_shown_apart(conn, flights):
    conn.execute("CREATE TABLE may (LIKE flights)")
    conn.execute(records(7).built([Name("public", "may")], flights, [MAY]))
    tree = only(conn, flights)
    assert names(tree.partitions) == ["march", "april"]
    (built,) = tree.built
    assert (built.name.relation, built.bounds) == ("may", parse(MAY))
    assert built.ours
    assert built.created_at == NOW
    conn.execute(f"ALTER TABLE flights ATTACH PARTITION may {MAY}")
    conn.execute(records(7).attached([Name("public", "may")]))
    tree = only(conn, flights)
    assert (names(tree.partitions), tree.built) == (["march", "april", "may"], ())
    assert all(p.ours for p in tree.partitions)


def retire(conn, flights, **changes):
    march = only(conn, flights).partitions[0]
    detach = Detach(
        **{
            "table": Name("public", "flights"),
            "partition": march,
            "reason": "it is over",
            "action": "drop",
            "concurrently": False,
            "due": NOW,
            **changes,
        }
    )
    conn.execute(records(7).retiring([detach], flights, [MARCH]))


def test_the_bin_shows_an_intent_and_then_what_was_detached(conn, flights):
    retire(conn, flights, action="move", target_schema="attic", due=None)
    tree = only(conn, flights)
    (retired,) = tree.bin
    assert retired.attached
    assert (retired.action, retired.target_schema) == ("move", "attic")
    assert (retired.bounds, retired.retired_at) == (parse(MARCH), NOW)
    assert "IS NOT NULL" in retired.bound_check
    assert names(tree.partitions) == ["march", "april"]
    conn.execute("ALTER TABLE flights DETACH PARTITION march")
    tree = only(conn, flights)
    assert [(r.name.relation, r.attached) for r in tree.bin] == [("march", False)]
    assert names(tree.partitions) == ["april"]


def test_the_bin_forgets_what_somebody_uses_again(conn, flights):
    retire(conn, flights)
    conn.execute("ALTER TABLE flights DETACH PARTITION march")
    conn.execute(f"ALTER TABLE flights ATTACH PARTITION march {MAY}")
    assert only(conn, flights).bin == ()
    conn.execute("ALTER TABLE flights DETACH PARTITION march")
    assert names(only(conn, flights).bin) == ["march"]
    conn.execute("CREATE TABLE trips (at timestamptz NOT NULL) PARTITION BY RANGE (at)")
    conn.execute(f"ALTER TABLE trips ATTACH PARTITION march {MARCH}")
    assert only(conn, flights).bin == ()
    conn.execute("DROP TABLE march")
    assert only(conn, flights).bin == ()


def test_a_half_detached_partition_is_not_forgotten(conn, other, flights):
    reader = other(autocommit=False)
    reader.execute("SELECT * FROM flights")
    cut = other(options="-c statement_timeout=100ms")
    with pytest.raises(psycopg.errors.QueryCanceled):
        cut.execute("ALTER TABLE flights DETACH PARTITION march CONCURRENTLY")
    pending = {p.name.relation: p.pending for p in only(conn, flights).partitions}
    assert pending == {"march": True, "april": False}


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


def test_rows_that_may_not_be_seen_are_unknown(conn, database, flights):
    conn.execute("CREATE TABLE rest PARTITION OF flights DEFAULT")
    default = only(conn, flights).default
    user = f"{conn.info.dbname}_guest"
    conn.execute(f"CREATE ROLE {user} LOGIN")
    try:
        with session.connect(make_conninfo(database, user=user)) as guest:
            assert catalog.has_rows(guest, default) is None
    finally:
        conn.execute(f"DROP ROLE {user}")


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
