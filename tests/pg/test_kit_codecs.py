"""``check_key_codec`` asks PostgreSQL how it prints and orders the values."""

from __future__ import annotations

import pytest

from partman_core.keys import CODECS
from partman_core.keys.calendar import Dates
from partman_core.keys.numbers import Numbers
from partman_core.testing import check_key_codec

from ..unit.kit_cases import caught


@pytest.mark.parametrize("codec", CODECS, ids=lambda codec: codec.name)
def test_the_codecs_of_partman_are_of_one_mind_with_the_server(codec, partman_database):
    check_key_codec(codec, database=partman_database, examples=40)


class Padded(Dates):
    """Dates that are written as people may write them."""

    def position(self, text):
        year, month, day = text.split("-")
        return super().position(f"{year}-{month:0>2}-{day:0>2}")

    def literal(self, position):
        year, *rest = super().literal(position).split("-")
        return "-".join([year, *(part.lstrip("0") for part in rest)])


NUMBERED = Numbers("numbered", frozenset({"text"}), by_default=False)
"""Numbers in a column of text, where 10 comes before 9."""


def broken(codec, database):
    return str(caught(check_key_codec, codec, database=database))


def test_a_value_is_printed_as_postgresql_prints_it(partman_database):
    padded = Padded(name="padded", by_default=False)
    assert check_key_codec(padded, examples=20) is None
    said = broken(padded, partman_database)
    assert "and PostgreSQL prints '" in said
    assert "as date" in said


def test_values_are_ordered_as_postgresql_orders_them(partman_database):
    assert check_key_codec(NUMBERED, examples=20) is None
    said = broken(NUMBERED, partman_database)
    assert "orders values otherwise than PostgreSQL" in said
    assert "and as text, " in said


def test_the_types_are_there(partman_database):
    strange = Numbers("strange", frozenset({"furlongs"}), by_default=False)
    assert "serves furlongs: no type there" in broken(strange, partman_database)
