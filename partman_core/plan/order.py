"""The order of operations: nothing that waits for somebody comes before a creation."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from partman_core.plan.operations import Detach, Drop, Finalize, Move, Settle

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from partman_core.plan.operations import Operation

RETIRING = (Settle, Finalize, Detach)
DISPOSING = (Move, Drop)


def parted(
    operations: Sequence[Operation],
) -> tuple[Sequence[Operation], Sequence[Operation], Sequence[Operation]]:
    """Part operations, in their order: creations, retirements, disposals.

    A creation that only a retirement makes possible comes after it, and so belongs to
    the second part.
    """
    kept = len(operations)
    while kept and isinstance(operations[kept - 1], DISPOSING):
        kept -= 1
    late = (i for i in range(kept) if isinstance(operations[i], RETIRING))
    first = next(late, kept)
    return operations[:first], operations[first:kept], operations[kept:]


def merged(parts: Iterable[Sequence[Operation]]) -> tuple[Operation, ...]:
    """Put the operations of several levels together, in the order of the three parts.

    :param parts: of each level; within each of the three, theirs stay in this order.
    """
    creating, retiring, disposing = [], [], []
    for operations in parts:
        first, second, third = parted(operations)
        creating.append(first)
        retiring.append(second)
        disposing.append(third)
    return tuple(chain(*creating, *retiring, *disposing))
