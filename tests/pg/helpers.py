"""What the tests of the engine share: tables, clocks, and looks at the catalog."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from partman_core import Engine
from partman_core.naming import Name

if TYPE_CHECKING:
    import psycopg

    from partman_core.report import Outcome, Report

    Connection = psycopg.Connection[Any]

NOW = datetime(2026, 11, 24, 15, 40, tzinfo=UTC)
"""A Tuesday."""

CHILDREN = """
SELECT c.relname, pg_get_expr(c.relpartbound, c.oid)
  FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
 WHERE i.inhparent = to_regclass(%s) ORDER BY c.relname"""


class Clock:
    """A clock that stands still until it is set."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


def an_engine(dsn: Any, now: Any = NOW, **options: Any) -> Engine:
    """Return an engine for which it is always *now*, or what a :class:`Clock` says."""
    clock = now if callable(now) else lambda: now
    return Engine(dsn, clock=clock, **options)


def a_table(
    pg: Connection,
    name: str = "events",
    columns: str = "at timestamptz NOT NULL, note text",
    key: str = "RANGE (at)",
) -> None:
    """Create a partitioned table."""
    pg.execute(f"CREATE TABLE {name} ({columns}) PARTITION BY {key}")


def daily(engine: Engine, table: str = "events", count: int = 3, **more: Any) -> None:
    """Register a table with partitions of a day."""
    engine.register(
        table,
        **{"partition_interval": "1 day", "partition_count": count, **more},
    )


def children(pg: Connection, parent: str = "events") -> dict[str, str]:
    """Return the bounds of a table's partitions by name, as the catalog has them."""
    return dict(pg.execute(CHILDREN, [parent]).fetchall())


def is_there(pg: Connection, name: str) -> bool:
    """Say whether there is a relation of that name."""
    return value(pg, "SELECT to_regclass(%s) IS NOT NULL", name)


def value(pg: Connection, query: str, *args: Any) -> Any:
    """Return the only value of the only row."""
    [(found,)] = pg.execute(query, args).fetchall()
    return found


def relations(pg: Connection, like: str = "events%") -> set[str]:
    """Return the names of tables, partitioned or not."""
    rows = pg.execute(
        "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relname LIKE %s"
        " AND relnamespace::regnamespace::text NOT IN ('partman', 'pg_catalog')",
        [like],
    )
    return {name for (name,) in rows}


def outcomes(report: Report, result: str | None = None) -> list[Outcome]:
    """Return what became of the operations of a run."""
    found = [out for table in report.tables for out in table.outcomes]
    return [out for out in found if result in {None, out.result}]


def told(report: Report, result: str = "done") -> list[tuple[str, str]]:
    """Return kind and partition of operations with some result."""
    return [
        (out.operation.kind, out.operation.name.relation)
        for out in outcomes(report, result)
    ]


def name(relation: str) -> Name:
    """Return the name of a relation in the schema public."""
    return Name("public", relation)


def registered(pg: Connection) -> bool:
    """Say whether there is a schema of ours."""
    return value(pg, "SELECT to_regnamespace('partman') IS NOT NULL")
