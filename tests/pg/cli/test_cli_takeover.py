"""Adopting, and taking over from others, on the command line."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from .helpers import at_terminal

if TYPE_CHECKING:
    import psycopg

    from .helpers import Partman

    Connection = psycopg.Connection[Any]


@pytest.fixture
def theirs(events: str, pg: Connection) -> str:
    """Have pg_partman keep a table, of which two partitions are over; stop it."""
    today = datetime.now(UTC).date()
    for number in range(-5, 3):
        first, last = today + timedelta(number), today + timedelta(number + 1)
        pg.execute(
            f"CREATE TABLE public.day_{number + 5} PARTITION OF events FOR VALUES"
            f" FROM ('{first} 00:00+00') TO ('{last} 00:00+00');"
            f"INSERT INTO events VALUES ('{first} 12:00+00')"
        )
    pg.execute("ANALYZE")
    pg.execute(
        "CREATE SCHEMA theirs; CREATE TABLE theirs.part_config_sub (sub_parent text);"
        "CREATE TABLE theirs.part_config AS SELECT 'public.events' AS parent_table,"
        " 'at' AS control, 'range' AS partition_type, '1 day' AS partition_interval,"
        " 2 AS premake, 'off' AS automatic_maintenance, '3 days' AS retention,"
        " NULL AS retention_schema, false AS retention_keep_table,"
        " true AS retention_keep_index"
    )
    return events


def test_what_would_be_written_is_shown_and_nothing_is(
    theirs: str, partman: Partman
) -> None:
    shown = partman("migrate-from", "pg_partman", "--dry-run").stdout
    assert "pg_partman, in the schema theirs: 1 table\n" in shown
    assert "would be registered" in shown
    assert "  retention_period    3 days" in shown
    assert shown.count("would adopt") == 6 + 1
    assert "2 partitions are no longer kept: ≈2 rows, " in shown
    assert "1 table can be taken over. Nothing was written." in shown
    assert "no table is managed yet" in partman("tables").stderr


def test_nobody_at_the_terminal_has_to_say_yes(theirs: str, partman: Partman) -> None:
    refused = partman("migrate-from", "pg_partman", code=4)
    assert "error[needs-confirmation]" in refused.stderr
    done = partman("migrate-from", "pg_partman", "--yes").stdout
    assert "adopted 6 of 8 partitions" in done
    assert "due now: nothing to do" in done
    assert "manages it already" in partman("migrate-from", "pg_partman", "-y").stdout


def test_it_is_refused_with_the_way_out_while_it_is_maintained(
    theirs: str, partman: Partman, pg: Connection
) -> None:
    pg.execute("UPDATE theirs.part_config SET automatic_maintenance = 'on'")
    refused = partman("migrate-from", "pg_partman", "--yes", code=4)
    assert "error[still-maintained]" in refused.stderr
    assert "automatic_maintenance is 'on'" in refused.stderr
    assert 'UPDATE "theirs".part_config SET' in refused.stderr
    shown = partman("migrate-from", "pg_partman", "--dry-run", code=4).stdout
    assert "still maintained: automatic_maintenance is 'on'" in shown
    assert "1 table is still maintained by pg_partman: stop that first" in shown


def test_a_person_is_asked_and_may_decline(
    theirs: str, database: str, partman: Partman
) -> None:
    code, shown = at_terminal(database, b"n\n", "migrate-from", "pg_partman")
    assert (code, "Take these over?" in shown) == (130, True)
    code, shown = at_terminal(database, b"y\n", "migrate-from", "pg_partman")
    assert code == 0
    assert "adopted 6 of 8" in shown


def test_programs_get_it_as_json(theirs: str, partman: Partman) -> None:
    shown = json.loads(
        partman("migrate-from", "pg_partman", "--dry-run", "--json").stdout
    )
    [table] = shown["tables"]
    assert table["settings"]["partition_interval"] == "1 day"
    assert table["adoption"]["backlog"]["rows"] == 2
    assert table["plan"] is None
    done = json.loads(partman("migrate-from", "pg_partman", "-y", "--json").stdout)
    assert len(done["tables"][0]["adoption"]["adopted"]) == 6
    assert done["dry_run"] is False


def test_adoption_shows_what_is_over_and_waits_for_a_word(
    theirs: str, database: str, partman: Partman, pg: Connection
) -> None:
    partman("register", theirs, "--partition-interval", "1 day",
            "--retention-period", "3 days")  # fmt: skip
    done = partman("adopt", theirs).stdout
    assert "over  public.day_0" in done
    assert "2 partitions are no longer kept" in done
    assert "= try: `partman adopt public.events --yes` adopts them as well" in done
    assert "adopted 6 of 8 partitions" in done
    shown = json.loads(partman("adopt", theirs, "--dry-run", "--json").stdout)
    names = ["public.day_0", "public.day_1"]
    assert shown["backlog"]["partitions"] == names
    code, asked = at_terminal(database, b"y\n", "adopt", theirs)
    assert code == 0
    assert "Adopt these as well?" in asked
    assert "the next run retires them" in asked
    partman("maintain")
    left = pg.execute("SELECT to_regclass('day_0'), to_regclass('day_1')").fetchone()
    assert left == (None, None)


def test_partitions_off_the_grid_are_adopted_when_they_are_asked_for(
    events: str, partman: Partman, pg: Connection
) -> None:
    pg.execute(
        "CREATE TABLE odd PARTITION OF events"
        " FOR VALUES FROM ('2040-01-01') TO ('2040-01-04')"
    )
    partman("register", events, "--partition-interval", "1 day")
    left = partman("adopt", events).stdout
    assert "left  public.odd: it spans several periods" in left
    assert "`partman adopt public.events --any-size` takes it as it is" in left
    assert "adopted  public.odd" in partman("adopt", events, "--any-size").stdout


def test_levels_and_what_comes_next_are_shown(
    theirs: str, partman: Partman, pg: Connection
) -> None:
    pg.execute("DROP TABLE events CASCADE; CREATE TABLE events (id bigserial,"
               " at timestamptz NOT NULL) PARTITION BY RANGE (at);"
               "CREATE TABLE events_default PARTITION OF events DEFAULT")  # fmt: skip
    today = datetime.now(UTC).date()
    for number in range(2):
        first, last = today + timedelta(number), today + timedelta(number + 1)
        pg.execute(
            f"CREATE TABLE day_{number} PARTITION OF events FOR VALUES"
            f" FROM ('{first} 00:00+00') TO ('{last} 00:00+00') PARTITION BY RANGE (id)"
        )
        for low in range(0, 60, 10):
            pg.execute(
                f"CREATE TABLE day_{number}_p{low} PARTITION OF day_{number}"
                f" FOR VALUES FROM ({low}) TO ({low + 10})"
            )
    pg.execute(
        "UPDATE theirs.part_config SET retention = NULL, premake = 1;"
        "DROP TABLE theirs.part_config_sub;"
        "CREATE TABLE theirs.part_config_sub AS SELECT 'public.events' AS sub_parent,"
        " 'id' AS sub_control, 'range' AS sub_partition_type,"
        " '10' AS sub_partition_interval, 4 AS sub_premake, NULL AS sub_retention"
    )
    shown = partman("migrate-from", "pg_partman", "--dry-run").stdout
    assert "  subpartition.partition_by        id\n" in shown
    assert "  subpartition.partition_interval  10\n" in shown
    assert shown.count("would adopt  ") == 12
    assert "    and 2 more, which --json names\n" in shown
    assert "would adopt 14 of 14 partitions" in shown
    assert "1 DEFAULT partition stays as it is" in shown
    done = partman("migrate-from", "pg_partman", "--yes").stdout
    assert "1 table is partman's now" in done
    assert "Next: `partman plan`" in done


def test_every_mistake_is_shown_where_settings_do_not_fit(
    theirs: str, partman: Partman, pg: Connection
) -> None:
    pg.execute(
        "UPDATE theirs.part_config SET control = 'missing', retention_schema = 'gone'"
    )
    shown = partman("migrate-from", "pg_partman", "--dry-run", code=3).stdout
    assert "events: left:" in shown
    assert "gone" in shown
    assert "missing" in shown
