"""What partman reads and writes is what the server prints, for every type of key."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from psycopg.sql import Literal

from partman_core.bounds import (
    Bounds,
    DefaultBounds,
    HashBounds,
    ListBounds,
    RangeBounds,
    clause,
    parse,
)
from partman_core.keys import CODECS, Codec, span

if TYPE_CHECKING:
    from collections.abc import Sequence

    import psycopg

    Connection = psycopg.Connection[Any]

BY_NAME: dict[str, Codec] = {codec.name: codec for codec in CODECS}

CANONICAL = """
    SET TimeZone = 'UTC'; SET DateStyle = 'ISO, YMD'; SET IntervalStyle = 'postgres';
    SET bytea_output = 'hex'; SET extra_float_digits = 1;
    SET standard_conforming_strings = on
"""
TYPES = """
    CREATE TYPE mood AS ENUM ('sad', 'it''s ok', 'NULL');
    CREATE DOMAIN counter AS int;
    CREATE TYPE pair AS (a int, b text)
"""

TEXTS = (
    "",
    " ",
    "')",
    "', '",
    ") TO (",
    "MAXVALUE",
    "MINVALUE",
    "NULL",
    "\\",
    "\\'",
    "a\nb",
    "it's",
    "é世界",
)
STAMPS = (
    "-infinity",
    "4714-11-24 00:00:00 BC",
    "0044-03-15 12:00:00.5 BC",
    "0001-01-01 00:00:00",
    "1969-12-31 23:59:59.999999",
    "2024-03-10 02:30:00",
    "12345-01-01 00:00:00",
    "294276-12-31 23:59:59.999999",
    "infinity",
)

VALUES: dict[str, Sequence[str]] = {
    "int2": ("-5", "0", "7"),
    "int4": ("-2147483648", "-5", "0", "7"),
    "int8": ("-9223372036854775808", "0", "9223372036854775807"),
    "counter": ("-5", "0", "7"),
    "oid": ("0", "7", "4294967295"),
    "numeric": ("-Infinity", "-1.5", "0", "0.10", "2", "1e30", "Infinity", "NaN"),
    "numeric(12,2)": ("-1.5", "0", "2", "10.25"),
    "float4": ("-Infinity", "-1.5", "0.1", "1e20", "Infinity", "NaN"),
    "float8": ("-1e-300", "0", "0.1", "1e300", "NaN"),
    "bool": ("false", "true"),
    "text": TEXTS,
    "varchar(40)": TEXTS,
    "char(5)": ("a", "ab'c", "b\nc", "é"),
    "name": ("", "NULL", "it's"),
    '"char"': ("'", "a", "b"),
    "uuid": (
        "00000000-0000-0000-0000-000000000000",
        "018f0000-0000-7000-8000-000000000001",
        "ffffffff-ffff-ffff-ffff-ffffffffffff",
    ),
    "date": (
        "-infinity",
        "4714-11-24 BC",
        "0044-03-15 BC",
        "0001-01-01",
        "2024-02-29",
        "12345-01-01",
        "5874897-12-31",
        "infinity",
    ),
    "timestamp": STAMPS,
    "timestamptz": STAMPS,
    "time": ("00:00:00", "12:34:56.789", "24:00:00"),
    "timetz": ("12:34:56+01", "12:34:56+00", "12:34:56-05:30"),
    "interval": ("-1 day", "00:00:00.5", "36 hours", "1 year 2 mons -3 days"),
    "bytea": ("", "\\x00ff27", "\\x5c"),
    "inet": ("10.0.0.1", "192.168.0.0/16", "::1"),
    "cidr": ("10.0.0.0/8", "2001:db8::/32"),
    "macaddr": ("08:00:2b:01:02:03", "ff:ff:ff:ff:ff:ff"),
    "mood": ("sad", "it's ok", "NULL"),
    "pair": ('(1,"a,b\'")', '(1,"x"")(")', "(2,)"),
    "bit(4)": ("0001", "1000"),
    "varbit": ("0001", "10"),
    "jsonb": ("[]", "null", '"it\'s"', "1.10", '{"a": "b, c"}'),
    "int[]": ("{-1,NULL}", "{1,2}"),
    "text[]": ("{}", '{"a,\'b","NULL",NULL}'),
    "pg_lsn": ("0/0", "16/B374D848"),
}
"""Types of keys, each with values in the server's order."""

UNHASHABLE = frozenset({"bit(4)", "varbit"})
COLLATED = frozenset({"text", "varchar(40)", "char(5)", "text[]"})


class Printed(NamedTuple):
    """A partition and its bounds as the server prints them."""

    name: str
    text: str

    @property
    def bounds(self) -> Bounds:
        return parse(self.text)


@pytest.fixture
def conn(pg: Connection) -> Connection:
    """Give a database with our types, in a session with the canonical settings."""
    pg.execute(CANONICAL)
    pg.execute(TYPES)
    return pg


def create(
    conn: Connection, method: str, columns: Sequence[str], partitions: Sequence[str]
) -> list[Printed]:
    """Create table p with *partitions* and return them as printed, in order."""
    names = [f"k{n}" for n in range(len(columns))]
    spec = ", ".join(f"{n} {kind}" for n, kind in zip(names, columns, strict=True))
    keys = (
        f'{name} COLLATE "C"' if kind in COLLATED else name
        for name, kind in zip(names, columns, strict=True)
    )
    conn.execute(f"CREATE TABLE p ({spec}) PARTITION BY {method} ({', '.join(keys)})")
    for number, bound in enumerate(partitions):
        conn.execute(f"CREATE TABLE p_{number} PARTITION OF p {bound}")
    return printed(conn)


