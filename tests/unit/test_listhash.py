"""The strategies ``list`` and ``hash``: what they want, refuse, and tell of."""

from __future__ import annotations

import pytest
from attrs import evolve

import partman_listhash
from partman_core import config
from partman_core.bounds import DefaultBounds, HashBounds, ListBounds, RangeBounds
from partman_core.config.json_schema import schema
from partman_core.errors import ConfigError
from partman_core.keys import Column, Key
from partman_core.naming import MAX_BYTES, partition_name
from partman_core.plugins import Plugins
from partman_core.strategy import Above, Sparing, Strategy, Telling
from partman_listhash import Hash, List
from partman_listhash.values import meaning, spelled, suffix_of

from .listhash_trees import NAME, a_tree, bounds_of, planned, seen, suffixes

PLUGINS = Plugins(plugins=[partman_listhash], installed=())
INSIDE = (Above(bounds=RangeBounds(("1",), ("2",)), codec=None),)


def structured(**settings):
    return config.structure(settings, NAME, PLUGINS)


def refused(**settings) -> str:
    with pytest.raises(ConfigError) as caught:
        structured(partition_type="list", **settings)
    return caught.value.message


def parts(modulus, *remainders):
    return [HashBounds(modulus, remainder) for remainder in remainders]


def told(strategy, tree):
    return [(found.code, found.severity) for found in planned(strategy, tree).findings]


# What they are


@pytest.mark.parametrize("strategy", [List(values=["a"]), Hash(modulus=2)])
def test_they_are_strategies_that_can_stand_at_any_level(strategy):
    assert isinstance(strategy, Strategy)
    assert isinstance(strategy, Telling)
    assert not isinstance(strategy, Sparing)
    assert strategy.method == strategy.kind


@pytest.mark.parametrize(
    "values",
    [
        {"eu": ["de", "fr"], "none": [None]},
        [["a", "b"], ["c"]],
        ["a", 1, True, None],
        "found",
    ],
    ids=str,
)
def test_settings_are_written_as_they_are_read(values):
    table = structured(partition_type="list", values=values)
    assert table.settings["values"] == values
    assert config.structure(table.settings, NAME, PLUGINS) == table


def test_a_level_below_may_be_either():
    below = {"partition_type": "list", "partition_by": "kind", "values": ["a"]}
    below["subpartition"] = {
        "partition_type": "hash", "partition_by": "id", "modulus": 8,
    }  # fmt: skip
    table = structured(partition_interval="1 day", subpartition=below)
    assert (table.beneath.method, table.beneath.beneath.method) == ("list", "hash")
    assert table.beneath.beneath.strategy == Hash(modulus=8)
    assert config.structure(table.settings, NAME, PLUGINS) == table


def test_editors_know_the_settings():
    tables = schema(PLUGINS)["$defs"]
    assert {"values", "null_group"} <= tables["Table_list"]["properties"].keys()
    assert "modulus" in tables["Table_hash"]["required"]


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({}, "'values' is required"),
        ({"values": []}, "values names no value"),
        ({"values": {"eu": []}}, "the group 'eu' has no value"),
        ({"values": {"": ["de"]}}, "no group can be named ''"),
        ({"values": {"eu": ["de"], "us": ["de"]}}, "values has 'de' twice"),
        ({"values": ["a", None], "null_group": "n"}, "values has NULL twice"),
        ({"values": "fund"}, "'fund' is not one of 'found'; did you mean 'found'?"),
        ({"values": "found", "null_group": "n"}, "has no groups, so no null_group"),
    ],
)
def test_groups_that_cannot_be_partitions_are_refused(settings, words):
    assert words in refused(**settings)


@pytest.mark.parametrize(
    "key", [Key("range", (Column("at", "date"),)), Key("hash", (Column("id", "int"),))]
)
def test_a_list_serves_no_other_key(key):
    [sentence] = List(values=["a"]).problems(key, None)
    assert sentence == f"the table is partitioned by {key}, not by list"


def test_a_hash_serves_keys_of_several_columns_and_no_other_method():
    wide = Key("hash", (Column("a", "text"), Column("b", "uuid")))
    assert not list(Hash(modulus=2).problems(wide, None))
    listed = Key("list", (Column("a", "text"),))
    assert list(Hash(modulus=2).problems(listed, None)) == [
        "the table is partitioned by LIST (a), not by hash"
    ]


# Lists


def test_groups_come_in_their_order_and_by_their_names():
    plan = planned(List(values={"us": ["us"], "eu": ["de", "fr"]}), a_tree("list"))
    assert bounds_of(plan) == [ListBounds(("us",)), ListBounds(("de", "fr"))]
    assert suffixes(plan) == ["us", "eu"]


