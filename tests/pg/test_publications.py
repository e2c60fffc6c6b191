"""Published tables: what leaves a publication is named, what comes can be changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from .helpers import (
    DAY,
    NOW,
    OLD,
    OLDER,
    TODAY,
    a_table,
    an_engine,
    daily,
    told,
    value,
    with_history,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from partman_core import Engine
    from partman_core.plan import Finding

    Connection = psycopg.Connection[Any]

PUBLISHED = (
    "SELECT pubname::text FROM pg_publication_tables WHERE tablename = %s"
    " AND pubname <> 'unrelated' ORDER BY 1"
)

KEPT = {
    "detached": {"retention_action": "detach"},
    "moved": {"retention_action": "move", "retention_schema": "attic"},
    "in the bin": {"grace_period": "7 days"},
}

KINDS = {
    "the table": "FOR TABLE events",
    "the table, as the root": "FOR TABLE events WITH (publish_via_partition_root)",
    "what is above it": "FOR TABLE above",
    "its schema": "FOR TABLES IN SCHEMA public",
    "both schemas": "FOR TABLES IN SCHEMA public, attic",
    "all tables": "FOR ALL TABLES",
    "one partition too": f"FOR TABLE events, {OLD}",
}


def published(pg: Connection, engine: Engine, kind: str) -> None:
    """Publish what *kind* says, and something that has nothing to do with it."""
    pg.execute("CREATE TABLE beside (n int)")
    pg.execute("CREATE PUBLICATION unrelated FOR TABLE beside")
    if kind == "what is above it":
        pg.execute(
            "CREATE TABLE above (at timestamptz NOT NULL, note text)"
            " PARTITION BY RANGE (at)"
        )
        pg.execute("ALTER TABLE above ATTACH PARTITION events DEFAULT")
    pg.execute(f'CREATE PUBLICATION "The Feed" {KINDS[kind]}')
    assert engine.plan().operations


def of_publications(findings: Iterable[Finding]) -> list[Finding]:
    return [found for found in findings if found.code == "publication"]


@pytest.mark.parametrize("kept", KEPT)
@pytest.mark.parametrize("kind", KINDS)
def test_what_leaves_a_publication_and_stays_is_named_and_nothing_else(
    database, pg, clock, kind, kept
):
    """The proof is what is published afterwards."""
    pg.execute("CREATE SCHEMA attic")
    engine = with_history(database, pg, clock, **KEPT[kept])
    published(pg, engine, kind)
    plan = engine.plan()
    names = {
        name for found in of_publications(plan.findings)
        for name in found.data["partitions"]
    }  # fmt: skip
    report = engine.maintain()
    assert report.exit_code == 0, report
    assert ("detach", OLD) in told(report)
    gone = {
        f"public.{name}"
        for name in (OLDER, OLD)
        if not pg.execute(PUBLISHED, [name]).fetchall()
    }
    assert names == gone
    assert bool(gone) == (kind not in {"all tables", "both schemas"}) or (
        kind == "its schema" and kept != "moved"
    )
    shown = of_publications(report.tables[0].findings)
    assert shown == of_publications(plan.findings)
    for found in shown:
        pg.execute(found.hint.split("`")[1])
        assert pg.execute(PUBLISHED, [OLDER]).fetchall()
    assert not of_publications(engine.plan().findings)


def test_a_partition_that_leaves_two_publications_is_told_once(database, pg, clock):
    engine = with_history(database, pg, clock, retention_action="detach")
    pg.execute("CREATE PUBLICATION b FOR TABLE events")
    pg.execute('CREATE PUBLICATION "A" FOR TABLE events')
    plan = engine.plan()
    [found] = of_publications(plan.findings)
    assert found.severity == "info"
    assert plan.exit_code == 2
    assert 'leave the publications "A", b when they are detached' in found.message
    assert f'`ALTER PUBLICATION "A" ADD TABLE public.{OLDER}`' in found.hint
    engine.maintain()
    pg.execute(found.hint.split("`")[1])
    assert pg.execute(PUBLISHED, [OLDER]).fetchall() == [("A",)]


def test_what_is_dropped_at_once_leaves_no_publication_behind(database, pg, clock):
    engine = with_history(database, pg, clock)
    pg.execute("CREATE PUBLICATION feed FOR TABLE events")
    assert engine.plan().operations
    assert not engine.plan().findings
    assert not engine.maintain().tables[0].findings


def test_a_plan_is_the_same_whatever_publishes_its_table(database, pg, clock):
    """What is only told is no part of its hash."""
    engine = with_history(database, pg, clock, retention_action="detach")
    before = engine.plan().hash
    pg.execute("CREATE PUBLICATION feed FOR TABLE events")
    assert engine.plan().hash == before


# New partitions can be changed

IDENTITIES = {
    "primary key": "ALTER TABLE events ADD PRIMARY KEY (n, at)",
    "FULL": "ALTER TABLE events REPLICA IDENTITY FULL",
    "index": (
        "CREATE UNIQUE INDEX other ON events (at, n);"
        "CREATE UNIQUE INDEX chosen ON events (n, at);"
        "ALTER TABLE events REPLICA IDENTITY USING INDEX chosen"
    ),
}


@pytest.mark.parametrize("root", ["true", "false"])
@pytest.mark.parametrize("in_default", [False, True])
@pytest.mark.parametrize("identity", IDENTITIES)
def test_rows_of_a_published_table_can_be_changed_in_a_new_partition(
    database, pg, clock, identity, in_default, root
):
    a_table(pg, columns="at timestamptz NOT NULL, note text, n int NOT NULL")
    pg.execute(IDENTITIES[identity])
    pg.execute(
        "CREATE PUBLICATION feed FOR TABLE events"
        f" WITH (publish_via_partition_root = {root})"
    )
    engine = an_engine(database, clock)
    daily(engine, default_partition=in_default)
    for _ in range(2):
        engine.maintain()
        clock.now += DAY
    pg.execute("INSERT INTO events SELECT %s, 'a', g FROM generate_series(1, 3) g", [
        clock.now
    ])  # fmt: skip
    if root == "false":
        assert pg.execute(PUBLISHED, [f"events_p{clock.now:%Y%m%d}"]).fetchall()
    assert pg.execute("UPDATE events SET note = 'b' WHERE n < 3").rowcount == 2
    assert pg.execute("UPDATE events SET at = at + '1 day' WHERE n = 2").rowcount == 1
    assert pg.execute("DELETE FROM events WHERE note = 'b'").rowcount == 2
    told_of = [found for health in engine.check() for found in health.findings]
    assert not [each for each in told_of if each.code == "replica-identity"]


def identity_findings(engine: Engine) -> list[Finding]:
    [health] = engine.check()
    return [found for found in health.findings if found.code == "replica-identity"]


@pytest.mark.parametrize("identity", ["DEFAULT", "NOTHING"])
def test_a_published_table_without_replica_identity_is_told_of(
    database, pg, clock, identity
):
    """PostgreSQL tells only the one who changes a row."""
    a_table(pg)
    pg.execute(f"ALTER TABLE events REPLICA IDENTITY {identity}")
    engine = an_engine(database, clock)
    daily(engine)
    engine.maintain()
    assert not identity_findings(engine)
    pg.execute("CREATE PUBLICATION feed FOR ALL TABLES")
    pg.execute("INSERT INTO events VALUES (%s, 'a')", [NOW])
    with pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState):
        pg.execute("DELETE FROM events")
    [found] = identity_findings(engine)
    assert found.severity == "warning"
    assert "neither changed nor deleted in 3 partitions (" in found.message
    assert "every new one: public.events is published (feed)" in found.message
    assert "the same for each partition" in found.hint
    pg.execute(found.hint.split("`")[1])
    with pytest.raises(psycopg.errors.ObjectNotInPrerequisiteState):
        pg.execute("DELETE FROM events")
    [found] = identity_findings(engine)
    assert "every new one" not in found.message
    assert found.data["partitions"] == [
        f"public.{TODAY}", "public.events_p20261125", "public.events_p20261126"
    ]  # fmt: skip
    for name in found.data["partitions"]:
        pg.execute(f"ALTER TABLE {name} REPLICA IDENTITY FULL")
    assert not identity_findings(engine)
    assert pg.execute("DELETE FROM events").rowcount == 1
    clock.now += DAY
    engine.maintain()
    assert not identity_findings(engine)


def test_a_primary_key_mends_it_for_all_partitions_at_once(database, pg, clock):
    a_table(pg)
    engine = an_engine(database, clock)
    daily(engine)
    engine.maintain()
    pg.execute("CREATE PUBLICATION feed FOR TABLE events")
    [found] = identity_findings(engine)
    assert found.hint.endswith("give public.events a primary key")
    pg.execute("ALTER TABLE events ADD PRIMARY KEY (at)")
    assert not identity_findings(engine)


def test_who_publishes_inserts_only_needs_no_replica_identity(database, pg, clock):
    a_table(pg)
    pg.execute(
        "CREATE PUBLICATION feed FOR TABLE events WITH (publish = 'insert, truncate')"
    )
    engine = an_engine(database, clock)
    daily(engine)
    engine.maintain()
    assert not identity_findings(engine)
    pg.execute("INSERT INTO events VALUES (%s, 'a')", [NOW])
    assert value(
        pg, "WITH d AS (DELETE FROM events RETURNING 1) SELECT count(*) FROM d"
    )
