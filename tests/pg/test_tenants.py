"""Tenants in their three layouts: each has its own partitions, by its own settings."""

from __future__ import annotations

import pytest

from partman_core.errors import ConfigError

from .helpers import DAY, NOW, a_table, an_engine, children, daily, told, value

COLUMNS = "tenant text NOT NULL, at timestamptz NOT NULL, n int"
SETTINGS = {"tenant_column": "tenant", "partition_by": "at"}
LAYOUTS = {
    "range of both": "RANGE (tenant, at)",
    "list, then range": "LIST (tenant)",
    "range, then list": "RANGE (at)",
}
ODD = [
    "acme", "ACME", "o'brien", 'say "hi"', "a/b\\c", "käse 🧀", "x" * 200, " ", "a, b",
    "a)b", "%s", "3f2b8c1e-0000-4000-8000-000000000001", "'; DROP TABLE events; --",
]  # fmt: skip


def tenanted(database, pg, clock, layout, tenants=("acme", "globex"), **more):
    """Return an engine with an events table of tenants."""
    a_table(pg, columns=COLUMNS, key=LAYOUTS[layout])
    engine = an_engine(database, clock)
    daily(engine, **SETTINGS, **more)
    engine.register_tenants("events", tenants)
    return engine


def insert(pg, tenant, at, n=1):
    pg.execute("INSERT INTO events VALUES (%s, %s, %s)", [tenant, at, n])


def home(pg, tenant):
    """Return in which partitions a tenant's rows are."""
    rows = pg.execute(
        "SELECT DISTINCT tableoid::regclass::text FROM events WHERE tenant = %s",
        [tenant],
    )
    return {name for (name,) in rows}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_each_tenant_has_partitions_of_its_own(database, pg, clock, layout):
    engine = tenanted(database, pg, clock, layout)
    report = engine.maintain()
    assert report.exit_code == 0, report
    for tenant in ("acme", "globex"):
        for days in range(3):
            insert(pg, tenant, NOW + days * DAY)
    assert len(home(pg, "acme")) == 3
    assert home(pg, "acme").isdisjoint(home(pg, "globex"))
    assert not engine.plan().operations


@pytest.mark.parametrize("layout", LAYOUTS)
def test_any_value_is_a_tenant(database, pg, clock, layout):
    engine = tenanted(database, pg, clock, layout, ODD)
    report = engine.maintain()
    assert report.exit_code == 0, report
    for tenant in ODD:
        insert(pg, tenant, NOW)
    homes = [home(pg, tenant) for tenant in ODD]
    assert [len(each) for each in homes] == [1] * len(ODD)
    assert len(set.union(*homes)) == len(ODD)
    assert not engine.plan().operations
    assert [one.tenant for one in engine.tenants("events")] == sorted(ODD)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_new_tenant_comes_in_the_next_run_and_others_are_left_alone(
    database, pg, clock, layout
):
    engine = tenanted(database, pg, clock, layout)
    engine.maintain()
    change = engine.register_tenant("events", "new")
    assert (change.added, change.changed) == (("new",), ())
    assert {op.tenant for op in change.plan.operations} == {"new"}
    report = engine.maintain()
    assert report.exit_code == 0, report
    insert(pg, "new", NOW)
    assert not engine.plan().operations


@pytest.mark.parametrize("layout", LAYOUTS)
def test_retention_can_be_a_tenants_own(database, pg, clock, layout):
    engine = tenanted(
        database, pg, clock, layout, start="2026-11-21", retention_period="30 days"
    )
    engine.register_tenant("events", "acme", retention_period="1 day", confirm=True)
    engine.maintain(max_drops=100)
    for tenant in ("acme", "globex"):
        for days in range(-1, 2):
            insert(pg, tenant, NOW + days * DAY)
    clock.now += DAY
    report = engine.maintain(max_drops=100)
    assert report.exit_code == 0, report
    assert value(pg, "SELECT count(*) FROM events WHERE tenant = 'globex'") == 3
    assert value(pg, "SELECT count(*) FROM events WHERE tenant = 'acme'") == 2
    assert not engine.plan().operations
    clock.now += 40 * DAY
    engine.maintain(max_drops=1000)
    engine.maintain(max_drops=1000)
    assert value(pg, "SELECT count(*) FROM events") == 0
    assert not engine.plan().operations


@pytest.mark.parametrize("layout", ["range of both", "list, then range"])
def test_interval_and_count_can_be_a_tenants_own(database, pg, clock, layout):
    engine = tenanted(database, pg, clock, layout, ["acme"])
    engine.register_tenant(
        "events", "hourly", partition_interval="1 hour", partition_count=5
    )
    engine.maintain()
    counts = {one.tenant: one.partitions for one in engine.tenants("events")}
    assert counts == {"acme": 3, "hourly": 5}


