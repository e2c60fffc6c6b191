"""What several of these tests start from."""

from __future__ import annotations

import os
from datetime import timedelta
from itertools import count
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from .helpers import NOW, Clock, a_table, an_engine, daily

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Connection = psycopg.Connection[Any]

DAY = timedelta(days=1)
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
    daily(engine, count=5, start="2026-11-21", retention_period="1 day")
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
