"""Whose a backend is: the connection's own, or lent for each transaction.

Behind a pooler the backend may be another one with every transaction.  What is set
there for the session then stays with a backend that other programs get next, so such
a connection is marked, and each question brings its settings along.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from partman_core.pg.driver import psycopg, sql

if TYPE_CHECKING:
    from collections.abc import Mapping

    from psycopg.abc import Buffer


class Lent(psycopg.Cursor[Any]):
    """The cursor of a connection whose backend may be lent: its mark."""


class _Moment(psycopg.adapt.Loader):
    """Reads a moment as our settings print it.

    psycopg goes by the session's settings, and knows none for a single question.
    """

    def load(self, data: Buffer) -> datetime:
        return datetime.fromisoformat(bytes(data).decode())


def is_lent(conn: psycopg.Connection[Any]) -> bool:
    """Say whether nothing may be set for the session."""
    return conn.cursor_factory is Lent


def lend(conn: psycopg.Connection[Any]) -> psycopg.Connection[Any]:
    """Mark a connection as one whose backend may be lent, and return it."""
    conn.cursor_factory = Lent
    conn.adapters.register_loader("timestamptz", _Moment)
    return conn


def own(conn: psycopg.Connection[Any]) -> None:
    """Mark a connection as one that keeps its backend."""
    conn.cursor_factory = psycopg.Cursor


def local(settings: Mapping[str, str]) -> sql.Composed:
    """Write settings for the transaction that they are sent in."""
    each = sql.SQL("SET LOCAL {} = {}; ")
    return sql.Composed(
        [
            each.format(sql.Identifier(name), sql.Literal(value))
            for name, value in settings.items()
        ]
    )
