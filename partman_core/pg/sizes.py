"""How much disk tables take: exactly, and without waiting for anybody."""

from __future__ import annotations

from typing import TYPE_CHECKING

from partman_core.pg.driver import errors
from partman_core.pg.failures import explained
from partman_core.pg.queries import queries
from partman_core.pg.session import read

if TYPE_CHECKING:
    from collections.abc import Sequence

    from partman_core.pg.session import Connection

_SQL = queries("sizes.sql")

BUDGET = "3s"
"""How long to go on counting."""


def sizes(conn: Connection, oids: Sequence[int]) -> dict[int, int | None]:
    """Return how much disk tables take, indexes and TOAST included, by oid.

    :returns: bytes; None for what somebody holds or wants exclusively, and for all
        where that came in between; one that is gone is left out.
    """
    try:
        with explained(conn):
            found = read(conn, _SQL["sizes"], {"oids": list(oids)}, budget=BUDGET)
    except (errors.LockNotAvailable, errors.QueryCanceled):
        return dict.fromkeys(oids)
    return dict(found)
