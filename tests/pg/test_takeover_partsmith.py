"""Taking over from pg-partsmith, whose settings stand in a document.

The library itself is used in tests/peers.
"""

from __future__ import annotations

import hashlib
import json

import pytest

import partman_listhash
from partman_core.errors import ConfigError

from .helpers import (
    DAY,
    NOW,
    a_table,
    an_engine,
    children,
    is_there,
    told,
    value,
)


@pytest.fixture
def document(tmp_path):
    """Return a function that writes a document with tables."""

    def write(*tables, **more):
        file = tmp_path / "partitions.json"
        file.write_text(json.dumps({"tables": tables, **more}))
        return file

    return write


DAILY = {"table_name": "events", "partition_column": "at", "granularity": "day"}


def made(pg) -> None:
    for day in range(19, 27):
        pg.execute(
            f"CREATE TABLE events__2026_11_{day} PARTITION OF events"
            f" FOR VALUES FROM ('2026-11-{day}') TO ('2026-11-{day + 1}')"
        )
    pg.execute(
        "INSERT INTO events SELECT g, 'x' FROM generate_series("
        "'2026-11-19'::timestamptz, '2026-11-24 12:00', '1 hour') g"
    )


def test_a_document_is_taken_over_with_nothing_lost_or_made_twice(
    database, pg, document
):
    a_table(pg)
    made(pg)
    pg.execute(
        "CREATE TABLE gone (LIKE events);"
        "COMMENT ON TABLE gone IS E'pg-partsmith:orphan-parent=public.events\\nx'"
    )
    file = document(DAILY | {"create_ahead_count": 4, "retention_count": 3})
    engine = an_engine(database)
    rows = value(pg, "SELECT count(*) FROM events")
    done = engine.migrate_from("pg-partsmith", document=file, confirm=True)
    [one] = done.tables
    assert one.proposal.settings == {
        "partition_interval": "1 day",
        "partition_by": "at",
        "partition_count": 4,
        "retention_count": 3,
        "retention_action": "drop",
        "grace_period": "7 days",
    }
    assert "(gone) are left" in one.proposal.notes[0]
    assert len(one.adoption.accepted) == 5
    assert len(one.adoption.backlog.partitions) == 3
    assert told(engine.maintain()) == [("create", "events_p20261127")]
    assert len(children(pg)) == 9
    assert value(pg, "SELECT count(*) FROM events") == rows
    assert is_there(pg, "gone")
    assert not engine.plan()


GROUPS = [{"name": "eu", "values": ["de", "fr"]}, {"name": "us", "values": ["us"]}]
HASH = {"method": "hash", "key": "id", "modulus": 2}
LIST = {"method": "list", "key": "region", "groups": GROUPS, "include_default": True}
DAYS = {"method": "range", "key": "at", "boundaries": {"granularity": "day"}}
KEEP = {"create_ahead_count": 3, "retention_count": 30}
COLUMNS = "id bigint, region text, at timestamptz NOT NULL"


def test_levels_of_lists_and_hashes_are_taken_over(database, pg, document):
    a_table(pg, columns=COLUMNS)
    for day in (23, 24, 25):
        parent = f"events__2026_11_{day}"
        pg.execute(
            f"CREATE TABLE {parent} PARTITION OF events FOR VALUES"
            f" FROM ('2026-11-{day}') TO ('2026-11-{day + 1}')"
            " PARTITION BY LIST (region);"
            f"CREATE TABLE {parent}__other PARTITION OF {parent} DEFAULT"
        )
        for name, values in (("eu", "'de', 'fr'"), ("us", "'us'")):
            pg.execute(
                f"CREATE TABLE {parent}__{name} PARTITION OF {parent}"
                f" FOR VALUES IN ({values}) PARTITION BY HASH (id)"
            )
            for part in (0, 1):
                pg.execute(
                    f"CREATE TABLE {parent}__{name}__h{part} PARTITION OF"
                    f" {parent}__{name} FOR VALUES WITH (MODULUS 2, REMAINDER {part})"
                )
    pg.execute("DROP TABLE events__2026_11_25__us__h1")
    pg.execute("INSERT INTO events SELECT n, 'fr', '2026-11-24' FROM"
               " generate_series(1, 100) n")  # fmt: skip
    scheme = {**DAYS, "child": {**LIST, "child": HASH}}
    file = document({"table_name": "events", "scheme": scheme, **KEEP})
    engine = an_engine(database, plugins=[partman_listhash])
    [one] = engine.migrate_from("pg-partsmith", document=file, confirm=True).tables
    assert one.error is one.proposal.obstacle is None
    assert len(one.adoption.accepted) == 3 * 7 - 1
    # what is missing, and the third day with all that is inside of it
    made = told(engine.maintain())
    assert made == [
        ("create", "events_p20261126"),
        ("create", "events__2026_11_25__us_p1"),
    ]
    # each day has two lists and DEFAULT; only in the new day that one is split as well
    whole = "SELECT count(*) FROM pg_partition_tree('events')"
    assert value(pg, whole) == 1 + 3 * 8 + 10
    assert value(pg, "SELECT count(*) FROM events") == 100
    assert not engine.plan().operations


