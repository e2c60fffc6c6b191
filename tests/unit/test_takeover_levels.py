"""Levels below the first of other partition managers, in partman's words."""

from __future__ import annotations

from typing import Any

import pytest

from partman_core.naming import Name
from partman_core.takeover import Depth, Inside, Source, partsmith, pg_partman

NAME = Name("public", "events")

PG_PARTMAN: dict[str, Any] = {
    "control": "at",
    "partition_type": "range",
    "partition_interval": "1 day",
    "premake": 4,
    "epoch": "none",
    "retention": None,
    "retention_schema": None,
    "retention_keep_table": True,
    "automatic_maintenance": "off",
    "undo_in_progress": False,
}
DAY = {"table_name": "events", "partition_column": "at", "granularity": "day"}
TIME = {"kind": "time", "granularity": "week", "tz": "Europe/Berlin"}


def of_pg_partman(*, source: Any, **row):
    return pg_partman.proposal(Source(table=NAME, row=PG_PARTMAN | row, **source), ())


def of_partsmith(**row):
    [entry] = partsmith.tables({"tables": [DAY | row]})
    return partsmith.proposal(Source(table=NAME, row=entry))


def scheme(boundaries, key: Any = "at", **more):
    return {"scheme": {"method": "range", "key": key, "boundaries": boundaries} | more}


RULE: dict[str, Any] = PG_PARTMAN | {
    "control": "id",
    "partition_interval": "1000",
    "default_table": True,
}
BY_TIME = RULE | {"control": "seen", "partition_interval": "1 day"}


def a_set(number=1, **row):
    name = Name("public", f"events_{number}")
    has_default = row.pop("has_default", True)
    return Inside(name=name, depth=1, has_default=has_default, row=row or None)


def nested(*rules, there=(), deeper=(), **row):
    named = tuple((Name("public", f"of_{n}"), rule) for n, rule in enumerate(rules))
    first = Depth(rules=named, there=tuple(there))
    return of_pg_partman(source={"depths": (first, *deeper), "is_nested": True}, **row)


def test_sub_partitions_of_pg_partman_become_levels_below():
    deeper = Depth(rules=((NAME, RULE | {"control": "seen", "epoch": "seconds",
                                         "partition_interval": "01:00:00",
                                         "default_table": False,
                                         "retention": "1 year"}),))  # fmt: skip
    proposal = nested(RULE, there=[a_set(**RULE)], deeper=[deeper], retention="1 year")
    assert proposal.obstacle is None
    assert proposal.settings == {
        "partition_interval": "1 day",
        "partition_by": "at",
        "partition_count": 5,
        "retention_period": "1 year",
        "retention_action": "detach",
        "subpartition": {
            "partition_type": "range",
            "partition_interval": 1000,
            "partition_by": "id",
            "partition_count": 5,
            "default_partition": True,
            "subpartition": {
                "partition_type": "range",
                "key": "epoch_s",
                "partition_interval": "1 hour",
                "partition_by": "seen",
                "partition_count": 5,
            },
        },
    }


@pytest.mark.parametrize(
    ("written", "expected"),
    [("daily", "1 day"), ("half-hour", "30 minutes"), ("1 mon", "1 month")],
)
def test_intervals_of_version_4_have_names(written, expected):
    rule = BY_TIME | {"partition_interval": written}
    settings = nested(rule, partition_interval="100").settings
    assert settings["subpartition"]["partition_interval"] == expected


@pytest.mark.parametrize(
    ("rules", "more", "words"),
    [
        ([], {}, "no settings in part_config_sub"),
        ([RULE, RULE | {"premake": 9}], {}, "sub_premake is 4 for public.of_0, and 9"),
        ([RULE | {"partition_type": "list"}], {}, "inside of its partitions: it is"),
        ([RULE | {"partition_interval": "often"}], {}, "inside of its partitions: its"),
        (
            [RULE],
            {"control": "n", "partition_interval": "10"},
            "two of its levels count by numbers (id, n)",
        ),
        ([RULE], {"there": [a_set(**RULE | {"undo_in_progress": True})]}, "is undoing"),
        ([RULE], {"there": [a_set(**RULE | {"epoch": "seconds"})]}, "is 'seconds'"),
    ],
)  # fmt: skip
def test_sub_partitions_that_partman_cannot_hold_are_refused(rules, more, words):
    proposal = nested(*rules, **more)
    assert words in proposal.obstacle
    assert proposal.settings == {}


MONTH = {"retention": "1 month"}


@pytest.mark.parametrize(
    ("rule", "row", "words"),
    [
        (BY_TIME, MONTH, "detached, and what is inside of its partitions for ever"),
        (BY_TIME | MONTH, {}, "kept for ever, and what is inside of its partitions"),
        (BY_TIME | {"retention": "9 days"}, MONTH, "for 9 days and then detached"),
        (BY_TIME | MONTH | {"retention_keep_table": False}, MONTH, "then dropped"),
        (BY_TIME | MONTH | {"retention_schema": "a"}, MONTH, "then moved to a"),
        (RULE | {"retention": "5000"}, {}, "for 5000 and then detached (part"),
        (RULE | {"retention": "5000"}, MONTH, "by another axis than the table itself"),
        (BY_TIME | MONTH, {"partition_interval": "10"}, "by another axis"),
    ],
)  # fmt: skip
def test_levels_that_are_kept_for_another_time_are_refused(rule, row, words):
    proposal = nested(rule, **row)
    assert words in proposal.obstacle
    assert "part_config" in proposal.obstacle


