"""What would be done to one table now: a pure function of settings, tree and time.

Nothing here reads a clock or asks a server.  The same arguments give the same plan,
and when every operation of it is done, planning again gives none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve

from partman_core.bounds import DefaultBounds
from partman_core.model import Partition
from partman_core.naming import as_typed
from partman_core.plan import Discard, Finalize, Finding, TablePlan
from partman_core.planner.creating import blockers, creations, off_grid, usable
from partman_core.planner.retiring import retirable, retirements
from partman_core.strategy import Level, Limit

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
    seen = as_it_is(table, tree, codec, now)
    made = creations(table, tree, seen)
    at_once, after = _by_need(made, seen, tree, _finishing(table, tree))
    coming = tuple(
        Partition(oid=-number, name=made.name, bounds=made.bounds, ours=True)
        for number, made in enumerate((*at_once, *after), 1)
        if not isinstance(made.bounds, DefaultBounds)
    )
    return evolve(seen, existing=seen.existing + coming) if coming else seen


def as_it_is(table: Table, tree: Tree, codec: Codec | None, now: datetime) -> Level:
    """Return the table's level as it is, with what the strategy wants of it.

    Half-detached partitions are left out: their rows are out of reach already.

    :param codec: of the key; None where it has no axis.
    :param now: the run's clock, aware.
    """
    sections = (s for s in table.sections.values() if isinstance(s, Limit))
    limits = (section.kept_since(now, table.timezone) for section in sections)
    seen = Level(
        key=tree.key,
        codec=codec,
        existing=usable(tree),
        now=now,
        timezone=table.timezone,
        position=tree.position,
        tenants=tree.tenants,
        kept_since=max((since for since in limits if since), default=None),
    )
    return evolve(seen, wanted=tuple(table.strategy.wanted(seen)))


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
    taken: Collection[Name] = (),
) -> TablePlan:
    """Plan what brings *tree* to what *table* wants.

    :param codec: of the key; None where it has no axis.
    :param now: the run's clock, aware.
    :param verdicts: what the retention plugins say of this level.
    :param destroys: why nothing may be destroyed now; None if it may.
    :param max_drops: how many partitions may be retired; None for the table's own.
    :param seen: what :func:`level` gave for the same arguments, if it is at hand.
    :param taken: names that relations outside of *tree* have.
    :returns: the operations in their order: no creation is behind what may have to
        wait for somebody, but for those that only a ``Finalize`` makes possible.
    :raises PluginError: a verdict makes no sense.
    """
    seen = level(table, tree, codec, now) if seen is None else seen
    if (why := _standstill(table, tree, seen)) is not None:
        return TablePlan(table=table.name, findings=(why,))
    creating = creations(table, tree, seen, taken)
    finishing = [] if destroys else list(_finishing(table, tree))
    at_once, after = _by_need(creating, seen, tree, finishing)
    retires, found = retirable(table, tree, seen, verdicts, max_drops)
    retiring = [] if destroys else _leaving(table, tree, seen, retires, finishing)
    discards = _discards(table, tree, creating)
    return TablePlan(
        table=table.name,
        operations=(*at_once, *discards, *finishing, *after, *retiring),
        findings=(*_told(table, tree, seen, creating), *found),
    )


def _leaving(
    table: Table,
    tree: Tree,
    seen: Level,
    retires: list[Retire],
    finishing: Iterable[Finalize],
) -> list[Operation]:
    """Plan what leaves the table, and what leaves the bin."""
    finished = {operation.partition.oid for operation in finishing}
    if any(p.pending and p.oid not in finished for p in tree.partitions):
        retires = []  # PostgreSQL allows one half-detached partition a table
    return retirements(table, tree, seen, retires, finished)


def _told(
    table: Table, tree: Tree, seen: Level, creating: Iterable[Create]
) -> Iterator[Finding]:
    """Tell of what is there or comes, and is not as it should be."""
    yield from off_grid(table, seen, creating)
    yield from half_detached(table, tree)
    yield from _unattached(table, tree)


def _finishing(table: Table, tree: Tree) -> Iterator[Finalize]:
    """Finish what was cut short, unless somebody is at it at this moment."""
    intended = {retired.oid for retired in tree.bin if retired.attached}
    for partition in tree.partitions:
        ours = partition.ours or partition.oid in intended
        if partition.pending and ours and not partition.locked:
            yield Finalize(
                table=table.name,
                partition=partition,
                reason="its detach was cut short, and its rows are out of reach",
            )


def _by_need(
    creating: Iterable[Create],
    seen: Level,
    tree: Tree,
    finishing: Iterable[Finalize],
) -> tuple[list[Create], list[Create]]:
    """Return what can be created at once, and what can be after the finishing.

    What has to wait for somebody else is in neither.
    """
    pending = [partition for partition in tree.partitions if partition.pending]
    if not pending:
        return list(creating), []
    ending = {operation.name for operation in finishing}
    at_once, after = [], []
    for made in creating:
        needed = blockers(made, seen, pending)
        if not needed:
            at_once.append(made)
        elif needed <= ending:
            after.append(made)
    return at_once, after


def _discards(
    table: Table, tree: Tree, creating: Collection[Create]
) -> Iterator[Discard]:
    used = {made.built for made in creating}
    for partition in tree.built:
        if partition.oid not in used:
            yield Discard(
                table=table.name,
                partition=partition,
                reason="was built, never attached, and is not wanted any more",
            )


def _unattached(table: Table, tree: Tree) -> Iterator[Finding]:
    """Tell of tables that a run which was cut short left beside the table."""
    if not tree.built:
        return
    names = [str(partition.name) for partition in tree.built]
    yield Finding(
        code="unattached",
        severity="info",
        table=table.name,
        message=(
            f"{len(names)} built for {table.name} and not attached: "
            f"{names[0]}{' and so on' if names[1:] else ''}."
        ),
        hint=f"`partman maintain {as_typed(table.name)}` attaches them, or removes "
        "them if they are empty and not wanted",
        data={"partitions": names},
    )


def half_detached(table: Table, tree: Tree) -> Iterator[Finding]:
    """Tell of partitions whose detach was cut short."""
    for partition in tree.partitions:
        if partition.pending:
            yield _half_detached(table, partition)


def _half_detached(table: Table, partition: Partition) -> Finding:
    hint = f"`partman maintain {as_typed(table.name)}` finishes it"
    if partition.locked:
        hint = "somebody is at it at this moment; `pg_locks` shows who"
    elif not partition.ours:
        hint = (
            f"finish it: `ALTER TABLE {table.name} "
            f"DETACH PARTITION {partition.name} FINALIZE`"
        )
    return Finding(
        code="half-detached",
        severity="warning",
        table=table.name,
        message=(
            f"{partition.name} is half-detached: its rows are out of reach, inserts "
            "for its range fail, and no other partition can be detached."
        ),
        hint=hint,
        data={"partitions": [str(partition.name)]},
    )


def _standstill(table: Table, tree: Tree, seen: Level) -> Finding | None:
    """Say why nothing at all is to be done; None: something may be."""
    if table.paused:
        return _paused(table)
    codec = seen.codec
    if codec and codec.axis == "number" and tree.position is None and not seen.wanted:
        return _lost(table)
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
        hint="give the key column a sequence of its own, or write a first row",
    )
