"""Taking over from pg_partman, whose settings are copied by hand here.

The extension itself is taken over in tests/peers, where there is one.
"""

from __future__ import annotations

from functools import partial

import pytest
from psycopg.conninfo import make_conninfo

from partman_core.errors import ConfigError

from . import part_config
from .helpers import a_table, an_engine, children, is_there, told, value


@pytest.fixture
def theirs(pg):
    """Return a function that has pg_partman keep a table."""
    part_config.install(pg)
    return partial(part_config.keep, pg)


def made(pg, days=range(18, 29), parent="events") -> None:
    """Make the partitions that pg_partman would have made, with rows and a DEFAULT."""
    for day in days:
        pg.execute(
            f"CREATE TABLE {parent}_p202611{day} PARTITION OF {parent}"
            f" FOR VALUES FROM ('2026-11-{day}') TO ('2026-11-{day + 1}')"
        )
    pg.execute(f"CREATE TABLE {parent}_default PARTITION OF {parent} DEFAULT")
    pg.execute(
        f"INSERT INTO {parent} SELECT g, 'x' FROM generate_series("
        "'2026-11-18'::timestamptz, '2026-11-24 12:00', '1 hour') g"
    )
    pg.execute("ANALYZE")


def test_it_is_shown_taken_over_and_kept_up_with_nothing_lost_or_made_twice(
    database, pg, theirs
):
    a_table(pg)
    made(pg)
    theirs(retention="3 days", retention_keep_table=False)
    engine, before = an_engine(database), children(pg)
    rows = value(pg, "SELECT count(*) FROM events")
    shown = engine.migrate_from("pg_partman", dry_run=True)
    [one] = shown.tables
    assert shown.schema == "extensions"
    assert one.proposal.settings == {
        "default_partition": True,
        "partition_interval": "1 day",
        "partition_by": "at",
        "partition_count": 5,
        "retention_period": "3 days",
        "retention_action": "drop",
    }
    over = ["events_p20261118", "events_p20261119", "events_p20261120"]
    assert [p.name.relation for p in one.adoption.backlog.partitions] == over
    assert one.adoption.backlog.rows == 72
    assert not is_there(pg, "partman.partition_management")

    done = engine.migrate_from("pg_partman", confirm=True)
    assert done.exit_code == 0
    [one] = done.tables
    assert len(one.adoption.accepted) == 8
    assert not one.plan
    report = engine.maintain()
    assert told(report) == []
    assert children(pg) == before
    assert value(pg, "SELECT count(*) FROM events") == rows
    assert value(pg, "SELECT count(*) FROM extensions.part_config") == 1
    [found] = [f for f in report.tables[0].findings if f.code == "foreign"]
    assert found.data["partitions"] == [f"public.{name}" for name in over]

    engine.import_existing_partitions("events", confirm=True)
    engine.maintain(max_drops=3)
    assert set(children(pg)) == set(before) - set(over)
    again = engine.migrate_from("pg_partman", confirm=True)
    assert [one.is_ours for one in again.tables] == [True]
    assert again.exit_code == 0


def test_it_is_refused_while_the_extension_still_maintains(database, pg, theirs):
    a_table(pg)
    theirs(automatic_maintenance="on")
    pg.execute(
        "CREATE SCHEMA cron; CREATE TABLE cron.job (jobid bigint, command text,"
        " database text DEFAULT current_database(), active bool DEFAULT true);"
        "INSERT INTO cron.job VALUES (7, 'CALL extensions.run_maintenance_proc()')"
    )
    engine = an_engine(database)
    shown = engine.migrate_from("pg_partman", dry_run=True)
    assert shown.exit_code == 4
    with pytest.raises(ConfigError) as caught:
        engine.migrate_from("pg_partman", confirm=True)
    assert caught.value.code == "still-maintained"
    assert caught.value.exit_code == 4
    assert "pg_cron's job 7" in caught.value.message
    assert not is_there(pg, "partman.partition_management")
    pg.execute(caught.value.hint)
    assert engine.migrate_from("pg_partman", confirm=True).exit_code == 0


def test_a_job_that_names_the_table_maintains_it_whatever_the_switch_says(
    database, pg, theirs
):
    a_table(pg)
    theirs()
    pg.execute(
        "CREATE SCHEMA cron; CREATE TABLE cron.job (jobid bigint, command text,"
        " database text DEFAULT current_database(), active bool DEFAULT true);"
        "INSERT INTO cron.job VALUES"
        " (7, $$SELECT extensions.run_maintenance('public.events')$$)"
    )
    with pytest.raises(ConfigError, match="job maintains it") as caught:
        an_engine(database).migrate_from("pg_partman", confirm=True)
    assert "unschedule" in caught.value.hint


def test_it_is_refused_while_maintenance_runs(database, pg, theirs, other):
    a_table(pg)
    theirs()
    running = other(application_name="cron")
    running.execute("SELECT pg_advisory_lock(hashtext('pg_partman run_maintenance'))")
    with pytest.raises(ConfigError, match="at work on it") as caught:
        an_engine(database).migrate_from("pg_partman", confirm=True)
    assert "cron" in caught.value.message


def test_nothing_is_written_without_a_word(database, pg, theirs):
    a_table(pg)
    theirs()
    with pytest.raises(ConfigError) as caught:
        an_engine(database).migrate_from("pg_partman")
    assert caught.value.code == "needs-confirmation"
    assert not is_there(pg, "partman.partition_management")


