"""A plugin that offers a strategy for tenants, and names them."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from attrs import frozen

from partman_core import hookimpl
from partman_core.bounds import ListBounds
from partman_core.strategy import Wanted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from partman_core.strategy import Level


@frozen(kw_only=True)
class PerTenant:
    """A partition for each tenant that somebody knows of."""

    kind: ClassVar[str] = "per-tenant"

    prefix: str = "t"

    def problems(self, key, _codec):
        if key.method != "list":
            yield "it is not partitioned by list"

    def wanted(self, level: Level) -> Iterator[Wanted]:
        for tenant in level.tenants:
            yield Wanted(
                bounds=ListBounds((tenant,)),
                suffix=f"{self.prefix}_{tenant}",
                tenant=tenant,
            )


class Tenants:
    """Offers a strategy, and names the tenants that it makes partitions for."""

    def __init__(self, *tenants: str) -> None:
        self.tenants = tenants
        self.heard: list[tuple[str, str | None]] = []

    @hookimpl
    def partman_strategies(self):
        return [PerTenant]

    @hookimpl
    def partman_tenants(self, table):
        assert table.name.relation == "events"
        return self.tenants

    @hookimpl
    def partman_event(self, event):
        self.heard.append((event.kind, event.tenant))