def printed(conn: Connection) -> list[Printed]:
    """Return the partitions of p as the server prints them."""
    rows = conn.execute("""
        SELECT relname, pg_get_expr(relpartbound, c.oid)
        FROM pg_class AS c JOIN pg_inherits ON inhrelid = c.oid
        WHERE inhparent = 'p'::regclass
        ORDER BY split_part(relname, '_', 2)::int
    """)
    return [Printed(*row) for row in rows]


def types_of(conn: Connection) -> list[str]:
    """Return the types of p's key columns, without modifiers."""
    rows = conn.execute("""
        SELECT format_type(atttypid, NULL) FROM pg_attribute
        WHERE attrelid = 'p'::regclass AND attnum > 0 ORDER BY attnum
    """)
    return [kind for (kind,) in rows]


def quoted(conn: Connection, *values: str) -> list[str]:
    return [Literal(value).as_string(conn) for value in values]


def check_round_trip(conn: Connection, before: list[Printed]) -> None:
    """Print every bound, take the partitions off, attach them again, compare."""
    types = types_of(conn)
    for one in before:
        assert clause(one.bounds, types) == one.text
    for printing in (types, []):
        for one in before:
            conn.execute(f"ALTER TABLE p DETACH PARTITION {one.name}")
        for one in before:
            text = clause(one.bounds, printing)
            conn.execute(f"ALTER TABLE p ATTACH PARTITION {one.name} {text}".encode())
        assert printed(conn) == before


@pytest.mark.parametrize("kind", VALUES)
def test_a_range_comes_back_as_it_was(conn: Connection, kind: str) -> None:
    ends = ["MINVALUE", *quoted(conn, *VALUES[kind]), "MAXVALUE"]
    ranges = [
        f"FOR VALUES FROM ({lower}) TO ({upper})" for lower, upper in pairwise(ends)
    ]
    before = create(conn, "range", [kind], [*ranges, "DEFAULT"])
    assert all(isinstance(one.bounds, RangeBounds) for one in before[:-1])
    assert isinstance(before[-1].bounds, DefaultBounds)
    check_round_trip(conn, before)


@pytest.mark.parametrize("kind", VALUES)
def test_a_list_comes_back_as_it_was(conn: Connection, kind: str) -> None:
    first, *others = quoted(conn, *VALUES[kind])
    lists = [f"({first})", f"({', '.join(others)}, NULL)"]
    bounds = [f"FOR VALUES IN {values}" for values in lists]
    before = create(conn, "list", [kind], [*bounds, "DEFAULT"])
    check_round_trip(conn, before)
    assert isinstance(before[1].bounds, ListBounds)
    assert before[1].bounds.values.count(None) == 1
    assert len(before[1].bounds.values) == len(VALUES[kind])


@pytest.mark.parametrize("kind", sorted(VALUES.keys() - UNHASHABLE))
def test_a_hash_comes_back_as_it_was(conn: Connection, kind: str) -> None:
    bounds = [HashBounds(4, 0), HashBounds(4, 2), HashBounds(2, 1)]
    before = create(conn, "hash", [kind], list(map(clause, bounds)))
    assert [one.bounds for one in before] == bounds
    check_round_trip(conn, before)


def test_a_range_over_several_columns_comes_back_as_it_was(conn: Connection) -> None:
    ranges = [
        "FOR VALUES FROM (MINVALUE, MINVALUE, MINVALUE) TO ('a', -1, MINVALUE)",
        "FOR VALUES FROM ('a', -1, MINVALUE) TO ('a', 5, '2024-01-01')",
        "FOR VALUES FROM ('a', 5, '2024-01-01') TO ('a'', ''', MAXVALUE, MAXVALUE)",
        "FOR VALUES FROM ('b', 0, '-infinity') TO (MAXVALUE, MAXVALUE, MAXVALUE)",
    ]
    columns = ["text", "int4", "timestamptz"]
    check_round_trip(conn, create(conn, "range", columns, [*ranges, "DEFAULT"]))


def test_null_alone_makes_a_list(conn: Connection) -> None:
    lists = ["FOR VALUES IN (NULL)", "FOR VALUES IN ('NULL')"]
    before = create(conn, "list", ["text"], lists)
    assert [one.bounds for one in before] == [
        ListBounds((None,)),
        ListBounds(("NULL",)),
    ]
    check_round_trip(conn, before)


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("timestamptz", "timestamptz"),
        ("timestamp", "timestamp"),
        ("date", "date"),
        ("int2", "integer"),
        ("int4", "integer"),
        ("int8", "integer"),
        ("int8", "epoch_ns"),
        ("numeric(12,2)", "numeric"),
        ("uuid", "uuid7"),
    ],
)
def test_printed_bounds_lie_on_the_axis_in_order(
    conn: Connection, kind: str, name: str
) -> None:
    ends = ["MINVALUE", *quoted(conn, *VALUES[kind]), "MAXVALUE"]
    ranges = [
        f"FOR VALUES FROM ({lower}) TO ({upper})" for lower, upper in pairwise(ends)
    ]
    codec = BY_NAME[name]
    before = create(conn, "range", [kind], ranges)
    at = None
    for one in before:
        assert isinstance(one.bounds, RangeBounds)
        lower, upper = span(codec, one.bounds)
        assert lower < upper
        assert at is None or lower == at
        at = upper
        if isinstance(upper, int | Fraction) and name != "numeric":
            assert (codec.literal(upper),) == one.bounds.upper
        assert codec.axis == "time" or codec.moment(lower) is None
