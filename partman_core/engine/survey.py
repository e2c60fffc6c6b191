"""A look at managed tables: what is wanted, what is there, and so what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve, frozen

from partman_core.engine.axes import axis
from partman_core.engine.declared import managed, typed
from partman_core.engine.found import with_values
from partman_core.engine.names import pick
from partman_core.engine.planning import Planning, broken
from partman_core.engine.positions import with_positions
from partman_core.engine.widening import widened
from partman_core.errors import ConfigError, PartmanError, PluginError
from partman_core.naming import Name
from partman_core.pg import catalog, facts
from partman_core.plan import Create, Finding, Plan, TablePlan
from partman_core.tenancy import column_of, spelled

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from partman_core.engine.opening import Session
    from partman_core.keys import Codec
    from partman_core.model import Table, Tree
    from partman_core.pg.registry import Declared
    from partman_core.plugins import Plugins


@frozen(kw_only=True)
class View:
    """One managed table, looked at.

    :param faults: why nothing of it may be destroyed.
    :param error: why it could not be looked at; the rest is None then.
    """

    declared: Declared
    table: Table | None = None
    tree: Tree | None = None
    codec: Codec | None = None
    plan: TablePlan | None = None
    faults: tuple[Finding, ...] = ()
    error: PartmanError | None = None


@frozen(kw_only=True)
class Surveyor:
    """How the tables of one database are looked at.

    :param only: kinds of operations to plan; empty: all.
    :param max_drops: how many partitions of a table may be retired at once; None:
        as each table has it.
    """

    schema: str
    plugins: Plugins
    only: tuple[str, ...] = ()
    max_drops: int | None = None

    def look(
        self,
        session: Session,
        names: Sequence[str] = (),
        *,
        now: datetime | None = None,
    ) -> list[View]:
        """Look at managed tables.

        :param names: as users write them; none: all tables.
        :param now: another moment than the session's, for a look ahead.
        :raises ConfigError: one of *names* is not managed.
        """
        declared = self.declared(session, names)
        oids = [one.oid for one in declared if not one.missing]
        trees = catalog.trees(session.conn, self.schema, oids) if oids else {}
        return self.survey(session, declared, trees, now or session.now)

    def survey(
        self,
        session: Session,
        declared: Sequence[Declared],
        trees: Mapping[int, Tree],
        now: datetime,
    ) -> list[View]:
        """Look at tables by declarations that need not be written yet.

        :param trees: by oid, as the catalog has them.
        """
        known, faults = widened(session, self.plugins, declared, trees)
        known = with_values(session, declared, known, self.plugins)
        known = with_positions(session.conn, declared, known, self.plugins)
        views = [
            self._view(one, known.get(one.oid), now, faults.get(one.oid, ()))
            for one in declared
        ]
        return self._with_free_names(session, views, now)

    def declared(self, session: Session, names: Sequence[str] = ()) -> list[Declared]:
        """Read the registry's tables: those named, or all.

        :raises ConfigError: one of *names* is not managed.
        :raises PluginError: see :func:`managed`.
        """
        found = managed(session, self.schema, self.plugins)
        return [pick(found, name) for name in names] if names else found

    def _view(
        self,
        declared: Declared,
        tree: Tree | None,
        now: datetime,
        faults: tuple[Finding, ...],
    ) -> View:
        try:
            return self._looked(declared, tree, now, faults)
        except PartmanError as error:
            return View(declared=declared, error=error)
        except Exception as error:  # noqa: BLE001 - one table's fault is its own
            return View(declared=declared, error=self._unforeseen(declared, error))

    def _unforeseen(self, declared: Declared, error: Exception) -> PluginError:
        """Return the error for a strategy or codec that raised what it should not."""
        known = self.plugins.blamed(error)
        what = known.message if known else f"{type(error).__name__}: {error}"
        problem = PluginError(
            f"{declared.name} cannot be planned: {' '.join(what.split())}",
            hint=known.hint if known else "its strategy or codec is broken",
            code="plugin-broken",
        )
        problem.__cause__ = error
        return problem

    def _looked(
        self,
        declared: Declared,
        tree: Tree | None,
        now: datetime,
        faults: tuple[Finding, ...],
    ) -> View:
        if tree is None:
            raise ConfigError(
                f"{declared.name} is registered, but there is no such table any more",
                hint=f"`partman unregister {declared.name}` forgets it",
                code="table-gone",
            )
        table = typed(declared, self.plugins)
        codec = axis(table, tree, self.plugins)
        tree, more = self._with_tenants(table, tree)
        faults += more
        plan = self.plan(table, tree, codec, now, faults=faults)
        return View(
            declared=declared, table=table, tree=tree, codec=codec, plan=plan,
            faults=faults,
        )  # fmt: skip

    def _with_tenants(
        self, table: Table, tree: Tree
    ) -> tuple[Tree, tuple[Finding, ...]]:
        """Add all tenants that are known; tell of a plugin that fails.

        :param tree: with those that the table's own question has found.
        """
        named, errors = self.plugins.tenants(table)
        known = {*tree.tenants, *table.overrides, *named}
        faults = tuple(broken(table, error) for error in errors)
        if not known:
            return tree, faults
        column = column_of(table, tree)
        kind = column.type if column else "text"
        every = sorted({spelled(tenant, kind) for tenant in known})
        return evolve(tree, tenants=tuple(every)), faults

    def plan(  # noqa: PLR0913 - all that a plan depends on
        self,
        table: Table,
        tree: Tree,
        codec: Codec | None,
        now: datetime,
        *,
        taken: Iterable[Name] = (),
        faults: tuple[Finding, ...] = (),
    ) -> TablePlan:
        """Plan one table with everything the plugins say.

        :param taken: names that relations outside of *tree* have.
        :param faults: why nothing may be destroyed, besides what is found here.
        """
        planning = Planning(
            plugins=self.plugins,
            now=now,
            max_drops=self.max_drops,
            taken=frozenset(taken),
        )
        made = planning.plan(table, tree, codec, faults)
        if not self.only:
            return made
        some = tuple(op for op in made.operations if op.kind in self.only)
        return evolve(made, operations=some)

    def _with_free_names(
        self, session: Session, views: list[View], now: datetime
    ) -> list[View]:
        """Plan again where a planned name belongs to some other relation.

        The name that comes instead may be taken as well: by a partition of ours that
        somebody took out by hand, for example.  So it is asked for again.
        """
        taken: set[Name] = set()
        while more := self._taken(session, views) - taken:
            taken |= more
            views = [self._renamed(view, taken, now) for view in views]
        return views

    def _taken(self, session: Session, views: list[View]) -> set[Name]:
        names = [
            name
            for view in views
            if view.plan
            for op in view.plan.operations
            if isinstance(op, Create) and op.built is None
            for name in op.names
        ]
        return facts.taken(session.conn, names) if names else set()

    def _renamed(self, view: View, taken: set[Name], now: datetime) -> View:
        if not (view.table and view.tree and view.plan):
            return view
        made = [op for op in view.plan.operations if isinstance(op, Create)]
        if taken.isdisjoint(name for op in made for name in op.names):
            return view
        plan = self.plan(
            view.table, view.tree, view.codec, now, taken=taken, faults=view.faults
        )
        return evolve(view, plan=plan)


def plan_of(views: Sequence[View], now: datetime, only: Sequence[str] = ()) -> Plan:
    """Put the views' plans together.

    A table that could not be looked at has its error as a finding.
    """
    parts = tuple(_part(view) for view in views)
    return Plan(now=now, tables=parts, only=tuple(only))


def _part(view: View) -> TablePlan:
    if view.plan is not None:
        return view.plan
    error = view.error or ConfigError(f"{view.declared.name} could not be planned")
    found = Finding(
        code=error.code,
        severity="error",
        table=view.declared.name,
        message=error.message,
        hint=error.hint,
    )
    return TablePlan(table=view.declared.name, findings=(found,))
