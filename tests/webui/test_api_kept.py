"""The bin, the way out of it, and holds."""

from __future__ import annotations

from datetime import timedelta

import pytest

from .calling import (
    ALL,
    EVENTS,
    NOW,
    a_client,
    applied,
    over,
    planned,
    table,
    with_events,
)

OLD = "public.events_p20261120"
HOLDS = "/api/v1/holds"


@pytest.fixture
def client(database, pg):
    """A client of a table whose partitions wait for a week in the bin."""
    engine, _ = with_events(database, pg, grace_period="7 days")
    return a_client(engine, *ALL)


def test_what_retention_took_out_is_in_the_bin(client):
    assert client.get("/api/v1/bin") == {"items": []}
    applied(client)
    found = client.get("/api/v1/bin")["items"]
    assert [one["name"][-8:] for one in found] == ["20261120", "20261121"]
    assert found[0]["table"] == EVENTS
    assert found[0]["due"] == (NOW + timedelta(days=7)).isoformat()
    assert (found[0]["rows"], found[0]["action"]) == (24, "drop")
    assert client.get("/api/v1/bin", table="public.other") == {"items": []}


def test_a_partition_comes_back_from_the_bin_in_a_run(client, pg):
    applied(client)
    body = {"partition": OLD}
    begun = client.post("/api/v1/bin/attach", body, 202)
    done = over(client, begun["id"])
    assert (done["command"], done["result"]) == ("attach", "done")
    assert done["actor"] == client.get("/api/v1/me")["actor"]
    assert pg.execute("SELECT count(*) FROM events").fetchone() == (85,)
    assert len(client.get("/api/v1/bin")["items"]) == 1
    (held,) = client.get(HOLDS)["items"]
    assert (held["partition"], held["until"], held["overdue"]) == (OLD, None, True)


def test_what_is_not_in_the_bin_cannot_come_back(client):
    for name in (OLD, "public.nowhere"):
        told = client.refused(404, "POST", "/api/v1/bin/attach", {"partition": name})
        assert told["code"] == "partition-unknown"
    client.refused(422, "POST", "/api/v1/bin/attach", {"partition": 'a"b'})


def test_a_partition_on_hold_is_not_retired(client):
    until = (NOW + timedelta(days=3)).isoformat()
    body = {"partition": OLD, "reason": "audit", "until": until}
    found = client.post(HOLDS, body)
    assert found["items"] == [
        {
            "partition": OLD, "table": EVENTS, "until": until, "reason": "audit",
            "overdue": True,
        }
    ]  # fmt: skip
    plan, _ = planned(client)
    assert OLD not in {one["name"] for one in plan["tables"][0]["operations"]}
    row = client.get(table(rest="/partitions"))["items"][0]
    assert (row["hold_reason"], row["hold_until"]) == ("audit", until)
    assert client.get("/api/v1/actions")["items"][0]["action"] == "hold"


def test_a_hold_is_let_go(client):
    client.post(HOLDS, {"partition": OLD, "reason": "audit"})
    found = client("DELETE", HOLDS, partition=OLD)
    assert (found.status, found.json) == (200, {"items": []})
    plan, _ = planned(client)
    assert OLD in {one["name"] for one in plan["tables"][0]["operations"]}


@pytest.mark.parametrize(
    ("status", "wrong"),
    [
        (404, {"partition": "public.nowhere", "reason": "x"}),
        (422, {"partition": OLD, "reason": "  "}),
        (422, {"partition": OLD, "reason": "x", "until": "2020-01-01T00:00:00Z"}),
        (422, {"partition": OLD, "reason": "x", "until": "soon"}),
        (422, {"partition": OLD}),
        (422, {"partition": "", "reason": "x"}),
    ],
)
def test_a_hold_that_cannot_be_is_refused(client, status, wrong):
    client.refused(status, "POST", HOLDS, wrong)
    assert client.get(HOLDS) == {"items": []}


def test_a_hold_on_nothing_cannot_be_let_go(client):
    client.refused(404, "DELETE", HOLDS, partition="public.nowhere")
    client.refused(422, "DELETE", HOLDS)


def test_keeping_needs_the_word_to_apply(database, pg):
    engine, _ = with_events(database, pg)
    client = a_client(engine)
    client.refused(403, "POST", HOLDS, {"partition": OLD, "reason": "x"})
    client.refused(403, "DELETE", HOLDS, partition=OLD)
    client.refused(403, "POST", "/api/v1/bin/attach", {"partition": OLD})