@pytest.mark.parametrize("own", [{"partition_interval": "1 hour"},
                                 {"partition_count": 5}])  # fmt: skip
def test_where_tenants_share_the_periods_only_retention_is_their_own(
    database, pg, clock, own
):
    engine = tenanted(database, pg, clock, "range, then list", [])
    with pytest.raises(ConfigError, match="share the periods") as caught:
        engine.register_tenant("events", "acme", **own)
    assert caught.value.exit_code == 4
    assert not engine.tenants("events")


def test_the_other_order_is_refused_with_both_named(database, pg, clock):
    a_table(pg, columns=COLUMNS, key="RANGE (at, tenant)")
    with pytest.raises(ConfigError) as caught:
        daily(an_engine(database, clock), **SETTINGS)
    assert "RANGE (at, tenant)" in str(caught.value)
    assert "RANGE (tenant, at)" in str(caught.value)


@pytest.mark.parametrize(
    ("kind", "values", "stored"),
    [
        ("int", ["7", "-1"], ["-1", "7"]),
        ("bigint", ["007"], ["7"]),
        (
            "uuid",
            ["3F2B8C1E-0000-4000-8000-000000000001"],
            ["3f2b8c1e-0000-4000-8000-000000000001"],
        ),
    ],
)
@pytest.mark.parametrize("key", ["RANGE (tenant, at)", "LIST (tenant)"])
def test_tenants_are_values_of_their_column(
    database, pg, clock, kind, values, stored, key
):
    a_table(pg, columns=COLUMNS.replace("text", kind), key=key)
    engine = an_engine(database, clock)
    daily(engine, **SETTINGS)
    engine.register_tenants("events", values)
    assert engine.maintain().exit_code == 0
    assert [one.tenant for one in engine.tenants("events")] == stored
    for tenant in values:
        insert(pg, tenant, NOW)
    assert not engine.plan().operations


def test_what_is_no_value_of_the_column_is_refused(database, pg, clock):
    a_table(pg, columns=COLUMNS.replace("text", "int"), key="LIST (tenant)")
    engine = an_engine(database, clock)
    daily(engine, **SETTINGS)
    with pytest.raises(ConfigError, match="invalid input syntax") as caught:
        engine.register_tenants("events", ["1", "acme"])
    assert caught.value.exit_code == 4
    assert not engine.tenants("events")


def test_tenants_are_found_by_a_question(database, pg, clock):
    pg.execute("CREATE TABLE customers (id text); INSERT INTO customers VALUES ('a')")
    engine = tenanted(
        database, pg, clock, "list, then range", [],
        tenants_query="SELECT id FROM customers",
    )  # fmt: skip
    engine.maintain()
    insert(pg, "a", NOW)
    pg.execute("INSERT INTO customers VALUES ('b')")
    engine.maintain()
    insert(pg, "b", NOW)
    pg.execute("DROP TABLE customers")
    engine.register_tenant("events", "c")
    report = engine.maintain()
    insert(pg, "c", NOW)
    codes = {found.code for table in report.tables for found in table.findings}
    assert "tenants-query" in codes


def test_a_tenant_that_is_removed_keeps_what_it_has(database, pg, clock):
    engine = tenanted(
        database, pg, clock, "range of both", start="2026-11-24",
        retention_period="1 day",
    )  # fmt: skip
    engine.maintain()
    insert(pg, "acme", NOW)
    before = children(pg)
    change = engine.remove_tenants("events", ["acme"])
    assert (change.removed, change.plan.operations) == (("acme",), ())
    assert engine.maintain().exit_code == 0
    assert children(pg) == before
    clock.now += 3 * DAY
    report = engine.maintain(max_drops=100)
    assert report.exit_code == 0, report
    assert not home(pg, "acme")
    made = [name for kind, name in told(report) if kind == "create"]
    assert made
    assert not any("acme" in name for name in made)


def test_a_range_of_several_tenants_is_told_and_left_alone(database, pg, clock):
    a_table(pg, columns=COLUMNS, key="RANGE (tenant, at)")
    pg.execute(
        "CREATE TABLE wide PARTITION OF events FOR VALUES"
        " FROM ('a', '2026-01-01') TO ('m', '2026-01-01')"
    )
    engine = an_engine(database, clock)
    daily(engine, **SETTINGS)
    engine.register_tenants("events", ["b", "z"])
    report = engine.maintain()
    insert(pg, "z", NOW)
    assert {operation.tenant for operation in report.of("failed")} == {"b"}
    found = {f.code for table in report.tables for f in table.findings}
    assert "spans-tenants" in found
    assert "wide" in children(pg)


