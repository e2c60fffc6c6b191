"""The settings of other partition managers in partman's words."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partman_core.cli import takeover as command
from partman_core.interval import Interval
from partman_core.naming import Name
from partman_core.takeover import PEERS, Source, Template, go, partsmith, pg_partman

NAME = Name("public", "events")

PG_PARTMAN: dict[str, Any] = {
    "parent_table": "public.events",
    "control": "at",
    "partition_type": "native",
    "partition_interval": "1 day",
    "premake": 4,
    "epoch": "none",
    "retention": None,
    "retention_schema": None,
    "retention_keep_table": True,
    "retention_keep_index": True,
    "automatic_maintenance": "off",
    "undo_in_progress": False,
}
GO: dict[str, Any] = {
    "tenant_column": "",
    "partition_by": "created_at",
    "partition_type": "range",
    "partition_interval": "24h0m0s",
    "partition_count": 10,
    "retention_period": "168h0m0s",
}
DAY = {"table_name": "events", "partition_column": "at", "granularity": "day"}


def of_pg_partman(*, runners=(), source: Any = None, **row):
    more = source or {}
    return pg_partman.proposal(
        Source(table=NAME, row=PG_PARTMAN | row, **more), runners
    )


def of_go(*, source: Any = None, **row):
    return go.proposal(Source(table=NAME, row=GO | row, **(source or {})))


def of_partsmith(**row):
    [entry] = partsmith.tables({"tables": [DAY | row]})
    return partsmith.proposal(Source(table=NAME, row=entry))


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"partition_interval": "01:00:00"}, {"partition_interval": "1 hour"}),
        ({"partition_interval": "3 mons"}, {"partition_interval": "3 months"}),
        ({"partition_interval": "100000"}, {"partition_interval": 100000}),
        ({"epoch": "seconds"}, {"key": "epoch_s"}),
        ({"time_decoder": "partman.uuid7_time_decoder"}, {"key": "uuid7"}),
        ({"premake": 30}, {"partition_count": 31}),
        ({"control": "Created At"}, {"partition_by": '"Created At"'}),
        (
            {"retention": "30 days"},
            {"retention_period": "30 days", "retention_action": "detach"},
        ),
        (
            {"retention": "1 year", "retention_keep_table": False},
            {"retention_period": "1 year", "retention_action": "drop"},
        ),
        (
            {"retention": "30 days", "retention_schema": "archive"},
            {"retention_action": "move", "retention_schema": "archive"},
        ),
        (
            {"retention": "5000", "partition_interval": "1000"},
            {"retention_period": 5000},
        ),
    ],
)
def test_the_settings_of_pg_partman(row, expected):
    assert of_pg_partman(**row).settings.items() >= expected.items()


def test_without_a_retention_nothing_is_said_of_it():
    settings = of_pg_partman(retention_keep_table=False).settings
    assert settings == {
        "partition_interval": "1 day",
        "partition_by": "at",
        "partition_count": 5,
    }


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"partition_type": "partman"}, "not partitioned by PostgreSQL"),
        ({"partition_type": "list"}, "list of single numbers"),
        ({"undo_in_progress": True}, "undoing"),
        ({"time_decoder": "public.mine"}, "public.mine"),
        ({"partition_interval": "often"}, "'often' cannot be read"),
        ({"source": {"kind": "r"}}, "triggers"),
        ({"source": {"kind": None}}, "no such table"),
        ({"source": {"is_nested": True}}, "partitioned again, and nothing is written"),
        ({"source": {"inside_of": "public.all"}}, "a partition of public.all"),
        ({"async_partitioning_in_progress": "time"}, "moving its rows"),
    ],
)
def test_what_pg_partman_has_and_partman_cannot_take_over(row, words):
    proposal = of_pg_partman(**row)
    assert words in proposal.obstacle
    assert proposal.settings == {}


def test_what_has_no_counterpart_is_told():
    template = Template(name="t", indexes=2, storage={"fillfactor": "70"})
    proposal = of_pg_partman(
        constraint_cols=["id"], publications=["all"], source={"template": template}
    )
    notes = " ".join(proposal.notes)
    for words in ("constraints on other columns", "publications", "2 indexes"):
        assert words in notes
    assert proposal.settings["storage"] == {"fillfactor": "70"}


def test_what_is_otherwise_from_now_on_is_told():
    template = Template(
        name="t", indexes=3, unique=1, is_unlogged=True, has_grants=True
    )
    proposal = of_pg_partman(
        infinite_time_partitions=False, ignore_default_data=False,
        inherit_privileges=False, retention="1 day", retention_keep_index=False,
        source={"template": template, "has_grants": True, "has_default": True},
    )  # fmt: skip
    notes = "\n".join(proposal.notes)
    for words in (
        "come by the clock",
        "depends on rows in DEFAULT",
        "get the grants of the table",
        "2 indexes are on",
        "1 unique index is on",
        "UNLOGGED",
        "grants on the template",
        "indexes of what is detached are kept",
    ):
        assert words in notes
    assert len(proposal.notes) == 8
    on = {"infinite_time_partitions": True, "ignore_default_data": True,
          "inherit_privileges": True}  # fmt: skip
    assert of_pg_partman(**on, source={"has_grants": True}).notes == ()


def test_another_prefix_of_names_is_kept():
    assert "name_template" not in of_pg_partman(child_table_prefix="_p").settings
    settings = of_pg_partman(child_table_prefix="_part_").settings
    assert settings["name_template"] == "{table}_part_{suffix}"


def test_a_bare_number_is_no_retention():
    """It means seconds there, which is hardly ever meant."""
    proposal = of_pg_partman(retention="10")
    assert "retention_period" not in proposal.settings
    assert "takes a bare number for seconds" in proposal.notes[0]


def test_who_maintains_is_named():
    busy = of_pg_partman(automatic_maintenance="on", runners=["job 7"])
    assert busy.busy == "automatic_maintenance is 'on' (job 7)"
    assert of_pg_partman().busy is None
    assert of_pg_partman(source={"jobs": ("8: SELECT 1",)}).busy.endswith("8: SELECT 1")


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({}, {"partition_interval": "1 day", "retention_period": "7 days"}),
        ({"partition_interval": "1h0m0s"}, {"partition_interval": "1 hour"}),
        ({"partition_interval": "monthly"}, {"partition_interval": "1 month"}),
        ({"partition_interval": "720h0m0s"}, {"partition_interval": "30 days"}),
        ({"premake": 0}, {"partition_count": 1}),
        ({"retention_keep_table": True}, {"retention_action": "detach"}),
        ({"retention_schema": "old"}, {"retention_action": "move"}),
        ({"tenant_column": "project_id"}, {"tenant_column": "project_id"}),
    ],
)
def test_the_settings_of_go_partman_and_its_rewrite(row, expected):
    assert of_go(**row).settings.items() >= expected.items()


def test_thirty_days_are_not_taken_for_a_month_without_a_word():
    assert (
        'partition_interval = "1 month"'
        in of_go(partition_interval="720h0m0s").notes[0]
    )


@given(
    hours=st.integers(1, 10_000), minutes=st.integers(0, 59), seconds=st.integers(0, 59)
)
def test_durations_of_go_are_what_they_were(hours, minutes, seconds):
    proposal = of_go(retention_period=f"{hours}h{minutes}m{seconds}s")
    kept = Interval.parse(proposal.settings["retention_period"])
    assert kept.microseconds == ((hours * 60 + minutes) * 60 + seconds) * 1_000_000


TIME = {"kind": "time", "granularity": "week", "tz": "Europe/Berlin"}
NUMBERS = {"kind": "integer", "step": 1000, "origin": 7}


def scheme(boundaries, key: Any = "at", **more):
    found = {"method": "range", "key": key, "boundaries": boundaries} | more
    return {"scheme": found}


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({}, {"partition_interval": "1 day", "partition_count": 6}),
        ({"boundary_codec": "uuidv7"}, {"key": "uuid7"}),
        ({"tz": "Asia/Kolkata"}, {"timezone": "Asia/Kolkata"}),
        (
            scheme(TIME),
            {"partition_interval": "7 days", "timezone": "Europe/Berlin"},
        ),
        (scheme(NUMBERS, ["id"]), {"partition_interval": 1000, "anchor": 7}),
        (
            {"lifecycle": {"retention": {"kind": "keep_for", "age": "P90D"}}},
            {"retention_period": "90 days", "grace_period": "7 days"},
        ),
        (
            {
                "lifecycle": {
                    "retention": {"kind": "keep_behind", "distance": 5000},
                    "drop": {"kind": "drop_never"},
                }
            },
            {"retention_period": 5000, "retention_action": "detach"},
        ),
        (
            {"lifecycle": {"creation": {"kind": "create_until", "position": "2030"}}},
            {"partition_until": "2030"},
        ),
        (
            {"leaves": {"storage_parameters": {"fillfactor": 70}, "tablespace": "f"}},
            {"storage": {"fillfactor": "70"}, "tablespace": "f"},
        ),
    ],
)
def test_the_settings_of_pg_partsmith(row, expected):
    assert of_partsmith(**row).settings.items() >= expected.items()


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"scheme": {"method": "flat", "key": "id"}}, "partitioned by flat"),
        (
            scheme(TIME, child=scheme(NUMBERS, "id")["scheme"]),
            "two of its levels are ranges",
        ),
        (
            scheme(
                TIME, child={"method": "list", "key": "n", "sequence": {"start": 1}}
            ),
            "a sequence of single numbers",
        ),
        (scheme(TIME, ["at", "id"]), "several columns"),
        (scheme({"kind": "sequence"}), "'sequence'"),
        ({"trailing_partition_columns": ["id"]}, "several columns"),
        ({"granularity": None}, "from a program"),
        ({"boundary_codec": "mine"}, "'mine'"),
        ({"leaves": {"kind": "foreign"}}, "foreign tables"),
    ],
)
def test_what_pg_partsmith_has_and_partman_cannot_take_over(row, words):
    assert words in of_partsmith(**row).obstacle


def test_where_a_hook_saves_rows_before_a_drop_nothing_is_dropped():
    entry = DAY | {"retention_count": 3}
    hooks = {"before_drop": ["archive"], "after_drop": None}
    [row] = partsmith.tables({"tables": [entry], "hooks": hooks})
    proposal = partsmith.proposal(Source(table=NAME, row=row))
    assert proposal.settings["retention_action"] == "detach"
    assert "grace_period" not in proposal.settings
    assert "before_drop" in proposal.notes[0]


@pytest.mark.parametrize(
    ("lifecycle", "words"),
    [
        ({"retention": {"kind": "expire_if"}}, "'expire_if' has no counterpart"),
        ({"creation": {"kind": "create_next_if"}}, "'create_next_if' has no"),
        (
            {
                "retention": {"kind": "keep_newest", "count": 3},
                "drop": {"kind": "drop_after", "when": {"kind": "sql"}},
            },
            "condition for drops",
        ),
    ],
)
def test_rules_of_pg_partsmith_that_partman_lacks_destroy_nothing(lifecycle, words):
    proposal = of_partsmith(lifecycle=lifecycle)
    assert any(words in note for note in proposal.notes)
    assert proposal.settings.get("retention_action") != "drop"


def test_defaults_of_a_document_hold_for_each_table():
    document = {
        "defaults": {"schema": "app", "granularity": "month"},
        "tables": [{"table_name": "a"}, {"table_name": "b", "schema_name": "c"}],
    }
    rows = partsmith.tables(document)
    assert [partsmith.name(row) for row in rows] == [Name("app", "a"), Name("c", "b")]
    assert {row["granularity"] for row in rows} == {"month"}


def test_the_command_knows_every_peer():
    assert command.PEERS == PEERS
