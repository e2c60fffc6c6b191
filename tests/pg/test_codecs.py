"""Positions, literals and moments are the server's own, in the server's order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from partman_core.keys import CODECS, Codec
from partman_core.keys.days import day_number

if TYPE_CHECKING:
    import psycopg

    Connection = psycopg.Connection[Any]

BY_NAME: dict[str, Codec] = {codec.name: codec for codec in CODECS}


@pytest.fixture
def conn(pg: Connection) -> Connection:
    """Give a session that prints times as codecs read them."""
    pg.execute("SET TimeZone = 'UTC'; SET DateStyle = 'ISO, YMD'")
    return pg


DAYS = day_number(-4713, 11, 24), day_number(294_276, 12, 31)
SWEEPS = {
    "timestamptz": ("timestamptz", [day * 86_400_000_000 for day in DAYS]),
    "timestamp": ("timestamp", [day * 86_400_000_000 for day in DAYS]),
    "date": ("date", [DAYS[0], day_number(5_874_897, 12, 31)]),
    "uuid7": ("uuid", [0, (1 << 128) - 1]),
    "ulid": ('text COLLATE "C"', [0, (1 << 128) - 1]),
    "epoch_ns": ("int8", [-(2**63), 2**63 - 1]),
    "numeric": ("numeric", [-(10**40), 10**40]),
}


@pytest.mark.parametrize("name", SWEEPS)
def test_literals_are_the_servers_own_in_the_servers_order(
    conn: Connection, name: str
) -> None:
    kind, (first, last) = SWEEPS[name]
    codec = BY_NAME[name]
    step = (last - first) // 5000 | 1
    positions = [*range(first, last, step), last]
    literals = [codec.literal(position) for position in positions]
    plain = kind.split()[0]
    rows = conn.execute(
        f"SELECT v::{plain}::text FROM unnest(%s::text[]) AS v "
        f"ORDER BY (v::{plain}){kind.removeprefix(plain)}",
        [literals],
    )
    assert [text for (text,) in rows] == literals
    assert [codec.position(text) for text in literals] == positions


MOMENT = datetime(2026, 11, 22, 9, 15, 0, 1000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "kind", "expression"),
    [
        ("timestamptz", "timestamptz", "%s::timestamptz"),
        ("timestamp", "timestamp", "%s::timestamptz AT TIME ZONE 'UTC'"),
        ("date", "date", "((%s::timestamptz - '1 us'::interval)::date + 1)"),
        ("epoch_s", "int8", "ceil(extract(epoch FROM %s::timestamptz))"),
        ("epoch_ms", "int8", "ceil(extract(epoch FROM %s::timestamptz) * 1000)"),
        ("epoch_us", "int8", "extract(epoch FROM %s::timestamptz) * 1000000"),
        ("epoch_ns", "int8", "extract(epoch FROM %s::timestamptz) * 1000000000"),
    ],
)
def test_a_moment_lies_where_the_server_puts_it(
    conn: Connection, name: str, kind: str, expression: str
) -> None:
    codec = BY_NAME[name]
    for microseconds in (0, 1, 499, 999_999):
        moment = MOMENT + timedelta(microseconds=microseconds)
        mine = codec.at(moment.replace(tzinfo=None) if codec.wall else moment)
        row = conn.execute(f"SELECT ({expression})::{kind}::text", [moment]).fetchone()
        assert row == (codec.literal(mine),)


def identifier(milliseconds: int, tail: int) -> str:
    """Make a version 7 UUID with all other bits from *tail*."""
    digits = f"{milliseconds:012x}7{tail >> 62 & 0xFFF:03x}"
    digits += f"{2 << 62 | tail & (1 << 62) - 1:016x}"
    return digits


MILLISECONDS = round(MOMENT.timestamp() * 1000)


@pytest.mark.parametrize(
    ("name", "kind", "last_before", "first"),
    [
        (
            "uuid7",
            "uuid",
            identifier(MILLISECONDS - 1, (1 << 74) - 1),
            identifier(MILLISECONDS, 0),
        ),
        (
            "ulid",
            'text COLLATE "C"',
            BY_NAME["ulid"].literal((MILLISECONDS << 80) - 1),
            BY_NAME["ulid"].literal(MILLISECONDS << 80) + "0" * 16,
        ),
    ],
    ids=["uuid7", "ulid"],
)
def test_ids_at_the_edge_of_a_millisecond_land_on_the_right_side(
    conn: Connection, name: str, kind: str, last_before: str, first: str
) -> None:
    codec = BY_NAME[name]
    bound = codec.literal(codec.at(MOMENT))
    conn.execute(f"""
        CREATE TABLE p (k {kind}) PARTITION BY RANGE (k);
        CREATE TABLE early PARTITION OF p FOR VALUES FROM (MINVALUE) TO ('{bound}');
        CREATE TABLE late PARTITION OF p FOR VALUES FROM ('{bound}') TO (MAXVALUE)
    """)
    rows = conn.execute(
        "INSERT INTO p VALUES (%s), (%s) RETURNING tableoid::regclass::text",
        [last_before, first],
    )
    assert [partition for (partition,) in rows] == ["early", "late"]
