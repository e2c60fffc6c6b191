"""What is there: the trees of managed tables, read by one query that never hangs.

No question here needs a lock that DDL can hold, but for two rarities: an expression
key, which is left out while its table is locked, and bounds of a composite type.
Where a lock comes in between all the same, PostgreSQL gives up after
:data:`partman_core.pg.session.READ_PATIENCE`; the query is then repeated for one table
at a time, and at last with what the registry knows instead of the catalog.
"""

from __future__ import annotations

import json
from difflib import get_close_matches
from functools import lru_cache
from typing import TYPE_CHECKING

from partman_core.errors import ConfigError
from partman_core.keys import Column
from partman_core.naming import Name, fold, quote_ident
from partman_core.pg.driver import errors, pq, sql
from partman_core.pg.failures import explained
from partman_core.pg.heartbeat import status
from partman_core.pg.queries import in_schema, queries
from partman_core.pg.session import read
from partman_core.pg.trees import build

if TYPE_CHECKING:
    from collections.abc import Sequence

    from partman_core.model import Partition, Tree
    from partman_core.pg.session import Connection

_SQL = queries("catalog.sql")

LOOK_BUDGET = "1s"
"""How long to look for a row in a partition."""

_KINDS = {
    "r": "an ordinary table",
    "v": "a view",
    "m": "a materialized view",
    "f": "a foreign table",
    "i": "an index",
    "I": "an index",
    "S": "a sequence",
    "c": "a composite type",
    "t": "a TOAST table",
}


def trees(
    conn: Connection, schema: str | None, oids: Sequence[int] | None = None
) -> dict[int, Tree]:
    """Read the trees of tables: key, children, and what partman recorded of them.

    :param schema: where our tables are; None: nowhere, so nothing is ours.
    :param oids: the tables; None: all that are managed.
    :returns: by oid; one that is gone, or not partitioned, is left out.
    :raises Blocked: our own tables, or the catalog itself, are locked.
    """
    if oids is None and schema is None:
        return {}
    busy = status(conn) != pq.TransactionStatus.IDLE
    with explained(conn, schema):
        try:
            return _read(conn, schema, oids)
        except errors.LockNotAvailable:
            if busy:  # the caller's transaction has failed, so nothing more can be read
                raise
        if oids is None and schema is not None:
            oids = [oid for (oid,) in read(conn, _managed(schema), {})]
        found: dict[int, Tree] = {}
        for oid in oids or ():
            found |= _read_one(conn, schema, oid)
        return found


def _read_one(conn: Connection, schema: str | None, oid: int) -> dict[int, Tree]:
    try:
        return _read(conn, schema, [oid])
    except errors.LockNotAvailable:
        return _read(conn, schema, [oid], cautious=True)


def _read(
    conn: Connection,
    schema: str | None,
    oids: Sequence[int] | None,
    *,
    cautious: bool = False,
) -> dict[int, Tree]:
    """Read trees.

    :param cautious: ask nothing that could wait for a lock, and call all of it locked.
    """
    query = _query(schema, everything=oids is None)
    given = {"oids": list(oids or ()), "cautious": cautious}
    return build(read(conn, query, given))


@lru_cache
def _query(schema: str | None, *, everything: bool) -> sql.Composed:
    """Put the query for trees together; ready-made text, as it is long."""
    if schema is None:
        registry: sql.Composable = sql.SQL(_SQL["no_registry"])
    else:
        registry = in_schema(_SQL["registry"], schema)
    if everything and schema is not None:
        wanted: sql.Composable = _managed(schema)
    else:
        wanted = sql.SQL(_SQL["these_tables"])
    inner = ("base_type", "collation", "publications")
    parts = {name: sql.SQL(_SQL[name]) for name in inner}
    return sql.SQL(_SQL["trees"]).format(wanted=wanted, registry=registry, **parts)


