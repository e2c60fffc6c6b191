"""The two addresses of the system that partman follows answer as they always did."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from partman_webui import shapes
from partman_webui.api import seed

from .calling import a_client, an_engine, holding, with_events

GOLDEN = Path(__file__).with_name("golden")


def golden(name: str) -> str:
    return GOLDEN.joinpath(name).read_text("utf-8").strip()


@pytest.fixture
def client(database, pg):
    engine, _ = with_events(database, pg)
    return a_client(engine)


def test_the_tables_are_as_they_were(client):
    assert client("GET", "/api/tables").body.decode() == golden("tables.json")


def test_the_partitions_are_as_they_were(client):
    found = client("GET", "/api/partitions", table="events", schema="public")
    assert found.body.decode() == golden("partitions.json")


def test_a_table_without_partitions_answers_with_an_empty_list(database, pg):
    pg.execute("CREATE TABLE bare (at date NOT NULL) PARTITION BY RANGE (at)")
    engine = an_engine(database)
    engine.register("bare", partition_interval="1 day")
    found = a_client(engine)("GET", "/api/partitions", table="bare")
    assert found.body.decode() == golden("empty.json")


def test_where_nothing_is_managed_the_list_of_tables_is_empty(database):
    found = a_client(an_engine(database))("GET", "/api/tables")
    assert found.body == b'{"tables":[]}'


def test_created_and_range_are_filled_and_there_is_a_row_for_each_child(client, pg):
    """However many there are, the join of the registry multiplies nothing."""
    found = client.get("/api/partitions", table="events", limit=100)
    names = [one["name"] for one in found["partitions"]]
    assert names == [f"events_p2026112{day}" for day in range(6)]
    assert {one["created"] for one in found["partitions"]} == {"2026-11-21"}
    assert all(one["range"].startswith("FOR") for one in found["partitions"])


def test_a_table_with_a_name_like_a_partition_is_none(client, pg):
    pg.execute("CREATE TABLE events_archive_notes (note text)")
    found = client.get("/api/partitions", table="events")
    assert found["parent_table"]["partition_count"] == 6
    assert {one["total_count"] for one in found["partitions"]} == {6}


def test_what_was_never_analysed_is_minus_one_and_adds_nothing(database, pg):
    pg.execute("CREATE TABLE fresh (at date NOT NULL) PARTITION BY RANGE (at)")
    engine = an_engine(database)
    engine.register("fresh", partition_interval="1 day", partition_count=4)
    engine.maintain()
    pg.execute("INSERT INTO fresh VALUES ('2026-11-24'), ('2026-11-24')")
    pg.execute("ANALYZE fresh_p20261124")
    found = a_client(engine).get("/api/partitions", table="fresh")
    assert [one["rows"] for one in found["partitions"]] == [2, -1, -1, -1]
    assert found["parent_table"]["total_rows"] == 2


def test_pages_are_by_limit_and_offset(client):
    def names(**page):
        found = client.get("/api/partitions", table="events", **page)
        return [one["name"][-2:] for one in found["partitions"]]

    assert names(limit=2) == ["20", "21"]
    assert names(limit=2, offset=4) == ["24", "25"]
    assert names(limit=2, offset=99) == []


@pytest.mark.parametrize(
    "wrong", [{"limit": "-1"}, {"limit": "0"}, {"limit": "x"}, {"offset": "-1"},
              {"limit": "1001"}, {"offset": "1e3"}]
)  # fmt: skip
def test_a_limit_that_is_none_is_refused_by_its_name(client, wrong):
    told = client.refused(422, "GET", "/api/partitions", table="events", **wrong)
    (name,) = wrong
    assert told["errors"][0]["pointer"] == f"?{name}"


def test_the_table_has_to_be_named(client):
    told = client.refused(400, "GET", "/api/partitions")
    assert told["detail"] == "table parameter is required"


def test_an_unmanaged_table_is_unknown(client, pg):
    pg.execute("CREATE TABLE other (at date) PARTITION BY RANGE (at)")
    for name in ("other", "pg_class", "nowhere"):
        told = client.refused(404, "GET", "/api/partitions", table=name)
        assert told["code"] == "table-unknown"
    client.refused(404, "GET", "/api/partitions", table="events", schema="nowhere")


def test_a_missing_schema_means_the_one_where_the_name_is_unique(client, pg):
    found = client.get("/api/partitions", table="events")
    assert found["parent_table"]["partition_count"] == 6


def test_a_name_in_two_schemas_is_refused_with_both(database, pg):
    engine, _ = with_events(database, pg)
    pg.execute("CREATE SCHEMA b")
    pg.execute("CREATE TABLE b.events (at date NOT NULL) PARTITION BY RANGE (at)")
    engine.register("b.events", partition_interval="1 day")
    client = a_client(engine)
    told = client.refused(400, "GET", "/api/partitions", table="events")
    assert "public.events" in told["detail"]
    assert "b.events" in told["detail"]
    found = client.get("/api/partitions", table="events", schema="b")
    assert found["parent_table"]["partition_count"] == 0
    assert client.get("/api/partitions", table="b.events") == found


def test_names_are_taken_as_they_are_printed(database, pg):
    pg.execute('CREATE SCHEMA "Ä b"')
    pg.execute(
        'CREATE TABLE "Ä b"."Ev.""ts%/" (at date NOT NULL) PARTITION BY RANGE (at)'
    )
    engine = an_engine(database)
    engine.register('"Ä b"."Ev.""ts%/"', partition_interval="1 day")
    engine.maintain()
    client = a_client(engine)
    (one,) = client.get("/api/tables")["tables"]
    assert one == {"name": 'Ev."ts%/', "schema": "Ä b"}
    found = client.get("/api/partitions", table=one["name"], schema=one["schema"])
    assert found["parent_table"]["name"] == one["name"]
    assert found["parent_table"]["partition_count"] == 10


def test_the_range_of_a_locked_partition_comes_from_the_registry(client, pg, other):
    with holding(other(), "DROP TABLE events_p20261120"):
        found = client.get("/api/partitions", table="events")
    first = found["partitions"][0]
    assert first["range"].startswith("FOR VALUES FROM ('2026-11-20 00:00:00+00')")
    assert "stale" not in first


def test_a_range_that_nobody_can_read_is_empty_and_says_so():
    row = shapes.PartitionRow(
        name="public.theirs", parent=None, bounds=None, lower=None, upper=None,
        tenant=None, state="foreign", rows=None, bytes=8192, leaf=True, ours=False,
        created_at=None, hold_until=None, hold_reason=None, due=None, stale=True,
    )  # fmt: skip
    told = seed.row(row, None, 1)
    assert (told.range, told.created, told.stale) == ("", "", True)


def test_a_read_ignores_the_type_that_a_client_says_it_sends(client):
    found = client("GET", "/api/tables", headers={"Content-Type": "text/plain"})
    assert found.status == 200


def test_other_methods_are_refused_with_those_that_there_are(client):
    found = client("POST", "/api/tables", {})
    assert found.status == 405
    assert found.headers["Allow"] == "GET, HEAD"


def test_nobody_elses_pages_may_read_it(client):
    found = client("GET", "/api/tables", headers={"Origin": "https://evil.example"})
    assert not [name for name in found.headers if name.startswith("Access-Control")]


def test_listing_goes_on_while_partitions_are_dropped(database, pg, other):
    engine, _ = with_events(database, pg)
    dropping = other()
    for round_ in range(15):
        name = f"events_x{round_}"
        pg.execute(
            f"CREATE TABLE {name} PARTITION OF events FOR VALUES"
            f" FROM ('{2030 + round_}-01-01') TO ('{2031 + round_}-01-01')"
        )
        client = a_client(engine)
        with holding(dropping, f"DROP TABLE {name}"):
            client.get("/api/partitions", table="events", limit=100)
            dropping.execute("COMMIT")
            client.get("/api/partitions", table="events", limit=100)
            dropping.execute("BEGIN")


def test_the_golden_files_have_the_fields_of_the_seed_in_their_order():
    fields = ["name", "size", "rows", "range", "created", "size_bytes", "total_count"]
    found = json.loads(golden("partitions.json"))
    assert [*found] == ["partitions", "parent_table"]
    assert {tuple(one) for one in found["partitions"]} == {tuple(fields)}
    assert [*found["parent_table"]] == [
        "name", "total_size", "total_rows", "partition_count", "total_size_bytes",
    ]  # fmt: skip
