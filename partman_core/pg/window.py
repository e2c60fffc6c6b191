"""How a DEFAULT that is too large to be read under a lock is proved to be in order.

PostgreSQL reads all of DEFAULT before it attaches a partition, while every query
waits.  A CHECK that keeps the new range out of DEFAULT, validated beside everybody,
spares that.  While it stands, rows of that range are refused: the window.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from psycopg.sql import SQL, Composed, Identifier
from psycopg.sql import Literal as Value

from partman_core.bounds import clause
from partman_core.pg.build import relation
from partman_core.pg.queries import queries
from partman_core.pg.session import read
from partman_core.pg.statements import EXCLUSIVE
from partman_core.pg.steps import UPDATE, Step, lock_of
from partman_core.pg.transactions import seconds

if TYPE_CHECKING:
    from collections.abc import Sequence

    import psycopg

    from partman_core.interval import Interval
    from partman_core.naming import Name
    from partman_core.pg.facts import Facts
    from partman_core.plan import Create

WINDOW = "partman_window"
"""Name of that CHECK.  It is its own record: whoever finds it takes it away."""

READ_RATE = 200_000_000
"""Bytes a second that are read from DEFAULT in any case.  From memory it was 1.2 to
1.8 GB/s, measured on PostgreSQL 15 and 18."""

_SQL = queries("window.sql")


def size(conn: psycopg.Connection[Any], default: Name) -> int:
    """Return how many bytes of DEFAULT an attach would have to read.

    :raises psycopg.errors.LockNotAvailable: somebody holds it exclusively.
    """
    [(found,)] = read(conn, _SQL["size"], {"name": str(default)})
    return int(found)


def affordable(max_stall: Interval) -> int:
    """Return how many bytes may be read while queries wait: in half of *max_stall*."""
    return int(seconds(max_stall) / 2 * READ_RATE)


def is_needed(operation: Create, facts: Facts, max_stall: Interval) -> bool:
    """Say whether DEFAULT is proved in advance for an attach.

    Rows that are inserted now or soon must not be refused, so a range that is close is
    attached without it, or not at all.
    """
    large = facts.default_bytes > affordable(max_stall)
    return facts.default is not None and large and operation.ahead


def shapes(facts: Facts, key: str, operations: Sequence[Create]) -> Composed:
    """Write what asks PostgreSQL for the CHECKs that ranges amount to.

    Partitions of a temporary table have the same; nothing of it stays.
    """
    parts = [
        SQL(
            "BEGIN; CREATE TEMPORARY TABLE partman_shape (LIKE {}) PARTITION BY {key};"
        ).format(relation(facts.name), key=SQL(key))
    ]
    for number, operation in enumerate(operations):
        parts.append(
            SQL("CREATE TEMPORARY TABLE {} PARTITION OF partman_shape {};").format(
                Identifier(f"partman_shape_{number}"),
                SQL(clause(operation.bounds, facts.types)),
            )
        )
    asked = SQL(", ").join(
        SQL("pg_get_partition_constraintdef({}::regclass)").format(
            Value(f"pg_temp.partman_shape_{number}")
        )
        for number in range(len(operations))
    )
    return SQL("\n").join([*parts, SQL("SELECT {};").format(asked)])


def expressions(
    conn: psycopg.Connection[Any], facts: Facts, operations: Sequence[Create]
) -> list[str]:
    """Return the CHECKs that ranges amount to, in PostgreSQL's words."""
    [(key,)] = read(conn, _SQL["key"], {"oid": facts.oid})
    try:
        cursor = conn.execute(shapes(facts, key, operations))
        while cursor.nextset():
            pass
        return list(cursor.fetchall()[0])
    finally:
        conn.rollback()


def opening(facts: Facts, checks: Sequence[str]) -> Step:
    """Write the step that keeps rows of some ranges out of DEFAULT from now on."""
    default = _default(facts)
    none = SQL(" AND ").join(SQL("NOT ({})").format(SQL(check)) for check in checks)
    return Step(
        phase="guard",
        sql=SQL("ALTER TABLE {} ADD CONSTRAINT {} CHECK ({}) NOT VALID;").format(
            relation(default), Identifier(WINDOW), none
        ),
        locks=(lock_of(default, EXCLUSIVE),),
        waits=f"queries that use {default} wait for a moment; from then until the "
        "attach, rows of that range are refused",
    )


def proving(facts: Facts) -> Step:
    """Write the step that reads DEFAULT, beside everybody."""
    default = _default(facts)
    return Step(
        phase="validate",
        sql=SQL("ALTER TABLE {} VALIDATE CONSTRAINT {};").format(
            relation(default), Identifier(WINDOW)
        ),
        locks=(lock_of(default, UPDATE),),
    )


def closing(default: Name) -> Step:
    """Write the step that takes the CHECK away again."""
    return Step(
        phase="reopen",
        sql=SQL("ALTER TABLE {} DROP CONSTRAINT IF EXISTS {};").format(
            relation(default), Identifier(WINDOW)
        ),
        locks=(lock_of(default, EXCLUSIVE),),
        waits=f"queries that use {default} wait for a moment",
    )


def _default(facts: Facts) -> Name:
    if facts.default is None:
        raise LookupError(f"{facts.name} has no DEFAULT partition")
    return facts.default
