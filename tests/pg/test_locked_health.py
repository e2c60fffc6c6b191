"""What could not be looked at, as somebody holds it, is told and not called well."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .helpers import a_table, an_engine, daily

if TYPE_CHECKING:
    from partman_core.health import Health

HIDDEN = "whether there are rows in the DEFAULT partition public.rest could not be seen"


@pytest.fixture
def engine(database, pg):
    """Return an engine with a table that is well, and has an empty DEFAULT."""
    a_table(pg)
    engine = an_engine(database)
    daily(engine)
    pg.execute("CREATE TABLE rest PARTITION OF events DEFAULT")
    engine.maintain()
    return engine


def locks_told(engine) -> tuple[Health, list[tuple[str, str]]]:
    [found] = engine.check("events")
    told = [(one.severity, one.message) for one in found.findings]
    assert all(one.code == "locked" for one in found.findings)
    return found, told


@pytest.mark.parametrize("held", ["events", "rest"])
def test_a_default_behind_a_lock_is_told_and_the_runway_is_still_known(
    engine, other, held
):
    holder = other(autocommit=False)
    holder.execute(f"LOCK TABLE {held} IN ACCESS EXCLUSIVE MODE")
    found, told = locks_told(engine)
    assert told == [("info", f"public.rest is locked by somebody: {HIDDEN}.")]
    assert (found.state, found.exit_code, found.partitions) == ("ok", 0, 4)
    assert found.runway is not None
    holder.rollback()
    assert locks_told(engine)[1] == [], "it is over when the lock is"


def test_a_default_that_can_be_seen_all_the_same_is_looked_at(engine, other, pg):
    pg.execute("INSERT INTO events VALUES ('2020-01-01')")
    holder = other(autocommit=False)
    holder.execute("LOCK TABLE ONLY events IN ACCESS EXCLUSIVE MODE")
    [found] = engine.check("events")
    assert [one.code for one in found.findings] == ["default-rows"]


def test_a_table_without_default_has_nothing_that_a_lock_could_hide(database, other):
    a_table(other())
    engine = an_engine(database)
    daily(engine)
    engine.maintain()
    other(autocommit=False).execute("LOCK TABLE events IN ACCESS EXCLUSIVE MODE")
    assert locks_told(engine)[1] == []


def test_where_the_plan_tells_of_the_lock_it_is_told_once(database, other, pg):
    a_table(pg)
    pg.execute("CREATE TABLE rest PARTITION OF events DEFAULT")
    pg.execute(
        "CREATE TABLE events_old PARTITION OF events"
        " FOR VALUES FROM ('2026-11-20') TO ('2026-11-21')"
    )
    engine = an_engine(database)
    daily(engine, retention_period="1 day")
    engine.import_existing_partitions("events", confirm=True)
    engine.create_future_partitions()
    other(autocommit=False).execute("LOCK TABLE events IN ACCESS EXCLUSIVE MODE")
    found, [(severity, message)] = locks_told(engine)
    assert (severity, found.state) == ("warning", "warning")
    assert "nothing is retired here" in message
