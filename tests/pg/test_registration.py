"""What is wanted of a table is checked whole, compared, and written down."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from partman_core.errors import ConfigError

from .helpers import (
    NOW,
    Clock,
    a_table,
    an_engine,
    children,
    daily,
    name,
    refusal,
    registered,
    told,
    value,
)

if TYPE_CHECKING:
    import psycopg

    Connection = psycopg.Connection[Any]


def test_the_first_registration_says_what_it_changes_and_what_it_would_do(database, pg):
    a_table(pg)
    engine = an_engine(database)
    done = engine.register("events", partition_interval="1 day", partition_count=2)
    assert done.created
    assert str(done.table) == "public.events"
    changes = {change.key: change.after for change in done.changes}
    assert changes["partition_interval"] == "1 day"
    assert [op.kind for op in done.plan.operations] == ["create", "create"]
    assert children(pg) == {}
    [table] = engine.managed_tables()
    assert (table.name, table.origin) == (name("events"), "api")


def test_registering_again_replaces_the_whole_declaration(database, pg):
    a_table(pg)
    engine = an_engine(database)
    daily(engine, count=5, timezone="Europe/Berlin")
    done = engine.register("public.events", partition_interval="1 month")
    assert not done.created
    changes = {change.key: (change.before, change.after) for change in done.changes}
    assert changes == {
        "partition_interval": ("1 day", "1 month"),
        "partition_count": (5, None),
        "timezone": ("Europe/Berlin", None),
    }
    again = engine.register("events", partition_interval="1 month")
    assert again.changes == ()
    assert len(engine.managed_tables()) == 1


def test_a_ready_table_can_be_registered(database, pg):
    a_table(pg)
    engine = an_engine(database)
    daily(engine, count=5)
    [table] = engine.managed_tables()
    assert engine.register(table).changes == ()


def test_what_retires_more_needs_a_word_more(database, pg):
    a_table(pg)
    engine = an_engine(database)
    daily(engine)
    error = refusal(engine, partition_count=3, retention_period="9 days")
    assert error.code == "needs-confirmation"
    assert "--yes" in error.hint
    assert "9 days" in error.message
    assert engine.managed_tables()[0].settings.get("retention_period") is None
    daily(engine, retention_period="9 days", confirm=True)
    daily(engine, retention_period="10 days")
    shorter = refusal(engine, partition_count=3, retention_period="8 days")
    assert shorter.code == "needs-confirmation"
    daily(engine, retention_period="8 days", dry_run=True)
    assert engine.managed_tables()[0].settings["retention_period"] == "10 days"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"retention_count": 9}, {"retention_count": 3}),
        (
            {"retention_period": "3 days", "retention_action": "detach"},
            {"retention_period": "3 days"},
        ),
        (
            {"retention_period": "3 days", "grace_period": "1 week"},
            {"retention_period": "3 days"},
        ),
    ],
)
def test_destroying_sooner_or_more_counts_as_retiring_more(database, pg, before, after):
    a_table(pg)
    engine = an_engine(database)
    daily(engine, **before)
    assert refusal(engine, partition_count=3, **after).code == "needs-confirmation"
    daily(engine, **after, confirm=True)
    daily(engine, **before, confirm=True)


def test_keeping_more_needs_no_confirmation(database, pg):
    a_table(pg)
    engine = an_engine(database)
    daily(engine, retention_period="3 days")
    daily(engine, retention_period="9 days")
    daily(engine)


def test_a_change_holds_from_the_next_run_on(database, pg):
    a_table(pg)
    engine = an_engine(database)
    daily(engine, count=2)
    assert len(told(engine.maintain())) == 2
    daily(engine, count=5)
    assert len(told(engine.maintain())) == 3


def test_tables_of_the_same_name_in_two_schemas_are_two(database, pg):
    pg.execute("CREATE SCHEMA other")
    a_table(pg)
    a_table(pg, "other.events")
    engine = an_engine(database)
    daily(engine, "public.events")
    daily(engine, "other.events", retention_period="1 day")
    assert len(told(engine.maintain())) == 6
    with pytest.raises(ConfigError, match="ambiguous"):
        engine.partitions("events")
    assert len(engine.partitions("other.events")) == 3


def test_the_first_registration_with_retention_needs_none_as_nothing_is_ours(
    database, pg
):
    a_table(pg)
    pg.execute(
        "CREATE TABLE theirs PARTITION OF events"
        " FOR VALUES FROM ('2020-01-01') TO ('2020-01-02')"
    )
    engine = an_engine(database)
    daily(engine, retention_period="9 days")
    assert ("detach", "theirs") not in told(engine.maintain())


def test_coming_back_with_retention_needs_a_word_more(database, pg):
    """What partman made before is still known as its own."""
    a_table(pg)
    engine = an_engine(database)
    daily(engine)
    engine.maintain()
    engine.unregister("events")
    assert engine.managed_tables() == []
    assert len(children(pg)) == 3
    error = refusal(engine, partition_count=3, retention_period="1 day")
    assert error.code == "needs-confirmation"
    daily(engine)


def test_a_dry_run_writes_nothing_at_all(database, pg):
    a_table(pg)
    done = an_engine(database).register(
        "events", partition_interval="1 day", dry_run=True
    )
    assert done.dry_run
    assert done.created
    assert len(done.plan.operations) == 10
    assert not registered(pg)


def test_unregistering_leaves_the_partitions_and_their_rows(database, pg):
    a_table(pg)
    engine = an_engine(database)
    daily(engine, retention_period="1 day")
    engine.maintain()
    pg.execute("INSERT INTO events VALUES (%s)", [NOW])
    done = engine.unregister("events")
    assert str(done.table) == "public.events"
    assert done.changes
    assert len(children(pg)) == 3
    later = an_engine(database, NOW.replace(day=30))
    assert told(later.maintain()) == []
    with pytest.raises(ConfigError, match="not managed"):
        engine.unregister("events")
    assert len(engine.history("public.events")) == 3
    daily(engine)
    assert {partition.ours for partition in engine.partitions("events")} == {True}


def test_a_renamed_table_stays_managed(database, pg):
    a_table(pg)
    engine = an_engine(database)
    daily(engine)
    pg.execute("ALTER TABLE events RENAME TO happenings")
    [table] = engine.managed_tables()
    assert table.name == name("happenings")
    assert len(told(engine.maintain("happenings"))) == 3


def test_adoption_is_asked_for_and_takes_only_what_fits(database, pg):
    """Registration alone takes nothing over."""
    a_table(pg)
    for bounds, partition in {
        "FROM ('2026-11-01') TO ('2026-11-02')": "fits",
        "FROM ('2026-11-02') TO ('2026-11-04')": "too_long",
        "FROM (MINVALUE) TO ('2026-10-31')": "open",
    }.items():
        pg.execute(f"CREATE TABLE {partition} PARTITION OF events FOR VALUES {bounds}")
    clock = Clock()
    engine = an_engine(database, clock)
    daily(engine, retention_period="1 day")
    dry = engine.import_existing_partitions("events", dry_run=True)
    assert [p.name.relation for p in dry.backlog.partitions] == ["fits"]
    assert {r.partition.name.relation for r in dry.refused} == {"too_long", "open"}
    assert all(r.why and r.remedy for r in dry.refused)
    assert value(pg, "SELECT count(*) FROM partman.managed_partitions") == 0
    engine.import_existing_partitions("events", confirm=True)
    assert ("drop", "fits") in told(engine.maintain())
    assert {"too_long", "open"} <= set(children(pg))
    again = engine.import_existing_partitions("events")
    assert again.accepted == ()
