"""Whose a partition is, and what became of those that partman made."""

from __future__ import annotations

from datetime import UTC, datetime

import psycopg
import pytest

from partman_core.bounds import parse
from partman_core.naming import Name
from partman_core.pg import catalog, registry
from partman_core.plan import Detach

from .flights import (
    APRIL,
    MARCH,
    MAY,
    NOW,
    SCHEMA,
    managed,
    names,
    oid_of,
    only,
    records,
)


def test_identity_follows_renames(conn, flights):
    conn.execute("CREATE SCHEMA elsewhere")
    conn.execute("ALTER TABLE march RENAME TO lent")
    conn.execute("ALTER TABLE april SET SCHEMA elsewhere")
    conn.execute("ALTER TABLE flights RENAME TO journeys")
    conn.execute("ALTER TABLE journeys SET SCHEMA elsewhere")
    conn.execute("ALTER SCHEMA elsewhere RENAME TO there")
    tree = catalog.trees(conn, SCHEMA)[flights]
    assert tree.name == Name("there", "journeys")
    assert {p.name for p in tree.partitions} == {
        Name("public", "lent"),
        Name("there", "april"),
    }
    assert all(p.ours for p in tree.partitions)


def test_a_namesake_is_not_ours(conn, flights):
    conn.execute("DROP TABLE march")
    conn.execute(f"CREATE TABLE march PARTITION OF flights {MARCH}")
    ours = {p.name.relation: p.ours for p in only(conn, flights).partitions}
    assert ours == {"march": False, "april": True}


def test_with_other_bounds_or_another_parent_it_is_not_ours(conn, flights):
    conn.execute("ALTER TABLE flights DETACH PARTITION march")
    conn.execute(f"ALTER TABLE flights ATTACH PARTITION march {MAY}")
    conn.execute("ALTER TABLE flights DETACH PARTITION april")
    conn.execute("CREATE TABLE trips (at timestamptz NOT NULL) PARTITION BY RANGE (at)")
    conn.execute(f"ALTER TABLE trips ATTACH PARTITION april {APRIL}")
    assert [p.ours for p in only(conn, flights).partitions] == [False]
    assert [p.ours for p in only(conn, oid_of(conn, "trips")).partitions] == [False]


def test_the_order_of_a_list_does_not_matter_for_whose_it_is(conn):
    registry.ensure(conn, SCHEMA)
    conn.execute("CREATE TABLE l (k int) PARTITION BY LIST (k)")
    conn.execute("CREATE TABLE l1 PARTITION OF l FOR VALUES IN (1, 2)")
    oid = managed(conn, "l", {"l1": "FOR VALUES IN ('2', '1')"})
    assert only(conn, oid).partitions[0].ours


def test_a_hold_is_shown_and_may_be_for_ever(conn, flights):
    conn.execute(
        "UPDATE partman.managed_partitions SET hold_until = 'infinity',"
        " hold_reason = 'audit' WHERE relation = 'march'::regclass"
    )
    march, april = only(conn, flights).partitions
    assert march.hold_until == datetime(9999, 12, 31, tzinfo=UTC)
    assert (march.hold_reason, april.hold_until) == ("audit", None)


def test_what_was_built_and_not_attached_is_shown_apart(conn, flights):
    conn.execute("CREATE TABLE may (LIKE flights)")
    conn.execute(records(7).built([Name("public", "may")], flights, [MAY]))
    tree = only(conn, flights)
    assert names(tree.partitions) == ["march", "april"]
    (built,) = tree.built
    assert (built.name.relation, built.bounds) == ("may", parse(MAY))
    assert built.ours
    assert built.created_at == NOW
    conn.execute(f"ALTER TABLE flights ATTACH PARTITION may {MAY}")
    conn.execute(records(7).attached([Name("public", "may")]))
    tree = only(conn, flights)
    assert (names(tree.partitions), tree.built) == (["march", "april", "may"], ())
    assert all(p.ours for p in tree.partitions)


def retire(conn, flights, **changes):
    march = only(conn, flights).partitions[0]
    detach = Detach(
        **{
            "table": Name("public", "flights"),
            "partition": march,
            "reason": "it is over",
            "action": "drop",
            "concurrently": False,
            "due": NOW,
            **changes,
        }
    )
    conn.execute(records(7).retiring([detach], flights, [MARCH]))


def test_the_bin_shows_an_intent_and_then_what_was_detached(conn, flights):
    retire(conn, flights, action="move", target_schema="attic", due=None)
    tree = only(conn, flights)
    (retired,) = tree.bin
    assert retired.attached
    assert (retired.action, retired.target_schema) == ("move", "attic")
    assert (retired.bounds, retired.retired_at) == (parse(MARCH), NOW)
    assert "IS NOT NULL" in retired.bound_check
    assert names(tree.partitions) == ["march", "april"]
    conn.execute("ALTER TABLE flights DETACH PARTITION march")
    tree = only(conn, flights)
    assert [(r.name.relation, r.attached) for r in tree.bin] == [("march", False)]
    assert names(tree.partitions) == ["april"]


def test_the_bin_forgets_what_somebody_uses_again(conn, flights):
    retire(conn, flights)
    conn.execute("ALTER TABLE flights DETACH PARTITION march")
    conn.execute(f"ALTER TABLE flights ATTACH PARTITION march {MAY}")
    assert only(conn, flights).bin == ()
    conn.execute("ALTER TABLE flights DETACH PARTITION march")
    assert names(only(conn, flights).bin) == ["march"]
    conn.execute("CREATE TABLE trips (at timestamptz NOT NULL) PARTITION BY RANGE (at)")
    conn.execute(f"ALTER TABLE trips ATTACH PARTITION march {MARCH}")
    assert only(conn, flights).bin == ()
    conn.execute("DROP TABLE march")
    assert only(conn, flights).bin == ()


def test_a_half_detached_partition_is_not_forgotten(conn, other, flights):
    reader = other(autocommit=False)
    reader.execute("SELECT * FROM flights")
    cut = other(options="-c statement_timeout=100ms")
    with pytest.raises(psycopg.errors.QueryCanceled):
        cut.execute("ALTER TABLE flights DETACH PARTITION march CONCURRENTLY")
    pending = {p.name.relation: p.pending for p in only(conn, flights).partitions}
    assert pending == {"march": True, "april": False}
