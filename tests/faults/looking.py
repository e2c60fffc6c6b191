"""What a database amounts to: all that a run may have changed, in plain values."""

from __future__ import annotations

import time
from collections import Counter
from typing import TYPE_CHECKING, Any

from attrs import frozen
from psycopg.conninfo import make_conninfo

if TYPE_CHECKING:
    import psycopg

    Connection = psycopg.Connection[Any]

PATIENCE = 60
"""Seconds after which something that should have happened never will."""

TABLES = """
SELECT c.oid::regclass::text, c.relkind::text, c.relowner::regrole::text,
       i.inhparent::regclass::text, i.inhdetachpending,
       pg_get_expr(c.relpartbound, c.oid),
       ARRAY(SELECT format('%s %s, %s', CASE WHEN k.conparentid = 0 THEN k.conname END,
                           pg_get_constraintdef(k.oid), k.convalidated)
               FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype <> 'n'
              ORDER BY 1),
       ARRAY(SELECT format('%s, %s', pg_get_indexdef(x.indexrelid), x.indisvalid)
               FROM pg_index x WHERE x.indrelid = c.oid ORDER BY 1)
  FROM pg_class c LEFT JOIN pg_inherits i ON i.inhrelid = c.oid
 WHERE c.relkind IN ('r', 'p')
   AND c.relnamespace::regnamespace::text !~ '^(pg_|information_schema|partman$)'
 ORDER BY 1"""

OURS = """
SELECT relname FROM pg_class WHERE relnamespace = to_regnamespace('partman')
 ORDER BY 1"""

MANAGED = """
SELECT relation::text, parent::text, bounds, attached, origin, hold_reason
  FROM partman.managed_partitions ORDER BY 1"""

BIN = """
SELECT relation::text, parent::text, bounds, action, target_schema, retired_at, due,
       bound_check, run_id IS NOT NULL
  FROM partman.detached_partitions ORDER BY 1"""

DECLARED = """
SELECT relation::text, partition_interval, retention_period, partition_count,
       settings::text, paused, requires::text
  FROM partman.partition_management ORDER BY 1"""

HISTORY = """
SELECT CASE WHEN kind IN ('finalize', 'settle') THEN 'detach' ELSE kind END, partition
  FROM partman.operation_history
 WHERE result = 'done' AND kind <> 'reopen' ORDER BY 1, 2"""
"""A detach that was cut short, and is finished or settled, was done by that; to reopen
is only to mend."""

RECORDS = {"managed": MANAGED, "bin": BIN, "declared": DECLARED, "history": HISTORY}

LEFT = """
SELECT (SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database
         WHERE d.datname = current_database() AND l.locktype = 'advisory'),
       (SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
           AND application_name = 'partman')"""


@frozen
class Found:
    """A database, by headings: tables with their rows, records, history."""

    parts: dict[str, Any]

    def differences(self, other: Found) -> list[str]:
        """Say in lines where another one differs."""
        told = []
        for name in sorted(self.parts.keys() | other.parts.keys()):
            here, there = self.parts.get(name), other.parts.get(name)
            if isinstance(here, list) and isinstance(there, list):
                here, there = _beyond(here, there), _beyond(there, here)
            if here != there:
                told += [name, f"  undisturbed: {here}", f"  after it: {there}"]
        return told


def _beyond(some: list[Any], others: list[Any]) -> list[Any]:
    """Return what is in one list and not, or not so often, in another."""
    return sorted((Counter(some) - Counter(others)).elements(), key=str)


def look(conn: Connection) -> Found:
    """Look at everything that a run may change."""
    parts: dict[str, Any] = {}
    for name, *rest in conn.execute(TABLES).fetchall():
        rows = conn.execute(f"SELECT t::text FROM ONLY {name} t ORDER BY 1").fetchall()
        parts[f"table {name}"] = (*rest, [row for (row,) in rows])
    parts["what is in our schema"] = conn.execute(OURS).fetchall()
    if parts["what is in our schema"]:
        for name, asked in RECORDS.items():
            parts[name] = conn.execute(asked).fetchall()
    return Found(parts)


def reach(conn: Connection, **other: str) -> str:
    """Return the DSN with which a session was opened.

    :param other: what is to be otherwise in it.
    """
    secret = {"password": conn.info.password} if conn.info.password else {}
    return make_conninfo(conn.info.dsn, **secret, **other)


def kinds_done(conn: Connection) -> set[str]:
    """Return the kinds of operations that were ever done."""
    asked = "SELECT DISTINCT kind FROM partman.operation_history WHERE result = 'done'"
    return {kind for (kind,) in conn.execute(asked)}


def done_in(conn: Connection, run: int) -> set[tuple[str, str]]:
    """Return what was done in a run, as the history has it: kinds and partitions."""
    rows = conn.execute(
        "SELECT kind, partition FROM partman.operation_history"
        " WHERE result = 'done' AND run_id = %s",
        [run],
    )
    return set(rows)


def await_nobody(conn: Connection) -> None:
    """Wait until the sessions of an engine that is gone are gone, and their locks."""
    deadline = time.monotonic() + PATIENCE
    while (left := conn.execute(LEFT).fetchall()) != [(0, 0)]:
        assert time.monotonic() < deadline, f"locks, sessions left: {left}"
