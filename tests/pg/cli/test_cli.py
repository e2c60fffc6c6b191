"""From registration to health: what it prints, exits with, and changes."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from .helpers import MONTHLY, partitions

if TYPE_CHECKING:
    from .helpers import Connection, Partman


def test_from_registration_to_health_and_back(
    events: str, partman: Partman, pg: Connection
) -> None:
    done = partman("register", *MONTHLY)
    assert "public.events: registered" in done.stdout
    assert "10 to create" in done.stdout
    assert partitions(pg) == []

    assert "+ create" in partman("plan").stdout
    partman("plan", "--check", code=2)
    assert "Inserts fail NOW" in partman("status", code=3).stdout
    assert re.match(
        r"error\[[a-z-]+\] public.events: ", partman("check", code=3).stdout
    )

    assert "Done: 10 × create." in partman("apply").stdout
    assert len(partitions(pg)) == 10
    assert "Nothing had to be done." in partman("maintain").stdout
    partman("plan", "--check")
    assert partman("check").stdout == ""
    status = partman("status").stdout
    assert status.startswith("● ok      public.events  Inserts have partitions until ")
    *_, summary, last = status.splitlines()
    assert summary == "1 table: 1 ok."
    assert re.fullmatch(r"Last run: \d+ done 20.* UTC by .+@.+", last)

    header, *rows = partman("partitions", events).stdout.splitlines()
    assert header == "PARTITION\tFROM\tTO\tROWS\tSIZE\tSTATE"
    assert len(rows) == 10
    assert {row.split("\t")[5] for row in rows} == {"managed"}
    assert "public.events\trange\tat\t1 month\tfor ever\tapi\tactive" in (
        partman("tables").stdout
    )
    assert len(partman("history", "--limit", "3").stdout.splitlines()) == 4

    assert "no longer managed" in partman("unregister", events, "--yes").stdout
    assert len(partitions(pg)) == 10
    assert "No managed tables yet" in partman("status").stdout


def test_every_reading_command_has_json(expiring: str, partman: Partman) -> None:
    commands = [
        ("plan",),
        ("plan", "--sql", "--locks"),
        ("partitions", expiring),
        ("tables",),
        ("history",),
        ("register", *MONTHLY, "--dry-run"),
        ("adopt", expiring, "--dry-run"),
    ]
    for command in commands:
        body = json.loads(partman(*command, "--json").stdout)
        assert (body["version"], body["command"]) == (1, command[0])
    status = json.loads(partman("status", "--json", code=3).stdout)
    (health,) = status["tables"]
    assert health["table"] == "public.events"
    assert health["pending"] > 0
    check = json.loads(partman("check", "--json", code=3).stdout)
    assert [one["code"] for one in check["problems"]] == ["retention-late"]
    # of another moment: how late it is, in seconds, has grown since
    told = [(one["code"], one["table"], one["hint"]) for one in health["findings"]]
    for one in check["problems"]:
        assert (one["code"], one["table"], one["hint"]) in told


def test_tables_shows_the_key_that_the_database_has(
    pg: Connection, partman: Partman
) -> None:
    pg.execute(
        'CREATE TABLE a ("the Id" bigint NOT NULL) PARTITION BY RANGE ("the Id")'
    )
    partman("register", "a", "--partition-interval", "10")
    assert partman("tables").stdout.splitlines()[1].split("\t")[2] == "the Id"
    (entry,) = json.loads(partman("tables", "--json").stdout)["tables"]
    assert entry["partition_by"] == "the Id"
    pg.execute("DROP TABLE a")
    assert partman("tables").stdout.splitlines()[1].split("\t")[2] == ""


# What was done


def test_history_says_when_to_the_minute_and_in_which_zone(
    expiring: str, partman: Partman
) -> None:
    row = partman("history", expiring, "--limit", "1").stdout.splitlines()[1]
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d UTC", row.split("\t")[0])


@pytest.mark.usefixtures("events")
def test_the_history_of_a_table_outlives_its_registration(
    partman: Partman, pg: Connection
) -> None:
    partman("register", *MONTHLY)
    partman("maintain")
    partman("unregister", "public.events", "--yes")
    assert len(partman("history", "public.events").stdout.splitlines()) == 11
    pg.execute("DROP TABLE events")
    assert len(partman("history", "public.events").stdout.splitlines()) == 11
    told = partman("history", "events", code=4).stderr
    assert "one that was let go of needs its schema" in told


@pytest.mark.usefixtures("expiring")
def test_history_of_what_was_never_managed_is_refused(partman: Partman) -> None:
    done = partman("history", "nix.x", code=4)
    assert done.stdout == ""
    assert "error[not-managed]: nix.x is not managed by partman" in done.stderr
    assert "did you mean" not in done.stderr
    meant = partman("history", "public.event", code=4).stderr
    assert "did you mean public.events? " in meant


# Registration


def test_how_a_table_is_partitioned_is_named_if_nobody_serves_it(
    pg: Connection, partman: Partman
) -> None:
    pg.execute("CREATE TABLE a (region text) PARTITION BY LIST (region)")
    told = partman("register", "a", "--partition-interval", "1 day", code=4).stderr
    assert "a strategy for a table that is partitioned by list" in told


@pytest.mark.usefixtures("events")
def test_flags_become_settings(partman: Partman) -> None:
    done = partman(
        *("register", *MONTHLY, "--partition-count", "4", "--timezone", "Asia/Tokyo"),
        *("--storage", "fillfactor=70", "--set", 'retention_period="2 years"'),
        "--default-partition",
        "--json",
    )
    (table,) = json.loads(done.stdout)["tables"]
    changes = {one["key"]: one["after"] for one in table["changes"]}
    assert changes["partition_count"] == 4
    assert changes["timezone"] == "Asia/Tokyo"
    assert changes["retention_period"] == "2 years"
    assert changes["default_partition"] is True
    assert "70" in str(changes["storage.fillfactor"])
    kinds = [one["kind"] for one in table["plan"]["tables"][0]["operations"]]
    assert kinds == ["create"] * 5


def test_an_integer_interval_is_for_number_axes(
    pg: Connection, partman: Partman
) -> None:
    pg.execute("CREATE TABLE ids (id bigint NOT NULL) PARTITION BY RANGE (id)")
    partman("register", "ids", "--partition-interval", "1000")
    assert "\t1000\t" in partman("tables").stdout


@pytest.mark.usefixtures("events")
def test_a_dry_run_writes_nothing_not_even_our_schema(
    partman: Partman, pg: Connection
) -> None:
    done = partman("register", *MONTHLY, "--dry-run")
    assert "would be registered" in done.stdout
    assert "Plan " in done.stdout
    assert "Nothing was written" in done.stdout
    found = pg.execute(
        "SELECT 1 FROM pg_namespace WHERE nspname = 'partman'"
    ).fetchall()
    assert found == []


@pytest.mark.usefixtures("events")
def test_keeping_less_needs_a_word_more(partman: Partman) -> None:
    partman("register", *MONTHLY)
    tighter = ("register", *MONTHLY, "--retention-period", "2 months")
    refused = partman(*tighter, code=4)
    assert "error[needs-confirmation]" in refused.stderr
    assert "--yes" in refused.stderr
    assert "for ever" in partman("tables").stdout
    agreed = partman(*tighter, "--yes")
    assert "retention_period  2 months" in agreed.stdout
    assert "nothing changed" in partman(*tighter).stdout


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        (("public.nothing", "--partition-interval", "1 day"), "public.nothing"),
        (("public.plain", "--partition-interval", "1 day"), "plain"),
        (("public.events", "--partition-by", "nope", "--partition-interval", "1 day"),
         "nope"),
        (("public.events",), "partition_interval"),
        (("public.events", "--partition-interval", "0 days"), "0 days"),
        (("public.events", "--partition-interval", "10"), "10"),
        (("public.events", "--partition-interval", "1 day",
          "--retention-period", "-3 days"), "-3 days"),
        (("public.events", "--partition-interval", "1 day", "--timezone", "Mars/X"),
         "Mars/X"),
        (("public.events", "--partition-interval", "1 day", "--set", "retentoin=3"),
         "retentoin"),
        (("public.events", "--partition-type", "rnage"), "rnage"),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("events")
def test_what_cannot_work_is_refused_with_4_and_changes_nothing(
    args: tuple[str, ...], sentence: str, partman: Partman, pg: Connection
) -> None:
    pg.execute("CREATE TABLE public.plain (at timestamptz)")
    done = partman("register", *args, code=4)
    assert done.stdout == ""
    assert done.stderr.startswith("error[")
    assert sentence in done.stderr
    assert "No managed tables yet" in partman("status").stdout
