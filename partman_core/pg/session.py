"""Connections: opened in one round trip, with the settings that the rest relies on.

Bounds are compared as text, so every session prints values the same way (see
:mod:`partman_core.bounds`), and a server notices within seconds that its client has
gone, so that no statement of a dead process waits for a lock and is then done.
"""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Any, LiteralString

from partman_core.errors import ConfigError, Unreachable
from partman_core.pg import failures
from partman_core.pg.driver import errors, pq, psycopg, sql
from partman_core.pg.dsn import options_for, parameters
from partman_core.pg.heartbeat import status
from partman_core.pg.queries import queries
from partman_core.pg.server import (
    Server,
    occupant,
    require_version,
)
from partman_core.pg.settling import is_lent, lend, local, own

if TYPE_CHECKING:
    from collections.abc import Mapping

    Connection = psycopg.Connection[Any]


CANONICAL: Mapping[str, str] = {
    "TimeZone": "UTC",
    "DateStyle": "ISO, YMD",
    "IntervalStyle": "postgres",
    "bytea_output": "hex",
    "extra_float_digits": "1",
    "standard_conforming_strings": "on",
    "quote_all_identifiers": "off",
    "row_security": "off",
}
"""Values are printed as :mod:`partman_core.bounds` expects, and rows that row security
would hide from us are an error: a part is never taken for all."""

REPORTED = ("TimeZone", "DateStyle", "IntervalStyle")
"""Those that the server reports by itself."""

CHECK_INTERVAL = "client_connection_check_interval"

WATCHFUL: Mapping[str, str] = {
    CHECK_INTERVAL: "500",
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": "30000",
    "idle_session_timeout": "600000",
    "idle_in_transaction_session_timeout": "60000",
}
"""How soon the server ends the session of a client that is gone, or that hangs (ms;
keepalives in s).

They hold whatever the role, the database or the DSN says, longer or shorter, as one
depends on the other: a session that waits for others is kept by a
:class:`~partman_core.pg.heartbeat.Heartbeat`, and a transaction in which hooks run has
more time, see :func:`~partman_core.pg.transactions.hook_limits`."""

POOLER_SAYS = "startup parameter"
"""Words of poolers that do not hand on how a session is to start."""

READ_PATIENCE = "200ms"
"""How long a question may wait for one lock."""

_SQL = queries("session.sql")


def connect(dsn: str, *, application_name: str = "partman") -> Connection:
    """Open a connection in autocommit, settled in the same round trip.

    Behind a pooler nothing is set for the session, see :func:`settle`.

    :param dsn: a URL or ``key=value`` pairs; what it leaves out comes from the PG*
        variables.
    :param application_name: shown to others, where neither the DSN nor PGAPPNAME
        gives one.
    :raises Unreachable: no server answers, or it does not let us in.
    :raises ConfigError: the DSN cannot be read.
    """
    params = parameters(dsn, application_name)
    early = "service" not in params  # libpq reads a service's options later than we can
    options = f"{params.get('options', '')} {options_for({**CANONICAL, **WATCHFUL})}"
    pooled = False
    try:
        if early:
            return _checked(_open(params | {"options": options.strip()}))
    except psycopg.OperationalError as error:
        if not _is_about_options(error):
            raise _unreachable(error, params) from None
        pooled = POOLER_SAYS in str(error)
    try:
        return lend(_open(params)) if pooled else _settled(_open(params))
    except psycopg.OperationalError as error:
        raise _unreachable(error, params) from None


def adopt(conn: object) -> Connection:
    """Make a connection that the caller's code opened fit for us.

    It is set to autocommit and plain tuples, and settled by one statement.

    :raises ConfigError: it is no psycopg connection, or inside a transaction.
    :raises Unreachable: it is closed.
    """
    if not isinstance(conn, psycopg.Connection):
        raise ConfigError(
            f"a connection was expected, not a {type(conn).__qualname__}",
            hint="partman works with connections of psycopg 3: psycopg.connect(...)",
            code="connection",
        )
    if conn.closed:
        raise Unreachable("the connection that partman was given is closed")
    if conn.info.transaction_status != pq.TransactionStatus.IDLE:
        raise ConfigError(
            "the connection is inside a transaction, and partman commits its own work",
            hint="give partman a connection of its own, or commit first",
            code="in-transaction",
        )
    conn.autocommit = True
    conn.row_factory = psycopg.rows.tuple_row
    conn.prepare_threshold = None
    own(conn)
    return _settled(conn)


