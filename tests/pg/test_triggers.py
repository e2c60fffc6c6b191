"""Triggers and identity columns come along; event triggers have a say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from .helpers import (
    DAY,
    NOW,
    OLD,
    OLDER,
    TODAY,
    a_table,
    an_engine,
    children,
    daily,
    outcomes,
    told,
    value,
    with_history,
)

if TYPE_CHECKING:
    Connection = psycopg.Connection[Any]

SHOUT = (
    "CREATE FUNCTION shout() RETURNS trigger LANGUAGE plpgsql AS"
    " $$BEGIN NEW.note := upper(NEW.note); RETURN NEW; END$$;"
    "CREATE TABLE heard (word text, by text);"
    "CREATE FUNCTION hear() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN"
    " INSERT INTO heard VALUES (NEW.note, tg_name); RETURN NULL; END$$;"
)


def test_a_new_partition_has_its_tables_row_triggers_as_they_are(database, pg):
    a_table(pg)
    pg.execute(
        f"{SHOUT}"
        "CREATE TRIGGER a_before BEFORE INSERT ON events FOR EACH ROW"
        " WHEN (NEW.note <> 'quiet') EXECUTE FUNCTION shout();"
        "CREATE TRIGGER b_after AFTER INSERT OR UPDATE ON events FOR EACH ROW"
        " EXECUTE FUNCTION hear();"
        "CREATE CONSTRAINT TRIGGER c_late AFTER INSERT ON events DEFERRABLE"
        " INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION hear();"
        "CREATE TRIGGER d_off AFTER INSERT ON events FOR EACH ROW"
        " EXECUTE FUNCTION hear();"
        "ALTER TABLE events DISABLE TRIGGER d_off"
    )
    engine = an_engine(database)
    daily(engine)
    assert engine.maintain().exit_code == 0
    pg.execute("INSERT INTO events VALUES (%s, 'a'), (%s, 'quiet')", [NOW, NOW])
    assert set(pg.execute("SELECT * FROM heard")) == {
        ("A", "b_after"), ("quiet", "b_after"), ("A", "c_late"), ("quiet", "c_late"),
    }  # fmt: skip
    pg.execute("DELETE FROM heard")
    pg.execute(f"INSERT INTO {TODAY} VALUES (%s, 'direct')", [NOW])
    assert value(pg, "SELECT count(*) FROM heard WHERE word = 'DIRECT'") == 2


def test_a_statement_trigger_of_the_table_fires_once_for_its_partitions(database, pg):
    a_table(pg)
    pg.execute(
        "CREATE TABLE heard (word text); CREATE FUNCTION hear() RETURNS trigger"
        " LANGUAGE plpgsql AS $$BEGIN INSERT INTO heard SELECT note FROM new_ones;"
        " RETURN NULL; END$$;"
        "CREATE TRIGGER after_all AFTER INSERT ON events REFERENCING NEW TABLE AS"
        " new_ones FOR EACH STATEMENT EXECUTE FUNCTION hear()"
    )
    engine = an_engine(database)
    daily(engine)
    engine.maintain()
    pg.execute("INSERT INTO events VALUES (%s, 'a'), (%s, 'b')", [NOW, NOW + DAY])
    assert set(pg.execute("SELECT * FROM heard")) == {("a",), ("b",)}


def test_triggers_are_no_obstacle_to_what_leaves(database, pg, clock):
    a_table(pg)
    pg.execute(
        f"{SHOUT} CREATE TRIGGER b_after AFTER INSERT OR DELETE OR TRUNCATE ON events"
        " FOR EACH STATEMENT EXECUTE FUNCTION hear();"
        " CREATE TRIGGER a_before BEFORE INSERT ON events FOR EACH ROW"
        " EXECUTE FUNCTION shout()"
    )
    engine = an_engine(database, clock)
    daily(engine, start="2026-11-21", retention_period="3 days")
    engine.maintain()
    clock.now += DAY
    report = engine.maintain()
    assert report.exit_code == 0, report
    assert ("drop", OLDER) in told(report)


@pytest.mark.parametrize("how", ["ALWAYS", "BY DEFAULT"])
def test_identity_goes_on_across_partitions_that_come_and_go(database, pg, clock, how):
    a_table(
        pg,
        columns=f"id bigint GENERATED {how} AS IDENTITY (INCREMENT 5),"
        " at timestamptz NOT NULL",
    )
    engine = an_engine(database, clock)
    daily(engine, start="2026-11-21", retention_period="3 days")
    engine.maintain()
    pg.execute("INSERT INTO events (at) VALUES ('2026-11-21 10:00Z'), (%s)", [NOW])
    for _ in range(3):
        clock.now += DAY
        assert engine.maintain().exit_code == 0
        pg.execute("INSERT INTO events (at) VALUES (%s)", [clock.now + DAY])
    ids = pg.execute("SELECT id FROM events ORDER BY id").fetchall()
    assert ids == [(6,), (11,), (16,), (21,)]


STEPS = {
    "create": ("ddl_command_end", "CREATE TABLE"),
    "attach": ("ddl_command_end", "ALTER TABLE"),
    "detach": ("ddl_command_start", "ALTER TABLE"),
    "drop": ("sql_drop", "DROP TABLE"),
}


@pytest.mark.parametrize("step", STEPS)
def test_an_event_trigger_that_raises_is_reported_in_its_words(
    database, pg, clock, step
):
    engine = with_history(database, pg, clock)
    event, tag = STEPS[step]
    pg.execute(
        "CREATE FUNCTION no() RETURNS event_trigger LANGUAGE plpgsql AS $$BEGIN"
        " RAISE 'ask % first', 'the owners' USING HINT = 'call 123'; END$$;"
        f"CREATE EVENT TRIGGER no ON {event} WHEN TAG IN ('{tag}')"
        " EXECUTE FUNCTION no()"
    )
    if step in {"create", "attach"}:
        daily(engine, count=3)
    before = children(pg)
    report = engine.maintain()
    failed = outcomes(report, "failed")
    assert failed
    kinds = {out.operation.kind for out in failed}
    assert kinds >= {"create" if step == "attach" else step}
    assert all("ask the owners first" in out.message for out in failed)
    assert all(out.hint == "call 123" for out in failed)
    assert report.exit_code == 3
    assert set(before) - set(children(pg)) == (
        {OLD, OLDER} if step == "drop" else set()
    )
    pg.execute("DROP EVENT TRIGGER no")
    assert engine.maintain().exit_code == 0
    assert not engine.plan().operations