def test_null_is_in_the_group_that_is_named_for_it():
    strategy = List(values={"eu": ["de"]}, null_group="eu")
    assert bounds_of(planned(strategy, a_tree("list"))) == [ListBounds(("de", None))]
    strategy = List(values=["de"], null_group="none")
    plan = planned(strategy, a_tree("list"))
    assert bounds_of(plan) == [ListBounds(("de",)), ListBounds((None,))]
    assert suffixes(plan) == ["de", "none"]


def test_values_that_differ_by_case_only_have_names_of_their_own():
    first, second = suffixes(planned(List(values=["A", "a"]), a_tree("list")))
    assert first == "a"
    assert second != "a"


@pytest.mark.parametrize(
    ("values", "suffix"),
    [
        (["de"], "de"),
        (["DE", "fr"], "de_fr"),
        ([None], "null"),
        (["O'Brien & sons"], "o_brien_sons"),
        ([""], "other"),
        (["/"], "other"),
        (["漢字"], "漢字"),
        (["-5"], "m5"),
        (["x" * 200], "x" * 40),
    ],
)
def test_a_suffix_is_typed_without_quotes(values, suffix):
    assert suffix_of(values) == suffix
    assert len(partition_name("t" * 60, suffix_of(values)).encode()) <= MAX_BYTES


@pytest.mark.parametrize(
    ("written", "kind", "printed"),
    [
        ("+07", "integer", "7"),
        ("YES", "boolean", "true"),
        (
            "2026-11-24T10:00+02:00",
            "timestamp with time zone",
            "2026-11-24 08:00:00+00",
        ),
        ("1e3", "numeric", "1000"),
        (" x ", "text", " x "),
        (None, "integer", None),
        ("x", "integer", "x"),
        ("32768", "smallint", "32768"),
    ],
)
def test_values_are_spelled_as_postgresql_prints_them(written, kind, printed):
    assert spelled(written, kind) == printed


@pytest.mark.parametrize(
    ("one", "other", "kind"),
    [("1.50", "1.5", "numeric"), ("ab", "ab   ", "character"), ("01", "1", "bigint")],
)
def test_values_mean_the_same_however_they_are_written(one, other, kind):
    assert meaning(one, kind) == meaning(other, kind)
    tree = a_tree("list", ListBounds((other,)), kind=kind)
    assert not planned(List(values=[one]), tree).operations
    problems = List(values=[one, other]).problems(tree.key, None)
    assert [f"are the same {kind}" in sentence for sentence in problems] == [True]


def test_a_value_that_the_column_cannot_hold_is_a_problem():
    key = a_tree("list", kind="smallint").key
    [sentence] = List(values=[1, 40_000]).problems(key, None)
    assert sentence == "kind is smallint, and '40000' is not"


def test_what_another_partition_holds_is_taken_off():
    tree = a_tree("list", ListBounds(("fr", None)))
    plan = planned(List(values={"eu": ["de", "fr"]}), tree)
    assert bounds_of(plan) == [ListBounds(("de",))]
    assert [found.code for found in plan.findings] == ["other-values", "group-in-parts"]


@pytest.mark.parametrize(
    ("bounds", "why"),
    [
        (ListBounds(("de", "fr")), None),
        (ListBounds(("de",)), None),
        (ListBounds(("de", "us")), "it holds values of the groups 'eu', 'us'"),
        (ListBounds(("de", "o'x")), "it holds 'o''x', which no group has"),
        (RangeBounds(("a",), ("b",)), "it does not hold a list of values"),
        (DefaultBounds(), "it does not hold a list of values"),
    ],
)
def test_a_list_fits_where_it_is_part_of_one_group(bounds, why):
    strategy = List(values={"eu": ["de", "fr"], "us": ["us"]})
    assert strategy.fits(seen(strategy, a_tree("list")), bounds) == why


def test_of_what_is_found_single_values_fit():
    strategy = List(values="found")
    level = seen(strategy, a_tree("list"))
    assert strategy.fits(level, ListBounds((None,))) is None
    assert strategy.fits(level, ListBounds(("a", "b"))) == "it holds several values"


def test_what_is_found_is_told_of_and_what_is_there_stays_wanted():
    tree = a_tree("list", ListBounds(("a",)), ListBounds(("b", "c")))
    tree = evolve(tree, values=("a", "d", None))
    strategy = List(values="found")
    plan = planned(strategy, tree)
    assert not plan.operations
    assert [w.bounds for w in seen(strategy, tree).wanted] == [ListBounds(("a",))]
    [found] = plan.findings
    assert (found.code, found.table) == ("values-in-default", NAME)
    assert found.message == ("2 values in DEFAULT have no partition: 'd', NULL.")


