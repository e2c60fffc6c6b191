"""``check_retirement`` names the law that is broken; the built-in one keeps all."""

# ruff: noqa: ARG002 - hooks name what they do not need

from __future__ import annotations

from itertools import count
from typing import Any

import pytest
from attrs import evolve, frozen
from hypothesis import strategies as st

from partman_core import hookimpl
from partman_core.interval import Interval
from partman_core.keys import CODECS
from partman_core.model import Keep, Partition, Retire, Section
from partman_core.naming import Name
from partman_core.testing import check_retirement
from partman_core.testing.strategies import key_of
from partman_plugins import retention
from partman_plugins.range import Range
from partman_plugins.retention import Retention

from . import kit_cases

WEEK = Interval.parse("7 days")
DAILY = Range(partition_interval=Interval.parse("1 day"))


def broken(hook: Any, **how: Any) -> str:
    """Return the sentence of the law that a policy breaks."""
    return kit_cases.broken(check_retirement, hook, **how)


def over(level: Any) -> list[Partition]:
    """Return what has ended, the oldest first."""
    there = [one for one in level.existing if one.bounds is not None]
    there = [one for one in there if one.bounds.upper[0] <= str(level.now)]
    return sorted(there, key=lambda one: one.bounds.lower)


def all_over(table: Any, level: Any) -> list[Retire]:
    """Retire all that has ended and is not wanted."""
    wanted = {each.bounds for each in level.wanted}
    return [
        Retire(partition=one, reason="it has ended")
        for one in over(level)
        if one.bounds not in wanted
    ]


@pytest.mark.parametrize("codec", CODECS, ids=lambda codec: codec.name)
def test_retention_keeps_the_laws_on_every_axis(codec):
    number = codec.axis == "number"
    width = st.just(500) if number else st.sampled_from(["1 day", "7 days", "1 month"])
    ranges = width.map(
        lambda each: Range(
            partition_interval=each if number else Interval.parse(each),
            partition_count=3,
        )
    )
    period = 2_000 if number else WEEK
    by_age = st.builds(
        Retention,
        retention_period=st.none() | st.just(period),
        retention_count=st.none() | st.integers(1, 6),
        grace_period=st.none() | st.just(Interval.parse("2 days")),
    )
    check_retirement(
        retention, section=by_age, strategy=ranges, key=key_of(codec), codec=codec,
        examples=30,
    )  # fmt: skip


def test_retention_that_moves_or_detaches_keeps_the_laws():
    away = [
        Retention(retention_period=WEEK, retention_action="detach"),
        Retention(
            retention_count=2, retention_action="move", retention_schema="archive"
        ),
    ]
    check_retirement(retention, section=away, examples=40)


def test_a_function_an_object_and_a_module_pass():
    check_retirement(all_over, examples=40)

    class Policy:
        @hookimpl
        def partman_retire(self, table, level):
            return [*all_over(table, level), *self.kept(level)]

        def kept(self, level):
            return [Keep(partition=one, reason="one") for one in over(level)[:1]]

    check_retirement(Policy(), examples=40)
    check_retirement(retention, examples=5)


def test_there_has_to_be_a_policy():
    assert "does not implement partman_retire" in broken("partman_retire")
    assert "retention_period 5 has no unit" in broken(
        retention, section=Retention(retention_period=5)
    )


def test_it_gives_words_and_raises_nothing():
    def crashing(table, level):
        raise OSError("no network")

    assert "failed in partman_retire: OSError: no network" in broken(crashing)

    def naming(table, level):
        return [one.name for one in level.existing]

    assert "which is not a Retire or a Keep" in broken(naming)


def test_it_says_the_same_twice():
    calls = count()

    def fickle(table, level):
        return all_over(table, level) if next(calls) % 2 else []

    assert "is not pure" in broken(fickle)


def test_it_speaks_of_partitions_of_the_level_with_a_reason():
    other = Partition(oid=5, name=Name("public", "other"), bounds=None)

    def astray(table, level):
        return [Keep(partition=other, reason="it is there")]

    assert "public.other, which is no partition of the level" in broken(astray)

    def mute(table, level):
        return [evolve(each, reason="") for each in all_over(table, level)]

    assert "gives no reason for" in broken(mute)


def test_a_schema_and_a_grace_are_where_they_mean_something():
    def homeless(table, level):
        return [evolve(each, action="move") for each in all_over(table, level)]

    assert "a schema is for 'move', which needs one" in broken(homeless)

    def patient(table, level):
        made = all_over(table, level)
        return [evolve(each, action="detach", grace=WEEK) for each in made]

    assert "with a grace, which is how long a drop waits" in broken(patient)


def test_it_retires_nothing_that_is_wanted():
    def greedy(table, level):
        return [Retire(partition=one, reason="away") for one in level.existing[-1:]]

    said = broken(greedy)
    assert "retires what the strategy wants" in said or "bounds nobody" in said


def test_it_retires_nothing_that_is_not_over():
    def eager(table, level):
        wanted = {each.bounds for each in level.wanted}
        return [
            Retire(partition=one, reason="away")
            for one in level.existing
            if one.bounds is not None and one.bounds not in wanted
        ]

    assert "retires what is not over yet" in broken(eager)
    assert "retires what is not over yet" in broken(
        eager, key=key_of(CODECS[3]), strategy=Range(partition_interval=100)
    )


def test_it_retires_nothing_that_cannot_be_read():
    def blind(table, level):
        hidden = [one for one in level.existing if one.bounds is None]
        return [Retire(partition=one, reason="what is it?") for one in hidden]

    assert "whose bounds nobody can read" in broken(blind)


def test_it_does_not_go_by_names():
    def by_name(table, level):
        made = all_over(table, level)
        return [each for each in made if each.partition.name.relation < "x"]

    assert "goes by the names of partitions" in broken(by_name)


def test_what_it_says_comes_to_an_end():
    def one_by_one(table, level):
        return all_over(table, level)[:1]

    assert "there is still something to do" in broken(one_by_one)


@frozen(kw_only=True)
class Rule:
    """Settings of a policy.

    :param strict: whether it is.
    """

    strict: bool = False
    what: Any = None

    def tightens(self, before: Rule | None) -> list[str]:
        return ["it is strict"] if self.strict else []


def test_its_settings_are_its_own_and_can_be_read_back():
    check_retirement(all_over, section=Rule(), examples=5)
    assert "keeps less than itself: it is strict" in broken(
        all_over, section=Rule(strict=True)
    )
    assert "cannot be read back" in broken(all_over, section=Rule(what=object()))

    class Policy:
        @hookimpl
        def partman_sections(self):
            return [Section(name="rule", kind=Rule)]

        @hookimpl
        def partman_retire(self, table, level):
            assert table.section(Rule) == Rule(what=3)
            assert "rule" in table.sections
            return []

    check_retirement(Policy(), section=Rule(what=3), strategy=DAILY, examples=5)
