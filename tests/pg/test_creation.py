"""New partitions are like their parent in everything that PostgreSQL leaves out."""

from __future__ import annotations

from itertools import count
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from psycopg.sql import SQL, Identifier

from .helpers import (
    NOW,
    a_table,
    an_engine,
    children,
    daily,
    outcomes,
    relations,
    told,
    value,
)

TODAY, TOMORROW = "events_p20261124", "events_p20261125"
SERIAL = count(1)


def made_by(database: str, pg: Any, **options: Any) -> str:
    """Create today's partition of ``events`` only, and return its name."""
    engine = an_engine(database)
    daily(engine, count=1, **options)
    report = engine.maintain()
    assert told(report) == [("create", TODAY)], report
    assert list(children(pg)) == [TODAY]
    return TODAY


def test_the_partition_belongs_to_the_parents_owner(a_role, database, pg):
    """The engine is a superuser and somebody else."""
    owner = a_role()
    pg.execute(f"GRANT CREATE ON SCHEMA public TO {owner}")
    a_table(pg)
    pg.execute(f"ALTER TABLE events OWNER TO {owner}")
    made_by(database, pg)
    found = value(
        pg, "SELECT pg_get_userbyid(relowner) FROM pg_class WHERE relname = %s", TODAY
    )
    assert found == owner


def test_a_member_of_the_owner_creates_retires_and_is_itself_again(
    a_role, database, pg
):
    owner, worker = a_role("NOLOGIN"), a_role()
    pg.execute(f"GRANT {owner} TO {worker}")
    pg.execute(f"GRANT CREATE ON SCHEMA public TO {owner}")
    pg.execute(
        SQL("GRANT CREATE ON DATABASE {} TO {}").format(
            Identifier(pg.info.dbname), Identifier(worker)
        )
    )
    a_table(pg)
    pg.execute(f"ALTER TABLE events OWNER TO {owner}")
    dsn = make_conninfo(database, user=worker, password="x")
    engine = an_engine(dsn)
    daily(engine, count=2, start="2026-11-22", retention_period="1 day")
    assert engine.maintain().exit_code == 0
    later = an_engine(dsn, NOW.replace(day=27))
    report = later.maintain(max_drops=10)
    assert report.exit_code == 0, report
    owners = pg.execute(
        "SELECT DISTINCT pg_get_userbyid(relowner), relnamespace::regnamespace::text"
        " FROM pg_class WHERE relkind = 'r' AND relnamespace::regnamespace::text"
        " IN ('public', 'partman') ORDER BY 2"
    ).fetchall()
    assert owners == [(worker, "partman"), (owner, "public")]


def test_grants_are_carried_over_those_on_columns_and_to_everybody_too(
    a_role, database, pg
):
    reader, writer = a_role(), a_role()
    a_table(pg)
    pg.execute(f"GRANT SELECT ON events TO {reader} WITH GRANT OPTION")
    pg.execute(f"GRANT INSERT (at), UPDATE (note) ON events TO {writer}")
    pg.execute("GRANT SELECT (note) ON events TO PUBLIC")
    made_by(database, pg)
    for grants in (
        (
            "SELECT grantee, privilege_type, is_grantable FROM"
            " information_schema.role_table_grants WHERE table_name = %s ORDER BY 1, 2"
        ),
        (
            "SELECT grantee, column_name, privilege_type FROM"
            " information_schema.column_privileges WHERE table_name = %s"
            " ORDER BY 1, 2, 3"
        ),
    ):
        [parents, childs] = [
            pg.execute(grants, [each]).fetchall() for each in ("events", TODAY)
        ]
        assert childs == parents
        assert parents


def test_under_row_security_the_partition_is_closed_and_nothing_is_granted(
    a_role, database, pg
):
    """Policies of the parent do not reach its partitions."""
    reader = a_role()
    a_table(pg)
    pg.execute("ALTER TABLE events ENABLE ROW LEVEL SECURITY")
    pg.execute("ALTER TABLE events FORCE ROW LEVEL SECURITY")
    pg.execute("CREATE POLICY mine ON events USING (note = current_user)")
    pg.execute(f"GRANT SELECT ON events TO {reader}")
    made_by(database, pg)
    row = pg.execute(
        "SELECT relrowsecurity, relforcerowsecurity, relacl FROM pg_class"
        " WHERE relname = %s",
        [TODAY],
    ).fetchone()
    assert row == (True, True, None)
    pg.execute("INSERT INTO events VALUES (%s, %s), (%s, 'x')", [NOW, reader, NOW])
    with psycopg.connect(make_conninfo(database, user=reader, password="x")) as theirs:
        assert theirs.execute("SELECT note FROM events").fetchall() == [(reader,)]
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            theirs.execute(f"SELECT FROM {TODAY}")


