"""The main job on real data: all flights that left New York City in 2013."""

from __future__ import annotations

import json
from collections import Counter

import pytest

KEEP = ("--retention-period", "9 months")


def month(number: int) -> str:
    """Name a partition; the 13th month is January of 2014."""
    return f"flights_p{2013 + (number - 1) // 12}{(number - 1) % 12 + 1:02}"


@pytest.fixture
def flown(data):
    """Count the flights of each month in UTC, by the partition they belong in."""
    _, *lines = data.splitlines()
    stamps = Counter(line[:7].decode() for line in lines)
    return {f"flights_p{stamp.replace('-', '')}": n for stamp, n in stamps.items()}


@pytest.mark.usefixtures("partman", "loaded")
def test_thirteen_months_hold_every_flight(counts, partitions, flown):
    assert partitions() == [month(number) for number in range(1, 14)]
    assert counts() == flown
    assert sum(flown.values()) == 336_776
    assert flown[month(13)] == 88


def test_retention_takes_what_is_over_and_nothing_else(
    partman, loaded, counts, partitions, flown
):
    refused = partman.register(*KEEP, code=4)
    assert refused == ""
    assert "2 to detach, 2 to drop" in partman.register(*KEEP, "--yes")
    partman("plan", "-o", "plan.json")
    assert counts() == flown
    partman("apply", "--plan", "plan.json", code=64)  # nobody is there to be asked
    assert counts() == flown
    done = partman("apply", "--plan", "plan.json", "--yes")
    assert "Done: 2 × detach, 2 × drop." in done.stdout
    kept = {name: n for name, n in flown.items() if name > month(2)}
    assert counts() == kept
    assert partitions() == sorted(kept)
    assert loaded.execute("SELECT to_regclass('flights_p201301')").fetchone() == (None,)
    assert "nothing to do" in partman("plan", "--check").stdout


@pytest.mark.usefixtures("loaded")
def test_a_day_later_one_month_comes_and_one_goes(partman, partitions, clock):
    partman.register(*KEEP, "--yes")
    partman("maintain")
    clock("2014-01-01T12:00+00:00")
    partman("plan", "--check", code=2)
    done = partman.json("maintain")
    (table,) = done["tables"]
    assert [(op["kind"], op["partition"]) for op in table["operations"]] == [
        ("create", "public.flights_p201402"),
        ("detach", f"public.{month(3)}"),
        ("drop", f"public.{month(3)}"),
    ]
    assert partitions() == [month(number) for number in range(4, 15)]


@pytest.mark.usefixtures("loaded")
def test_every_month_is_kept_where_no_retention_is_written(
    partman, counts, flown, clock
):
    clock("2030-06-15T00:00+00:00")
    done = partman.json("maintain")
    kinds = {op["kind"] for op in done["tables"][0]["operations"]}
    assert kinds == {"create"}
    assert counts() == flown


def test_a_plan_that_no_longer_holds_is_not_applied(partman, loaded, counts, flown):
    partman.register(*KEEP, "--yes")
    partman("plan", "-o", "plan.json")
    loaded.execute(f"ALTER TABLE flights DETACH PARTITION {month(1)}")
    stale = partman("apply", "--plan", "plan.json", "--yes", code=2)
    assert "no longer holds" in stale.stdout
    assert "partman plan public.flights" in stale.stdout
    assert counts() == {name: n for name, n in flown.items() if name != month(1)}


@pytest.mark.usefixtures("loaded")
def test_too_much_at_once_is_held_back_until_somebody_says_so(partman, partitions):
    partman.register("--retention-period", "1 month", "--yes")
    held = partman("maintain", code=3).stdout
    assert (
        "10 of the 12 partitions that have begun are due to be retired, "
        "and max_drops is 6" in held
    )
    assert "`partman maintain public.flights --max-drops 10`" in held
    assert len(partitions()) == 13
    partman("maintain", "public.flights", "--max-drops", "10")
    assert partitions() == [month(11), month(12), month(13)]


