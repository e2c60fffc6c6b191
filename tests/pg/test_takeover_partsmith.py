"""Taking over from pg-partsmith, whose settings stand in a document.

The library itself is used in tests/peers.
"""

from __future__ import annotations

import hashlib
import json

import pytest

from partman_core.errors import ConfigError

from .helpers import a_table, an_engine, children, is_there, told, value


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
