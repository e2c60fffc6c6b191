"""Tenants: each has partitions of its own, in one of three layouts.

The layout is that of the parent's own key: RANGE (tenant, time); LIST (tenant), whose
partitions are partitioned by RANGE (time); RANGE (time), whose partitions are
partitioned by LIST (tenant).  In the last one all tenants share the periods, so that
only how long rows are kept can be a tenant's own.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, ClassVar

from attrs import evolve, field, fields_dict, frozen

from partman_core import hookimpl
from partman_core.bounds import ListBounds, RangeBounds
from partman_core.keys import Key, span
from partman_core.model import Retire
from partman_core.naming import Name, quote_ident
from partman_core.plan import Finding
from partman_core.strategy import Beneath, Wanted
from partman_plugins.axis import reached
from partman_plugins.range import Range
from partman_plugins.retention import Retention, retired

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from partman_core.bounds import Bounds
    from partman_core.keys import Codec
    from partman_core.model import Partition, Table
    from partman_core.strategy import Level

MOST_NAMED = 5
"""Tenants that a sentence names."""

LONGEST_PART = 30
"""Characters of a tenant that are part of a name."""

_UNNAMED = re.compile(r"\W+")


def in_name(tenant: str) -> str:
    """Return what of a tenant is part of names, which tell people whose it is."""
    return _UNNAMED.sub("_", tenant)[:LONGEST_PART].strip("_") or "tenant"


@frozen(kw_only=True)
class Lists:
    """A level of lists, one for each tenant."""

    kind: ClassVar[str] = "tenant-lists"
    method: ClassVar[str] = "list"

    def problems(self, key: Key, codec: Codec | None) -> Iterable[str]:
        """See :class:`~partman_core.strategy.Strategy`."""
        del codec
        if key.method != "list" or len(key.columns) != 1:
            yield f"it is partitioned by {key}, and tenants need a list of one column"

    def wanted(self, level: Level) -> Iterator[Wanted]:
        """Yield the list of the lane's tenant, unless its time here is over."""
        if not _is_over(level):
            for tenant in level.tenants:
                yield Wanted(bounds=ListBounds((tenant,)), suffix=in_name(tenant))

    def lane_key(self, key: Key) -> Key | None:
        """See :class:`~partman_core.strategy.Laned`."""
        return key

    def lane(self, key: Key, bounds: Bounds) -> tuple[str, Bounds] | None:
        """See :class:`~partman_core.strategy.Laned`."""
        del key
        return _of_list(bounds)

    def lift(self, key: Key, tenant: str, bounds: Bounds) -> Bounds:
        """See :class:`~partman_core.strategy.Laned`."""
        del key, tenant
        return bounds


def _of_list(bounds: Bounds) -> tuple[str, Bounds] | None:
    if not isinstance(bounds, ListBounds) or len(bounds.values) != 1:
        return None
    (value,) = bounds.values
    return None if value is None else (value, bounds)


def _is_over(level: Level) -> bool:
    """Say whether a lane is inside of a period that its tenant no longer keeps."""
    if level.kept_since is None or not level.above:
        return False
    around = level.above[-1]
    if around.codec is None or not isinstance(around.bounds, RangeBounds):
        return False
    _, upper = span(around.codec, around.bounds)
    return upper <= reached(around.codec, level.kept_since, level.timezone)


