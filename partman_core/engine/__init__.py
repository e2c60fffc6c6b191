"""The engine: everything partman does, behind one object.

Making one does no I/O.  Each method opens a session of its own and closes it;
nothing is kept in between but the plugins.
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from partman_core import config
from partman_core.engine.adoption import take_over
from partman_core.engine.explanation import Explained, explain
from partman_core.engine.judging import judge
from partman_core.engine.maintenance import Maintenance, expected_of
from partman_core.engine.names import named
from partman_core.engine.opening import Opener, Session, moment
from partman_core.engine.registration import Registrar, Registration, Sync
from partman_core.engine.survey import Surveyor, plan_of, typed
from partman_core.model import Table
from partman_core.naming import Name
from partman_core.pg import catalog, registry
from partman_core.plugins import Plugins

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    import psycopg

    from partman_core.adopt import Adoption
    from partman_core.health import Health
    from partman_core.model import Deed, Partition, Run
    from partman_core.plan import Plan
    from partman_core.report import Report

__all__ = ["Engine", "Explained", "Registration", "Sync"]

CREATING = ("create", "discard")
RETIRING = ("finalize", "detach", "move", "drop")


class Engine:
    """Keeps the partitioned tables of one database healthy.

    :param target: a DSN, or a callable that opens a psycopg connection which is
        the engine's own.
    :param plugins: objects, modules or dotted names, besides those installed.
    :param without: names of plugins to leave out.
    :param clock: gives the time, aware; None: as plugins say, else the server's.
    :param logger: like :class:`logging.Logger`; None: as plugins say.
    :param schema: where partman keeps its own tables.
    """

    def __init__(  # noqa: PLR0913 - what an engine is made of
        self,
        target: str | Callable[[], psycopg.Connection[Any]],
        *,
        plugins: Sequence[object] = (),
        without: Sequence[str] = (),
        clock: Callable[[], datetime] | None = None,
        logger: Any = None,
        schema: str = "partman",
    ) -> None:
        self.schema = schema
        self._target = target
        self._clock = clock
        self._logger = logger
        self._given = (tuple(plugins), tuple(without))

    @cached_property
    def plugins(self) -> Plugins:
        """The plugins of this engine, found when they are first needed."""
        return Plugins(*self._given)

    @cached_property
    def _opener(self) -> Opener:
        return Opener(
            target=self._target,
            schema=self.schema,
            plugins=self.plugins,
            clock=self._clock or self.plugins.clock(),
        )

    @property
    def _log(self) -> Any:
        return self._logger or self.plugins.logger()

    def _surveyor(
        self, only: Sequence[str] = (), max_drops: int | None = None
    ) -> Surveyor:
        return Surveyor(
            schema=self.schema,
            plugins=self.plugins,
            only=tuple(only),
            max_drops=max_drops,
        )

    def _registrar(self, opened: Session) -> Registrar:
        return Registrar(opened=opened, schema=self.schema, plugins=self.plugins)

    def register(
        self,
        table: str | Name | Table,
        *,
        confirm: bool = False,
        dry_run: bool = False,
        **settings: Any,
    ) -> Registration:
        """Declare what is wanted of a table: a full declaration, each time.

        What is not named takes its default, and stands in the difference.

        :param table: its name as SQL writes it, or a ready :class:`Table`.
        :param confirm: also where it retires more than before.
        :param dry_run: check and plan, and write nothing at all.
        :param settings: the keys of a settings file.
        :raises ConfigError: it cannot work; nothing is written then.
        """
        name: str | Name = table.name if isinstance(table, Table) else table
        if isinstance(table, Table):
            settings = {**config.unstructure(table, self.plugins), **settings}
        with self._opener.session() as opened:
            return self._registrar(opened).register(
                name, settings, confirm=confirm, dry_run=dry_run
            )

    def unregister(self, table: str | Name) -> Registration:
        """Forget a table; its partitions and their rows stay as they are.

        :raises ConfigError: it is not managed.
        """
        with self._opener.session() as opened:
            registrar = self._registrar(opened)
            return registrar.unregister(registrar.managed(table))

    def sync(
        self,
        path: str | Path,
        *,
        prune: bool = False,
        confirm: bool = False,
        dry_run: bool = False,
    ) -> Sync:
        """Write a settings file's tables into the registry.

        :param prune: unregister the tables that left the file.
        :param confirm: also where a table retires more than before.
        :param dry_run: show the difference, and write nothing.
        :raises ConfigError: the file has mistakes; all of them are named.
        """
        found, _ = config.read_tables(Path(path), self.plugins)
        with self._opener.session() as opened:
            return self._registrar(opened).sync(
                found.tables, prune=prune, confirm=confirm, dry_run=dry_run
            )

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

    def apply(
        self,
        plan: Plan | Mapping[str, Any],
        *,
        max_drops: int | None = None,
    ) -> Report:
        """Do what a plan says, table by table, if it still holds.

        :param plan: as :meth:`plan` made it, or as JSON from a file.
        :param max_drops: as it was given to :meth:`plan`.
        :returns: the report; a table whose plan no longer holds is in it as stale.
        """
        expected, only = expected_of(plan)
        return self._maintain(
            "apply", tuple(map(str, expected)), only, max_drops, expected
        )

    def maintain(self, *tables: str, max_drops: int | None = None) -> Report:
        """Create what will be needed and retire what is no longer kept.

        :param tables: which; none: all.
        :param max_drops: retire at most so many partitions of a table.
        """
        return self._maintain("maintain", tables, (), max_drops)

    def create_future_partitions(self, *tables: str) -> Report:
        """Create what will be needed, and retire nothing."""
        return self._maintain("create", tables, CREATING)

    def drop_old_partitions(self, *tables: str, max_drops: int | None = None) -> Report:
        """Retire what is no longer kept, and create nothing."""
        return self._maintain("retire", tables, RETIRING, max_drops)

    def _maintain(
        self,
        command: str,
        tables: tuple[str, ...],
        only: Sequence[str],
        max_drops: int | None = None,
        expected: Mapping[Name, str] | None = None,
    ) -> Report:
        return Maintenance(
            opener=self._opener,
            surveyor=self._surveyor(only, max_drops),
            command=command,
            log=self._log,
            expected=expected,
        ).run(tables)

    def import_existing_partitions(
        self, table: str | Name, dry_run: bool = False
    ) -> Adoption:
        """Take the existing partitions that fit the grid under management.

        From then on retention applies to them.  The others are reported with the
        reason and stay as they are.

        :param dry_run: only say which.
        """
        with self._opener.session() as opened:
            return take_over(opened, self._surveyor(), str(table), dry_run=dry_run)

    def managed_tables(self) -> list[Table]:
        """Return the managed tables with their settings.

        :raises ConfigError: the settings of one cannot be read, for example for
            want of a plugin.
        """
        with self._opener.session() as opened:
            declared = self._surveyor().declared(opened)
            return [typed(one, self.plugins) for one in declared]

    def partitions(self, table: str | Name) -> list[Partition]:
        """Return a managed table's partitions, oldest first, DEFAULT last."""
        with self._opener.session() as opened:
            declared = self._surveyor().declared(opened, (str(table),))[0]
            tree = catalog.trees(opened.conn, self.schema, [declared.oid])[declared.oid]
        last = () if tree.default is None else (tree.default,)
        return [*tree.partitions, *last]

    def check(self, *tables: str, now: datetime | None = None) -> list[Health]:
        """Say how the tables are: runway, findings, what is waiting to be done.

        :param now: as if it were then, aware; None: now.
        """
        with self._opener.session() as opened:
            at = opened.now if now is None else moment(now)
            return judge(opened, self._surveyor(), tables, at)

    def history(self, *tables: str, limit: int = 50) -> list[Deed]:
        """Return what was done, the newest first.

        :param limit: at most so many.
        """
        with self._opener.session() as opened:
            managed = self._surveyor().declared(opened)
            names = [named(managed, table) for table in tables]
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
