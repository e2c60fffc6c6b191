"""Connections that the caller's code opens: closed by us, whatever they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from partman_core.errors import ConfigError, PartmanError
from partman_core.pg import session

from .helpers import a_table, an_engine, daily

if TYPE_CHECKING:
    Connection = psycopg.Connection[Any]


class Given:
    """Opens connections, spoils them, and remembers them."""

    def __init__(self, dsn: str, *spoiling: str) -> None:
        self.dsn, self.spoiling = dsn, spoiling
        self.opened: list[Connection] = []

    def __call__(self) -> Connection:
        conn = psycopg.connect(self.dsn)
        self.opened.append(conn)
        for statement in self.spoiling:
            conn.execute(statement)
        return conn


def test_a_connection_that_serves_is_closed_at_the_end(database, pg):
    a_table(pg)
    given = Given(database)
    engine = an_engine(given)
    daily(engine)
    assert engine.maintain().exit_code == 0
    assert len(given.opened) >= 2
    assert all(conn.closed for conn in given.opened)


def test_a_connection_that_cannot_be_settled_is_closed(database, monkeypatch):
    impossible = {**session.CANONICAL, "TimeZone": "Nowhere/At_All"}
    monkeypatch.setattr(session, "CANONICAL", impossible)
    given = Given(database)
    with pytest.raises(PartmanError, match="does not take the settings"):
        an_engine(given).plan()
    [conn] = given.opened
    assert conn.closed


def test_a_connection_that_dies_while_it_is_settled_is_closed(database):
    class Dying(Given):
        def __call__(self) -> Connection:
            conn = super().__call__()
            conn.pgconn.finish()
            return conn

    given = Dying(database)
    with pytest.raises(PartmanError, match="is closed"):
        an_engine(given).plan()
    assert given.opened[0].closed


def test_a_transaction_of_the_caller_is_left_as_it_is(database, pg):
    """Closing its connection would undo what nobody asked us to undo."""
    given = Given(database, "CREATE TABLE theirs ()")
    with pytest.raises(ConfigError, match="inside a transaction"):
        an_engine(given).plan()
    [conn] = given.opened
    with conn:
        conn.commit()
    assert pg.execute("SELECT to_regclass('theirs')").fetchone() == ("theirs",)


@pytest.mark.parametrize("given", [None, object(), "postgresql://nowhere"])
def test_what_is_no_connection_is_only_refused(given):
    with pytest.raises(ConfigError, match="a connection was expected"):
        an_engine(lambda: given).plan()
