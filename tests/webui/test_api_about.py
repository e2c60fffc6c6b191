"""Who asks, what there is, what was done; the document; answers sent once."""

from __future__ import annotations

import json

import pytest

from partman_webui import openapi

from .calling import (
    ALL,
    EVENTS,
    NOW,
    a_client,
    an_engine,
    applied,
    planned,
    table,
    with_events,
)


@pytest.fixture
def events(database, pg):
    engine, _ = with_events(database, pg)
    return engine


def test_the_document_is_the_one_that_is_committed():
    """If not: python -m partman_webui.openapi writes it."""
    assert openapi.FILE.read_text("utf-8") == openapi.text()


def test_the_document_is_answered(events):
    found = a_client(events).get("/api/v1/openapi.json")
    assert found == json.loads(openapi.text())
    assert found["openapi"] == "3.1.0"


def test_every_address_of_the_api_is_in_the_document(events):
    client = a_client(events)
    known = {
        (operation.method.upper(), operation.path) for operation in openapi.OPERATIONS
    }
    from partman_webui import api
    from partman_webui.login import routes as logins

    there = {
        (
            route.method,
            route.rule.replace("<id:table>", "{id}").replace("<n:int>", "{n}"),
        )
        for route in (
            *api.routes(client.app.app),
            *logins.routes(client.app.app, client.app.door),
        )
    }
    assert there == known


def test_who_asks_is_told_what_they_may_do(events):
    client = a_client(events, "apply")
    found = client.get("/api/v1/me")
    assert found["can"] == ["read", "plan", "apply"]
    assert found["server"].startswith("PostgreSQL ")
    assert found["database"] == "default"
    assert "apply" in found["features"]
    assert "drain" not in found["features"]


def test_several_databases_are_asked_by_their_names(events, server_dsn):
    client = a_client({"one": events, "two": an_engine(server_dsn)})
    found = client.get("/api/v1/databases")["items"]
    assert [one["name"] for one in found] == ["one", "two"]
    assert all(one["reachable"] for one in found)
    assert len(client.get("/api/v1/tables")["items"]) == 1
    assert client.get("/api/v1/tables", database="two")["items"] == []
    client.refused(404, "GET", table(), database="two")
    told = client.refused(404, "GET", "/api/v1/tables", database="three")
    assert told["code"] == "database-unknown"


def test_a_database_that_is_away_is_told_as_such_and_no_password_is(events):
    away = an_engine("host=127.0.0.1 port=1 user=ada password=tops3cret dbname=x")
    client = a_client({"here": events, "away": away})
    found = client.get("/api/v1/databases")["items"]
    assert [one["reachable"] for one in found] == [True, False]
    told = client.refused(503, "GET", "/api/v1/tables", database="away")
    assert told["code"] == "db-unreachable"
    assert "tops3cret" not in json.dumps([found, told])


def test_the_plugins_are_those_of_the_engine(events):
    found = a_client(events).get("/api/v1/plugins")["items"]
    assert [one["name"] for one in found] == [
        one.name for one in events.plugins.listed()
    ]


def test_what_is_the_same_is_not_sent_again(events):
    client = a_client(events)
    for address in ("/api/v1/tables", table(rest="/partitions"), "/api/tables"):
        tag = client("GET", address).headers["ETag"]
        assert tag.startswith('W/"')
        again = client("GET", address, headers={"If-None-Match": tag})
        assert (again.status, again.body) == (304, b"")


def test_long_answers_are_sent_packed(events):
    found = a_client(events)(
        "GET", table(rest="/partitions"), headers={"Accept-Encoding": "gzip"}
    )
    assert found.headers["Content-Encoding"] == "gzip"
    assert found.json["total"] == 6


def test_refusals_are_in_the_history_with_who_was_refused(events):
    client = a_client(events)
    _, seen = planned(client)
    client.refused(403, "POST", "/api/v1/runs", {"table": EVENTS, "hash": seen})
    client.app.app.recorder.settle()
    (found,) = client.get("/api/v1/actions")["items"]
    assert not found["allowed"]
    assert found["action"] == "POST /api/v1/runs"
    assert "not-allowed" in found["detail"]
    assert found["actor"]
    assert found["at"] == NOW.isoformat()


def test_actions_are_no_runs_and_no_success_of_maintenance(events):
    client = a_client(events, *ALL)
    applied(client)
    assert len(client.get("/api/v1/actions")["items"]) == 1
    assert [run.command for run in events.runs()] == ["apply", "maintain"]
    events.record_action(actor="a", method="token", action="x", allowed=True)
    assert events.look().last_run.command == "apply"


def test_actions_come_in_pages(events):
    for number in range(5):
        events.record_action(
            actor="a", method="token", action=f"x{number}", allowed=True
        )
    client = a_client(events)
    found = client.get("/api/v1/actions", limit=3)
    rest = client.get("/api/v1/actions", limit=3, cursor=found["next_cursor"])
    assert [one["action"] for one in found["items"] + rest["items"]] == [
        "x4", "x3", "x2", "x1", "x0",
    ]  # fmt: skip
    assert rest["next_cursor"] is None


def test_where_nothing_was_ever_managed_everything_answers(database):
    client = a_client(an_engine(database))
    assert client.get("/api/v1/tables")["summary"]["text"] == "No managed tables yet."
    for address in ("bin", "holds", "runs", "actions", "findings"):
        assert client.get(f"/api/v1/{address}")["items"] == []


def test_where_anybody_is_let_in_everybody_is_warned(events):
    assert a_client(events).get("/api/v1/me")["warning"] is None
    found = a_client(events, anyone=True).get("/api/v1/me")
    assert "no login" in found["warning"]
