"""What the tests of the web UI start from: a database, an engine, a client.

The client calls the WSGI application in this process: no port, no server.
"""

from __future__ import annotations

import os
from itertools import count
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from partman_core import Engine
from partman_core.pg import scratch
from partman_webui import Bearer, create_app

from .bundle import a_bundle
from .clients import Client

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from partman_webui.application import Application

SERIAL = count(1)
TOKEN = "a token of these tests"


@pytest.fixture
def static(tmp_path: Path) -> Path:
    """Return a directory with a bundle of a few bytes."""
    return a_bundle(tmp_path)


@pytest.fixture(scope="session")
def maintained_db(server_dsn: str, template_db: str) -> Iterator[str]:
    """Yield the name of a database in which ``public.events`` is managed."""
    name = f"{template_db}_events"
    with scratch.database(server_dsn, name, template_db) as dsn:
        with psycopg.connect(dsn, autocommit=True) as pg:
            pg.execute(
                "CREATE TABLE events (at timestamptz NOT NULL) PARTITION BY RANGE (at)"
            )
        engine = Engine(dsn)
        engine.register("events", partition_interval="1 day", partition_count=3)
        assert engine.maintain().exit_code == 0
        yield name


@pytest.fixture
def database(request: pytest.FixtureRequest, server_dsn: str) -> Iterator[str]:
    """Yield the DSN of a private database: empty, but where an engine is asked for."""
    is_managed = "engine" in request.fixturenames
    template = request.getfixturevalue("maintained_db" if is_managed else "template_db")
    name = f"partman_pages_{os.getpid()}_{next(SERIAL)}"
    with scratch.database(server_dsn, name, template) as dsn:
        yield dsn


@pytest.fixture
def engine(database: str) -> Engine:
    """Return an engine that manages ``public.events``, a day a partition."""
    return Engine(database)


@pytest.fixture
def make(engine: Engine, static: Path) -> Iterator[Callable[..., Application]]:
    """Yield a function that makes an application; it takes its options."""
    made: list[Application] = []

    def make(engines: Any = None, **options: Any) -> Application:
        options = {"static": static, **options}
        made.append(create_app(engines or engine, **options))
        return made[-1]

    yield make
    for application in made:
        application.app.recorder.settle()
        application.close()


@pytest.fixture
def client(make: Callable[..., Application]) -> Client:
    """Return a client that may do everything; it shows a bearer token."""
    application = make(
        auth=[Bearer.of(TOKEN)], allow=["apply", "destructive", "settings"]
    )
    return Client(application, headers={"Authorization": f"Bearer {TOKEN}"})
