"""What people read about plans, runs and health: pinned, and in step with the JSON."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from partman_core.bounds import DefaultBounds, HashBounds, ListBounds, RangeBounds
from partman_core.bounds import to_json as bounds_json
from partman_core.cli import words
from partman_core.cli.status import status_lines
from partman_core.model import Partition, Retired
from partman_core.naming import Name
from partman_core.plan import Create, Detach, Drop, Finding, Plan, TablePlan
from partman_core.report import Outcome, Report, TableReport

GOLDEN = Path(__file__).parents[1] / "golden"
NOW = datetime(2014, 1, 1, 5, tzinfo=UTC)
TABLE = Name("public", "flights")


def plainly(text: str, _style: str) -> str:
    return text


def golden(name: str, lines: Any) -> None:
    """Compare with the file; to renew it, delete it and look at what comes."""
    file, text = GOLDEN / name, "\n".join(lines) + "\n"
    if not file.exists():
        file.write_text(text, encoding="utf-8")
        pytest.fail(f"{file} was missing and is written; look at it")
    assert text == file.read_text(encoding="utf-8")


def month(number: int, year: int = 2013) -> RangeBounds:
    following = f"{year + number // 12}-{number % 12 + 1:02}-01 00:00:00+00"
    return RangeBounds((f"{year}-{number:02}-01 00:00:00+00",), (following,))


def old(number: int) -> Partition:
    return Partition(
        oid=number,
        name=Name("public", f"flights_p2013{number:02}"),
        bounds=month(number),
        rows=None if number == 2 else 27_004,
        bytes=1_613_824,
        ours=True,
    )


def operations() -> tuple[Any, ...]:
    why = "ended 2013-02-01, kept for 9 months (since 2013-04-01)"
    retired = Retired(
        oid=1,
        name=Name("attic", "Old flights"),
        bounds=month(1),
        action="drop",
        retired_at=NOW,
        due=NOW,
        bytes=1_613_824,
        rows=27_004,
    )
    return (
        Create(
            table=TABLE,
            name=Name("public", "flights_p201402"),
            bounds=month(2, 2014),
            reason="one of 3 periods to keep ready",
        ),
        Detach(
            table=TABLE, partition=old(2), reason=why, action="drop", concurrently=True
        ),
        Drop(table=TABLE, retired=retired, reason=why),
    )


def findings() -> tuple[Finding, ...]:
    return (
        Finding(
            code="max-drops",
            severity="warning",
            table=TABLE,
            message="2 more partitions are due than one run may retire",
            hint="partman maintain --max-drops 4",
        ),
        Finding(code="foreign", severity="info", table=TABLE, message="1 is not ours"),
    )


def plan() -> Plan:
    busy = TablePlan(table=TABLE, operations=operations(), findings=findings())
    return Plan(now=NOW, tables=(busy, TablePlan(table=Name("public", "idle"))))


def report() -> Report:
    create, detach, drop = operations()
    outcomes = (
        Outcome(operation=create, result="done", seconds=0.0312),
        Outcome(
            operation=detach,
            result="failed",
            message="canceling statement due to lock timeout",
            hint="run again; pid 4821 holds it",
            sqlstate="55P03",
            exit_code=8,
        ),
        Outcome(operation=drop, result="skipped", message="it is still attached"),
    )
    tables = (
        TableReport(
            table=TABLE,
            outcomes=outcomes,
            findings=findings(),
            runway="Inserts have partitions until 2014-03-01 00:00 UTC (58 days).",
        ),
        TableReport(
            table=Name("public", "gone"), error="there is no such table", hint="look"
        ),
        TableReport(table=Name("public", "busy"), skipped="another one works on it"),
    )
    return Report(run=7, command="maintain", started_at=NOW, tables=tables)


def health(table: str, state: str, **more: Any) -> dict[str, Any]:
    return {
        "table": table,
        "state": state,
        "runway": "Inserts have partitions until 2014-03-01 00:00 UTC (58 days).",
        "pending": 0,
        "partitions": 13,
        "rows": 336_776,
        "bytes": 25_296_896,
        "findings": [],
    } | more


def test_the_text_of_a_plan() -> None:
    golden("plan.txt", words.plan_lines(plan().to_json(), plainly))


def test_the_text_of_a_plan_with_its_statements_and_locks() -> None:
    body = plan().to_json()
    locks = [{"relation": "public.flights", "mode": "SHARE UPDATE EXCLUSIVE"}]
    step = {"sql": "ALTER TABLE a\n  ATTACH b;", "locks": locks, "waits": "b waits"}
    for entry in body["tables"][0]["operations"]:
        entry["steps"] = [step, {"sql": "SELECT 1", "locks": [], "waits": None}]
    golden("plan_steps.txt", words.plan_lines(body, plainly))


def test_the_text_of_a_report() -> None:
    golden("report.txt", words.report_lines(report().to_json(), plainly))


def test_the_text_of_a_status_is_the_worst_first() -> None:
    gap = words_finding("gap", "error", "no partition holds 2013-05-02")
    entries = [
        health("public.flights", "ok"),
        health("public.events", "error", findings=[gap], rows=None, pending=3),
        health("public.logs", "ok"),
    ]
    golden("status.txt", status_lines(entries, plainly))


def words_finding(code: str, severity: str, message: str) -> dict[str, Any]:
    return {
        "code": code,
        "severity": severity,
        "message": message,
        "hint": "partman maintain public.events",
    }


def test_nothing_managed_says_how_to_begin() -> None:
    assert list(status_lines([], plainly)) == [
        "No managed tables yet. Try: partman register TABLE --help"
    ]


def test_people_read_the_operations_that_programs_get() -> None:
    body = plan().to_json()
    text = "\n".join(words.plan_lines(body, plainly))
    for entry in words.operations_of(body):
        assert f"{entry['kind']} " in text
        assert entry["reason"] in text
    assert body["hash"] in text


@pytest.mark.parametrize(
    ("number", "text"),
    [(None, ""), (0, "0 B"), (1023, "1023 B"), (1024, "1.0 KiB"), (3 << 40, "3.0 TiB")],
)
def test_sizes_go_in_steps_of_1024(number: int | None, text: str) -> None:
    assert words.size(number) == text


@pytest.mark.parametrize(
    ("bounds", "text"),
    [
        (month(12), "2013-12-01 … 2014-01-01"),
        (RangeBounds(("2026-01-01 00:15:00+00",), ("infinity",)),
         "2026-01-01 00:15 UTC … infinity"),
        (RangeBounds(("2026-01-01 00:00:00.5+00",), ("2026-01-01 00:00:01+00",)),
         "2026-01-01 00:00:00.5 UTC … 2026-01-01 00:00:01 UTC"),
        (RangeBounds(("0",), ("1000",)), "0 … 1000"),
        (ListBounds(("a", None)), "a, NULL"),
        (HashBounds(8, 3), "remainder 3 of 8"),
        (DefaultBounds(), "DEFAULT"),
    ],
)  # fmt: skip
def test_bounds_in_words(bounds: Any, text: str) -> None:
    assert words.span(bounds_json(bounds)) == text


def test_bounds_that_cannot_be_read_are_locked() -> None:
    assert words.span(None) == "locked"


def test_a_name_in_another_schema_keeps_its_schema() -> None:
    body = plan().to_json()
    text = "\n".join(words.plan_lines(body, plainly))
    assert '- drop     attic."Old flights"' in text
    assert "+ create   flights_p201402" in text


def test_failures_with_one_reason_say_it_once() -> None:
    create, *_ = operations()
    failed = Outcome(
        operation=create, result="failed", message="no room", hint="make some"
    )
    table = TableReport(table=TABLE, outcomes=(failed, failed, failed))
    body = Report(run=1, command="maintain", started_at=NOW, tables=(table,)).to_json()
    text = "\n".join(words.report_lines(body, plainly))
    assert text.count("failed  create") == 3
    assert text.count("= why: no room\n    = try: make some") == 1


def test_a_run_without_tables_says_so() -> None:
    body = Report(run=None, command="maintain", started_at=NOW).to_json()
    assert words.tally_done(body).startswith("No table is managed yet")
