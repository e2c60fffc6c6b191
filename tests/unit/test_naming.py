"""Names follow SQL, fit in 63 bytes, and two things never share one by accident."""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from partman_core.interval import Interval
from partman_core.naming import (
    MAX_BYTES,
    Name,
    fold,
    partition_name,
    quote_ident,
    suffix_for,
    validate_template,
)

from . import word_strategies as words

suffixes = st.text("0123456789_mabcdef", min_size=1, max_size=22)
templates = st.sampled_from(
    ["{table}_p{suffix}", "{table}{suffix}", "p{suffix}", "{suffix} von {table}é"]
)


@given(words.names)
@example(Name("public", "a.b"))
@example(Name(None, 'a".b'))
@example(Name("Ä", " "))
def test_a_written_name_is_read_back(name: Name) -> None:
    assert Name.parse(str(name)) == name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("flights", Name(None, "flights")),
        ("public.flights", Name("public", "flights")),
        ("Public.Flights", Name("public", "flights")),
        ('"Sales"."Orders"', Name("Sales", "Orders")),
        ('sales."we""ird"', Name("sales", 'we"ird')),
        (' sales . "naïve tbl" ', Name("sales", "naïve tbl")),
        ("ÜBER", Name(None, "Über")),
        ('"a.b".c', Name("a.b", "c")),
        ("select", Name(None, "select")),
        ("_x$1", Name(None, "_x$1")),
    ],
)
def test_a_name_is_read_as_sql_reads_it(text: str, name: Name) -> None:
    assert Name.parse(text) == name


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        ".",
        "a.",
        ".a",
        "a b",
        "a-b",
        "1a",
        "$a",
        '"a',
        'a"b"',
        '""',
        '"a".""',
        'x"',
        "a..b",
        "a.b.c",
        "a;b",
        "a\0",
        '"a\0"',
        '"\ud800"',
    ],
)
def test_what_is_no_name_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w \w"):
        Name.parse(text)


def test_a_refusal_says_the_way_out() -> None:
    with pytest.raises(ValueError, match="'my table' is not a name") as caught:
        Name.parse("my table")
    assert 'double quotes: "my table"' in caught.value.__notes__[0]
    with pytest.raises(ValueError, match="has 3 parts"):
        Name.parse("db.public.flights")


@pytest.mark.parametrize("plain", ["flights", "_a1", "public", "name", "value"])
def test_a_plain_name_stands_without_quotes(plain: str) -> None:
    assert quote_ident(plain) == plain


@pytest.mark.parametrize(
    "odd", ["Events", "order", "user", "interval", "1a", "a b", "é", "a$", "a-b", "a\n"]
)
def test_any_other_name_is_quoted(odd: str) -> None:
    assert quote_ident(odd) == f'"{odd}"'


def test_quotes_are_doubled() -> None:
    assert quote_ident('we"ird') == '"we""ird"'


def test_only_ascii_letters_are_folded() -> None:
    assert fold("ABCÉİZ") == "abcÉİz"


@pytest.mark.parametrize(
    ("lower", "interval", "suffix"),
    [
        ("2001-01-01", "1 century", "2001"),
        ("2026-01-01", "1 year", "2026"),
        ("2026-04-01", "1 year", "202604"),
        ("2026-01-01", "1 quarter", "202601"),
        ("2026-11-01", "1 month", "202611"),
        ("2026-11-15", "1 month", "20261115"),
        ("2026-01-01", "1 day", "20260101"),
        ("2026-11-16", "1 week", "20261116"),
        ("2026-11-22T05:30", "1 day", "20261122_0530"),
        ("2026-11-22", "6 hours", "20261122_00"),
        ("2026-11-22T09:00", "1 hour", "20261122_09"),
        ("2026-11-22", "36 hours", "20261122_00"),
        ("2026-11-22T09:15", "15 minutes", "20261122_0915"),
        ("2026-11-22T09:15", "30 seconds", "20261122_091500"),
        ("2026-11-22T09:15", "1 ms", "20261122_091500_000000"),
        ("2026-11-22T09:15:00.000001", "1 month", "20261122_091500_000001"),
        ("0044-03-01", "1 month", "004403"),
    ],
)
def test_a_suffix_has_the_unit_that_it_needs(
    lower: str, interval: str, suffix: str
) -> None:
    moment = datetime.fromisoformat(lower)
    assert suffix_for(moment, Interval.parse(interval)) == suffix


def test_numbers_are_their_own_suffix() -> None:
    assert suffix_for(1_000_000, 1000) == "1000000"
    assert suffix_for(-1000, 1000) == "m1000"
    assert suffix_for(0, 1000) == "0"


@given(
    words.wall_moments,
    words.wall_moments,
    st.builds(Interval, st.integers(0, 40), st.integers(0, 10**12)),
)
def test_two_bounds_have_two_suffixes(
    one: datetime, other: datetime, interval: Interval
) -> None:
    same = suffix_for(one, interval) == suffix_for(other, interval)
    assert same == (one == other)


