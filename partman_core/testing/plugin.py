"""The pytest plugin: a private database, a clock, and engines with chosen plugins.

pytest loads it wherever partman is installed, so it costs nobody anything: it imports
pytest and the standard library, and the rest when a fixture is asked for.

================================  ==================================================
fixture                           what a test gets
================================  ==================================================
``partman_server``, once for all  DSN of a PostgreSQL: ``PARTMAN_TEST_DSN``, or an
                                  embedded one that ends with the tests
``partman_database``              DSN of an empty database of its own
``partman_connection``            an autocommit connection to that database
``partman_clock``                 a :class:`~partman_core.testing.clock.Clock`
``partman_engine``                a function that makes engines for that database,
                                  with that clock
================================  ==================================================
"""

from __future__ import annotations

import itertools
import os
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Protocol

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import psycopg

    from partman_core import Engine
    from partman_core.testing.clock import Clock

SERVER = "PARTMAN_TEST_DSN"
"""The environment variable that names a server to test with."""

_SERIAL = itertools.count(1)


class MakeEngine(Protocol):
    """What the fixture ``partman_engine`` is."""

    def __call__(
        self, *plugins: object, without: Sequence[str] = (), **options: Any
    ) -> Engine:
        """Make an engine for the private database, with the simulated clock.

        :param plugins: the only ones besides the built-in ones: objects, modules,
            dotted names of modules, or names of installed plugins.
        :param without: names of built-in plugins to leave out.
        :param options: more of what :class:`~partman_core.Engine` takes.
        :raises PluginError: one of them cannot take part.
        """


@pytest.fixture(scope="session")
def partman_server() -> Iterator[str]:
    """Yield the DSN of a PostgreSQL server whose user may make databases.

    It is that of ``PARTMAN_TEST_DSN``, or an embedded one (extra ``embedded``) that
    ends with the tests.  Without either the test fails.
    """
    if dsn := os.environ.get(SERVER):
        yield dsn
        return
    from partman_core.errors import PartmanError
    from partman_core.pg.embedded import THROWAWAY, embedded_server

    with ExitStack() as running:
        try:
            server = running.enter_context(embedded_server(settings=THROWAWAY))
        except PartmanError as error:
            ways = " or ".join(filter(None, [error.hint, f"set {SERVER} to a server"]))
            pytest.fail(f"no PostgreSQL to test with: {error.message}; {ways}")
        yield server.dsn


@pytest.fixture
def partman_database(partman_server: str) -> Iterator[str]:
    """Yield the DSN of an empty database that nobody else uses."""
    from partman_core.pg import scratch

    name = f"partman_kit_{os.getpid()}_{next(_SERIAL)}"
    with scratch.database(partman_server, name) as dsn:
        yield dsn


@pytest.fixture
def partman_connection(partman_database: str) -> Iterator[psycopg.Connection[Any]]:
    """Yield an autocommit connection to the private database."""
    import psycopg

    with psycopg.connect(partman_database, autocommit=True) as conn:
        yield conn


@pytest.fixture
def partman_clock() -> Clock:
    """Return a clock that stands at a Thursday noon until it is turned."""
    from partman_core.testing.clock import Clock

    return Clock()


@pytest.fixture
def partman_engine(partman_database: str, partman_clock: Clock) -> Iterator[MakeEngine]:
    """Yield a function that makes engines with chosen plugins only.

    Plugins that happen to be installed take part only if they are named, so that a
    test means the same everywhere.  Background maintenance ends with the test.
    """
    from partman_core import Engine

    made: list[Engine] = []

    def make(*plugins: object, without: Sequence[str] = (), **options: Any) -> Engine:
        installed = _installed()
        others = [name for name in installed if name not in plugins]
        handed = [each for each in plugins if each not in installed]
        target = options.pop("target", partman_database)
        options.setdefault("clock", partman_clock)
        left_out = (*others, *without)
        engine = Engine(target, plugins=handed, without=left_out, **options)
        made.append(engine)
        for failure in engine.plugins.failures:
            raise failure.error
        return engine

    yield make
    for engine in made:
        engine.stop()


def _installed() -> list[str]:
    """Name the plugins that are installed."""
    from importlib.metadata import entry_points

    return [point.name for point in entry_points(group="partman")]