@pytest.mark.usefixtures("loaded")
def test_the_status_of_a_healthy_table_is_one_sentence(partman):
    said = partman("status").stdout
    assert "public.flights  Inserts have partitions until 2014-02-01 00:00 UTC" in said
    assert "13 partitions, ≈336,776 rows" in said
    assert "1 table: 1 ok." in said
    (table,) = partman.json("status")["tables"]
    assert table["state"] == "ok"
    assert table["sentence"] in said
    assert (table["partitions"], table["rows"]) == (13, 336_776)


def test_a_problem_is_a_line_for_monitors_and_an_exit_code(partman, loaded):
    assert partman("check").stdout == ""
    assert partman.json("check")["problems"] == []
    loaded.execute(f"DROP TABLE {month(13)}")
    (line, *_) = partman("check", code=3).stdout.splitlines()
    problem = partman.json("check", code=3)["problems"][0]
    severity, code = problem["severity"], problem["code"]
    assert line == f"{severity}[{code}] public.flights: {problem['message']}"


@pytest.mark.usefixtures("loaded")
def test_partitions_are_the_same_for_people_and_programs(partman):
    rows = partman.rows("partitions", "flights")
    entries = partman.json("partitions", "flights")["partitions"]
    assert [row["PARTITION"] for row in rows] == [each["partition"] for each in entries]
    assert len(rows) == 13
    assert (rows[0]["FROM"], rows[0]["TO"]) == ("2013-01-01", "2013-02-01")
    assert entries[0]["clause"] == (
        "FOR VALUES FROM ('2013-01-01 00:00:00+00') TO ('2013-02-01 00:00:00+00')"
    )
    assert [row["ROWS"] for row in rows] == [f"≈{each['rows']:,}" for each in entries]
    assert sum(entry["rows"] for entry in entries) == 336_776
    assert {row["STATE"] for row in rows} == {"managed"}


@pytest.mark.usefixtures("loaded")
def test_tables_are_the_same_for_people_and_programs(partman):
    partman.register(*KEEP, "--yes")
    (row,) = partman.rows("tables")
    (entry,) = partman.json("tables")["tables"]
    assert row["TABLE"] == entry["table"] == "public.flights"
    assert row["INTERVAL"] == entry["settings"]["partition_interval"] == "1 month"
    assert row["KEPT"] == entry["settings"]["retention_period"] == "9 months"


@pytest.mark.usefixtures("loaded")
def test_history_is_the_same_for_people_and_programs(partman):
    partman.register(*KEEP, "--yes")
    partman("maintain")
    rows = partman.rows("history")
    entries = partman.json("history")["operations"]
    what = [(row["WHAT"], row["PARTITION"], row["RESULT"]) for row in rows]
    assert what == [(e["kind"], e["partition"], e["result"]) for e in entries]
    kinds = Counter(kind for kind, _, _ in what)
    assert kinds == {"create": 13, "detach": 2, "drop": 2}
    gone = {e["partition"] for e in entries if e["kind"] == "drop"}
    assert gone == {f"public.{month(1)}", f"public.{month(2)}"}
    assert {row["AT"] for row in rows} == {"2013-12-31 12:00 UTC"}


@pytest.mark.usefixtures("loaded")
def test_a_plan_is_the_same_for_people_programs_and_files(partman):
    partman.register(*KEEP, "--yes")
    said = partman("plan", "-o", "plan.json").stdout
    body = partman.json("plan", "--sql", "--locks")
    saved = json.loads((partman.place / "plan.json").read_text())
    assert saved["hash"] == body["hash"]
    assert f"Plan {saved['hash']}: 2 to detach, 2 to drop" in said
    operations = body["tables"][0]["operations"]
    for operation in operations:
        assert operation["partition"].removeprefix("public.") in said
        assert operation["reason"] in said
    assert "DETACH PARTITION" in operations[0]["steps"][0]["sql"]
    assert operations[0]["steps"][0]["locks"]
