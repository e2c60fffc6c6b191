"""Registering: checked whole, written whole, or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from partman_core.errors import ConfigError

from .helpers import NOW, a_table, an_engine, daily, registered, value

if TYPE_CHECKING:
    from pathlib import Path

    import psycopg

    Connection = psycopg.Connection[Any]

FILE = """
[[tables]]
name = "events"
partition_interval = "1 day"
"""


def changed(registration: Any) -> dict[str, tuple[Any, Any]]:
    return {
        change.key: (change.before, change.after) for change in registration.changes
    }


def test_registering_again_updates_and_shows_the_difference(database, pg):
    a_table(pg)
    engine = an_engine(database)
    first = engine.register("events", partition_interval="1 day", partition_count=5)
    assert first.created
    again = engine.register("events", partition_interval="1 day", partition_count=7)
    assert not again.created
    assert changed(again) == {"partition_count": (5, 7)}
    same = engine.register("events", partition_interval="1 day", partition_count=7)
    assert same.changes == ()
    assert value(pg, "SELECT count(*) FROM partman.partition_management") == 1


def test_what_is_not_named_goes_back_to_its_default(database, pg):
    a_table(pg)
    engine = an_engine(database)
    engine.register("events", partition_interval="1 day", timezone="Asia/Kolkata")
    again = engine.register("events", partition_interval="1 day")
    assert changed(again) == {"timezone": ("Asia/Kolkata", None)}
    assert engine.managed_tables()[0].timezone == "UTC"


def test_a_stored_change_holds_from_the_next_run_on(database, pg):
    a_table(pg)
    engine = an_engine(database)
    daily(engine, count=2)
    assert len(engine.maintain().of("done")) == 2
    daily(engine, count=5)
    assert len(engine.maintain().of("done")) == 3


@pytest.mark.parametrize(
    "before, after",
    [
        ({}, {"retention_period": "3 days"}),
        ({"retention_period": "9 days"}, {"retention_period": "3 days"}),
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
def test_what_retires_more_has_to_be_confirmed(database, pg, before, after):
    a_table(pg)
    engine = an_engine(database)
    daily(engine, **before)
    with pytest.raises(ConfigError) as refused:
        daily(engine, **after)
    assert refused.value.code == "needs-confirmation"
    assert "--yes" in (refused.value.hint or "")
    settings = engine.managed_tables()[0].settings
    assert settings.get("retention_period") == before.get("retention_period")
    daily(engine, **after, confirm=True)
    daily(engine, **before, confirm=True)


def test_keeping_more_needs_no_confirmation(database, pg):
    a_table(pg)
    engine = an_engine(database)
    daily(engine, retention_period="3 days")
    daily(engine, retention_period="9 days")
    daily(engine)


def test_a_dry_run_plans_and_writes_nothing_not_even_our_schema(database, pg):
    a_table(pg)
    engine = an_engine(database)
    shown = engine.register("events", partition_interval="1 day", dry_run=True)
    assert shown.dry_run
    assert len(shown.plan.operations) == 10
    assert not registered(pg)
    assert engine.managed_tables() == []


def test_a_ready_table_value_registers_the_same(database, pg):
    a_table(pg)
    engine = an_engine(database)
    daily(engine, timezone="Africa/Cairo", retention_period="30 days")
    (table,) = engine.managed_tables()
    assert engine.register(table).changes == ()


def test_unregistering_forgets_the_table_and_leaves_its_partitions(database, pg):
    a_table(pg)
    engine = an_engine(database)
    daily(engine)
    engine.maintain()
    gone = engine.unregister("events")
    assert str(gone.table) == "public.events"
    assert engine.managed_tables() == []
    assert value(pg, "SELECT count(*) FROM pg_inherits") == 3
    daily(engine)
    assert {partition.ours for partition in engine.partitions("events")} == {True}


def test_unregistering_what_is_not_managed_says_so(database, pg):
    a_table(pg)
    with pytest.raises(ConfigError, match=r"events is not managed") as refused:
        an_engine(database).unregister("events")
    assert refused.value.exit_code == 4


def test_a_renamed_table_stays_managed(database, pg):
    a_table(pg)
    engine = an_engine(database)
    daily(engine)
    pg.execute("ALTER TABLE events RENAME TO happenings")
    assert str(engine.managed_tables()[0].name) == "public.happenings"
    assert len(engine.maintain("happenings").of("done")) == 3


def test_a_dropped_table_is_reported_and_stops_no_other(database, pg):
    a_table(pg)
    a_table(pg, "logs")
    engine = an_engine(database)
    daily(engine)
    daily(engine, "logs")
    pg.execute("DROP TABLE events")
    report = engine.maintain()
    assert report.exit_code == 4
    assert len(report.of("done")) == 3
    (gone,) = [table for table in report.tables if table.error]
    assert "no such table any more" in (gone.error or "")
    assert "unregister" in (gone.hint or "")


def test_tables_of_the_same_name_in_two_schemas_are_two(database, pg):
    pg.execute("CREATE SCHEMA other")
    a_table(pg)
    a_table(pg, "other.events")
    engine = an_engine(database)
    daily(engine, "public.events")
    daily(engine, "other.events", retention_period="1 day")
    assert len(engine.maintain().of("done")) == 6
    with pytest.raises(ConfigError, match="ambiguous"):
        engine.partitions("events")
    assert len(engine.partitions("other.events")) == 3


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "partman.toml"
    path.write_text(text)
    return path


def test_a_file_declares_tables_and_only_sync_changes_them(database, pg, tmp_path):
    a_table(pg)
    engine = an_engine(database)
    done = engine.sync(written(tmp_path, FILE))
    assert done.exit_code == 0
    assert engine.managed_tables()[0].origin == "file"
    with pytest.raises(ConfigError) as refused:
        daily(engine)
    assert refused.value.code == "declared-by-file"
    changes = FILE + "partition_count = 4\n"
    (again,) = engine.sync(written(tmp_path, changes)).registrations
    assert changed(again) == {"partition_count": (None, 4)}


def test_what_left_the_file_is_unregistered_by_prune_only(database, pg, tmp_path):
    a_table(pg)
    a_table(pg, "logs")
    engine = an_engine(database)
    both = FILE + FILE.replace("events", "logs")
    engine.sync(written(tmp_path, both))
    left = engine.sync(written(tmp_path, FILE))
    assert [str(name) for name in left.left] == ["public.logs"]
    assert len(engine.managed_tables()) == 2
    engine.sync(written(tmp_path, FILE), prune=True, dry_run=True)
    assert len(engine.managed_tables()) == 2
    pruned = engine.sync(written(tmp_path, FILE), prune=True)
    assert [str(name) for name in pruned.removed] == ["public.logs"]
    assert len(engine.managed_tables()) == 1


def test_pruning_spares_what_was_registered_by_hand(database, pg, tmp_path):
    a_table(pg)
    a_table(pg, "logs")
    engine = an_engine(database)
    daily(engine, "logs")
    assert engine.sync(written(tmp_path, FILE), prune=True).removed == ()
    assert len(engine.managed_tables()) == 2


def test_one_bad_table_of_a_file_keeps_no_other_from_being_written(
    database, pg, tmp_path
):
    a_table(pg)
    engine = an_engine(database)
    both = FILE.replace("events", "nowhere") + FILE
    done = engine.sync(written(tmp_path, both), prune=True)
    assert done.exit_code == 4
    assert list(done.errors) == ["nowhere"]
    assert [str(one.table) for one in done.registrations] == ["public.events"]


def test_existing_partitions_are_adopted_by_that_call_only(database, pg):
    a_table(pg)
    pg.execute(
        "CREATE TABLE fits PARTITION OF events"
        " FOR VALUES FROM ('2026-11-20') TO ('2026-11-21')"
    )
    pg.execute(
        "CREATE TABLE odd PARTITION OF events"
        " FOR VALUES FROM ('2026-11-17 06:00') TO ('2026-11-18 06:00')"
    )
    engine = an_engine(database, NOW)
    daily(engine, retention_period="1 day")
    engine.maintain()
    assert value(pg, "SELECT count(*) FROM pg_inherits") == 5
    shown = engine.import_existing_partitions("events", dry_run=True)
    assert [part.name.relation for part in shown.accepted] == ["fits"]
    [(refused, why)] = shown.refused
    assert refused.name.relation == "odd"
    assert why
    assert engine.plan().operations == ()
    engine.import_existing_partitions("events")
    assert [op.kind for op in engine.plan().operations] == ["detach", "drop"]
    assert engine.maintain().exit_code == 0
    assert value(pg, "SELECT to_regclass('fits') IS NULL")
    assert value(pg, "SELECT to_regclass('odd') IS NOT NULL")
