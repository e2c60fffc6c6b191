"""Everything that speaks to PostgreSQL, and the only place that writes SQL."""

from __future__ import annotations

# Before any other module here imports psycopg: without libpq it says what to do.
from partman_core.pg import driver as driver
