"""Which partitions of others are just what partman would have made itself.

Those can be adopted, and everything that speaks of what others made has to say so by
the same judgement: nobody is sent to a command that will refuse.
"""

from __future__ import annotations

from math import isinf
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from attrs import evolve, frozen

from partman_core.bounds import DefaultBounds
from partman_core.naming import as_typed
from partman_core.planner.coverage import span_of
from partman_core.planner.lanes import of_tenant
from partman_core.planner.nesting import beneath

if TYPE_CHECKING:
    from collections.abc import Sequence

    from partman_core.bounds import Bounds
    from partman_core.model import Partition, Table
    from partman_core.strategy import Level


@runtime_checkable
class Fits(Protocol):
    """What a strategy offers whose partitions can be adopted."""

    def fits(self, level: Level, bounds: Bounds) -> str | None:
        """Say why a partition with these bounds is none that it would have wanted.

        At any time, not only now.

        :returns: a sentence about the partition; None if it fits.
        """


@frozen
class Misfit:
    """Why a partition cannot be adopted.

    :param reason: a sentence about the partition.
    :param remedy: what is done about it, or can be.
    :param is_placed: it has both ends on the axis, so that its age can be told all
        the same.
    """

    reason: str
    remedy: str
    is_placed: bool = False


def misfit(table: Table, level: Level, partition: Partition) -> Misfit | None:
    """Say why *partition* cannot be adopted.

    :param level: of *table*, as it is.
    :returns: None if it can.
    """
    if partition.bounds is None:
        return Misfit(
            "somebody holds it locked, so its bounds cannot be read now",
            "adopt again in a moment; `pg_locks` shows who holds it",
        )
    return _unfit_kind(table, level, partition) or _unfit_bounds(
        table, level, partition
    )


def _unfit_kind(table: Table, level: Level, partition: Partition) -> Misfit | None:
    """Say why it cannot be adopted, whatever its bounds are."""
    if partition.pending:
        return Misfit(
            "it is half-detached; finish its detach first",
            f"`ALTER TABLE {table.name} DETACH PARTITION {partition.name} FINALIZE`; "
            "until then its rows are out of reach",
        )
    if isinstance(partition.bounds, DefaultBounds):
        return Misfit(
            "it is the DEFAULT partition, which retention never touches",
            "nothing has to be done",
        )
    if partition.kind == "foreign":
        return Misfit(
            "it is a foreign table, whose rows are not in this database",
            "it stays, and nothing is made over its range; when it is over, "
            f"`ALTER TABLE {table.name} DETACH PARTITION {partition.name}`",
        )
    if partition.kind == "partitioned" and beneath(table, level.key) is None:
        return Misfit(
            "it is partitioned itself, and the settings have no level below",
            "it stays, and nothing is made over its range; when it is over, take it "
            "out by hand",
        )
    return None


def _unfit_bounds(table: Table, level: Level, partition: Partition) -> Misfit | None:
    """Say why its bounds are none that partman would have chosen."""
    bounds, strategy, seen = partition.bounds, table.strategy, level
    if level.laned is not None and bounds is not None:
        lane = level.laned.lane(level.key, bounds)
        if lane is None:
            return Misfit(
                "it holds rows of several tenants, of which each may be kept for "
                "another time",
                "it stays, and nothing is made over its range; when nobody needs it "
                "any more, take it out by hand",
            )
        tenant, bounds = lane
        strategy = of_tenant(table, tenant).strategy
        key = level.laned.lane_key(level.key) or level.key
        seen = evolve(level, key=key, laned=None, in_lane=True, tenants=(tenant,))
    if seen.in_lane and seen.codec is None:
        return None  # a tenant's own, and the time is the axis of another level
    if isinstance(strategy, Fits) and bounds is not None:
        why = strategy.fits(seen, bounds)
    else:
        why = f"the strategy {strategy.kind!r} does not say which partitions fit it"
    if why is None:
        return None
    if is_placed(level, partition):
        return Misfit(
            why,
            f"`partman adopt {as_typed(table.name)} --any-size` takes it as it is; "
            "until then it stays, and nothing is made over its range",
            is_placed=True,
        )
    return Misfit(
        why,
        "it stays, and nothing is made over its range; when nobody needs it any more, "
        "take it out by hand",
    )


def is_placed(level: Level, partition: Partition) -> bool:
    """Say whether both ends of a partition are on the axis, so that it has an age.

    One that holds rows of several tenants has none: each tenant's may differ.
    """
    bounds = partition.bounds
    if level.laned is not None and bounds is not None:
        lane = level.laned.lane(level.key, bounds)
        bounds = lane[1] if lane else None
    found = span_of(level.codec, bounds)
    return found is not None and not any(
        isinstance(end, float) and isinf(end) for end in found
    )


def adoptable(
    table: Table,
    level: Level,
    partitions: Sequence[Partition],
    *,
    any_size: bool = False,
) -> tuple[list[Partition], list[tuple[Partition, Misfit]]]:
    """Tell those that can be adopted from those that cannot.

    :param level: of *table*, as it is.
    :param any_size: also take those off the grid whose age can be told.
    :returns: those that can; and the others, each with the reason.
    """
    fitting: list[Partition] = []
    others: list[tuple[Partition, Misfit]] = []
    for part in partitions:
        why = misfit(table, level, part)
        if why is None or (any_size and why.is_placed):
            fitting.append(part)
        else:
            others.append((part, why))
    return fitting, others


def adopting(
    table: Table,
    level: Level,
    partitions: Sequence[Partition],
    *,
    are_over: bool = False,
) -> str:
    """Say what is to be done about partitions that somebody else made.

    :param level: of *table*, as it is.
    :param partitions: at least one.
    :param are_over: none of them is kept any longer: who adopts them has to say so
        once more, as the next run retires them.
    """
    fitting, others = adoptable(table, level, partitions)
    command = f"`partman adopt {as_typed(table.name)}{' --yes' * are_over}`"
    then = ", and the next run retires what is over" if are_over else ""
    if not others:
        them = "it" if len(fitting) == 1 else "them"
        return f"{command} makes {them} partman's{then}"
    partition, why = others[0]
    reason = f"{partition.name}: {why.reason}"
    rest = f", and {len(others) - 1} more" if len(others) > 1 else ""
    one = len(others) == 1
    if fitting:
        return (
            f"{command} makes {len(fitting)} of them partman's{then}, but not the "
            f"other{'' if one else 's'} ({reason}{rest})"
        )
    stays, them = ("it stays", "it") if one else ("they stay", "them")
    taken = f"takes {them} out by hand"
    if all(each.is_placed for _, each in others):
        taken += f", or adopts {them} with --any-size"
    return f"nothing to adopt ({reason}{rest}): {stays} until somebody {taken}"
