"""Which partitions of others are just what partman would have made itself.

Those can be adopted, and everything that speaks of what others made has to say so by
the same judgement: nobody is sent to a command that will refuse.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

from partman_core.bounds import DefaultBounds
from partman_core.naming import as_typed

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


def misfit(table: Table, level: Level, partition: Partition) -> str | None:
    """Say why *partition* cannot be adopted.

    :param level: of *table*, as it is.
    :returns: a sentence about the partition; None if it can.
    """
    if partition.pending:
        return "it is half-detached; finish its detach first"
    if partition.bounds is None:
        return "somebody holds it locked, so its bounds cannot be read now"
    if isinstance(partition.bounds, DefaultBounds):
        return "it is the DEFAULT partition, which retention never touches"
    if partition.kind == "foreign":
        return "it is a foreign table, whose rows are not in this database"
    if partition.kind == "partitioned":
        return "it is partitioned itself"
    if not isinstance(table.strategy, Fits):
        kind = table.strategy.kind
        return f"the strategy {kind!r} does not say which partitions fit it"
    return table.strategy.fits(level, partition.bounds)


def adoptable(
    table: Table, level: Level, partitions: Sequence[Partition]
) -> tuple[list[Partition], list[tuple[Partition, str]]]:
    """Tell those that can be adopted from those that cannot.

    :param level: of *table*, as it is.
    :returns: those that can; and the others, each with a sentence that says why.
    """
    judged = [(part, misfit(table, level, part)) for part in partitions]
    fitting = [part for part, why in judged if why is None]
    return fitting, [(part, why) for part, why in judged if why is not None]


def adopting(table: Table, level: Level, partitions: Sequence[Partition]) -> str:
    """Say what is to be done about partitions that somebody else made.

    :param level: of *table*, as it is.
    :param partitions: at least one.
    """
    fitting, others = adoptable(table, level, partitions)
    command = f"`partman adopt {as_typed(table.name)}`"
    if not others:
        them = "it" if len(fitting) == 1 else "them"
        return f"{command} makes {them} partman's"
    partition, why = others[0]
    reason = f"{partition.name}: {why}"
    rest = f", and {len(others) - 1} more" if len(others) > 1 else ""
    if not fitting:
        stays = "it stays" if len(others) == 1 else "they stay"
        return (
            f"nothing to adopt ({reason}{rest}): {stays} until somebody takes "
            f"{'it' if len(others) == 1 else 'them'} out by hand"
        )
    return (
        f"{command} makes {len(fitting)} of them partman's, but not the "
        f"other{'' if len(others) == 1 else 's'} ({reason}{rest})"
    )
