"""Connections: how they print values, what they say when there is none."""

from __future__ import annotations

import subprocess
import sys
import textwrap
import traceback
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from partman_core.errors import Blocked, ConfigError, PartmanError, Unreachable
from partman_core.pg import session
from partman_core.pg.embedded import THROWAWAY, EmbeddedServer, embedded_server
from partman_core.pg.server import require_version, require_writable

SECRET = "s3cret"


def shown(conn, *names):
    return [conn.execute(f"SHOW {name}").fetchone()[0] for name in names]


def told(error):
    """Everything that a person could see of an error."""
    return "".join(traceback.format_exception(error)) + str(error.hint)


def refusal(dsn, kind=PartmanError):
    with pytest.raises(kind) as caught:
        session.connect(dsn)
    return caught.value


def test_values_are_printed_one_way_whatever_the_database_prefers(pg, database):
    name = pg.info.dbname
    pg.execute(f"ALTER DATABASE {name} SET timezone = 'Asia/Kathmandu'")
    pg.execute(f"ALTER DATABASE {name} SET datestyle = 'German'")
    pg.execute(f"ALTER DATABASE {name} SET bytea_output = 'escape'")
    moment = "SELECT '2026-03-04 05:06+00'::timestamptz::text, '\\x00ff'::bytea::text"
    with session.connect(database) as conn:
        assert conn.autocommit
        assert conn.execute(moment).fetchone() == ("2026-03-04 05:06:00+00", "\\x00ff")
        for setting, value in session.CANONICAL.items():
            assert shown(conn, setting) == [value]
    with psycopg.connect(database) as theirs:
        assert session.adopt(theirs) is theirs
        assert theirs.execute(moment).fetchone()[0] == "2026-03-04 05:06:00+00"


def test_a_server_notices_that_its_client_is_gone(database):
    with session.connect(database) as conn:
        assert shown(conn, "client_connection_check_interval") == ["500ms"]


def test_options_of_the_user_are_kept(database, monkeypatch):
    with session.connect(make_conninfo(database, options="-c work_mem=3MB")) as conn:
        assert shown(conn, "work_mem", "timezone") == ["3MB", "UTC"]
    monkeypatch.setenv("PGOPTIONS", "-c work_mem=5MB -c timezone=Asia/Tokyo")
    with session.connect(database) as conn:
        assert shown(conn, "work_mem", "timezone") == ["5MB", "UTC"]


def test_the_users_application_name_wins(database, monkeypatch):
    with session.connect(database) as conn:
        assert shown(conn, "application_name") == ["partman"]
    with session.connect(database, application_name="nightly") as conn:
        assert shown(conn, "application_name") == ["nightly"]
    monkeypatch.setenv("PGAPPNAME", "mine")
    with session.connect(database) as conn:
        assert shown(conn, "application_name") == ["mine"]


def test_a_service_file_is_honoured(database, monkeypatch, tmp_path):
    """libpq reads it when it connects, so the settings come by a statement."""
    entries = psycopg.conninfo.conninfo_to_dict(database) | {
        "options": "-c work_mem=7MB"
    }
    lines = ["[flights]", *(f"{name}={value}" for name, value in entries.items())]
    tmp_path.joinpath("services").write_text("\n".join(lines) + "\n")
    monkeypatch.setenv("PGSERVICEFILE", str(tmp_path / "services"))
    with session.connect("service=flights") as conn:
        assert shown(conn, "work_mem", "timezone", "datestyle") == [
            "7MB",
            "UTC",
            "ISO, YMD",
        ]


def test_an_adopted_connection_is_made_fit(database):
    with psycopg.connect(database, row_factory=psycopg.rows.dict_row) as conn:
        session.adopt(conn)
        assert conn.autocommit
        assert conn.execute("SELECT 1").fetchone() == (1,)


def test_a_connection_inside_a_transaction_is_refused(database):
    with psycopg.connect(database) as conn:
        conn.execute("SELECT 1")
        with pytest.raises(ConfigError, match="inside a transaction") as caught:
            session.adopt(conn)
        assert caught.value.code == "in-transaction"
        conn.rollback()
        session.adopt(conn)


def test_something_that_is_no_connection_is_refused(pg):
    with pytest.raises(ConfigError, match="not a str"):
        session.adopt("postgresql://localhost")
    pg.close()
    with pytest.raises(Unreachable, match="is closed"):
        session.adopt(pg)