def test_what_waits_in_default_is_told_of_by_what_becomes_of_it():
    tree = evolve(a_tree("list", ListBounds(("a",))), values=("a", "b", "x"))
    plan = planned(List(values=["a", "b", "c"]), tree)
    assert bounds_of(plan) == [ListBounds(("b",)), ListBounds(("c",))]
    held, other = plan.findings
    assert (held.code, held.severity) == ("values-held-back", "warning")
    assert (other.code, other.severity) == ("values-in-default", "info")
    assert held.data == {"values": ["b"]}
    assert other.message == ("1 value in DEFAULT is in no group: 'x'.")


def test_many_values_are_told_of_in_few_words():
    values = tuple(f"{'v' * 50}{n}" for n in range(1000))
    [found] = planned(List(values="found"), a_tree("list", values=values)).findings
    assert len(found.message) < 400
    assert "and 995 more" in found.message
    assert len(found.data["values"]) == 1000


def test_below_the_first_level_values_have_to_be_named():
    tree = a_tree("list", ListBounds(("a",)), above=INSIDE)
    assert told(List(values="found"), tree) == [("values-not-looked-for", "warning")]
    assert told(List(values=["a"]), tree) == []


# Hashes


def test_all_remainders_are_wanted_at_the_modulus_of_the_settings():
    plan = planned(Hash(modulus=3), a_tree("hash"))
    assert bounds_of(plan) == parts(3, 0, 1, 2)
    assert suffixes(plan) == ["0", "1", "2"]


def test_missing_remainders_are_made_at_the_modulus_that_is_there():
    tree = a_tree("hash", *parts(4, 0, 2))
    plan = planned(Hash(modulus=8), tree)
    assert bounds_of(plan) == parts(4, 1, 3)
    assert suffixes(plan) == ["1", "3"]


def test_between_two_moduli_what_is_missing_is_as_large_as_it_can_be():
    tree = a_tree("hash", *parts(2, 0), *parts(12, 1))
    plan = planned(Hash(modulus=2), tree)
    assert bounds_of(plan) == parts(12, 3, 5, 7, 9, 11)
    tree = a_tree("hash", *parts(4, 0), *parts(8, 1))
    plan = planned(Hash(modulus=4), tree)
    assert bounds_of(plan) == [*parts(8, 5), *parts(4, 2, 3)]
    assert suffixes(plan) == ["5_of_8", "2_of_4", "3_of_4"]


def test_nothing_is_made_beside_what_cannot_be_read():
    """It may hold what seems to be missing, by a modulus that nobody knows."""
    assert not planned(Hash(modulus=4), a_tree("hash", *parts(4, 0), None)).operations
    assert not planned(Hash(modulus=4), a_tree("hash", *parts(10**9, 7))).operations


@pytest.mark.parametrize(
    ("modulus", "way"),
    [
        (4, None),
        (8, "create those with modulus 8 and remainder 1 and 5 for public.theirs_"),
        (2, "detach those that leave the same remainder when divided by 2"),
        (6, "modulus 6 cannot stand beside it"),
    ],
)
def test_a_changed_modulus_has_a_way(modulus, way):
    plan = planned(Hash(modulus=modulus), a_tree("hash", *parts(4, 1, 0, 2, 3)))
    assert not plan.operations
    hints = [found.hint for found in plan.findings]
    assert [way in hint for hint in hints] == ([] if way is None else [True])
    assert all(found.code == "other-modulus" for found in plan.findings)


def test_below_the_first_level_a_changed_modulus_is_no_alarm():
    tree = a_tree("hash", *parts(2, 0, 1))
    assert told(Hash(modulus=3), tree) == [("other-modulus", "warning")]
    assert told(Hash(modulus=3), evolve(tree, above=INSIDE)) == [
        ("other-modulus", "info")
    ]


@pytest.mark.parametrize(
    ("bounds", "why"),
    [
        (HashBounds(4, 3), None),
        (HashBounds(2, 1), "its modulus is 2, and that of the settings is 4"),
        (ListBounds(("a",)), "it does not hold one remainder of a hash"),
    ],
)
def test_a_hash_fits_at_the_modulus_of_the_settings(bounds, why):
    strategy = Hash(modulus=4)
    assert strategy.fits(seen(strategy, a_tree("hash")), bounds) == why


def test_the_plugin_offers_both_and_nothing_else():
    assert partman_listhash.partman_strategies() == [List, Hash]
    assert {"list", "hash"} <= PLUGINS.strategies().keys()
