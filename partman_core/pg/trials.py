"""Whether settings that only PostgreSQL understands would work: asked beforehand.

A tablespace, or a storage parameter, that is wrong would else be found out by the
first partition that has to be built, some night; a schema by the first that is to be
moved there.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from attrs import frozen

from partman_core.naming import Name, quote_ident
from partman_core.pg.driver import errors, sql
from partman_core.pg.failures import explained
from partman_core.pg.queries import queries
from partman_core.pg.session import read

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from partman_core.keys import Key
    from partman_core.model import Table
    from partman_core.pg.session import Connection

_SQL = queries("trials.sql")

_TRIAL = """
BEGIN;
SET LOCAL lock_timeout = '1s';
CREATE TEMPORARY TABLE partman_storage_trial (trial text) WITH ({parameter});
ROLLBACK"""

_SPLIT = """
BEGIN;
SET LOCAL lock_timeout = '1s';
CREATE TEMPORARY TABLE partman_level_trial
  (LIKE {table} INCLUDING ALL EXCLUDING IDENTITY) PARTITION BY {key};
ROLLBACK"""

_NOT_SPLIT = (
    errors.FeatureNotSupported,
    errors.InvalidTableDefinition,
    errors.InvalidObjectDefinition,
    errors.UndefinedColumn,
    errors.UndefinedObject,
)
"""What PostgreSQL answers if it is the key that it minds."""

_NOT_TAKEN = (
    errors.InvalidParameterValue,
    errors.FeatureNotSupported,
    errors.SyntaxError,
    errors.InvalidName,
)
"""What PostgreSQL answers if it is the parameter that it minds."""

_COMMON = (
    "fillfactor",
    "parallel_workers",
    "toast_tuple_target",
    "vacuum_index_cleanup",
    "vacuum_truncate",
    "autovacuum_enabled",
    "autovacuum_analyze_scale_factor",
    "autovacuum_analyze_threshold",
    "autovacuum_freeze_max_age",
    "autovacuum_freeze_min_age",
    "autovacuum_freeze_table_age",
    "autovacuum_vacuum_cost_delay",
    "autovacuum_vacuum_cost_limit",
    "autovacuum_vacuum_insert_scale_factor",
    "autovacuum_vacuum_insert_threshold",
    "autovacuum_vacuum_scale_factor",
    "autovacuum_vacuum_threshold",
    "log_autovacuum_min_duration",
)
"""For guesses only: no catalog lists the parameters that a table has."""


@frozen
class Doubt:
    """Why a setting would not work.

    :param setting: its key.
    :param hint: the way out.
    """

    setting: str
    sentence: str
    hint: str


def doubts(conn: Connection, parent: int, table: Table) -> Iterator[Doubt]:
    """Say which settings of new partitions PostgreSQL would refuse.

    Nothing is written, and nothing is asked if *table* has no such settings.

    :param parent: oid of the partitioned table.
    """
    with explained(conn):
        if table.tablespace is not None:
            yield from _tablespace(conn, parent, table.tablespace)
        yield from _storage(conn, table.storage)
        for section in table.sections.values():
            if place := getattr(section, "retention_schema", None):
                yield from _schema(conn, parent, Name.parse(place).relation)


def _tablespace(conn: Connection, parent: int, wanted: str) -> Iterator[Doubt]:
    rows = read(conn, _SQL["tablespaces"], {"parent": parent})
    owners = {name: (owner, usable) for name, owner, usable in rows}
    named = quote_ident(wanted)
    if wanted not in owners:
        near = get_close_matches(wanted, owners, n=1)
        there = ", ".join(map(quote_ident, owners))
        yield Doubt(
            "tablespace",
            f"there is no tablespace {named} for tables",
            f"did you mean {quote_ident(near[0])}?" if near else f"there is {there}",
        )
        return
    owner, usable = owners[wanted]
    if not usable:
        yield Doubt(
            "tablespace",
            f"its owner {owner} may not put tables into the tablespace {named}",
            f"GRANT CREATE ON TABLESPACE {named} TO {quote_ident(owner)}",
        )


def _schema(conn: Connection, parent: int, wanted: str) -> Iterator[Doubt]:
    rows = read(conn, _SQL["schemas"], {"parent": parent})
    owners = {name: (owner, usable) for name, owner, usable in rows}
    named = quote_ident(wanted)
    if wanted not in owners:
        [owner] = {owner for owner, _ in owners.values()}
        near = get_close_matches(wanted, owners, n=1)
        making = f"CREATE SCHEMA {named} AUTHORIZATION {quote_ident(owner)}"
        yield Doubt(
            "retention_schema",
            f"there is no schema {named} to move partitions to",
            f"did you mean {quote_ident(near[0])}? Else: {making}" if near else making,
        )
        return
    owner, usable = owners[wanted]
    if not usable:
        yield Doubt(
            "retention_schema",
            f"its owner {owner} may not make tables in the schema {named}, where "
            "partitions are to be moved",
            f"GRANT USAGE, CREATE ON SCHEMA {named} TO {quote_ident(owner)}",
        )


def _storage(conn: Connection, parameters: Mapping[str, str]) -> Iterator[Doubt]:
    for name, value in parameters.items():
        if said := _refusal(conn, name, value):
            yield Doubt(
                "storage",
                f"PostgreSQL does not take the storage parameter {name} = {value}: "
                f"{said}",
                _meant(name),
            )


def _meant(name: str) -> str:
    space, _, bare = name.rpartition(".")
    near = get_close_matches(bare, _COMMON, n=1)
    if near and near[0] != bare:
        return f"did you mean {f'{space}.' if space else ''}{near[0]}?"
    return "PostgreSQL's manual lists them at CREATE TABLE, Storage Parameters"


def split(conn: Connection, table: Name, key: Key) -> str | None:
    """Say why PostgreSQL would not partition a table like this one by a key.

    :returns: in PostgreSQL's words; None: it would, or it cannot be tried here.
    """
    relation = sql.Identifier(*filter(None, (table.schema, table.relation)))
    # The key is one that partman has read, and written again, with quotes.
    written = sql.SQL(str(key))
    return _tried(conn, sql.SQL(_SPLIT).format(table=relation, key=written), _NOT_SPLIT)


def _refusal(conn: Connection, name: str, value: str) -> str | None:
    """Say why PostgreSQL would not make a table with a storage parameter.

    A temporary table is made with it and rolled back, as that needs no privilege on
    any schema.

    :returns: in PostgreSQL's words; None: it would, or it cannot be tried here: on a
        standby, or without the privilege TEMPORARY.
    """
    parameter = sql.SQL("{} = {}").format(
        sql.SQL(".").join(map(sql.Identifier, name.split("."))), sql.Literal(value)
    )
    return _tried(conn, sql.SQL(_TRIAL).format(parameter=parameter), _NOT_TAKEN)


def _tried(
    conn: Connection, trial: sql.Composed, minded: tuple[type[errors.Error], ...]
) -> str | None:
    """Try something that is rolled back; say what PostgreSQL minded of it."""
    try:
        conn.execute(trial)
    except minded as error:
        return (error.diag.message_primary or str(error)).strip()
    except errors.DatabaseError:
        if conn.closed:
            raise
    finally:
        if not conn.closed:
            conn.rollback()
    return None
