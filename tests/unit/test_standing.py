"""Where an axis of numbers stands, by what there is to judge by."""

from __future__ import annotations

from fractions import Fraction
from math import inf
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from partman_core.bounds import Edge, RangeBounds
from partman_core.keys import CODECS, Key
from partman_core.model import Partition
from partman_core.naming import Name
from partman_core.planner.standing import (
    Asked,
    Counter,
    Evidence,
    Spot,
    Standing,
    heaps,
    standing,
)

from .plan_strategies import a_partition, a_tree

INTEGER = next(codec for codec in CODECS if codec.name == "integer")
SEQUENCE = Name("public", "flights_id_seq")
NUMBERS = st.integers(-(10**6), 10**6)


def asked(*partitions: Partition) -> Asked:
    """Ask about a table with these partitions."""
    tree = a_tree("integer", *partitions)
    (column,) = tree.key.columns
    return Asked(tree=tree, column=column, codec=INTEGER, levels=(tree,))


BLOCKS = [a_partition(str(at), str(at + 100)) for at in (0, 100, 200)]
TABLE = asked(*BLOCKS)


def judged(
    *, sequence: int | None = None, called: bool = True, **seen: Any
) -> Standing:
    """Judge by a sequence's last value and what else was seen."""
    counter = None
    if sequence is not None:
        counter = Counter(name=SEQUENCE, last=sequence, called=called)
    return standing(TABLE, Evidence(counter=counter, **seen))


@given(st.none() | NUMBERS, st.booleans(), st.none() | NUMBERS, st.none() | NUMBERS)
def test_whoever_inserts_next_finds_a_partition_ahead(
    sequence: int | None, called: bool, newest: int | None, in_default: int | None
):
    found = judged(
        sequence=sequence, called=called, newest=newest, in_default=in_default
    )
    told = [at for at in (sequence, newest) if at is not None]
    if told:
        assert found.position is not None
        assert found.position >= max(told)
    assert found.position in {None, sequence, newest, in_default}


@given(NUMBERS, NUMBERS)
def test_what_may_be_retired_lies_behind_both_witnesses(sequence: int, newest: int):
    found = judged(sequence=sequence, newest=newest)
    if found.doubt is None:
        assert found.position is not None
        assert found.position <= sequence


@given(NUMBERS, st.none() | NUMBERS)
def test_a_sequence_says_more_than_default(sequence: int, in_default: int | None):
    found = judged(sequence=sequence, in_default=in_default)
    assert found == Standing(position=sequence)


def test_nothing_at_all_is_no_doubt_but_unknown():
    assert judged() == Standing()


def test_a_sequence_that_nobody_draws_from_contradicts_nobody():
    assert judged(sequence=1, called=False, newest=870) == Standing(position=870)


def test_fractions_count_as_the_block_they_are_in():
    assert judged(newest=Fraction(399, 2)).position == 199
    assert judged(newest=Fraction(-1, 2)).position == -1


@pytest.mark.parametrize(
    ("counter", "words"),
    [
        (Counter(name=SEQUENCE, increment=-1), "counts down"),
        (Counter(name=SEQUENCE, cycles=True), "starts over at its end"),
    ],
)
def test_a_sequence_that_does_not_go_on_is_a_doubt(counter: Counter, words: str):
    found = standing(TABLE, Evidence(counter=counter, newest=50))
    assert found.position == 50
    assert found.doubt is not None
    assert words in found.doubt.message
    assert found.doubt.severity == "warning"


@pytest.mark.parametrize(("at", "position"), [(299, 299), (300, 300), (10**15, 10**15)])
def test_default_is_in_doubt_only_beyond_all_partitions(at: int, position: int):
    found = judged(newest=50, in_default=at)
    assert found.position == position
    assert (found.doubt is not None) is (at >= 300)


@pytest.mark.parametrize(
    ("upper", "position"), [("300", 299), (Edge.MAXVALUE, 200)], ids=["end", "open"]
)
def test_a_partition_that_is_too_large_to_read_counts_as_full(
    upper: Any, position: int
):
    large = Spot(BLOCKS[2], 200, inf if upper is Edge.MAXVALUE else int(upper))
    found = judged(large=large)
    assert found.position == position
    assert found.doubt is not None
    assert "index that begins with" in (found.doubt.hint or "")


@pytest.mark.parametrize(("unseen", "words"), [(1, "1 partition"), (4, "4 partitions")])
def test_what_cannot_be_seen_is_told(unseen: int, words: str):
    found = judged(unseen=unseen)
    assert found.position is None
    assert found.doubt is not None
    assert found.doubt.code == "position-unknown"
    assert words in found.doubt.message


def test_looks_go_from_the_highest_range_downwards():
    foreign = a_partition("300", "400", kind="foreign")
    pending = a_partition("400", "500", pending=True)
    unread = Partition(oid=7, name=Name("public", "unread"), bounds=None)
    ranges = asked(*BLOCKS, foreign, pending, unread).there
    assert [spot.partition for spot in ranges] == BLOCKS[::-1]


def test_only_levels_by_the_same_column_are_looked_at():
    tree = a_tree("integer", *BLOCKS)
    same = a_tree("integer", a_partition("900", "1000"))
    renamed = evolve(column := tree.key.columns[0], name="number")
    other = evolve(same, key=Key("range", (renamed,)))
    levels = Asked(tree=tree, column=column, codec=INTEGER, levels=(tree, same, other))
    assert len(levels.there) == 4


@given(st.lists(st.tuples(NUMBERS, st.integers(1, 1000))))
def test_what_is_in_a_later_heap_is_smaller(drawn: list[tuple[int, int]]):
    partitions = [
        Partition(
            oid=number,
            name=Name("public", f"p{number}"),
            bounds=RangeBounds((str(lower),), (str(lower + width),)),
        )
        for number, (lower, width) in enumerate(drawn)
    ]
    made = heaps(asked(*partitions).there)
    assert sorted(spot.partition.oid for heap in made for spot in heap) == sorted(
        partition.oid for partition in partitions
    )
    for number, heap in enumerate(made):
        least = min(spot.lower for spot in heap)
        assert all(
            spot.upper <= least for later in made[number + 1 :] for spot in later
        )
