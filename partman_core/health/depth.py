"""How long inserts find a partition where there are lanes, or levels below.

Each tenant, and each list, has a chain of its own: the table's is the shortest.
"""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

from attrs import evolve

from partman_core.health.apart import as_found, of_values
from partman_core.health.runway import Runway, runway
from partman_core.planner import as_it_is
from partman_core.planner.axes import codec_at
from partman_core.planner.coverage import in_order
from partman_core.planner.creating import axis
from partman_core.planner.lanes import lanes, of_tenant, tenant_of
from partman_core.planner.nesting import as_declared, below
from partman_core.planner.places import last_position

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from partman_core.keys import Codec
    from partman_core.model import Table, Tree
    from partman_core.strategy import Level

_ORDER = ("failing", "ends", "later", "endless", "complete", "unknown")


def shortest(
    table: Table,
    tree: Tree,
    codec: Codec | None,
    now: datetime,
    codecs: Mapping[str, Codec],
) -> Runway:
    """Return the shortest of the chains, and whose it is.

    :param codec: of the level's key, or of its lanes.
    :param codecs: all there are, by name: for the levels below.
    """
    found = list(_chains(table, tree, codec, now, codecs))
    if not found:
        return Runway(state="unknown", default=tree.default is not None)
    return min(found, key=_length)


def _length(chain: Runway) -> tuple[int, float]:
    end = inf if chain.end is None else float(chain.end)
    return _ORDER.index(chain.state), end


def _chains(
    table: Table,
    tree: Tree,
    codec: Codec | None,
    now: datetime,
    codecs: Mapping[str, Codec],
) -> Iterator[Runway]:
    seen = as_it_is(table, tree, codec, now)
    default = tree.default is not None
    if seen.laned is None and axis(seen) is not None:
        yield of_level(seen, default=default)
        return
    if seen.laned is not None and codec is not None:
        for lane in lanes(seen):
            if lane.tenant in seen.tenants:
                chain = of_level(lane.level, default=default)
                yield evolve(chain, whose=lane.tenant)
        return
    if seen.laned is None:
        whole = of_values(table, tree, seen)
        if whole is not None:
            yield whole
    yield from _below(table, tree, seen, now, codecs)


def _below(
    table: Table,
    tree: Tree,
    seen: Level,
    now: datetime,
    codecs: Mapping[str, Codec],
) -> Iterator[Runway]:
    lower = below(table, tree.key)
    there = {}
    for partition in seen.existing:
        whose = tenant_of(table, tree.key, partition.bounds)
        there[whose] = partition
        subtree = tree.subtrees.get(partition.oid)
        if lower is None or subtree is None:
            continue
        if whose is not None and whose not in seen.tenants:
            continue
        own = of_tenant(lower, whose)
        subtree = evolve(subtree, tenants=tree.tenants, columns=tree.columns)
        if as_declared(table, tree, subtree):
            chain = shortest(own, subtree, codec_at(own, subtree, codecs), now, codecs)
        else:
            chain = as_found(own, subtree, now)
        yield chain if whose is None else evolve(chain, whose=whose)
    for tenant in seen.tenants if seen.laned is not None else ():
        if tenant not in there:
            default = tree.default is not None
            yield Runway(state="failing", until=now, default=default, whose=tenant)


def of_level(level: Level, *, default: bool) -> Runway:
    """Return the chain of one level, or lane, that has an axis."""
    along = axis(level)
    here = last_position(along, level.now, level.timezone, level.position)
    wanted = in_order(along, (wanted.bounds for wanted in level.wanted))
    there = in_order(along, (part.bounds for part in level.existing))
    return runway(level, here, wanted, there, default=default)