def _is_about_options(error: psycopg.OperationalError) -> bool:
    """Say whether a pooler, or an old or unusual server, minds the way we settle."""
    said = str(error)
    return POOLER_SAYS in said or any(name in said for name in WATCHFUL)


def _open(params: Mapping[str, Any]) -> Connection:
    # A pooler may hand the next statement to a backend that has not prepared it.
    return psycopg.connect(**params, autocommit=True, prepare_threshold=None)


def _checked(conn: Connection) -> Connection:
    """Settle a connection again where PGTZ or PGDATESTYLE was the stronger word.

    libpq sends those beside the options.  The server tells what it took, so nobody
    has to ask.
    """
    for name in REPORTED:
        told = conn.info.parameter_status(name)
        if told is not None and told != CANONICAL[name]:
            return _settled(conn)
    return conn


def _unreachable(
    error: psycopg.OperationalError, params: Mapping[str, Any]
) -> Exception:
    if error.pgconn is not None and error.pgconn.needs_password:
        return failures.no_password(params, error.pgconn)
    return failures.unreachable(error, params)


def _settled(conn: Connection) -> Connection:
    """Give a connection that is open already the settings that ours start with.

    One whose backend is not its own is marked instead.
    """
    return conn if _set(conn, conn.info.backend_pid) else lend(conn)


def settle(conn: Connection) -> None:
    """Settle a connection that keeps its backend, although a pooler gave it."""
    if is_lent(conn):
        own(conn)
        _set(conn, None)


def _set(conn: Connection, pid: int | None) -> bool:
    """Set what ours start with, if the backend is the one with *pid*."""
    every = {**CANONICAL, **WATCHFUL}
    for left_out in (None, CHECK_INTERVAL):
        given = {name: every[name] for name in every if name != left_out}
        asked = {"names": list(given), "values": list(given.values()), "pid": pid}
        try:
            return bool(conn.execute(_SQL["settle"], asked).fetchall())
        except errors.InvalidParameterValue:
            continue  # the server's platform cannot check connections
    raise ConfigError(
        "the server does not take the settings that partman needs", code="settings"
    )


def read(
    conn: Connection,
    query: LiteralString | sql.Composed,
    params: Mapping[str, Any] | None = None,
    *,
    budget: str | None = None,
) -> list[tuple[Any, ...]]:
    """Ask a question that never waits long for a lock, in one round trip.

    Inside a transaction the timeouts are left as the transaction has them.

    :param budget: how long it may take in all, as PostgreSQL writes it; None: as
        long as the session allows.
    :raises psycopg.errors.LockNotAvailable: somebody holds what it needs.
    :raises psycopg.errors.QueryCanceled: the budget is spent.
    """
    asked = query if isinstance(query, sql.Composed) else sql.SQL(query)
    idle = status(conn) == pq.TransactionStatus.IDLE
    # The client fills in the values, as only then two statements can go together.
    with psycopg.ClientCursor(conn, row_factory=psycopg.rows.tuple_row) as cursor:
        if idle:
            limits = {"lock_timeout": READ_PATIENCE}
            if is_lent(conn):
                limits |= CANONICAL
            if budget is not None:
                limits["statement_timeout"] = budget
            cursor.execute(local(limits) + asked, params)
            while cursor.nextset():
                pass
        else:
            cursor.execute(asked, params)
        return cursor.fetchall()


def probe(conn: Connection, schema: str) -> Server:
    """Ask what we are connected to, by one query.

    :param schema: where our tables are, or would be.
    :raises ConfigError: the server is older than we can work with.
    """
    require_version(conn.info.server_version)
    with failures.explained(conn, schema):
        [row] = read(conn, _SQL["probe"], {"schema": schema})
    pid, version, in_recovery, read_only, user, database, now, *others = row
    registry, number, *who = others
    if pooled := pid != conn.info.backend_pid:
        lend(conn)
    return Server(
        version=version,
        pooled=pooled,
        in_recovery=in_recovery,
        read_only=read_only,
        user=user,
        database=database,
        now=now.astimezone(UTC),
        schema=schema,
        registry=registry,
        schema_version=number,
        occupant=occupant(*who) if registry == "foreign" else None,
    )
