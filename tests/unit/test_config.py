"""Settings: what is read, in every way it may be written, and written back."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import attrs
import pytest
from attrs import frozen
from hypothesis import given
from hypothesis import strategies as st

from partman_core.config import structure, unstructure
from partman_core.interval import Interval
from partman_core.model import Table
from partman_core.settings import TableKeys, settings_of

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
