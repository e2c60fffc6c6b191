"""Whether a pooler keeps a session together, as claims and detaches need it.

A pooler that lends its backends for a transaction at a time would leave our claims with
programs that know nothing of them.  It cannot be asked, so it is tried.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Literal, get_args

from partman_core.errors import ConfigError, PartmanError
from partman_core.pg import failures, session
from partman_core.pg.driver import errors, psycopg
from partman_core.pg.queries import queries
from partman_core.plan import Finding

if TYPE_CHECKING:
    from collections.abc import Callable

    from partman_core.pg.server import Server
    from partman_core.pg.session import Connection

Pooling = Literal["session", "transaction"]
"""For how long a pooler lends a backend."""

ROUNDS = 5
"""How often a second connection is tried: other programs may be faster at times."""

PATIENCE = 10.0
"""Seconds within which a pooler has to serve a second connection."""

DIRECT = "a DSN that leads to the server itself"
SETTING = 'pooler = "session" in [database], or Engine(..., pooler="session")'

_SQL = queries("pooler.sql")


def checked(said: str | None) -> Pooling | None:
    """Return what the settings say about the pooler.

    :raises ConfigError: there is no such mode.
    """
    for mode in get_args(Pooling):
        if said == mode:
            return mode  # type: ignore[no-any-return]
    if said is None:
        return None
    raise ConfigError(
        f"there is no pooler mode {said!r}",
        hint='it is "session" or "transaction"; without it partman finds out itself',
        code="pooler",
    )


def prepare(
    conn: Connection,
    server: Server,
    connect: Callable[[], Connection],
    said: Pooling | None = None,
    *,
    patience: float = PATIENCE,
) -> tuple[Finding, ...]:
    """Make a session fit for writing, if a pooler lets it be one.

    :param connect: opens another connection the same way, which is closed here.
    :param said: what the settings say; None: find out.
    :param patience: seconds within which a second connection has to be served.
    :returns: what a person should know of it.
    :raises ConfigError: it lends backends for a transaction, or nobody can tell.
    """
    if said == "transaction":
        raise _refusal("the settings say that a transaction pooler stands before it")
    if not server.pooled:
        return ()
    if said is None:
        _try_it(conn, connect, patience)
    session.settle(conn)
    return () if said else (_finding(server),)


def _refusal(why: str) -> ConfigError:
    return ConfigError(
        f"nothing is written through this pooler: {why}",
        hint=f"give partman {DIRECT}; or, if you know that a client keeps its backend "
        f"for as long as it is connected: {SETTING}",
        code="pooler",
    )


def _finding(server: Server) -> Finding:
    return Finding(
        code="pooler",
        severity="info",
        table=None,
        message=f"a pooler stands before {server.database}; as far as can be seen, a "
        "client keeps its backend there for as long as it is connected",
        hint=f"{SETTING} settles it; better is {DIRECT}",
    )


def _try_it(
    conn: Connection, connect: Callable[[], Connection], patience: float
) -> None:
    """Refuse a pooler that gives one backend to several clients."""
    trial = _Trial(conn, connect)
    trial.start()
    trial.join(patience)
    if trial.error is not None:
        with failures.explained(conn):
            raise trial.error
    if trial.shares is None:
        raise _refusal(
            f"it serves no second connection within {patience:g} s, so nobody can tell "
            "for how long it lends a backend"
        )
    if trial.shares:
        raise _refusal(
            "it lends a backend for one transaction at a time, so that a claim on a "
            "table would be left to other programs"
        )


class _Trial(threading.Thread):
    """Looks whether two clients ever get the same backend.

    In a thread, as a pooler that has none left lets a client wait for minutes.

    :param conn: idle; not to be used until this has ended, or is given up.
    """

    def __init__(self, conn: Connection, connect: Callable[[], Connection]) -> None:
        super().__init__(name="partman pooler", daemon=True)
        self.shares: bool | None = None
        self.error: Exception | None = None
        self._conn, self._connect = conn, connect

    def run(self) -> None:
        """Find out, or keep what went wrong."""
        try:
            with self._connect() as beside:
                self.shares = self._sees(beside)
        except (psycopg.Error, PartmanError) as error:
            self.error = error

    def _sees(self, beside: Connection) -> bool:
        ours = backend(self._conn)
        for _ in range(ROUNDS):
            try:
                theirs = _asked(beside, "beside")
            except errors.ProtocolViolation:
                return True  # it lends them for one statement at a time
            if theirs == ours or backend(self._conn) != ours:
                return True
            beside.rollback()
        return False


def backend(conn: Connection) -> int:
    """Return the pid of a connection's backend, also behind a pooler."""
    return _asked(conn, "backend")


def _asked(conn: Connection, query: str) -> int:
    cursor = conn.execute(_SQL[query])
    while cursor.nextset():
        pass
    [(pid,)] = cursor.fetchall()
    return int(pid)
