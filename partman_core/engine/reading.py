"""What an engine tells: nothing here changes anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from partman_core.engine.core import Core
from partman_core.engine.declared import typed
from partman_core.engine.explanation import Explained, explain
from partman_core.engine.judging import judge
from partman_core.engine.names import remembered
from partman_core.engine.opening import moment
from partman_core.engine.survey import Surveyor, View, plan_of
from partman_core.pg import catalog, holders, registry, sizes
from partman_core.planner import nesting

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from partman_core.engine.opening import Session
    from partman_core.health import Health
    from partman_core.model import Deed, Partition, Run, Table
    from partman_core.naming import Name
    from partman_core.pg.holders import Blocker
    from partman_core.pg.registry import Tally
    from partman_core.pg.server import Server
    from partman_core.plan import Plan, TablePlan


@frozen(kw_only=True)
class Seen:
    """One managed table, and how it is.

    :param view: what it should be, what is there, and what is to be done.
    """

    view: View
    health: Health


@frozen(kw_only=True)
class Sight:
    """Managed tables as one look found them.

    :param now: the moment they are judged at, aware, UTC.
    :param read_at: when that was, by the server's clock, aware, UTC.
    :param last_run: the last run that there was.
    """

    server: Server
    now: datetime
    read_at: datetime
    tables: tuple[Seen, ...]
    last_run: Run | None


@frozen(kw_only=True)
class _Looked(Surveyor):
    """A surveyor that has looked already."""

    views: tuple[View, ...]

    def look(
        self,
        session: Session,  # noqa: ARG002 - whoever asks gives it
        names: Sequence[str] = (),  # noqa: ARG002
        *,
        now: datetime | None = None,  # noqa: ARG002
    ) -> list[View]:
        """Return what was seen."""
        return list(self.views)


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

    def look(self, *tables: str, now: datetime | None = None) -> Sight:
        """Return tables with their health and all that it was judged by, at one look.

        :param tables: which; none: all.
        :param now: as if it were then, aware; None: now.
        """
        with self._opener.session() as opened:
            surveyor = self._surveyor()
            at = opened.now if now is None else moment(now)
            views = surveyor.look(opened, tables, now=at)
            told = judge(opened, self._looked(views), tables, at)
            last = None
            if opened.registered:
                last = registry.last(opened.conn, self.schema)[0]
            return Sight(
                server=opened.server,
                now=at,
                read_at=opened.server.now,
                tables=tuple(
                    Seen(view=view, health=health)
                    for view, health in zip(views, told, strict=True)
                ),
                last_run=last,
            )

    def _looked(self, views: Iterable[View]) -> Surveyor:
        return _Looked(schema=self.schema, plugins=self.plugins, views=tuple(views))

    def ahead(
        self, table: str, moments: Sequence[datetime], *, max_drops: int | None = None
    ) -> list[TablePlan]:
        """Say what would be due at several moments, if nothing were done till then.

        The table is looked at once.

        :param moments: aware.
        :param max_drops: retire at most so many partitions; None: as the table has it.
        :raises PartmanError: the table cannot be planned.
        """
        with self._opener.session() as opened:
            surveyor = self._surveyor((), max_drops)
            (view,) = surveyor.look(opened, (table,))
            if view.error is not None:
                raise view.error
            if view.table is None or view.tree is None:
                return []
            return [
                surveyor.plan(
                    view.table, view.tree, view.codec, moment(at), faults=view.faults
                )
                for at in moments
            ]

    def sizes(self, oids: Sequence[int]) -> dict[int, int | None]:
        """Return how much disk tables take with indexes and TOAST, in bytes, by oid.

        :returns: None for one that somebody holds exclusively; one that is gone is
            left out.
        """
        with self._opener.session() as opened:
            return sizes.sizes(opened.conn, oids)

    def in_the_way(self, locks: Mapping[str, str]) -> list[Blocker]:
        """Say which sessions hold what locks would have to wait for; no run of ours.

        :param locks: by the quoted name of a relation, the mode of the lock.
        """
        with self._opener.session() as opened:
            found = holders.holders(opened.conn, locks)
            pids = {one.pid for one in found if one.pid is not None}
            pids -= registry.at_work(opened.conn, self.schema)
            return holders.blockers(opened.conn, pids) if pids else []

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

    def runs(
        self,
        *,
        limit: int = 20,
        before: int | None = None,
        table: str | None = None,
    ) -> list[Run]:
        """Return the runs, the newest first.

        :param limit: at most so many.
        :param before: only those with a smaller number.
        :param table: only those that did something with it.
        """
        with self._opener.session() as opened:
            if not opened.registered:
                return []
            name = None
            if table is not None:
                managed = self._surveyor().declared(opened)
                (name,) = remembered(opened, self.schema, managed, (table,))
            return registry.runs(
                opened.conn, self.schema, limit, before=before, table=name
            )

    def run(self, number: int) -> Run | None:
        """Return one run; None: there is none of that number."""
        with self._opener.session() as opened:
            if not opened.registered:
                return None
            found = registry.runs(opened.conn, self.schema, 1, run=number)
            return next(iter(found), None)

    def happened(self, run: int, *, after: int = 0) -> list[tuple[int, Deed]]:
        """Return what one run did, in order, each with the number of its entry.

        :param run: its number.
        :param after: only entries with a greater number.
        """
        with self._opener.session() as opened:
            if not opened.registered:
                return []
            return registry.happened(opened.conn, self.schema, run, after)

    def tallies(self, *runs: int) -> dict[int, Tally]:
        """Count what runs did, by their numbers; one that did nothing is left out."""
        with self._opener.session() as opened:
            if not opened.registered:
                return {}
            return registry.tallies(opened.conn, self.schema, runs)