@pytest.mark.parametrize(
    ("identity", "letter"), [("FULL", "f"), ("NOTHING", "n"), ("DEFAULT", "d")]
)
def test_the_replica_identity_is_the_parents(database, pg, identity, letter):
    a_table(pg)
    pg.execute(f"ALTER TABLE events REPLICA IDENTITY {identity}")
    made_by(database, pg)
    query = "SELECT relreplident::text FROM pg_class WHERE relname = %s"
    assert value(pg, query, TODAY) == letter


def test_the_replica_identity_is_the_parents_index_whatever_was_dropped(database, pg):
    """The columns of parent and partition are numbered differently then."""
    a_table(pg, columns="gone int, at timestamptz NOT NULL, old int, n int NOT NULL")
    pg.execute("ALTER TABLE events DROP COLUMN gone, DROP COLUMN old")
    pg.execute("CREATE UNIQUE INDEX other ON events (at, n)")
    pg.execute("CREATE UNIQUE INDEX chosen ON events (n, at)")
    pg.execute("ALTER TABLE events REPLICA IDENTITY USING INDEX chosen")
    made_by(database, pg)
    found = value(
        pg,
        "SELECT pg_get_indexdef(indexrelid) FROM pg_index"
        " WHERE indisreplident AND indrelid = %s::regclass",
        TODAY,
    )
    assert found.endswith("(n, at)")


def test_a_replica_identity_without_its_index_stops_nothing(database, pg):
    a_table(pg, columns="at timestamptz NOT NULL")
    pg.execute("CREATE UNIQUE INDEX chosen ON events (at)")
    pg.execute("ALTER TABLE events REPLICA IDENTITY USING INDEX chosen")
    pg.execute("DROP INDEX chosen")
    made_by(database, pg)


def test_rows_of_a_published_table_can_be_changed_in_a_new_partition(database, pg):
    a_table(pg)
    pg.execute("ALTER TABLE events REPLICA IDENTITY FULL")
    pg.execute("CREATE PUBLICATION all_of_it FOR TABLE events")
    made_by(database, pg)
    pg.execute("INSERT INTO events VALUES (%s, 'a')", [NOW])
    assert pg.execute("UPDATE events SET note = 'b'").rowcount == 1


def test_statistics_targets_and_options_of_columns_are_carried_over(database, pg):
    a_table(pg, columns='at timestamptz NOT NULL, note text, "Other One" int')
    pg.execute("ALTER TABLE events ALTER note SET STATISTICS 500")
    pg.execute("ALTER TABLE events ALTER note SET (n_distinct = -0.5)")
    pg.execute(
        'ALTER TABLE events ALTER "Other One"'
        " SET (n_distinct = 7, n_distinct_inherited = 70)"
    )
    made_by(database, pg)
    rows = pg.execute(
        "SELECT attname, nullif(attstattarget, -1), attoptions FROM pg_attribute"
        " WHERE attrelid = %s::regclass AND attnum > 0 ORDER BY attnum",
        [TODAY],
    ).fetchall()
    assert rows == [
        ("at", None, None),
        ("note", 500, ["n_distinct=-0.5"]),
        ("Other One", None, ["n_distinct=7", "n_distinct_inherited=70"]),
    ]


def test_storage_parameters_come_from_the_settings(database, pg):
    a_table(pg)
    storage = {"fillfactor": 90, "toast.autovacuum_enabled": False}
    made_by(database, pg, storage=storage)
    options = "SELECT reloptions FROM pg_class WHERE oid = "
    assert value(pg, f"{options} %s::regclass", TODAY) == ["fillfactor=90"]
    toast = f"(SELECT reltoastrelid FROM pg_class WHERE relname = '{TODAY}')"
    assert value(pg, options + toast) == ["autovacuum_enabled=false"]


