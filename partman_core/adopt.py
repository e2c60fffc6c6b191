"""Which existing partitions partman may call its own: those that fit the grid.

What is adopted is retired some day like anything that partman made, so a partition
has to be just what partman would have made itself, and a person has to ask for it.
Where its age can be told a person may also ask for one that is off the grid; and one
that would be retired at once is adopted only if somebody says so once more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import evolve, frozen

from partman_core.planner import as_it_is, nesting
from partman_core.planner.fitting import Fits, Misfit, adoptable

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime

    from partman_core.keys import Codec
    from partman_core.model import Partition, Table, Tree
    from partman_core.naming import Name

__all__ = ["Adoption", "Backlog", "Fits", "Refusal", "adoption"]


@frozen
class Refusal:
    """A partition that is not adopted.

    :param why: a sentence about it.
    :param remedy: what is done about it, or can be.
    """

    partition: Partition
    why: str
    remedy: str


@frozen
class Backlog:
    """Partitions that are no longer kept, once they are partman's.

    :param partitions: oldest first.
    """

    partitions: tuple[Partition, ...] = ()

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self.partitions)

    @property
    def rows(self) -> int | None:
        """How many rows they hold, by PostgreSQL's estimate; None: not known."""
        known = [part.rows for part in self.partitions if part.rows is not None]
        return sum(known) if len(known) == len(self.partitions) else None

    @property
    def bytes(self) -> int:
        """How big they are."""
        return sum(part.bytes for part in self.partitions)

    def to_json(self) -> dict[str, Any]:
        """Return it as plain JSON."""
        return {
            "partitions": [str(part.name) for part in self.partitions],
            "rows": self.rows,
            "bytes": self.bytes,
        }


@frozen
class Adoption:
    """What becomes, or would become, partman's own.

    :param accepted: the partitions that do.
    :param refused: those that do not fit.
    :param backlog: those that fit and are no longer kept, so that the next run would
        retire them.
    :param any_size: whether those off the grid are taken as well.
    :param agreed: whether somebody has said that they are adopted all the same; they
        are among the accepted then, and left alone otherwise.
    """

    table: Name
    accepted: tuple[Partition, ...] = ()
    refused: tuple[Refusal, ...] = ()
    backlog: Backlog = Backlog()
    any_size: bool = False
    agreed: bool = False

    def with_backlog(self, oids: Collection[int], *, agreed: bool) -> Adoption:
        """Return it with those of the accepted told apart that are no longer kept.

            :param oids: of those.
        :param agreed: whether they are adopted all the same.
        """
        over = tuple(part for part in self.accepted if part.oid in oids)
        kept = tuple(part for part in self.accepted if part.oid not in oids)
        return evolve(
            self,
            accepted=self.accepted if agreed else kept,
            backlog=Backlog(over),
            agreed=agreed,
        )

    def with_inside(self, inside: Adoption) -> Adoption:
        """Return it with what is adopted inside of one of the partitions."""
        over = (*self.backlog.partitions, *inside.backlog.partitions)
        return evolve(
            self,
            accepted=(*self.accepted, *inside.accepted),
            refused=(*self.refused, *inside.refused),
            backlog=Backlog(over),
        )

    def __str__(self) -> str:
        """Return it as a person reads it, without colours."""
        lines = [str(self.table)]
        lines += [f"  + adopt    {part.name}  {part.bounds}" for part in self.accepted]
        if not self.agreed:
            lines += [f"  ! over     {part.name}" for part in self.backlog.partitions]
        for one in self.refused:
            lines.append(f"  ! refused  {one.partition.name}: {one.why}")
            lines.append(f"    = so: {one.remedy}")
        if len(lines) == 1:
            lines.append("  every partition is partman's already")
        return "\n".join(lines)

    def to_json(self) -> dict[str, Any]:
        """Return it as plain JSON."""
        return {
            "table": str(self.table),
            "accepted": [_described(part) for part in self.accepted],
            "refused": [
                _described(one.partition) | {"why": one.why, "remedy": one.remedy}
                for one in self.refused
            ],
            "backlog": self.backlog.to_json() | {"agreed": self.agreed},
        }


def _described(partition: Partition) -> dict[str, Any]:
    bounds = partition.bounds
    return {
        "partition": str(partition.name),
        "kind": partition.kind,
        "clause": None if bounds is None else str(bounds),
    }


def adoption(
    table: Table,
    tree: Tree,
    codec: Codec | None,
    now: datetime,
    *,
    any_size: bool = False,
) -> Adoption:
    """Judge every partition of *tree* that partman neither made nor adopted.

    :param codec: of the key; None where it has no axis.
    :param now: the run's clock, aware.
    :param any_size: also take those off the grid whose age can be told.
    """
    seen = as_it_is(table, tree, codec, now)
    there = (*tree.partitions, *([tree.default] if tree.default else []))
    theirs = [part for part in there if not part.ours]
    fitting, others = adoptable(table, seen, theirs, any_size=any_size)
    other_key = [
        (part, why) for part in fitting if (why := _other_key(table, tree, part))
    ]
    odd = {part.oid for part, _ in other_key}
    return Adoption(
        table=table.name,
        accepted=tuple(part for part in fitting if part.oid not in odd),
        refused=tuple(_refusals([*others, *other_key])),
        any_size=any_size,
    )


def _refusals(others: Iterable[tuple[Partition, Misfit]]) -> Iterable[Refusal]:
    for part, why in others:
        yield Refusal(partition=part, why=why.reason, remedy=why.remedy)


def _other_key(table: Table, tree: Tree, partition: Partition) -> Misfit | None:
    """Say that a partition is partitioned again, but not as the settings have it."""
    subtree = tree.subtrees.get(partition.oid)
    if subtree is None or nesting.below(table, tree.key) is None:
        return None
    if nesting.as_declared(table, tree, subtree):
        return None
    key = nesting.key_below(table, tree)
    return Misfit(
        f"it is partitioned by {subtree.key}, and the settings have {key} there",
        "it stays, and nothing is made over its range; when nobody needs it any more, "
        "take it out by hand",
    )


def adopted(tree: Tree, partitions: Iterable[Partition]) -> Tree:
    """Return *tree* as it is once partitions of it are partman's."""
    oids = {part.oid for part in partitions}
    return evolve(
        tree,
        partitions=tuple(
            evolve(part, ours=True) if part.oid in oids else part
            for part in tree.partitions
        ),
    )
