"""Tenants come, change and go: checked whole, then written down."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import evolve, frozen

from partman_core import config, tenancy
from partman_core.engine.declared import typed
from partman_core.errors import ConfigError
from partman_core.naming import as_typed
from partman_core.pg import tenants as pg_tenants
from partman_core.planner.lanes import of_tenant
from partman_core.planner.nesting import holdings
from partman_core.strategy import Laned

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from partman_core.engine.opening import Session
    from partman_core.engine.registration import Registrar
    from partman_core.keys import Column
    from partman_core.model import Table, Tree
    from partman_core.naming import Name
    from partman_core.pg.registry import Declared
    from partman_core.plan import Plan


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


def enlisted(
    registrar: Registrar,
    declared: Declared,
    tenants: Mapping[str, Mapping[str, Any]],
    *,
    confirm: bool,
    dry_run: bool,
) -> TenantChange:
    """Write tenants of a table down, each with what is its own.

    :param confirm: also where it retires more of one than before.
    :raises ConfigError: it cannot work, or has to be confirmed; nothing is written
        then.
    """
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


def released(
    registrar: Registrar,
    declared: Declared,
    tenants: Iterable[str],
    *,
    confirm: bool,
    dry_run: bool,
) -> TenantChange:
    """Forget tenants of a table.

    :param confirm: also where its settings retire more of one than its own did.
    :raises ConfigError: one is not registered, or it has to be confirmed; nothing is
        written then.
    """
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
        raise no_tenants(table)
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


def no_tenants(table: Table) -> ConfigError:
    """Return why nothing can be said of a table's tenants."""
    return ConfigError(
        f"{table.name} has no tenants",
        hint="register it with tenant_column",
        code="no-tenants",
    )
