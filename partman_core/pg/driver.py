"""psycopg, or one sentence about what it lacks.

psycopg is a thin layer over libpq and installs without it.  Importing this module
before psycopg turns its long report on that into an error that says what to do.
"""

from __future__ import annotations

from partman_core.errors import ConfigError

try:
    import psycopg
    from psycopg import errors, pq, sql
except ImportError:
    raise ConfigError(
        "psycopg is installed, but finds no libpq, PostgreSQL's client library",
        hint="pip install 'partman[binary]' brings one along; 'partman[c]' builds "
        "against the system's; or install the system's package, as in "
        "apt install libpq5",
        code="libpq",
    ) from None

__all__ = ["errors", "pq", "psycopg", "sql"]
