"""What somebody else made becomes partman's: seen before anything of it is retired."""

from __future__ import annotations

import pytest

from .helpers import (
    NOW,
    TODAY,
    a_table,
    an_engine,
    children,
    daily,
    half_detached,
    told,
    value,
)


@pytest.fixture
def theirs(database, pg):
    """Make five partitions of other names, of which three are over, with rows."""
    a_table(pg)
    for day in range(20, 25):
        pg.execute(
            f"CREATE TABLE history_{day} PARTITION OF events"
            f" FOR VALUES FROM ('2026-11-{day}') TO ('2026-11-{day + 1}')"
        )
    pg.execute(
        "INSERT INTO events SELECT g, 'x' FROM generate_series("
        "'2026-11-20'::timestamptz, '2026-11-24 12:00', '1 hour') g"
    )
    pg.execute("ANALYZE events")
    engine = an_engine(database)
    daily(engine, retention_period="1 day")
    return engine


def names(partitions) -> list[str]:
    return [part.name.relation for part in partitions]


OVER = ["history_20", "history_21", "history_22"]


def test_what_is_over_is_the_backlog_and_stays_until_somebody_says_so(theirs, pg):
    adopted = theirs.import_existing_partitions("events")
    assert names(adopted.accepted) == ["history_23", "history_24"]
    assert names(adopted.backlog.partitions) == OVER
    assert adopted.backlog.rows == 72
    assert adopted.backlog.bytes > 0
    report = theirs.maintain(max_drops=100)
    assert not [kind for kind, _ in told(report) if kind in {"detach", "drop"}]
    [found] = [f for f in report.tables[0].findings if f.code == "foreign"]
    assert "3 partitions" in found.message
    assert "no longer kept (≈72 rows)" in found.message
    assert "`partman adopt public.events --yes`" in found.hint
    assert found.data["rows"] == 72
    assert value(pg, "SELECT count(*) FROM events") == 109


def test_who_has_seen_the_backlog_says_so_once_more(theirs, pg):
    theirs.import_existing_partitions("events")
    adopted = theirs.import_existing_partitions("events", confirm=True)
    assert names(adopted.accepted) == names(adopted.backlog.partitions) == OVER
    held = theirs.maintain()
    assert "max-drops" in {found.code for found in held.tables[0].findings}
    assert set(OVER) <= set(children(pg))
    theirs.maintain(max_drops=3)
    assert set(OVER).isdisjoint(children(pg))


def test_a_dry_run_shows_the_backlog_and_adopts_nothing(theirs):
    shown = theirs.import_existing_partitions("events", dry_run=True)
    assert names(shown.backlog.partitions) == OVER
    assert shown == theirs.import_existing_partitions("events", dry_run=True)


def test_the_backlog_is_seen_although_a_lock_hides_the_rest(theirs, other):
    """Retention plans nothing then; what would be retired afterwards counts."""
    other(autocommit=False).execute("LOCK TABLE history_24 IN ACCESS EXCLUSIVE MODE")
    adopted = theirs.import_existing_partitions("events")
    assert names(adopted.backlog.partitions) == OVER
    assert set(OVER).isdisjoint(names(adopted.accepted))


ODD = {
    "p_partial": "FROM ('2026-11-24 06:00') TO ('2026-11-25')",
    "p_long": "FROM ('2026-11-25') TO ('2026-11-28')",
    "p_across": "FROM ('2026-11-28 12:00') TO ('2026-11-29 12:00')",
    "p_open": "FROM (MINVALUE) TO ('2020-01-01')",
}


def test_each_that_is_left_has_its_reason_and_what_is_done_about_it(database, pg):
    a_table(pg)
    for name, bounds in ODD.items():
        pg.execute(f"CREATE TABLE {name} PARTITION OF events FOR VALUES {bounds}")
    pg.execute("CREATE TABLE rest PARTITION OF events DEFAULT")
    pg.execute(
        "CREATE TABLE deep PARTITION OF events FOR VALUES FROM ('2021-01-01') TO "
        "('2021-01-02') PARTITION BY RANGE (at)"
    )
    pg.execute(
        "CREATE EXTENSION file_fdw;"
        "CREATE SERVER files FOREIGN DATA WRAPPER file_fdw;"
        "CREATE FOREIGN TABLE remote PARTITION OF events FOR VALUES"
        " FROM ('2022-01-01') TO ('2022-01-02') SERVER files"
        " OPTIONS (filename '/dev/null')"
    )
    engine = an_engine(database)
    daily(engine)
    left = {
        one.partition.name.relation: (one.why, one.remedy)
        for one in engine.import_existing_partitions("events").refused
    }
    assert set(left) == {*ODD, "rest", "deep", "remote"}
    assert "begin on the grid" in left["p_partial"][0]
    assert "spans several" in left["p_long"][0]
    assert "grid" in left["p_across"][0]
    for name in ("p_partial", "p_long", "p_across"):
        assert "`partman adopt public.events --any-size`" in left[name][1]
    assert "open at one end" in left["p_open"][0]
    assert "--any-size" not in left["p_open"][1]
    assert "DEFAULT" in left["rest"][0]
    assert "nothing has to be done" in left["rest"][1]
    assert "partitioned itself" in left["deep"][0]
    assert "foreign table" in left["remote"][0]
    assert "DETACH PARTITION public.remote" in left["remote"][1]


