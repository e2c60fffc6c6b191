"""Sessions: opened here and nowhere else."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from attrs import frozen

from partman_core.pg import session
from partman_core.plugins import Plugins

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    import psycopg

    from partman_core.pg.session import Server


@frozen(kw_only=True)
class Session:
    """One connection, what kind of server it leads to, and the time there.

    :param now: of the one clock that stamps and judges everything in this session.
    """

    conn: psycopg.Connection[Any]
    server: Server
    now: datetime

    @property
    def registered(self) -> bool:
        """Whether our schema is there to be read."""
        return self.server.registry == "ours"


@frozen(kw_only=True)
class Opener:
    """How an engine gets its sessions.

    :param target: a DSN, or a callable that gives a connection of its own.
    :param clock: of the engine; None: the server's.
    """

    target: str | Callable[[], psycopg.Connection[Any]]
    schema: str
    plugins: Plugins
    clock: Callable[[], datetime] | None = None

    def connect(self) -> psycopg.Connection[Any]:
        """Open a connection with our settings, in autocommit."""
        if isinstance(self.target, str):
            return session.connect(self.target)
        return session.adopt(self.target())

    @contextmanager
    def session(self) -> Iterator[Session]:
        """Open a session, and close it at the end.

        :raises Unreachable: there is no way to the server.
        :raises ConfigError: the server is too old, or the schema is not ours.
        """
        conn = self.connect()
        try:
            server = session.probe(conn, self.schema)
            now = self.clock() if self.clock else server.now
            yield Session(conn=conn, server=server, now=now)
        finally:
            conn.close()
