"""Bounds are read and printed without losing a character."""

from __future__ import annotations

import json

import pytest
from hypothesis import example, given

from partman_core.bounds import (
    Bounds,
    DefaultBounds,
    Edge,
    HashBounds,
    ListBounds,
    RangeBounds,
    clause,
    from_json,
    parse,
    to_json,
)

from . import word_strategies as words

PRINTED = {
    "DEFAULT": DefaultBounds(),
    "FOR VALUES WITH (modulus 8, remainder 3)": HashBounds(8, 3),
    "FOR VALUES FROM (1) TO ('-5')": RangeBounds(("1",), ("-5",)),
    "FOR VALUES FROM (MINVALUE) TO ('MINVALUE')": RangeBounds(
        (Edge.MINVALUE,), ("MINVALUE",)
    ),
    "FOR VALUES FROM ('a', 1.5, MINVALUE) TO ('b,''', '2', MAXVALUE)": RangeBounds(
        ("a", "1.5", Edge.MINVALUE), ("b,'", "2", Edge.MAXVALUE)
    ),
    "FOR VALUES IN ('NULL', NULL, true, ') TO (')": ListBounds(
        ("NULL", None, "true", ") TO (")
    ),
    "FOR VALUES IN ('', '''', '\\', 'a\nb')": ListBounds(("", "'", "\\", "a\nb")),
}


@pytest.mark.parametrize("text", PRINTED)
def test_a_printed_bound_is_read(text: str) -> None:
    assert parse(text) == PRINTED[text]


@given(words.bounds)
@example(RangeBounds(("') TO ('",), ("')",)))
def test_what_is_printed_is_read_back(bounds: Bounds) -> None:
    assert parse(clause(bounds)) == bounds


@given(words.bounds)
def test_the_text_of_bounds_is_their_clause(bounds: Bounds) -> None:
    assert str(bounds) == clause(bounds)


@given(words.bounds)
def test_reading_and_printing_keeps_every_character(bounds: Bounds) -> None:
    """The order of a list's values is kept too, though equality ignores it."""
    text = clause(bounds)
    assert clause(parse(text)) == text


@given(words.bounds)
def test_json_loses_nothing(bounds: Bounds) -> None:
    again = from_json(json.loads(json.dumps(to_json(bounds))))
    assert again == bounds
    assert clause(again) == clause(bounds)


@given(words.bounds, words.bounds)
def test_bounds_are_equal_if_their_clauses_say_the_same(a: Bounds, b: Bounds) -> None:
    if clause(a) == clause(b):
        assert a == b
    if a == b:
        assert hash(a) == hash(b)


def test_a_list_is_the_same_in_any_order() -> None:
    one, other = ListBounds(("a", None, "b")), ListBounds(("b", "a", None))
    assert one == other
    assert hash(one) == hash(other)
    assert one != ListBounds(("a", "b"))


def test_null_is_not_the_text_null() -> None:
    assert ListBounds((None,)) != ListBounds(("NULL",))
    assert RangeBounds((Edge.MINVALUE,), ("a",)) != RangeBounds(("MINVALUE",), ("a",))


def test_types_decide_what_stands_without_quotes() -> None:
    kinds = ("integer", "integer", "numeric", "numeric", "boolean", "bigint")
    values = ("5", "-5", "1.10", "2", "true", "7")
    bounds = RangeBounds(values, values)
    side = "5, '-5', 1.10, '2', true, '7'"
    assert clause(bounds, kinds) == f"FOR VALUES FROM ({side}) TO ({side})"


def test_one_type_serves_all_values_of_a_list() -> None:
    bounds = ListBounds(("1", "-2", None))
    assert clause(bounds, ["integer"]) == "FOR VALUES IN (1, '-2', NULL)"


@pytest.mark.parametrize(
    ("value", "bare"),
    [
        ("1.5", True),
        ("10", False),
        ("-1.5", False),
        ("NaN", False),
        ("Infinity", False),
    ],
)
def test_a_numeric_stands_bare_if_it_looks_like_a_float(value: str, bare: bool) -> None:
    shown = value if bare else f"'{value}'"
    bounds = ListBounds((value,))
    assert clause(bounds, ["numeric"]) == f"FOR VALUES IN ({shown})"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "default",
        "FOR VALUES",
        "FOR VALUES IN ()",
        "FOR VALUES IN ('a'",
        "FOR VALUES IN ('a') ",
        "FOR VALUES IN ('a' 'b')",
        "FOR VALUES IN (MAXVALUE)",
        "FOR VALUES FROM ('a')",
        "FOR VALUES FROM ('a') TO ('b') x",
        "FOR VALUES FROM ('a') TO (NULL)",
        "FOR VALUES FROM ('a', 'b') TO ('c')",
        "FOR VALUES WITH (modulus 4, remainder 4)",
        "FOR VALUES WITH (modulus 4)",
        "FOR VALUES IN ('it's')",
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w \w"):
        parse(text)


@pytest.mark.parametrize(
    "obj", [{}, {"kind": "x"}, {"kind": "range", "lower": []}, {"kind": "list"}]
)
def test_json_of_something_else_is_refused(obj: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="not the bounds"):
        from_json(obj)


def test_impossible_bounds_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="one value for each key column"):
        RangeBounds((), ())
    with pytest.raises(ValueError, match="at least one value"):
        ListBounds(())
    with pytest.raises(ValueError, match="0 to 3"):
        HashBounds(4, 4)
