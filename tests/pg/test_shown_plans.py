"""What a declaration shows is what maintenance then does, whoever is asked for it."""

from __future__ import annotations

import pytest

import partman_listhash
from partman_core import hookimpl

from .helpers import TODAY, a_table, an_engine, daily

COLUMNS = "tenant text NOT NULL, at timestamptz NOT NULL"
TENANTS = {"tenant_column": "tenant", "partition_by": "at"}
QUERY = {"tenants_query": "SELECT id FROM customers"}


class Known:
    """Knows of a tenant."""

    @hookimpl
    def partman_tenants(self):
        return ["hooked"]


@pytest.fixture
def engine(database, pg, clock):
    """Return an engine, with a table of tenants that a question and a plugin know."""
    a_table(pg, columns=COLUMNS, key="LIST (tenant)")
    pg.execute("CREATE TABLE customers (id text)")
    pg.execute("INSERT INTO customers VALUES ('asked'), ('o''brien')")
    return an_engine(database, clock, plugins=[Known()])


def new(plan):
    """Return the names of what is created."""
    return {op.name.relation for op in plan.operations if op.kind == "create"}


ALL = {"events_pasked", "events_po_brien", "events_phooked"}


@pytest.mark.parametrize("dry_run", [True, False])
def test_registering_asks_for_tenants_as_maintenance_does(engine, dry_run):
    settings = {"partition_interval": "1 day", **TENANTS, **QUERY}
    shown = engine.register("events", dry_run=dry_run, **settings).plan
    assert new(shown) == ALL
    engine.register("events", **settings)
    assert engine.plan().hash == shown.hash


def test_a_settings_file_asks_for_them_as_well(engine, tmp_path):
    path = tmp_path / "partman.toml"
    path.write_text(
        '[[tables]]\nname = "events"\npartition_interval = "1 day"\n'
        'tenant_column = "tenant"\npartition_by = "at"\n'
        'tenants_query = "SELECT id FROM customers"\n'
    )
    [shown] = engine.sync(path, dry_run=True).registrations
    assert new(shown.plan) == ALL
    [done] = engine.sync(path).registrations
    assert engine.plan().hash == done.plan.hash == shown.plan.hash


def test_adding_and_removing_a_tenant_asks_for_the_others(engine):
    daily(engine, **TENANTS, **QUERY)
    shown = engine.register_tenant("events", "acme", dry_run=True).plan
    assert new(shown) == {*ALL, "events_pacme"}
    assert engine.register_tenant("events", "acme").plan.hash == shown.hash
    assert engine.plan().hash == shown.hash
    shown = engine.remove_tenants("events", ["acme"]).plan
    assert new(shown) == ALL
    assert engine.plan().hash == shown.hash


def test_a_question_that_fails_is_told_where_the_plan_is_shown(engine, pg):
    daily(engine, **TENANTS, **QUERY)
    pg.execute("DROP TABLE customers")
    shown = engine.register_tenant("events", "acme").plan
    assert new(shown) == {"events_phooked", "events_pacme"}
    assert "tenants-query" in {found.code for found in shown.findings}


def test_values_that_wait_in_default_are_looked_for(database, pg, clock):
    a_table(pg, columns="kind text", key="LIST (kind)")
    pg.execute("CREATE TABLE rest PARTITION OF events DEFAULT")
    pg.execute("INSERT INTO events VALUES ('new')")
    engine = an_engine(database, clock, plugins=[partman_listhash])
    shown = engine.register("events", partition_type="list", values="found").plan
    assert shown.findings == engine.plan().findings
    assert any("'new'" in found.message for found in shown.findings)


def test_a_name_that_is_taken_is_not_shown(database, pg, clock):
    a_table(pg)
    pg.execute(f"CREATE TABLE {TODAY} ()")
    engine = an_engine(database, clock)
    shown = engine.register("events", partition_interval="1 day").plan
    assert TODAY not in new(shown)
    assert new(shown) == new(engine.plan())
