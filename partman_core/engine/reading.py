"""What an engine tells: nothing here changes anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from partman_core.engine.core import Core
from partman_core.engine.declared import typed
from partman_core.engine.explanation import Explained, explain
from partman_core.engine.judging import judge
from partman_core.engine.names import remembered
from partman_core.engine.opening import moment
from partman_core.engine.survey import plan_of
from partman_core.pg import catalog, registry
from partman_core.planner import nesting

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from partman_core.health import Health
    from partman_core.model import Deed, Partition, Run, Table
    from partman_core.naming import Name
    from partman_core.plan import Plan


class Reading(Core):
    """The questions that an engine answers."""

    def plan(
        self,
        *tables: str,
        now: datetime | None = None,
        max_drops: int | None = None,
        only: Sequence[str] = (),
    ) -> Plan:
        """Say what maintenance would do.

        :param tables: which; none: all.
        :param now: as if it were then, aware; None: now.
        :param max_drops: retire at most so many partitions of a table.
        :param only: kinds of operations; empty: all.
        """
        with self._opener.session() as opened:
            surveyor = self._surveyor(only, max_drops)
            at = opened.now if now is None else moment(now)
            return plan_of(surveyor.look(opened, tables, now=at), at, only)

    def explain(self, plan: Plan) -> tuple[Explained, ...]:
        """Return the statements and the locks of each of a plan's operations."""
        with self._opener.session() as opened:
            return explain(opened.conn, self._surveyor(), opened, plan)

    def check(self, *tables: str, now: datetime | None = None) -> list[Health]:
        """Say how the tables are: runway, findings, what is waiting to be done.

        :param now: as if it were then, aware; None: now.
        """
        with self._opener.session() as opened:
            at = opened.now if now is None else moment(now)
            return judge(opened, self._surveyor(), tables, at)

    def managed_tables(self) -> list[Table]:
        """Return the managed tables with their settings.

        :raises ConfigError: the settings of one cannot be read, for example for
            want of a plugin.
        """
        with self._opener.session() as opened:
            declared = self._surveyor().declared(opened)
            return [typed(one, self.plugins) for one in declared]

    def partitions(self, table: str | Name) -> list[Partition]:
        """Return a managed table's partitions, oldest first, DEFAULT last.

        One that is partitioned again comes before its own.
        """
        with self._opener.session() as opened:
            declared = self._surveyor().declared(opened, (str(table),))[0]
            tree = catalog.trees(opened.conn, self.schema, [declared.oid])[declared.oid]
        return list(nesting.everything(tree))

    def history(self, *tables: str, limit: int = 50) -> list[Deed]:
        """Return what was done, the newest first.

        :param tables: which, also such as are no longer managed; none: all.
        :param limit: at most so many.
        :raises ConfigError: one is not managed, and nothing was ever done with it.
        """
        with self._opener.session() as opened:
            managed = self._surveyor().declared(opened)
            names = remembered(opened, self.schema, managed, tables)
            if not opened.registered:
                return []
            return registry.history(opened.conn, self.schema, names, limit)

    def runs(self, *, limit: int = 20) -> list[Run]:
        """Return the runs, the newest first.

        :param limit: at most so many.
        """
        with self._opener.session() as opened:
            if not opened.registered:
                return []
            return registry.runs(opened.conn, self.schema, limit)
