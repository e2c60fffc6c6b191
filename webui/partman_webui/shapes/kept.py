"""What is told of the bin, of holds and of tenants, and what is asked of them."""

from __future__ import annotations

from typing import Any

from attrs import field, frozen

from partman_webui.shapes.plans import PlanShown


@frozen(kw_only=True)
class Binned:
    """A partition that retention took out and that is not dropped yet."""

    name: str
    table: str
    bounds: str
    action: str
    retired_at: str
    due: str | None
    rows: int | None
    bytes: int
    hold_until: str | None = None
    hold_reason: str | None = None


@frozen(kw_only=True)
class Bin:
    """The bin of a table, or of all."""

    items: list[Binned]


@frozen(kw_only=True)
class Held:
    """A partition that a person keeps."""

    partition: str
    table: str | None
    until: str | None
    reason: str | None
    overdue: bool = False


@frozen(kw_only=True)
class Holds:
    """All holds."""

    items: list[Held]


@frozen(kw_only=True)
class TenantRow:
    """One tenant of a table."""

    tenant: str
    registered: bool
    known: bool
    own: dict[str, Any]
    partitions: int
    rows: int | None
    bytes: int


@frozen(kw_only=True)
class Tenants:
    """The tenants of a table."""

    items: list[TenantRow]


@frozen(kw_only=True)
class TenantsAsked:
    """Body of ``POST .../tenants`` (add or set) and ``DELETE .../tenants``."""

    tenants: dict[str, dict[str, Any]] = field(factory=dict)
    remove: list[str] = field(factory=list)
    confirm: str | None = None
    dry_run: bool = False


@frozen(kw_only=True)
class TenantsChanged:
    """What that changed, and the plan it leads to."""

    added: list[str]
    changed: list[str]
    removed: list[str]
    plan: PlanShown
    dry_run: bool


@frozen(kw_only=True)
class HoldAsked:
    """Body of ``POST /api/v1/holds``."""

    partition: str
    reason: str
    until: str | None = None


@frozen(kw_only=True)
class AttachAsked:
    """Body of ``POST /api/v1/bin/attach``.

    :param hold: put it on hold, or the next run may take it out again.
    """

    partition: str
    hold: bool = True