SPACE = """
SELECT t.spcname FROM pg_class c LEFT JOIN pg_tablespace t ON t.oid = c.reltablespace
 WHERE c.relname = %s"""


def test_the_tablespace_is_the_parents(a_tablespace, database, pg):
    a_table(pg)
    pg.execute(f"ALTER TABLE events SET TABLESPACE {a_tablespace}")
    made_by(database, pg)
    assert value(pg, SPACE, TODAY) == a_tablespace


def test_the_settings_tablespace_is_the_stronger_word(a_tablespace, database, pg):
    a_table(pg)
    made_by(database, pg, tablespace=a_tablespace)
    assert value(pg, SPACE, TODAY) == a_tablespace


def test_a_tablespace_that_is_not_there_any_more_is_told(a_tablespace, database, pg):
    a_table(pg)
    engine = an_engine(database)
    daily(engine, count=1, tablespace=a_tablespace)
    pg.execute(f"ALTER TABLESPACE {a_tablespace} RENAME TO {a_tablespace}_2")
    try:
        report = engine.maintain()
    finally:
        pg.execute(f"ALTER TABLESPACE {a_tablespace}_2 RENAME TO {a_tablespace}")
    [out] = outcomes(report, "failed")
    assert out.sqlstate == "42704"
    assert a_tablespace in out.message
    assert report.exit_code == 3
    assert relations(pg) == {"events"}


def test_identity_columns_go_on_counting_for_the_whole_table(database, pg):
    """A partition of its own sequence would give numbers twice."""
    a_table(
        pg,
        columns="id bigint GENERATED ALWAYS AS IDENTITY, at timestamptz NOT NULL,"
        " PRIMARY KEY (id, at)",
    )
    engine = an_engine(database)
    daily(engine, count=2)
    assert engine.maintain().exit_code == 0
    for _ in range(2):
        pg.execute("INSERT INTO events (at) VALUES (%s)", [NOW])
        pg.execute("INSERT INTO events (at) VALUES (%s)", [NOW.replace(day=25)])
    ids = pg.execute("SELECT id FROM events ORDER BY id").fetchall()
    assert ids == [(1,), (2,), (3,), (4,)]
    sequences = "SELECT count(*) FROM pg_class WHERE relkind = 'S' AND"
    assert value(pg, f"{sequences} relname LIKE 'events%%'") == 1


def test_everything_else_of_the_parent_is_there_too(database, pg):
    """Defaults, generated columns, checks, keys, indexes, triggers, statistics."""
    pg.execute("CREATE TABLE kinds (kind int PRIMARY KEY)")
    pg.execute("INSERT INTO kinds VALUES (1)")
    pg.execute(
        "CREATE FUNCTION shout() RETURNS trigger LANGUAGE plpgsql AS"
        " $$BEGIN NEW.note := upper(NEW.note); RETURN NEW; END$$"
    )
    a_table(
        pg,
        columns="at timestamptz NOT NULL, kind int DEFAULT 1 REFERENCES kinds,"
        " note text COLLATE \"C\" CHECK (note <> ''), twice int GENERATED ALWAYS AS"
        " (kind * 2) STORED, PRIMARY KEY (at)",
    )
    pg.execute("CREATE INDEX by_note ON events (lower(note)) WHERE kind > 0")
    pg.execute("CREATE STATISTICS together ON kind, note FROM events")
    pg.execute("COMMENT ON COLUMN events.note IS 'what it says'")
    pg.execute(
        "CREATE TRIGGER shouting BEFORE INSERT ON events FOR EACH ROW"
        " EXECUTE FUNCTION shout()"
    )
    made_by(database, pg)
    pg.execute("INSERT INTO events (at, note) VALUES (%s, 'a')", [NOW])
    assert pg.execute(f"SELECT kind, note, twice FROM {TODAY}").fetchall() == [
        (1, "A", 2)
    ]
    indexes = value(
        pg,
        "SELECT count(*) FROM pg_index i JOIN pg_inherits h ON h.inhrelid ="
        " i.indexrelid WHERE i.indrelid = %s::regclass",
        TODAY,
    )
    assert indexes == 2
    assert value(pg, "SELECT col_description(%s::regclass, 3)", TODAY)
    extended = "SELECT count(*) FROM pg_statistic_ext WHERE stxrelid = %s::regclass"
    assert value(pg, extended, TODAY) == 1
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        pg.execute(f"INSERT INTO {TODAY} (at, kind) VALUES ('2026-11-24', 2)")
    with pytest.raises(psycopg.errors.CheckViolation):
        pg.execute("INSERT INTO events (at, note) VALUES (%s, '')", [NOW])


