"""Rows that other tables refer to keep their partition, and say who keeps it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from .helpers import (
    DAY,
    NOW,
    OLD,
    OLDER,
    a_table,
    an_engine,
    children,
    daily,
    outcomes,
    told,
    value,
)

if TYPE_CHECKING:
    from .helpers import Clock

    Connection = psycopg.Connection[Any]


def referred(pg: Connection, clock: Clock, database: str, making: str, **more: Any):
    """Return an engine of whose table a row is referred to that is due to go."""
    a_table(pg, columns="at timestamptz, n int, PRIMARY KEY (at, n)")
    if more.pop("in_default", False):
        pg.execute("CREATE TABLE rest PARTITION OF events DEFAULT")
    pg.execute(making)
    engine = an_engine(database, clock)
    daily(engine, start="2026-11-21", retention_period="3 days", **more)
    engine.maintain()
    pg.execute("INSERT INTO events VALUES ('2026-11-21 10:00Z', 1), (%s, 2)", [NOW])
    pg.execute("INSERT INTO notes VALUES ('2026-11-21 10:00Z', 1)")
    clock.now += DAY
    return engine


NOTES = (
    'CREATE TABLE notes ("When" timestamptz, m int, CONSTRAINT "From notes"'
    ' FOREIGN KEY ("When", m) REFERENCES events)'
)


@pytest.mark.parametrize("rule", ["", " ON DELETE CASCADE"])
@pytest.mark.parametrize("in_default", [False, True])
def test_the_foreign_key_that_holds_a_partition_is_named_as_its_owner_knows_it(
    database, pg, clock, in_default, rule
):
    """PostgreSQL has a constraint for each partition, and names that one."""
    making = NOTES[:-1] + rule + ")"
    engine = referred(pg, clock, database, making, in_default=in_default)
    report = engine.maintain()
    [out] = outcomes(report, "failed")
    assert (out.operation.kind, out.sqlstate) == ("detach", "23503")
    assert report.exit_code == out.exit_code == 3
    assert "rows of public.notes refer to rows of it" in out.message
    assert 'foreign key "From notes": ' in out.message
    assert "(2026-11-21 10:00:00+00, 1)" in out.message
    assert OLDER in children(pg)
    assert value(pg, "SELECT count(*) FROM notes") == 1
    deletion = out.hint.split("`")[1]
    assert deletion.startswith('DELETE FROM public.notes WHERE "When" >= ')
    assert pg.execute(deletion).rowcount == 1
    assert ("drop", OLDER) in told(engine.maintain())


@pytest.mark.parametrize("there", [True, False])
def test_with_a_foreign_key_partitions_leave_in_one_short_transaction(
    database, pg, clock, there
):
    """Concurrently its rows were out of sight until the last reader of both ended."""
    a_table(pg, columns="at timestamptz PRIMARY KEY, n int")
    pg.execute("CREATE TABLE devices (id int PRIMARY KEY)")
    if there:
        pg.execute("ALTER TABLE events ADD FOREIGN KEY (n) REFERENCES devices")
    engine = an_engine(database, clock)
    daily(engine, start="2026-11-21", retention_period="3 days")
    engine.maintain()
    clock.now += DAY
    [detach, _] = engine.plan().operations[1:]
    assert detach.concurrently is not there
    assert ("detach", OLDER) in told(engine.maintain())


def test_of_a_batch_only_those_stay_that_others_refer_to(database, pg, clock):
    engine = referred(pg, clock, database, NOTES, in_default=True)
    clock.now += DAY
    report = engine.maintain()
    [out] = outcomes(report, "failed")
    assert out.operation.name.relation == OLDER
    assert '"From notes"' in out.message
    assert ("drop", OLD) in told(report)


def test_a_table_that_refers_to_itself_is_retired_as_far_as_it_can_be(
    database, pg, clock
):
    a_table(
        pg,
        columns="at timestamptz PRIMARY KEY, before timestamptz"
        " CONSTRAINT chain REFERENCES events",
    )
    engine = an_engine(database, clock)
    daily(engine, start="2026-11-21", retention_period="3 days")
    engine.maintain()
    pg.execute(
        "INSERT INTO events VALUES ('2026-11-21 10:00Z', NULL),"
        " ('2026-11-22 10:00Z', '2026-11-21 10:00Z')"
    )
    clock.now += DAY
    [out] = outcomes(engine.maintain(), "failed")
    assert "rows of public.events refer to rows of it" in out.message
    assert "foreign key chain" in out.message
    pg.execute("UPDATE events SET before = NULL")
    assert ("drop", OLDER) in told(engine.maintain())
