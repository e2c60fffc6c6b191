"""Adoption: partitions that somebody else made become partman's, where they fit.

What would be retired at once is left alone until somebody says so: the first run after
an adoption drops nothing that nobody has seen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve, frozen

from partman_core import adopt, planner
from partman_core.engine.axes import axis
from partman_core.errors import Claimed, ConfigError
from partman_core.pg import facts
from partman_core.pg.claims import claim
from partman_core.pg.records import Records
from partman_core.planner import nesting
from partman_core.planner.due import due
from partman_core.planner.lanes import lanes, of_tenant, tenant_of
from partman_core.strategy import Above

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from datetime import datetime

    from partman_core.adopt import Adoption
    from partman_core.engine.opening import Session
    from partman_core.engine.survey import Surveyor
    from partman_core.keys import Codec
    from partman_core.model import Keep, Partition, Retire, Table, Tree
    from partman_core.plugins import Plugins


@frozen(kw_only=True)
class Wish:
    """How a table's partitions are to be adopted.

    :param dry_run: only say which.
    :param agreed: also those that are no longer kept.
    :param any_size: also those off the grid whose age can be told.
    """

    dry_run: bool = False
    agreed: bool = False
    any_size: bool = False


def take_over(opened: Session, surveyor: Surveyor, table: str, wish: Wish) -> Adoption:
    """Take the existing partitions of a table that fit its grid.

    :raises Claimed: another engine is at work on the table.
    """
    if wish.dry_run:
        return _look(opened, surveyor, table, wish)
    opened.require_writable()
    (declared,) = surveyor.declared(opened, (table,))
    with claim(opened.conn, declared.oid) as ours:
        if not ours:
            raise Claimed(
                f"{declared.name}: another engine is at work on it",
                hint="run again in a moment",
            )
        found = _look(opened, surveyor, table, wish)
        _record(opened, surveyor.schema, found.accepted)
        return found


def _look(opened: Session, surveyor: Surveyor, table: str, wish: Wish) -> Adoption:
    (view,) = surveyor.look(opened, (table,))
    if view.error:
        raise view.error
    if not (view.table and view.tree):
        raise ConfigError(f"{table} could not be looked at")
    return judged(
        view.table,
        view.tree,
        view.codec,
        opened.now,
        plugins=surveyor.plugins,
        wish=wish,
    )


def judged(  # noqa: PLR0913 - all that a judgement depends on
    table: Table,
    tree: Tree,
    codec: Codec | None,
    now: datetime,
    *,
    plugins: Plugins,
    wish: Wish,
) -> Adoption:
    """Say which partitions of a table would become partman's, level by level.

    :param codec: of the key; None where it has no axis.
    :param now: aware.
    """
    found = adopt.adoption(table, tree, codec, now, any_size=wish.any_size)
    theirs = adopt.adopted(tree, found.accepted)
    over = _over(table, theirs, codec, now, plugins)
    found = found.with_backlog(over, agreed=wish.agreed)
    for below, subtree in _inside(table, theirs, codec, over):
        inside = judged(
            below, subtree, axis(below, subtree, plugins), now,
            plugins=plugins, wish=wish,
        )  # fmt: skip
        found = found.with_inside(inside)
    return found


def _inside(
    table: Table, tree: Tree, codec: Codec | None, over: Collection[int]
) -> Iterator[tuple[Table, Tree]]:
    """Yield the partitions that are partitioned again, and the table as it is there.

    :param over: oids of those that go as a whole.
    """
    below = nesting.below(table, tree.key)
    if below is None:
        return
    for partition in tree.partitions:
        subtree = tree.subtrees.get(partition.oid)
        is_apart = partition.pending or partition.oid in over or not partition.ours
        if subtree is None or partition.bounds is None or is_apart:
            continue
        above = Above(bounds=partition.bounds, codec=codec, key=tree.key)
        yield (
            of_tenant(below, tenant_of(table, tree.key, partition.bounds)),
            evolve(
                subtree,
                columns=tree.columns,
                tenants=tree.tenants,
                position=tree.position,
                above=(*tree.above, above),
            ),
        )


def _over(
    table: Table, tree: Tree, codec: Codec | None, now: datetime, plugins: Plugins
) -> set[int]:
    """Return the oids of what retention would take, whatever holds it back now."""
    level = planner.level(table, tree, codec, now)
    verdicts: list[Retire | Keep] = []
    for lane in lanes(level):
        verdicts += plugins.verdicts(of_tenant(table, lane.tenant), lane.level)
    return {retire.partition.oid for retire in due(level, verdicts).retire}


def _record(opened: Session, schema: str, partitions: Sequence[Partition]) -> None:
    """Write them down, with their bounds as the catalog has them."""
    records = Records(schema=schema, run=None, now=opened.now)
    places = facts.places(opened.conn, [part.oid for part in partitions])
    by_parent: dict[int, list[int]] = {}
    for oid, place in places.items():
        by_parent.setdefault(place.parent, []).append(oid)
    with opened.conn.transaction():
        for parent, oids in by_parent.items():
            bounds = [places[oid].bounds for oid in oids]
            opened.conn.execute(records.adopted(oids, parent, bounds))
