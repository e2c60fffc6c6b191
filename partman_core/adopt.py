"""Which existing partitions partman may call its own: those that fit the grid.

What is adopted is retired some day like anything that partman made, so a partition
has to be just what partman would have made itself, and a person has to ask for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from attrs import frozen

from partman_core.bounds import DefaultBounds
from partman_core.planner import as_it_is

if TYPE_CHECKING:
    from datetime import datetime

    from partman_core.bounds import Bounds
    from partman_core.keys import Codec
    from partman_core.model import Partition, Table, Tree
    from partman_core.naming import Name
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
class Adoption:
    """What becomes, or would become, partman's own.

    :param accepted: the partitions that fit.
    :param refused: the others, each with a sentence that says why.
    """

    table: Name
    accepted: tuple[Partition, ...] = ()
    refused: tuple[tuple[Partition, str], ...] = ()

    def __str__(self) -> str:
        """Return it as a person reads it, without colours."""
        lines = [str(self.table)]
        lines += [f"  + adopt    {part.name}  {part.bounds}" for part in self.accepted]
        lines += [f"  ! refused  {part.name}: {why}" for part, why in self.refused]
        if len(lines) == 1:
            lines.append("  every partition is partman's already")
        return "\n".join(lines)

    def to_json(self) -> dict[str, Any]:
        """Return it as plain JSON."""
        return {
            "table": str(self.table),
            "accepted": [_described(part) for part in self.accepted],
            "refused": [_described(part) | {"why": why} for part, why in self.refused],
        }


def _described(partition: Partition) -> dict[str, Any]:
    bounds = partition.bounds
    return {
        "partition": str(partition.name),
        "clause": None if bounds is None else str(bounds),
    }


def adoption(table: Table, tree: Tree, codec: Codec | None, now: datetime) -> Adoption:
    """Judge every partition of *tree* that partman neither made nor adopted.

    :param codec: of the key; None where it has no axis.
    :param now: the run's clock, aware.
    """
    seen = as_it_is(table, tree, codec, now)
    there = (*tree.partitions, *([tree.default] if tree.default else []))
    judged = [(part, _unfit(table, seen, part)) for part in there if not part.ours]
    return Adoption(
        table=table.name,
        accepted=tuple(part for part, why in judged if why is None),
        refused=tuple((part, why) for part, why in judged if why is not None),
    )


def _unfit(table: Table, seen: Level, partition: Partition) -> str | None:
    """Say why *partition* cannot be adopted."""
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
    return table.strategy.fits(seen, partition.bounds)
