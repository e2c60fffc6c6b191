"""The managed tables by ``/api/v1``: how they are, what they hold, what comes."""

from __future__ import annotations

import psycopg
import pytest

from partman_core.health import runway_sentence
from partman_webui import timeline

from .calling import (
    DAY,
    EVENTS,
    NOW,
    a_client,
    an_engine,
    applied,
    table,
    with_events,
)

TABLES = "/api/v1/tables"


@pytest.fixture
def events(database, pg):
    engine, _ = with_events(database, pg)
    return engine


def test_a_table_is_judged_as_the_command_line_judges_it(events):
    found = a_client(events).get(table())
    (health,) = events.check()
    assert found["sentence"] == health.sentence
    assert (
        found["health"]
        == {"ok": "ok", "warning": "warn", "error": "crit"}[health.state]
    )
    assert [one["text"] for one in found["reasons"]] == [
        one.message for one in health.findings
    ]
    assert found["runway"]["text"] == runway_sentence(health, NOW)
    assert found["pending"] == health.pending == len(events.plan().operations)
    assert found["plan_hash"] == events.plan().tables[0].hash


def test_a_table_says_what_it_is(events):
    found = a_client(events).get(table())
    assert found["id"] == EVENTS
    assert (found["schema"], found["name"]) == ("public", "events")
    assert (found["strategy"], found["key"]) == ("range", "RANGE (at)")
    assert (found["interval"], found["timezone"]) == ("1 day", "UTC")
    assert (found["origin"], found["paused"]) == ("api", False)
    assert found["partitions"] == 6
    assert found["rows"] == 109
    assert len(found["spark"]) == 5
    assert found["tenants"] is None
    assert found["default"] == {
        "exists": False, "name": None, "rows": None, "bytes": None, "empty": None,
    }  # fmt: skip


def test_the_runway_is_told_with_what_it_should_be(events):
    runway = a_client(events).get(table())["runway"]
    assert runway["until"] == "2026-11-26T00:00:00+00:00"
    assert runway["seconds"] == 32 * 3600 + 20 * 60
    assert runway["target_seconds"] == runway["seconds"] + 3 * 86400


def test_what_is_late_to_be_retired_is_told_in_seconds(events):
    retention = a_client(events).get(table())["retention"]
    assert (retention["keep"], retention["action"]) == ("2 days", "drop")
    ended = NOW.replace(day=21, hour=0, minute=0)
    assert retention["lag_seconds"] == int((NOW - 2 * DAY - ended).total_seconds())


def test_rows_in_default_are_told(database, pg):
    engine, _ = with_events(database, pg, default_partition=True)
    found = a_client(engine).get(table())["default"]
    assert (found["exists"], found["empty"], found["rows"]) == (True, True, 0)
    pg.execute("INSERT INTO events VALUES ('2031-01-01')")
    pg.execute("ANALYZE events")
    found = a_client(engine).get(table())["default"]
    assert (found["name"], found["empty"], found["rows"]) == (
        "public.events_pdefault", False, 1,
    )  # fmt: skip


def several(database, pg, names="abcde"):
    engine = an_engine(database)
    for name in names:
        pg.execute(f"CREATE TABLE {name} (at date NOT NULL) PARTITION BY RANGE (at)")
        engine.register(name, partition_interval="1 day")
    engine.maintain("a")
    return engine


def test_the_most_urgent_come_first_and_are_counted(database, pg):
    found = a_client(several(database, pg)).get(TABLES)
    assert [one["health"] for one in found["items"]] == ["crit"] * 4 + ["ok"]
    assert found["items"][-1]["name"] == "a"
    assert found["summary"] == {
        "crit": 4, "warn": 0, "unknown": 0, "ok": 1,
        "text": "4 of 5 tables need attention.",
    }  # fmt: skip
    assert found["last_run"]["result"] == "done"
    assert found["running"] == []


def test_tables_are_chosen_by_health_schema_and_name(database, pg):
    client = a_client(several(database, pg))

    def names(**query):
        return [one["name"] for one in client.get(TABLES, **query)["items"]]

    assert names(health="ok") == ["a"]
    assert names(health="ok,crit") == ["b", "c", "d", "e", "a"]
    assert names(q="LIC.b") == ["b"]
    assert names(schema="other") == []
    client.refused(400, "GET", TABLES, health="bad")


