"""Claims: one engine at a time works on a table.

A claim is an advisory lock on the very session that runs the DDL, so both die
together.  What is disposed of has claims of its own: a hook may archive for hours
while the next run creates partitions.
"""

from __future__ import annotations

from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import psycopg
from attrs import frozen

from partman_core.pg.transactions import recover

if TYPE_CHECKING:
    from collections.abc import Iterator

MAINTENANCE = 0x7061_7274
"""The first key of claims on creations and retirements: "part" in ASCII, to stay clear
of others' keys."""

DISPOSAL = 0x7061_7275
"""The first key of claims on moves and drops."""


@frozen
class Claim:
    """A claim that is held."""

    conn: psycopg.Connection[Any]
    keys: tuple[int, int]

    @property
    def is_lost(self) -> bool:
        """Whether it ended with its session."""
        return bool(self.conn.closed)

    def let_go(self) -> None:
        """Give it back; where the session is gone, so is the claim."""
        with suppress(psycopg.OperationalError):
            recover(self.conn)
            self.conn.execute("SELECT pg_advisory_unlock(%s, %s)", self.keys)


def take(
    conn: psycopg.Connection[Any], oid: int, kind: int = MAINTENANCE
) -> Claim | None:
    """Claim a table; None: somebody else has it.

    :param oid: of the table; PostgreSQL's second key is signed, oids are not.
    :param kind: :data:`MAINTENANCE` or :data:`DISPOSAL`.
    """
    keys = (kind, oid if oid < 1 << 31 else oid - (1 << 32))
    (got,) = conn.execute("SELECT pg_try_advisory_lock(%s, %s)", keys).fetchall()[0]
    return Claim(conn, keys) if got else None


@contextmanager
def claim(conn: psycopg.Connection[Any], oid: int) -> Iterator[bool]:
    """Claim a table for as long as the block runs; False: somebody else has it."""
    taken = take(conn, oid)
    try:
        yield taken is not None
    finally:
        if taken is not None:
            taken.let_go()
