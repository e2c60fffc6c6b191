"""``check_key_codec`` names the law that is broken; partman's own codecs keep them."""

# ruff: noqa: ARG002 - methods name what they do not need

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from attrs import frozen
from hypothesis import strategies as st

from partman_core.keys import CODECS, Column
from partman_core.testing import check_key_codec

from . import kit_cases

START = datetime(1970, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


@frozen
class Hours:
    """Hours since 1970, as in ``h491000``; what breaks a law overrides some of it."""

    name: str = "hours"
    axis: str = "time"
    types: frozenset[str] = frozenset({"text"})
    wall: bool = False
    by_default: bool = False

    def position(self, text: str) -> int:
        if not text.startswith("h") or not text[1:].isascii():
            raise ValueError(f"{text!r} is no hour")
        return int(text[1:])

    def literal(self, position: Any) -> str:
        if position != position // 1:
            raise ValueError(f"no hour is at {position}")
        return f"h{position // 1}"

    def at(self, moment: datetime) -> int:
        if moment.tzinfo is None:
            raise ValueError(f"{moment} has no zone")
        return -((START - moment) // HOUR)

    def moment(self, position: Any) -> datetime | None:
        if isinstance(position, float):
            return None
        try:
            return START + position // 1 * HOUR
        except OverflowError:
            return None

    def problems(self, column: Column) -> list[str]:
        return [] if column.type in self.types else [f"{column.type} has no hours"]


@frozen
class Tens(Hours):
    """Numbers, ten of them a position apart."""

    name: str = "tens"
    axis: str = "number"

    def at(self, moment: datetime) -> int:
        raise ValueError("numbers have no moments")

    def moment(self, position: Any) -> None:
        return None


def broken(codec: Any, **how: Any) -> str:
    """Return the sentence of the law that a codec breaks."""
    return kit_cases.broken(check_key_codec, codec, **how)


@pytest.mark.parametrize("codec", CODECS, ids=lambda codec: codec.name)
def test_the_codecs_of_partman_keep_the_laws(codec):
    check_key_codec(codec, examples=50)


@pytest.mark.parametrize("codec", [Hours(), Tens()], ids=lambda codec: codec.name)
def test_one_that_keeps_the_laws_passes(codec):
    written = st.integers(-(10**6), 10**6).map("h{}".format)
    check_key_codec(codec, texts=written)


def test_it_can_be_offered():
    assert "has no axis: 'time' or 'number'" in broken(Hours(axis="space"))
    assert "it has no name" in broken(Hours(name=""))
    assert "is offered twice" in broken(Hours(name="uuid7"))
    assert "serves no types" in broken(Hours(types=frozenset()))
    assert "wall is 'no'" in broken(Hours(wall="no"))


def test_it_stays_the_same():
    class Unsteady(Hours):
        calls = count()

        def __hash__(self):
            return next(self.calls)

    assert "not hashed the same twice" in broken(Unsteady())


def test_it_refuses_columns_of_other_types_and_none_of_its_own():
    class Greedy(Hours):
        def problems(self, column):
            return []

    assert "has nothing against a_type_of_nobody" in broken(Greedy())

    class Shy(Hours):
        def problems(self, column):
            return ["not that one"]

    assert "refuses text, which is one of its types" in broken(Shy())

    class Terse(Hours):
        def problems(self, column):
            return "no"

    assert "gives 'no', and not sentences" in broken(Terse())


def test_a_value_leads_back_to_its_position():
    class Forgetful(Tens):
        def literal(self, position):
            return f"h{position // 10 * 10}"

    assert "leads to another position" in broken(Forgetful())

    class Merged(Tens):
        def literal(self, position):
            return "h"

        def position(self, text):
            return Anything()

    class Anything(int):
        def __eq__(self, other):
            return True

        def __ne__(self, other):
            return False

        __hash__ = int.__hash__

    assert "two positions have the same value" in broken(Merged())

    class Whimsical(Tens):
        calls = count()

        def literal(self, position):
            return f"h{position}" + " " * (next(self.calls) % 2)

    assert "literal is another the second time" in broken(Whimsical())


def test_it_refuses_with_a_value_error_and_with_nothing_else():
    class Crashing(Tens):
        def position(self, text):
            return {}[text]

    assert "position raises KeyError" in broken(Crashing())

    class Exploding(Tens):
        def literal(self, position):
            return "h" + "0" * (1 / (position > 10))

    assert "literal raises" in broken(Exploding())

    class Binary(Tens):
        def literal(self, position):
            return b"h%d" % position

    assert "gives b'h" in broken(Binary())

    class Roughly(Tens):
        def position(self, text):
            return float(super().position(text))

    said = broken(Roughly(), texts=st.just("h5"))
    assert "gives 5.0, and no exact number" in said


def test_every_text_that_it_reads_is_printed_as_itself():
    class Folding(Tens):
        def position(self, text):
            return 7 if text == "seven" else super().position(text)

        def literal(self, position):
            return "h8" if position == 7 else super().literal(position)

    said = broken(Folding(), texts=st.just("seven"))
    assert "leads to another position" in said or "printed as another one" in said


def test_numbers_have_no_moments():
    class Timely(Tens):
        def moment(self, position):
            return START

    assert "is of a number axis, and has a moment" in broken(Timely())

    class Placed(Tens):
        def at(self, moment):
            return 5

    assert "has a position for a moment" in broken(Placed())


def test_later_moments_have_later_positions():
    class Backwards(Hours):
        def at(self, moment):
            return -super().at(moment)

        def moment(self, position):
            return None

    assert "a later moment has an earlier position" in broken(Backwards())


def test_at_is_the_first_position_that_is_not_before():
    class Early(Hours):
        def at(self, moment):
            return super().at(moment) - 1

    assert "at gives a position before the moment" in broken(Early())

    class Late(Hours):
        def at(self, moment):
            return super().at(moment) + 1

    assert "not the first position that is not before" in broken(Late())

    class Rough(Hours):
        def at(self, moment):
            super().at(moment)
            return (moment - START) / HOUR

    assert "and no whole number" in broken(Rough())


def test_moments_are_of_the_right_sort():
    class Lax(Hours):
        def at(self, moment):
            return super().at(moment.replace(tzinfo=moment.tzinfo or UTC))

    assert "takes a moment of the wrong sort" in broken(Lax())

    class Naive(Hours):
        def moment(self, position):
            found = super().moment(position)
            return found and found.replace(tzinfo=None)

    assert "and not one aware, in UTC" in broken(Naive())

    class Local(Hours):
        wall = True

    assert "zone" in broken(Local(wall=True))

    class Endless(Hours):
        def moment(self, position):
            return START if isinstance(position, float) else super().moment(position)

    assert "has a moment beyond all values" in broken(Endless())


def test_the_moment_of_a_position_is_the_last_that_is_not_after_it():
    class Short(Hours):
        def moment(self, position):
            found = super().moment(position)
            return found and found - HOUR / 2

    assert "before the moment" in broken(Short())

    class Long(Hours):
        def moment(self, position):
            found = super().moment(position)
            return found and found + HOUR / 2

    assert "not the first position" in broken(Long())
