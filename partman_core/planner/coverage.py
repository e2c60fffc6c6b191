"""What existing partitions leave uncovered of the ranges that are wanted.

Pure arithmetic on positions (:mod:`partman_core.keys`), so it serves every axis:
times, numbers, identifiers that begin with a time.  Ranges are ``[lower, upper)``.
"""

from __future__ import annotations

from bisect import bisect_right
from operator import itemgetter
from typing import TYPE_CHECKING, TypeAlias

from attrs import evolve, frozen

from partman_core.bounds import RangeBounds
from partman_core.keys import Codec, Position, span

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from partman_core.bounds import Bounds

Span: TypeAlias = tuple[Position, Position]

_UPPER = itemgetter(1)


def span_of(codec: Codec | None, bounds: Bounds | None) -> Span | None:
    """Return the places of both ends of *bounds*.

    :returns: None where they have no place: no axis, bounds that cannot be read,
        no single range, or a value that the codec does not know.
    """
    if codec is None or not isinstance(bounds, RangeBounds):
        return None
    try:
        return span(codec, bounds)
    except ValueError:
        return None


def in_order(codec: Codec | None, held: Iterable[Bounds | None]) -> list[Span]:
    """Return the spans of those *held* that have a place, in order."""
    return sorted(found for bounds in held if (found := span_of(codec, bounds)))


def overlaps(wanted: Span, taken: Sequence[Span]) -> bool:
    """Say whether *wanted* shares a position with one of *taken*.

    :param taken: in order, disjoint.
    """
    lower, upper = wanted
    first = bisect_right(taken, lower, key=_UPPER)
    return first < len(taken) and taken[first][0] < upper


def uncovered(wanted: Span, taken: Sequence[Span]) -> list[Span]:
    """Return the parts of *wanted* that none of *taken* holds, in order.

    :param taken: in order, disjoint.
    """
    at, upper = wanted
    rests = []
    for index in range(bisect_right(taken, at, key=_UPPER), len(taken)):
        lower, end = taken[index]
        if lower >= upper:
            break
        if lower > at:
            rests.append((at, lower))
        at = end
    if at < upper:
        rests.append((at, upper))
    return rests


def reach(at: Position, taken: Sequence[Span]) -> Position | None:
    """Return where the unbroken chain of *taken* ends that holds *at*.

    :param taken: in order, disjoint.
    :returns: None if nothing holds *at*.
    """
    index = bisect_right(taken, at, key=_UPPER)
    if index == len(taken) or taken[index][0] > at:
        return None
    end = taken[index][1]
    for lower, upper in taken[index + 1 :]:
        if lower != end:
            break
        end = upper
    return end


@frozen
class Piece:
    """A range to create.

    :param period: index of the wanted range that it ends in.
    :param lower: where it begins.
    :param upper: where it ends.
    :param joined: whether it took in a short rest of the range before.
    """

    period: int
    lower: Position
    upper: Position
    joined: bool = False


def pieces(wanted: Sequence[Span], taken: Sequence[Span]) -> list[Piece]:
    """Return what has to be created so that *wanted* is held without a gap.

    What is left of a wanted range is a piece of its own, unless it is shorter than
    half of the range and the next piece begins where it ends: then that one begins
    earlier.

    :param wanted: in order, disjoint.
    :param taken: in order, disjoint.
    """
    made: list[Piece] = []
    for period, whole in enumerate(wanted):
        for lower, upper in uncovered(whole, taken):
            piece = Piece(period, lower, upper)
            if made and made[-1].upper == lower and _is_short(made[-1], wanted):
                piece = evolve(piece, lower=made.pop().lower, joined=True)
            made.append(piece)
    return made


def _is_short(piece: Piece, wanted: Sequence[Span]) -> bool:
    lower, upper = wanted[piece.period]
    return (piece.upper - piece.lower) * 2 < upper - lower
