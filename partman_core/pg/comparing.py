"""How PostgreSQL itself orders and prints two values of a type."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, LiteralString, cast

from attrs import frozen

from partman_core.pg.driver import errors
from partman_core.pg.driver import sql as composed

if TYPE_CHECKING:
    import psycopg

_TYPE = """
SELECT format_type(oid, -1), typcollation <> 0
  FROM pg_type WHERE oid = to_regtype(%s)"""
_BOTH = (
    "SELECT a::text, b::text, a{0} < b{0}"
    " FROM (SELECT CAST(%s AS {1}) AS a, CAST(%s AS {1}) AS b) AS given"
)


@frozen
class Comparison:
    """Compares values of one type.

    :param conn: with our settings, in autocommit.
    :param statement: what is asked.
    """

    conn: psycopg.Connection[Any]
    statement: composed.Composed

    @classmethod
    def of(cls, conn: psycopg.Connection[Any], kind: str) -> Comparison | None:
        """Return what compares values of a type; None: there is no such type.

        Text is ordered by its bytes.

        :param kind: as ``format_type`` names it, without modifiers.
        """
        row = conn.execute(_TYPE, [kind]).fetchone()
        if row is None:
            return None
        name, is_text = row
        how = composed.SQL(' COLLATE "C"' if is_text else "")
        written = composed.SQL(cast("LiteralString", name))
        return cls(conn, composed.SQL(_BOTH).format(how, written))

    def __call__(self, one: str, other: str) -> tuple[str, str, bool] | None:
        """Return both as they are printed, and whether the first one is less.

        :returns: None: one of them is no value of the type.
        """
        try:
            row = self.conn.execute(self.statement, [one, other]).fetchone()
        except errors.DataError:
            return None
        return None if row is None else (row[0], row[1], row[2])
