"""Axes of numbers where what is known contradicts itself.

Partitions are made all the same; what is in doubt is that anything may be retired.
"""

from __future__ import annotations

import pytest

from .helpers import a_table, an_engine, children, told, value
from .numbered import (
    BARE,
    BY_ID,
    KEEPING,
    block,
    by_hundreds,
    codes,
    counted,
    finding,
    insert,
    kinds,
    position,
    put,
    ranges,
)


def test_ids_given_by_hand_go_on_from_there(database, pg):
    engine = counted(database, pg)
    engine.maintain()
    put(pg, 250)
    assert position(engine) == 250
    assert not codes(engine)
    engine.maintain()
    put(pg, 449)


def test_rows_beyond_a_sequence_in_use_are_told_and_nothing_is_retired(database, pg):
    engine = counted(database, pg, **KEEPING)
    engine.maintain()
    insert(pg, 1)
    put(pg, 250)
    engine.maintain()
    assert position(engine) == 250
    assert "events_p0" in children(pg)
    found = finding(engine)
    assert "stands at 1" in found.message
    assert "up to 250" in found.message
    assert "setval('public.events_id_seq', 250)" in found.hint
    assert found.exit_code == 3
    pg.execute("SELECT setval('public.events_id_seq', 250)")
    assert not codes(engine)
    assert kinds(engine) == {"detach", "drop"}
    engine.maintain()
    assert "events_p0" not in children(pg)


def test_a_sequence_that_nobody_uses_can_be_let_go(database, pg):
    engine = counted(database, pg, **KEEPING)
    engine.maintain()
    insert(pg, 1)
    put(pg, 250)
    assert codes(engine) == {"position-doubtful"}
    pg.execute("ALTER SEQUENCE events_id_seq OWNED BY NONE")
    assert not codes(engine)
    assert "detach" in kinds(engine)


def test_ids_that_are_handed_out_in_batches_are_no_contradiction(database, pg):
    engine = counted(database, pg, **KEEPING)
    pg.execute("ALTER SEQUENCE events_id_seq INCREMENT 50")
    engine.maintain()
    last = value(pg, "SELECT nextval('events_id_seq')")
    put(pg, *range(last, last + 50))
    assert position(engine) == last + 49
    assert not codes(engine)


def test_ids_by_hand_inside_of_a_wide_partition_count(database, pg):
    a_table(pg, columns="id bigserial PRIMARY KEY, note text", key=BY_ID)
    pg.execute("CREATE TABLE wide PARTITION OF events FOR VALUES FROM (0) TO (10000)")
    engine = an_engine(database)
    by_hundreds(engine)
    insert(pg, 1)
    put(pg, 9990)
    assert told(engine.maintain()) == [
        ("create", "events_p10000"),
        ("create", "events_p10100"),
    ]
    put(pg, 10_199)


ODD = {"counts down": "INCREMENT -1", "starts over": "CYCLE"}


@pytest.mark.parametrize("how", ODD)
def test_a_sequence_that_does_not_go_on_is_not_followed(database, pg, how):
    engine = counted(database, pg)
    engine.maintain()
    by_hundreds(engine, confirm=True, **KEEPING)
    put(pg, 5, 205)
    pg.execute(f"ALTER SEQUENCE events_id_seq {ODD[how]}")
    assert position(engine) == 205
    assert how in finding(engine).message
    engine.maintain()
    put(pg, 399)
    assert "events_p0" in children(pg)


def test_a_row_in_default_beyond_all_others_counts_and_is_told(database, pg):
    engine = counted(database, pg, BARE, start=0, partition_count=2)
    engine.maintain()
    by_hundreds(engine, confirm=True, **KEEPING)
    pg.execute("CREATE TABLE rest PARTITION OF events DEFAULT")
    put(pg, 5, 150)
    assert not codes(engine)
    put(pg, 870)
    assert position(engine) == 870
    assert "up to 870" in finding(engine).message
    assert kinds(engine) <= {"create"}
    engine.maintain()
    assert block(1000, 1100) in ranges(pg)
    assert "events_p0" in children(pg)


def test_default_is_not_read_where_no_index_finds_its_last_key(database, pg):
    engine = counted(database, pg, "id bigint, note text", start=0, partition_count=2)
    engine.maintain()
    pg.execute("CREATE TABLE rest PARTITION OF events DEFAULT")
    put(pg, 5, 150, 870)
    assert position(engine) == 150
    pg.execute("CREATE INDEX ON rest (note, id)")
    assert position(engine) == 150
    pg.execute("CREATE INDEX ON rest (id) WHERE id > 0")
    assert position(engine) == 150
    pg.execute("CREATE INDEX ON rest (id, note)")
    assert position(engine) == 870


def test_a_sequence_says_more_than_default(database, pg):
    engine = counted(database, pg)
    engine.maintain()
    pg.execute("CREATE TABLE rest PARTITION OF events DEFAULT")
    insert(pg, 20)
    put(pg, 10**15)
    assert position(engine) == 20
    assert "position-doubtful" not in codes(engine)


def test_a_partition_without_end_does_not_lead_a_sequence_astray(database, pg):
    engine = counted(database, pg)
    engine.maintain()
    pg.execute(
        "CREATE TABLE far PARTITION OF events FOR VALUES FROM (900) TO (MAXVALUE)"
    )
    insert(pg, 20)
    put(pg, 10**15)
    assert position(engine) == 20
