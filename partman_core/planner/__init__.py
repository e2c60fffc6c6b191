"""What would be done to one table now: a pure function of settings, tree and time.

Nothing here reads a clock or asks a server.  The same arguments give the same plan,
and when every operation of it is done, planning again gives none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve

from partman_core.bounds import DefaultBounds
from partman_core.model import Partition
from partman_core.plan import (
    Finalize,
    Finding,
    TablePlan,
)
from partman_core.planner.creating import blockers, creations, off_grid, usable
from partman_core.planner.lanes import spanning, wanted
from partman_core.planner.leftovers import (
    discards,
    finishing,
    half_detached,
    reopening,
    settling,
    unattached,
)
from partman_core.planner.limits import kept_since
from partman_core.planner.nesting import reachable
from partman_core.planner.published import leaving_publications
from partman_core.planner.retiring import retirable, retirements
from partman_core.strategy import Laned, Level, Telling

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from datetime import datetime

    from partman_core.keys import Codec
    from partman_core.model import Keep, Retire, Table, Tree
    from partman_core.naming import Name
    from partman_core.plan import Create, Operation


def level(table: Table, tree: Tree, codec: Codec | None, now: datetime) -> Level:
    """Return the table's level as retention plugins see it.

    Retirements come after creations, so what is about to be created is among the
    existing partitions already, with a negative oid: who keeps the newest twelve
    would count one too few otherwise, and retire one more in the next run.

    :param codec: of the key; None where it has no axis.
    :param now: the run's clock, aware.
    """
    return looked(table, tree, codec, now)[0]


def looked(
    table: Table,
    tree: Tree,
    codec: Codec | None,
    now: datetime,
    taken: Collection[Name] = (),
) -> tuple[Level, list[Create]]:
    """Return the same, and what is to be created.

    :param taken: names that relations outside of *tree* have.
    """
    seen = as_it_is(table, tree, codec, now)
    made = creations(table, tree, seen, taken)
    at_once, after = _by_need(made, seen, tree, finishing(table, tree))
    coming = tuple(
        Partition(oid=-number, name=each.name, bounds=each.bounds, ours=True)
        for number, each in enumerate((*at_once, *after), 1)
        if not isinstance(each.bounds, DefaultBounds)
    )
    return (evolve(seen, existing=seen.existing + coming) if coming else seen), made


def as_it_is(table: Table, tree: Tree, codec: Codec | None, now: datetime) -> Level:
    """Return the table's level as it is, with what the strategy wants of it.

    Half-detached partitions are left out: their rows are out of reach already.

    :param codec: of the key; None where it has no axis.
    :param now: the run's clock, aware.
    """
    laned = table.strategy if isinstance(table.strategy, Laned) else None
    if laned is not None and laned.lane_key(tree.key) is None:
        laned = None
    seen = Level(
        key=tree.key,
        codec=codec,
        existing=usable(tree),
        now=now,
        timezone=table.timezone,
        position=tree.position,
        tenants=tree.tenants,
        kept_since=kept_since(table, now),
        above=tree.above,
        values=tree.values,
        laned=laned,
    )
    return evolve(seen, wanted=tuple(reachable(seen, wanted(table, seen))))


def plan_table(  # noqa: PLR0913 - all that a plan depends on
    table: Table,
    tree: Tree,
    codec: Codec | None,
    now: datetime,
    verdicts: Sequence[Retire | Keep] = (),
    *,
    destroys: str | None = None,
    max_drops: int | None = None,
    seen: Level | None = None,
    creating: list[Create] | None = None,
    taken: Collection[Name] = (),
) -> TablePlan:
    """Plan what brings *tree* to what *table* wants.

    :param codec: of the key; None where it has no axis.
    :param now: the run's clock, aware.
    :param verdicts: what the retention plugins say of this level.
    :param destroys: why nothing may be destroyed now; None if it may.
    :param max_drops: how many partitions may be retired; None for the table's own.
    :param seen: the level that :func:`looked` gave for the same arguments, if it is
        at hand.
    :param creating: the creations that it gave.
    :param taken: names that relations outside of *tree* have.
    :returns: the operations in their order: no creation is behind what may have to
        wait for somebody, but for those that only a ``Finalize`` makes possible.
    :raises PluginError: a verdict makes no sense.
    """
    if seen is None:
        seen, creating = looked(table, tree, codec, now, taken)
    elif creating is None:
        creating = creations(table, tree, seen, taken)
    if (why := _standstill(table, tree, seen)) is not None:
        return TablePlan(table=table.name, findings=(why,))
    ending = [] if destroys else list(finishing(table, tree))
    at_once, after = _by_need(creating, seen, tree, ending)
    retires, found = retirable(table, tree, seen, verdicts, max_drops)
    retiring = [] if destroys else _leaving(table, tree, seen, retires, ending)
    found += leaving_publications(table, tree, retiring)
    return TablePlan(
        table=table.name,
        operations=(
            *reopening(table, tree),
            *at_once,
            *discards(table, tree, creating),
            *settling(table, tree),
            *ending,
            *after,
            *retiring,
        ),
        findings=(*_told(table, tree, seen, creating), *found),
    )


def _leaving(
    table: Table,
    tree: Tree,
    seen: Level,
    retires: list[Retire],
    ending: Iterable[Finalize],
) -> list[Operation]:
    """Plan what leaves the table, and what leaves the bin."""
    finished = {operation.partition.oid for operation in ending}
    if any(p.pending and p.oid not in finished for p in tree.partitions):
        retires = []  # PostgreSQL allows one half-detached partition a table
    return retirements(table, tree, seen, retires, finished)


def _told(
    table: Table, tree: Tree, seen: Level, creating: Iterable[Create]
) -> Iterator[Finding]:
    """Tell of what is there or comes, and is not as it should be."""
    yield from off_grid(table, seen, creating)
    yield from spanning(table, seen)
    yield from half_detached(table, tree)
    yield from unattached(table, tree)
    if isinstance(table.strategy, Telling):
        yield from (evolve(f, table=table.name) for f in table.strategy.told(seen))


def _by_need(
    creating: Iterable[Create],
    seen: Level,
    tree: Tree,
    ending: Iterable[Finalize],
) -> tuple[list[Create], list[Create]]:
    """Return what can be created at once, and what can be after the finishing.

    What has to wait for somebody else is in neither.
    """
    pending = [partition for partition in tree.partitions if partition.pending]
    if not pending:
        return list(creating), []
    names = {operation.name for operation in ending}
    at_once, after = [], []
    for made in creating:
        needed = blockers(made, seen, pending)
        if not needed:
            at_once.append(made)
        elif needed <= names:
            after.append(made)
    return at_once, after


def _standstill(table: Table, tree: Tree, seen: Level) -> Finding | None:
    """Say why nothing at all is to be done; None: something may be."""
    if table.paused:
        return _paused(table)
    codec = seen.codec
    if codec and codec.axis == "number" and tree.position is None and not seen.wanted:
        return tree.doubt or _lost(table)
    return None


def _paused(table: Table) -> Finding:
    return Finding(
        code="paused",
        severity="info",
        table=table.name,
        message=f"{table.name} is paused: nothing is created and nothing retired.",
    )


def _lost(table: Table) -> Finding:
    return Finding(
        code="position-unknown",
        severity="warning",
        table=table.name,
        message=(
            f"The last number in use in {table.name} is not known, so nothing is "
            "created and nothing retired."
        ),
        hint="give the key column a sequence of its own (OWNED BY), or say by start "
        "where its numbers begin",
    )
