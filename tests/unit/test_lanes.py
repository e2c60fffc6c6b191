"""Lanes: each tenant's part of a shared level is planned for itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from partman_core.bounds import ListBounds, RangeBounds
from partman_core.interval import Interval
from partman_core.keys import CODECS, Column, Key
from partman_core.model import Partition, Table, Tree
from partman_core.naming import Name
from partman_core.plan import Create, Detach
from partman_core.planner import as_it_is, plan_table
from partman_core.planner.lanes import lanes, of_tenant
from partman_plugins.retention import Retention
from partman_plugins.tenant import Lists, Tenant

NOW = datetime(2026, 11, 24, 15, 40, tzinfo=UTC)
DAY = Interval.parse("1 day")
CODEC = CODECS[0]
BOTH = Key(
    "range",
    (
        Column("tenant", "text", collation="C"),
        Column("at", "timestamp with time zone"),
    ),
)
NAME = Name("public", "events")
TENANTS = st.sets(st.text(min_size=1, max_size=8).filter(lambda t: "\0" not in t),
                  min_size=1, max_size=6)  # fmt: skip


def a_table(**more):
    strategy = Tenant(partition_interval=DAY, partition_count=3, tenant_column="tenant")
    return Table(name=NAME, strategy=strategy, **more)


def a_tree(tenants, partitions=()):
    return Tree(
        oid=1, name=NAME, key=BOTH, owner="me", tenants=tuple(sorted(tenants)),
        partitions=tuple(partitions),
    )  # fmt: skip


def applied(tree, plan):
    """Return a tree after a plan: what is created is there and ours."""
    gone = {op.partition.oid for op in plan.operations if isinstance(op, Detach)}
    made = [op for op in plan.operations if isinstance(op, Create)]
    kept = [p for p in tree.partitions if p.oid not in gone]
    first = max([100, *(p.oid for p in kept)]) + 1
    new = [
        Partition(oid=first + n, name=op.name, bounds=op.bounds, ours=True)
        for n, op in enumerate(made)
    ]
    return evolve(tree, partitions=(*kept, *new))


@given(TENANTS)
def test_each_tenant_gets_what_one_alone_would(tenants):
    """Law 3 for each, and whatever they are called."""
    plan = plan_table(a_table(), a_tree(tenants), CODEC, NOW)
    assert len(plan.operations) == 3 * len(tenants)
    for tenant in tenants:
        own = [op for op in plan.operations if op.tenant == tenant]
        assert [op.bounds.lower[0] for op in own] == [tenant] * 3
        edges = [(op.bounds.lower[1], op.bounds.upper[1]) for op in own]
        assert all(a[1] == b[0] for a, b in pairwise(edges))
    names = {op.name for op in plan.operations}
    assert len(names) == len(plan.operations)


@given(TENANTS, st.integers(0, 5))
def test_a_second_plan_is_empty(tenants, days):
    """Law 1, also when the days go by."""
    table, tree, now = a_table(), a_tree(tenants), NOW
    for _ in range(days + 1):
        tree = applied(tree, plan_table(table, tree, CODEC, now))
        assert plan_table(table, tree, CODEC, now).operations == ()
        now += timedelta(hours=25)


@given(TENANTS)
def test_what_is_a_tenants_own_is_another_for_nobody_else(tenants):
    first = min(tenants)
    own = {first: {"partition_count": 5, "retention_period": Interval.parse("1 hour")}}
    sections = {"retention": Retention(retention_period=Interval.parse("30 days"))}
    table = a_table(overrides=own, sections=sections)
    plan = plan_table(table, a_tree(tenants), CODEC, NOW)
    counts = {t: sum(op.tenant == t for op in plan.operations) for t in tenants}
    assert counts == {t: 5 if t == first else 3 for t in tenants}
    kept = of_tenant(table, first).section(Retention).retention_period
    assert kept == Interval.parse("1 hour")
    others = of_tenant(table, "nobody at all")
    assert others is table


def test_what_spans_tenants_is_in_no_lane_and_told():
    wide = Partition(
        oid=9, name=Name("public", "wide"),
        bounds=RangeBounds(("a", "2026-01-01"), ("m", "2026-01-01")),
    )  # fmt: skip
    tree = a_tree({"b"}, [wide])
    seen = as_it_is(a_table(), tree, CODEC, NOW)
    [lane] = lanes(seen)
    assert (lane.tenant, lane.level.existing) == ("b", ())
    plan = plan_table(a_table(), tree, CODEC, NOW)
    assert "spans-tenants" in {found.code for found in plan.findings}


def test_a_list_of_several_tenants_is_nobodys_alone():
    key = Key("list", BOTH.columns[:1])
    assert Lists().lane(key, ListBounds(("a", "b"))) is None
    assert Lists().lane(key, ListBounds((None,))) is None
    assert Lists().lane(key, ListBounds(("a",))) == ("a", ListBounds(("a",)))