def test_tables_come_in_pages_that_a_cursor_joins(database, pg):
    client = a_client(several(database, pg))
    seen, cursor = [], {}
    while cursor is not None:
        found = client.get(TABLES, limit=2, **cursor)
        seen.append([one["name"] for one in found["items"]])
        more = found["next_cursor"]
        cursor = None if more is None else {"cursor": more}
    assert seen == [["b", "c"], ["d", "e"], ["a"]]


@pytest.mark.parametrize("cursor", ["x", "!!", "WyJydW5zIiwxXQ", "WyJ0YWJsZXMiLDFd"])
def test_a_cursor_of_something_else_is_refused(database, pg, cursor):
    client = a_client(several(database, pg, "ab"))
    assert client.refused(400, "GET", TABLES, cursor=cursor)["code"] == "bad-request"


def test_any_name_that_sql_can_write_is_an_address(database, pg):
    engine = an_engine(database)
    for name in ('"a/b"', '"per%cent"', '"dot.ted"', '"qu""ote"', '"é Ü"', '"S".t'):
        if "S" in name:
            pg.execute('CREATE SCHEMA "S"')
        pg.execute(f"CREATE TABLE {name} (at date) PARTITION BY RANGE (at)")
        engine.register(name, partition_interval="1 day")
    client = a_client(engine)
    for one in client.get(TABLES)["items"]:
        assert client.get(table(one["id"]))["id"] == one["id"]
        assert client.get(table(one["id"], "/partitions"))["total"] == 0


def test_an_unmanaged_table_is_unknown(events, pg):
    pg.execute("CREATE TABLE other (at date) PARTITION BY RANGE (at)")
    client = a_client(events)
    for rest in ("", "/partitions", "/days", "/settings", "/tenants"):
        for name in ("public.other", "nowhere", "events"):
            told = client.refused(404, "GET", table(name, rest))
            assert told["code"] == "table-unknown"


def test_a_table_that_cannot_be_looked_at_is_unknown(events, pg):
    pg.execute("DROP TABLE events")
    found = a_client(events).get(table())
    assert found["health"] == "unknown"
    assert "no such table any more" in found["sentence"]
    assert found["stale"]


def test_the_partitions_are_told_with_their_places(events):
    found = a_client(events).get(table(rest="/partitions"))
    assert found["total"] == 6
    first, last = found["items"][0], found["items"][-1]
    assert first["name"] == "public.events_p20261120"
    assert first["lower"] == "2026-11-20T00:00:00+00:00"
    assert first["upper"] == "2026-11-21T00:00:00+00:00"
    assert first["bounds"].startswith("FOR VALUES FROM ('2026-11-20 00:00:00+00')")
    assert first["due"].startswith("ended 2026-11-21, kept for 2 days")
    assert (first["rows"], first["state"], first["ours"]) == (24, "attached", True)
    assert first["leaf"]
    assert first["created_at"] == "2026-11-21T15:40:00+00:00"
    assert last["due"] is None


def test_the_axis_is_told_with_now_retention_runway_and_gaps(events):
    found = a_client(events).get(table(rest="/partitions"))
    assert (found["axis"], found["timezone"]) == ("time", "UTC")
    assert found["now"] == NOW.isoformat()
    assert found["keeps_from"] == (NOW - 2 * DAY).isoformat()
    assert found["runway_end"] == "2026-11-26T00:00:00+00:00"
    assert found["gaps"] == [
        {
            "lower": "2026-11-26T00:00:00+00:00",
            "upper": "2026-11-29T00:00:00+00:00",
            "tenant": None,
        }
    ]


def test_places_on_a_number_axis_are_texts(database, pg):
    pg.execute(
        "CREATE TABLE n (id bigint GENERATED ALWAYS AS IDENTITY)"
        " PARTITION BY RANGE (id)"
    )
    engine = an_engine(database)
    engine.register(
        "n", partition_interval=9007199254740993, partition_count=3,
        retention_period=1,
    )  # fmt: skip
    engine.maintain()
    pg.execute("INSERT INTO n DEFAULT VALUES")
    found = a_client(engine).get(table("public.n", "/partitions"))
    assert (found["axis"], found["now"]) == ("number", "1")
    assert found["keeps_from"] == "0"
    assert found["items"][0]["upper"] == "9007199254740993"
    assert found["runway_end"] == str(3 * 9007199254740993)


