"""Axes of numbers where something is in the way of a look, and what a look costs."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from attrs import frozen
from psycopg.conninfo import make_conninfo

from partman_core import hookimpl
from partman_core.keys.numbers import Numbers
from partman_core.pg import position as reading

from .helpers import a_table, an_engine, children, told
from .numbered import (
    BARE,
    BY_ID,
    KEEPING,
    by_hundreds,
    codes,
    counted,
    finding,
    insert,
    kinds,
    position,
    put,
)


def test_a_partition_that_somebody_locks_is_passed_over(database, pg, other):
    engine = counted(database, pg, BARE, start=0)
    engine.maintain()
    put(pg, 50, 150)
    holder = other(autocommit=False)
    holder.execute("LOCK TABLE events_p100 IN ACCESS EXCLUSIVE MODE")
    assert position(engine) == 50
    assert told(engine.maintain()) == []
    holder.rollback()
    assert position(engine) == 150


def test_where_everything_is_locked_that_is_the_reason(database, pg, other):
    engine = counted(database, pg, BARE, start=0, partition_count=1)
    engine.maintain()
    put(pg, 50)
    engine.register("events", partition_interval=100)
    holder = other(autocommit=False)
    holder.execute("LOCK TABLE events_p0 IN ACCESS EXCLUSIVE MODE")
    assert position(engine) is None
    found = finding(engine, "position-unknown")
    assert "1 partition cannot be looked at" in found.message
    assert not engine.plan().operations


def test_a_sequence_that_somebody_changes_is_not_waited_for(database, pg, other):
    engine = counted(database, pg)
    engine.maintain()
    insert(pg, 120)
    holder = other(autocommit=False)
    holder.execute("ALTER SEQUENCE events_id_seq RENAME TO changing")
    assert position(engine) == 120
    holder.rollback()
    pg.execute("SELECT nextval('events_id_seq')")
    assert position(engine) == 121


def test_one_table_that_is_locked_does_not_hide_another(database, pg, other):
    engine = counted(database, pg, BARE, start=0)
    a_table(pg, "others", BARE, BY_ID)
    engine.register("others", partition_interval=100, partition_count=2, start=0)
    engine.maintain()
    put(pg, 120)
    put(pg, 120, table="others")
    holder = other(autocommit=False)
    holder.execute("LOCK TABLE others_p100 IN SHARE ROW EXCLUSIVE MODE")
    waiting = other(autocommit=False)
    waiting.execute("SET lock_timeout = '100ms'")
    with pytest.raises(psycopg.errors.LockNotAvailable):
        waiting.execute("LOCK TABLE others_p100 IN ACCESS EXCLUSIVE MODE")
    assert {part.table.relation for part in engine.plan().tables} == {
        "events",
        "others",
    }
    assert told(engine.maintain()) == [
        ("create", "events_p300"),
        ("create", "others_p200"),
    ]


@pytest.fixture
def guest(a_role, database, pg):
    """An engine of somebody who may read the table, but none of its partitions."""
    engine = counted(database, pg, **KEEPING)
    engine.maintain()
    insert(pg, 250)
    role = a_role()
    pg.execute(f"GRANT USAGE ON SCHEMA partman TO {role}")
    pg.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA partman TO {role}")
    pg.execute(f"GRANT SELECT ON events TO {role}")
    return role, an_engine(make_conninfo(database, user=role, password="x"))


def test_who_may_look_at_nothing_is_told_so(guest, pg):
    role, engine = guest
    assert position(engine) is None
    assert "cannot be looked at" in finding(engine, "position-unknown").message
    pg.execute(f"GRANT SELECT ON SEQUENCE events_id_seq TO {role}")
    assert position(engine) == 250


def test_who_may_not_see_all_rows_is_told_so(guest, pg):
    role, engine = guest
    for name in children(pg):
        pg.execute(f"GRANT SELECT ON {name} TO {role}")
    assert position(engine) == 250
    for name in children(pg):
        pg.execute(f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY")
    assert position(engine) is None
    assert "cannot be looked at" in finding(engine, "position-unknown").message


SLOW = """
CREATE FUNCTION slow(id bigint) RETURNS bigint LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    IF current_setting('partman_test.slow', true) = 'on' THEN PERFORM pg_sleep(60);
    END IF;
    RETURN id;
END $$"""


def test_a_key_that_is_not_found_in_time_is_taken_for_the_last(database, pg):
    pg.execute(SLOW)
    a_table(pg, columns="id bigint NOT NULL", key="RANGE (slow(id))")
    by_hundreds(an_engine(database), start=0, partition_count=1)
    by_hundreds(an_engine(database), partition_count=2, confirm=True, **KEEPING)
    an_engine(database).maintain()
    pg.execute("CREATE TABLE p1 PARTITION OF events FOR VALUES FROM (0) TO (100)")
    pg.execute("CREATE TABLE p2 PARTITION OF events FOR VALUES FROM (100) TO (200)")
    put(pg, 5, 101)
    slow = an_engine(make_conninfo(database, options="-c partman_test.slow=on"))
    assert position(slow) == 199
    assert "was not found in time" in finding(slow).message
    assert kinds(slow) == {"create"}


@pytest.fixture
def asked(monkeypatch):
    """Return a list that grows with each question about positions."""
    questions: list[Any] = []

    def counting(conn, query, *args, **more):
        questions.append(query)
        return reading_for_real(conn, query, *args, **more)

    reading_for_real = reading.read
    monkeypatch.setattr(reading, "read", counting)
    return questions


def test_all_tables_together_take_two_questions(database, pg, asked):
    engine = an_engine(database)
    for number in range(5):
        name = f"events{number}"
        a_table(pg, name, "id bigserial PRIMARY KEY, note text", BY_ID)
        engine.register(name, partition_interval=100, partition_count=2)
    engine.maintain()
    for number in range(5):
        pg.execute(f"INSERT INTO events{number} (note) VALUES ('x')")
    asked.clear()
    assert not engine.plan().operations
    assert len(asked) == 2


def test_tables_by_time_are_not_asked(database, pg, asked):
    engine = an_engine(database)
    a_table(pg)
    engine.register("events", partition_interval="1 day")
    a_table(pg, "epochs", "id bigint NOT NULL", BY_ID)
    engine.register("epochs", partition_interval="1 day", key="epoch_ms")
    engine.maintain()
    assert not engine.plan().operations
    assert not asked


@frozen(eq=False)
class Broken(Numbers):
    """A codec that can write values, and cannot read what it has not written."""

    name: str = "broken"
    types: frozenset[str] = frozenset({"bigint"})
    by_default: bool = False

    def position(self, text: str) -> int:
        if int(text) % 100:
            raise RuntimeError(f"what is {text}?")
        return int(text)


def test_a_codec_that_fails_is_the_affair_of_its_own_table(database, pg):
    class Offered:
        @hookimpl
        def partman_key_codecs(self):
            return [Broken()]

    engine = an_engine(database, plugins=[Offered()])
    for name in ("events", "others"):
        a_table(pg, name, BARE, BY_ID)
    usual = {"partition_interval": 100, "partition_count": 3, "start": 0}
    engine.register("events", key="broken", **usual)
    engine.register("others", **usual)
    engine.maintain()
    put(pg, 150)
    put(pg, 150, table="others")
    assert told(engine.maintain()) == [("create", "others_p300")]
    assert codes(engine) == {"position-unknown"}
