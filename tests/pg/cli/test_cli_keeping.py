"""The bin and holds on the command line: what is printed, in words and as JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from partman_core.pg.claims import take

from .helpers import MONTHLY, months_ago, partitions

if TYPE_CHECKING:
    from .helpers import Connection, Partman


@pytest.fixture
def binned(events: str, partman: Partman, pg: Connection) -> list[str]:
    """Have partitions in the bin; return their names, oldest first."""
    start = ("--start", months_ago(8))
    partman("register", *MONTHLY, *start)
    partman("maintain")
    keep = ("--retention-period", "6 months", "--grace-period", "1 month")
    partman("register", *MONTHLY, *start, *keep, "--yes")
    partman("maintain")
    body = json.loads(partman("bin", "--json").stdout)
    names = [one["partition"].removeprefix("public.") for one in body["partitions"]]
    assert names
    return names


def test_the_bin_is_listed(binned: list[str], events: str, partman: Partman) -> None:
    header, *rows = partman("bin").stdout.splitlines()
    assert header.split("\t") == [
        "PARTITION", "TABLE", "FROM", "TO", "ROWS", "SIZE", "RETIRED", "DUE", "WHY",
    ]  # fmt: skip
    assert [row.split("\t")[0] for row in rows] == [f"public.{n}" for n in binned]
    cells = rows[0].split("\t")
    assert cells[1] == events
    assert cells[6].endswith("UTC")
    assert cells[7].endswith("UTC")
    assert cells[8] == ""


def test_the_bin_has_json(binned: list[str], events: str, partman: Partman) -> None:
    body = json.loads(partman("bin", events, "--json").stdout)
    assert (body["version"], body["command"]) == (1, "bin")
    one = body["partitions"][0]
    assert (one["table"], one["action"], one["kept"], one["overdue"]) == (
        events, "drop", False, False,
    )  # fmt: skip
    assert one["bounds"]["kind"] == "range"
    assert one["due"] > one["retired_at"]
    assert one["why"] is None


def test_an_empty_bin_is_said(events: str, partman: Partman) -> None:
    done = partman("bin")
    assert "the bin is empty" in done.stderr
    assert len(done.stdout.splitlines()) == 1
    assert "error[not-managed]" in partman("bin", events, code=4).stderr


def test_a_partition_is_brought_back_and_put_on_hold(
    binned: list[str], partman: Partman, pg: Connection
) -> None:
    done = partman("attach", binned[0])
    assert f"done    attach   {binned[0]}" in done.stdout
    assert f"`partman release public.{binned[0]}` lets it go" in done.stdout
    assert "Done: 1 × attach." in done.stdout
    assert binned[0] in partitions(pg)
    for command in ("plan", "status"):
        assert "on hold: brought back from the bin" in partman(command).stdout
    partman("maintain")
    assert binned[0] in partitions(pg)
    assert "attach" in partman("history").stdout


def test_without_a_hold_the_next_run_has_it(
    binned: list[str], partman: Partman, pg: Connection
) -> None:
    done = partman("attach", binned[0], "--no-hold")
    assert "the next run takes it out again" in done.stdout
    partman("maintain")
    assert binned[0] not in partitions(pg)


def test_a_dry_run_shows_it_only(
    binned: list[str], partman: Partman, pg: Connection
) -> None:
    done = partman("attach", binned[0], "--dry-run")
    assert f"+ attach   {binned[0]}" in done.stdout
    assert "1 to attach" in done.stdout
    body = json.loads(partman("attach", binned[0], "--dry-run", "--json").stdout)
    [table] = body["tables"]
    assert [entry["kind"] for entry in table["operations"]] == ["attach"]
    assert binned[0] not in partitions(pg)


def test_what_came_back_has_json(binned: list[str], partman: Partman) -> None:
    body = json.loads(partman("attach", binned[0], "--json").stdout)
    assert (body["command"], body["exit_code"]) == ("attach", 0)
    [entry] = body["tables"][0]["operations"]
    assert (entry["kind"], entry["result"]) == ("attach", "done")
    assert entry["hold"] == "brought back from the bin"
    assert [found["code"] for found in body["tables"][0]["findings"]] == ["held"]


def test_what_is_not_in_the_bin_is_said(binned: list[str], partman: Partman) -> None:
    wrong = partman("attach", binned[0][:-1], code=4)
    assert "error[not-in-bin]" in wrong.stderr
    assert "did you mean" in wrong.stderr
    told = json.loads(partman("attach", "nothing", "--json", code=4).stderr)
    assert told["error"]["code"] == "not-in-bin"


def test_a_claimed_table_is_left_alone(
    binned: list[str], partman: Partman, pg: Connection
) -> None:
    [(oid,)] = pg.execute("SELECT 'public.events'::regclass::oid").fetchall()
    assert take(pg, oid)
    assert "another engine" in partman("attach", binned[0], code=6).stdout


def test_holds_are_set_replaced_and_let_go(
    binned: list[str], partman: Partman, pg: Connection
) -> None:
    [name, *_] = partitions(pg)
    done = partman("hold", name, "--until", "2999-01-01", "--reason", "court")
    assert done.stdout == (
        f"public.{name}: on hold until 2999-01-01 00:00 UTC: court\n"
    )
    again = partman("hold", name.upper(), "--reason", "audit").stdout.splitlines()
    assert again == [
        f"public.{name}: on hold: audit",
        "  before: on hold until 2999-01-01 00:00 UTC: court",
    ]
    assert "let go" in partman("release", name).stdout
    assert "not on hold" in partman("release", name).stdout


def test_a_hold_in_the_bin_is_shown_there(binned: list[str], partman: Partman) -> None:
    done = partman("hold", binned[0], "--reason", "court")
    assert f"`partman attach public.{binned[0]}` brings it back" in done.stdout
    assert "on hold: court" in partman("bin").stdout
    assert "dropped" in partman("release", binned[0]).stdout


def test_holds_have_json(binned: list[str], partman: Partman) -> None:
    until = ("--until", "2999-01-01T09:00+09:00")
    body = json.loads(
        partman("hold", binned[0], "--reason", "court", *until, "--json").stdout
    )
    assert body["until"] == "2999-01-01T00:00:00+00:00"
    assert (body["reason"], body["in_bin"], body["before"]) == ("court", True, None)
    body = json.loads(partman("release", binned[0], "--json").stdout)
    assert body["released"]["reason"] == "court"
    assert (
        json.loads(partman("release", binned[0], "--json").stdout)["released"] is None
    )


@pytest.mark.parametrize(
    ("given", "code", "said"),
    [
        (("--until", "yesterday", "--reason", "x"), 64, "is no moment"),
        (("--until", "2020-01-01", "--reason", "x"), 4, "over already"),
        (("--reason", " "), 4, "needs a reason"),
        ((), 64, "--reason"),
    ],
)
def test_what_cannot_be_held_is_refused(
    binned: list[str],
    partman: Partman,
    given: tuple[str, ...],
    code: int,
    said: str,
) -> None:
    assert said in partman("hold", binned[0], *given, code=code).output


@pytest.mark.parametrize("command", [["hold", "--reason", "x"], ["release"]])
def test_an_unknown_partition_is_refused(
    events: str, partman: Partman, command: list[str]
) -> None:
    partman("register", *MONTHLY)
    assert "error[unknown-partition]" in partman(*command, "nothing", code=4).stderr


def test_a_name_in_quotes_keeps_its_spelling(
    binned: list[str], partman: Partman, pg: Connection
) -> None:
    pg.execute(f'ALTER TABLE {binned[0]} RENAME TO "Of ""Old"""')
    given = '"Of ""Old"""'
    assert "in the bin" in partman("hold", given, "--reason", "x").stdout
    done = partman("attach", given)
    assert "Done: 1 × attach." in done.stdout
    assert 'partman release \'public."Of ""Old"""\'' in done.stdout
