"""The same work in plain SQL, as well as it can be written: what partman is held to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
from scenes import DAY, DAYS, TODAY, execute

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

AT_ONCE = 100
"""Tables a transaction, sent as one string."""

CHILDREN = """
SELECT i.inhparent, c.oid, n.nspname, c.relname, i.inhdetachpending,
       pg_get_expr(c.relpartbound, c.oid)
  FROM partman.partition_management m
  JOIN pg_inherits i ON i.inhparent = m.relation
  JOIN pg_class c ON c.oid = i.inhrelid
  JOIN pg_namespace n ON n.oid = c.relnamespace"""

NAMES = """
SELECT c.oid::regclass::text FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
 WHERE i.inhparent = 'events'::regclass AND c.relname < %s ORDER BY c.relname"""


def partition_of(dsn: str, partitions: int) -> None:
    """Create partitions in place."""
    execute(dsn, *_batches([_partition_of(n) for n in range(partitions)]))


def like_and_attach(dsn: str, partitions: int) -> None:
    """Build all tables apart, then attach them all."""
    build = "CREATE TABLE {} (LIKE events INCLUDING ALL);"
    attach = "ALTER TABLE events ATTACH PARTITION {} FOR VALUES FROM ('{}') TO ('{}');"
    days = [_day(number) for number in range(partitions)]
    built = _batches([build.format(name) for name, _, _ in days])
    execute(dsn, *built, *_batches([attach.format(*day) for day in days]))


def _partition_of(number: int) -> str:
    name, lower, upper = _day(number)
    values = f"FROM ('{lower}') TO ('{upper}')"
    return f"CREATE TABLE {name} PARTITION OF events FOR VALUES {values};"


def _day(number: int) -> tuple[str, str, str]:
    lower = TODAY + number * DAY
    return f"events_p{lower:%Y%m%d}", str(lower), str(lower + DAY)


def _batches(statements: Sequence[str], at_once: int = AT_ONCE) -> Iterator[str]:
    for start in range(0, len(statements), at_once):
        some = "\n".join(statements[start : start + at_once])
        yield f"BEGIN;\n{some}\nCOMMIT;"


def look(dsn: str) -> None:
    """Connect, and read all partitions with their bounds."""
    with psycopg.connect(dsn, autocommit=True) as conn:
        conn.execute(CHILDREN).fetchall()


def concurrently(dsn: str) -> None:
    """Detach and drop partitions one by one, as nobody has to wait then."""
    with psycopg.connect(dsn, autocommit=True) as conn:
        for name in _old(conn):
            conn.execute(f"ALTER TABLE events DETACH PARTITION {name} CONCURRENTLY")
            conn.execute(f"DROP TABLE {name}")


def batched(dsn: str) -> None:
    """Detach and drop partitions, many in a transaction: with DEFAULT, all wait."""
    with psycopg.connect(dsn, autocommit=True) as conn:
        names = _old(conn)
        detach = [f"ALTER TABLE events DETACH PARTITION {name};" for name in names]
        for statements in (detach, [f"DROP TABLE {name};" for name in names]):
            for batch in _batches(statements):
                conn.execute(batch)


def _old(conn: psycopg.Connection[tuple[str]]) -> list[str]:
    edge = f"events_p{TODAY - DAY:%Y%m%d}"
    return [name for (name,) in conn.execute(NAMES, [edge])]


def tenants(dsn: str, tenants: int, key: str) -> None:
    """Build a tree for each tenant, or each day, in one string; attach them all."""
    days = [_day(number) for number in range(DAYS)]
    names = [f"tenant {number}" for number in range(tenants)]
    ranges = [(name, f"FROM ('{low}') TO ('{high}')") for name, low, high in days]
    lists = [(f"t_{n}", f"IN ('{name}')") for n, name in enumerate(names)]
    outer, inner, below = lists, ranges, "RANGE (at)"
    if key.startswith("RANGE"):
        outer, inner, below = ranges, lists, "LIST (tenant)"
    like = "CREATE TABLE {0} (LIKE events INCLUDING ALL) PARTITION BY {1};"
    part = "CREATE TABLE {0}_{1} PARTITION OF {0} FOR VALUES {2};"
    built = [
        statement
        for name, _ in outer
        for statement in (
            like.format(name, below),
            *(part.format(name, each, values) for each, values in inner),
        )
    ]
    attach = "ALTER TABLE events ATTACH PARTITION {} FOR VALUES {};"
    execute(dsn, *_batches(built))
    at_once = max(1, 1000 // len(inner))
    execute(dsn, *_batches([attach.format(*each) for each in outer], at_once))
