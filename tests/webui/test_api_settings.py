"""Settings and tenants: shown, previewed, declared, and guarded by what was seen."""

from __future__ import annotations

import pytest
from jsonschema import Draft202012Validator

from .calling import ALL, EVENTS, a_client, an_engine, table, with_events

SETTINGS = table(rest="/settings")
PREVIEW = table(rest="/settings/preview")
KEPT = {
    "partition_interval": "1 day",
    "partition_count": 5,
    "start": "2026-11-20",
    "retention_period": "2 days",
}


@pytest.fixture
def events(database, pg):
    engine, _ = with_events(database, pg)
    return engine


@pytest.fixture
def client(events):
    return a_client(events, *ALL)


def put(client, settings, *, confirm=None, match=None):
    """Declare settings, as somebody who has just seen those that there are."""
    match = match or client("GET", SETTINGS).headers["ETag"]
    body = {"settings": settings, "confirm": confirm}
    return client("PUT", SETTINGS, body, headers={"If-Match": match})


def test_settings_are_shown_with_a_schema_that_they_follow(client):
    found = client.get(SETTINGS)
    assert found["table"] == EVENTS
    assert (found["origin"], found["editable"], found["why_not"]) == ("api", True, None)
    assert found["settings"] == {"partition_type": "range", **KEPT}
    schema = found["schema"]
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(found["settings"])
    assert "retention_period" in schema["properties"]
    assert "name" not in schema["properties"]


def test_who_may_not_change_settings_is_told_why(events):
    client = a_client(events)
    found = client.get(SETTINGS)
    assert not found["editable"]
    assert "login" in found["why_not"]
    told = put(client, KEPT)
    assert (told.status, told.json["code"]) == (403, "not-allowed")


def test_settings_of_a_file_are_changed_there(database, pg, events, tmp_path):
    file = tmp_path / "partman.toml"
    file.write_text('[[tables]]\nname = "events"\npartition_interval = "1 day"\n')
    events.sync(file, confirm=True)
    client = a_client(events, *ALL)
    found = client.get(SETTINGS)
    assert (found["origin"], found["editable"]) == ("file", False)
    assert "settings file" in found["why_not"]
    assert put(client, KEPT, confirm=EVENTS).status in {409, 422}


def test_a_preview_tells_what_changes_and_what_it_leads_to(client):
    found = client.post(PREVIEW, {"settings": {**KEPT, "partition_count": 9}})
    assert found["mistakes"] == []
    assert found["changes"] == ["partition_count: 5 → 9"]
    assert found["retires_more"] is None
    kinds = [one["kind"] for one in found["plan"]["tables"][0]["operations"]]
    assert kinds.count("create") == 7
    assert client.get(SETTINGS)["settings"]["partition_count"] == 5


def test_a_preview_says_when_more_is_retired(client):
    found = client.post(PREVIEW, {"settings": {**KEPT, "retention_period": "1 day"}})
    assert found["retires_more"] == "it keeps 1 day, and kept 2 days"


def test_a_preview_names_every_mistake_with_its_place(client):
    wrong = {
        "partition_interval": "1 fortnight ago",
        "partition_count": 0,
        "timezone": "Mars",
        "retentoin": "1 day",
    }
    found = client.post(PREVIEW, {"settings": wrong})
    places = {one["pointer"] for one in found["mistakes"]}
    assert places >= {"/partition_interval", "/timezone", "/retentoin"}
    assert found["plan"] is None
    assert all(" @ " not in one["text"] for one in found["mistakes"])


def test_settings_are_declared_with_the_version_that_was_seen(client):
    before = client("GET", SETTINGS)
    found = put(client, {**KEPT, "partition_count": 9})
    assert found.status == 200
    assert found.json["settings"]["partition_count"] == 9
    after = client("GET", SETTINGS)
    assert after.json == found.json
    assert after.headers["ETag"] == found.headers["ETag"] != before.headers["ETag"]
    (action,) = client.get("/api/v1/actions")["items"]
    assert (action["action"], action["target"]) == ("settings", EVENTS)
    assert action["detail"] == "partition_count: 5 → 9"


def test_a_change_without_a_version_is_refused(client):
    found = client("PUT", SETTINGS, {"settings": KEPT})
    assert (found.status, found.json["code"]) == (428, "if-match-needed")


