"""Whether the partitions that are wanted of a level go together, side by side."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from partman_core.bounds import Edge, HashBounds, ListBounds, RangeBounds
from partman_core.keys import span
from partman_core.planner.places import instant, last_position
from partman_core.testing.laws import LawBroken, listed, shown
from partman_core.testing.simulation import overlapping

if TYPE_CHECKING:
    from datetime import datetime

    from partman_core.keys import Codec, Position
    from partman_core.strategy import Level, Strategy, Wanted


def check_places(strategy: Strategy, level: Level, wanted: tuple[Wanted, ...]) -> None:
    """Hold what is wanted against the table's key and against each other.

    :raises LawBroken: it is out of order, overlaps, leaves a gap, or is over already.
    """
    bounds: list[Any] = [each.bounds for each in wanted]
    widths = {len(each.lower) for each in bounds if isinstance(each, RangeBounds)}
    if widths - {len(level.key.columns)}:
        raise LawBroken(
            f"{strategy!r} wants ranges of {max(widths)} values, and the key has "
            f"{len(level.key.columns)} columns",
            shown(level),
            listed(bounds),
        )
    if level.codec is not None and level.key.method == "range" and widths == {1}:
        _along(strategy, level, level.codec, bounds)
    elif level.key.method == "range":
        _by_equality(strategy, level, bounds)
    elif level.key.method == "list":
        _lists(strategy, level, bounds)
    else:
        _hashes(strategy, level, bounds)


def _along(
    strategy: Strategy, level: Level, codec: Codec, bounds: list[RangeBounds]
) -> None:
    spans = [_span(strategy, level, codec, each) for each in bounds]
    for each, (lower, upper) in zip(bounds, spans, strict=True):
        if lower >= upper:
            raise LawBroken(
                f"{strategy!r} wants {each}, which is empty: it ends at or before "
                "where it begins",
                shown(level),
            )
        if level.kept_since is not None and is_over(
            codec, upper, level.kept_since, level.timezone
        ):
            raise LawBroken(
                f"{strategy!r} wants {each}, which is no longer kept: it would be "
                "made and retired again and again",
                shown(level),
            )
    for (one, held), (other, next_held) in pairwise(zip(bounds, spans, strict=True)):
        if held[1] == next_held[0]:
            continue
        if held[1] < next_held[0]:
            what = "leaves a gap between two partitions that it wants"
        elif next_held[0] < held[0]:
            what = "does not want its partitions in order"
        else:
            what = "wants two partitions that overlap"
        raise LawBroken(f"{strategy!r} {what}", shown(level), listed([one, other]))


def _span(
    strategy: Strategy, level: Level, codec: Codec, bounds: RangeBounds
) -> tuple[Position, Position]:
    try:
        return span(codec, bounds)
    except ValueError as error:
        raise LawBroken(
            f"{strategy!r} wants {bounds}, which has no place on the axis of "
            f"{codec.name}: {error}",
            shown(level),
        ) from error


def is_over(codec: Codec, upper: Position, at: datetime, timezone: str) -> bool:
    """Say whether a range ended by a moment, beyond doubt.

    On a wall clock an hour in autumn comes twice, and one in spring not at all; what
    ends in those is over later, by either reading.

    :param upper: where it ends.
    :param at: aware.
    """
    here = last_position(codec, at, timezone, None)
    ended = instant(codec, upper, timezone)
    return here is not None and upper <= here and (ended is None or ended <= at)


def _by_equality(strategy: Strategy, level: Level, bounds: list[RangeBounds]) -> None:
    for each, times in Counter(bounds).items():
        if times > 1:
            raise LawBroken(
                f"{strategy!r} wants {each} {times} times: two partitions that overlap",
                shown(level),
            )
        if each.lower == each.upper and not any(
            isinstance(end, Edge) for end in each.lower
        ):
            raise LawBroken(f"{strategy!r} wants {each}, which is empty", shown(level))


def _lists(strategy: Strategy, level: Level, bounds: list[ListBounds]) -> None:
    found = Counter(value for each in bounds for value in each.values)
    for value, times in found.items():
        if times > 1:
            raise LawBroken(
                f"{strategy!r} wants the value {value!r} {times} times: two partitions "
                "that overlap",
                shown(level),
                listed(bounds),
            )


def _hashes(strategy: Strategy, level: Level, bounds: list[HashBounds]) -> None:
    if pair := overlapping(None, bounds):
        raise LawBroken(
            f"{strategy!r} wants two partitions that overlap",
            shown(level),
            listed(pair),
        )
    moduli = sorted({each.modulus for each in bounds})
    for one, other in pairwise(moduli):
        if other % one:
            raise LawBroken(
                f"{strategy!r} wants the moduli {one} and {other}, and PostgreSQL "
                "takes only such that are factors of each other",
                shown(level),
            )
    held = sum((Fraction(1, each.modulus) for each in bounds), Fraction())
    if bounds and held != 1:
        raise LawBroken(
            f"{strategy!r} leaves a gap: its partitions hold {held} of all keys",
            shown(level),
            listed(bounds),
        )
