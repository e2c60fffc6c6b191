"""Settings: everything is checked, all mistakes at once, each with its place."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import attrs
import pytest
from attrs import frozen
from hypothesis import given
from hypothesis import strategies as st

from partman_core.config import difference, structure, tightens, unstructure
from partman_core.config.mistakes import nearest
from partman_core.errors import ConfigError
from partman_core.interval import Interval
from partman_core.model import Table
from partman_core.plugins import Plugins
from partman_core.settings import RESERVED, TableKeys, settings_of

from .settings_samples import (
    BUILT_IN,
    EXTENDED,
    NAME,
    Archive,
    Bucket,
    Hash,
    Level,
    extended,
    read,
)
from .time_strategies import grid_intervals, intervals, moments, walls, zones

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


# What is read


def test_a_table_is_made_of_its_settings():
    table = structure(
        {
            "partition_by": "time_hour",
            "partition_interval": "P1M",
            "retention_period": "9 mons",
            "start": "2013-01-01",
            "storage": {"fillfactor": 70, "autovacuum_enabled": False},
            "default_partition": True,
        },
        NAME,
        BUILT_IN,
        origin="file",
        requires=["archive"],
        paused=True,
    )
    assert table.name == NAME
    assert table.strategy.partition_interval == Interval(months=1)
    assert table.strategy.start == datetime(2013, 1, 1)
    assert table.sections["retention"].retention_period == Interval(months=9)
    assert table.storage == {"fillfactor": "70", "autovacuum_enabled": "false"}
    assert (table.origin, table.requires, table.paused) == ("file", ("archive",), True)
    assert table.settings == {
        "partition_type": "range",
        "partition_by": "time_hour",
        "default_partition": True,
        "storage": {"fillfactor": "70", "autovacuum_enabled": "false"},
        "partition_interval": "1 month",
        "start": "2013-01-01",
        "retention_period": "9 months",
    }


def test_the_defaults_are_those_of_the_table():
    """The settings and the values that they make agree."""
    known = settings_of(TableKeys)
    for attribute in attrs.fields(Table):
        if attribute.name in known and attribute.name != "storage":
            assert known[attribute.name].default == attribute.default


@pytest.mark.parametrize(
    "value", ["1 day", timedelta(days=1), Interval.parse("24 h"), "P1D", "24:00:00"]
)
def test_intervals_may_be_given_in_every_way(value: Any):
    assert read(partition_interval=value).settings["partition_interval"] == "1 day"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (date(2013, 1, 1), "2013-01-01"),
        (datetime(2013, 1, 1), "2013-01-01"),
        (datetime(2013, 1, 1, 5, 30), "2013-01-01T05:30:00"),
        (datetime(2013, 1, 1, 5, tzinfo=UTC), "2013-01-01T05:00:00+00:00"),
        ("2013-01-01", "2013-01-01"),
        ("2013-01-01 05:30", "2013-01-01T05:30:00"),
        ("2013-01-01T06:00+01:00", "2013-01-01T05:00:00+00:00"),
        ("2013-01-01T05:00Z", "2013-01-01T05:00:00+00:00"),
    ],
)
def test_moments_may_be_given_in_every_way(value: Any, text: str):
    assert read(start=value).settings["start"] == text


def test_none_is_the_same_as_not_named():
    assert read(retention_period=None, start=None) == read()


def test_numbers_are_numbers():
    table = read(partition_interval=1_000_000, anchor=1, retention_period=5_000_000)
    assert table.strategy.partition_interval == 1_000_000
    assert table.settings["retention_period"] == 5_000_000


def test_a_plugins_section_is_typed():
    table = read(
        EXTENDED,
        archive={
            "directory": "/a",
            "columns": ["a", "b"],
            "tags": {"a": "b"},
            "bucket": {"name": "x"},
            "buckets": [{"name": "y", "region": "us"}],
            "keep": "7 days",
            "level": "high",
            "ratio": 2,
            "until": "2030-01-01",
            "words": ["b", "a"],
        },
    )
    archive = table.section(Archive)
    assert archive is not None
    assert archive.bucket == Bucket(name="x")
    assert archive.level is Level.HIGH
    assert table.settings["archive"] == {
        "directory": "/a",
        "columns": ["a", "b"],
        "tags": {"a": "b"},
        "bucket": {"name": "x"},
        "buckets": [{"name": "y", "region": "us"}],
        "keep": "7 days",
        "level": "high",
        "ratio": 2.0,
        "until": "2030-01-01",
        "words": ["a", "b"],
    }
    assert read(EXTENDED, **table.settings) == table
    assert json.loads(json.dumps(table.settings)) == table.settings


def test_a_plugins_section_may_be_ready_made():
    ready = Archive(directory=Path("/a"))
    assert read(EXTENDED, archive=ready).section(Archive) is ready


def test_an_empty_section_is_there():
    @frozen
    class Audit:
        deep: bool = False

    plugins = extended(Audit)
    table = read(plugins, audit={})
    assert table.section(Audit) == Audit()
    assert table.settings["audit"] == {}
    assert read(plugins, **table.settings) == table
    assert read(plugins).section(Audit) is None


def test_the_strategy_is_chosen_by_name_or_by_the_table_itself():
    chosen = structure({"partition_type": "hash", "modulus": 8}, NAME, EXTENDED)
    assert chosen.strategy == Hash(modulus=8)
    found = structure({"modulus": 8}, NAME, EXTENDED, parent_type="hash")
    assert found == chosen


# What is canonical


def settings(draw: Any, timezone: str) -> dict[str, Any]:
    instants = moments(timezone=timezone).map(datetime.isoformat)
    some = {
        "partition_by": st.text(min_size=1).filter(str.strip),
        "key": st.sampled_from(["epoch_ms", "uuid7"]),
        "default_partition": st.booleans(),
        "storage": st.dictionaries(
            st.text(), st.integers() | st.text() | st.booleans() | st.floats(0, 1)
        ),
        "max_stall": intervals().filter(bool).map(str),
        "partition_count": st.integers(1, 500),
        "partition_until": walls() | st.dates() | instants,
        "start": walls() | instants,
        "anchor": walls() | st.dates().map(str),
        "retention_period": intervals().map(str) | intervals(),
        "retention_action": st.sampled_from(["drop", "detach"]),
        "max_drops": st.integers(1, 50),
    }
    keys = draw(st.sets(st.sampled_from(sorted(some))))
    return {key: draw(some[key]) for key in keys}


@given(zones(), grid_intervals(), st.data())
def test_settings_survive_being_written_and_read(
    timezone: str, interval: Interval, data: st.DataObject
):
    declared = settings(data.draw, timezone)
    for key in ("partition_until", "anchor", "start"):
        found = declared.get(key)
        if getattr(found, "year", 2000) in (1, 9999) or str(found)[:4] in (
            "0001",
            "9999",
        ):
            del declared[key]
    declared |= {"partition_interval": interval, "timezone": timezone}
    table = structure(declared, NAME, BUILT_IN)
    written = json.loads(json.dumps(unstructure(table, BUILT_IN)))
    assert written == table.settings
    again = structure(written, NAME, BUILT_IN)
    assert again == table
    assert again.settings == written


# What is refused


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
        "tenant_column",
        "tenants_query",
        "retention_size",
        "retention_if",
        "values",
        "modulus",
    ],
)
def test_what_comes_later_is_said_not_to_be_there_yet(key: str):
    told = mistake(**{key: "x"})
    assert told == (
        f"partman.toml: {key!r} is not supported by this version @ tables[0]"
    )


def test_sub_partitions_and_drains_come_later_too():
    told = mistake(subpartition={"partition_type": "hash", "modulus": 8})
    assert "'subpartition' is not supported by this version" in told
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
    assert "there are 'range', 'hash'" in told
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


# What changes


def test_the_difference_shows_every_key_that_is_not_as_it_was():
    before = read(EXTENDED, retention_period="1 year", partition_count=20)
    after = read(EXTENDED, retention_period="9 months", archive={"directory": "/a"})
    changes = difference(before.settings, after.settings)
    assert [str(change) for change in changes] == [
        'retention_period: "1 year" → "9 months"',
        'archive.directory: default → "/a"',
        "partition_count: 20 → default",
    ]
    assert difference(after.settings, after.settings) == ()


def test_of_a_new_table_everything_is_a_difference():
    changes = difference(None, read().settings)
    assert [change.key for change in changes] == [
        "partition_type",
        "partition_interval",
    ]
    assert all(change.before is None for change in changes)


def test_keeping_less_has_to_be_confirmed():
    year, month = read(retention_period="1 year"), read(retention_period="1 month")
    assert tightens(year, month) == "it keeps 1 month, and kept 1 year"
    assert tightens(month, year) is None
    assert tightens(None, month) is None
    assert tightens(read(), month) == "it keeps 1 month, and kept everything"


def test_several_ways_of_keeping_less_are_one_sentence():
    before = read(retention_period="1 year", retention_action="detach")
    after = read(retention_period="1 month")
    assert (tightens(before, after) or "").count(";") == 1


def test_leaving_out_a_plugin_that_guards_has_to_be_confirmed():
    before = attrs.evolve(read(), requires=("archive",))
    said = tightens(before, read())
    assert said == "'archive' no longer has a say in what is destroyed"
    assert tightens(before, before) is None
