"""The schema of our own tables: whose it is, and its migrations."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zlib import crc32

from partman_core import __version__
from partman_core.errors import ConfigError
from partman_core.naming import quote_ident
from partman_core.pg.driver import errors, psycopg, sql
from partman_core.pg.failures import explained
from partman_core.pg.migrations import latest, migrations
from partman_core.pg.queries import in_schema, queries
from partman_core.pg.server import require_writable
from partman_core.pg.session import probe

if TYPE_CHECKING:
    from partman_core.pg.server import Server
    from partman_core.pg.session import Connection

_SQL = queries("schema.sql")

LOCK_CLASS = 0x706D6967
"""First key of the advisory lock under which a schema is changed."""

MIGRATION_PATIENCE = "30s"
"""How long to wait for others who change it."""


def check(server: Server, *, writing: bool = False) -> None:
    """Refuse a schema that is not ours, or not ours to use.

    :param writing: also refuse one that a newer partman has migrated.
    :raises ConfigError: code ``schema-taken``, ``privilege`` or ``schema-newer``.
    """
    schema, user = quote_ident(server.schema), quote_ident(server.user)
    if server.registry == "foreign":
        raise ConfigError(
            f"the schema {schema} is somebody else's: {server.occupant}",
            hint='give partman another one, as in schema = "partman_registry"',
            code="schema-taken",
        )
    if server.registry == "unreadable":
        raise ConfigError(
            f"{server.user} may not read partman's tables in the schema {schema}",
            hint=f"GRANT USAGE ON SCHEMA {schema} TO {user}; "
            f"GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO {user}",
            code="privilege",
        )
    if writing and (server.schema_version or 0) > latest():
        raise ConfigError(
            f"a newer partman has migrated the schema {schema} to version "
            f"{server.schema_version}, and this one knows versions up to {latest()}",
            hint="update this partman; it can still show things, but not change them",
            code="schema-newer",
        )


def ensure(conn: Connection, schema: str) -> None:
    """See to it that our tables are there and up to date, in one transaction.

    Any number of processes may do so at the same time.

    :raises ConfigError: they are somebody else's, newer, or may not be made.
    """
    if _is_current(probe(conn, schema)):
        return
    try:
        with conn.transaction():
            # The default may be an isolation that would not see what others did
            # while we waited.
            conn.execute("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")
            patience = sql.SQL("SET LOCAL lock_timeout = {}")
            conn.execute(patience.format(MIGRATION_PATIENCE))
            conn.execute(_SQL["migration_lock"], _lock(schema))
            server = probe(conn, schema)
            if not _is_current(server):
                _migrate(conn, server)
    except errors.InsufficientPrivilege as error:
        raise _may_not_create(error, probe(conn, schema)) from error
    except psycopg.Error:
        with explained(conn, schema):
            raise


def _is_current(server: Server) -> bool:
    """Say whether there is nothing to do; refuse what cannot be done."""
    require_writable(server)
    check(server, writing=True)
    return server.schema_version == latest()


def _migrate(conn: Connection, server: Server) -> None:
    schema = sql.Identifier(server.schema)
    if server.registry == "absent":
        conn.execute(sql.SQL("CREATE SCHEMA {}").format(schema))
    for migration in migrations():
        if migration.version > (server.schema_version or 0):
            conn.execute(sql.SQL(migration.statements).format(schema=schema))
            conn.execute(
                in_schema(_SQL["migrated"], server.schema),
                {"version": migration.version, "partman_version": __version__},
            )


def _lock(schema: str) -> dict[str, int]:
    number = crc32(schema.encode())
    return {"lock_class": LOCK_CLASS, "lock_id": number - (number >> 31 << 32)}


def _may_not_create(error: psycopg.Error, server: Server) -> ConfigError:
    schema, user = quote_ident(server.schema), quote_ident(server.user)
    if server.registry == "absent":
        database = quote_ident(server.database)
        hint = (
            f"as the database's owner: CREATE SCHEMA {schema} AUTHORIZATION {user}; "
            f"or GRANT CREATE ON DATABASE {database} TO {user}"
        )
    elif server.registry == "empty":
        hint = (
            f"as the schema's owner: GRANT USAGE, CREATE ON SCHEMA {schema} TO {user}"
        )
    else:
        hint = f"let the owner of the tables in schema {schema} run this command once"
    return ConfigError(
        f"{server.user} may not make partman's tables in the schema {schema}: "
        f"{error.diag.message_primary}",
        hint=hint,
        code="privilege",
    )
