"""Which existing partitions partman may call its own: those that fit the grid.

What is adopted is retired some day like anything that partman made, so a partition
has to be just what partman would have made itself, and a person has to ask for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import frozen

from partman_core.planner import as_it_is
from partman_core.planner.fitting import Fits, adoptable

if TYPE_CHECKING:
    from datetime import datetime

    from partman_core.keys import Codec
    from partman_core.model import Partition, Table, Tree
    from partman_core.naming import Name

__all__ = ["Adoption", "Fits", "adoption"]


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
    fitting, others = adoptable(table, seen, [part for part in there if not part.ours])
    return Adoption(table=table.name, accepted=tuple(fitting), refused=tuple(others))
