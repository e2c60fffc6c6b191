"""Where an axis of numbers stands: the last number in use, as far as can be told.

On an axis of time the clock says where inserts happen.  On one of numbers there are
two witnesses.  The sequence that the key column owns says what comes next, also where
numbers are drawn ahead or lost.  The newest row says what was really used, also where
ids are given by hand.  The larger of the two is taken: partitions ahead of it are those
that the next inserts need, and what lies behind it is held by partitions that are there
already.  A partition too many costs nothing, and one that is missing lets inserts fail.

To retire is another matter: too large a number would retire what is still in use.  So
where the witnesses contradict each other there is a doubt, and nothing is retired until
somebody has settled it.
"""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

from attrs import field, frozen

from partman_core.naming import as_typed
from partman_core.plan import Finding
from partman_core.planner.coverage import span_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from partman_core.keys import Codec, Column, Position
    from partman_core.model import Partition, Tree
    from partman_core.naming import Name
    from partman_core.plan import Severity


@frozen(kw_only=True)
class Asked:
    """An axis of numbers.

    :param tree: the managed table.
    :param column: that is the key, of the table itself or of its partitions.
    :param levels: what is partitioned by it.
    :param there: the ranges that could be looked into, from the highest downwards.
    """

    tree: Tree
    column: Column
    codec: Codec
    levels: tuple[Tree, ...]
    there: tuple[Spot, ...] = field(init=False)

    @there.default
    def _ranges(self) -> tuple[Spot, ...]:
        found = [
            Spot(partition, *place)
            for level in self.levels
            if [column.name for column in level.key.columns] == [self.column.name]
            for partition in level.partitions
            if partition.kind != "foreign" and not partition.pending
            if (place := span_of(self.codec, partition.bounds)) is not None
        ]
        found.sort(key=lambda spot: (spot.upper, spot.lower), reverse=True)
        return tuple(found)


@frozen(kw_only=True)
class Counter:
    """The sequence that a key column owns.

    :param last: its last value, or its first one while nobody has drawn from it; None:
        it cannot be read now.
    :param called: whether somebody has drawn from it.
    """

    name: Name
    increment: int = 1
    cycles: bool = False
    last: int | None = None
    called: bool = True

    @property
    def goes_on(self) -> bool:
        """Whether later numbers are larger."""
        return self.increment > 0 and not self.cycles


@frozen(kw_only=True)
class Evidence:
    """What there is to judge by.

    :param newest: the largest key in the newest range that holds a row.
    :param in_default: the largest key in DEFAULT.
    :param large: holds rows, but the largest key was not found in time.
    :param unseen: how many partitions could not be looked at, that are newer.
    """

    counter: Counter | None = None
    newest: Position | None = None
    in_default: Position | None = None
    large: Spot | None = None
    unseen: int = 0


@frozen(kw_only=True)
class Standing:
    """Where an axis stands.

    :param position: the last number in use; None: unknown.
    :param doubt: why it may be wrong, so that nothing is to be retired by it.
    """

    position: int | None = None
    doubt: Finding | None = None


@frozen
class Spot:
    """A partition that may hold the newest row, and its range."""

    partition: Partition
    lower: Position
    upper: Position


def heaps(there: Iterable[Spot]) -> list[list[Spot]]:
    """Put ranges together that share numbers, as those of different tenants do.

    Whatever one of them holds is larger than anything in the later ones.

    :param there: from the highest downwards.
    """
    made: list[list[Spot]] = []
    lowest: Position = inf
    for spot in there:
        if made and spot.upper > lowest:
            made[-1].append(spot)
            lowest = min(lowest, spot.lower)
        else:
            made.append([spot])
            lowest = spot.lower
    return made


def standing(asked: Asked, seen: Evidence) -> Standing:
    """Say where an axis stands."""
    counter = seen.counter
    if counter is not None and counter.goes_on and counter.last is not None:
        return _counted(asked, counter, counter.last, seen.newest)
    return _by_rows(asked, seen)


