"""Lanes: of a level that tenants share, each tenant's part, planned for itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from attrs import evolve, fields_dict, frozen

from partman_core.plan import Finding
from partman_core.planner.limits import kept_since
from partman_core.strategy import Laned, Wanted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from partman_core.bounds import Bounds
    from partman_core.keys import Codec, Key
    from partman_core.model import Partition, Table
    from partman_core.strategy import Level


@frozen(kw_only=True)
class Lane:
    """A level, or one tenant's part of it.

    :param tenant: None: the whole level, which has no lanes.
    :param level: with the key and the bounds of the lane.
    """

    tenant: str | None
    level: Level


def lanes(level: Level) -> list[Lane]:
    """Return the lanes of a level, those of tenants that are gone included.

    What holds rows of several tenants is in none of them.
    """
    laned = level.laned
    if laned is None:
        return [Lane(tenant=None, level=level)]
    there: dict[str, list[Partition]] = {tenant: [] for tenant in level.tenants}
    for partition in level.existing:
        placed = partition.bounds and laned.lane(level.key, partition.bounds)
        if placed:
            tenant, bounds = placed
            there.setdefault(tenant, []).append(evolve(partition, bounds=bounds))
    wanted: dict[str, list[Wanted]] = {}
    for one in level.wanted:
        if placed := laned.lane(level.key, one.bounds):
            tenant, bounds = placed
            own = Wanted(bounds=bounds, suffix=one.suffix, tenant=tenant)
            wanted.setdefault(tenant, []).append(own)
    bare = _bare(level, laned)
    return [
        Lane(
            tenant=tenant,
            level=evolve(
                bare,
                tenants=(tenant,),
                existing=tuple(partitions),
                wanted=tuple(wanted.get(tenant, ())),
            ),
        )
        for tenant, partitions in there.items()
    ]


def spanning(table: Table, level: Level) -> Iterator[Finding]:
    """Tell of partitions that hold rows of several tenants, or of none alone."""
    laned = level.laned
    wide = [
        partition
        for partition in level.existing
        if laned is not None
        and partition.bounds is not None
        and laned.lane(level.key, partition.bounds) is None
    ]
    if not wide:
        return
    names = [str(partition.name) for partition in wide]
    more = f" and {len(names) - 1} more" if names[1:] else ""
    yield Finding(
        code="spans-tenants",
        severity="warning",
        table=table.name,
        message=(
            f"{names[0]}{more} can hold rows of several tenants: what a tenant needs "
            "there cannot be made, and nothing of it is retired."
        ),
        hint="detach it, and move its rows to partitions of one tenant each",
        data={"partitions": names},
    )


def _bare(level: Level, laned: Laned) -> Level:
    key = laned.lane_key(level.key) or level.key
    return evolve(level, key=key, laned=None, in_lane=True, existing=(), wanted=())


def wanted(table: Table, level: Level) -> Iterator[Wanted]:
    """Yield what the strategy wants of a level, lane by lane where it has lanes."""
    laned = level.laned
    if laned is None:
        yield from table.strategy.wanted(level)
        return
    bare = _bare(level, laned)
    for tenant in level.tenants:
        own = of_tenant(table, tenant)
        since = level.kept_since if own is table else kept_since(own, level.now)
        lane = evolve(bare, tenants=(tenant,), kept_since=since)
        for one in own.strategy.wanted(lane):
            bounds = laned.lift(level.key, tenant, one.bounds)
            yield Wanted(bounds=bounds, suffix=one.suffix, tenant=tenant)


def of_tenant(table: Table, tenant: str | None) -> Table:
    """Return a table as it is for one tenant.

    :param tenant: None: for none of them.
    """
    own = None if tenant is None else table.overrides.get(tenant)
    if not own:
        return table
    sections = {name: _with(part, own) for name, part in table.sections.items()}
    return evolve(table, strategy=_with(table.strategy, own), sections=sections)


def _with(part: Any, own: Mapping[str, Any]) -> Any:
    known = {key: value for key, value in own.items() if key in fields_dict(type(part))}
    return evolve(part, **known) if known else part


def tenant_of(table: Table, key: Key, bounds: Bounds | None) -> str | None:
    """Say whose a partition is; None: nobody's alone.

    :param table: as it is at the level of *key*.
    """
    laned = table.strategy
    if bounds is None or not isinstance(laned, Laned) or laned.lane_key(key) is None:
        return None
    placed = laned.lane(key, bounds)
    return placed[0] if placed else None


@frozen
class Nothing:
    """Wants nothing: the strategy of what nobody is to add to."""

    kind: ClassVar[str] = "nothing"

    def problems(self, _key: Key, _codec: Codec | None) -> tuple[str, ...]:
        """See :class:`~partman_core.strategy.Strategy`."""
        return ()

    def wanted(self, _level: Level) -> Iterator[Wanted]:
        """See :class:`~partman_core.strategy.Strategy`."""
        return iter(())
