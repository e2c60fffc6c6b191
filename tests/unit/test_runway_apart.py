"""How long inserts find a partition where there is no axis: it is said in values."""

from __future__ import annotations

from datetime import timedelta

import pytest
from attrs import evolve

from partman_core.bounds import DefaultBounds, HashBounds, ListBounds
from partman_core.health import Health, health
from partman_core.keys import Column, Key
from partman_core.model import Partition
from partman_core.naming import Name
from partman_core.strategy import Beneath
from partman_listhash.hashes import Hash
from partman_listhash.lists import List

from .listhash_trees import NOW, a_table, a_tree, planned

REST = Partition(oid=9, name=Name("public", "rest"), bounds=DefaultBounds())


def judged(strategy, method, *held, **more) -> Health:
    tree = a_tree(method, *held, **more)
    table = a_table(strategy)
    plan = planned(strategy, tree)
    return health(table, tree, None, plan, NOW, last_success=NOW)


def listed(*values):
    return List(values=values)


DE, US, NULL = ListBounds(("de", "fr")), ListBounds(("us",)), ListBounds((None,))
COLUMN = Column("id", "bigint")
INSIDE = Beneath(strategy=Hash(modulus=2), method="hash", columns=("id",))
HALVES = [HashBounds(2, number) for number in range(2)]


@pytest.mark.parametrize(
    ("held", "default", "said"),
    [
        ([DE, US], None, "all 3 values of the list; others are refused."),
        ([DE, US], REST, "all 3 values of the list; others fall into DEFAULT."),
        ([US], None, "the one value of the list; others are refused."),
    ],
)
def test_a_list_that_is_whole_says_for_how_many_values(held, default, said):
    strategy = listed(*(bounds.values for bounds in held))
    well = judged(strategy, "list", *held, default=default)
    assert well.sentence == f"Inserts have partitions for {said}"
    assert (well.state, well.runway, well.next_upper) == ("ok", None, None)


def test_values_without_a_partition_are_named_as_inserts_of_them_fail():
    ill = judged(listed("o'brien", None, "us"), "list", US)
    assert ill.sentence == "Inserts fail NOW: no partition holds 'o''brien', NULL."
    assert (ill.state, ill.runway) == ("error", timedelta())
    assert "partman maintain" in (ill.findings[0].hint or "")


def test_with_a_default_they_fall_into_it():
    ill = judged(listed(*"abcde"), "list", default=REST)
    assert ill.sentence == (
        "Rows fall into DEFAULT NOW: no partition holds 'a', 'b', 'c' and 2 more."
    )
    assert ill.state == "warning"


def test_a_list_of_what_is_found_is_well_while_nothing_is():
    found = List(values="found")
    well = judged(found, "list", default=REST)
    assert well.sentence == "Rows fall into DEFAULT: no more is wanted."
    assert judged(found, "list").sentence == (
        "Inserts fail NOW: there is no partition for them."
    )


def test_a_hash_that_is_whole_says_how_many_parts_it_has():
    well = judged(Hash(modulus=2), "hash", *HALVES)
    assert well.sentence == (
        "Inserts have partitions for all 2 remainders of the hash."
    )
    assert (well.state, well.runway, well.next_upper) == ("ok", None, None)


def test_a_hash_of_another_modulus_than_the_settings_is_whole_as_well():
    mixed = [HALVES[0], HashBounds(4, 1), HashBounds(4, 3)]
    for held in (HALVES, mixed):
        assert "remainders of the hash" in (
            judged(Hash(modulus=8), "hash", *held).ends.sentence(NOW)
        )


def test_a_remainder_that_is_missing_is_named():
    ill = judged(Hash(modulus=2), "hash", HALVES[0])
    assert ill.sentence == (
        "Inserts fail NOW: no partition holds remainder 1 of modulus 2."
    )
    assert judged(Hash(modulus=2), "hash").sentence == (
        "Inserts fail NOW: there is no partition for them."
    )


def test_what_is_missing_inside_of_a_partition_is_told_with_its_name():
    inner = a_tree("hash", HALVES[1])
    key = Key("hash", (COLUMN,))
    inner = evolve(inner, key=key, name=Name("public", "events_pus"))
    tree = a_tree("list", US)
    [us] = tree.partitions
    tree = evolve(tree, subtrees={us.oid: inner}, columns={"id": COLUMN})
    table = evolve(a_table(listed("us")), beneath=INSIDE)
    plan = planned(listed("us"), tree)
    ill = health(table, tree, None, plan, NOW, last_success=NOW)
    assert ill.sentence == (
        "Inserts fail NOW: no partition holds remainder 0 of modulus 2 in "
        "public.events_pus."
    )