def test_a_half_detached_partition_is_left_with_the_statement_that_ends_it(
    database, pg, other
):
    a_table(pg)
    pg.execute(
        "CREATE TABLE half PARTITION OF events"
        " FOR VALUES FROM ('2026-11-21') TO ('2026-11-22')"
    )
    half_detached(pg, other, "half")
    engine = an_engine(database)
    daily(engine)
    [left] = engine.import_existing_partitions("events").refused
    assert "half-detached" in left.why
    statement = left.remedy.split("`")[1]
    pg.execute(statement)
    assert children(pg) == {}


def test_any_size_takes_what_has_two_ends_and_retires_it_by_its_upper_bound(
    database, pg
):
    a_table(pg)
    for name, bounds in ODD.items():
        pg.execute(f"CREATE TABLE {name} PARTITION OF events FOR VALUES {bounds}")
    engine, later = an_engine(database), NOW.replace(day=29)
    daily(engine, retention_period="1 day")
    adopted = engine.import_existing_partitions("events", any_size=True)
    assert names(adopted.accepted) == ["p_partial", "p_long", "p_across"]
    assert [one.partition.name.relation for one in adopted.refused] == ["p_open"]
    an_engine(database, later).maintain(max_drops=10)
    there = children(pg)
    assert "p_partial" not in there
    assert "p_long" not in there
    assert "p_across" in there  # it ended this noon
    assert "p_open" in there


def test_a_daily_table_becomes_hourly_from_the_next_free_boundary(database, pg):
    a_table(pg)
    engine = an_engine(database)
    daily(engine, count=2)
    engine.maintain()
    pg.execute("INSERT INTO events VALUES ('2026-11-24 12:00+00', 'x')")
    engine.register("events", partition_interval="1 hour", partition_count=40)
    assert engine.maintain().exit_code == 0
    bounds = sorted(children(pg).values())
    assert len(bounds) == 2 + 7
    assert bounds[1].endswith("TO ('2026-11-26 00:00:00+00')")
    assert bounds[2] == (
        "FOR VALUES FROM ('2026-11-26 00:00:00+00') TO ('2026-11-26 01:00:00+00')"
    )
    assert not engine.plan()
    later = an_engine(database, NOW.replace(day=28))
    later.register(
        "events",
        partition_interval="1 hour",
        partition_count=40,
        retention_period="1 day",
        confirm=True,
    )
    later.maintain(max_drops=100)
    assert TODAY not in children(pg)


@pytest.fixture
def listed(pg):
    """Make a list of tenants with days inside, by hand; the first days are over."""
    a_table(pg, columns="tenant text, at timestamptz NOT NULL", key="LIST (tenant)")
    for tenant in ("acme", "o'brien"):
        quoted, name = tenant.replace("'", "''"), tenant.replace("'", "_")
        pg.execute(
            f"CREATE TABLE {name} PARTITION OF events FOR VALUES IN ('{quoted}')"
            " PARTITION BY RANGE (at)"
        )
        for day in (20, 23, 24):
            pg.execute(
                f"CREATE TABLE {name}_{day} PARTITION OF {name}"
                f" FOR VALUES FROM ('2026-11-{day}') TO ('2026-11-{day + 1}')"
            )
            pg.execute(f"INSERT INTO events VALUES ('{quoted}', '2026-11-{day} 12:00')")
    pg.execute("ANALYZE events")


def test_what_is_inside_of_partitions_is_adopted_level_by_level(database, pg, listed):
    engine = an_engine(database)
    more = {"partition_by": "at", "tenant_column": "tenant"}
    daily(engine, retention_period="2 days", **more)
    adopted = engine.import_existing_partitions("events")
    assert set(names(adopted.accepted)) == {
        "acme", "acme_23", "acme_24", "o_brien", "o_brien_23", "o_brien_24",
    }  # fmt: skip
    assert set(names(adopted.backlog.partitions)) == {"acme_20", "o_brien_20"}
    assert adopted.refused == ()
    engine.register_tenants("events", ["acme", "o'brien"])
    assert engine.maintain().exit_code == 0
    assert value(pg, "SELECT count(*) FROM events") == 6
    for parent in ("acme", "o_brien"):
        assert len(children(pg, parent)) == 5
    engine.import_existing_partitions("events", confirm=True)
    engine.maintain(max_drops=5)
    assert value(pg, "SELECT count(*) FROM events") == 4
    assert engine.import_existing_partitions("events").accepted == ()
    assert not engine.plan()


def test_what_is_partitioned_by_something_else_below_is_left(database, pg):
    a_table(pg, columns="id bigint, at timestamptz NOT NULL")
    pg.execute(
        "CREATE TABLE deep PARTITION OF events FOR VALUES"
        " FROM ('2026-11-23') TO ('2026-11-24') PARTITION BY LIST (id)"
    )
    engine = an_engine(database)
    below = {"partition_type": "range", "partition_by": "id",
             "partition_interval": 1000}  # fmt: skip
    daily(engine, subpartition=below)
    [left] = engine.import_existing_partitions("events").refused
    assert left.why == (
        "it is partitioned by LIST (id), and the settings have RANGE (id) there"
    )
