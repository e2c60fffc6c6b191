"""The key reads as in CREATE TABLE, and its type or its owner chooses the codec."""

from __future__ import annotations

from math import inf

import pytest

from partman_core.bounds import Edge, RangeBounds
from partman_core.keys import CODECS, Codec, Key, bound_position, codec_for, span

from . import word_strategies as words

BY_NAME: dict[str, Codec] = {codec.name: codec for codec in CODECS}


@pytest.mark.parametrize(
    ("type_", "name"),
    [
        ("timestamp with time zone", "timestamptz"),
        ("timestamp without time zone", "timestamp"),
        ("date", "date"),
        ("smallint", "integer"),
        ("bigint", "integer"),
        ("numeric", "numeric"),
    ],
)
def test_the_type_chooses_the_codec(type_: str, name: str) -> None:
    assert codec_for(words.column(type_), None, BY_NAME).name == name


def test_a_named_codec_wins() -> None:
    assert codec_for(words.column("bigint"), "epoch_ms", BY_NAME).name == "epoch_ms"


@pytest.mark.parametrize(
    ("type_", "name", "message", "hint"),
    [
        ("bigint", "epoch_mss", "did you mean 'epoch_ms'", "timestamptz"),
        ("bigint", "nonsense!", "no codec 'nonsense!'", "'ulid'"),
        ("integer", "epoch_ns", "k is integer; key = 'epoch_ns'", "'epoch_s'"),
        ("uuid", None, "no codec serves k by its type, uuid", "'uuid7'"),
        ("text", None, "no codec serves k", "'ulid'"),
        ("inet", None, "no codec serves k", "a plugin"),
    ],
)
def test_a_codec_that_cannot_serve_is_refused_with_the_way_out(
    type_: str, name: str | None, message: str, hint: str
) -> None:
    with pytest.raises(ValueError, match=r"codec|key =") as caught:
        codec_for(words.column(type_), name, BY_NAME)
    assert message in str(caught.value)
    assert hint in caught.value.__notes__[0]


def test_two_codecs_that_would_serve_are_not_chosen_between() -> None:
    codecs = {**BY_NAME, "mine": BY_NAME["integer"]}
    with pytest.raises(ValueError, match="several codecs serve k"):
        codec_for(words.column("bigint"), None, codecs)


def test_the_ends_of_everything_lie_beyond_infinity() -> None:
    codec = BY_NAME["date"]
    assert bound_position(codec, Edge.MINVALUE) < codec.position("-infinity")
    assert bound_position(codec, Edge.MAXVALUE) > codec.position("infinity")


def test_a_span_is_where_both_ends_lie() -> None:
    codec = BY_NAME["date"]
    bounds = RangeBounds(("1970-01-02",), (Edge.MAXVALUE,))
    assert span(codec, bounds) == (1, inf)


def test_a_range_over_two_columns_has_no_span() -> None:
    with pytest.raises(ValueError, match="several columns"):
        span(BY_NAME["date"], RangeBounds(("a", "b"), ("c", "d")))


def test_a_key_reads_as_in_create_table() -> None:
    assert str(Key("range", (words.column("date"),))) == "RANGE (k)"
    odd = Key("list", (words.Column("Order", "text"), words.Column("user", "text")))
    assert str(odd) == 'LIST ("Order", "user")'
    lowered = words.Column(None, "text", expression="lower(name)")
    assert str(Key("hash", (lowered,))) == "HASH ((lower(name)))"
