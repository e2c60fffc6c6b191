"""Settings: everything is checked, all mistakes at once, each with its place."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import pytest

from partman_core.config import structure
from partman_core.config.mistakes import nearest
from partman_core.errors import ConfigError
from partman_core.plugins import Plugins
from partman_core.settings import RESERVED

from .settings_samples import (
    BUILT_IN,
    EXTENDED,
    NAME,
    read,
)

FILE = "partman.toml: tables[0]"


def mistakes(plugins: Plugins = BUILT_IN, where: str = FILE, **settings: Any) -> Any:
    with pytest.raises(ConfigError) as caught:
        structure(
            {"partition_interval": "1 day"} | settings, NAME, plugins, where=where
        )
    return caught.value.mistakes


def mistake(plugins: Plugins = BUILT_IN, **settings: Any) -> str:
    (only,) = mistakes(plugins, **settings)
    return only


def test_a_slip_is_told_with_its_file_its_place_and_what_was_meant():
    assert mistake(retentoin="1 day") == (
        "partman.toml: no setting 'retentoin'; did you mean 'retention_period'? "
        "@ tables[0]"
    )


@pytest.mark.parametrize(
    ("slip", "meant"),
    [
        ("retentoin", "retention_period"),
        ("interval", "partition_interval"),
        ("partition-count", "partition_count"),
        ("premake", "partition_count"),
        ("time_zone", "timezone"),
        ("tz", "timezone"),
        ("strat", "start"),
        ("column", "partition_by"),
        ("max_drop", "max_drops"),
        ("directry", "archive.directory"),
        ("directory", "archive.directory"),
        ("archiv", "archive"),
    ],
)
def test_what_was_meant_is_found_among_all_keys(slip: str, meant: str):
    assert f"did you mean {meant!r}?" in mistake(EXTENDED, **{slip: "x"})


def test_what_is_like_nothing_gets_no_guess():
    assert mistake(zzz=1) == "partman.toml: no setting 'zzz' @ tables[0]"
    assert nearest("zzz", RESERVED) is None


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("partition_interval", "10", "'10' has no unit"),
        ("partition_interval", "0 days", "a period has some length"),
        ("partition_interval", 0, "at least one number, not 0"),
        ("partition_interval", "1 month 3 days", "mixes months with days"),
        ("partition_interval", "1 fortnight", "no unit 'fortnight'"),
        ("partition_interval", 1.5, "1.5 is not an interval"),
        ("partition_interval", True, "true is not an interval"),
        ("partition_count", 0, "at least 1"),
        ("partition_count", "3", "'3' is not a whole number"),
        ("partition_count", 3.0, "3.0 is not a whole number"),
        ("partition_count", True, "true is not a whole number"),
        ("default_partition", "false", "'false' is not true or false"),
        ("default_partition", 1, "1 is not true or false"),
        ("partition_by", 7, "7 is not text"),
        ("partition_by", " ", "partition_by is empty"),
        ("timezone", "Europe/Berlim", "did you mean 'Europe/Berlin'?"),
        ("timezone", "", "no time zone"),
        ("name_template", "{table}", "lacks {suffix}"),
        ("storage", ["fillfactor"], "is not a table"),
        ("storage", {"a": [1]}, "storage parameter 'a'"),
        ("max_stall", "0 s", "longer than nothing"),
        ("max_stall", 100, "'100' has no unit"),
        ("retention_period", "-1 day", "an interval is not negative: '-1 day'"),
        ("retention_period", -5, "retention_period is not negative: -5"),
        ("retention_count", -1, "retention_count is not negative: -1"),
        ("retention_action", "dorp", "did you mean 'drop'?"),
        ("retention_action", 3, "3 is not one of 'drop', 'detach', 'move'"),
        ("start", "yesterday", "'yesterday' is not a date or a time"),
        ("start", "2013-13-01", "'2013-13-01' is not a date or a time"),
        ("partition_until", 5, "5 is not a date or a time"),
        ("start", "9999-12-31T23:00-05:00", "within the years 1 to 9999"),
    ],
)
def test_a_wrong_value_is_told_with_its_key(key: str, value: Any, words: str):
    told = mistake(**{key: value})
    assert words in told
    assert told.startswith("partman.toml: ")
    assert f" @ tables[0].{key}" in told


def test_the_way_out_is_the_errors_hint():
    with pytest.raises(ConfigError) as caught:
        read(partition_interval="10")
    assert caught.value.message == "'10' has no unit @ partition_interval"
    assert caught.value.hint == 'say the unit, as in "10 days"'
    assert caught.value.exit_code == 4
    with pytest.raises(ConfigError) as caught:
        read(retention_period="-1 day")
    assert caught.value.hint == 'as in retention_period = "90 days"'


def test_what_is_required_is_said():
    with pytest.raises(ConfigError) as caught:
        structure({}, NAME, BUILT_IN)
    assert caught.value.message == "'partition_interval' is required"
    assert caught.value.hint == 'as in partition_interval = "1 month"'


def test_all_mistakes_are_told_at_once():
    with pytest.raises(ConfigError) as caught:
        structure(
            {
                "partition_count": 0,
                "timezone": "Mars",
                "retention_count": -1,
                "max_drops": 0,
                "premake": 3,
                "archive": {"compression": 30, "format": "cvs", "colums": []},
            },
            NAME,
            EXTENDED,
            where=FILE,
        )
    error = caught.value
    assert error.message == "10 mistakes in the settings of public.flights"
    places = [
        told.partition(" @ ")[2].partition(" (hint")[0] for told in error.mistakes
    ]
    assert places == [
        "tables[0].timezone",
        "tables[0]",  # partition_interval is missing
        "tables[0].partition_count",
        "tables[0].retention_count",
        "tables[0].max_drops",
        "tables[0].archive",  # colums
        "tables[0].archive",  # directory is missing
        "tables[0].archive.format",
        "tables[0].archive.compression",
        "tables[0]",  # premake
    ]
    assert error.__notes__ == [f"- {told}" for told in error.mistakes]


@pytest.mark.parametrize(
    ("declared", "words"),
    [
        ({"directory": "/a", "compression": 30}, "archive.compression"),
        ({"directory": "/a", "columns": "a"}, "'a' is not a list @ tables[0].archive"),
        ({"directory": "/a", "columns": ["a", 1]}, "1 is not text @ tables[0].archive"),
        ({"directory": "/a", "tags": {"a": 1}}, "archive.tags.a"),
        ({"directory": "/a", "bucket": {}}, "'name' is required"),
        ({"directory": "/a", "bucket": {"name": 1}}, "archive.bucket.name"),
        (
            {"directory": "/a", "bucket": {"name": "x", "regoin": "us"}},
            "no setting 'regoin'; did you mean 'region'?",
        ),
        ({"directory": "/a", "buckets": [{"name": "x"}, 3]}, "buckets[1]"),
        ({"directory": "/a", "level": "hgih"}, "did you mean 'high'?"),
        ({"directory": "/a", "keep": "0.5 months"}, "whole number of months"),
        ({"directory": "/a", "until": "2030-01-01 05:00"}, "is not a date"),
        ({"directory": "/a", "ratio": "1"}, "is not a number"),
        ({"directory": 1}, "1 is not a path"),
        ({}, "'directory' is required @ tables[0].archive"),
        ("yes", "'yes' is not a table @ tables[0].archive"),
        ({"directory": "/a", "format": "csv", "columns": ["*"]}, "by name"),
        (
            {"directory": "/a", "retention_period": "1 day"},
            "the table's own settings stand before [archive]",
        ),
        ({"directory": "/a", "fromat": "csv"}, "did you mean 'format'?"),
    ],
)
def test_a_mistake_in_a_section_has_its_place(declared: Any, words: str):
    assert words in mistake(EXTENDED, archive=declared)


@pytest.mark.parametrize(
    "key",
    [
        "retention_size",
        "retention_if",
    ],
)
def test_what_comes_later_is_said_not_to_be_there_yet(key: str):
    told = mistake(**{key: "x"})
    assert told == (
        f"partman.toml: {key!r} is not supported by this version @ tables[0]"
    )


def test_mistakes_in_levels_below_have_their_place():
    below = {"partition_type": "hash", "partition_by": "id", "modulus": 8}
    assert read(EXTENDED, subpartition=below).beneath.columns == ("id",)
    assert mistake(EXTENDED, subpartition=5) == (
        "partman.toml: 5 is not a table @ tables[0].subpartition"
    )
    told = mistakes(EXTENDED, subpartition={"modulos": 8, **below, "partition_by": ""})
    places = [one.rpartition(" @ ")[2].partition(" (")[0] for one in told]
    assert places == [
        "tables[0].subpartition.partition_by",
        "tables[0].subpartition",
    ]
    deeper = {**below, "subpartition": {"partition_type": "hash", "modulus": 8}}
    assert "'partition_by' is required" in mistake(EXTENDED, subpartition=deeper)
    assert "@ tables[0].subpartition.subpartition" in mistake(
        EXTENDED, subpartition=deeper
    )


def test_levels_below_are_written_as_they_are_read():
    inner = {"partition_type": "hash", "partition_by": '"Odd"', "modulus": 2}
    below = {
        "partition_type": "range", "partition_by": "at", "partition_interval": "1 day",
        "default_partition": True, "subpartition": inner,
    }  # fmt: skip
    table = read(EXTENDED, subpartition=below)
    assert table.settings["subpartition"] == below
    assert read(EXTENDED, **table.settings) == table


def test_drains_come_later_too():
    assert 'drain = "small" is not supported by this version' in mistake(drain="small")
    assert read(drain="never") == read()


def test_a_setting_of_another_strategy_is_told_apart():
    assert mistake(EXTENDED, modulus=8) == (
        "partman.toml: 'modulus' is a setting of partition_type 'hash', not of 'range' "
        "@ tables[0]"
    )


def test_an_unknown_strategy_is_one_mistake():
    told = mistake(EXTENDED, partition_type="rang")
    assert "no plugin here has a strategy 'rang'; did you mean 'range'?" in told
    assert "there are 'range', 'tenant', 'hash'" in told
    assert mistakes(EXTENDED, partition_type=5) == (
        "partman.toml: 5 is not text @ tables[0].partition_type",
    )


def test_a_section_that_no_plugin_has_names_who_may_be_missing():
    plugins = Plugins([ModuleType("sick")], without=["retention"], installed=())
    told = mistake(plugins, archive={"directory": "/a"})
    assert "no plugin here has a section 'archive' @ tables[0]" in told
    assert "may be missing ('sick' is broken, 'retention' is left out)" in told
    slip = mistake(EXTENDED, archves={"directory": "/a"})
    assert "did you mean 'archive'?" in slip


@pytest.mark.parametrize(
    ("declared", "words"),
    [
        ({"start": "2013-01-01", "retention_count": 3}, "contradict each other"),
        ({"retention_action": "move"}, "needs retention_schema"),
        ({"retention_schema": "old"}, "'move' only"),
        ({"retention_period": 10}, 'as in "10 days"'),
        ({"start": 5}, "start is a number"),
    ],
)
def test_what_does_not_go_together_is_said(declared: Any, words: str):
    assert words in mistake(**declared)


def test_what_was_accepted_once_is_kept_when_its_plugin_is_gone():
    declared = {"archive": {"directory": "/a"}, "partition_interval": "1 day"}
    table = structure(declared, NAME, BUILT_IN, lenient=True)
    assert table.settings["archive"] == {"directory": "/a"}
    assert table.sections.keys() == {"retention"}
    with pytest.raises(ConfigError):
        structure(declared, NAME, BUILT_IN)
