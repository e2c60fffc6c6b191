"""Sessions: opened here and nowhere else."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import psycopg
from attrs import define, evolve, frozen

from partman_core.errors import (
    ConfigError,
    PartmanError,
    PluginError,
    Unreachable,
)
from partman_core.pg import pooler, registry, session
from partman_core.pg.server import require_writable
from partman_core.pg.transactions import recover
from partman_core.plugins import Plugins

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from partman_core.pg.pooler import Pooling
    from partman_core.pg.server import Server
    from partman_core.plan import Finding


@frozen(kw_only=True)
class Session:
    """One connection, what kind of server it leads to, and the time there.

    :param now: of the one clock that stamps and judges everything in this session.
    """

    opener: Opener
    conn: psycopg.Connection[Any]
    server: Server
    now: datetime

    def require_writable(self) -> tuple[Finding, ...]:
        """Refuse to go on where nothing can be written.

        :returns: what a person should know of the way to the server.
        :raises ConfigError: a standby, a read-only session, a newer schema, or a
            pooler that does not keep sessions together.
        """
        require_writable(self.server)
        registry.check(self.server, writing=True)
        opener = self.opener
        return pooler.prepare(self.conn, self.server, opener.open, opener.pooler)

    @property
    def registered(self) -> bool:
        """Whether our schema is there to be read."""
        return self.server.registry == "ours"


@frozen(kw_only=True)
class Opener:
    """How an engine gets its sessions.

    :param target: a DSN, or a callable that gives a connection of its own.
    :param clock: of the engine; None: the server's.
    :param pooler: for how long a pooler lends a backend; None: find out.
    """

    target: str | Callable[[], psycopg.Connection[Any]]
    schema: str
    plugins: Plugins
    clock: Callable[[], datetime] | None = None
    pooler: Pooling | None = None

    def connect(self) -> psycopg.Connection[Any]:
        """Open one more connection for work, where a session can be written in.

        :raises Unreachable: there is no way to the server.
        """
        conn = self.open()
        session.settle(conn)
        return conn

    def open(self) -> psycopg.Connection[Any]:
        """Open a connection with our settings, in autocommit.

        :raises Unreachable: there is no way to the server.
        :raises ConfigError: what the callable gave is no connection for us.
        """
        if isinstance(self.target, str):
            return session.connect(self.target)
        if not callable(self.target):
            raise ConfigError(
                f"{self.target!r} is no way to a server",
                hint="give a DSN, or a callable that opens a psycopg connection",
                code="connection",
            )
        try:
            return _adopted(self.target())
        except psycopg.OperationalError as error:
            raise Unreachable(f"there is no connection: {error}") from error

    @contextmanager
    def session(self) -> Iterator[Session]:
        """Open a session, and close it at the end.

        :raises Unreachable: there is no way to the server.
        :raises ConfigError: the server is too old, or the schema is not ours.
        :raises PluginError: what is done in it failed in the code of a plugin.
        """
        conn = self.open()
        try:
            server = session.probe(conn, self.schema)
            registry.check(server)
            now = self._now(server)
            yield Session(opener=self, conn=conn, server=server, now=now)
        except psycopg.Error as error:
            if not conn.closed:
                raise
            raise Unreachable(
                f"the connection to the server was lost: {error}"
            ) from error
        except PartmanError:
            raise
        except Exception as error:
            if (problem := self.plugins.blamed(error)) is not None:
                raise problem from error
            raise
        finally:
            conn.close()

    def _now(self, server: Server) -> datetime:
        """Return what the clock says; the server's, where that of a plugin fails.

        The failure stops what destroys, and is told with every table.
        """
        try:
            return moment(self.clock()) if self.clock else server.now
        except PluginError:
            return server.now


def _adopted(given: object) -> psycopg.Connection[Any]:
    """Make a connection that was opened for us fit, or close it."""
    try:
        return session.adopt(given)
    except BaseException as error:
        # One inside a transaction is somebody's, whose work would be undone.
        busy = isinstance(error, ConfigError) and error.code == "in-transaction"
        if isinstance(given, psycopg.Connection) and not busy:
            given.close()
        raise


def moment(given: Any) -> datetime:
    """Return a moment in UTC.

    :raises ConfigError: it has no zone, so nobody knows which moment it is.
    """
    if not isinstance(given, datetime) or given.utcoffset() is None:
        raise ConfigError(
            f"{given} is no moment: it has no time zone",
            hint="datetime.now(UTC) has one",
            code="naive-time",
        )
    return given.astimezone(UTC)


@define
class Lifeline:
    """A session that is replaced when it is lost.

    :param opened: closed by whoever opened it; what replaces it is closed here.
    """

    opener: Opener
    opened: Session
    _another: psycopg.Connection[Any] | None = None
    _error: Unreachable | None = None

    @property
    def is_lost(self) -> bool:
        """Whether the session is gone."""
        return bool(self.opened.conn.closed)

    def alive(self) -> Session:
        """Return the session, or the one that replaces it.

        :raises Unreachable: there is no way to the server any more; that is found out
            once.
        """
        with suppress(psycopg.OperationalError):
            recover(self.opened.conn)
        if self.opened.conn.closed:
            if self._error is not None:
                raise self._error
            try:
                self._another = self.opener.connect()
            except Unreachable as error:
                self._error = error
                raise
            self.opened = evolve(self.opened, conn=self._another)
        return self.opened

    def twin(self) -> Lifeline:
        """Open another session like it, to be closed by :meth:`close`.

        :raises Unreachable: there is no way to the server, or it lets nobody in.
        """
        conn = self.opener.connect()
        return Lifeline(self.opener, evolve(self.opened, conn=conn), conn)

    def close(self) -> None:
        """Close what was opened here."""
        if self._another is not None:
            self._another.close()
