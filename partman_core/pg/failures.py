"""What psycopg and the server complain about, as sentences with a way out.

No message holds a password, nor a piece of one: what libpq says about a DSN that it
cannot read is never passed on, as it quotes the DSN.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from partman_core.errors import Blocked, ConfigError, PartmanError, Refused, Unreachable
from partman_core.naming import quote_ident
from partman_core.pg.driver import errors, pq

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from partman_core.pg.driver import psycopg

ADDRESS = (
    "is it running, and is the address right? It is given by --dsn, PARTMAN_DSN or "
    "the PG* variables"
)
DSN_FORM = "a DSN reads postgresql://USER@HOST:PORT/DATABASE or host=... dbname=..."

_OURS = re.compile(r"connection to server (?:at|on socket) .*? failed: ", re.DOTALL)
_VALUE = re.compile(r'(value):? "[^"]*"')
_NO_DATABASE = re.compile(r'FATAL:  database ".*" does not exist', re.DOTALL)
_NO_ROLE = re.compile(r'FATAL:  role ".*" does not exist', re.DOTALL)


def unreadable_dsn(error: psycopg.ProgrammingError) -> ConfigError:
    """Say that a DSN cannot be read, without quoting it."""
    hint = DSN_FORM
    known = [option.keyword.decode() for option in pq.Conninfo.get_defaults()]
    if match := re.search(r'(?:option|parameter:?) "(\w+)"', str(error)):
        if close := get_close_matches(match[1], known, n=1):
            hint = f"one of its settings is misspelt; did you mean {close[0]!r}?"
        else:
            hint = f"one of its settings is unknown to libpq; {DSN_FORM}"
    return ConfigError("the DSN cannot be read", hint=hint, code="dsn")


def unreachable(
    error: psycopg.OperationalError, params: Mapping[str, Any]
) -> PartmanError:
    """Say why there is no connection.

    :param error: what :func:`psycopg.connect` raised.
    :param params: what it was given, see :func:`address`.
    """
    said = str(error).split("\nMultiple connection attempts failed")[0].strip()
    words, answered = _OURS.sub("", said).splitlines()[0], "FATAL:" in said
    words = re.sub(r"^connection (?:failed|is bad): ", "", words)
    if answered:
        return _turned_away(error, said, words, params)
    if "connection is bad: " in said and not _OURS.search(said):
        words = _VALUE.sub(r"\1", words)
        return ConfigError(f"the DSN does not work: {words}", code="dsn", hint=DSN_FORM)
    where, _, _ = address(params, error.pgconn)
    return Unreachable(f"no server answers {where}: {words}", hint=ADDRESS)


def _turned_away(
    error: psycopg.OperationalError, said: str, words: str, params: Mapping[str, Any]
) -> Unreachable:
    """Say why a server that answers does not let us in."""
    pgconn = error.pgconn
    where, user, database = address(params, pgconn)
    if _NO_DATABASE.search(said):
        return Unreachable(
            f"the server {where} has no database {database}",
            hint="name another one in the DSN, or create it: "
            f"CREATE DATABASE {quote_ident(database)}",
            code="database",
        )
    if _NO_ROLE.search(said):
        return Unreachable(
            f"the server {where} has no role {user}",
            hint=f"name another user in the DSN, or: CREATE ROLE {quote_ident(user)} "
            "LOGIN",
            code="role",
        )
    if pgconn is not None and pgconn.used_password:
        return Unreachable(
            f"the server {where} refuses the password of {user}: {words}",
            hint="it is taken from the DSN, PGPASSWORD or the file ~/.pgpass",
            code="password",
        )
    return Unreachable(f"the server {where} turns {user} away: {words}", hint=ADDRESS)


def no_password(params: Mapping[str, Any], pgconn: pq.abc.PGconn | None) -> Unreachable:
    """Say that the server wants a password and has been given none."""
    where, user, _ = address(params, pgconn)
    return Unreachable(
        f"the server {where} wants a password for {user}, and none was given",
        hint="give it in the DSN, PGPASSWORD or the file ~/.pgpass",
        code="password",
    )


def address(
    params: Mapping[str, Any], pgconn: pq.abc.PGconn | None
) -> tuple[str, str, str]:
    """Return where a connection goes, for a sentence; its user; its database."""
    given = {o.keyword.decode(): (o.val or b"").decode() for o in _defaults()}
    given |= {name: str(value) for name, value in params.items() if value is not None}
    if pgconn is not None:
        tried = {"host": pgconn.host, "port": pgconn.port, "user": pgconn.user}
        given |= {name: value.decode() for name, value in tried.items() if value}
    host, port = given["host"] or given["hostaddr"], given["port"]
    if not host or host.startswith(("/", "@")):
        where = f"on the socket {host or 'in its usual place'}, port {port}"
    else:
        where = f"at {host}:{port}"
    return where, given["user"], given["dbname"] or given["user"]


def _defaults() -> list[pq.ConninfoOption]:
    return pq.Conninfo.get_defaults()


@contextmanager
def explained(
    conn: psycopg.Connection[Any], schema: str | None = None
) -> Iterator[None]:
    """Turn what the server refuses into our errors.

    :param schema: where our tables are, for the hints.
    :raises Unreachable: the connection was lost.
    :raises ConfigError: a privilege is missing, the server is read-only, or our
        tables have a shape that this partman does not know.
    :raises Blocked: somebody else's lock did not go away in time.
    :raises Refused: the server could not do it otherwise: it has no room, no time.
    """
    try:
        yield
    except errors.Error as error:
        if explanation := _explanation(error, conn, schema):
            raise explanation from error
        raise  # a mistake of ours


def _explanation(
    error: errors.Error, conn: psycopg.Connection[Any], schema: str | None
) -> PartmanError | None:
    said = (error.diag.message_primary or str(error)).strip()
    ours = quote_ident(schema or "partman")
    match error:
        case errors.LockNotAvailable():
            return Blocked(
                f"somebody else's lock on the tables of {ours} or on the catalog did "
                "not go away in time",
                hint="run again; pg_locks says who holds it",
                sqlstate=error.sqlstate,
            )
        case errors.InsufficientPrivilege():
            return ConfigError(said, hint=_grants(conn, ours), code="privilege")
        case errors.ReadOnlySqlTransaction():
            return ConfigError(
                f"nothing can be written here: {said}",
                hint="connect to the primary, and without "
                "default_transaction_read_only",
                code="standby",
            )
        case errors.UndefinedTable() | errors.UndefinedColumn():
            return ConfigError(
                f"the tables in schema {ours} are not as this partman knows them: "
                f"{said}",
                hint="a newer partman has changed them: update this one",
                code="schema-newer",
            )
    if conn.closed:
        return Unreachable(f"the connection to the server was lost: {said}")
    if isinstance(error, errors.OperationalError):
        return Refused(f"the server refused: {said}", sqlstate=error.sqlstate)
    return None


def _grants(conn: psycopg.Connection[Any], ours: str) -> str:
    user = quote_ident(conn.info.user)
    return (
        f"GRANT USAGE ON SCHEMA {ours} TO {user}; "
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {ours} "
        f"TO {user} (SELECT is enough to look)"
    )