def _counted(
    asked: Asked, counter: Counter, last: int, newest: Position | None
) -> Standing:
    """Judge by a sequence; DEFAULT says nothing then that it does not say better."""
    if newest is None or newest <= last:
        return Standing(position=last)
    position = int(newest // 1)
    # Some libraries draw once for as many ids as the increment is.
    if not counter.called or newest < last + counter.increment:
        return Standing(position=position)
    message = (
        f"The sequence {counter.name} stands at {last:,}, and rows of "
        f"{asked.tree.name} go up to {position:,}: nothing is retired by numbers that "
        "contradict each other."
    )
    column = asked.column.label
    hint = (
        f"if rows go on from there, set the sequence by setval('{counter.name}', "
        f"{position}); if {column} is not drawn from it: ALTER SEQUENCE "
        f"{counter.name} OWNED BY NONE"
    )
    return Standing(position=position, doubt=_doubt(asked, message, hint=hint))


def _by_rows(asked: Asked, seen: Evidence) -> Standing:
    newest = [at for at in (seen.newest, seen.in_default) if at is not None]
    if seen.large is not None:
        newest.append(_end(seen.large))
    if not newest:
        return _unknown(asked, seen)
    position = int(max(newest) // 1)
    return Standing(position=position, doubt=_doubt_of_rows(asked, seen))


def _end(large: Spot) -> Position:
    """Return the last number that a range can hold, or else the first."""
    return large.lower if large.upper == inf else large.upper - 1


def _doubt_of_rows(asked: Asked, seen: Evidence) -> Finding | None:
    name, column = asked.tree.name, asked.column.label
    counter, large = seen.counter, seen.large
    if counter is not None and not counter.goes_on:
        how = "starts over at its end" if counter.cycles else "counts down"
        return _doubt(
            asked,
            f"The sequence {counter.name} {how}, and partitions of {name} are made for "
            "numbers that grow: nothing is retired by them.",
            hint=f"ALTER SEQUENCE {counter.name} NO CYCLE INCREMENT 1, or "
            "OWNED BY NONE if nobody draws from it",
        )
    if large is not None:
        return _doubt(
            asked,
            f"The largest {column} in {large.partition.name} was not found in time, so "
            "nothing is retired by it; partitions ahead are made from its end on.",
            hint=f"an index that begins with {column} finds it at once",
        )
    if any(level.oid != asked.tree.oid for level in asked.levels):
        return _doubt(
            asked,
            f"The {column} of {name} is numbered by no sequence that it owns, and each "
            "of its partitions may have numbers of its own: nothing is retired by "
            "them.",
            hint=f"ALTER SEQUENCE ... OWNED BY {name}.{column} names the one in use",
            severity="info",
        )
    top = max((spot.upper for spot in asked.there), default=-inf)
    if seen.in_default is not None and seen.in_default >= top:
        return _doubt(
            asked,
            f"Rows in the DEFAULT partition of {name} are beyond all others, up to "
            f"{int(seen.in_default // 1):,}: nothing is retired by a number that may "
            "be a stray.",
            hint="move them to partitions of their own, or delete what does not "
            "belong there",
        )
    return None


def _unknown(asked: Asked, seen: Evidence) -> Standing:
    """Say why nobody knows, where it is another reason than that nothing is there."""
    if not seen.unseen:
        return Standing()
    count = seen.unseen
    what = "1 partition" if count == 1 else f"{count} partitions"
    message = (
        f"The last number in use in {asked.tree.name} is not known, as {what} cannot "
        "be looked at now: nothing is created and nothing retired."
    )
    hint = (
        "the next run tries again; if it is for want of privileges, GRANT SELECT on "
        "them; a sequence that the key column owns would tell it as well"
    )
    return Standing(doubt=_doubt(asked, message, hint=hint, code="position-unknown"))


def _doubt(
    asked: Asked,
    message: str,
    *,
    hint: str,
    code: str = "position-doubtful",
    severity: Severity = "warning",
) -> Finding:
    return Finding(
        code=code,
        severity=severity,
        table=asked.tree.name,
        message=message,
        hint=hint,
        data={"table": as_typed(asked.tree.name)},
    )