def test_levels_that_are_kept_alike_are_taken_over():
    proposal = nested(
        BY_TIME | {"retention": "30 days"},
        there=[a_set(**BY_TIME | {"retention": "30 days"})],
        retention="30 days",
    )
    assert proposal.obstacle is None
    assert proposal.settings["retention_period"] == "30 days"


def test_a_set_that_is_kept_for_another_time_than_new_ones_is_named():
    """pg_partman copies its settings once, and never again."""
    there = [a_set(1, **BY_TIME | MONTH), a_set(2, **BY_TIME)]
    proposal = nested(BY_TIME | MONTH, there=there, **MONTH)
    assert "for ever (part_config, public.events_2)" in proposal.obstacle
    nobody = nested(BY_TIME | MONTH, there=[a_set(3)], **MONTH)
    assert "for ever (part_config, public.events_3)" in nobody.obstacle


def test_what_sets_have_of_their_own_is_told():
    there = [
        a_set(1, **RULE | {"premake": 9}), a_set(2, has_default=False, **RULE),
        a_set(3, has_default=False, **RULE),
    ]  # fmt: skip
    notes = nested(RULE, there=there).notes
    assert "not the premake of public.events_1" in notes[0]
    assert "inside of public.events_2 and 1 more: one is made" in notes[1]


@pytest.mark.parametrize(
    ("there", "said", "kept"),
    [
        ([], None, True),
        ([a_set()], None, True),
        ([a_set(has_default=False, **RULE)], None, False),
        ([a_set()], False, False),
    ],
)
def test_sets_have_a_default_partition_where_theirs_have(there, said, kept):
    rule = {k: v for k, v in RULE.items() if k != "default_table"}
    if said is not None:
        rule["default_table"] = said
    below = nested(rule, there=there).settings["subpartition"]
    assert below.get("default_partition", False) is kept


def test_who_maintains_a_set_inside_is_named():
    there = [a_set(n, **RULE | {"automatic_maintenance": "on"}) for n in (1, 2)]
    proposal = nested(RULE, there=there)
    assert proposal.busy == (
        "automatic_maintenance is 'on' for public.events_1 and 1 more, inside of it"
    )


HASH = {"method": "hash", "key": "tenant", "modulus": 4}
GROUPS = [{"name": "eu", "values": ["de", "fr"]}, {"name": "us", "values": ["us"]}]
LIST = {"method": "list", "key": "region", "groups": GROUPS, "include_default": True}


def test_the_levels_of_pg_partsmith_become_levels_below():
    row = scheme(TIME, child={**LIST, "child": HASH}) | {"retention_count": 3}
    assert of_partsmith(**row).settings == {
        "partition_interval": "7 days",
        "partition_by": "at",
        "partition_count": 6,
        "timezone": "Europe/Berlin",
        "retention_count": 3,
        "retention_action": "drop",
        "grace_period": "7 days",
        "subpartition": {
            "partition_type": "list",
            "partition_by": "region",
            "values": {"eu": ["de", "fr"], "us": ["us"]},
            "default_partition": True,
            "subpartition": {
                "partition_type": "hash",
                "partition_by": "tenant",
                "modulus": 4,
            },
        },
    }


def test_the_level_below_may_be_written_flat():
    flat = {"column": "tenant", "trailing_columns": ["Shard"], "modulus": 2}
    below = of_partsmith(subpartition=flat).settings["subpartition"]
    assert below == {
        "partition_type": "hash",
        "modulus": 2,
        "partition_by": 'tenant, "Shard"',
    }


def test_ranges_below_a_list_have_the_lifecycle():
    row = {"scheme": {**LIST, "child": scheme(TIME)["scheme"]}, "retention_count": 3}
    settings = of_partsmith(**row).settings
    assert settings["partition_type"] == "list"
    assert settings["retention_count"] == 3
    assert "partition_count" not in settings
    assert settings["subpartition"]["partition_count"] == 6
    assert settings["timezone"] == "Europe/Berlin"


def test_a_table_without_ranges_has_no_lifecycle():
    proposal = of_partsmith(scheme=HASH)
    assert proposal.notes == ()
    assert proposal.settings == {
        "partition_type": "hash",
        "modulus": 4,
        "partition_by": "tenant",
    }


def test_levels_that_the_document_does_not_have_are_refused():
    [entry] = partsmith.tables({"tables": [DAY]})
    proposal = partsmith.proposal(Source(table=NAME, row=entry, is_nested=True))
    assert "nothing is written of how" in proposal.obstacle
