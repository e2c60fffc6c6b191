"""Plugins that are broken or missing stop what destroys, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import psycopg
from attrs import frozen

from partman_core import hookimpl
from partman_core.interval import Interval

from .helpers import (
    DAY,
    NOW,
    OLD,
    Archived,
    Clock,
    a_table,
    an_engine,
    by_table,
    children,
    daily,
    expiring,
    told,
)
from .tenants import Tenants

if TYPE_CHECKING:
    Connection = psycopg.Connection[Any]


def test_a_broken_plugin_stops_what_destroys_and_nothing_else(database, pg, expired):
    engine = an_engine(database, expired.now + DAY, plugins=["no_such_module"])
    report = engine.maintain()
    assert [kind for kind, _ in told(report)] == ["create"]
    [found] = [f for f in report.tables[0].findings if f.code == "plugin-broken"]
    assert "no_such_module" in found.message
    assert "--without" in found.hint
    assert report.exit_code == 3
    assert engine.check()[0].runway
    assert len(engine.partitions("events")) == 9
    without = an_engine(
        database, expired, plugins=["no_such_module"], without=["no_such_module"]
    )
    assert ("drop", OLD) in told(without.maintain(max_drops=9))


def test_a_plugin_that_fails_when_asked_stops_what_destroys(database, pg, expired):
    class Broken:
        @hookimpl
        def partman_retire(self):
            raise RuntimeError("the rules are gone")

    engine = an_engine(database, expired.now + DAY, plugins=[Broken()])
    report = engine.maintain()
    assert [kind for kind, _ in told(report)] == ["create"]
    assert "the rules are gone" in str(report)
    assert report.exit_code == 3


def test_a_plugin_that_is_missing_stops_what_destroys(database, pg, expired):
    """It had a say when the table was registered."""
    expiring(an_engine(database, expired, plugins=[Archived(pg)]))
    engine = an_engine(database, expired.now + DAY)
    report = engine.maintain()
    assert [kind for kind, _ in told(report)] == ["create"]
    [found] = [f for f in report.tables[0].findings if f.code == "plugin-missing"]
    assert "--without" in found.hint
    [name] = engine.managed_tables()[0].requires
    again = an_engine(database, expired, without=[name])
    assert ("drop", OLD) in told(again.maintain(max_drops=9))


def test_a_table_whose_strategy_is_missing_is_told_and_the_others_are_served(
    database, pg
):
    a_table(pg, columns="tenant text", key="LIST (tenant)")
    a_table(pg, "others")
    engine = an_engine(database, plugins=[Tenants("a")])
    engine.register("events", partition_type="per-tenant")
    daily(engine, "others", count=1)
    report = an_engine(database).maintain()
    tables = by_table(report)
    assert "per-tenant" in tables["events"].error
    assert tables["events"].exit_code == 4
    assert len(children(pg, "others")) == 1


def test_a_strategy_that_raises_costs_only_its_own_table(database, pg):
    @frozen(kw_only=True)
    class Silly:
        """Cannot count."""

        kind: ClassVar[str] = "silly"

        def problems(self, _key, _codec):
            return ()

        def wanted(self, level):
            if level.now > NOW:
                raise ZeroDivisionError("nobody can")
            return iter(())

    class Offer:
        @hookimpl
        def partman_strategies(self):
            return [Silly]

    a_table(pg)
    a_table(pg, "others")
    clock = Clock()
    engine = an_engine(database, clock, plugins=[Offer()])
    engine.register("events", partition_type="silly")
    daily(engine, "others", count=1)
    clock.now += DAY
    report = engine.maintain()
    tables = by_table(report)
    assert "nobody can" in tables["events"].error
    assert len(children(pg, "others")) == 1
    assert Interval.parse("1 day")