def test_the_access_method_is_the_parents(database, pg):
    """Only from PostgreSQL 17 on do partitioned tables have one."""
    pg.execute("CREATE ACCESS METHOD piled TYPE TABLE HANDLER heap_tableam_handler")
    a_table(pg)
    expected = "heap"
    if pg.info.server_version >= 170000:
        pg.execute("ALTER TABLE events SET ACCESS METHOD piled")
        expected = "piled"
    made_by(database, pg)
    method = (
        "SELECT amname FROM pg_class c JOIN pg_am m ON m.oid = c.relam"
        " WHERE c.relname = %s"
    )
    assert value(pg, method, TODAY) == expected


def test_a_default_partition_of_another_owner_is_no_obstacle(a_role, database, pg):
    owner, worker = a_role("NOLOGIN"), a_role()
    pg.execute(f"GRANT {owner} TO {worker}")
    pg.execute(f"GRANT CREATE ON SCHEMA public TO {owner}")
    pg.execute(
        SQL("GRANT CREATE ON DATABASE {} TO {}").format(
            Identifier(pg.info.dbname), Identifier(worker)
        )
    )
    a_table(pg)
    pg.execute("CREATE TABLE rest PARTITION OF events DEFAULT")
    pg.execute(f"ALTER TABLE events OWNER TO {owner}")
    engine = an_engine(make_conninfo(database, user=worker, password="x"))
    daily(engine, count=1)
    report = engine.maintain()
    assert told(report) == [("create", TODAY)], report


def test_a_missing_privilege_is_told_and_nothing_is_left(a_role, database, pg):
    owner, worker = a_role("NOLOGIN"), a_role()
    pg.execute(f"GRANT {owner} TO {worker}")
    pg.execute(
        SQL("GRANT CREATE ON DATABASE {} TO {}").format(
            Identifier(pg.info.dbname), Identifier(worker)
        )
    )
    a_table(pg)
    pg.execute(f"ALTER TABLE events OWNER TO {owner}")
    engine = an_engine(make_conninfo(database, user=worker, password="x"))
    daily(engine, count=2)
    report = engine.maintain()
    assert {out.sqlstate for out in outcomes(report, "failed")} == {"42501"}
    assert report.exit_code == 4
    assert relations(pg) == {"events"}


def test_bounds_are_recorded_as_the_catalog_has_them(database, pg):
    """Also for a key whose type is a domain, which PostgreSQL always quotes."""
    pg.execute("CREATE DOMAIN num AS int")
    a_table(pg, columns="n num NOT NULL, id serial", key="RANGE (n)")
    pg.execute("CREATE SEQUENCE counted OWNED BY events.n")
    a_table(pg, "moments", columns="at timestamp NOT NULL", key="RANGE (at)")
    a_table(pg, "days", columns="at date NOT NULL", key="RANGE (at)")
    engine = an_engine(database)
    for each in ("moments", "days"):
        daily(engine, each)
    report = engine.maintain()
    assert report.exit_code == 0, report
    recorded = pg.execute(
        "SELECT m.bounds, pg_get_expr(c.relpartbound, c.oid)"
        " FROM partman.managed_partitions m JOIN pg_class c ON c.oid = m.relation"
    ).fetchall()
    assert len(recorded) == 6
    assert all(ours == theirs for ours, theirs in recorded)


def test_when_the_name_that_comes_instead_is_taken_too_another_one_is_found(
    database, pg
):
    a_table(pg)
    engine = an_engine(database)
    daily(engine, count=1)
    for _ in range(3):
        [planned] = engine.plan().operations
        pg.execute(f"CREATE TABLE {planned.name} (at timestamptz)")
    [made] = engine.maintain().of("done")
    assert list(children(pg)) == [made.name.relation]
