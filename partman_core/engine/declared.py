"""What the registry has of tables, read and typed by the plugins' classes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve

from partman_core import config, tenancy
from partman_core.pg import registry
from partman_core.pg.registry import Declared

if TYPE_CHECKING:
    from datetime import datetime

    from partman_core.engine.opening import Session
    from partman_core.model import Table
    from partman_core.plugins import Plugins


def managed(session: Session, schema: str, plugins: Plugins) -> list[Declared]:
    """Read all tables that the registry has.

    Whoever reads them goes by what plugins say of them, so a plugin that is to be left
    out has to be known by now: here, or to one of these tables.

    :raises PluginError: it is not; most likely its name is misspelt.
    """
    found: list[Declared] = []
    if session.registered:
        found = registry.declared(session.conn, schema)
    plugins.check_without(name for one in found for name in one.requires)
    return found


def redeclared(
    before: Declared | None, table: Table, oid: int, now: datetime
) -> Declared:
    """Return what the registry has of a table once its declaration is written.

    :param before: what it has now; None: nothing.
    :param oid: of the table.
    :param now: when it is written.
    """
    return Declared(
        id=before.id if before else 0,
        oid=oid,
        name=table.name,
        missing=False,
        settings=table.settings,
        origin=table.origin,
        paused=table.paused,
        requires=table.requires,
        created_at=before.created_at if before else now,
        updated_at=now,
        tenants=before.tenants if before else {},
    )


def typed(declared: Declared, plugins: Plugins) -> Table:
    """Return a registered table with its settings typed by the plugins' classes.

    A section whose plugin is not here is passed over: what destroys is stopped by the
    missing plugin itself.
    """
    table = config.structure(
        declared.settings,
        declared.name,
        plugins,
        origin=declared.origin,
        paused=declared.paused,
        requires=declared.requires,
        lenient=True,
    )
    return with_overrides(table, declared)


def with_overrides(table: Table, declared: Declared | None) -> Table:
    """Add what is another for some tenants than for their table."""
    if declared is None or not declared.tenants:
        return table
    own = {tenant: tenancy.read(each) for tenant, each in declared.tenants.items()}
    return evolve(table, overrides=own)