def _managed(schema: str) -> sql.Composed:
    return in_schema(_SQL["managed_tables"], schema)


def columns(conn: Connection, oids: Sequence[int]) -> dict[int, dict[str, Column]]:
    """Read the columns of tables, for keys that there are not yet.

    :returns: by oid, then by name.
    """
    query = sql.SQL(_SQL["attributes"]).format(
        base_type=sql.SQL(_SQL["base_type"]), collation=sql.SQL(_SQL["collation"])
    )
    found: dict[int, dict[str, Column]] = {oid: {} for oid in oids}
    with explained(conn):
        for oid, document in read(conn, query, {"oids": list(oids)}):
            column = Column(**json.loads(document))
            found[oid][column.name or ""] = column
    return found


def has_rows(conn: Connection, partition: Partition | None) -> bool | None:
    """Say whether a partition holds any row.

    :param partition: None: there is none.
    :returns: None where that cannot be known now: it is locked, foreign or not to be
        read by us, or so full of dead rows that looking takes too long.
    """
    if partition is None or partition.locked or partition.kind == "foreign":
        return None
    schema, relation = partition.name.schema, partition.name.relation
    table = sql.Identifier(*([schema] if schema else []), relation)
    query = sql.SQL(_SQL["has_rows"]).format(table=table)
    with explained(conn):
        try:
            [(found,)] = read(conn, query, budget=LOOK_BUDGET)
        except (
            errors.InsufficientPrivilege,
            errors.LockNotAvailable,
            errors.QueryCanceled,
            errors.UndefinedTable,
        ):
            return None
    return bool(found)


def resolve(conn: Connection, name: Name) -> int:
    """Find a partitioned table by its name.

    :param name: without a schema the search path tells.
    :returns: its oid.
    :raises ConfigError: code ``unknown-table``: there is none of that name; code
        ``not-partitioned``: it is something else.
    """
    given = {"schema": name.schema, "relation": name.relation}
    with explained(conn):
        rows = read(conn, _SQL["resolve"], given)
        if not rows:
            raise _unknown(conn, name)
    [(oid, kind, schema, relation, parent)] = rows
    if kind == "p":
        return int(oid)
    found = Name(schema, relation)
    if parent is not None:
        raise ConfigError(
            f"{found} is a partition of {parent}",
            hint=f"name the partitioned table: {parent}",
            code="not-partitioned",
        )
    raise ConfigError(
        f"{found} is {_KINDS.get(kind, 'something else')}, not a partitioned table",
        hint=f"partman looks after tables made by CREATE TABLE {found} (...) "
        "PARTITION BY RANGE (...)",
        code="not-partitioned",
    )


def _unknown(conn: Connection, name: Name) -> ConfigError:
    """Say that there is no such table, and what may have been meant."""
    rows = read(conn, _SQL["candidates"], {"relation": name.relation})
    candidates = [Name(schema, relation) for schema, relation in rows]
    where = "" if name.schema else " on the search path"
    return ConfigError(
        f"there is no table {name}{where}",
        hint=_guess(name, candidates),
        code="unknown-table",
    )


def _guess(name: Name, candidates: Sequence[Name]) -> str:
    for found in candidates:
        if found.relation == name.relation:
            return f"did you mean {found}? A name without a schema needs a search path"
    for found in candidates:
        if fold(found.relation) == fold(name.relation):
            return (
                f"did you mean {found}? In SQL {quote_ident(found.relation)} "
                "keeps its spelling only in double quotes"
            )
    listed = {str(found): found for found in candidates}
    listed |= {found.relation: found for found in candidates}
    wanted = [str(name), name.relation]
    close = [m for text in wanted for m in get_close_matches(text, listed, n=1)]
    if close:
        return f"did you mean {listed[close[0]]}?"
    if candidates:
        return f"partitioned tables here are {', '.join(map(str, candidates[:5]))}"
    return "this database has no partitioned table; is it the right one?"
