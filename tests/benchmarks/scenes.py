"""The databases that are worked in: prepared once, and copied for each run."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING

import psycopg
from attrs import field, frozen
from psycopg.conninfo import make_conninfo

from partman_core import Engine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

TODAY = datetime(2026, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
AHEAD = 10
"""Periods that a table is registered to have ready, as most are."""

TABLE = """
CREATE TABLE {0} (
    id bigint NOT NULL, at timestamptz NOT NULL, project integer NOT NULL,
    state text, payload jsonb, PRIMARY KEY (id, at)
) PARTITION BY RANGE (at)"""
INDEXES = "CREATE INDEX ON {0} (project, at); CREATE INDEX ON {0} (state)"


@frozen
class Databases:
    """The databases of one server.

    :param dsn: of its maintenance database.
    """

    dsn: str
    serial: Iterator[int] = field(factory=lambda: count(1))

    def make(self, template: str = "template0") -> str:
        """Create a database, a copy of *template*; return its name."""
        name = f"bench_{next(self.serial)}"
        self._execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name

    def prepared(self, prepare: Callable[[str], None]) -> str:
        """Create a database that runs are given copies of; return its name."""
        name = self.make()
        prepare(self.at(name))
        return name

    def at(self, name: str) -> str:
        """Return the DSN of a database."""
        return make_conninfo(self.dsn, dbname=name)

    def copies(self, template: str) -> Callable[[], str]:
        """Return what gives the DSN of one more copy of a prepared database."""
        return lambda: self.at(self.make(template))

    def drop(self, dsn: str) -> None:
        """Drop the database of that DSN."""
        name = psycopg.conninfo.conninfo_to_dict(dsn)["dbname"]
        self._execute(f"DROP DATABASE {name} WITH (FORCE)")

    def _execute(self, statement: str) -> None:
        with psycopg.connect(self.dsn, autocommit=True) as conn:
            conn.execute(statement)


def execute(dsn: str, *statements: str) -> None:
    """Send statements, each a round trip, over a connection of their own."""
    with psycopg.connect(dsn, autocommit=True) as conn:
        for statement in statements:
            conn.execute(statement)


def engine(dsn: str, now: datetime = TODAY) -> Engine:
    """Return an engine that takes it for that time."""
    return Engine(dsn, clock=lambda: now)


def empty(dsn: str, partitions: int, *, indexes: bool = True) -> None:
    """Register a table that lacks so many daily partitions."""
    execute(dsn, TABLE.format("events"), INDEXES.format("events") if indexes else "")
    engine(dsn).register(
        "events", partition_interval="1 day", partition_count=partitions
    )


def ready(dsn: str, tables: int, partitions: int) -> None:
    """Register tables that have all their partitions: most are past, some ahead."""
    names = [f"events_{number}" for number in range(tables)]
    execute(dsn, *(TABLE.format(name) for name in names))
    ahead = min(AHEAD, partitions)
    first = engine(dsn, TODAY - (partitions - ahead) * DAY)
    for name in names:
        first.register(name, partition_interval="1 day", partition_count=partitions)
    first.maintain()
    for name in names:
        first.register(name, partition_interval="1 day", partition_count=ahead)
    row = "INSERT INTO {0} VALUES (1, '{1}', 1)"
    execute(dsn, *(row.format(name, TODAY) for name in names), "ANALYZE")


def over(dsn: str, partitions: int, *, default: bool) -> None:
    """Register a table with so many partitions that are no longer kept, at TODAY."""
    execute(dsn, TABLE.format("events"), INDEXES.format("events"))
    first = TODAY - (partitions + 1) * DAY
    settings = {"partition_interval": "1 day", "default_partition": default}
    engine(dsn, first).register("events", partition_count=partitions + 2, **settings)
    engine(dsn, first).maintain()
    engine(dsn).register(
        "events", partition_count=1, retention_period="1 day", confirm=True, **settings
    )


TENANT_TABLE = """
CREATE TABLE events (
    tenant text NOT NULL, at timestamptz NOT NULL, id bigint NOT NULL,
    payload jsonb, PRIMARY KEY (tenant, at, id)
) PARTITION BY {}"""
LAYOUTS = {
    "LIST (tenant), then RANGE (at)": "LIST (tenant)",
    "RANGE (at), then LIST (tenant)": "RANGE (at)",
}
DAYS = 10


def tenants(dsn: str, tenants: int, key: str) -> None:
    """Register a table of so many tenants, each of which lacks some days."""
    execute(dsn, TENANT_TABLE.format(key))
    known = engine(dsn)
    known.register(
        "events", tenant_column="tenant", partition_by="at",
        partition_interval="1 day", partition_count=DAYS,
    )  # fmt: skip
    known.register_tenants("events", [f"tenant {n}" for n in range(tenants)])
