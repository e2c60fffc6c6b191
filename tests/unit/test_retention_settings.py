"""Settings of retention: which are refused, and which keep less than before."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from hypothesis import assume, given

from partman_core.interval import Interval
from partman_plugins.range import Range
from partman_plugins.retention import Retention

from .retention_cases import kept
from .time_strategies import intervals, moments


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"retention_count": -1}, "retention_count is not negative"),
        ({"retention_period": -5}, "retention_period is not negative"),
        ({"max_drops": 0}, "at least 1"),
        ({"retention_schema": "a.b"}, "one name"),
        ({"retention_schema": ""}, "not a name"),
    ],
)
def test_settings_that_make_no_sense_are_refused(settings: Any, words: str):
    with pytest.raises(ValueError, match=words):
        Retention(**settings)


DAILY = Range(partition_interval=Interval.parse("1 day"))
FROM_2013 = Range(
    partition_interval=Interval.parse("1 day"), start=datetime(2013, 1, 1)
)


@pytest.mark.parametrize(
    ("retention", "strategy", "words"),
    [
        (kept(retention_action="move"), DAILY, "needs retention_schema"),
        (kept(retention_schema="x"), DAILY, "'move' only"),
        (
            kept(retention_action="detach", grace_period="1 day"),
            DAILY,
            "drops nothing",
        ),
        (kept(retention_count=3), FROM_2013, "contradict"),
        (kept(retention_period=10), DAILY, 'as in "10 days"'),
        (
            kept(retention_period="1 day"),
            Range(partition_interval=1000),
            "whole number",
        ),
        (
            kept(retention_period=1000),
            Range(partition_interval=1000, start=0),
            "contradict",
        ),
    ],
)
def test_what_does_not_go_together_is_said(
    retention: Retention, strategy: Range, words: str
):
    (problem,) = retention.problems(strategy)
    assert words in problem


@pytest.mark.parametrize(
    ("retention", "strategy"),
    [
        (kept(retention_period="9 months"), FROM_2013),
        (kept(retention_count=0), FROM_2013),
        (kept(retention_period=5000), Range(partition_interval=1000)),
        (kept(retention_action="move", retention_schema="x"), DAILY),
    ],
)
def test_what_goes_together_is_accepted(retention: Retention, strategy: Range):
    assert not list(retention.problems(strategy))


YEAR, MONTH = kept(retention_period="1 year"), kept(retention_period="1 month")


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (None, YEAR, "it keeps 1 year, and kept everything"),
        (YEAR, MONTH, "it keeps 1 month, and kept 1 year"),
        (MONTH, kept(retention_period="30 days"), "kept 1 month"),
        (kept(retention_period="30 days"), MONTH, "kept 30 days"),
        (kept(retention_count=5), YEAR, "kept everything"),
        (YEAR, kept(retention_period="1 year", retention_count=9), "kept all"),
        (kept(retention_count=5), kept(retention_count=4), "kept 5 partitions"),
        (kept(retention_period=9), kept(retention_period=8), "the last 8"),
        (
            kept(retention_period="1 year", retention_action="detach"),
            YEAR,
            "'drop', and it was 'detach'",
        ),
        (
            kept(
                retention_period="1 year",
                retention_action="move",
                retention_schema="x",
            ),
            YEAR,
            "'drop', and it was 'move'",
        ),
        (
            kept(retention_period="1 year", grace_period="7 days"),
            kept(retention_period="1 year", grace_period="1 day"),
            "waited 7 days",
        ),
        (
            kept(retention_period="1 year", grace_period="7 days"),
            YEAR,
            "for nothing",
        ),
        (
            kept(retention_period="1 year", max_drops=3),
            kept(retention_period="1 year", max_drops=4),
            "a run may retire 4",
        ),
        (kept(retention_period="1 year", max_drops=3), YEAR, "half of them"),
    ],
)
def test_what_keeps_less_is_said(
    before: Retention | None, after: Retention, words: str
):
    (sentence,) = after.tightens(before)
    assert words in sentence


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (None, kept()),
        (None, kept(retention_period="0 days", retention_action="detach")),
        (YEAR, YEAR),
        (MONTH, YEAR),
        (YEAR, kept()),
        (YEAR, kept(retention_period="12 months")),
        (kept(retention_count=4), kept(retention_count=5)),
        (YEAR, kept(retention_period="1 year", retention_action="detach")),
        (YEAR, kept(retention_period="1 year", grace_period="1 day")),
        (
            kept(retention_period="1 year", max_drops=4),
            kept(retention_period="1 year", max_drops=3),
        ),
    ],
)
def test_what_keeps_as_much_is_not_said(before: Retention | None, after: Retention):
    assert not list(after.tightens(before))


@given(intervals(), intervals(), moments())
def test_a_limit_that_is_not_said_to_be_tighter_is_not(
    before: Interval, after: Interval, now: datetime
):
    """What needs no word of a person retires nothing more."""
    assume(before.kind != "mixed")
    assume(after.kind != "mixed")
    old, new = Retention(retention_period=before), Retention(retention_period=after)
    if list(new.tightens(old)):
        return
    was, is_now = old.kept_since(now, "UTC"), new.kept_since(now, "UTC")
    if is_now is not None:
        assert was is not None
        assert is_now <= was
