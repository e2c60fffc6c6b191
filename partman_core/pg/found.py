"""Which values of a list's key are there: with partitions of their own, or in DEFAULT.

Asked only for tables whose strategy wants to know.  What cannot be read within a
second is not known: a table is planned without it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from partman_core.bounds import ListBounds
from partman_core.pg.catalog import LOOK_BUDGET
from partman_core.pg.driver import errors, sql
from partman_core.pg.failures import explained
from partman_core.pg.queries import queries
from partman_core.pg.session import read

if TYPE_CHECKING:
    from partman_core.model import Tree
    from partman_core.pg.session import Connection

_SQL = queries("found.sql")

MOST = 1000
"""Of more values nobody would read the list."""


def values(conn: Connection, tree: Tree) -> tuple[str | None, ...]:
    """Return the values of a list's key that are there.

    :returns: those that have a partition of their own, then those that wait in
        DEFAULT, the most frequent first, as far as they can be known.
    """
    alone = [
        partition.bounds.values[0]
        for partition in tree.partitions
        if not partition.pending
        and isinstance(partition.bounds, ListBounds)
        and len(partition.bounds.values) == 1
    ]
    return (*alone, *(waiting(conn, tree) or ()))


def waiting(conn: Connection, tree: Tree) -> tuple[str | None, ...] | None:
    """Return the values of the key's first column in DEFAULT, most frequent first.

    :returns: at most :data:`MOST`; None where they cannot be known now: it is no
        column, or DEFAULT is locked, foreign, not to be read by us, or so large
        that looking takes too long.
    """
    default = tree.default
    if default is None:
        return ()
    column = tree.key.columns[0].name
    if column is None or default.locked or default.kind == "foreign":
        return None
    schema, relation = default.name.schema, default.name.relation
    query = sql.SQL(_SQL["values"]).format(
        column=sql.Identifier(column),
        table=sql.Identifier(*([schema] if schema else []), relation),
        most=sql.Literal(MOST),
    )
    with explained(conn):
        try:
            rows = read(conn, query, budget=LOOK_BUDGET)
        except (
            errors.InsufficientPrivilege,
            errors.LockNotAvailable,
            errors.QueryCanceled,
            errors.UndefinedTable,
        ):
            return None
    return tuple(value for (value,) in rows)