def test_a_server_that_does_not_answer_is_named():
    error = refusal("host=127.0.0.1 port=1 user=mia dbname=app", Unreachable)
    assert str(error) == "no server answers at 127.0.0.1:1: Connection refused"
    assert "PARTMAN_DSN" in error.hint
    error = refusal("host=/nowhere port=1 user=mia", Unreachable)
    assert "on the socket /nowhere, port 1" in str(error)
    error = refusal("host=no-such-host.invalid user=mia", Unreachable)
    assert "no-such-host.invalid:5432" in str(error)


def test_an_unknown_database_is_named(database):
    error = refusal(make_conninfo(database, dbname="No such"), Unreachable)
    assert "has no database No such" in str(error)
    assert 'CREATE DATABASE "No such"' in error.hint
    assert error.code == "database"


def test_an_unknown_role_is_named(database):
    error = refusal(make_conninfo(database, user="nobody-here"), Unreachable)
    assert "nobody-here" in str(error)


@pytest.fixture(scope="module")
def guarded():
    """A server that wants a password of its user `mia`."""
    with embedded_server(settings=THROWAWAY) as server:
        with psycopg.connect(server.dsn, autocommit=True) as admin:
            admin.execute(f"CREATE ROLE mia LOGIN PASSWORD '{SECRET}'")
            rules = server.directory / "data" / "pg_hba.conf"
            rules.write_text(f"local all mia scram-sha-256\n{rules.read_text()}")
            admin.execute("SELECT pg_reload_conf()")
        yield server


def test_a_wrong_password_is_called_that_and_not_shown(guarded):
    error = refusal(
        make_conninfo(guarded.dsn, user="mia", password="wr0ng"), Unreachable
    )
    assert error.code == "password"
    assert "refuses the password of mia" in str(error)
    assert "wr0ng" not in told(error)
    with session.connect(make_conninfo(guarded.dsn, user="mia", password=SECRET)):
        pass


def test_a_missing_password_is_called_that(guarded, monkeypatch):
    monkeypatch.setenv("PGPASSFILE", "/nowhere")
    error = refusal(make_conninfo(guarded.dsn, user="mia"), Unreachable)
    assert error.code == "password"
    assert "none was given" in str(error)


@pytest.mark.parametrize(
    "dsn",
    [
        f"postgresq://mia:{SECRET}@localhost/app",
        f"postgresql://mia:x{SECRET}@{SECRET}@localhost/app",
        f"postgresql://mia:x/{SECRET}@localhost/app",
        f"postgresql://mia:x?{SECRET}@localhost/app",
        f"postgresql://mia:{SECRET}%zz@localhost/app",
        f"postgresql://mia:{SECRET} @localhost/app",
        f"postgresql://mia:{SECRET}@localhost:port/app",
        f"postgresql://mia@localhost:{SECRET}/app",
        f"postgresql://mia:{SECRET}/app",
        f"postgresql://mia:{SECRET}@127.0.0.1:1/app",
        f"postgresql://mia:{SECRET}@/app?host=/nowhere",
        f"postgresql://mia:{SECRET}@localhost/app?sslmode=wrong",
        f"host=localhost password=x {SECRET}",
        f"host=localhost password=x {SECRET}=y",
        f"host=localhost password='{SECRET}",
        f"host=localhost passwort={SECRET}",
    ],
)
def test_no_message_shows_a_password(dsn):
    assert SECRET not in told(refusal(dsn))


def test_a_misspelt_setting_of_a_dsn_is_guessed():
    error = refusal("hst=localhost", ConfigError)
    assert error.code == "dsn"
    assert "did you mean 'host'?" in error.hint


def test_psycopg_without_libpq_is_one_sentence():
    hidden = textwrap.dedent("""
        import ctypes.util, sys
        sys.modules["psycopg_c"] = sys.modules["psycopg_binary"] = None
        ctypes.util.find_library = lambda name: None
        from partman_core.errors import ConfigError
        try:
            import partman_core.pg.session
        except ConfigError as error:
            print(error.exit_code, error.code, error, error.hint, sep="|")
    """)
    ran = subprocess.run(
        [sys.executable, "-c", hidden], capture_output=True, text=True, check=True
    )
    code, name, message, hint = ran.stdout.strip().split("|")
    assert (code, name) == ("4", "libpq")
    assert "finds no libpq" in message
    assert "partman[binary]" in hint
    assert "partman[c]" in hint


def test_a_probe_tells_server_and_time(database):
    with session.connect(database) as conn:
        server = session.probe(conn, "partman")
        assert server.version == conn.info.server_version
        assert (server.user, server.database) == (conn.info.user, conn.info.dbname)
    assert (server.in_recovery, server.read_only) == (False, False)
    assert server.now.tzinfo is UTC
    assert abs(server.now - datetime.now(UTC)) < timedelta(minutes=10)
    assert (server.registry, server.schema_version) == ("absent", None)


