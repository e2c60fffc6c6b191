"""Wrong input gets one clear sentence, a way out and an exit code; nothing changes."""

from __future__ import annotations

import tempfile
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from partman_core.pg.embedded import THROWAWAY, embedded_server

MONTHLY = ("--partition-interval", "1 month")


@pytest.fixture
def tables(flights):
    """Make a plain table beside the partitioned one."""
    flights.execute("CREATE TABLE plain (id integer)")
    return flights


@pytest.fixture
def snapshot(pg):
    """Return a function that names every relation and schema there is."""
    query = (
        "SELECT array_agg(oid::regclass::text ORDER BY oid) FROM pg_class"
        " WHERE oid >= 16384 UNION ALL"
        " SELECT array_agg(nspname::text ORDER BY oid) FROM pg_namespace"
        " WHERE nspname !~ '^pg_(toast_)?temp_'"
    )
    return lambda: pg.execute(query).fetchall()


REGISTRATIONS = {
    "unknown table": (("nowhere", *MONTHLY), "there is no table nowhere"),
    "misspelt table": (("flihgts", *MONTHLY), "did you mean public.flights?"),
    "unpartitioned table": (
        ("plain", *MONTHLY),
        "public.plain is an ordinary table, not a partitioned table",
    ),
    "missing column": (
        ("flights", *MONTHLY, "--partition-by", "departed"),
        "it has no column departed",
    ),
    "wrong column": (
        ("flights", *MONTHLY, "--partition-by", "carrier"),
        "is partitioned by RANGE (time_hour)",
    ),
    "unknown strategy": (
        ("flights", *MONTHLY, "--partition-type", "rnage"),
        "no plugin here has a strategy 'rnage'; did you mean 'range'?",
    ),
    "no interval": (("flights",), "'partition_interval' is required"),
    "number as interval": (
        ("flights", "--partition-interval", "10"),
        'say the unit, as in "10 days"',
    ),
    "empty interval": (
        ("flights", "--partition-interval", "0 days"),
        "partition_interval is '0 days', and a period has some length",
    ),
    "no count": (
        ("flights", *MONTHLY, "--partition-count", "0"),
        "so it is at least 1 @ partition_count",
    ),
    "negative retention": (
        ("flights", *MONTHLY, "--retention-period", "-1 day"),
        "an interval is not negative: '-1 day' @ retention_period",
    ),
    "unknown zone": (
        ("flights", *MONTHLY, "--timezone", "Europe/Berln"),
        "did you mean 'Europe/Berlin'?",
    ),
    "unknown setting": (
        ("flights", *MONTHLY, "--set", "retentoin_period=1 year"),
        "no setting 'retentoin_period'; did you mean 'retention_period'?",
    ),
}


@pytest.mark.parametrize(
    ("args", "sentence"), REGISTRATIONS.values(), ids=REGISTRATIONS
)
@pytest.mark.usefixtures("tables")
def test_a_registration_that_cannot_work_writes_nothing(
    partman, snapshot, args, sentence
):
    before = snapshot()
    told = partman("register", *args, code=4)
    assert told.stdout == ""
    first, *_ = told.stderr.splitlines()
    assert first.startswith("error[")
    assert sentence in told.stderr
    assert snapshot() == before


@pytest.mark.parametrize(
    "command",
    ["plan", "apply", "maintain", "status", "check", "partitions", "history", "adopt"],
)
@pytest.mark.usefixtures("tables")
def test_a_table_that_is_not_managed_is_named_with_the_way_out(partman, command):
    told = partman(command, "flights", code=4).stderr
    assert "error[not-managed]: flights is not managed by partman" in told
    assert "`partman register flights` manages it" in told


def test_a_misspelt_setting_in_a_file_is_found_with_its_place(partman, snapshot):
    (partman.place / "partman.toml").write_text(
        '[[tables]]\nname = "flights"\npartition_interval = "1 month"\n'
        'retentoin = "9 months"\n\n[[tables]]\nname = "b"\npartition_interval = "10"\n'
    )
    before = snapshot()
    told = partman("sync", code=4).stderr
    assert (
        "partman.toml: no setting 'retentoin'; did you mean 'retention_period'?"
        " @ tables[0]" in told
    )
    assert "@ tables[1]" in told
    assert partman("config", "validate", code=4).stderr == told
    assert snapshot() == before


def test_a_slip_in_the_syntax_of_a_file_is_found_with_line_and_column(partman):
    (partman.place / "partman.toml").write_text('[[tables]]\nname = "flights\n')
    told = partman("sync", code=4).stderr
    assert "partman.toml" in told
    assert "line 2, column" in told