@frozen(kw_only=True)
class Tenant(Range):
    """Partitions of their own for each tenant, along an axis of time or numbers.

    :param tenant_column: the column that says whose a row is.
    :param tenants_query: a question in SQL that finds the tenants, one in each row.
    """

    kind: ClassVar[str] = "tenant"
    finds_values: ClassVar[bool] = True

    tenant_column: str = field(metadata={"example": "project_id"})
    tenants_query: str | None = None

    @property
    def column(self) -> str:
        """The tenant column, by its bare name."""
        return Name.parse(self.tenant_column).relation

    def problems(self, key: Key, codec: Codec | None) -> Iterable[str]:
        """See :class:`~partman_core.strategy.Strategy`."""
        names = [column.name for column in key.columns]
        if key.method == "hash" or len(names) > 2:  # noqa: PLR2004 - tenant and axis
            yield self._no_layout(key)
        elif key.method == "list":
            if names != [self.column]:
                yield f"it is partitioned by {key}, not by {self.tenant_column}"
        elif self.column not in names:
            if len(names) == 1:
                yield from super().problems(key, codec)
            else:
                yield self._no_layout(key)
        elif names[0] != self.column:
            yield self._other_order(key, quote_ident(names[0] or ""))
        elif len(names) == 1:
            yield f"it is partitioned by {key}; a tenant has a list: LIST ({names[0]})"
        else:
            yield from super().problems(self.lane_key(key) or key, codec)

    def _other_order(self, key: Key, axis: str) -> str:
        tenant = quote_ident(self.column)
        return (
            f"it is partitioned by {key}: a tenant that comes after the time has no "
            f"ranges of its own; make it RANGE ({tenant}, {axis}), or RANGE ({axis}) "
            f"with partitions by LIST ({tenant})"
        )

    def _no_layout(self, key: Key) -> str:
        tenant = quote_ident(self.column)
        return (
            f"it is partitioned by {key}; tenants have one of three layouts: RANGE "
            f"({tenant}, time), LIST ({tenant}) or RANGE (time)"
        )

    def wanted(self, level: Level) -> Iterator[Wanted]:
        """Yield what is wanted of the level, or of a lane of it."""
        if level.key.method == "list":
            yield from Lists().wanted(level)
        elif not level.in_lane:
            yield from super().wanted(level)
        else:
            (tenant,) = level.tenants
            name = in_name(tenant)
            for one in super().wanted(level):
                yield Wanted(bounds=one.bounds, suffix=f"{name}_{one.suffix}")

    def beneath(self, table: Table, key: Key) -> Beneath | None:
        """Return the time below a list of tenants, or the tenants below the time."""
        if key.method == "list":
            if table.partition_by is None:
                return None
            own = {name: getattr(self, name) for name in fields_dict(Range)}
            column = Name.parse(table.partition_by).relation
            return Beneath(
                strategy=Range(**own), method="range", columns=(column,), key=table.key
            )
        if self.lane_key(key) is None:
            return Beneath(strategy=Lists(), method="list", columns=(self.column,))
        return None

    def lane_key(self, key: Key) -> Key | None:
        """Return the key of a tenant's part; None where all share the periods."""
        if key.method == "list":
            return key
        if len(key.columns) == 1 or key.columns[0].name != self.column:
            return None
        return Key(key.method, key.columns[1:])

    def lane(self, key: Key, bounds: Bounds) -> tuple[str, Bounds] | None:
        """See :class:`~partman_core.strategy.Laned`."""
        if key.method == "list":
            return _of_list(bounds)
        if not isinstance(bounds, RangeBounds) or len(bounds.lower) < len(key.columns):
            return None
        tenant, other = bounds.lower[0], bounds.upper[0]
        if len(bounds.lower) == 1 or tenant != other or not isinstance(tenant, str):
            return None
        return tenant, RangeBounds(bounds.lower[1:], bounds.upper[1:])

    def lift(self, key: Key, tenant: str, bounds: Bounds) -> Bounds:
        """See :class:`~partman_core.strategy.Laned`."""
        if key.method == "list" or not isinstance(bounds, RangeBounds):
            return bounds
        return RangeBounds((tenant, *bounds.lower), (tenant, *bounds.upper))

    def fits(self, level: Level, bounds: Bounds) -> str | None:
        """See :class:`~partman_core.planner.fitting.Fits`."""
        if self.lane_key(level.key) is None:
            return super().fits(level, bounds)
        placed = self.lane(level.key, bounds)
        if placed is None:
            return "it can hold rows of several tenants"
        if level.key.method == "list":
            return None
        return super().fits(level, placed[1])

    def told(self, level: Level) -> Iterator[Finding]:
        """Propose tenants whose rows are in DEFAULT, where nobody looks for them."""
        placed = (
            self.lane(level.key, partition.bounds)
            for partition in level.existing
            if partition.bounds is not None
        )
        known = {*level.tenants, *(found[0] for found in placed if found)}
        strange = [each for each in level.values if each and each not in known]
        if not strange or self.lane_key(level.key) is None:
            return
        listed = ", ".join(map(repr, strange[:MOST_NAMED]))
        rest = f" and {len(strange) - MOST_NAMED} more" if strange[MOST_NAMED:] else ""
        yield Finding(
            code="tenants-in-default",
            severity="info",
            table=None,
            message=(
                f"Rows of tenants that nobody has registered are in DEFAULT: "
                f"{listed}{rest}."
            ),
            hint="move their rows out, then `partman tenants add` gives them "
            "partitions of their own",
            data={"tenants": strange},
        )

    def excess(self, level: Level) -> str | None:
        """See :class:`~partman_core.strategy.Sparing`."""
        return None if level.codec is None else super().excess(level)


@hookimpl
def partman_strategies() -> list[type[Any]]:
    """Offer ``partition_type = "tenant"``."""
    return [Tenant]


@hookimpl
def partman_retire(table: Table, level: Level) -> list[Retire]:
    """Say which lists inside of a period their tenant no longer keeps.

    The period itself stays for those that do.
    """
    retention = table.section(Retention)
    if retention is None or not isinstance(table.strategy, Lists):
        return []
    since = retention.kept_since(level.now, level.timezone)
    if since is None or not _is_over(evolve(level, kept_since=since)):
        return []
    return [_retire(retention, partition) for partition in level.existing]


def _retire(retention: Retention, partition: Partition) -> Retire:
    reason = f"of a period that is over, kept for {retention.retention_period}"
    return retired(retention, partition, reason)
