"""Plans and runs: what was seen is done, watched, refused when stale, stopped."""

from __future__ import annotations

import time
from contextlib import contextmanager

import psycopg
import pytest

from partman_core import Engine, hookimpl

from .calling import (
    ALL,
    EVENTS,
    NOW,
    PATIENCE,
    a_client,
    applied,
    holding,
    over,
    planned,
    table,
    with_events,
)

RUNS = "/api/v1/runs"


@pytest.fixture
def events(database, pg):
    engine, _ = with_events(database, pg)
    return engine


@pytest.fixture
def client(events):
    return a_client(events, *ALL)


def asked(client, **more):
    """Return what a run of everything that is due is asked for with."""
    _, seen = planned(client)
    return {"table": EVENTS, "hash": seen, "confirm": EVENTS, **more}


def test_a_plan_is_that_of_the_command_line(events, client):
    plan, seen = planned(client)
    made = events.plan("events")
    assert (plan["hash"], seen) == (made.hash, made.tables[0].hash)
    assert (
        plan["text"] == "3 to create, 2 to detach, 2 to drop (frees 16.0 KiB for good)."
    )
    assert plan["destroys"]
    assert plan["bytes_freed"] == 16384
    (part,) = plan["tables"]
    assert [one["n"] for one in part["operations"]] == list(range(1, 8))
    assert [one["kind"] for one in part["operations"]] == [
        op.kind for op in made.operations
    ]


def test_an_operation_has_its_sql_its_locks_and_who_waits(client):
    (part,) = planned(client)[0]["tables"]
    create, detach = part["operations"][0], part["operations"][3]
    assert create["way"] == "built apart, then attached"
    assert "LIKE" in create["sql"][0]
    assert "ATTACH PARTITION" in create["sql"][1]
    assert {"relation": EVENTS, "mode": "SHARE UPDATE EXCLUSIVE", "waits": False} in (
        create["locks"]
    )
    assert (detach["sign"], detach["destroys"]) == ("~", True)
    assert detach["reason"].startswith("ended 2026-11-21")
    assert "CONCURRENTLY" in detach["sql"][0]


def test_a_plan_can_be_of_another_moment_and_of_some_kinds(client):
    plan, _ = planned(client, only=["create"])
    assert {one["kind"] for one in plan["tables"][0]["operations"]} == {"create"}
    plan, _ = planned(client, at="2026-11-26T00:00:00+01:00")
    assert plan["now"] == "2026-11-25T23:00:00+00:00"


@pytest.mark.parametrize(
    "wrong", [{"at": "tomorrow"}, {"at": "2026-11-26T00:00:00"}, {"only": ["explode"]},
              {"at": 3}, {"foo": 1}, {"at": "0001-01-01T00:00:00+00:00"}]
)  # fmt: skip
def test_a_plan_that_cannot_be_made_is_refused_with_the_place(client, wrong):
    told = client.refused(422, "POST", table(rest="/plans"), wrong)
    assert told["errors"][0]["pointer"]


def test_what_was_seen_is_done_and_told_with_who_asked(client):
    found = client("POST", RUNS, asked(client, reason="the disk is full"))
    assert found.status == 202
    number = found.json["id"]
    assert found.headers["Location"] == f"{RUNS}/{number}"
    assert (found.json["reason"], found.json["planned"]) == ("the disk is full", 7)
    done = over(client, number)
    assert (done["result"], done["done"], done["failed"]) == ("done", 7, 0)
    assert done["tables"] == [EVENTS]
    me = client.get("/api/v1/me")
    assert done["actor"] == me["actor"]
    assert client.get(RUNS)["items"][0] == done
    (action,) = client.get("/api/v1/actions")["items"]
    assert (action["action"], action["target"], action["allowed"]) == (
        "apply", EVENTS, True,
    )  # fmt: skip
    assert str(number) in action["detail"]


