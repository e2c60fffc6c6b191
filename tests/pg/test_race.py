"""Several engines on one database: no double work, no error, no row lost."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg

from . import racer
from .helpers import an_engine, value

if TYPE_CHECKING:
    Connection = psycopg.Connection[Any]

PROCESSES, ROUNDS = 4, 25
PATIENCE = 600
"""Seconds, against hanging."""

LIFE = re.compile(r"create( detach attach)*( detach( drop)?)?")
"""What may become of a partition, in this order and no other."""

DONE = """
SELECT table_name, partition, kind FROM partman.operation_history
 WHERE result = 'done' ORDER BY id"""

RANGE = re.compile(r"FROM \('(.+)'\) TO \('(.+)'\)")

DROPPED = """
SELECT bounds FROM partman.operation_history
 WHERE result = 'done' AND kind = 'drop' AND table_name = %s"""


def raced(database: str) -> list[subprocess.CompletedProcess[str]]:
    """Have all of them race; return how each came out."""
    script = Path(racer.__file__)
    running = [
        subprocess.Popen(
            [sys.executable, script, database, str(ROUNDS), str(seed)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for seed in range(PROCESSES)
    ]
    said = [process.communicate(timeout=PATIENCE)[0] for process in running]
    return [
        subprocess.CompletedProcess(process.args, process.returncode, text)
        for process, text in zip(running, said, strict=True)
    ]


def lives(pg: Connection) -> dict[tuple[str, str], str]:
    """Return what was done with each partition, in words."""
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for table, partition, kind in pg.execute(DONE):
        found[table, partition].append(kind)
    return {which: " ".join(kinds) for which, kinds in found.items()}


def rows(pg: Connection, table: str) -> set[int]:
    """Return the rows of a table, also of those partitions that are in the bin."""
    out = pg.execute(
        "SELECT relation::text FROM partman.detached_partitions"
        " WHERE parent = %s::regclass",
        [table],
    ).fetchall()
    every = [table, *(name for (name,) in out)]
    found = [n for name in every for (n,) in pg.execute(f"SELECT n FROM {name}")]
    assert len(found) == len(set(found)), "no row is there twice"
    return set(found)


def missing(pg: Connection, table: str, inserted: dict[int, Any]) -> set[int]:
    """Return the rows that are gone, and were in no partition that was dropped."""
    dropped = [RANGE.search(bounds) for (bounds,) in pg.execute(DROPPED, [table])]
    spans = [pg.execute("SELECT %s::timestamptz, %s::timestamptz", found.groups())
             for found in dropped]  # fmt: skip
    gone = [span.fetchone() for span in spans]
    return {
        n
        for n in inserted.keys() - rows(pg, table)
        if not any(lower <= inserted[n] < upper for lower, upper in gone)
    }


def test_engines_that_race_do_no_double_work_and_lose_nothing(database, pg):
    pg.execute(racer.SCENE)
    pg.execute("SET TimeZone = 'UTC'")
    engine = an_engine(database, racer.START)
    for table in racer.TABLES:
        engine.register(table, **racer.settings(kept=True))
    engine.maintain()
    said = [came_out.stdout for came_out in raced(database) if came_out.returncode]
    assert not said, "\n".join(said)
    assert {life for life in lives(pg).values() if not LIFE.fullmatch(life)} == set()
    for table in racer.TABLES:
        logged = pg.execute("SELECT n, at FROM log WHERE of = %s", [table])
        assert missing(pg, table, dict(logged.fetchall())) == set()
    _is_in_order(database, pg)


def _is_in_order(database: str, pg: Connection) -> None:
    """See that nothing is left to do once all of it was asked for once more."""
    engine = an_engine(database, value(pg, "SELECT at FROM clock"))
    for table in racer.TABLES:
        engine.register(table, confirm=True, **racer.settings(kept=True))
    report = engine.maintain(max_drops=99)
    assert report.exit_code == 0, report
    assert engine.plan().operations == ()
    done = {kind for life in lives(pg).values() for kind in life.split()}
    assert done == {"create", "detach", "attach", "drop"}
