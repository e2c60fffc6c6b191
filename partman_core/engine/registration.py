"""Registration: what is wanted of a table is checked whole, then written down."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import evolve, frozen

from partman_core import config
from partman_core.engine.checks import (
    refuse_what_cannot_work,
    refuse_without_consent,
)
from partman_core.engine.declared import managed, redeclared, with_overrides
from partman_core.engine.names import parsed, pick
from partman_core.engine.positions import placed
from partman_core.engine.survey import Surveyor, plan_of
from partman_core.engine.syncing import Sync
from partman_core.errors import ConfigError
from partman_core.naming import as_typed
from partman_core.pg import catalog, registry
from partman_core.plan import Plan

if TYPE_CHECKING:
    from collections.abc import Mapping

    from partman_core.config import Change
    from partman_core.engine.opening import Session
    from partman_core.model import Origin, Table, Tree
    from partman_core.naming import Name
    from partman_core.pg.registry import Declared
    from partman_core.plugins import Plugins

__all__ = ["Registrar", "Registration", "Sync"]


@frozen(kw_only=True)
class Registration:
    """What registering, or unregistering, a table changed.

    :param created: whether it was not managed before.
    :param changes: setting by setting.
    :param plan: what maintenance would do with it now.
    :param dry_run: whether nothing was written.
    """

    table: Name
    created: bool
    changes: tuple[Change, ...]
    plan: Plan
    dry_run: bool = False


@frozen(kw_only=True)
class Registrar:
    """How tables are registered in one session."""

    opened: Session
    schema: str
    plugins: Plugins

    def register(  # noqa: PLR0913 - the declaration and how to take it
        self,
        name: str | Name,
        settings: Mapping[str, Any],
        *,
        confirm: bool,
        dry_run: bool,
        origin: Origin = "api",
        where: str = "",
    ) -> Registration:
        """Check a declaration whole, and write it down.

        :param confirm: also where it retires more than before.
        :raises ConfigError: it cannot work, or has to be confirmed; nothing is
            written then.
        """
        if not dry_run:
            self.opened.require_writable()
        tree = self.tree(parsed(name))
        before = self._before(tree.oid)
        self._check_origin(before, origin, tree.name)
        table = config.structure(
            settings, tree.name, self.plugins, where=where, origin=origin,
            parent_type=tree.key.method, paused=before.paused if before else False,
        )  # fmt: skip
        asked = before.requires if before else ()
        table = evolve(table, requires=self.plugins.guards(table, asked))
        table = with_overrides(table, before)
        tree = placed(self.opened.conn, table, tree, self.plugins)
        refuse_what_cannot_work(table, tree, self.opened, self.plugins)
        if not (confirm or dry_run):
            refuse_without_consent(before, table, tree, self.plugins)
        if not dry_run:
            self._write(tree.oid, table)
        return self._result(before, table, tree, dry_run=dry_run)

    def unregister(self, declared: Declared, *, dry_run: bool = False) -> Registration:
        """Forget a table; its partitions stay as they are.

        :raises ConfigError: a run was cut short and left tables that only we know.
        """
        self._check_nothing_loose(declared)
        if not dry_run:
            self.opened.require_writable()
            registry.remove(self.opened.conn, self.schema, declared.oid)
        return Registration(
            table=declared.name,
            created=False,
            changes=config.difference(declared.settings, {}),
            plan=Plan(now=self.opened.now),
            dry_run=dry_run,
        )

    def _check_nothing_loose(self, declared: Declared) -> None:
        if declared.missing:
            return
        oid = declared.oid
        tree = catalog.trees(self.opened.conn, self.schema, [oid]).get(oid)
        if tree is not None and tree.built:
            raise ConfigError(
                f"{declared.name}: {len(tree.built)} tables are built for it and not "
                f"attached yet ({tree.built[0].name}, ...): nobody would know them",
                hint=f"`partman maintain {as_typed(declared.name)}` attaches or "
                "removes them; unregister it then",
                code="unattached",
            )

    def tree(self, name: Name) -> Tree:
        """Return the partitioned table of that name, and what it holds.

        :raises ConfigError: there is none.
        """
        oid = catalog.resolve(self.opened.conn, name)
        schema = self.schema if self.opened.registered else None
        found = catalog.trees(self.opened.conn, schema, [oid]).get(oid)
        if found is None:
            raise ConfigError(f"{name} is gone", code="unknown-table")
        return evolve(found, columns=catalog.columns(self.opened.conn, [oid])[oid])

    def _before(self, oid: int) -> Declared | None:
        return next((one for one in self.managed_tables() if one.oid == oid), None)

    def managed_tables(self) -> list[Declared]:
        """Return all managed tables."""
        return managed(self.opened, self.schema, self.plugins)

    def _check_origin(
        self, before: Declared | None, origin: Origin, name: Name
    ) -> None:
        if before is not None and before.origin == "file" and origin == "api":
            raise ConfigError(
                f"{name} is declared by a settings file",
                hint="change it there and run `partman sync`, or unregister it first",
                code="declared-by-file",
            )

    def _write(self, oid: int, table: Table) -> None:
        registry.ensure(self.opened.conn, self.schema)
        registry.save(
            self.opened.conn,
            self.schema,
            oid,
            table.name,
            table.settings,
            origin=table.origin,
            requires=table.requires,
            paused=table.paused,
            now=self.opened.now,
        )

    def plan(self, declared: Declared) -> Plan:
        """Plan a table by a declaration that need not be written yet."""
        return self._plan(declared, self.tree(declared.name))

    def _plan(self, declared: Declared, tree: Tree) -> Plan:
        """Plan it as maintenance would: with all that is asked for then."""
        surveyor = Surveyor(schema=self.schema, plugins=self.plugins)
        now, trees = self.opened.now, {tree.oid: tree}
        [view] = surveyor.survey(self.opened, [declared], trees, now)
        if view.error is not None:
            raise view.error
        return plan_of([view], now)

    def _result(
        self, before: Declared | None, table: Table, tree: Tree, *, dry_run: bool
    ) -> Registration:
        written = redeclared(before, table, tree.oid, self.opened.now)
        return Registration(
            table=table.name,
            created=before is None,
            changes=config.difference(
                before.settings if before else None, table.settings
            ),
            plan=self._plan(written, tree),
            dry_run=dry_run,
        )

    def managed(self, name: str | Name) -> Declared:
        """Return the managed table that a user means."""
        return pick(self.managed_tables(), name)
