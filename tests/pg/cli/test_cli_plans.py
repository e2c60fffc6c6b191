"""Plans: shown, saved, applied, and asked about before they destroy."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from .helpers import MONTHLY, at_terminal, partitions

if TYPE_CHECKING:
    from .helpers import Connection, Partman


@pytest.mark.usefixtures("events")
def test_a_plan_shows_its_statements_and_their_locks(partman: Partman) -> None:
    partman("register", *MONTHLY)
    text = partman("plan", "--sql", "--locks").stdout
    assert "ATTACH PARTITION" in text
    assert "locks: SHARE UPDATE EXCLUSIVE on public.events" in text
    assert "ATTACH PARTITION" not in partman("plan", "--locks").stdout
    assert "locks:" not in partman("plan", "--sql").stdout


@pytest.mark.usefixtures("expiring")
def test_a_plan_can_be_looked_at_in_part_and_of_another_day(partman: Partman) -> None:
    assert "+ create" not in partman("plan", "--only", "detach,drop").stdout
    later = f"{datetime.now(UTC) + timedelta(days=70):%Y-%m-%dT%H:%M}"
    assert "+ create" in partman("plan", "--only", "create", "--now", later).stdout


@pytest.mark.usefixtures("expiring")
def test_destroying_is_asked_about_or_needs_the_flag(
    partman: Partman, pg: Connection
) -> None:
    before = partitions(pg)
    refused = partman("apply", code=64)
    assert "--yes or --drop" in refused.stderr
    assert "- drop" in refused.stderr
    assert partitions(pg) == before
    done = partman("apply", "--drop")
    assert "× drop" in done.stdout
    assert len(partitions(pg)) < len(before)


@pytest.mark.usefixtures("expiring")
def test_maintenance_never_asks(partman: Partman, pg: Connection) -> None:
    before = partitions(pg)
    partman("maintain")
    assert len(partitions(pg)) < len(before)


@pytest.mark.usefixtures("events")
def test_a_saved_plan_is_applied_as_it_is_or_not_at_all(
    partman: Partman, pg: Connection
) -> None:
    partman("register", *MONTHLY)
    partman("plan", "-o", "plan.json")
    assert json.loads(Path("plan.json").read_text())["tables"]
    partman("apply", "--plan", "plan.json")
    assert len(partitions(pg)) == 10
    stale = partman("apply", "--plan", "plan.json", code=2)
    assert "no longer holds" in stale.output


@pytest.mark.usefixtures("expiring")
def test_a_part_of_a_plan_can_be_saved_and_applied(
    partman: Partman, pg: Connection
) -> None:
    pg.execute(f"DROP TABLE {partitions(pg)[-1]}")
    before = partitions(pg)
    partman("plan", "--only", "create", "-o", "plan.json")
    done = partman("apply", "--plan", "plan.json")
    assert "Done: 1 × create." in done.stdout
    assert set(before) < set(partitions(pg))


# A person at the terminal


@pytest.mark.usefixtures("expiring")
def test_at_a_terminal_no_means_no(database: str, pg: Connection) -> None:
    before = partitions(pg)
    code, text = at_terminal(database, b"n\n", "apply")
    assert code == 130
    assert "partitions are to be taken out or dropped. Do it?" in text
    assert "stopped: nothing was changed." in text
    assert partitions(pg) == before


@pytest.mark.usefixtures("expiring")
def test_at_a_terminal_yes_means_yes(database: str, pg: Connection) -> None:
    before = partitions(pg)
    code, text = at_terminal(database, b"y\n", "apply")
    assert code == 0
    assert "× drop" in text
    assert len(partitions(pg)) < len(before)


@pytest.mark.usefixtures("events")
def test_at_a_terminal_keeping_less_is_asked_about(
    database: str, partman: Partman
) -> None:
    partman("register", *MONTHLY)
    tighter = ("register", *MONTHLY, "--retention-period", "2 months")
    assert at_terminal(database, b"n\n", *tighter)[0] == 130
    assert "for ever" in partman("tables").stdout
    assert at_terminal(database, b"y\n", *tighter)[0] == 0
    assert "2 months" in partman("tables").stdout
