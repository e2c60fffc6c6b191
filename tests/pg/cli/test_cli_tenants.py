"""Tenants on the command line: what is printed, in words and as JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .helpers import Connection, Partman

SETTINGS = (
    "logs", "--tenant-column", "project", "--partition-by", "at",
    "--partition-interval", "1 month", "--partition-count", "2",
)  # fmt: skip


@pytest.fixture
def logs(pg: Connection, partman: Partman) -> str:
    """Register a table of tenants."""
    pg.execute(
        "CREATE TABLE logs (project text NOT NULL, at timestamptz NOT NULL)"
        " PARTITION BY LIST (project)"
    )
    partman("register", *SETTINGS)
    return "logs"


def listed(partman: Partman) -> list[dict[str, object]]:
    return json.loads(partman("tenants", "list", "logs", "--json").stdout)["tenants"]


def test_tenants_are_added_and_listed(logs: str, partman: Partman) -> None:
    done = partman("tenants", "add", logs, "acme", "o'brien")
    assert "'acme', \"o'brien\" added" in done.stdout
    assert "partman plan" in done.stdout
    partman("maintain")
    header, *rows = partman("tenants", "list", logs).stdout.splitlines()
    assert header.split("\t")[:2] == ["TENANT", "PARTITIONS"]
    assert [row.split("\t")[:2] for row in rows] == [["acme", "2"], ["o'brien", "2"]]


def test_what_is_a_tenants_own_is_set_and_shown(logs: str, partman: Partman) -> None:
    partman("tenants", "add", logs, "acme", "--partition-count", "3")
    assert listed(partman)[0]["settings"] == {"partition_count": 3}
    change = ("tenants", "set", logs, "acme", "--retention-period", "7 days")
    done = partman(*change, code=4)
    assert "keeps 7 days, and kept everything" in done.stderr
    done = partman(*change, "--yes")
    assert "'acme' changed" in done.stdout
    assert listed(partman)[0]["settings"] == {"retention_period": "7 days"}


def test_setting_what_is_no_tenant_is_refused(logs: str, partman: Partman) -> None:
    done = partman("tenants", "set", logs, "nobody", "--partition-count", "3", code=4)
    assert "has no registered tenant 'nobody'" in done.stderr
    assert "partman tenants add" in done.stderr


def test_a_dry_run_shows_and_writes_nothing(logs: str, partman: Partman) -> None:
    done = partman("tenants", "add", logs, "acme", "--dry-run")
    assert "Nothing was written" in done.stdout
    assert "logs_pacme" in done.stdout
    assert not listed(partman)


def test_tenants_are_removed(logs: str, partman: Partman) -> None:
    partman("tenants", "add", logs, "acme")
    partman("maintain")
    done = partman("tenants", "remove", logs, "acme")
    assert "'acme' removed; what they have stays" in done.stdout
    [left] = listed(partman)
    assert (left["registered"], left["known"], left["partitions"]) == (False, False, 2)
    partman("tenants", "remove", logs, "acme", code=4)


def test_the_status_names_whose_inserts_fail_first(logs: str, partman: Partman) -> None:
    partman("tenants", "add", logs, "acme")
    assert "of 'acme' fail NOW" in partman("status", logs, code=3).stdout
    partman("maintain")
    assert "of 'acme' have partitions until" in partman("status", logs).stdout
