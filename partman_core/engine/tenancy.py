"""What an engine is told about tenants, and what it knows of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from attrs import evolve, frozen

from partman_core import config, tenancy
from partman_core.engine.declared import typed
from partman_core.engine.declaring import Declaring
from partman_core.errors import ConfigError
from partman_core.naming import as_typed
from partman_core.pg import tenants as pg_tenants
from partman_core.plan import Plan
from partman_core.planner.lanes import of_tenant
from partman_core.planner.nesting import holdings
from partman_core.strategy import Laned

if TYPE_CHECKING:
    from collections.abc import Iterable

    from partman_core.engine.opening import Session
    from partman_core.engine.registration import Registrar
    from partman_core.engine.survey import View
    from partman_core.interval import Interval
    from partman_core.keys import Column
    from partman_core.model import Table, Tree
    from partman_core.naming import Name
    from partman_core.pg.registry import Declared


@frozen(kw_only=True)
class TenantInfo:
    """One tenant of a table.

    :param registered: whether it was registered; else a plugin or the table's own
        question knows it, or only its partitions are there.
    :param known: whether it gets new partitions.
    :param own: the settings that are another for it, as they are stored.
    :param partitions: how many it has.
    :param rows: estimate; None if none of them was ever analysed.
    """

    tenant: str
    registered: bool
    known: bool
    own: Mapping[str, Any]
    partitions: int = 0
    rows: int | None = None
    bytes: int = 0


@frozen(kw_only=True)
class TenantChange:
    """What registering, or removing, tenants changed.

    :param added: those that were not registered before.
    :param removed: those that were.
    :param plan: what maintenance would do with the table now.
    """

    table: Name
    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    plan: Plan
    dry_run: bool = False


class Tenancy(Declaring):
    """The tenants of an engine's tables."""

    def register_tenant(  # noqa: PLR0913 - what can be a tenant's own
        self,
        table: str | Name,
        tenant: str,
        *,
        partition_interval: str | int | Interval | None = None,
        partition_count: int | None = None,
        retention_period: str | int | Interval | None = None,
        confirm: bool = False,
        dry_run: bool = False,
    ) -> TenantChange:
        """Have partitions made for a tenant, and say what is its own.

        A full declaration: what is not named is as the table has it.

        :param tenant: the value of the tenant column, as text.
        :param confirm: also where it retires more of the tenant than before.
        :param dry_run: check and plan, and write nothing.
        :raises ConfigError: it cannot work; nothing is written then.
        """
        own = {
            "partition_interval": partition_interval,
            "partition_count": partition_count,
            "retention_period": retention_period,
        }
        return self.register_tenants(
            table, {tenant: own}, confirm=confirm, dry_run=dry_run
        )

    def register_tenants(
        self,
        table: str | Name,
        tenants: Iterable[str] | Mapping[str, Mapping[str, Any]],
        *,
        confirm: bool = False,
        dry_run: bool = False,
    ) -> TenantChange:
        """Do the same for several tenants: for all of them, or for none.

        :param tenants: their values; or by value, what is its own.
        """
        with self._opener.session() as opened:
            registrar = self._registrar(opened)
            return _registered(
                registrar, registrar.managed(table), _settings(tenants),
                confirm=confirm, dry_run=dry_run,
            )  # fmt: skip

    def remove_tenants(
        self,
        table: str | Name,
        tenants: Iterable[str],
        *,
        confirm: bool = False,
        dry_run: bool = False,
    ) -> TenantChange:
        """Make no more partitions for tenants; those that there are stay.

        Retention goes on for these, by the settings of the table.

        :param confirm: also where these retire more of a tenant than its own did.
        :raises ConfigError: one of them is not registered, or it has to be confirmed;
            nothing is written then.
        """
        with self._opener.session() as opened:
            registrar = self._registrar(opened)
            return _removed(
                registrar, registrar.managed(table), tenants,
                confirm=confirm, dry_run=dry_run,
            )  # fmt: skip

    def tenants(self, table: str | Name) -> tuple[TenantInfo, ...]:
        """Return the tenants of a table: registered, known, or with partitions.

        :raises ConfigError: the table is not managed, or has no tenants.
        """
        with self._opener.session() as opened:
            [view] = self._surveyor().look(opened, [str(table)])
            return _tenants(view)


def _settings(
    tenants: Iterable[str] | Mapping[str, Mapping[str, Any]],
) -> dict[str, Mapping[str, Any]]:
    if isinstance(tenants, Mapping):
        return dict(tenants)
    return {tenant: {} for tenant in tenants}


