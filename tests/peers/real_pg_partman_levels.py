"""Taking over sub-partitioned sets of pg_partman, as Debian has it for PostgreSQL 15.

Named so that it runs only where it is asked for: on a server that has the extension.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from partman_core import Engine
from partman_core.errors import ConfigError

TREE = """
SELECT p.relname, c.relname, pg_get_expr(c.relpartbound, c.oid)
  FROM pg_partition_tree(%s) t
  JOIN pg_class c ON c.oid = t.relid
  JOIN pg_class p ON p.oid = t.parentrelid
 ORDER BY 1, 2"""


@pytest.fixture
def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def theirs(pg, now):
    """Have it keep days, each of blocks of ids, with rows in four of them."""
    pg.execute("SET TIME ZONE 'UTC'")
    first = now.date() - timedelta(3)
    pg.execute(
        "CREATE SCHEMA partman; CREATE EXTENSION pg_partman SCHEMA partman;"
        "CREATE TABLE public.events (id bigint NOT NULL, at timestamptz NOT NULL)"
        " PARTITION BY RANGE (at);"
        "SELECT partman.create_parent('public.events', 'at', 'native', 'daily',"
        f" p_premake := 2, p_start_partition := '{first}');"
        "SELECT partman.create_sub_parent('public.events', 'id', 'native', '1000',"
        " p_native_check := 'yes', p_premake := 2)"
    )
    began = datetime.combine(first, datetime.min.time(), UTC)
    pg.execute(
        "INSERT INTO events SELECT n, %s + (%s - %s) * (n / 2500.0)"
        " FROM generate_series(1, 2500) n",
        [began, now, began],
    )
    pg.execute("CALL partman.run_maintenance_proc()")
    pg.execute("ANALYZE public.events")
    return pg


def tree(pg, table="events") -> set[tuple[str, str, str]]:
    """Return all partitions, to any depth: of what, their names and bounds."""
    return set(pg.execute(TREE, [table]).fetchall())


def ranges(there, parent: str) -> list[list[str]]:
    """Return the bounds of one table's partitions, in order, without DEFAULT."""
    found = [re.findall(r"'(.*?)'", bounds) for of, _, bounds in there if of == parent]
    numbers = [[int(x) if x.isdecimal() else x for x in one] for one in found if one]
    return sorted(numbers)


def gapless(there, parent: str) -> bool:
    return all(one[1] == other[0] for one, other in pairwise(ranges(there, parent)))


def count(pg) -> int:
    return pg.execute("SELECT count(*) FROM public.events").fetchone()[0]


def stopped(pg, engine) -> None:
    """Stop it as the refusal says."""
    with pytest.raises(ConfigError) as caught:
        engine.migrate_from("pg_partman", confirm=True)
    assert caught.value.code == "still-maintained"
    pg.execute(caught.value.hint)


def test_levels_of_ids_in_days_are_taken_over_and_kept_up(database, theirs, now):
    pg, before, rows = theirs, tree(theirs), count(theirs)
    engine = Engine(database, clock=lambda: now, schema="partman_registry")
    stopped(pg, engine)
    done = engine.migrate_from("pg_partman", confirm=True)
    [one] = done.tables
    assert done.exit_code == 0, (one.error, one.proposal.obstacle)
    assert one.proposal.settings == {
        "default_partition": True,
        "partition_interval": "1 day",
        "partition_by": "at",
        "partition_count": 3,
        "subpartition": {
            "partition_type": "range",
            "partition_interval": 1000,
            "partition_by": "id",
            "partition_count": 3,
            "default_partition": True,
        },
    }
    # six days and what is in them, but for the DEFAULT partition of each level
    assert len(one.adoption.accepted) == len(before) - 7
    assert tree(pg) == before
    # the last number is 2500, and not every day has its block and the two after it
    days = {name for of, name, _ in before if of == "events"} - {"events_default"}
    wanted = {
        (day, low)
        for day in days
        for low in (2000, 3000, 4000)
        if low not in {one[0] for one in ranges(before, day)}
    }
    assert {
        (op.parent.relation, int(op.bounds.lower[0])) for op in one.plan.operations
    } == wanted
    assert wanted

    report = engine.maintain()
    assert report.exit_code == 0
    after = tree(pg)
    assert before < after
    assert len(after) == len(before) + len(wanted)
    assert all(gapless(after, day) for day in {of for of, _, _ in after})
    assert count(pg) == rows
    assert not engine.plan().operations
    pg.execute("CALL partman.run_maintenance_proc()")
    assert tree(pg) == after

    later = Engine(
        database, clock=lambda: now + timedelta(1), schema="partman_registry"
    )
    assert later.maintain().exit_code == 0
    grown = tree(pg)
    made = [name for of, name, _ in grown - after if of == "events"]
    assert len(made) == 1
    assert len(ranges(grown, made[0])) == 3
    assert (made[0], "DEFAULT") in {(of, bounds) for of, _, bounds in grown}
    assert gapless(grown, "events")