def test_a_change_of_settings_that_somebody_else_changed_is_refused(client, events):
    seen = client("GET", SETTINGS).headers["ETag"]
    events.register("events", **{**KEPT, "partition_count": 7})
    found = put(client, {**KEPT, "partition_count": 9}, match=seen)
    assert (found.status, found.json["code"]) == (412, "settings-changed")
    assert events.managed_tables()[0].settings["partition_count"] == 7


def test_what_retires_more_needs_the_name_typed(client, events):
    shorter = {**KEPT, "retention_period": "1 day"}
    for confirm in (None, "events"):
        found = put(client, shorter, confirm=confirm)
        assert (found.status, found.json["code"]) == (422, "confirm-needed")
    assert events.managed_tables()[0].settings["retention_period"] == "2 days"
    assert put(client, shorter, confirm=EVENTS).status == 200
    assert events.managed_tables()[0].settings["retention_period"] == "1 day"


@pytest.mark.parametrize("key", ["table", "confirm", "dry_run", "no such", "self"])
def test_a_setting_that_there_is_not_is_refused(client, events, key):
    found = put(client, {**KEPT, key: True})
    assert found.status == 422
    assert found.json["errors"][0]["pointer"] == f"/settings/{key}"
    assert events.managed_tables()[0].settings["partition_count"] == 5


@pytest.fixture
def shared(database, pg):
    """A table with two tenants, and one that only has partitions no more."""
    pg.execute(
        "CREATE TABLE t (tenant text NOT NULL, at timestamptz NOT NULL)"
        " PARTITION BY LIST (tenant)"
    )
    engine = an_engine(database)
    engine.register(
        "t", tenant_column="tenant", partition_by="at", partition_interval="1 day",
        partition_count=3, retention_period="9 days",
    )  # fmt: skip
    engine.register_tenants("t", {"acme": {}, "big": {"retention_period": "30 days"}})
    engine.maintain()
    return a_client(engine, *ALL)


TENANTS = table("public.t", "/tenants")


def test_tenants_are_listed_with_what_is_their_own(shared):
    found = {one["tenant"]: one for one in shared.get(TENANTS)["items"]}
    assert found["acme"]["own"] == {}
    assert found["big"]["own"] == {"retention_period": "30 days"}
    assert found["big"]["partitions"] == 3
    assert found["big"]["registered"]


def test_a_table_without_tenants_says_so(client):
    assert client.refused(422, "GET", table(rest="/tenants"))["code"] == "validation"


def test_a_tenant_is_added_and_leads_to_partitions(shared):
    asked = {"tenants": {"Ünï/x": {"partition_count": 2}}}
    dry = shared.post(TENANTS, {**asked, "dry_run": True})
    assert (dry["added"], dry["dry_run"]) == (["Ünï/x"], True)
    assert len(shared.get(TENANTS)["items"]) == 2
    found = shared.post(TENANTS, asked)
    assert found["added"] == ["Ünï/x"]
    assert [one["kind"] for one in found["plan"]["tables"][0]["operations"]] == [
        "create"
    ]
    assert len(shared.get(TENANTS)["items"]) == 3
    assert shared.get("/api/v1/actions")["items"][0]["detail"] == "added Ünï/x"


def test_a_tenant_that_loses_more_needs_the_name_typed(shared):
    asked = {"tenants": {"big": {"retention_period": "1 day"}}}
    told = shared.refused(422, "POST", TENANTS, asked)
    assert (told["code"], told["errors"][0]["pointer"]) == (
        "confirm-needed", "/confirm",
    )  # fmt: skip
    found = shared.post(TENANTS, {**asked, "confirm": "public.t"})
    assert found["changed"] == ["big"]


def test_a_tenant_is_let_go(shared):
    found = shared.post(TENANTS, {"remove": ["acme"]})
    assert found["removed"] == ["acme"]
    one = next(o for o in shared.get(TENANTS)["items"] if o["tenant"] == "acme")
    assert not one["known"]
    assert one["partitions"] == 3
    told = shared.refused(404, "POST", TENANTS, {"remove": ["nobody"]})
    assert "nobody" in told["detail"]


@pytest.mark.parametrize(
    "wrong", [{}, {"tenants": {"x": {"timezone": "UTC"}}}, {"tenants": ["x"]},
              {"tenants": {"x": {}}, "remove": ["acme"]},
              {"tenants": {"x": {"partition_count": 0}}}]
)  # fmt: skip
def test_tenants_that_are_asked_for_wrongly_are_refused(shared, wrong):
    shared.refused(422, "POST", TENANTS, wrong)
    assert len(shared.get(TENANTS)["items"]) == 2
