"""Axes of numbers inside of other levels, and below tenants."""

from __future__ import annotations

from .helpers import DAY, a_table, an_engine, children, told, value
from .numbered import codes, position

BY_ID = {
    "partition_type": "range",
    "partition_by": "id",
    "partition_interval": 100,
    "partition_count": 2,
}
ROW = "INSERT INTO events (id, at) VALUES (%s, %s)"


def in_days(database, pg, clock, identity, **more):
    """Return an engine for which events is partitioned by days, and these by ids."""
    a_table(pg, columns=f"id {identity}, at timestamptz NOT NULL")
    engine = an_engine(database, clock)
    settings = {key: more.pop(key) for key in [*more] if key == "start"}
    engine.register(
        "events",
        partition_interval="1 day",
        partition_count=2,
        subpartition={**BY_ID, **settings},
        **more,
    )
    engine.maintain()
    return engine


def test_ids_inside_of_days_follow_the_sequence(database, pg, clock):
    engine = in_days(database, pg, clock, "bigserial")
    row = "INSERT INTO events (at) SELECT %s FROM generate_series(1, %s)"
    pg.execute(row, [clock.now, 150])
    assert position(engine) == 150
    engine.maintain()
    pg.execute(row, [clock.now, 100])
    pg.execute(row, [clock.now + DAY, 49])
    assert not codes(engine)


def test_ids_inside_of_days_follow_the_rows(database, pg, clock):
    engine = in_days(database, pg, clock, "bigint", start=0)
    pg.execute(ROW, [199, clock.now])
    pg.execute(ROW, [120, clock.now + DAY])
    assert position(engine) == 199
    engine.maintain()
    pg.execute(ROW, [299, clock.now])
    pg.execute(ROW, [299, clock.now + DAY])
    assert codes(engine) == {"position-doubtful"}


def test_days_are_retired_whatever_is_known_of_ids(database, pg, clock):
    engine = in_days(
        database, pg, clock, "bigint", start=0, retention_period="1 day", max_drops=9
    )
    pg.execute(ROW, [50, clock.now])
    clock.now += 3 * DAY
    engine.maintain()
    assert min(children(pg)) == "events_p20261127"
    assert not engine.plan().operations


def test_ids_in_the_lanes_of_tenants_follow_the_sequence(database, pg):
    columns = "tenant text, id bigserial, PRIMARY KEY (tenant, id)"
    a_table(pg, columns=columns, key="RANGE (tenant, id)")
    engine = an_engine(database)
    engine.register(
        "events",
        partition_type="tenant",
        tenant_column="tenant",
        partition_interval=100,
        partition_count=2,
    )
    engine.register_tenant("events", "acme")
    assert len(told(engine.maintain())) == 2
    query = "INSERT INTO events SELECT 'acme' FROM generate_series(1, 120)"
    pg.execute(query)
    assert position(engine) == 120
    assert len(told(engine.maintain())) == 1
    assert value(pg, "SELECT count(*) FROM events") == 120
    assert not engine.plan().operations
