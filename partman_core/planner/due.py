"""Which partitions retention would take out, sorted by what may become of them.

Plugins say what they would retire; here is decided what may be: only what partman
made or adopted, what is over, and what nobody wants or keeps.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve, field, frozen

from partman_core.bounds import ListBounds
from partman_core.model import Keep, Partition, Retire
from partman_core.planner.coverage import in_order, overlaps, span_of
from partman_core.planner.creating import axis
from partman_core.planner.holds import hold_on
from partman_core.planner.lanes import lanes
from partman_core.planner.places import last_position

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from partman_core.strategy import Level

_HARSHNESS = ("detach", "move", "drop")


@frozen
class Due:
    """What retention would take out, sorted by what may become of it.

    :param retire: what may go, oldest first.
    :param held: what somebody keeps, with the reason.
    :param foreign: what is not ours to retire.
    """

    retire: list[Retire] = field(factory=list)
    held: list[tuple[Partition, str]] = field(factory=list)
    foreign: list[Partition] = field(factory=list)


def due(level: Level, verdicts: Sequence[Retire | Keep]) -> Due:
    """Sort what the retention plugins say of *level*."""
    sorted_out = Due()
    keeps = {v.partition.oid: v.reason for v in verdicts if isinstance(v, Keep)}
    for retire in _over(level, _gentlest(level, verdicts)):
        partition = retire.partition
        kept = keeps.get(partition.oid) or hold_on(partition, level.now)
        if not partition.ours:
            sorted_out.foreign.append(partition)
        elif kept is not None:
            sorted_out.held.append((partition, kept))
        else:
            sorted_out.retire.append(retire)
    return sorted_out


def _gentlest(level: Level, verdicts: Iterable[Retire | Keep]) -> list[Retire]:
    """Return one verdict a partition: of several, the one that destroys least."""
    known = {partition.oid: partition for partition in level.existing}
    chosen: dict[int, Retire] = {}
    for verdict in verdicts:
        partition = known.get(verdict.partition.oid)
        if not isinstance(verdict, Retire) or partition is None:
            continue
        other = chosen.get(partition.oid)
        if other is None or _harshness(verdict, level) < _harshness(other, level):
            chosen[partition.oid] = evolve(verdict, partition=partition)
    return list(chosen.values())


def _harshness(retire: Retire, level: Level) -> tuple[int, float]:
    grace = retire.grace.after(level.now, level.timezone) - level.now
    return _HARSHNESS.index(retire.action), -grace.total_seconds()


def _over(level: Level, retires: Iterable[Retire]) -> list[Retire]:
    """Return those whose partition is over and not wanted, lane by lane."""
    by_oid = {retire.partition.oid: retire for retire in retires}
    over: list[Retire] = []
    if not by_oid:
        return over
    for lane in lanes(level):
        there = [p for p in lane.level.existing if p.oid in by_oid]
        own = [evolve(by_oid[p.oid], partition=p) for p in there]
        over += [by_oid[r.partition.oid] for r in _over_in(lane.level, own)]
    return over


def _over_in(level: Level, retires: Iterable[Retire]) -> list[Retire]:
    """Return those whose partition is over and not wanted, oldest first."""
    codec = axis(level)
    if codec is None:
        wanted = {wanted.bounds for wanted in level.wanted}
        values = {v for b in wanted if isinstance(b, ListBounds) for v in b.values}
        return [
            retire
            for retire in retires
            if (bounds := retire.partition.bounds) is not None
            and bounds not in wanted
            and not (isinstance(bounds, ListBounds) and values & {*bounds.values})
        ]
    here = last_position(codec, level.now, level.timezone, level.position)
    spans = in_order(codec, (wanted.bounds for wanted in level.wanted))
    placed = ((retire, span_of(codec, retire.partition.bounds)) for retire in retires)
    over = [
        (found, retire)
        for retire, found in placed
        if here is not None
        and found is not None
        and found[1] <= here
        and not overlaps(found, spans)
    ]
    return [retire for _, retire in sorted(over, key=lambda pair: pair[0])]
