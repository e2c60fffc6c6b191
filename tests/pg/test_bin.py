"""What is in the bin, and what keeps it there."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from partman_core import hookimpl
from partman_core.errors import ConfigError

from .helpers import (
    DAY,
    NOW,
    OLD,
    OLDER,
    a_table,
    an_engine,
    daily,
    half_detached,
    name,
    with_history,
)

if TYPE_CHECKING:
    import psycopg

    from partman_core import Engine
    from partman_core.engine import InBin

    Connection = psycopg.Connection[Any]


def in_bin(engine: Engine, *tables: str) -> dict[str, InBin]:
    return {one.partition.relation: one for one in engine.bin(*tables)}


@pytest.fixture
def binned(database: str, pg: Connection, clock: Any) -> Engine:
    """Return an engine with two partitions in its bin."""
    engine = with_history(database, pg, clock, grace_period="1 day")
    engine.maintain()
    return engine


def test_what_was_taken_out_is_listed_with_all_that_is_known_of_it(binned):
    older, old = binned.bin()
    assert (older.partition, old.partition) == (name(OLDER), name(OLD))
    assert old.table == name("events")
    assert str(old.bounds) == (
        "FOR VALUES FROM ('2026-11-22 00:00:00+00') TO ('2026-11-23 00:00:00+00')"
    )
    assert (old.rows, old.action) == (24, "drop")
    assert old.bytes > 0
    assert (old.retired_at, old.due) == (NOW, NOW + DAY)
    assert (old.overdue, old.why) == (False, None)


def test_before_anything_was_registered_it_is_empty(database, pg):
    assert an_engine(database).bin() == []


def test_what_is_still_attached_is_not_in_it(database, pg, clock, other):
    """Nor what is half-detached: its rows are in neither place."""
    engine = with_history(database, pg, clock, grace_period="1 day")
    half_detached(pg, other, OLD)
    pg.execute(
        "INSERT INTO partman.detached_partitions (relation, parent, bounds, action,"
        " retired_at) SELECT relation, parent, bounds, 'detach', now()"
        " FROM partman.managed_partitions"
    )
    assert engine.bin() == []


def test_what_somebody_attached_by_hand_is_no_longer_in_it(pg, binned):
    pg.execute(
        f"ALTER TABLE events ATTACH PARTITION {OLD}"
        " FOR VALUES FROM ('2026-11-22') TO ('2026-11-23')"
    )
    assert in_bin(binned).keys() == {OLDER}


def test_of_several_tables_some_can_be_named(database, pg, binned, clock):
    a_table(pg, "others")
    engine = an_engine(database, clock)
    daily(engine, "others", start="2026-11-21")
    engine.maintain()
    kept = {"retention_period": "1 day", "grace_period": "1 day", "confirm": True}
    daily(engine, "others", **kept)
    engine.maintain()
    assert {one.table.relation for one in engine.bin()} == {"events", "others"}
    assert {one.table.relation for one in engine.bin("others")} == {"others"}
    assert len(engine.bin("others", "public.EVENTS")) == 4
    with pytest.raises(ConfigError) as caught:
        engine.bin("evnts")
    assert (caught.value.code, caught.value.exit_code) == ("not-managed", 4)


def test_what_is_only_detached_stays(database, pg, clock):
    engine = with_history(database, pg, clock, retention_action="detach")
    engine.maintain()
    clock.now += 400 * DAY
    for one in engine.bin():
        assert (one.action, one.due, one.overdue, one.why) == (
            "detach", None, False, None,
        )  # fmt: skip


def test_what_the_next_run_drops_is_overdue_until_then(binned, clock):
    clock.now += 2 * DAY
    for one in binned.bin():
        assert one.overdue
        assert one.why == "the next run drops it"
    binned.maintain()
    assert {one.partition.relation for one in binned.bin()}.isdisjoint({OLD, OLDER})


def test_a_hold_is_told_before_and_after_its_time(binned, clock):
    binned.hold(OLD, reason="court", until=datetime(2027, 1, 1, tzinfo=UTC))
    told = "on hold until 2027-01-01 00:00 UTC: court"
    assert in_bin(binned)[OLD].why == told
    clock.now += 2 * DAY
    binned.maintain()
    old = in_bin(binned)[OLD]
    assert (old.why, old.overdue) == (told, True)
    assert (old.hold_reason, old.hold_until.year) == ("court", 2027)


def test_a_hold_that_is_over_keeps_nothing(binned, clock):
    binned.hold(OLD, reason="court", until=clock.now + DAY)
    clock.now += 2 * DAY
    old = in_bin(binned)[OLD]
    assert (old.why, old.hold_until) == ("the next run drops it", None)


def test_a_plugin_that_keeps_it_is_told_of(database, pg, binned, clock):
    class Archive:
        @hookimpl
        def partman_pre_drop(self):
            raise OSError("the disk is full")

    clock.now += 2 * DAY
    an_engine(database, clock, plugins=[Archive()]).maintain()
    assert "the disk is full" in in_bin(binned)[OLD].why


def test_a_missing_plugin_is_told_of(database, pg, clock):
    class Archive:
        @hookimpl
        def partman_pre_drop(self, partition):
            """Say nothing."""

    archive = Archive()
    engine = with_history(database, pg, clock, grace_period="1 day", plugins=[archive])
    engine.maintain()
    clock.now += 2 * DAY
    assert "lugin" in in_bin(an_engine(database, clock))[OLD].why


def test_a_paused_table_is_told_of(pg, binned, clock):
    pg.execute("UPDATE partman.partition_management SET paused = true")
    clock.now += 2 * DAY
    assert "paused" in in_bin(binned)[OLD].why


def test_a_table_that_cannot_be_planned_is_told_of(pg, binned, clock):
    pg.execute(
        "UPDATE partman.partition_management SET partition_interval = 'gibberish'"
    )
    clock.now += 2 * DAY
    assert "gibberish" in in_bin(binned)[OLD].why


@pytest.mark.parametrize("written", ["events", "public.events"])
def test_a_table_that_is_no_longer_managed_keeps_its_bin(binned, clock, written):
    binned.unregister("events")
    clock.now += 2 * DAY
    assert in_bin(binned, written)[OLD].why == "public.events is no longer managed"


def test_where_the_table_is_gone_its_bin_is_not(pg, binned, clock):
    pg.execute("DROP TABLE events")
    clock.now += 2 * DAY
    old = in_bin(binned)[OLD]
    assert old.table is None
    assert "gone" in old.why


def test_it_is_told_while_somebody_holds_what_is_in_it(pg, binned, other):
    holder = other(autocommit=False)
    holder.execute(f"LOCK TABLE {OLD}")
    assert in_bin(binned).keys() == {OLD, OLDER}
