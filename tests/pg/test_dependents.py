"""What others need of a partition is named, and never taken along."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from partman_core import hookimpl
from partman_core.pg.dependents import dependents

from .helpers import (
    DAY,
    OLD,
    OLDER,
    Archived,
    a_table,
    an_engine,
    children,
    outcomes,
    told,
    value,
    with_history,
)

if TYPE_CHECKING:
    from partman_core import Engine
    from partman_core.report import Outcome

    Connection = psycopg.Connection[Any]

LEANING = {
    "view": (
        f"CREATE VIEW leans AS SELECT note FROM {OLD}",
        "view public.leans",
        "DROP VIEW public.leans",
    ),
    "view of a view": (
        (
            f"CREATE VIEW leans AS SELECT note FROM {OLD};"
            "CREATE VIEW higher AS SELECT * FROM leans"
        ),
        "view public.leans",
        "DROP VIEW public.leans",
    ),
    "materialized view": (
        f'CREATE MATERIALIZED VIEW "It Leans" AS SELECT * FROM {OLD}',
        'materialized view public."It Leans"',
        'DROP MATERIALIZED VIEW public."It Leans"',
    ),
    "function": (
        (
            "CREATE FUNCTION leans() RETURNS bigint LANGUAGE sql"
            f" BEGIN ATOMIC SELECT count(*) FROM {OLD}; END"
        ),
        "function public.leans()",
        "DROP FUNCTION public.leans()",
    ),
    "rule": (
        (
            "CREATE TABLE inbox (note text); CREATE RULE leans AS ON INSERT TO inbox"
            f" DO ALSO INSERT INTO {OLD} (note) VALUES (NEW.note)"
        ),
        "rule leans on public.inbox",
        "DROP RULE leans on public.inbox",
    ),
    "policy": (
        (
            "CREATE TABLE inbox (note text); CREATE POLICY leans ON inbox"
            f" USING (EXISTS (SELECT FROM {OLD} o WHERE o.note = inbox.note))"
        ),
        "policy leans on public.inbox",
        "DROP POLICY leans on public.inbox",
    ),
    "row type": (
        f"CREATE TABLE inbox (n int, leans {OLD})",
        "table column public.inbox.leans",
        "drop the table column public.inbox.leans",
    ),
    "foreign key": (
        (
            f"ALTER TABLE {OLD} ADD UNIQUE (at);"
            f'CREATE TABLE inbox (at timestamptz CONSTRAINT "It leans" REFERENCES {OLD}'
            " (at))"
        ),
        'constraint "It leans" on public.inbox',
        'ALTER TABLE public.inbox DROP CONSTRAINT "It leans"',
    ),
    "foreign key of a partitioned table": (
        (
            f"ALTER TABLE {OLD} ADD UNIQUE (at);"
            "CREATE TABLE inbox (at timestamptz CONSTRAINT leans"
            f" REFERENCES {OLD} (at)) PARTITION BY RANGE (at);"
            "CREATE TABLE i1 PARTITION OF inbox DEFAULT"
        ),
        "constraint leans on public.inbox",
        "ALTER TABLE public.inbox DROP CONSTRAINT leans",
    ),
}


def refused(engine: Engine) -> Outcome:
    """Run; return why the one partition stays, as the other one goes."""
    report = engine.maintain()
    [out] = outcomes(report, "failed")
    assert (out.operation.kind, out.operation.name.relation) == ("detach", OLD)
    assert ("drop", OLD) in told(report, "skipped")
    assert ("drop", OLDER) in told(report)
    assert report.exit_code == out.exit_code == 3
    return out


@pytest.mark.parametrize("in_default", [False, True])
@pytest.mark.parametrize("kind", LEANING)
def test_what_needs_a_partition_keeps_it_in_its_table_and_is_named(
    database, pg, clock, kind, in_default
):
    making, named, way = LEANING[kind]
    engine = with_history(database, pg, clock, in_default=in_default)
    pg.execute(making)
    out = refused(engine)
    assert f"{named} depends on it" in out.message
    assert "CASCADE" in out.hint
    assert way in out.hint
    assert OLD in children(pg)
    assert value(pg, "SELECT count(*) FROM events WHERE at < '2026-11-23'") == 24
    assert value(pg, "SELECT count(*) FROM partman.detached_partitions") == 0


@pytest.mark.parametrize("kind", [kind for kind in LEANING if kind != "row type"])
def test_the_way_out_that_is_named_leads_out(database, pg, clock, kind):
    engine = with_history(database, pg, clock)
    pg.execute(LEANING[kind][0].partition(";CREATE VIEW higher")[0])
    assert LEANING[kind][2] in refused(engine).hint
    pg.execute(LEANING[kind][2])
    report = engine.maintain()
    assert told(report) == [("detach", OLD), ("drop", OLD)]


def test_what_postgresql_would_refuse_to_drop_is_what_is_found(database, pg, clock):
    """And nothing else: what goes with the table is no obstacle."""
    pg.execute("CREATE TABLE kinds (kind int PRIMARY KEY)")
    engine = with_history(database, pg, clock)
    pg.execute(
        f"ALTER TABLE {OLD} ADD PRIMARY KEY (at);"
        f"CREATE STATISTICS stats ON at, note FROM {OLD};"
        f"CREATE POLICY own ON {OLD} USING (note IN (SELECT note FROM {OLD}));"
        f"CREATE RULE own AS ON DELETE TO {OLD} DO INSTEAD NOTHING;"
        f"CREATE VIEW of_the_whole AS SELECT * FROM events;"
        "CREATE FUNCTION counted() RETURNS bigint LANGUAGE sql"
        " BEGIN ATOMIC SELECT count(*) FROM events; END;"
        f"CREATE FUNCTION quoted() RETURNS bigint LANGUAGE sql AS"
        f" 'SELECT count(*) FROM {OLD}';"
        f"CREATE PUBLICATION pieces FOR TABLE {OLD}"
    )
    report = engine.maintain()
    assert report.exit_code == 0, report
    assert ("drop", OLD) in told(report)


def test_several_dependents_are_counted(database, pg, clock):
    engine = with_history(database, pg, clock)
    for number in range(5):
        pg.execute(f"CREATE VIEW v{number} AS SELECT note FROM {OLD}")
    message = refused(engine).message
    assert (
        "public.v0, view public.v1, view public.v2 and 2 more depend on it" in message
    )


def test_what_needs_a_part_of_a_partition_is_found(conn):
    """A partition that is partitioned itself goes with all that is below it."""
    a_table(conn)
    conn.execute(
        f"CREATE TABLE {OLD} PARTITION OF events FOR VALUES FROM ('2026-11-22')"
        " TO ('2026-11-23') PARTITION BY LIST (note)"
    )
    conn.execute(f"CREATE TABLE below PARTITION OF {OLD} FOR VALUES IN ('x')")
    oid = value(conn, "SELECT %s::regclass::oid::bigint", OLD)
    assert not dependents(conn, [oid])
    conn.execute("CREATE VIEW leans AS SELECT at FROM below")
    [found] = dependents(conn, [oid])[oid]
    assert str(found) == "view public.leans"


def test_what_needs_a_partition_keeps_it_from_the_bin_as_well(database, pg, clock):
    """Its grace would end, and it could not be dropped."""
    engine = with_history(database, pg, clock, grace_period="7 days")
    pg.execute(f"CREATE VIEW leans AS SELECT note FROM {OLD}")
    report = engine.maintain()
    [out] = outcomes(report, "failed")
    assert "view public.leans" in out.message
    assert told(report) == [("detach", OLDER)]
    assert OLD in children(pg)


def test_what_came_to_need_a_table_in_the_bin_keeps_it_there(database, pg, clock):
    engine = with_history(database, pg, clock, grace_period="1 day")
    engine.maintain()
    pg.execute(f"CREATE VIEW leans AS SELECT note FROM {OLD}")
    clock.now += DAY
    report = engine.maintain()
    [out] = outcomes(report, "failed")
    assert (out.operation.kind, out.sqlstate) == ("drop", "2BP01")
    assert "leans" in out.message
    assert "CASCADE" in out.hint
    assert value(pg, "SELECT count(*) FROM leans") == 24


def test_no_hook_works_on_a_table_in_the_bin_that_something_needs(database, pg, clock):
    engine = with_history(database, pg, clock, grace_period="1 day")
    engine.maintain()
    pg.execute(f"CREATE VIEW leans AS SELECT note FROM {OLD}")
    clock.now += DAY
    plugin = Archived(pg)
    report = an_engine(database, clock, plugins=[plugin]).maintain()
    [out] = outcomes(report, "failed")
    assert (out.operation.kind, "view public.leans" in out.message) == ("drop", True)
    assert plugin.calls == [OLDER]


@pytest.mark.parametrize("action", ["detach", "move"])
def test_what_is_not_dropped_may_be_needed(database, pg, clock, action):
    more = {"retention_schema": "attic"} if action == "move" else {}
    pg.execute("CREATE SCHEMA attic")
    engine = with_history(database, pg, clock, retention_action=action, **more)
    pg.execute(f"CREATE VIEW leans AS SELECT note FROM {OLD}")
    report = engine.maintain()
    assert report.exit_code == 0, report
    assert OLD not in children(pg)
    assert value(pg, "SELECT count(*) FROM leans") == 24


def test_a_plugin_is_not_asked_about_a_drop_that_cannot_be(database, pg, clock):
    """Or it would archive the same partition again in every run."""
    with_history(database, pg, clock)
    pg.execute(f"CREATE VIEW leans AS SELECT note FROM {OLD}")
    plugin = Archived(pg)
    refused(an_engine(database, clock, plugins=[plugin]))
    assert plugin.calls == [OLDER]


def test_a_veto_leaves_dependents_out_of_it(database, pg, clock):
    """Each partition has one reason to stay."""

    class Auditor:
        @hookimpl
        def partman_pre_detach(self, partition):
            if partition.name.relation == OLD:
                raise RuntimeError("the auditors still read it")

    with_history(database, pg, clock)
    pg.execute(f"CREATE VIEW leans AS SELECT note FROM {OLD}")
    out = refused(an_engine(database, clock, plugins=[Auditor()]))
    assert "the auditors" in out.message
