"""A real PostgreSQL for every test that asks, and a private database for each.

The server is ``PARTMAN_TEST_DSN`` where that is set (its user must be allowed to
create databases), else an embedded one that ends with the test session.
"""

from __future__ import annotations

import itertools
import logging
import os
import signal
import subprocess
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from hypothesis import HealthCheck, settings

from partman_core.errors import PartmanError
from partman_core.pg import scratch
from partman_core.pg.embedded import THROWAWAY, embedded_server, find_binaries

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Connect = Callable[..., psycopg.Connection[Any]]

SERVER = THROWAWAY | {"max_connections": "100"}
SERIAL = itertools.count(1)
new_database, drop_database = scratch.create_database, scratch.drop_database

# A busy machine is slow, and that is no finding: speed is measured in benchmarks.
settings.register_profile(
    "default", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile(
    "ci", settings.get_profile("default"), derandomize=True, print_blob=True
)
settings.load_profile("ci" if os.environ.get("CI") else "default")

# A shell has its background jobs ignore Ctrl-C, and what they start inherits that.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_report_header() -> str:
    """Say which PostgreSQL the tests will meet."""
    if dsn := os.environ.get("PARTMAN_TEST_DSN"):
        try:
            with psycopg.connect(dsn, connect_timeout=5) as server:
                version = server.info.parameter_status("server_version")
                return f"PostgreSQL: {version}, from PARTMAN_TEST_DSN"
        except psycopg.OperationalError as error:
            return f"PostgreSQL: PARTMAN_TEST_DSN does not answer: {error}"
    try:
        program = find_binaries() / "postgres"
        said = subprocess.run(
            [program, "--version"], check=True, capture_output=True, text=True
        )
    except (PartmanError, OSError, subprocess.CalledProcessError) as error:
        return f"PostgreSQL: none: {error}"
    return f"PostgreSQL: {said.stdout.split()[-1]}, embedded"


@pytest.fixture(scope="session")
def server_dsn() -> Iterator[str]:
    """Yield how to reach a server's maintenance database; fail if there is none."""
    if dsn := os.environ.get("PARTMAN_TEST_DSN"):
        yield dsn
        return
    with embedded_server(settings=SERVER) as server:
        yield server.dsn


@pytest.fixture(scope="session")
def partman_server(server_dsn: str) -> str:
    """Let the fixtures of the test kit have the same server."""
    return server_dsn


@pytest.fixture(scope="session")
def template_db(server_dsn: str) -> Iterator[str]:
    """Yield the name of the database that every test gets a copy of: an empty one."""
    name = f"partman_template_{os.getpid()}"
    with scratch.database(server_dsn, name):
        yield name


@pytest.fixture
def database(server_dsn: str, template_db: str) -> Iterator[str]:
    """Yield the DSN of a database that nobody else uses."""
    name = f"partman_test_{os.getpid()}_{next(SERIAL)}"
    with scratch.database(server_dsn, name, template_db) as dsn:
        yield dsn


@pytest.fixture
def other(database: str) -> Iterator[Connect]:
    """Yield a function that opens one more connection to the private database.

    It takes what ``psycopg.connect`` takes; autocommit unless told otherwise.
    """
    opened: list[psycopg.Connection[Any]] = []

    def connect(**options: Any) -> psycopg.Connection[Any]:
        opened.append(psycopg.connect(database, **{"autocommit": True, **options}))
        return opened[-1]

    yield connect
    for connection in opened:
        connection.close()


@pytest.fixture
def pg(other: Connect) -> psycopg.Connection[Any]:
    """Return an autocommit connection to the private database."""
    return other()


@pytest.fixture(autouse=True)
def log_as_it_was() -> Iterator[None]:
    """Give every test the log as a program finds it: commands turn it down."""
    log = logging.getLogger("partman")
    level, handlers = log.level, list(log.handlers)
    yield
    log.setLevel(level)
    log.handlers[:] = handlers
