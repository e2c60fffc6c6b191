"""Databases for a while: made for a test, and dropped after it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from partman_core.pg.driver import psycopg
from partman_core.pg.driver import sql as composed

if TYPE_CHECKING:
    from collections.abc import Iterator


def create_database(server: str, name: str, template: str = "template0") -> str:
    """Create a database, and return its DSN.

    :param server: DSN of another database of the server; its user is allowed to make
        databases.
    :param name: of the new one; it is not there yet.
    :param template: the database that it is a copy of; by default an empty one.
    :raises psycopg.Error: the server refuses, or is not there.
    """
    statement = composed.SQL("CREATE DATABASE {} TEMPLATE {}").format(
        composed.Identifier(name), composed.Identifier(template)
    )
    with psycopg.connect(server, autocommit=True) as conn:
        conn.execute(statement)
    return psycopg.conninfo.make_conninfo(server, dbname=name)


def drop_database(server: str, name: str) -> None:
    """Drop a database, whoever is still connected to it.

    :param server: DSN of another database of the server.
    :raises psycopg.Error: the server refuses, or is not there.
    """
    statement = composed.SQL("DROP DATABASE {} WITH (FORCE)").format(
        composed.Identifier(name)
    )
    with psycopg.connect(server, autocommit=True) as conn:
        conn.execute(statement)


@contextmanager
def database(server: str, name: str, template: str = "template0") -> Iterator[str]:
    """Have a database for a while.

    :param server: as in :func:`create_database`, and so are the others.
    :returns: its DSN.
    """
    dsn = create_database(server, name, template)
    try:
        yield dsn
    finally:
        drop_database(server, name)