def test_days_are_retired_whole_and_nothing_else_is(database, theirs, now):
    pg, before, rows = theirs, tree(theirs), count(theirs)
    pg.execute(
        "UPDATE partman.part_config SET retention = '1 day', retention_keep_table ="
        " false, automatic_maintenance = 'off' WHERE parent_table = 'public.events';"
        "UPDATE partman.part_config SET automatic_maintenance = 'off'"
    )
    engine = Engine(database, clock=lambda: now, schema="partman_registry")
    [one] = engine.migrate_from("pg_partman", confirm=True).tables
    over = [part.name.relation for part in one.adoption.backlog.partitions]
    days = sorted(name for of, name, _ in before if of == "events")
    assert over == [day for day in days if day.startswith("events_p")][:2]
    assert engine.maintain().exit_code == 0
    assert before < tree(pg)
    assert count(pg) == rows
    gone = sum(pg.execute(f"SELECT count(*) FROM {day}").fetchone()[0] for day in over)
    engine.import_existing_partitions("events", confirm=True, any_size=True)
    engine.maintain(max_drops=2)
    left = tree(pg)
    assert {name for of, name, _ in left if of == "events"} == set(days) - set(over)
    assert count(pg) == rows - gone


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("retention = '500' WHERE control = 'id'", "by another axis than the table"),
        ("undo_in_progress = true WHERE control = 'id'", "is undoing public.events_p"),
    ],
)
def test_what_cannot_be_held_is_left_as_it_is(database, theirs, now, change, words):
    before = tree(theirs)
    theirs.execute(
        f"UPDATE partman.part_config SET {change};"
        "UPDATE partman.part_config SET automatic_maintenance = 'off'"
    )
    engine = Engine(database, clock=lambda: now, schema="partman_registry")
    done = engine.migrate_from("pg_partman", confirm=True)
    [one] = done.tables
    assert words in one.proposal.obstacle
    assert done.exit_code == 3
    assert not engine.managed_tables()
    assert tree(theirs) == before


def test_days_in_blocks_of_ids_are_taken_over(database, pg, now):
    """The other way round: each block of ids is partitioned by time."""
    pg.execute("SET TIME ZONE 'UTC'")
    pg.execute(
        "CREATE SCHEMA partman; CREATE EXTENSION pg_partman SCHEMA partman;"
        "CREATE TABLE public.events (id bigint GENERATED BY DEFAULT AS IDENTITY,"
        " at bigint NOT NULL) PARTITION BY RANGE (id);"
        "SELECT partman.create_parent('public.events', 'id', 'native', '1000',"
        " p_premake := 1);"
        "SELECT partman.create_sub_parent('public.events', 'at', 'native', 'daily',"
        " p_native_check := 'yes', p_premake := 2, p_epoch := 'seconds')"
    )
    pg.execute(
        "INSERT INTO events (at) SELECT extract(epoch FROM %s::timestamptz)::bigint"
        " FROM generate_series(1, 900)",
        [now],
    )
    pg.execute("CALL partman.run_maintenance_proc()")
    pg.execute("ANALYZE events")
    before, rows = tree(pg), count(pg)
    engine = Engine(database, clock=lambda: now, schema="partman_registry")
    stopped(pg, engine)
    [one] = engine.migrate_from("pg_partman", confirm=True).tables
    assert one.error is one.proposal.obstacle is None
    below = one.proposal.settings["subpartition"]
    assert (below["key"], below["partition_interval"]) == ("epoch_s", "1 day")
    assert not one.plan, one.plan
    assert engine.maintain().exit_code == 0
    assert tree(pg) == before
    assert count(pg) == rows
    tomorrow = Engine(
        database, clock=lambda: now + timedelta(1), schema="partman_registry"
    )
    assert tomorrow.maintain().exit_code == 0
    after = tree(pg)
    assert before < after
    assert all(gapless(after, block) for block in {of for of, _, _ in after})


def test_days_in_months_of_the_same_column_are_taken_over(database, pg, now):
    pg.execute("SET TIME ZONE 'UTC'")
    pg.execute(
        "CREATE SCHEMA partman; CREATE EXTENSION pg_partman SCHEMA partman;"
        "CREATE TABLE public.events (at timestamptz NOT NULL) PARTITION BY RANGE (at);"
        "SELECT partman.create_parent('public.events', 'at', 'native', 'monthly',"
        " p_premake := 2);"
        "SELECT partman.create_sub_parent('public.events', 'at', 'native', 'daily',"
        " p_native_check := 'yes', p_premake := 2)"
    )
    pg.execute("INSERT INTO events SELECT %s FROM generate_series(1, 900)", [now])
    pg.execute("CALL partman.run_maintenance_proc()")
    pg.execute("ANALYZE events")
    before, rows = tree(pg), count(pg)
    engine = Engine(database, clock=lambda: now, schema="partman_registry")
    stopped(pg, engine)
    [one] = engine.migrate_from("pg_partman", confirm=True).tables
    assert one.error is one.proposal.obstacle is None
    assert len(one.adoption.accepted) == sum("FROM" in bounds for *_, bounds in before)
    engine.maintain()
    after = tree(pg)
    assert before <= after
    months = {name: bounds for of, name, bounds in after if of == "events"}
    for of, name, bounds in after - before:
        month = re.findall(r"'(.*?)'", months[of])
        day = re.findall(r"'(.*?)'", bounds)
        assert month[0] <= day[0] < day[1] <= month[1], name
    assert not engine.plan().operations
    later = Engine(
        database, clock=lambda: now + timedelta(40), schema="partman_registry"
    )
    assert later.maintain().exit_code == 0
    assert not later.plan().operations
    assert count(pg) == rows