@pytest.mark.parametrize("layout", ["range of both", "list, then range"])
def test_tenants_in_default_are_proposed_and_not_made(database, pg, clock, layout):
    engine = tenanted(database, pg, clock, layout, ["acme"], default_partition=True)
    engine.maintain()
    insert(pg, "stranger", NOW)
    before = children(pg)
    plan = engine.plan()
    [found] = [one for one in plan.findings if one.code == "tenants-in-default"]
    assert "'stranger'" in found.message
    assert plan.operations == ()
    engine.maintain()
    assert children(pg) == before


def test_one_failing_tenant_does_not_stop_the_others(database, pg, clock):
    engine = tenanted(database, pg, clock, "list, then range", ["acme", "globex"])
    pg.execute("CREATE TABLE wide PARTITION OF events FOR VALUES IN ('acme', 'more')")
    report = engine.maintain()
    insert(pg, "globex", NOW)
    assert {operation.tenant for operation in report.of("failed")} == {"acme"}
    assert {operation.tenant for operation in report.of("done")} == {"globex"}


def test_partitions_of_one_tenant_are_adopted_and_others_are_told(database, pg, clock):
    a_table(pg, columns=COLUMNS, key="RANGE (tenant, at)")
    for name, lower, upper in (
        ("fits", "'a', '2026-11-24Z'", "'a', '2026-11-25Z'"),
        ("long", "'b', '2026-11-01Z'", "'b', '2026-12-01Z'"),
        ("wide", "'c', '2026-11-24Z'", "'x', '2026-11-25Z'"),
    ):
        pg.execute(
            f"CREATE TABLE {name} PARTITION OF events"
            f" FOR VALUES FROM ({lower}) TO ({upper})"
        )
    engine = an_engine(database, clock)
    daily(engine, **SETTINGS)
    adopted = engine.import_existing_partitions("events")
    assert [one.name.relation for one in adopted.accepted] == ["fits"]
    engine.register_tenants("events", ["a", "b"])
    report = engine.maintain()
    assert report.exit_code in {0, 3}
    for tenant in ("a", "b"):
        for days in range(3):
            insert(pg, tenant, NOW + days * DAY)
    assert not engine.plan().operations


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_tenant_that_is_removed_gets_no_new_partitions(database, pg, clock, layout):
    engine = tenanted(database, pg, clock, layout)
    engine.maintain()
    insert(pg, "acme", NOW)
    engine.remove_tenants("events", ["acme"])
    clock.now += 2 * DAY
    assert engine.maintain().exit_code == 0
    insert(pg, "globex", clock.now + DAY)
    counts = {one.tenant: one.partitions for one in engine.tenants("events")}
    assert (counts["acme"], counts["globex"]) == (3, 5)
    assert home(pg, "acme")
    assert not engine.plan().operations


@pytest.mark.parametrize("layout", LAYOUTS)
def test_what_would_retire_more_of_a_tenant_needs_a_word(database, pg, clock, layout):
    """Removed, it is kept as long as the table has it; or it was known before."""
    pg.execute("CREATE TABLE known (id text); INSERT INTO known VALUES ('found')")
    engine = tenanted(
        database, pg, clock, layout, [], retention_period="30 days",
        tenants_query="SELECT id FROM known",
    )  # fmt: skip
    engine.register_tenant("events", "acme", retention_period="10 years")
    engine.maintain()
    with pytest.raises(ConfigError, match="keeps 30 days, and kept 10 years") as caught:
        engine.remove_tenants("events", ["acme"])
    assert caught.value.code == "needs-confirmation"
    with pytest.raises(ConfigError, match="keeps 1 day, and kept 30 days"):
        engine.register_tenant("events", "found", retention_period="1 day")
    names = {one.tenant: one.registered for one in engine.tenants("events")}
    assert names == {"acme": True, "found": False}
    assert engine.remove_tenants("events", ["acme"], confirm=True).removed == ("acme",)


def test_tenants_are_removed_by_any_spelling_of_their_value(database, pg, clock):
    a_table(pg, columns=COLUMNS.replace("text", "int"), key="LIST (tenant)")
    engine = an_engine(database, clock)
    daily(engine, **SETTINGS)
    engine.register_tenants("events", ["7"])
    assert engine.remove_tenants("events", ["007"]).removed == ("7",)


def test_a_tenant_without_a_name_is_a_tenant_as_well(database, pg, clock):
    engine = tenanted(database, pg, clock, "range of both", ["acme"])
    engine.register_tenant("events", "", partition_count=1)
    engine.maintain()
    counts = {one.tenant: one.partitions for one in engine.tenants("events")}
    assert counts == {"": 1, "acme": 3}