def test_ranges_in_lists_are_taken_over(database, pg, document):
    a_table(pg, columns=COLUMNS, key="LIST (region)")
    for name, values in (("eu", "'de', 'fr'"), ("us", "'us'")):
        pg.execute(
            f"CREATE TABLE events__{name} PARTITION OF events FOR VALUES IN ({values})"
            " PARTITION BY RANGE (at)"
        )
        for day in (20, 23, 24, 25, 26):
            pg.execute(
                f"CREATE TABLE events__{name}__{day} PARTITION OF events__{name} FOR"
                f" VALUES FROM ('2026-11-{day}') TO ('2026-11-{day + 1}')"
            )
    pg.execute("CREATE TABLE events__other PARTITION OF events DEFAULT")
    scheme = {**LIST, "child": DAYS}
    lifecycle = {
        "creation": {"kind": "create_ahead", "count": 3},
        "retention": {"kind": "keep_for", "age": "P2D"},
    }
    file = document({"table_name": "events", "scheme": scheme, "lifecycle": lifecycle})
    engine = an_engine(database, plugins=[partman_listhash])
    [one] = engine.migrate_from("pg-partsmith", document=file, confirm=True).tables
    assert one.error is one.proposal.obstacle is None
    over = {part.name.relation for part in one.adoption.backlog.partitions}
    assert over == {"events__eu__20", "events__us__20"}
    assert len(one.adoption.accepted) == 2 + 2 * 4
    assert told(engine.maintain()) == []
    tomorrow = an_engine(database, NOW + DAY, plugins=[partman_listhash])
    assert told(tomorrow.maintain()) == [
        ("create", "events__eu_p20261127"),
        ("create", "events__us_p20261127"),
    ]


def test_without_the_plugin_for_hashes_its_name_is_said(database, pg, document):
    a_table(pg, columns=COLUMNS, key="HASH (id)")
    file = document({"table_name": "events", "scheme": HASH})
    engine = an_engine(database)
    [one] = engine.migrate_from("pg-partsmith", document=file, dry_run=True).tables
    assert "pip install partman-listhash" in one.proposal.obstacle
    assert not is_there(pg, "partman.partition_management")


def test_a_retention_that_nobody_wrote_is_not_taken_over(database, pg, document):
    """It keeps the newest twelve by itself; partman keeps all."""
    a_table(pg)
    shown = an_engine(database).migrate_from(
        "pg-partsmith", document=document(DAILY), dry_run=True
    )
    [one] = shown.tables
    assert "keeps the newest 12" in one.proposal.notes[0]
    assert not [key for key in one.proposal.settings if "retention" in key]


def test_it_is_refused_while_it_holds_its_lock(database, pg, other, document):
    a_table(pg)
    digest = hashlib.sha256(b"partitioner:public.events").digest()
    key = int.from_bytes(digest[:8], "big", signed=True)
    other().execute("SELECT pg_advisory_lock(%s)", [key])
    with pytest.raises(ConfigError, match="at work on it") as caught:
        an_engine(database).migrate_from(
            "pg-partsmith", document=document(DAILY), confirm=True
        )
    assert caught.value.code == "still-maintained"


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        (None, "", "--document FILE"),
        ("missing.json", None, "cannot be read"),
        ("broken.json", "{", "cannot be read"),
        ("list.json", "[]", "no document"),
        ("empty.json", "{}", "no list `tables`"),
    ],
)
def test_a_document_that_cannot_be_read_is_named(
    database, pg, tmp_path, name, text, words
):
    file = name and tmp_path / name
    if text is not None and file:
        file.write_text(text)
    with pytest.raises(ConfigError) as caught:
        an_engine(database).migrate_from("pg-partsmith", document=file, dry_run=True)
    assert words in f"{caught.value.message} {caught.value.hint}"
