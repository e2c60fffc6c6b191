"""What broke elsewhere and must work here: grids, names, zones, strangers, readers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from psycopg.sql import SQL, Identifier

from .helpers import (
    NOW,
    Clock,
    a_table,
    an_engine,
    children,
    daily,
    is_there,
    outcomes,
    relations,
    told,
    value,
)

if TYPE_CHECKING:
    Connection = psycopg.Connection[Any]

DAY = timedelta(days=1)

SPANS = """
SELECT (regexp_match(pg_get_expr(c.relpartbound, c.oid), $$FROM \\('([^']*)'$$))[1],
       (regexp_match(pg_get_expr(c.relpartbound, c.oid), $$TO \\('([^']*)'$$))[1]
  FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
 WHERE i.inhparent = 'events'::regclass ORDER BY 1"""


def spans(pg: Connection) -> list[tuple[datetime, datetime]]:
    """Return the bounds of the partitions of ``events``, in order."""
    pg.execute("SET TimeZone = 'UTC'")
    rows = pg.execute(SPANS).fetchall()
    return [tuple(map(datetime.fromisoformat, row)) for row in rows]


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


def test_a_table_without_tenants_gets_its_partitions(database, pg):
    a_table(
        pg,
        "delivery_attempts",
        "id varchar, created_at timestamptz, status varchar,"
        " PRIMARY KEY (id, created_at)",
        "RANGE (created_at)",
    )
    engine = an_engine(database, utc(2024, 1, 1))
    daily(engine, "delivery_attempts")
    assert engine.maintain().exit_code == 0
    assert list(children(pg, "delivery_attempts").values()) == [
        f"FOR VALUES FROM ('2024-01-0{day} 00:00:00+00')"
        f" TO ('2024-01-0{day + 1} 00:00:00+00')"
        for day in (1, 2, 3)
    ]


@pytest.mark.parametrize(
    ("interval", "first"),
    [("1 hour", "09:00"), ("12 hours", "00:00"), ("15 minutes", "09:30")],
)
def test_intervals_below_a_day_have_bounds_and_names_of_their_own(
    database, pg, interval, first
):
    a_table(pg)
    engine = an_engine(database, utc(2024, 1, 1, 9, 37))
    engine.register("events", partition_interval=interval, partition_count=3)
    assert engine.maintain().exit_code == 0
    found = spans(pg)
    assert len(found) == len(children(pg)) == 3
    assert found[0][0] == datetime.fromisoformat(f"2024-01-01 {first}+00:00")
    assert all(before[1] == after[0] for before, after in pairwise(found))


@pytest.mark.parametrize(
    "interval", ["1 week", "10 days", "36 hours", "1 month", "3 months", "1 year"]
)
def test_every_interval_stays_on_its_grid_from_day_to_day(database, pg, interval):
    """No overlap, no gap, and always as many ahead as are wanted."""
    a_table(pg)
    clock = Clock(utc(2024, 1, 2, 13, 37))
    engine = an_engine(database, clock)
    engine.register("events", partition_interval=interval, partition_count=3)
    for _ in range(30):
        assert engine.maintain().exit_code == 0
        found = spans(pg)
        assert all(before[1] == after[0] for before, after in pairwise(found))
        assert len([upper for _, upper in found if upper > clock.now]) == 3
        clock.now += DAY
    if interval == "1 week":
        assert {lower.isoweekday() for lower, _ in found} == {1}


def test_months_are_those_of_the_calendar(database, pg):
    a_table(pg)
    engine = an_engine(database, datetime(2026, 1, 31, 23, 59, 59, tzinfo=UTC))
    engine.register("events", partition_interval="1 month", partition_count=14)
    engine.maintain()
    found = spans(pg)
    assert [lower for lower, _ in found][:3] == [
        utc(2026, 1, 1), utc(2026, 2, 1), utc(2026, 3, 1)
    ]  # fmt: skip
    assert found[-1] == (utc(2027, 2, 1), utc(2027, 3, 1))


def test_names_that_would_be_the_same_are_told_apart(database, pg):
    a_table(pg, "first_one")
    a_table(pg, "second_one")
    engine = an_engine(database)
    for each in ("first_one", "second_one"):
        daily(engine, each, name_template="p{suffix}")
    assert engine.maintain().exit_code == 0
    first, second = (set(children(pg, f"{each}_one")) for each in ("first", "second"))
    assert len(first) == len(second) == 3
    assert not first & second
    assert not engine.plan().operations


def test_a_partition_with_the_right_bounds_is_one_whatever_it_is_called(database, pg):
    a_table(pg)
    pg.execute(
        "CREATE TABLE whatever PARTITION OF events"
        " FOR VALUES FROM ('2026-11-24') TO ('2026-11-25')"
    )
    engine = an_engine(database)
    daily(engine, count=2)
    assert told(engine.maintain()) == [("create", "events_p20261125")]


@pytest.mark.parametrize(
    "long", ["customer_webhook_delivery_attempts_archive_of_last_year_only", "é" * 31]
)
def test_long_names_keep_what_tells_them_apart(database, pg, long):
    """PostgreSQL cuts names at 63 bytes, in silence."""
    quoted = Identifier(long).as_string(None)
    a_table(pg, quoted)
    engine = an_engine(database)
    daily(engine, quoted)
    assert engine.maintain().exit_code == 0
    names = list(children(pg, quoted))
    assert len(names) == 3
    assert all(len(name.encode()) <= 63 for name in names)
    assert not engine.plan().operations


@pytest.mark.parametrize(
    "names",
    [
        ("Sales", "Orders"),
        ("public", "order"),
        ("public", 'we"ird'),
        ("public", "naïve tbl"),
        ("a.b", "c.d; DROP TABLE secret; --"),
        ("public", "%s %(x)s {0} $partman$ \\ '"),
    ],
)
def test_any_identifier_goes_through_creation_and_retention(database, pg, names):
    schema, relation = map(Identifier, names)
    table = SQL("{}.{}").format(schema, relation)
    pg.execute(SQL("CREATE SCHEMA IF NOT EXISTS {}").format(schema))
    pg.execute("CREATE TABLE secret (id int)")
    pg.execute(
        SQL('CREATE TABLE {} ("Made at" timestamptz) PARTITION BY RANGE ("Made at")')
        .format(table)
    )  # fmt: skip
    clock = Clock()
    engine = an_engine(database, clock)
    written = table.as_string(None)
    engine.register(
        written,
        partition_by='"Made at"',
        partition_interval="1 day",
        partition_count=2,
        retention_period="1 day",
        default_partition=relation == Identifier("order"),
    )
    assert engine.maintain().exit_code == 0
    count = "SELECT count(*) FROM pg_inherits WHERE inhparent = %s::regclass"
    before = value(pg, count, written)
    assert before in {2, 3}
    clock.now += 3 * DAY
    report = engine.maintain(max_drops=9)
    assert report.exit_code == 0, report
    assert [kind for kind, _ in told(report)].count("drop") == 2
    assert is_there(pg, "secret")
    assert not engine.plan(max_drops=9).operations


def test_rows_in_default_are_found(database, pg):
    a_table(pg)
    engine = an_engine(database)
    daily(engine, default_partition=True)
    engine.maintain()
    assert "default-rows" not in {found.code for found in engine.check()[0].findings}
    pg.execute("INSERT INTO events VALUES ('1999-01-01')")
    assert "default-rows" in {found.code for found in engine.check()[0].findings}


def test_the_past_is_filled_from_start_on(database, pg):
    a_table(pg)
    engine = an_engine(database)
    daily(engine, count=1, start="2026-11-20 09:00")
    engine.maintain()
    assert [lower.day for lower, _ in spans(pg)] == [20, 21, 22, 23, 24]


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Kolkata"])
@pytest.mark.parametrize("kind", ["date", "timestamp", "timestamptz"])
def test_bounds_do_not_depend_on_the_sessions_zone(database, pg, kind, zone):
    name = pg.info.dbname
    pg.execute(
        SQL("ALTER DATABASE {} SET TimeZone = {}").format(Identifier(name), zone)
    )
    a_table(pg, columns=f"at {kind}")
    dsn = make_conninfo(database, options=f"-c TimeZone={zone}")
    for target in (dsn, lambda: psycopg.connect(dsn)):
        engine = an_engine(target)
        daily(engine, count=1)
        engine.maintain()
        pg.execute("SET TimeZone = 'UTC'")
        [(partition, bounds)] = children(pg).items()
        assert partition == "events_p20261124"
        zero = {"date": "", "timestamp": " 00:00:00"}.get(kind, " 00:00:00+00")
        assert bounds == (
            f"FOR VALUES FROM ('2026-11-24{zero}') TO ('2026-11-25{zero}')"
        )
        pg.execute(f"DROP TABLE {partition}")


def test_a_reader_idle_in_its_transaction_delays_no_creation(database, pg, other):
    """Nor do writers wait, before or after it."""
    a_table(pg)
    engine = an_engine(database)
    daily(engine, count=1)
    engine.maintain()
    reader, writer = other(autocommit=False), other(autocommit=False)
    reader.execute("SELECT count(*) FROM events")
    writer.execute("INSERT INTO events VALUES (%s)", [NOW])
    daily(engine, count=30, lock_patience="100 ms")
    assert engine.maintain().exit_code == 0
    assert len(children(pg)) == 30
    pg.execute("SET lock_timeout = '100ms'")
    pg.execute("INSERT INTO events VALUES (%s)", [NOW + DAY])
    writer.execute("INSERT INTO events VALUES (%s)", [NOW + DAY])
    writer.commit()
    reader.rollback()
    assert value(pg, "SELECT count(*) FROM events") == 3


def test_a_table_that_somebody_locks_is_blocked_and_the_others_are_served(
    database, pg, other
):
    a_table(pg)
    a_table(pg, "others")
    engine = an_engine(database)
    daily(engine, lock_patience="100 ms")
    daily(engine, "others")
    holder = other(autocommit=False)
    holder.execute("LOCK TABLE events IN ACCESS EXCLUSIVE MODE")
    report = engine.maintain()
    assert report.exit_code == 8
    assert len(children(pg, "others")) == 3
    holder.rollback()
    assert engine.maintain().exit_code == 0


def test_a_name_says_nothing_about_age(database, pg):
    """Only the bounds do."""
    a_table(pg)
    pg.execute(
        "CREATE TABLE events_p20200101 PARTITION OF events"
        " FOR VALUES FROM ('2026-11-24') TO ('2026-11-25')"
    )
    pg.execute(
        "CREATE TABLE events_p20991231 PARTITION OF events"
        " FOR VALUES FROM ('2020-01-01') TO ('2020-01-02')"
    )
    engine = an_engine(database)
    daily(engine, retention_period="1 day")
    engine.import_existing_partitions("events", confirm=True)
    report = engine.maintain()
    assert ("drop", "events_p20991231") in told(report)
    assert "events_p20200101" in children(pg)


def test_what_merely_looks_like_a_partition_is_left_alone(database, pg):
    """Tables by like names, and partitions of a table with a longer name."""
    a_table(pg)
    a_table(pg, "events_archive")
    pg.execute("CREATE TABLE events_p20200101 (at timestamptz)")
    pg.execute("CREATE TABLE events_backup_p20200101 (at timestamptz)")
    clock = Clock(NOW - 9 * DAY)
    engine = an_engine(database, clock)
    daily(engine, count=2, retention_period="1 day")
    daily(engine, "events_archive", count=2, retention_period="3650 days")
    engine.maintain()
    clock.now = NOW
    assert engine.maintain(max_drops=9).exit_code == 0
    assert len(children(pg)) == 2
    assert len(children(pg, "events_archive")) == 4
    assert {"events_p20200101", "events_backup_p20200101"} <= relations(pg)


def test_the_same_names_in_two_schemas_are_both_swept(database, pg):
    pg.execute("CREATE SCHEMA elsewhere")
    clock = Clock(NOW - 9 * DAY)
    engine = an_engine(database, clock)
    for each in ("public.events", "elsewhere.events"):
        a_table(pg, each)
        daily(engine, each, count=2, retention_period="1 day")
    engine.maintain()
    clock.now = NOW
    report = engine.maintain(max_drops=9)
    assert [kind for kind, _ in told(report)].count("drop") == 4
    for each in ("public.events", "elsewhere.events"):
        assert len(children(pg, each)) == 2


def test_nothing_is_kept_of_what_is_gone(database, pg):
    """Drop and record are one transaction; what others drop is forgotten."""
    clock = Clock(NOW - 9 * DAY)
    a_table(pg)
    engine = an_engine(database, clock)
    daily(engine, count=4, retention_period="1 day")
    engine.maintain()
    pg.execute("DROP TABLE events_p20261115")
    clock.now = NOW
    engine.maintain(max_drops=9)
    for table in ("managed_partitions", "detached_partitions"):
        query = f"SELECT count(*) FROM partman.{table}"
        assert value(pg, query) == (4 if table == "managed_partitions" else 0)


def test_default_and_oddly_named_partitions_are_no_noise(database, pg):
    a_table(pg)
    for sql in (
        "misc PARTITION OF events DEFAULT",
        "jubilee PARTITION OF events FOR VALUES FROM ('2026-11-24') TO ('2026-11-25')",
    ):
        pg.execute(f"CREATE TABLE {sql}")
    engine = an_engine(database)
    daily(engine, count=1, retention_period="1 day")
    report = engine.maintain()
    assert report.exit_code == 0
    assert outcomes(report) == []
    assert report.tables[0].findings == ()


def test_without_retention_everything_is_kept_for_ever(database, pg):
    a_table(pg)
    clock = Clock(NOW - 900 * DAY)
    engine = an_engine(database, clock)
    daily(engine)
    engine.maintain()
    clock.now = NOW
    engine.maintain()
    assert len(children(pg)) == 6


def test_one_call_of_each_operation_does_what_a_dry_run_says(database, pg):
    clock = Clock(NOW - 9 * DAY)
    a_table(pg)
    engine = an_engine(database, clock)
    daily(engine, count=5, retention_period="1 day")
    engine.maintain()
    clock.now = NOW
    planned = engine.plan(max_drops=9).operations
    report = engine.maintain(max_drops=9)
    assert told(report) == [(op.kind, op.name.relation) for op in planned]
    assert {op.kind for op in planned} == {"create", "detach", "drop"}
