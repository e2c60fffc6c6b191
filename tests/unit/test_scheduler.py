"""When background maintenance begins its passes: laws, with clocks of our own."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from partman_core.cron import Cron
from partman_core.interval import Interval
from partman_core.scheduler import AT_ONCE, Agenda, ByCalendar, Every, Now

from .hand import START

if TYPE_CHECKING:
    from collections.abc import Iterator

HOUR, DAY, WEEK = 3600.0, 86_400.0, 7 * 86_400.0
CHANCE = st.floats(0, 1, exclude_max=True)


class Clocks:
    """Two clocks, of which one can be set."""

    def __init__(self) -> None:
        self.steady, self.wall = 0.0, START

    @property
    def now(self) -> Now:
        return Now(self.steady, self.wall)

    def turn(self, seconds: float) -> None:
        self.steady += seconds
        self.wall += timedelta(seconds=seconds)


def every(text: str = "1 hour", chance: float = 0.5, jitter: float = 0.1) -> Every:
    return Every(Interval.parse(text), jitter, lambda: chance)


def by_calendar(text: str = "@hourly", chance: float = 0.0) -> ByCalendar:
    return ByCalendar(Cron.parse(text), chance=lambda: chance)


def driven(agenda: Agenda, clocks: Clocks, seconds: float) -> Iterator[Now]:
    """Let time pass as the agenda wants it; yield when passes begin; all are quick."""
    end = clocks.steady + seconds
    while True:
        begun = agenda.look(clocks.now).begin
        if begun is not None:
            yield clocks.now
            agenda.ended(begun, clocks.now, reached=True)
        if clocks.steady >= end:
            return
        clocks.turn(min(max(agenda.rest(clocks.now), 0.001), end - clocks.steady))


both = pytest.mark.parametrize("timetable", [every, by_calendar])


@both
def test_the_first_pass_is_at_once_and_the_second_when_it_is_due(timetable):
    agenda, clocks = Agenda(timetable()), Clocks()
    assert agenda.look(clocks.now).begin == 1
    agenda.ended(1, clocks.now, reached=True)
    assert agenda.look(clocks.now).begin is None
    assert 0 < agenda.left(clocks.now) <= HOUR


@given(st.lists(CHANCE, min_size=30, max_size=30))
def test_passes_come_at_intervals_that_differ_by_the_jitter(chances):
    left = list(chances)
    table = Every(Interval.parse("1 hour"), 0.1, left.pop)
    moments = [at.steady for at in driven(Agenda(table), Clocks(), 20 * HOUR)]
    gaps = [b - a for a, b in pairwise(moments)]
    assert len(gaps) >= 18
    assert all(0.9 * HOUR - 0.01 <= gap <= 1.1 * HOUR + 0.01 for gap in gaps)


@given(CHANCE)
def test_passes_by_the_calendar_come_within_half_a_minute(chance):
    agenda = Agenda(by_calendar("*/15 * * * *", chance))
    first, *others = driven(agenda, Clocks(), 3 * HOUR)
    assert first.wall == START
    assert len(others) == 12
    for at in others:
        assert at.wall.minute % 15 == 0
        assert at.wall.second <= 30


@both
@given(chance=CHANCE, weeks=st.integers(1, 60))
def test_after_weeks_of_sleep_there_is_one_pass_and_not_many(timetable, chance, weeks):
    agenda, clocks = Agenda(timetable(chance=chance)), Clocks()
    assert len(list(driven(agenda, clocks, 0))) == 1
    clocks.turn(weeks * WEEK + 1234)
    assert len(list(driven(agenda, clocks, 0))) == 1
    assert len(list(driven(agenda, clocks, DAY))) >= 21


@given(st.lists(st.timedeltas(timedelta(-900), timedelta(900)), max_size=5))
def test_who_sets_the_clock_changes_nothing_for_intervals(jumps):
    agenda, clocks = Agenda(every()), Clocks()
    assert len(list(driven(agenda, clocks, 0))) == 1
    for jump in jumps:
        clocks.wall += jump
        assert list(driven(agenda, clocks, 60)) == []
    rest = HOUR - clocks.steady
    assert len(list(driven(agenda, clocks, rest))) == 1


@given(st.timedeltas(timedelta(-900), timedelta(900)))
def test_by_the_calendar_a_clock_that_is_set_means_one_pass_at_most(jump):
    agenda, clocks = Agenda(by_calendar("0 3 * * *")), Clocks()
    assert len(list(driven(agenda, clocks, 0))) == 1
    clocks.wall += jump
    at_once = len(list(driven(agenda, clocks, 0)))
    assert at_once == (clocks.wall >= START.replace(day=25, hour=3, minute=0))
    (next_one,) = driven(agenda, clocks, DAY)
    assert (next_one.wall.hour, next_one.wall.minute) == (3, 0)


def test_a_clock_that_trembles_at_the_moment_means_one_pass():
    agenda, clocks = Agenda(by_calendar("0 16 * * *")), Clocks()
    assert len(list(driven(agenda, clocks, 1200))) == 2
    clocks.wall -= timedelta(milliseconds=300)
    assert list(driven(agenda, clocks, HOUR)) == []


def test_a_server_that_is_away_is_tried_again_after_growing_pauses():
    agenda, clocks = Agenda(every()), Clocks()
    pauses = [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]
    for pause in pauses:
        number = agenda.look(clocks.now).begin
        assert number is not None
        agenda.ended(number, clocks.now, reached=False)
        assert agenda.left(clocks.now) == pause
        clocks.turn(pause)
    number = agenda.look(clocks.now).begin
    assert number == len(pauses) + 1
    agenda.ended(number, clocks.now, reached=True)
    assert agenda.away == 0
    assert agenda.look(clocks.now).begin is None


def test_the_pauses_are_never_longer_than_the_interval():
    agenda, clocks = Agenda(every("5 s")), Clocks()
    for pause in (1, 2, 4, 5, 5):
        number = agenda.look(clocks.now).begin
        assert number is not None
        agenda.ended(number, clocks.now, reached=False)
        assert agenda.pause == pause
        clocks.turn(agenda.left(clocks.now))


def test_a_server_may_be_away_for_years():
    agenda, clocks = Agenda(every()), Clocks()
    for _ in range(5000):
        number = agenda.look(clocks.now).begin
        assert number is not None
        agenda.ended(number, clocks.now, reached=False)
        clocks.turn(agenda.left(clocks.now))
    assert agenda.away == 5000


def test_a_pass_begins_beside_one_that_is_on_and_a_third_is_left_out():
    agenda, clocks = Agenda(every()), Clocks()
    assert agenda.look(clocks.now).begin == 1
    clocks.turn(HOUR)
    assert agenda.look(clocks.now).begin == 2
    clocks.turn(HOUR)
    orders = agenda.look(clocks.now)
    assert (orders.begin, orders.left_out) == (None, True)
    assert not agenda.look(clocks.now).left_out
    agenda.ended(1, clocks.now, reached=True)
    clocks.turn(HOUR)
    assert agenda.look(clocks.now).begin == 3


def test_a_pass_that_takes_too_long_is_told_to_end_once():
    agenda, clocks = Agenda(every(), max_seconds=90), Clocks()
    assert agenda.look(clocks.now).begin == 1
    assert agenda.rest(clocks.now) == 60
    clocks.turn(60)
    assert agenda.rest(clocks.now) == 30
    clocks.turn(30)
    assert agenda.look(clocks.now).overdue == (1,)
    assert agenda.look(clocks.now).overdue == ()
    assert agenda.on == (1,)


class AgendaMachine(RuleBasedStateMachine):
    """Whatever happens, at most two passes are on, and there is always a next one."""

    @initialize(
        timetable=st.sampled_from([every, by_calendar]),
        chance=CHANCE,
        max_seconds=st.none() | st.floats(1, 2 * HOUR),
    )
    def begin(self, timetable, chance, max_seconds):
        self.agenda = Agenda(timetable(chance=chance), max_seconds)
        self.clocks, self.begun, self.told = Clocks(), {}, set()
        self.look()
        assert list(self.begun) == [1]

    @rule()
    def look(self):
        room = len(self.begun) < AT_ONCE
        orders = self.agenda.look(self.clocks.now)
        if orders.begin is not None:
            assert room
            self.begun[orders.begin] = self.clocks.steady
        assert not (orders.left_out and room)
        assert self.told.isdisjoint(orders.overdue)
        self.told.update(orders.overdue)
        for number in orders.overdue:
            taken = self.clocks.steady - self.begun[number]
            assert taken >= self.agenda.max_seconds * 0.999

    @rule(seconds=st.floats(0, 2 * HOUR) | st.sampled_from([DAY, WEEK]))
    def time_passes(self, seconds):
        self.clocks.turn(seconds)

    @rule(jump=st.timedeltas(timedelta(-40), timedelta(40)))
    def the_clock_is_set(self, jump):
        self.clocks.wall += jump

    @rule(reached=st.booleans(), first=st.booleans())
    def one_ends(self, reached, first):
        if self.begun:
            number = (min if first else max)(self.begun)
            del self.begun[number]
            self.agenda.ended(number, self.clocks.now, reached=reached)
            if not reached:
                assert self.agenda.left(self.clocks.now) <= 300

    @invariant()
    def at_most_two_are_on(self):
        assert set(self.agenda.on) == set(self.begun)
        assert len(self.begun) <= AT_ONCE

    @invariant()
    def it_looks_again_within_a_minute(self):
        assert 0 <= self.agenda.rest(self.clocks.now) <= 60

    @invariant()
    def the_next_pass_is_within_an_hour(self):
        assert self.agenda.left(self.clocks.now) <= 1.1 * HOUR


TestAgenda = AgendaMachine.TestCase
