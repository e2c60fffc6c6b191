"""On a standby everything can be read, and nothing is written: said so at once."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import psycopg
import pytest

from partman_core.errors import ConfigError
from partman_core.pg.embedded import THROWAWAY, EmbeddedServer

from .helpers import a_table, an_engine, daily

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def standby() -> Iterator[EmbeddedServer]:
    """A server with a managed table that came up again as a hot standby."""
    server = EmbeddedServer(settings=THROWAWAY)
    server.start()
    try:
        with psycopg.connect(server.dsn, autocommit=True) as pg:
            a_table(pg)
            daily(an_engine(server.dsn))
        server.kill()
        data = server.directory / "data"
        (data / "standby.signal").touch()
        owner = (data / "PG_VERSION").stat()
        os.chown(data / "standby.signal", owner.st_uid, owner.st_gid)
        server.start()
        yield server
    finally:
        server.stop()


def test_a_standby_is_read(standby):
    engine = an_engine(standby.dsn)
    assert len(engine.plan().operations) == 3
    assert engine.check()[0].partitions == 0
    assert engine.managed_tables()


def test_a_standby_is_not_written_to(standby):
    engine = an_engine(standby.dsn)
    for write in (
        engine.maintain,
        lambda: daily(engine),
        lambda: engine.unregister("events"),
        lambda: engine.apply(engine.plan()),
    ):
        with pytest.raises(ConfigError) as refused:
            write()
        assert refused.value.code == "standby"
        assert refused.value.exit_code == 4
        assert "primary" in (refused.value.hint or "")
