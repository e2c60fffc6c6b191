"""What an engine is told about tenants, and what it knows of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from attrs import frozen

from partman_core.engine.declaring import Declaring
from partman_core.engine.enlisting import (
    TenantChange,
    enlisted,
    no_tenants,
    released,
)
from partman_core.errors import ConfigError
from partman_core.planner.nesting import holdings
from partman_core.strategy import Laned

if TYPE_CHECKING:
    from collections.abc import Iterable

    from partman_core.engine.survey import View
    from partman_core.interval import Interval
    from partman_core.naming import Name

__all__ = ["Tenancy", "TenantChange", "TenantInfo"]


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
            return enlisted(
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
            return released(
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


def _tenants(view: View) -> tuple[TenantInfo, ...]:
    if view.error is not None:
        raise view.error
    if not (view.table and view.tree) or not isinstance(view.table.strategy, Laned):
        raise no_tenants(view.table) if view.table else ConfigError("not looked at")
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
