"""What several of these tests start from."""

from __future__ import annotations

import os
from itertools import count
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from psycopg.sql import SQL, Identifier

from partman_core.pg import registry, session
from partman_core.pg.embedded import THROWAWAY, EmbeddedServer

from .flights import APRIL, MARCH, SCHEMA, managed
from .helpers import DAY, NOW, Clock, a_table, an_engine, expiring

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Connection = psycopg.Connection[Any]

SERIAL = count(1)


@pytest.fixture
def clock() -> Clock:
    """Return a clock that stands still until it is set."""
    return Clock()


@pytest.fixture
def expired(database: str, pg: Connection) -> Clock:
    """Make a table of which two partitions with rows are over; return the clock."""
    clock = Clock(NOW - 3 * DAY)
    a_table(pg)
    engine = an_engine(database, clock)
    expiring(engine)
    engine.maintain()
    pg.execute(
        "INSERT INTO events SELECT g, 'x' FROM generate_series("
        "'2026-11-21'::timestamptz, '2026-11-22 23:00', '1 hour') g"
    )
    pg.execute("ANALYZE events")
    clock.now = NOW
    engine.create_future_partitions()
    return clock


@pytest.fixture
def a_role(server_dsn: str) -> Iterator[Callable[..., str]]:
    """Yield a function that makes a role; ask for it before the database."""
    made: list[str] = []

    def make(options: str = "LOGIN PASSWORD 'x'") -> str:
        made.append(f"partman_role_{os.getpid()}_{next(SERIAL)}")
        with psycopg.connect(server_dsn, autocommit=True) as server:
            role = Identifier(made[-1])
            server.execute(SQL("CREATE ROLE {} ").format(role) + SQL(options))
        return made[-1]

    yield make
    with psycopg.connect(server_dsn, autocommit=True) as server:
        for role in made:
            server.execute(SQL("DROP ROLE {}").format(Identifier(role)))


@pytest.fixture
def a_tablespace(server_dsn: str) -> Iterator[str]:
    """Yield the name of a tablespace; ask for it before the database."""
    made = f"partman_space_{os.getpid()}_{next(SERIAL)}"
    with psycopg.connect(server_dsn, autocommit=True) as server:
        server.execute("SET allow_in_place_tablespaces = on")
        server.execute(f"CREATE TABLESPACE {made} LOCATION ''")
        yield made
        server.execute(f"DROP TABLESPACE {made}")


@pytest.fixture
def conn(database: str) -> Iterator[Connection]:
    """Yield a settled connection that gives up after ten seconds, should it hang."""
    options = "-c statement_timeout=10s"
    with session.connect(make_conninfo(database, options=options)) as conn:
        yield conn


@pytest.fixture
def ready(conn: Connection) -> Connection:
    """Return a connection to a database with our schema."""
    registry.ensure(conn, SCHEMA)
    return conn


@pytest.fixture
def flights(ready: Connection) -> int:
    """Make a managed table with two partitions of ours; return its oid."""
    ready.execute(
        "CREATE TABLE flights (at timestamptz NOT NULL) PARTITION BY RANGE (at)"
    )
    ready.execute(f"CREATE TABLE march PARTITION OF flights {MARCH}")
    ready.execute(f"CREATE TABLE april PARTITION OF flights {APRIL}")
    return managed(ready, "flights", {"march": MARCH, "april": APRIL})


@pytest.fixture
def two(pg: Connection) -> None:
    """Make the tables ``events`` and ``others``."""
    a_table(pg)
    a_table(pg, "others")


@pytest.fixture
def server() -> Iterator[EmbeddedServer]:
    """A server of its own, with a table."""
    server = EmbeddedServer(settings=THROWAWAY)
    server.start()
    try:
        with psycopg.connect(server.dsn, autocommit=True) as pg:
            a_table(pg)
        yield server
    finally:
        server.stop()