def test_the_events_of_a_run_are_told_in_order_and_end(client):
    done = applied(client)
    found = client.get(f"{RUNS}/{done['id']}/events")
    kinds = [one["kind"] for one in found["items"]]
    assert [one["id"] for one in found["items"]] == list(range(1, len(kinds) + 1))
    assert kinds.count("created") == kinds.count("attached") == 3
    assert kinds.count("detached") == kinds.count("dropped") == 2
    assert kinds[-1] == "run-finished"
    assert found["run"] == done
    rest = client.get(f"{RUNS}/{done['id']}/events", after=len(kinds) - 1)
    assert [one["kind"] for one in rest["items"]] == ["run-finished"]


def test_the_events_of_a_run_of_somebody_else_come_from_the_history(events, client):
    report = events.maintain("events")
    found = a_client(events).get(f"{RUNS}/{report.run}/events")
    kinds = [one["kind"] for one in found["items"]]
    assert kinds == ["attached"] * 3 + ["detached"] * 2 + ["dropped"] * 2 + [
        "run-finished"
    ]


def test_a_plan_that_no_longer_holds_is_refused_with_the_new_one(events, client):
    body = asked(client)
    events.create_future_partitions("events")
    told = client.refused(409, "POST", RUNS, body)
    assert told["code"] == "plan-stale"
    (part,) = told["plan"]["tables"]
    assert {one["kind"] for one in part["operations"]} == {"detach", "drop"}
    assert client.get(RUNS)["items"][0]["command"] == "create"
    body["hash"] = part["hash"]
    assert over(client, client.post(RUNS, body, 202)["id"])["result"] == "done"


def test_without_the_word_nothing_is_applied(events, pg):
    client = a_client(events)
    told = client.refused(403, "POST", RUNS, asked(client))
    assert told["code"] == "not-allowed"
    assert len(client.get(RUNS)["items"]) == 1


def test_destroying_needs_another_word_creating_does_not(events):
    client = a_client(events, "apply")
    told = client.refused(403, "POST", RUNS, asked(client))
    assert "destructive" in told["detail"]
    _, seen = planned(client, only=["create"])
    body = {"table": EVENTS, "hash": seen, "only": ["create"]}
    done = over(client, client.post(RUNS, body, 202)["id"])
    assert (done["result"], done["done"]) == ("done", 3)


@pytest.mark.parametrize("typed", [None, "", "events", "PUBLIC.EVENTS"])
def test_destroying_needs_the_name_typed_and_the_server_looks(client, pg, typed):
    told = client.refused(422, "POST", RUNS, asked(client, confirm=typed))
    assert told["code"] == "confirm-needed"
    assert told["errors"][0]["pointer"] == "/confirm"
    assert pg.execute("SELECT count(*) FROM events").fetchone() == (109,)


def test_where_nothing_is_due_there_is_nothing_to_run(client):
    applied(client)
    _, seen = planned(client)
    told = client.refused(409, "POST", RUNS, {"table": EVENTS, "hash": seen})
    assert told["code"] == "conflict"


@pytest.mark.parametrize(
    "wrong", [{}, {"table": EVENTS}, {"table": 1, "hash": "x"}, {"hash": "x"},
              {"table": EVENTS, "hash": "x", "only": "create"}]
)  # fmt: skip
def test_a_run_that_is_asked_for_wrongly_is_refused(client, wrong):
    assert client.refused(422, "POST", RUNS, wrong)["errors"]


def test_a_run_of_no_table_or_of_no_number_is_unknown(client):
    body = {"table": "public.nowhere", "hash": "x"}
    assert client.refused(404, "POST", RUNS, body)["code"] == "table-unknown"
    for number in ("0", "99", "999999999999999999"):
        for rest in ("", "/events"):
            told = client.refused(404, "GET", f"{RUNS}/{number}{rest}")
            assert told["code"] == "run-unknown"
    client.refused(404, "POST", f"{RUNS}/99/stop")


