"""What sets of pg_partman have besides: gaps, templates, retention, idle tables."""

from __future__ import annotations

from functools import partial

import pytest

from . import part_config
from .helpers import (
    DAY,
    NOW,
    TODAY,
    TOMORROW,
    a_table,
    an_engine,
    children,
    is_there,
    told,
    value,
)


@pytest.fixture
def theirs(pg):
    """Return a function that has pg_partman keep a table."""
    part_config.install(pg)
    return partial(part_config.keep, pg)


def made(pg, days) -> None:
    """Make partitions in the given order, with a row in each."""
    for day in days:
        pg.execute(
            f"CREATE TABLE events_p202611{day} PARTITION OF events"
            f" FOR VALUES FROM ('2026-11-{day}') TO ('2026-11-{day + 1}');"
            f"INSERT INTO events VALUES ('2026-11-{day}', 'x')"
        )
    pg.execute("ANALYZE")


def test_gaps_of_the_past_stay_and_those_ahead_are_closed(database, pg, theirs):
    """A set that was filled backwards, and of which some are gone."""
    a_table(pg)
    made(pg, [28, 26, 24, 23, 19, 17])
    theirs(premake=4)
    engine = an_engine(database)
    [one] = engine.migrate_from("pg_partman", confirm=True).tables
    assert len(one.adoption.accepted) == 6
    new = [("create", TOMORROW), ("create", "events_p20261127")]
    assert told(engine.maintain()) == new
    assert len(children(pg)) == len(set(children(pg).values())) == 8
    assert value(pg, "SELECT count(*) FROM events") == 6
    assert not engine.plan()


def test_an_idle_table_goes_on_by_the_clock_and_it_is_told(database, pg, theirs):
    a_table(pg)
    made(pg, [10, 11])
    theirs(infinite_time_partitions=False, premake=1)
    engine = an_engine(database)
    [one] = engine.migrate_from("pg_partman", confirm=True).tables
    assert "come by the clock" in one.proposal.notes[0]
    assert told(engine.maintain()) == [("create", TODAY), ("create", TOMORROW)]
    assert value(pg, "SELECT count(*) FROM events") == 2


def test_rows_in_default_do_not_lead_and_it_is_told(database, pg, theirs):
    a_table(pg)
    made(pg, [24])
    pg.execute("CREATE TABLE events_default PARTITION OF events DEFAULT")
    pg.execute("INSERT INTO events VALUES ('2026-12-24', 'x')")
    theirs(ignore_default_data=False, premake=1)
    engine = an_engine(database)
    [one] = engine.migrate_from("pg_partman", confirm=True).tables
    assert "no longer depends on rows in DEFAULT" in one.proposal.notes[0]
    assert told(engine.maintain()) == [("create", TOMORROW)]
    assert value(pg, "SELECT count(*) FROM events_default") == 1


def test_what_is_over_is_detached_and_stays_where_its_tables_were_kept(
    database, pg, theirs
):
    a_table(pg)
    made(pg, [22, 23, 24])
    theirs(retention="1 day", premake=1)
    engine = an_engine(database)
    engine.migrate_from("pg_partman", confirm=True)
    engine.maintain()
    engine.import_existing_partitions("events", confirm=True)
    tomorrow = an_engine(database, NOW + DAY)
    tomorrow.maintain(max_drops=9)
    assert "events_p20261122" not in children(pg)
    assert value(pg, "SELECT count(*) FROM events_p20261122") == 1


def test_what_is_over_is_moved_where_it_was_moved(database, pg, theirs):
    a_table(pg)
    made(pg, [22, 23, 24])
    theirs(retention="1 day", retention_schema="Archive", premake=1)
    engine = an_engine(database)
    [one] = engine.migrate_from("pg_partman", dry_run=True).tables
    assert "Archive" in str(one.error), one
    assert not is_there(pg, "partman.partition_management")
    pg.execute('CREATE SCHEMA "Archive"')
    [one] = engine.migrate_from("pg_partman", confirm=True).tables
    assert one.proposal.settings["retention_schema"] == '"Archive"'
    engine.import_existing_partitions("events", confirm=True)
    an_engine(database, NOW + DAY).maintain(max_drops=9)
    assert value(pg, 'SELECT count(*) FROM "Archive".events_p20261122') == 1


