"""What the tests of the engine share: tables, clocks, and looks at the catalog."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from partman_core import Engine, hookimpl
from partman_core.errors import ConfigError
from partman_core.naming import Name

if TYPE_CHECKING:
    from partman_core.report import Outcome, Report, TableReport

    Connection = psycopg.Connection[Any]

NOW = datetime(2026, 11, 24, 15, 40, tzinfo=UTC)
"""A Tuesday."""

DAY = timedelta(days=1)
TODAY, TOMORROW = "events_p20261124", "events_p20261125"
OLD, OLDER = "events_p20261122", "events_p20261121"
"""The two partitions that are over when a table has expired."""

PATIENCE = 60
"""Seconds after which something that should have happened never will."""

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


def expiring(engine: Engine, **more: Any) -> None:
    """Register events with a day's retention, from two days before that on."""
    wanted = {"count": 5, "start": "2026-11-21", "retention_period": "1 day"}
    daily(engine, **{**wanted, **more})


def by_table(report: Report) -> dict[str, TableReport]:
    """Return a run's reports by the names of their tables."""
    return {table.table.relation: table for table in report.tables}


def done_of(table: TableReport) -> list[str]:
    """Return the partitions of what was done without a remark."""
    return [out.operation.name.relation for out in table.outcomes if not out.message]


def registered_two(database: str, now: Any = NOW, **options: Any) -> Engine:
    """Return an engine for which events and others are registered."""
    engine = an_engine(database, now, **options)
    daily(engine)
    daily(engine, "others")
    return engine


def refusal(engine: Engine, table: str = "events", **settings: Any) -> ConfigError:
    """Return why a registration is refused."""
    settings = {"partition_interval": "1 day", **settings}
    with pytest.raises(ConfigError) as caught:
        engine.register(table, **settings)
    assert caught.value.exit_code == 4
    return caught.value


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
    """Return the names of tables in the schema public, partitioned or not."""
    rows = pg.execute(
        "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relname LIKE %s"
        " AND relnamespace = 'public'::regnamespace",
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


def with_history(database: str, pg: Connection, clock: Clock, **more: Any) -> Engine:
    """Return an engine with a table that has a partition a day from the 21st on."""
    plugins = more.pop("plugins", ())
    a_table(pg)
    engine = an_engine(database, clock, plugins=plugins)
    if more.pop("in_default", False):
        pg.execute("CREATE TABLE rest PARTITION OF events DEFAULT")
    more = {"start": "2026-11-21", "retention_period": "1 day", **more}
    daily(engine, **{"count": 2, **more})
    clock.now -= timedelta(days=3)
    engine.maintain()
    clock.now += timedelta(days=3)
    an_engine(database, clock).create_future_partitions()
    pg.execute(
        "INSERT INTO events SELECT g, 'x' FROM generate_series("
        "'2026-11-21'::timestamptz, '2026-11-24 12:00', '1 hour') g"
    )
    pg.execute("ANALYZE events")
    return engine


def check_text(pg: Connection, table: str) -> list[str]:
    """Return the CHECKs of a table as PostgreSQL prints them."""
    rows = pg.execute(
        "SELECT pg_get_expr(conbin, conrelid) FROM pg_constraint"
        " WHERE conrelid = %s::regclass AND contype = 'c' ORDER BY conname",
        [table],
    )
    return [text for (text,) in rows]


def half_detached(pg: Connection, other: Any, name: str = "events_p20261121") -> None:
    """Cut a concurrent detach short, while a reader holds the table."""
    reader, worker = other(autocommit=False), other()
    reader.execute("SELECT count(*) FROM events")
    worker.execute("SET statement_timeout = '50ms'")
    with suppress(psycopg.errors.QueryCanceled):
        worker.execute(f"ALTER TABLE events DETACH PARTITION {name} CONCURRENTLY")
    reader.rollback()
    pending = "SELECT inhdetachpending FROM pg_inherits WHERE inhrelid = %s::regclass"
    assert value(pg, pending, name)


class Archived:
    """Copies what is dropped; each test says what goes wrong."""

    def __init__(self, pg: Connection) -> None:
        self.pg = pg
        pg.execute("CREATE TABLE archive (at timestamptz, note text)")
        self.calls: list[str] = []

    @hookimpl
    def partman_pre_drop(self, table, partition, conn, connect):
        assert table.name.relation == "events"
        self.calls.append(partition.name.relation)
        conn.execute(f"INSERT INTO archive SELECT * FROM {partition.name}")
        self.meanwhile(partition, conn, connect)

    def meanwhile(self, partition, conn, connect):
        """Do nothing more."""
