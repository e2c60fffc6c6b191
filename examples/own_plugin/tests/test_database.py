"""The plugin at work: real partitions, a clock that is turned, and the ledger."""

from __future__ import annotations

import pytest
from partman_core.errors import ConfigError

import partman_month_ends as plugin

TABLE = "CREATE TABLE readings (on_day date NOT NULL) PARTITION BY RANGE (on_day)"
LEDGER = "CREATE TABLE dropped (partition text, bounds text, rows bigint)"
PARTITIONS = """
SELECT inhrelid::regclass::text FROM pg_inherits
 WHERE inhparent = 'readings'::regclass ORDER BY 1"""


@pytest.fixture
def engine(partman_engine, partman_connection, partman_clock):
    """Have a table with a partition a day, from the 25th of January to the 5th."""
    partman_clock.set("2026-01-25T12:00Z")
    partman_connection.execute(TABLE)
    engine = partman_engine(plugin)
    engine.register(
        "readings",
        partition_interval="1 day",
        partition_count=12,
        retention_period="1 day",
        month_ends={"months": 2, "ledger": "public.dropped"},
    )
    engine.maintain()
    partman_connection.execute("INSERT INTO readings VALUES ('2026-01-26')")
    return engine


@pytest.fixture
def partitions(partman_connection):
    return lambda: [name for (name,) in partman_connection.execute(PARTITIONS)]


def test_the_end_of_the_month_stays_and_the_others_are_written_down(
    engine, partitions, partman_connection, partman_clock
):
    partman_connection.execute(LEDGER)
    partman_clock.set("2026-02-04T12:00Z")
    report = engine.maintain(max_drops=99)
    assert report.exit_code == 0, str(report)
    assert partitions()[:3] == [
        "readings_p20260131",
        "readings_p20260203",
        "readings_p20260204",
    ]
    lines = partman_connection.execute(
        "SELECT partition, rows FROM dropped ORDER BY 1"
    ).fetchall()
    assert len(lines) == 8
    assert lines[1] == ("public.readings_p20260126", 1)
    assert engine.plan().operations == ()


def test_it_goes_when_its_months_are_over(
    engine, partitions, partman_connection, partman_clock
):
    partman_connection.execute(LEDGER)
    partman_clock.set("2026-02-04T12:00Z")
    engine.maintain(max_drops=99)
    partman_clock.set("2026-04-04T12:00Z")
    engine.maintain(max_drops=99)
    assert "readings_p20260131" not in partitions()


def test_without_its_ledger_nothing_is_dropped(
    engine, partman_connection, partman_clock
):
    partman_clock.set("2026-02-04T12:00Z")
    report = engine.maintain(max_drops=99)
    assert report.exit_code == 3
    assert 'relation "public.dropped" does not exist' in str(report)
    rows = partman_connection.execute("SELECT count(*) FROM readings_p20260126")
    assert rows.fetchone() == (1,)


def test_mistakes_in_its_settings_are_told(engine):
    with pytest.raises(ConfigError, match="months"):
        engine.register(
            "readings", partition_interval="1 day", month_ends={"months": 0}
        )


def test_installed_it_is_found_by_its_name(partman_engine):
    """Installed in the environment of these tests, as anybody installs it."""
    assert "month-ends" in partman_engine("month-ends").plugins.active
    assert "month-ends" not in partman_engine().plugins.active
