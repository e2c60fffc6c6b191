"""The arithmetic of ranges, judged place by place."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from partman_core.planner.coverage import overlaps, pieces, reach, uncovered

from .plan_strategies import (
    BY_NAME,
)

CODEC = BY_NAME["timestamptz"]


ends = st.integers(-30, 30) | st.sampled_from([-math.inf, math.inf, Fraction(1, 2)])


@st.composite
def disjoint(draw: st.DrawFn) -> list[tuple]:
    """Draw ranges in order, some of them neighbours."""
    cuts = sorted(draw(st.sets(ends, max_size=12)))
    ranges = list(pairwise(cuts))
    return [one for one in ranges if draw(st.booleans())]


def holds(ranges, place) -> bool:
    return any(lower <= place < upper for lower, upper in ranges)


PLACES = [Fraction(n, 4) for n in range(-130, 130)]


@given(
    whole=st.tuples(ends, ends).map(sorted).filter(lambda e: e[0] < e[1]),
    taken=disjoint(),
)
def test_what_is_uncovered_is_what_nothing_holds(whole, taken) -> None:
    rests = uncovered(tuple(whole), taken)
    for place in PLACES:
        inside = whole[0] <= place < whole[1]
        assert holds(rests, place) == (inside and not holds(taken, place))
    assert all(lower < upper for lower, upper in rests)
    free = not any(t[0] < whole[1] and whole[0] < t[1] for t in taken)
    assert overlaps(tuple(whole), taken) != free


@given(wanted=disjoint(), taken=disjoint())
def test_pieces_hold_what_is_wanted_once(wanted, taken) -> None:
    made = [(piece.lower, piece.upper) for piece in pieces(wanted, taken)]
    for place in PLACES:
        need = holds(wanted, place) and not holds(taken, place)
        assert holds(made, place) == need
    assert all(one[1] <= other[0] for one, other in pairwise(made))


@given(at=st.integers(-30, 30), taken=disjoint())
def test_the_chain_is_unbroken_as_far_as_it_reaches(at, taken) -> None:
    end = reach(at, taken)
    if end is None:
        assert not holds(taken, at)
    else:
        assert all(holds(taken, place) for place in PLACES if at <= place < end)
        assert end == math.inf or not holds(taken, end)