@pytest.mark.parametrize(
    "args",
    [
        ("mantain",),
        ("maintain", "--force"),
        ("register",),
        ("apply", "flights", "--plan", "plan.json"),
        ("plan", "--now", "tomorrow"),
        ("--config", "nowhere.toml", "status"),
    ],
)
def test_a_slip_on_the_command_line_is_a_usage_error(partman, args):
    told = partman(*args, code=64)
    assert told.stdout == ""
    assert "error[usage]: " in told.stderr


def test_a_server_that_does_not_answer_is_5(partman, tmp_path):
    partman.variables["PARTMAN_DSN"] = f"host={tmp_path} connect_timeout=5"
    for command in ("status", "maintain"):
        told = partman(command, code=5).stderr
        assert told.startswith("error[unreachable]: ")
        assert str(tmp_path) in told
        assert "  = hint: " in told


def test_a_database_that_does_not_exist_is_5(partman, database):
    partman.variables["PARTMAN_DSN"] = make_conninfo(database, dbname="nowhere")
    told = partman("status", code=5).stderr
    assert "nowhere" in told
    assert "  = hint: " in told


def test_a_dsn_that_cannot_be_read_is_4(partman):
    told = partman("--dsn", "postgresql://app:hush@[half/x", "status", code=4).stderr
    assert told.startswith("error[")
    assert "hush" not in told


@pytest.fixture(scope="module")
def strict_server():
    """Yield the DSN of a server that asks ``app`` for a password: ``right``."""
    with tempfile.TemporaryDirectory(dir="/tmp") as name:
        rules = Path(name) / "pg_hba.conf"
        rules.write_text("local all app scram-sha-256\nlocal all all trust\n")
        Path(name).chmod(0o755)
        rules.chmod(0o644)
        with embedded_server(settings=THROWAWAY | {"hba_file": str(rules)}) as server:
            yield server.dsn


@pytest.fixture
def secured(strict_server):
    """Make the user ``app``; return how it connects."""
    with psycopg.connect(strict_server, autocommit=True) as conn:
        conn.execute("DROP ROLE IF EXISTS app")
        conn.execute("CREATE ROLE app LOGIN PASSWORD 'right'")
    return conninfo_to_dict(strict_server) | {"user": "app"}


def test_a_wrong_password_is_5_and_never_shown(partman, secured):
    partman.variables["PARTMAN_DSN"] = make_conninfo(**secured, password="wr0ng")
    told = partman("status", code=5).stderr
    assert "password" in told
    assert "wr0ng" not in told
    partman.variables["PARTMAN_DSN"] = make_conninfo(**secured)
    assert "password" in partman("status", code=5).stderr
    partman.variables["PARTMAN_DSN"] = make_conninfo(**secured, password="right")
    assert "No managed tables yet" in partman("status").stdout


def test_a_role_without_rights_is_told_what_to_grant(
    partman, flights, database, snapshot
):
    role = f"reader_{flights.info.backend_pid}"
    flights.execute(f"CREATE ROLE {role}")
    try:
        before = snapshot()
        partman.variables["PARTMAN_DSN"] = make_conninfo(
            database, options=f"-c role={role}"
        )
        told = partman("register", "flights", *MONTHLY, code=4).stderr
        assert told.startswith("error[privilege]: ")
        assert f"GRANT CREATE ON DATABASE {flights.info.dbname} TO {role}" in told
        assert snapshot() == before
    finally:
        flights.execute(f"DROP ROLE {role}")


@pytest.mark.usefixtures("flights")
def test_a_read_only_session_is_4(partman, database, snapshot):
    before = snapshot()
    partman.variables["PARTMAN_DSN"] = make_conninfo(
        database, options="-c default_transaction_read_only=on"
    )
    partman.register(code=4)
    assert "error[standby]" in partman("maintain", code=4).stderr
    partman("status")
    assert snapshot() == before


def test_a_schema_that_belongs_to_somebody_else_is_left_alone(
    partman, flights, snapshot
):
    flights.execute("CREATE SCHEMA partman; CREATE TABLE partman.part_config (a int)")
    before = snapshot()
    for command in (("maintain",), ("status",), ("register", "flights", *MONTHLY)):
        told = partman(*command, code=4).stderr
        assert "pg_partman" in told
        assert "schema" in told.splitlines()[1]
    assert snapshot() == before
    partman("--schema", "pm", "register", "flights", *MONTHLY)
