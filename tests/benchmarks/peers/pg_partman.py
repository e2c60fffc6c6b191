"""pg_partman, the extension: Debian's package for its PostgreSQL 15."""

from __future__ import annotations

import psycopg

from peers.contenders import Contender
from peers.scene import AHEAD, DAY, KEPT

EXTENSION = """
CREATE SCHEMA IF NOT EXISTS partman;
CREATE EXTENSION IF NOT EXISTS pg_partman SCHEMA partman"""

PARENT = """
SELECT partman.create_parent('public.events', 'at', 'native', 'daily',
       p_premake := %s, p_start_partition := %s)"""

UNBOUND = """
UPDATE partman.part_config SET infinite_time_partitions = true"""

MORE = """
UPDATE partman.part_config SET premake = 1 + round(
       extract(epoch FROM age(%s::timestamptz, current_date)) / 86400)"""

LESS = """
UPDATE partman.part_config SET retention = %s, retention_keep_table = false"""


class PgPartman(Contender):
    """The extension, asked as its own background worker asks it."""

    name = "pg_partman"
    naming = "events_p%Y_%m_%d"
    servers = (15,)

    def version(self) -> str:
        """Say which version the server has."""
        query = "SELECT extversion FROM pg_extension WHERE extname = 'pg_partman'"
        with psycopg.connect(self.scene.worker) as conn:
            ((version,),) = conn.execute(query).fetchall()
        return str(version)

    def settle(self) -> None:
        """Register the table; a DEFAULT partition that it makes may not be wanted."""
        self._execute(EXTENSION)
        self._execute(PARENT, AHEAD - 1, str(self.scene.first))
        self._execute(UNBOUND)
        if not self.scene.kind.default:
            self._execute("DROP TABLE IF EXISTS events_default")

    def expect_more(self) -> None:
        """Say how many days ahead, as it counts them: a month has 30."""
        self._execute(MORE, self.scene.wanted[-1] - DAY)

    def create(self) -> None:
        """Run maintenance."""
        self._execute("CALL partman.run_maintenance_proc()")

    def expect_less(self) -> None:
        """Say how long is kept."""
        self._execute(LESS, f"{KEPT} days")

    def retire(self) -> None:
        """Run maintenance."""
        self.create()

    def _execute(self, statement: str, *values: object) -> None:
        with psycopg.connect(self.scene.worker, autocommit=True) as conn:
            conn.execute(statement, values or None)