@given(words.identifiers, suffixes, templates, st.text(max_size=5))
def test_a_partitions_name_fits_and_stays_the_same(
    table: str, suffix: str, template: str, salt: str
) -> None:
    name = partition_name(table, suffix, template=template, salt=salt)
    assert 0 < len(name.encode()) <= MAX_BYTES
    assert name == partition_name(table, suffix, template=template, salt=salt)
    assert suffix in name


@given(words.identifiers, suffixes, templates)
def test_a_taken_name_is_never_given_again(
    table: str, suffix: str, template: str
) -> None:
    taken: list[str] = []
    for _ in range(4):
        name = partition_name(table, suffix, template=template, taken=taken)
        assert name not in taken
        assert len(name.encode()) <= MAX_BYTES
        taken.append(name)


@given(words.identifiers, st.text("0123456789", min_size=8, max_size=22), templates)
def test_neighbours_have_different_names(
    table: str, suffix: str, template: str
) -> None:
    following = f"{int(suffix) + 1:0{len(suffix)}d}"
    one = partition_name(table, suffix, template=template)
    assert one != partition_name(table, following, template=template)


def test_a_plain_name_has_no_hash() -> None:
    assert partition_name("flights", "20261122") == "flights_p20261122"
    assert partition_name("Flüge {suffix}", "2026") == "Flüge {suffix}_p2026"


def test_a_long_name_keeps_its_suffix_and_gets_a_hash() -> None:
    table = "customer_webhook_delivery_attempts_archive_of_everything"
    one, other = (partition_name(table, f"2024010{day}") for day in (1, 2))
    assert one.startswith("customer_webhook_delivery_attempts_")
    assert one.endswith("_p20240101")
    assert one != other
    assert len(one) == MAX_BYTES


def test_a_name_is_cut_between_characters() -> None:
    name = partition_name("é" * 31, "20240101_09")
    assert name.startswith("é" * 20)
    assert len(name.encode()) in (MAX_BYTES - 1, MAX_BYTES)


def test_long_tables_that_begin_alike_have_different_partitions() -> None:
    names = {partition_name("x" * 62 + last, "2024") for last in "abc"}
    assert len(names) == 3


def test_even_a_template_without_the_table_gives_each_its_own() -> None:
    first = partition_name("a", "2024", template="p{suffix}")
    second = partition_name("b", "2024", template="p{suffix}", taken={first})
    third = partition_name("c", "2024", template="p{suffix}", taken={first, second})
    assert first == "p2024"
    assert len({first, second, third}) == 3


def test_tables_and_tenants_that_read_alike_do_not_share_a_name() -> None:
    """(user_logs, a_b) and (user_logs_a, b) would both be user_logs_a_b_2024."""
    template = "{table}_{suffix}"
    first = partition_name("user_logs", "a_b_2024", template=template)
    second = partition_name("user_logs_a", "b_2024", template=template, taken={first})
    assert first == "user_logs_a_b_2024"
    assert second != first
    taken = {first, second}
    hashed = [
        partition_name(table, suffix, template=template, taken=taken)
        for table, suffix in (("user_logs", "a_b_2024"), ("user_logs_a", "b_2024"))
    ]
    assert hashed[0] != hashed[1]


def test_salt_tells_apart_what_has_the_same_plain_name() -> None:
    taken = {"logs_p2024"}
    names = [partition_name("logs", "2024", taken=taken, salt=s) for s in ("A", "a")]
    assert names[0] != names[1]


def test_a_hash_is_the_same_tomorrow() -> None:
    """Names outlive a release, so how they are made must not drift."""
    assert partition_name("logs", "2024", taken={"logs_p2024"}) == "logs_a9c80cd4_p2024"


@pytest.mark.parametrize("template", ["{table}_p{suffix}", "p{suffix}", "é{suffix}"])
def test_a_template_that_serves_is_accepted(template: str) -> None:
    validate_template(template)


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("{table}", "lacks {suffix}"),
        ("", "lacks {suffix}"),
        ("{tenant}_{suffix}", "has '{tenant}'"),
        ("{suffix}_{", "has '{'"),
        ("}{suffix}", "has '}'"),
        ("{suffix}{suffix}", "{suffix} twice"),
        ("{table}{table}{suffix}", "{table} twice"),
        ("{suffix}\0", "NUL"),
    ],
)
def test_a_template_that_does_not_serve_is_refused(template: str, message: str) -> None:
    with pytest.raises(ValueError, match=r"template|NUL") as caught:
        validate_template(template)
    assert message in str(caught.value)
    with pytest.raises(ValueError, match=r"template|NUL"):
        partition_name("t", "2024", template=template)


def test_a_sequence_of_days_has_names_in_its_order() -> None:
    day = Interval.parse("1 day")
    moments = [datetime(2026, month, 1) for month in range(1, 13)]
    names = [partition_name("t", suffix_for(moment, day)) for moment in moments]
    assert all(one < other for one, other in pairwise(names))
