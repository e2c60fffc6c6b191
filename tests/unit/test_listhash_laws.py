"""The planner's laws for lists and hashes: plan, apply, plan again; no gap, no overlap.

Settings change, partitions are dropped, others make theirs; after each maintenance
every wanted row has one place, and nothing is left to do.
"""

from __future__ import annotations

from itertools import combinations

import pytest
from attrs import evolve
from hypothesis import given, note
from hypothesis import strategies as st

from partman_core.bounds import HashBounds, ListBounds
from partman_core.keys import Column, Key
from partman_core.testing import check_strategy
from partman_listhash import Hash, List

from .listhash_trees import a_tree, done, overlap, planned, seen

WORDS = st.none() | st.sampled_from(["a", "A", "b", "null", "", "o'x", "ä", "x" * 200])
NUMBERS = st.none() | st.sampled_from(["0", "1", "-1", "2", "10", "77"])


@st.composite
def grouped(draw, words, least=0):
    """Draw disjoint groups of values."""
    values = draw(st.lists(words, unique=True, min_size=least))
    groups = []
    while values:
        size = draw(st.integers(1, len(values)))
        groups.append(tuple(values[:size]))
        values = values[size:]
    return groups


@st.composite
def lists(draw, words):
    """Draw settings of lists: groups with names or without, or what is found."""
    groups = draw(grouped(words, least=1))
    form = draw(st.sampled_from(["named", "listed", "found"]))
    if form == "found":
        return List(values="found")
    if form == "listed":
        return List(values=tuple(groups))
    return List(values={f"group {n}": group for n, group in enumerate(groups)})


@st.composite
def tilings(draw):
    """Draw some hash partitions, of up to three moduli, that can stand together."""
    modulus = draw(st.integers(1, 6))
    cells, made = [HashBounds(modulus, r) for r in range(modulus)], []
    for _ in range(draw(st.integers(0, 2))):
        factor = draw(st.integers(2, 4))
        split = draw(st.lists(st.sampled_from(cells), unique=True, max_size=3))
        made += [cell for cell in cells if cell not in split]
        modulus *= factor
        cells = [
            HashBounds(modulus, remainder)
            for cell in split
            for remainder in range(cell.remainder, modulus, cell.modulus)
        ]
        if not cells:
            break
    made += cells
    return draw(st.lists(st.sampled_from(made), unique=True)) if made else []


def without_some(draw, tree):
    """Let somebody drop some of the partitions."""
    if not tree.partitions:
        return tree
    kept = draw(st.lists(st.sampled_from(tree.partitions), unique_by=lambda p: p.oid))
    return evolve(tree, partitions=tuple(kept))


def maintained(strategy, tree):
    """Maintain, and hold the laws: the same plan again, and then none."""
    plan = planned(strategy, tree)
    assert planned(strategy, tree) == plan
    note(f"{strategy}: {[str(op.bounds) for op in plan.operations]}")
    after = done(tree, plan.operations)
    assert not planned(strategy, after).operations
    held = [partition.bounds for partition in after.partitions]
    assert not any(overlap(one, other) for one, other in combinations(held, 2))
    wanted = [one.bounds for one in seen(strategy, after).wanted]
    assert not any(overlap(one, other) for one, other in combinations(wanted, 2))
    return after


@given(st.data(), st.sampled_from([("text", WORDS), ("integer", NUMBERS)]))
def test_of_lists_every_named_value_has_one_place(data, typed):
    kind, words = typed
    theirs = data.draw(grouped(words))
    tree = a_tree("list", *map(ListBounds, theirs), kind=kind)
    for strategy in data.draw(st.lists(lists(words), min_size=1, max_size=4)):
        assert not list(strategy.problems(tree.key, None))
        tree = maintained(strategy, without_some(data.draw, tree))
        held = [value for part in tree.partitions for value in part.bounds.values]
        for group in strategy.groups():
            assert all(held.count(value) == 1 for value in group.values)
        names = [part.name for part in tree.partitions]
        assert len(names) == len(set(names))


@given(st.data(), tilings())
def test_of_hashes_every_remainder_has_one_place(data, theirs):
    tree = a_tree("hash", *theirs)
    for modulus in data.draw(st.lists(st.integers(1, 24), min_size=1, max_size=4)):
        before = without_some(data.draw, tree)
        tree = maintained(Hash(modulus=modulus), before)
        held = [partition.bounds for partition in tree.partitions]
        assert _is_whole(held)
        if not before.partitions:
            assert {bounds.modulus for bounds in held} == {modulus}
        assert {b.modulus for b in held} <= (
            {part.bounds.modulus for part in before.partitions} or {modulus}
        )


def _is_whole(held):
    """Say whether each of the largest modulus' remainders is in one of *held*."""
    largest = max(bounds.modulus for bounds in held)
    return all(
        sum(remainder % b.modulus == b.remainder for b in held) == 1
        for remainder in range(largest)
    )


@given(tilings(), st.integers(1, 24))
def test_a_modulus_that_differs_is_told_of_and_one_that_does_not_is_not(held, modulus):
    plan = planned(Hash(modulus=modulus), a_tree("hash", *held))
    differs = any(bounds.modulus != modulus for bounds in held)
    assert [found.code for found in plan.findings] == ["other-modulus"] * differs


@given(st.data(), grouped(WORDS))
def test_what_a_list_wants_is_what_it_fits(data, theirs):
    """What partman makes of it, it would adopt as well."""
    strategy = data.draw(lists(WORDS))
    before = a_tree("list", *map(ListBounds, theirs))
    tree = done(before, planned(strategy, before).operations)
    level = seen(strategy, tree)
    for partition in tree.partitions:
        if partition.ours:
            assert strategy.fits(level, partition.bounds) is None


@pytest.mark.parametrize(("kind", "words"), [("text", WORDS), ("integer", NUMBERS)])
def test_a_list_keeps_the_laws_of_the_kit(kind, words):
    key = Key("list", (Column("kind", kind),))
    check_strategy(lists(words), key=key, by_existing=True)


def test_a_hash_keeps_the_laws_of_the_kit():
    key = Key("hash", (Column("id", "uuid"), Column("kind", "text")))
    hashes = st.builds(Hash, modulus=st.integers(1, 24))
    check_strategy(hashes, key=key, by_existing=True)