@contextmanager
def in_the_way(database, client):
    """Have somebody read the table while a run wants to detach from it."""
    with psycopg.connect(database, application_name="slow report") as reader:
        reader.execute("SELECT count(*) FROM events")
        begun = client.post(RUNS, asked(client), 202)
        yield begun["id"]
        reader.rollback()


def until(client, number, kind):
    """Wait for an event of a kind."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        for one in client.get(f"{RUNS}/{number}/events")["items"]:
            if one["kind"] == kind:
                return one
    raise AssertionError(f"run {number} never tells of {kind}")


def test_who_is_in_the_way_is_told_while_it_waits_and_it_goes_on_after(
    database, client
):
    with in_the_way(database, client) as number:
        told = until(client, number, "blocked")
        assert "slow report" in told["message"]
        assert told["partition"] is None
        assert client.get(f"{RUNS}/{number}")["result"] == "running"
        assert client.get("/api/v1/tables")["running"] == [number]
    assert over(client, number)["result"] == "done"


def test_there_is_one_run_of_a_table_at_a_time(database, client):
    body = asked(client)
    with in_the_way(database, client) as number:
        told = client.refused(409, "POST", RUNS, body)
        assert told["code"] == "run-active"
        assert told["run"] == number
    over(client, number)


def test_a_run_is_stopped_in_good_order(database, pg, client):
    with in_the_way(database, client) as number:
        until(client, number, "blocked")
        client.post(f"{RUNS}/{number}/stop", {})
        done = over(client, number)
    assert done["result"] == "interrupted"
    told = client.refused(409, "POST", f"{RUNS}/{number}/stop", {})
    assert "interrupted" in told["detail"]
    assert client.get("/api/v1/actions")["items"][0]["action"] == "stop"
    assert applied(client)["result"] == "done"
    assert pg.execute("SELECT count(*) FROM events").fetchone() == (61,)


def test_runs_end_in_good_order_with_the_server(database, client):
    with in_the_way(database, client) as number:
        until(client, number, "blocked")
        assert client.app.close(PATIENCE)
        assert over(client, number)["result"] == "interrupted"


def test_a_run_goes_on_when_nobody_looks_at_it(events, client, database):
    number = client.post(RUNS, asked(client), 202)["id"]
    assert over(a_client(events), number)["result"] == "done"


def test_what_fails_is_told_with_why(database, pg):
    class Refusing:
        @hookimpl
        def partman_pre_drop(self):
            raise RuntimeError("the auditors still read it")

    _, clock = with_events(database, pg)
    refusing = Engine(database, clock=clock, plugins=[Refusing()])
    client = a_client(refusing, *ALL)
    done = applied(client)
    assert (done["result"], done["failed"]) == ("failed", 2)
    assert "auditors" in done["message"]
    found = client.get(f"{RUNS}/{done['id']}/events")["items"]
    failed = [one for one in found if one["kind"] == "failed"]
    assert len(failed) == 2
    assert "auditors" in failed[0]["message"]


def test_a_database_that_cannot_be_written_says_so_and_nothing_is_on(database, pg):
    engine, _ = with_events(database, pg)
    client = a_client(engine, *ALL)
    body = asked(client)
    pg.execute(
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET"
        " default_transaction_read_only = on', current_database()); END $$"
    )
    told = client.refused(409, "POST", RUNS, body)
    assert "read-only" in told["detail"]
    assert client.get("/api/v1/tables")["running"] == []


def test_the_runs_come_in_pages_and_by_table(database, pg, events):
    pg.execute("CREATE TABLE other (at date) PARTITION BY RANGE (at)")
    events.register("other", partition_interval="1 day")
    for _ in range(3):
        events.maintain("other")
    client = a_client(events)
    found = client.get(RUNS, limit=3)
    assert len(found["items"]) == 3
    rest = client.get(RUNS, limit=3, cursor=found["next_cursor"])
    assert [one["id"] for one in found["items"] + rest["items"]] == [4, 3, 2, 1]
    assert rest["next_cursor"] is None
    mine = client.get(RUNS, table="public.other")["items"]
    assert [one["id"] for one in mine] == [2]
    client.refused(404, "GET", RUNS, table="nowhere")


def frames(client, path, headers=None, **query):
    """Yield what a stream sends, piece by piece."""
    given = {"Accept": "text/event-stream", **(headers or {})}
    environ = client.environ("GET", path, None, given, query)
    started = []
    chunks = client.app(environ, lambda *told: started.append(told))
    assert dict(started[0][1])["Content-Type"] == "text/event-stream"
    try:
        yield from chunks
    finally:
        chunks.close()


def test_a_run_that_goes_on_is_streamed_to_its_end(database, client):
    with psycopg.connect(database) as reader:
        reader.execute("SELECT count(*) FROM events")
        number = client.post(RUNS, asked(client), 202)["id"]
        stream = frames(client, f"{RUNS}/{number}/events")
        assert next(stream).startswith(b"retry: ")
        first = next(stream)
        assert first.startswith(b"id: 1\nevent: run\ndata: {")
        reader.rollback()
        rest = list(stream)
    assert rest[-1] == b"event: bye\ndata: {}\n\n"
    assert b'"kind":"run-finished"' in rest[-2]


def test_a_stream_goes_on_after_the_last_event_that_a_browser_has(database, client):
    with in_the_way(database, client) as number:
        until(client, number, "blocked")
        path = f"{RUNS}/{number}/events"
        seen = len(client.get(path)["items"])
        stream = frames(client, path, {"Last-Event-ID": str(seen - 1)})
        next(stream)
        assert next(stream).startswith(f"id: {seen}\n".encode())
        stream.close()
    over(client, number)


def test_there_are_at_most_eight_streams_and_their_room_comes_back(database, client):
    with in_the_way(database, client) as number:
        path = f"{RUNS}/{number}/events"
        some = [frames(client, path) for _ in range(8)]
        for one in some:
            next(one)
        found = client("GET", path, headers={"Accept": "text/event-stream"})
        assert found.status == 503
        assert found.headers["Retry-After"] == "5"
        assert client("GET", path).status == 200
        some.pop().close()
        more = frames(client, path)
        assert next(more).startswith(b"retry")
        for one in (*some, more):
            one.close()
    over(client, number)


def test_streams_end_when_the_server_does(database, client):
    with in_the_way(database, client) as number:
        stream = frames(client, f"{RUNS}/{number}/events")
        next(stream)
        client.app.app.closing.set()
        rest = list(stream)
        assert rest[-1] == b"event: bye\ndata: {}\n\n"
    over(client, number)


def test_the_stream_of_a_run_that_is_over_tells_all_and_ends(client):
    """It may have ended between a page's question and its stream."""
    done = applied(client)
    told = list(frames(client, f"{RUNS}/{done['id']}/events"))
    assert b'"kind":"run-finished"' in told[-2]
    assert told[-1] == b"event: bye\ndata: {}\n\n"


def test_the_clock_of_a_run_is_that_of_its_engine(client):
    done = applied(client)
    assert done["started_at"] == NOW.isoformat()


def test_a_plan_is_never_kept(events, client, other):
    first, _ = planned(client)
    with holding(other(), "SELECT 1"):
        events.create_future_partitions("events")
    second, _ = planned(client)
    assert first["hash"] != second["hash"]


def test_another_engine_at_work_is_told(database, events):
    client = a_client(events, *ALL)
    with psycopg.connect(database, autocommit=True) as blocker:
        oid = blocker.execute("SELECT 'events'::regclass::oid::int").fetchone()[0]
        from partman_core.pg.claims import MAINTENANCE, take

        assert take(blocker, oid, MAINTENANCE)
        number = client.post(RUNS, asked(client), 202)["id"]
        done = over(client, number)
    assert (done["done"], done["failed"]) == (0, 0)
    assert "another engine" in done["message"]
    found = client.get(f"{RUNS}/{number}/events")["items"]
    assert [one["kind"] for one in found] == ["skipped", "run-finished"]