def _registered(
    registrar: Registrar,
    declared: Declared,
    tenants: Mapping[str, Mapping[str, Any]],
    *,
    confirm: bool,
    dry_run: bool,
) -> TenantChange:
    opened = registrar.opened
    if not dry_run:
        opened.require_writable()
    table, tree = typed(declared, registrar.plugins), registrar.tree(declared.name)
    own = _checked(opened, table, tree, tenants)
    every = {**declared.tenants, **own}
    after = evolve(declared, tenants=every)
    if not confirm:
        _refuse_tightening(table, tree, typed(after, registrar.plugins), own)
    if not dry_run:
        pg_tenants.save(opened.conn, registrar.schema, declared.id, own, opened.now)
    before = declared.tenants
    return TenantChange(
        table=declared.name,
        added=tuple(t for t in own if t not in before),
        changed=tuple(t for t in own if t in before and before[t] != own[t]),
        plan=registrar.plan(after),
        dry_run=dry_run,
    )


def _removed(
    registrar: Registrar,
    declared: Declared,
    tenants: Iterable[str],
    *,
    confirm: bool,
    dry_run: bool,
) -> TenantChange:
    opened = registrar.opened
    if not dry_run:
        opened.require_writable()
    table, tree = typed(declared, registrar.plugins), registrar.tree(declared.name)
    column = _column(table, tree)
    names = pg_tenants.canonical(opened.conn, column.type, list(tenants))
    gone = list(dict.fromkeys(names))
    for tenant in gone:
        if tenant not in declared.tenants:
            raise ConfigError(
                f"{declared.name} has no registered tenant {tenant!r}",
                hint=f"`partman tenants list {as_typed(declared.name)}` lists them",
                code="unknown-tenant",
            )
    left = {t: own for t, own in declared.tenants.items() if t not in gone}
    after = evolve(declared, tenants=left)
    if not confirm:
        _refuse_tightening(table, tree, typed(after, registrar.plugins), gone)
    if not dry_run:
        pg_tenants.remove(opened.conn, registrar.schema, declared.id, gone)
    return TenantChange(
        table=declared.name,
        removed=tuple(gone),
        plan=registrar.plan(after),
        dry_run=dry_run,
    )


def _column(table: Table, tree: Tree) -> Column:
    """Return the column that says whose a row is.

    :raises ConfigError: the table has no tenants.
    """
    column = tenancy.column_of(table, tree)
    if column is None or not isinstance(table.strategy, Laned):
        raise _no_tenants(table)
    return column


def _checked(
    opened: Session, table: Table, tree: Tree, tenants: Mapping[str, Mapping[str, Any]]
) -> dict[str, dict[str, Any]]:
    """Return tenants as PostgreSQL writes them, with settings as they are stored."""
    column, laned = _column(table, tree), table.strategy
    shared = isinstance(laned, Laned) and laned.lane_key(tree.key) is None
    found = {}
    names = pg_tenants.canonical(opened.conn, column.type, list(tenants))
    for tenant, own in zip(names, tenants.values(), strict=True):
        try:
            stored = tenancy.written(own)
            of_tenant(evolve(table, overrides={tenant: tenancy.read(own)}), tenant)
        except ValueError as error:
            raise ConfigError(
                f"{table.name}, tenant {tenant!r}: {error}", code="tenant"
            ) from error
        for key in stored if shared else ():
            if key != "retention_period":
                raise ConfigError(
                    f"{table.name}: {key} cannot be a tenant's own, as it is "
                    f"partitioned by {tree.key} first, and all tenants share the "
                    "periods",
                    hint="only retention_period can",
                    code="tenant",
                )
        found[tenant] = stored
    return found


def _refuse_tightening(
    before: Table, tree: Tree, after: Table, tenants: Iterable[str]
) -> None:
    """Ask for a word more where more of a tenant is retired than before.

    One who has nothing, and was never registered, has nothing to lose.
    """
    known = {*before.overrides, *holdings(before, tree)}
    for tenant in tenants:
        if tenant not in known:
            continue
        was, is_now = of_tenant(before, tenant), of_tenant(after, tenant)
        if why := config.tightens(was, is_now):
            raise ConfigError(
                f"{after.name}, tenant {tenant!r}: {why}",
                hint="say so once more: confirm=True, or --yes on the command line",
                code="needs-confirmation",
            )


def _no_tenants(table: Table) -> ConfigError:
    return ConfigError(
        f"{table.name} has no tenants",
        hint="register it with tenant_column",
        code="no-tenants",
    )


def _tenants(view: View) -> tuple[TenantInfo, ...]:
    if view.error is not None:
        raise view.error
    if not (view.table and view.tree) or not isinstance(view.table.strategy, Laned):
        raise _no_tenants(view.table) if view.table else ConfigError("not looked at")
    counted = holdings(view.table, view.tree)
    names = sorted({*view.tree.tenants, *counted})
    registered = view.declared.tenants
    return tuple(
        TenantInfo(
            tenant=name,
            registered=name in registered,
            known=name in view.tree.tenants,
            own=registered.get(name, {}),
            partitions=len(counted.get(name, ())),
            rows=_sum(part.rows for part in counted.get(name, ())),
            bytes=sum(part.bytes for part in counted.get(name, ())),
        )
        for name in names
    )


def _sum(estimates: Iterable[int | None]) -> int | None:
    known = [rows for rows in estimates if rows is not None]
    return sum(known) if known else None