def test_where_our_schema_is_theirs_the_way_out_is_another_one(database, pg):
    part_config.install(pg, "partman")
    a_table(pg)
    pg.execute(
        "INSERT INTO partman.part_config (parent_table, control, partition_interval,"
        " partition_type, automatic_maintenance)"
        " VALUES ('public.events', 'at', '1 day', 'range', 'off')"
    )
    with pytest.raises(ConfigError) as caught:
        an_engine(database).migrate_from("pg_partman", dry_run=True)
    assert caught.value.code == "schema-taken"
    assert "--schema partman_registry migrate-from pg_partman" in caught.value.hint
    engine = an_engine(database, schema="partman_registry")
    assert engine.migrate_from("pg_partman", confirm=True).exit_code == 0
    assert len(told(engine.maintain())) == 5


def test_what_cannot_be_taken_over_is_left_with_the_reason(database, pg, theirs):
    """And the others go on."""
    a_table(pg)
    a_table(pg, "nested")
    a_table(pg, '"Mixed Case"')
    pg.execute("CREATE TABLE plain (at timestamptz)")
    theirs()
    theirs("public.gone")
    theirs("public.plain")
    theirs("public.nested")
    theirs("public.Mixed Case", retention="10")
    part_config.keep_inside(
        pg, "public.nested", control="at", partition_interval="often"
    )
    done = an_engine(database).migrate_from("pg_partman", confirm=True)
    assert done.exit_code == 3
    left = {str(one.table): one.proposal.obstacle for one in done.tables}
    assert "no such table" in left["public.gone"]
    assert "triggers" in left["public.plain"]
    assert "'often' cannot be read" in left["public.nested"]
    assert left["public.events"] is left['public."Mixed Case"'] is None
    [mixed] = [one for one in done.tables if one.table.relation == "Mixed Case"]
    assert mixed.registration.created
    assert "retention_period" not in mixed.proposal.settings
    assert "bare number" in mixed.proposal.notes[0]


def test_some_tables_can_be_taken_over_before_the_others(database, pg, theirs):
    for name in ("events", "others"):
        a_table(pg, name)
    theirs()
    theirs("public.others", automatic_maintenance="on")
    engine = an_engine(database)
    [one] = engine.migrate_from("pg_partman", "events", confirm=True).tables
    assert one.registration.created
    with pytest.raises(ConfigError, match="does not have the table missing"):
        engine.migrate_from("pg_partman", "missing", dry_run=True)


def test_what_the_template_has_comes_along_or_is_told_of(database, pg, theirs):
    a_table(pg)
    pg.execute(
        "CREATE TABLE extensions.template_events (LIKE events) WITH (fillfactor = 70);"
        "CREATE INDEX ON extensions.template_events (note)"
    )
    theirs(template_table="extensions.template_events")
    [one] = an_engine(database).migrate_from("pg_partman", confirm=True).tables
    assert one.proposal.settings["storage"] == {"fillfactor": "70"}
    assert "1 index is on the template" in one.proposal.notes[0]


def test_numbers_and_epochs_are_taken_over(database, pg, theirs):
    a_table(pg, "counted", "id bigint GENERATED ALWAYS AS IDENTITY", "RANGE (id)")
    a_table(pg, "epochs", "at bigint NOT NULL")
    theirs("public.counted", control="id", partition_interval="1000", retention="5000")
    theirs("public.epochs", epoch="milliseconds", retention="30 days",
           retention_schema="archive")  # fmt: skip
    pg.execute("CREATE SCHEMA archive")
    done = an_engine(database).migrate_from("pg_partman", confirm=True)
    counted, epochs = done.tables
    assert counted.error is epochs.error is None
    assert counted.proposal.settings["partition_interval"] == 1000
    assert counted.proposal.settings["retention_period"] == 5000
    assert counted.proposal.settings["retention_action"] == "detach"
    assert epochs.proposal.settings["key"] == "epoch_ms"
    assert epochs.proposal.settings["retention_action"] == "move"


def test_periods_of_another_zone_are_told_of_and_can_be_named(database, pg, theirs):
    a_table(pg)
    theirs()
    pg.execute("SET TIME ZONE 'America/New_York'")
    made(pg)
    engine = an_engine(database)
    [one] = engine.migrate_from("pg_partman", dry_run=True).tables
    assert "11 of its partitions do not lie on the grid" in one.proposal.notes[-1]
    [one] = engine.migrate_from(
        "pg_partman", timezone="America/New_York", confirm=True
    ).tables
    assert one.proposal.notes == ()
    assert len(one.adoption.accepted) == 11
    assert not one.plan


def test_who_may_not_read_its_tables_is_told_the_grant(a_role, database, pg, theirs):
    a_table(pg)
    theirs()
    role = a_role()
    engine = an_engine(make_conninfo(database, user=role, password="x"))
    with pytest.raises(ConfigError) as caught:
        engine.migrate_from("pg_partman", dry_run=True)
    assert caught.value.code == "privilege"
    pg.execute(caught.value.hint)
    assert engine.migrate_from("pg_partman", dry_run=True).tables
    pg.execute(f"DROP OWNED BY {role}")