def test_new_partitions_have_what_the_table_has_and_the_rest_is_told(
    a_role, database, pg, theirs
):
    role = a_role()
    a_table(pg)
    made(pg, [24])
    pg.execute(
        "CREATE TABLE extensions.template (LIKE events) WITH (fillfactor = 70);"
        "ALTER TABLE extensions.template SET UNLOGGED;"
        "CREATE INDEX ON events (at); CREATE INDEX ON extensions.template (at);"
        "CREATE INDEX ON extensions.template (note);"
        "CREATE UNIQUE INDEX ON extensions.template (note, at);"
        f"GRANT SELECT ON extensions.template TO {role};"
        f"GRANT INSERT ON events TO {role}"
    )
    theirs(template_table="extensions.template", premake=1)
    engine = an_engine(database)
    [one] = engine.migrate_from("pg_partman", confirm=True).tables
    assert [note.split(" on ")[0] for note in one.proposal.notes[:2]] == [
        "1 index is",
        "1 unique index is",
    ]
    assert "UNLOGGED" in one.proposal.notes[2]
    assert "never reached a partition" in one.proposal.notes[3]
    assert "get the grants of the table" in one.proposal.notes[4]
    engine.maintain()
    allowed = f"has_table_privilege('{role}', '{TOMORROW}', "
    assert value(pg, f"SELECT {allowed}'INSERT')")
    assert not value(pg, f"SELECT {allowed}'SELECT')")
    logged = "SELECT relpersistence::text || reloptions::text FROM pg_class"
    assert value(pg, f"{logged} WHERE relname = '{TOMORROW}'") == "p{fillfactor=70}"
    indexes = "SELECT count(*) FROM pg_index WHERE indrelid = %s::regclass"
    assert value(pg, indexes, TOMORROW) == 1
    pg.execute(f"DROP OWNED BY {role}")


def test_epochs_go_on_where_they_were(database, pg, theirs):
    a_table(pg, columns="at bigint NOT NULL, note text")
    noon = int(NOW.timestamp()) // 86400 * 86400
    for number in range(-2, 2):
        first = noon + number * 86400
        pg.execute(
            f"CREATE TABLE e{number + 2} PARTITION OF events FOR VALUES FROM ({first})"
            f" TO ({first + 86400}); INSERT INTO events VALUES ({first})"
        )
    theirs(epoch="seconds", premake=2)
    engine = an_engine(database)
    [one] = engine.migrate_from("pg_partman", confirm=True).tables
    assert len(one.adoption.accepted) == 4
    assert told(engine.maintain()) == [("create", "events_p20261126")]
    assert children(pg)["events_p20261126"] == (
        f"FOR VALUES FROM ('{noon + 2 * 86400}') TO ('{noon + 3 * 86400}')"
    )
    assert value(pg, "SELECT count(*) FROM events") == 4


def test_numbers_go_on_where_they_were(database, pg, theirs):
    a_table(pg, columns="id bigserial, note text", key="RANGE (id)")
    for low in (0, 1000, 3000):
        pg.execute(
            f"CREATE TABLE events_p{low} PARTITION OF events FOR VALUES FROM ({low})"
            f" TO ({low + 1000})"
        )
    pg.execute("INSERT INTO events (note) SELECT 'x' FROM generate_series(1, 1500)")
    theirs(control="id", partition_interval="1000", premake=2)
    engine = an_engine(database)
    [one] = engine.migrate_from("pg_partman", confirm=True).tables
    assert len(one.adoption.accepted) == 3
    assert told(engine.maintain()) == [("create", "events_p2000")]
    assert value(pg, "SELECT count(*) FROM events") == 1500
    assert not engine.plan()


def test_names_keep_the_prefix_that_they_had(database, pg, theirs):
    a_table(pg)
    made(pg, [24])
    theirs(child_table_prefix="_day_", premake=1)
    engine = an_engine(database)
    engine.migrate_from("pg_partman", confirm=True)
    assert told(engine.maintain()) == [("create", "events_day_20261125")]
