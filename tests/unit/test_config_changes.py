"""Settings: what differs, and which differences have to be confirmed."""

from __future__ import annotations

import attrs

from partman_core.config import difference, tightens

from .settings_samples import (
    EXTENDED,
    read,
)


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
