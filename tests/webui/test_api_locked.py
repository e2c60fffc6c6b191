"""Every address answers while somebody else's DDL is open, and says what is not known.

The deadline is ten times what is aimed for: it is there for what hangs.
"""

from __future__ import annotations

import time

import pytest

from .calling import EVENTS, a_client, holding, table, with_events

GOAL = 1.0
"""Seconds."""

JANUARY = "FOR VALUES FROM ('2030-01-01') TO ('2030-02-01')"
DDL = {
    "drop": ["DROP TABLE events_p20261120"],
    "detach": ["ALTER TABLE events DETACH PARTITION events_p20261120"],
    "attach": [
        "CREATE TABLE later (LIKE events)",
        f"ALTER TABLE events ATTACH PARTITION later {JANUARY}",
    ],
    "create": [f"CREATE TABLE later PARTITION OF events {JANUARY}"],
    "lock": ["LOCK TABLE events IN ACCESS EXCLUSIVE MODE"],
}
ADDRESSES = (
    "/api/v1/tables",
    table(),
    table(rest="/partitions"),
    table(rest="/days"),
    table(rest="/settings"),
    "/api/v1/databases",
    "/api/v1/me",
    "/api/v1/plugins",
    "/api/v1/findings",
    "/api/v1/bin",
    "/api/v1/holds",
    "/api/v1/runs",
    "/api/v1/runs/1",
    "/api/v1/runs/1/events",
    "/api/v1/actions",
    "/api/tables",
)


@pytest.fixture(params=[True, False], ids=["with DEFAULT", "plain"])
def events(request, database, pg):
    engine, _ = with_events(database, pg, default_partition=request.param)
    return engine


@pytest.mark.parametrize("ddl", DDL)
@pytest.mark.parametrize("seen", [True, False], ids=["seen before", "never seen"])
def test_everything_answers_while_ddl_is_open(events, other, ddl, seen, monkeypatch):
    monkeypatch.setattr("partman_webui.reads.TTL", 0.0)  # nothing stays new
    client = a_client(events)
    if seen:
        for address in ADDRESSES:
            client.get(address)
    with holding(other(), *DDL[ddl]):
        for address in ADDRESSES:
            client = a_client(events) if not seen else client
            begun = time.monotonic()
            client.get(address)
            assert time.monotonic() - begun < 10 * GOAL, address
        begun = time.monotonic()
        client.get("/api/partitions", table="events")
        assert time.monotonic() - begun < 10 * GOAL


@pytest.mark.parametrize("ddl", ["drop", "detach", "create", "lock"])
def test_a_table_that_is_locked_says_so_and_keeps_its_bounds(events, other, ddl):
    with holding(other(), *DDL[ddl]):
        client = a_client(events)
        found = client.get(table())
        rows = client.get(table(rest="/partitions"))
    assert found["stale"]
    assert rows["stale"]
    assert all(one["bounds"] for one in rows["items"] if one["ours"])


def test_whether_a_locked_default_is_empty_is_not_known(database, pg, other):
    engine, _ = with_events(database, pg, default_partition=True)
    with holding(other(), "LOCK TABLE events_pdefault IN ACCESS EXCLUSIVE MODE"):
        found = a_client(engine).get(table())["default"]
    assert found["exists"]
    assert found["empty"] is None


def test_a_partition_that_is_locked_says_so(events, other):
    with holding(other(), "LOCK TABLE events_p20261121 IN ACCESS EXCLUSIVE MODE"):
        found = a_client(events).get(table(rest="/partitions"))
    stale = [one["name"] for one in found["items"] if one["stale"]]
    assert stale == ["public.events_p20261121"]


def test_a_plan_is_made_while_ddl_is_open(events, other):
    with holding(other(), *DDL["attach"]):
        found = a_client(events)("POST", table(rest="/plans"), {})
    assert found.status == 200
    assert found.json["tables"][0]["table"] == EVENTS


def test_our_own_tables_being_locked_is_a_busy_database(events, other):
    with holding(other(), "LOCK TABLE partman.partition_management"):
        told = a_client(events).refused(503, "GET", "/api/v1/tables")
    assert told["code"] == "db-busy"


def test_what_was_seen_before_is_shown_as_stale_when_nothing_can_be_read(
    events, other, monkeypatch
):
    monkeypatch.setattr("partman_webui.reads.TTL", 0.0)
    client = a_client(events)
    assert not client.get(table())["stale"]
    with holding(other(), "LOCK TABLE partman.partition_management"):
        for address in (table(), table(rest="/partitions"), "/api/v1/findings"):
            assert client.get(address)["stale"]
