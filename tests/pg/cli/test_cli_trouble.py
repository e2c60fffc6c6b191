"""Others at work, broken plugins, interruptions, servers that do not answer."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from partman_core.cli.app import cli
from partman_core.pg.claims import claim

from .helpers import MONTHLY, partitions, plugin, process

if TYPE_CHECKING:
    from pathlib import Path

    from .helpers import Connection, Partman


@pytest.mark.usefixtures("events")
def test_a_claimed_table_is_left_alone(partman: Partman, pg: Connection) -> None:
    partman("register", *MONTHLY)
    row = pg.execute("SELECT 'public.events'::regclass::oid::bigint").fetchone()
    assert row is not None
    with claim(pg, row[0]) as ours:
        assert ours
        text = partman("maintain").stdout
        assert "skipped: " in text
        assert partitions(pg) == []
        partman("apply", code=6)
    partman("apply")


@pytest.mark.usefixtures("events")
def test_an_interrupted_run_tells_what_was_done_and_the_next_one_finishes(
    database: str, partman: Partman, pg: Connection, tmp_path: Path
) -> None:
    partman("register", *MONTHLY)
    place = plugin(
        tmp_path,
        "import os, signal\nfrom partman_core import hookimpl\nmade = []\n"
        "@hookimpl\ndef partman_post_create(partition):\n"
        "    made.append(partition)\n"
        "    if len(made) == 4: os.kill(os.getpid(), signal.SIGINT)\n",
    )
    done = process(database, "maintain", path=place)
    assert done.returncode == 130, done
    assert "public.events" in done.stdout
    assert "Interrupted: the next run finishes the rest." in done.stdout
    assert "Traceback" not in done.stderr
    partman("maintain")
    assert len(partitions(pg)) == 10
    assert partman("plan", "--check").stdout.endswith("nothing to do.\n")


@pytest.mark.usefixtures("expiring")
def test_a_broken_plugin_stops_what_destroys_and_says_how_to_go_on(
    database: str, pg: Connection, tmp_path: Path
) -> None:
    place = plugin(tmp_path, "raise RuntimeError('boom')")
    before = partitions(pg)
    listed = process(database, "plugins", path=place)
    assert listed.returncode == 4
    assert "acme\t1.0\tacme\t\t" in listed.stdout
    assert "--without acme" in listed.stderr
    held = process(database, "maintain", path=place)
    assert held.returncode == 3
    assert "plugin-broken" in held.stdout
    assert partitions(pg) == before
    went_on = process(database, "--without", "acme", "maintain", path=place)
    assert went_on.returncode == 0, went_on
    assert len(partitions(pg)) < len(before)


@pytest.mark.parametrize(
    ("dsn", "code"),
    [
        ("host=/nonexistent dbname=x", 5),
        ("host=127.0.0.1 port=1 dbname=x connect_timeout=2", 5),
        ("this is no dsn", 4),
    ],
)
def test_a_server_that_cannot_be_reached(dsn: str, code: int) -> None:
    done = CliRunner().invoke(cli, ["--dsn", dsn, "status"])
    assert done.exit_code == code, done.output
    assert done.stderr.startswith("error[")
    assert "hint" in done.stderr


def test_the_dsn_may_come_from_the_environment(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PARTMAN_DSN", database)
    done = CliRunner().invoke(cli, ["status"])
    assert done.exit_code == 0, done.output


@pytest.mark.usefixtures("events")
def test_a_server_that_only_reads_is_read(partman: Partman, database: str) -> None:
    partman("register", *MONTHLY)
    reading = f"{database} options='-c default_transaction_read_only=on'"
    done = CliRunner().invoke(cli, ["--dsn", reading, "maintain"])
    assert done.exit_code == 4, done.output
    done = CliRunner().invoke(cli, ["--dsn", reading, "plan"])
    assert done.exit_code == 0, done.output


def test_a_table_that_is_not_managed_is_named(partman: Partman) -> None:
    for command in ("plan", "maintain", "status", "check", "partitions"):
        done = partman(command, "public.nope", code=4)
        assert "public.nope is not managed" in done.stderr


@pytest.mark.parametrize("slip", ["event", "evnets", "other.events", "public.evnts"])
@pytest.mark.usefixtures("events")
def test_a_slip_in_a_tables_name_is_told_what_was_meant(
    slip: str, partman: Partman
) -> None:
    partman("register", *MONTHLY)
    assert "did you mean public.events? " in partman("plan", slip, code=4).stderr


def test_a_name_that_is_none_is_told_how_to_write_it(partman: Partman) -> None:
    told = partman("register", '"when', "--partition-interval", "1 day", code=4).stderr
    assert told.startswith("error[bad-name]: ")
    assert "  = hint: put special characters in double quotes" in told


def test_with_json_what_cannot_be_done_is_json_too(partman: Partman) -> None:
    done = partman("plan", "public.nope", "--json", code=4)
    assert done.stdout == ""
    error = json.loads(done.stderr)["error"]
    assert error["code"] == "not-managed"
    assert error["message"] == "public.nope is not managed by partman"
    assert "partman register public.nope" in error["hint"]
    assert error["exit_code"] == 4


@pytest.mark.usefixtures("events")
def test_on_ascii_terminals_the_signs_are_ascii(
    database: str, partman: Partman
) -> None:
    partman("register", *MONTHLY)
    environment = os.environ | {"PYTHONIOENCODING": "ascii", "LC_ALL": "C"}
    done = subprocess.run(
        [sys.executable, "-m", "partman_core", "--dsn", database, "plan"],
        capture_output=True,
        env=environment,
        check=True,
    )
    assert b" .. " in done.stdout
    done.stdout.decode("ascii")
