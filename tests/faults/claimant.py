"""A client that holds a claim, somewhere else: DSN, oid of a table, what it does then.

It says that it has the claim by a line, and goes on until it is killed.
"""

from __future__ import annotations

import signal
import sys

from partman_core.pg import claims, session


def main(dsn: str, oid: str, statement: str) -> None:
    """Claim the table, say so, and do one thing more."""
    conn = session.connect(dsn)
    taken = claims.take(conn, int(oid))
    print(f"claimed {taken is not None}", flush=True)  # noqa: T201
    if statement:
        conn.execute(statement)  # type: ignore[call-overload]
    signal.pause()


if __name__ == "__main__":
    main(*sys.argv[1:])
