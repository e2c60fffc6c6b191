"""Taking over sub-partitioned sets of pg_partman 5, whose tables are made by hand here.

The extension itself, in version 4, is taken over in tests/peers.
"""

from __future__ import annotations

import pytest

from partman_core.errors import ConfigError

from . import part_config
from .helpers import DAY, NOW, a_table, an_engine, children, told, value

BLOCKS = {"control": "id", "partition_interval": "1000"}
DAYS = range(22, 28)


@pytest.fixture
def theirs(pg):
    """Have pg_partman keep days of blocks of ids, with rows in three of them."""
    part_config.install(pg)
    a_table(pg, columns="id bigserial, at timestamptz NOT NULL")
    part_config.keep(pg, premake=3)
    part_config.keep_inside(pg, "public.events", premake=2, **BLOCKS)
    pg.execute("CREATE TABLE events_default PARTITION OF events DEFAULT")
    for day in DAYS:
        name = f"events_p202611{day}"
        pg.execute(
            f"CREATE TABLE {name} PARTITION OF events FOR VALUES"
            f" FROM ('2026-11-{day}') TO ('2026-11-{day + 1}') PARTITION BY RANGE (id);"
            f"CREATE TABLE {name}_default PARTITION OF {name} DEFAULT;"
        )
        for low in (0, 1000, 2000):
            pg.execute(
                f"CREATE TABLE {name}_p{low} PARTITION OF {name}"
                f" FOR VALUES FROM ({low}) TO ({low + 1000})"
            )
        part_config.keep(pg, f"public.{name}", premake=2, **BLOCKS)
    pg.execute(
        "INSERT INTO events (at) SELECT '2026-11-22'::timestamptz + n * '5 minutes'"
        "::interval FROM generate_series(0, 720) n; ANALYZE"
    )
    return pg


def inside(pg) -> dict[str, dict[str, str]]:
    """Return the bounds of all partitions of partitions."""
    return {name: children(pg, name) for name in children(pg)}


def test_all_levels_are_taken_over_with_nothing_lost_or_made_twice(database, theirs):
    pg, before = theirs, inside(theirs)
    rows = value(pg, "SELECT count(*) FROM events")
    engine = an_engine(database)
    [one] = engine.migrate_from("pg_partman", confirm=True).tables
    assert one.proposal.settings == {
        "default_partition": True,
        "partition_interval": "1 day",
        "partition_by": "at",
        "partition_count": 4,
        "subpartition": {
            "partition_type": "range",
            "partition_interval": 1000,
            "partition_by": "id",
            "partition_count": 3,
            "default_partition": True,
        },
    }
    assert one.proposal.notes == ()
    assert len(one.adoption.accepted) == len(DAYS) * 4
    assert not one.plan
    assert told(engine.maintain()) == []
    assert inside(pg) == before
    assert value(pg, "SELECT count(*) FROM events") == rows
    assert value(pg, "SELECT count(*) FROM extensions.part_config") == 1 + len(DAYS)
    again = engine.migrate_from("pg_partman", confirm=True)
    assert [one.is_ours for one in again.tables] == [True]

    tomorrow = an_engine(database, NOW + DAY)
    made = told(tomorrow.maintain())
    assert made == [("create", "events_p20261128")]
    assert len(children(pg, "events_p20261128")) == 4
    pg.execute("SELECT setval('events_id_seq', 1500)")
    tomorrow.maintain()
    assert all(len(children(pg, day)) == 5 for day in children(pg) if "_p2" in day)
    assert value(pg, "SELECT count(*) FROM events") == rows


def test_days_of_blocks_that_are_over_wait_for_a_word(database, theirs):
    pg = theirs
    pg.execute(
        "UPDATE extensions.part_config SET retention = '1 day', retention_keep_table ="
        " false WHERE control = 'at'"
    )
    engine = an_engine(database)
    [one] = engine.migrate_from("pg_partman", confirm=True).tables
    over = [part.name.relation for part in one.adoption.backlog.partitions]
    assert over == ["events_p20261122"]
    assert told(engine.maintain()) == []
    engine.import_existing_partitions("events", confirm=True)
    assert ("drop", "events_p20261122") in told(engine.maintain())
    assert value(pg, "SELECT min(at)::date::text FROM events") == "2026-11-23"


def test_sets_inside_that_are_still_maintained_are_stopped_by_one_statement(
    database, theirs
):
    pg = theirs
    pg.execute(
        "UPDATE extensions.part_config SET automatic_maintenance = 'on'"
        " WHERE control = 'id'"
    )
    part_config.keep(pg, "public.others", automatic_maintenance="on")
    engine = an_engine(database)
    with pytest.raises(ConfigError) as caught:
        engine.migrate_from("pg_partman", "events", confirm=True)
    assert (
        "for public.events_p20261122 and 5 more, inside of it" in caught.value.message
    )
    pg.execute(caught.value.hint)
    on = "SELECT parent_table FROM extensions.part_config"
    on += " WHERE automatic_maintenance = 'on'"
    assert value(pg, on) == "public.others"
    assert engine.migrate_from("pg_partman", "events", confirm=True).exit_code == 0


def test_a_job_that_names_a_set_inside_maintains_the_table(database, theirs):
    theirs.execute(
        "CREATE SCHEMA cron; CREATE TABLE cron.job (jobid bigint, command text,"
        " database text DEFAULT current_database(), active bool DEFAULT true);"
        "INSERT INTO cron.job VALUES"
        " (7, $$SELECT extensions.run_maintenance('public.events_p20261125')$$)"
    )
    with pytest.raises(ConfigError, match="job maintains it"):
        an_engine(database).migrate_from("pg_partman", confirm=True)


def test_a_set_without_a_default_partition_gets_one_and_it_is_told(database, theirs):
    theirs.execute("DROP TABLE events_p20261126_default")
    engine = an_engine(database)
    [one] = engine.migrate_from("pg_partman", confirm=True).tables
    assert (
        "no DEFAULT partition inside of public.events_p20261126"
        in one.proposal.notes[0]
    )
    [made] = one.plan.operations
    assert (made.parent.relation, str(made.bounds)) == ("events_p20261126", "DEFAULT")


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("DELETE FROM extensions.part_config_sub", "no settings in part_config_sub"),
        ("UPDATE extensions.part_config SET retention = '900' WHERE control = 'id'",
         "kept for 900 and then detached (part_config, public.events_p20261122)"),
    ],
)  # fmt: skip
def test_what_cannot_be_held_is_left_as_it_is(database, theirs, statement, words):
    theirs.execute(statement)
    before = inside(theirs)
    engine = an_engine(database)
    done = engine.migrate_from("pg_partman", confirm=True)
    [one] = done.tables
    assert words in one.proposal.obstacle
    assert done.exit_code == 3
    assert not engine.managed_tables()
    assert inside(theirs) == before


def test_a_partition_of_a_table_that_it_does_not_have_is_left(database, pg):
    """Somebody made the upper level by hand."""
    part_config.install(pg)
    a_table(pg, columns="kind text, at timestamptz NOT NULL", key="LIST (kind)")
    pg.execute(
        "CREATE TABLE events_a PARTITION OF events FOR VALUES IN ('a')"
        " PARTITION BY RANGE (at)"
    )
    part_config.keep(pg, "public.events_a")
    [one] = an_engine(database).migrate_from("pg_partman", confirm=True).tables
    assert "it is a partition of events" in one.proposal.obstacle
    assert "[tables.subpartition]" in one.proposal.obstacle
