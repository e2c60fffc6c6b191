"""What becomes of partitions that are no longer kept.

Of what may be retired at all (:mod:`partman_core.planner.due`) nothing is where a lock
hides the whole, nor where it would be too much at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import evolve

from partman_core.errors import PluginError
from partman_core.model import Retired
from partman_core.naming import as_typed
from partman_core.plan import Detach, Drop, Finding, Move
from partman_core.planner.coverage import in_order
from partman_core.planner.creating import axis
from partman_core.planner.due import due
from partman_core.planner.fitting import adopting
from partman_core.planner.holds import hold_on, is_held
from partman_core.planner.lanes import lanes
from partman_core.planner.places import last_position
from partman_core.zones import told

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence
    from datetime import datetime

    from partman_core.model import Keep, Partition, Retire, Table, Tree
    from partman_core.plan import Operation
    from partman_core.planner.due import Due
    from partman_core.strategy import Level


def retirable(
    table: Table,
    tree: Tree,
    level: Level,
    verdicts: Sequence[Retire | Keep],
    max_drops: int | None = None,
) -> tuple[list[Retire], list[Finding]]:
    """Say what may be retired in this run, oldest first, and what a person should know.

    :param max_drops: how many may go; None for the table's own setting.  If more are
        due, something may be wrong, and none goes until a person says so.
    """
    found = due(level, verdicts)
    findings = [*_foreign(table, level, found), *_held(table, level, found)]
    findings += _held_in_bin(table, tree, level.now)
    unread = any(partition.bounds is None for partition in tree.partitions)
    if unread or (found.retire and _is_locked(tree)):
        return [], [*findings, _locked(table, tree)]
    if tree.doubt is not None and level.codec and level.codec.axis == "number":
        return [], [*findings, tree.doubt]
    if not found.retire:
        return [], findings
    limit = _limit(table, level) if max_drops is None else max_drops
    if len(found.retire) > limit:
        too_many = _too_many(table, level, len(found.retire), limit)
        return [], [*findings, too_many]
    return found.retire, findings


def retirements(
    table: Table,
    tree: Tree,
    level: Level,
    retires: Iterable[Retire],
    finished: Collection[int] = (),
) -> list[Operation]:
    """Plan what leaves the table, and what leaves the bin.

    :param retires: from :func:`retirable`.
    :param finished: oids of half-detached partitions that are out by then.
    :returns: detaches, then moves, then drops.
    """
    detaches = [_detach(table, tree, level, retire) for retire in retires]
    reasons = {detach.partition.oid: detach.reason for detach in detaches}
    gone = [
        evolve(retired, attached=False)
        for retired in tree.bin
        if not retired.attached or retired.oid in finished
    ]
    gone = [retired for retired in gone if not is_held(retired, level.now)]
    gone += [_retired(detach, level.now) for detach in detaches]
    follow = list(_follow(table, gone, reasons, level.now))
    moves = [operation for operation in follow if isinstance(operation, Move)]
    drops = [operation for operation in follow if isinstance(operation, Drop)]
    return [*detaches, *moves, *drops]


def _limit(table: Table, level: Level) -> int:
    """Return the smallest ``max_drops`` of the sections, or half of what has begun."""
    limits = (getattr(s, "max_drops", None) for s in table.sections.values())
    half = max(1, begun(level) // 2)
    return min((limit for limit in limits if limit is not None), default=half)


def begun(level: Level) -> int:
    """Count the partitions that are not wholly in the future.

    What is kept ready ahead says nothing about how much would be lost, and counting
    it would let the limit grow with each creation.
    """
    if level.laned is not None:
        return sum(begun(lane.level) for lane in lanes(level))
    codec = axis(level)
    if codec is None:
        return len(level.existing)
    here = last_position(codec, level.now, level.timezone, level.position)
    spans = in_order(codec, (partition.bounds for partition in level.existing))
    return sum(here is not None and lower <= here for lower, _ in spans)


def _detach(table: Table, tree: Tree, level: Level, retire: Retire) -> Detach:
    if retire.action == "move" and retire.schema is None:
        raise PluginError(
            f"a plugin wants {retire.partition.name} moved, but names no schema",
            hint="leave the plugin out with --without NAME, or have it mended",
        )
    drops = retire.action == "drop"
    return Detach(
        table=table.name,
        partition=retire.partition,
        reason=retire.reason,
        action=retire.action,
        concurrently=_is_unseen(table, tree),
        due=retire.grace.after(level.now, level.timezone) if drops else None,
        target_schema=retire.schema if retire.action == "move" else None,
    )


def _is_unseen(table: Table, tree: Tree) -> bool:
    """Say whether partitions can leave while nobody waits.

    PostgreSQL rules that out beside a DEFAULT partition.  With a foreign key users of
    the other table wait anyway, for as long as some reader stays, and the partition's
    rows are out of sight meanwhile; so a short transaction is better there.
    """
    if tree.default is not None or table.default_partition:
        return False
    return not tree.linked


def _retired(detach: Detach, now: datetime) -> Retired:
    partition = detach.partition
    if partition.bounds is None:
        raise TypeError(f"{partition.name} has no bounds that could be judged")
    return Retired(
        oid=partition.oid,
        name=partition.name,
        bounds=partition.bounds,
        action=detach.action,
        retired_at=now,
        due=detach.due,
        bytes=partition.bytes,
        rows=partition.rows,
        kind=partition.kind,
        target_schema=detach.target_schema,
    )


def _follow(
    table: Table, gone: Iterable[Retired], reasons: dict[int, str], now: datetime
) -> Iterator[Move | Drop]:
    """Yield what becomes now of partitions that are detached."""
    for retired in gone:
        since = told(retired.retired_at)
        reason = reasons.get(retired.oid, f"was taken out on {since}")
        if retired.action == "move" and retired.target_schema is not None:
            yield Move(
                table=table.name,
                retired=retired,
                reason=reason,
                target_schema=retired.target_schema,
            )
        elif retired.action == "drop" and retired.due and is_over(retired, now):
            if retired.oid not in reasons and retired.due > retired.retired_at:
                reason += ", and its grace is over"
            yield Drop(table=table.name, retired=retired, reason=reason)


def is_over(retired: Retired, now: datetime) -> bool:
    """Say whether the time in the bin is over of what does not stay there."""
    if retired.action == "drop":
        return retired.due is not None and retired.due <= now
    return retired.action == "move"


def _is_locked(tree: Tree) -> bool:
    there = tree.partitions
    return tree.locked or any(partition.locked for partition in there)


def _foreign(table: Table, level: Level, found: Due) -> Iterator[Finding]:
    if not found.foreign:
        return
    yield Finding(
        code="foreign",
        severity="info",
        table=table.name,
        message=(
            f"{_counted(found.foreign)} no longer kept{_rows(found.foreign)}, but "
            "made by somebody else: "
            "partman retires only what it made or adopted."
        ),
        hint=adopting(table, level, found.foreign, are_over=True),
        data=_listed(found.foreign) | _weight(found.foreign),
    )


def _held(table: Table, level: Level, found: Due) -> Iterator[Finding]:
    for partition, reason in found.held:
        yield Finding(
            code="held",
            severity="info",
            table=table.name,
            message=f"{partition.name} would be retired, but stays: {reason}.",
            hint=_letting_go(partition) if is_held(partition, level.now) else None,
            data=_listed([partition]),
        )


def _held_in_bin(table: Table, tree: Tree, now: datetime) -> Iterator[Finding]:
    """Tell of what is out, and would be gone but for a hold."""
    for retired in tree.bin:
        hold = hold_on(retired, now)
        if hold is None or retired.attached or not is_over(retired, now):
            continue
        what = "moved" if retired.action == "move" else "dropped"
        yield Finding(
            code="held",
            severity="info",
            table=table.name,
            message=f"{retired.name} would be {what}, but stays: {hold}.",
            hint=_letting_go(retired),
            data=_listed([retired]),
        )


def _letting_go(kept: Partition | Retired) -> str:
    return f"`partman release {as_typed(kept.name)}` lets it go"


def _locked(table: Table, tree: Tree) -> Finding:
    locked = [p for p in tree.partitions if p.locked or p.bounds is None]
    who = _counted(locked) if locked else f"{table.name} is"
    return Finding(
        code="locked",
        severity="warning",
        table=table.name,
        message=f"{who} locked by somebody: nothing is retired here in this pass.",
        hint="the next run tries again; `pg_locks` shows who holds it",
        data=_listed(locked),
    )


def _too_many(table: Table, level: Level, count: int, limit: int) -> Finding:
    return Finding(
        code="max-drops",
        severity="warning",
        table=table.name,
        message=(
            f"{count} of the {begun(level)} partitions that have begun are due to be "
            f"retired, and max_drops is {limit}: all {count} are held back."
        ),
        hint="if that is right: "
        f"`partman maintain {as_typed(table.name)} --max-drops {count}`",
        data={"due": count, "limit": limit, "partitions": begun(level)},
    )


def _counted(partitions: Sequence[Partition]) -> str:
    """Return a subject and its verb: ``flights_p201301 is``, ``12 partitions are``."""
    if len(partitions) == 1:
        return f"{partitions[0].name} is"
    return f"{len(partitions)} partitions ({partitions[0].name} ...) are"


def _rows(partitions: Iterable[Partition]) -> str:
    """Say how many rows are in partitions, where any are known of."""
    rows = sum(partition.rows or 0 for partition in partitions)
    return f" (≈{rows:,} rows)" if rows else ""


def _weight(partitions: Iterable[Partition]) -> dict[str, int]:
    """Return how much partitions hold, by PostgreSQL's estimates."""
    there = list(partitions)
    return {
        "rows": sum(partition.rows or 0 for partition in there),
        "bytes": sum(partition.bytes for partition in there),
    }


def _listed(partitions: Iterable[Partition | Retired]) -> dict[str, Any]:
    return {"partitions": [str(partition.name) for partition in partitions]}