@pytest.mark.parametrize(
    ("statements", "registry", "occupant"),
    [
        ("CREATE SCHEMA partman", "empty", None),
        (
            "CREATE SCHEMA partman CREATE TABLE part_config (id int)",
            "foreign",
            "it holds the tables of pg_partman (part_config)",
        ),
        (
            (
                "CREATE SCHEMA partman CREATE TABLE parent_tables (id int)"
                " CREATE TABLE tenants (id int)"
            ),
            "foreign",
            "it holds the tables of go_partman or gopartman (parent_tables)",
        ),
        (
            (
                "CREATE SCHEMA partman CREATE TABLE b (id int) CREATE TABLE a (id int)"
                " CREATE TABLE schema_version (version int) CREATE VIEW c AS SELECT 1"
            ),
            "foreign",
            "it holds a, b, c, ...",
        ),
        (
            (
                "CREATE SCHEMA partman; CREATE FUNCTION partman.f() RETURNS int"
                " LANGUAGE sql AS 'SELECT 1'"
            ),
            "foreign",
            "it holds objects that are not partman's",
        ),
        (
            "CREATE SCHEMA partman; CREATE EXTENSION pg_trgm SCHEMA partman",
            "foreign",
            "it belongs to the extension pg_trgm",
        ),
    ],
)
def test_a_probe_tells_whose_the_schema_is(
    pg, database, statements, registry, occupant
):
    pg.execute(statements)
    with session.connect(database) as conn:
        server = session.probe(conn, "partman")
    assert (server.registry, server.occupant) == (registry, occupant)


def test_a_question_does_not_wait_for_a_lock(pg, database, other):
    pg.execute("CREATE TABLE held (id int)")
    holder = other(autocommit=False)
    holder.execute("LOCK TABLE held IN ACCESS EXCLUSIVE MODE")
    with session.connect(database) as conn:
        with pytest.raises(psycopg.errors.LockNotAvailable):
            session.read(conn, "SELECT count(*) FROM held")
        assert shown(conn, "lock_timeout") == ["0"]
        holder.rollback()
        assert session.read(conn, "SELECT count(*) FROM held") == [(0,)]


def test_a_question_does_not_exceed_its_budget(database):
    with session.connect(database) as conn:
        with pytest.raises(psycopg.errors.QueryCanceled):
            session.read(conn, "SELECT pg_sleep(60)", budget="50ms")
        assert shown(conn, "statement_timeout") == ["0"]


def test_a_question_leaves_the_callers_transaction_alone(database):
    with session.connect(database) as conn, conn.transaction():
        conn.execute("SET LOCAL lock_timeout = '7s'")
        assert session.read(conn, "SELECT %(one)s", {"one": 1}) == [(1,)]
        assert shown(conn, "lock_timeout") == ["7s"]


def test_a_locked_registry_is_said_to_be_locked(pg, database, other):
    pg.execute("CREATE SCHEMA partman")
    pg.execute(
        "CREATE TABLE partman.schema_version (version int, partman_version text)"
    )
    other(autocommit=False).execute("LOCK TABLE partman.schema_version")
    with session.connect(database) as conn, pytest.raises(Blocked, match="partman"):
        session.probe(conn, "partman")


def test_a_lost_connection_is_unreachable(pg, database):
    with session.connect(database) as conn:
        pg.execute("SELECT pg_terminate_backend(%s)", [conn.info.backend_pid])
        with pytest.raises(Unreachable, match="was lost"):
            session.probe(conn, "partman")


def test_an_old_server_is_refused():
    require_version(150000)
    with pytest.raises(
        ConfigError, match="is PostgreSQL 14, and partman needs 15"
    ) as caught:
        require_version(140012)
    assert (caught.value.exit_code, caught.value.code) == (4, "version")


def test_a_read_only_session_is_refused_for_writing(database):
    dsn = make_conninfo(database, options="-c default_transaction_read_only=on")
    with session.connect(dsn) as conn:
        server = session.probe(conn, "partman")
    with pytest.raises(ConfigError, match="read-only") as caught:
        require_writable(server)
    assert (caught.value.exit_code, caught.value.code) == (4, "standby")


def test_a_standby_can_be_read_and_is_refused_for_writing():
    server = EmbeddedServer(settings=THROWAWAY)
    server.start()
    try:
        server.kill()
        server.directory.joinpath("data", "standby.signal").touch()
        server.start()
        with session.connect(server.dsn) as conn:
            found = session.probe(conn, "partman")
        with pytest.raises(ConfigError, match="is a standby") as caught:
            require_writable(found)
        assert caught.value.code == "standby"
        assert "primary" in caught.value.hint
    finally:
        server.stop()
