"""Claims: one engine at a time works on a table.

A claim is an advisory lock on the very session that runs the DDL, so both die
together.
"""

from __future__ import annotations

from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import psycopg

from partman_core.pg.transactions import recover

if TYPE_CHECKING:
    from collections.abc import Iterator

MAINTENANCE = 0x7061_7274
"""The first key of every claim: "part" in ASCII, to stay clear of others' keys."""


@contextmanager
def claim(conn: psycopg.Connection[Any], oid: int) -> Iterator[bool]:
    """Claim a table for as long as the block runs; False: somebody else has it.

    :param oid: of the table; PostgreSQL's second key is signed, oids are not.
    """
    key = oid if oid < 1 << 31 else oid - (1 << 32)
    keys = (MAINTENANCE, key)
    (got,) = conn.execute("SELECT pg_try_advisory_lock(%s, %s)", keys).fetchall()[0]
    try:
        yield got
    finally:
        if got:
            _let_go(conn, keys)


def _let_go(conn: psycopg.Connection[Any], keys: tuple[int, int]) -> None:
    """Give a claim back; where the session is gone, so is the claim."""
    with suppress(psycopg.OperationalError):
        recover(conn)
        conn.execute("SELECT pg_advisory_unlock(%s, %s)", keys)
