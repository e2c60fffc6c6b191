"""A database with a table for the command line to work on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from partman_core.cli.app import cli

from .helpers import MONTHLY, months_ago

if TYPE_CHECKING:
    from pathlib import Path

    import psycopg
    from click.testing import Result

    from .helpers import Partman

    Connection = psycopg.Connection[Any]


@pytest.fixture(autouse=True)
def empty_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("PARTMAN_DSN", "PARTMAN_CONFIG", "PARTMAN_SCHEMA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def partman(database: str) -> Partman:
    """Return what runs a command and says so if its exit code is not *code*."""

    def run(*args: str, code: int = 0) -> Result:
        given = ["--dsn", database, *args]
        done = CliRunner().invoke(cli, given, prog_name="partman")
        assert done.exit_code == code, done.output
        return done

    return run


@pytest.fixture
def events(pg: Connection) -> str:
    """Make a partitioned table without partitions; return its name."""
    pg.execute("CREATE TABLE public.events (at timestamptz) PARTITION BY RANGE (at)")
    return "public.events"


@pytest.fixture
def expiring(events: str, partman: Partman) -> str:
    """Make a table of which several partitions are due to be dropped."""
    start = ("--start", months_ago(8))
    partman("register", *MONTHLY, *start)
    partman("maintain")
    keep = ("--retention-period", "6 months")
    partman("register", *MONTHLY, *start, *keep, "--yes")
    return events
