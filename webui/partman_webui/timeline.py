"""Where a table's partitions lie on its axis: what the timeline is drawn with.

Everything is computed from one look at the table, by the planner's own arithmetic.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from attrs import evolve, frozen

from partman_core.plan import Detach
from partman_core.planner import as_it_is, nesting
from partman_core.planner.axes import codec_at
from partman_core.planner.coverage import in_order, span_of, uncovered
from partman_core.planner.creating import axis
from partman_core.planner.lanes import lanes, of_tenant, tenant_of
from partman_core.planner.places import instant, last_position
from partman_core.strategy import Laned

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime, timedelta

    from partman_core.bounds import Bounds
    from partman_core.engine.survey import View
    from partman_core.keys import Codec, Position
    from partman_core.model import Partition, Table, Tree
    from partman_core.naming import Name
    from partman_core.planner.coverage import Span
    from partman_core.strategy import Level

Codecs: TypeAlias = "Mapping[str, Codec]"


@frozen(kw_only=True)
class Chain:
    """A level, or one tenant's part of it, that has an axis.

    :param here: the last position that does not lie in the future; None: unknown.
    :param wanted: places of what is wanted, in order.
    :param there: places of what exists, in order.
    """

    tenant: str | None
    level: Level
    codec: Codec
    here: int | None
    wanted: list[Span]
    there: list[Span]

    def point(self, position: Position) -> str | None:
        """Return how a place reads in JSON; None beyond all values."""
        return point(self.codec, position, self.level.timezone)

    @property
    def ends(self) -> datetime | None:
        """When all that is wanted ends; None: never, or not on a time axis."""
        if not self.wanted:
            return None
        return instant(self.codec, self.wanted[-1][1], self.level.timezone)

    @property
    def gaps(self) -> list[Span]:
        """What is wanted and no partition holds, in order."""
        found: list[Span] = []
        for whole in self.wanted:
            for lower, upper in uncovered(whole, self.there):
                start = found.pop()[0] if found and found[-1][1] == lower else lower
                found.append((start, upper))
        return found


@frozen(kw_only=True)
class Placed:
    """One partition, and where it lies.

    :param parent: the partition that it is a part of; None: the table itself.
    :param span: its places on *codec*'s axis; None: it has none.
    :param types: of its level's key, for how its bounds are printed.
    """

    partition: Partition
    parent: Name | None
    tenant: str | None
    codec: Codec | None
    span: Span | None
    types: tuple[str, ...]
    leaf: bool
    is_default: bool = False


def point(codec: Codec, position: Position, timezone: str) -> str | None:
    """Return a place as JSON has it: a moment, or a number as a text."""
    if isinstance(position, float):  # only infinities are
        return None
    if codec.axis == "time":
        moment = instant(codec, position, timezone)
        return None if moment is None else moment.isoformat()
    return codec.literal(position)


def chains(
    table: Table, tree: Tree, codec: Codec | None, now: datetime, codecs: Codecs
) -> Iterator[Chain]:
    """Yield what has an axis: the table, each tenant's lane, or what is below.

    :param codec: of the level's key, or of its lanes.
    :param codecs: all there are, by name.
    """
    seen = as_it_is(table, tree, codec, now)
    if seen.laned is None and axis(seen) is not None:
        yield _chain(None, seen)
    elif seen.laned is not None and codec is not None:
        for lane in lanes(seen):
            yield _chain(lane.tenant, lane.level)
    else:
        yield from _below(table, tree, now, codecs)


def _chain(tenant: str | None, level: Level) -> Chain:
    codec = axis(level)
    if codec is None:
        raise TypeError(f"{level.key} has no axis")
    return Chain(
        tenant=tenant,
        level=level,
        codec=codec,
        here=last_position(codec, level.now, level.timezone, level.position),
        wanted=in_order(codec, (wanted.bounds for wanted in level.wanted)),
        there=in_order(codec, (part.bounds for part in level.existing)),
    )


def _below(table: Table, tree: Tree, now: datetime, codecs: Codecs) -> Iterator[Chain]:
    for partition in tree.partitions:
        tenant = tenant_of(table, tree.key, partition.bounds)
        inside = _inside(table, tree, partition, tenant)
        if inside is None:
            continue
        own, subtree = inside
        for chain in chains(own, subtree, codec_at(own, subtree, codecs), now, codecs):
            yield evolve(chain, tenant=chain.tenant or tenant)


def _inside(
    table: Table, tree: Tree, partition: Partition, tenant: str | None
) -> tuple[Table, Tree] | None:
    """Return a partition that is partitioned again, as a table of its own."""
    subtree = tree.subtrees.get(partition.oid)
    lower = None if subtree is None else nesting.below(table, tree.key)
    if subtree is None or lower is None:
        return None
    known = evolve(
        subtree, tenants=tree.tenants, columns=tree.columns, position=tree.position
    )
    return of_tenant(lower, tenant), known


def placed(  # noqa: PLR0913 - what a level is besides its tree
    table: Table,
    tree: Tree,
    codec: Codec | None,
    codecs: Codecs,
    *,
    parent: Name | None = None,
    tenant: str | None = None,
) -> Iterator[Placed]:
    """Yield all partitions, each before what is inside of it, DEFAULT ones last."""
    types = tuple(column.type for column in tree.key.columns)
    for partition in tree.partitions:
        whose, bounds = _whose(table, tree, partition.bounds)
        whose = whose or tenant
        is_leaf = partition.oid not in tree.subtrees
        yield Placed(
            partition=partition, parent=parent, tenant=whose, codec=codec,
            span=span_of(codec, bounds), types=types, leaf=is_leaf,
        )  # fmt: skip
        if is_leaf:
            continue
        yield from _placed_inside(table, tree, partition, codecs, whose)
    if tree.default is not None:
        yield Placed(
            partition=tree.default, parent=parent, tenant=tenant, codec=codec,
            span=None, types=types, leaf=tree.default.oid not in tree.subtrees,
            is_default=True,
        )  # fmt: skip


def _placed_inside(
    table: Table, tree: Tree, partition: Partition, codecs: Codecs, tenant: str | None
) -> Iterator[Placed]:
    inside = _inside(table, tree, partition, tenant)
    if inside is None:  # nobody said how it is partitioned, so its places are not known
        own, subtree, along = table, tree.subtrees[partition.oid], None
    else:
        own, subtree = inside
        along = codec_at(own, subtree, codecs)
    yield from placed(own, subtree, along, codecs, parent=partition.name, tenant=tenant)


def _whose(
    table: Table, tree: Tree, bounds: Bounds | None
) -> tuple[str | None, Bounds | None]:
    """Return whose a partition is, and its bounds in that one's lane."""
    laned = table.strategy
    if bounds is None or not isinstance(laned, Laned):
        return None, bounds
    if laned.lane_key(tree.key) is None:
        return None, bounds
    found = laned.lane(tree.key, bounds)
    return (None, bounds) if found is None else found


def lag(view: View, found: list[Chain]) -> timedelta | None:
    """Return for how long the oldest that is due has been due; None: nothing is."""
    if view.plan is None:
        return None
    going = {op.partition.oid for op in view.plan.operations if isinstance(op, Detach)}
    longest: timedelta | None = None
    for chain in found:
        since = chain.level.kept_since
        for partition in chain.level.existing:
            span = span_of(chain.codec, partition.bounds)
            if partition.oid not in going or since is None or span is None:
                continue
            ended = instant(chain.codec, span[1], chain.level.timezone)
            if ended is not None and (longest is None or since - ended > longest):
                longest = since - ended
    return longest