def test_partitions_come_in_pages(events):
    client = a_client(events)
    found = client.get(table(rest="/partitions"), limit=4)
    assert (len(found["items"]), found["total"]) == (4, 6)
    rest = client.get(table(rest="/partitions"), limit=4, cursor=found["next_cursor"])
    assert len(rest["items"]) == 2
    assert rest["next_cursor"] is None
    client.refused(422, "GET", table(rest="/partitions"), limit=50_001)


def with_tenants(database, pg):
    pg.execute(
        "CREATE TABLE t (tenant text NOT NULL, at timestamptz NOT NULL)"
        " PARTITION BY LIST (tenant)"
    )
    engine = an_engine(database)
    engine.register(
        "t", tenant_column="tenant", partition_by="at", partition_interval="1 day",
        partition_count=3,
    )  # fmt: skip
    engine.register_tenants("t", ["acme", "Zebra"])
    engine.maintain()
    return engine


def test_partitions_of_tenants_are_told_with_their_parents(database, pg):
    client = a_client(with_tenants(database, pg))
    found = client.get(table("public.t", "/partitions"))
    assert found["axis"] == "time"
    assert found["total"] == 8
    tops = [one for one in found["items"] if one["parent"] is None]
    assert {one["tenant"] for one in tops} == {"acme", "Zebra"}
    assert not any(one["leaf"] for one in tops)
    inside = [one for one in found["items"] if one["parent"] is not None]
    assert {one["parent"] for one in inside} == {one["name"] for one in tops}
    assert all(one["tenant"] and one["lower"] for one in inside)
    summary = client.get(table("public.t"))
    assert (summary["tenants"], summary["partitions"]) == (2, 6)


def test_what_comes_in_the_next_days_is_told_day_by_day(events):
    found = a_client(events).get(table(rest="/days"))["items"]
    assert [one["day"][-2:] for one in found] == [f"{day}" for day in range(24, 30)] + [
        "30", "01",
    ]  # fmt: skip
    assert (found[0]["create"], found[0]["retire"]) == (3, 2)
    assert [one["create"] for one in found[1:]] == [1] * 7
    assert found[1]["retire"] == 1
    assert "public.events_p20261129" in found[1]["names"]


def test_what_is_done_shows_at_once(events):
    client = a_client(events, "apply", "destructive")
    before = client.get(table())
    assert before["pending"] == 7
    applied(client)
    after = client.get(table())
    assert (after["pending"], after["partitions"]) == (0, 7)


def test_every_finding_is_listed_the_gravest_first(database, pg):
    client = a_client(several(database, pg))
    found = client.get("/api/v1/findings")["items"]
    severities = [one["severity"] for one in found]
    order = ("error", "warning", "info")
    assert severities == sorted(severities, key=order.index)
    assert {one["table"] for one in found} >= {f"public.{name}" for name in "bcde"}


def test_fifty_tabs_load_the_database_like_one(database, pg, events):
    opened = []

    def connect():
        opened.append(psycopg.connect(database))
        return opened[-1]

    client = a_client(an_engine(connect))
    for _ in range(50):
        client.get(TABLES)
        client.get(table())
        client.get(table(rest="/partitions"))
        client.get("/api/v1/findings")
    assert len(opened) == 1


def test_a_table_that_cannot_be_shown_is_unknown_and_the_others_are_not(
    database, pg, monkeypatch, caplog
):
    engine = several(database, pg, "ab")
    plain = timeline.chains

    def broken(of, *rest):
        if of.name.relation == "a":
            raise ZeroDivisionError
        return plain(of, *rest)

    monkeypatch.setattr(timeline, "chains", broken)
    found = a_client(engine).get(TABLES)["items"]
    assert {one["name"]: one["health"] for one in found} == {
        "a": "unknown",
        "b": "crit",
    }
    assert "public.a cannot be shown" in caplog.text
