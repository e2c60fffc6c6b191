"""Much to do, so that there is much to cut short: and how far it has come."""

from __future__ import annotations

import subprocess
import sys
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg

from partman_core import Engine

if TYPE_CHECKING:
    from collections.abc import Iterator

    Connection = psycopg.Connection[Any]

ONE_RUN = Path(__file__).with_name("one_run.py")
DAY = timedelta(days=1)
COUNT = 30
"""Partitions that are missing in each table, and partitions that are over."""

START = datetime(2026, 9, 1, tzinfo=UTC)
NOW = START + COUNT * DAY + DAY / 4
TABLES = ("plain", "beside_default")
STEPS = 4 * COUNT * len(TABLES)
"""Each partition is built, attached; or detached, dropped."""

PATIENCE = 60
"""Seconds after which something that should have happened never will."""

PROGRESS = """
SELECT sum(CASE WHEN day >= %s
           THEN 1 + (i.inhrelid IS NOT NULL)::int
           ELSE -1 - (i.inhrelid IS NOT NULL AND NOT i.inhdetachpending)::int END)
  FROM pg_class c LEFT JOIN pg_inherits i ON i.inhrelid = c.oid,
       substring(c.relname from '_p([0-9]+)$') day
 WHERE day IS NOT NULL AND c.relkind = 'r'
   AND c.relnamespace = 'public'::regnamespace"""


def prepare(dsn: str) -> None:
    """Make the tables as they were when the first partitions began."""
    with psycopg.connect(dsn, autocommit=True) as pg:
        for table in TABLES:
            pg.execute(
                f"CREATE TABLE {table} (at timestamptz NOT NULL, n bigint)"
                " PARTITION BY RANGE (at)"
            )
        early = Engine(dsn, clock=lambda: START)
        for table in TABLES:
            early.register(
                table, partition_interval="1 day", partition_count=COUNT,
                retention_period="1 hour", max_drops=COUNT, confirm=True,
                default_partition=table != "plain",
            )  # fmt: skip
        assert early.maintain().exit_code == 0
        for table in TABLES:
            pg.execute(
                f"INSERT INTO {table} SELECT at, 1 FROM generate_series(%s, %s,"
                " interval '8 hours') at",
                [START, NOW - DAY / 2],
            )


def progress(conn: Connection) -> int:
    """Return how many steps are done."""
    [(score,)] = conn.execute(PROGRESS, [f"{NOW:%Y%m%d}"]).fetchall()
    return int(score or 0) + 2 * COUNT * len(TABLES)


def maintain(dsn: str) -> None:
    """Make an undisturbed run."""
    engine = Engine(dsn, clock=lambda: NOW)
    report = engine.maintain()
    assert report.exit_code == 0, report
    assert not engine.plan().operations


@contextmanager
def a_run(dsn: str) -> Iterator[subprocess.Popen[str]]:
    """Yield a process that makes a run; in the end it is over."""
    process = subprocess.Popen(
        [sys.executable, str(ONE_RUN), dsn, NOW.isoformat()],
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait(PATIENCE)
        if process.stderr:
            process.stderr.close()


def is_caught(conn: Connection, run: subprocess.Popen[str], steps: int) -> bool:
    """Wait until so many steps are done; say whether the run is still going on."""
    deadline = time.monotonic() + PATIENCE
    while progress(conn) < steps and run.poll() is None:
        assert time.monotonic() < deadline, f"{steps} steps were never done"
    return run.poll() is None
