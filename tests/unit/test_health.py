"""Every rule of health fires where it should, and is silent where it should be."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from attrs import evolve

from partman_core.errors import ConfigError
from partman_core.health import unknown
from partman_core.interval import Interval
from partman_core.model import Run
from partman_core.plan import Finding
from partman_plugins.retention import Retention

from .health_cases import DEFAULT, FULL, codes, found, judged
from .plan_strategies import (
    NAME,
    NOON,
    a_partition,
    a_table,
    days,
)


def test_a_gap_is_told_with_its_bounds() -> None:
    ill = judged(*days("2026-11-24", 6), *days("2026-12-02", 2))
    assert found(ill, "gap").message == (
        "No partition holds 2026-11-30 00:00 UTC to 2026-12-02 00:00 UTC: "
        "inserts for it fail."
    )
    filled = judged(
        *days("2026-11-24", 6), *days("2026-12-02", 2), tree={"default": DEFAULT}
    )
    assert "fall into DEFAULT" in found(filled, "gap").message
    assert "gap" not in codes(judged(*FULL))
    assert "gap" not in codes(judged(*days("2026-11-24", 6))), "the end is no gap"


def test_rows_in_default_are_told_with_their_number() -> None:
    some = evolve(DEFAULT, rows=1204)
    ill = judged(*FULL, tree={"default": some}, default_rows=True)
    assert "about 1,204 rows" in found(ill, "default-rows").message
    assert found(ill, "default-rows").severity == "warning"
    assert "SELECT min(at), max(at) FROM public.flights_default" in (
        found(ill, "default-rows").hint
    )
    guessed = judged(*FULL, tree={"default": some})
    assert "default-rows" in codes(guessed)


@pytest.mark.parametrize(
    "there", [days("2026-11-20", 4), (*days("2026-11-24", 6), *days("2026-12-02", 2))]
)
def test_where_rows_in_default_may_be_in_the_way_they_are_to_be_moved_first(there):
    full = {"default": evolve(DEFAULT, rows=7)}
    code = "gap" if len(there) == 8 else "runway-short"
    mends = "`partman maintain public.flights` makes what is missing"
    hint = found(judged(*there, tree=full, default_rows=True), code).hint
    assert hint.startswith("rows in DEFAULT may be in the way (default-rows says")
    assert hint.endswith(f"move those out first, then {mends}")
    assert found(judged(*there, tree=full), code).hint == hint, "by the estimate"
    assert found(judged(*there, tree=full, default_rows=False), code).hint == mends
    assert found(judged(*there, tree={"default": DEFAULT}), code).hint == mends
    paused = judged(*there, tree=full, default_rows=True, table=a_table(paused=True))
    assert "is paused" in found(paused, code).hint


@pytest.mark.parametrize("looked", [False, None])
def test_an_empty_default_is_fine(looked) -> None:
    assert judged(*FULL, tree={"default": DEFAULT}, default_rows=looked).state == "ok"


def test_retention_that_is_late_is_told_with_the_delay() -> None:
    table = a_table(kept=Retention(retention_period=Interval.parse("2 days")))
    ill = judged(*days("2026-11-18", 3), *days("2026-11-22", 12), table=table)
    late = found(ill, "retention-late")
    assert "3 partitions are kept longer than configured" in late.message
    assert "flights_p20261118 should have been gone 3 days ago" in late.message
    assert late.data["partitions"] == 3


def test_retention_that_is_due_since_today_is_not_late() -> None:
    table = a_table(kept=Retention(retention_period=Interval.parse("2 days")))
    fine = judged(*days("2026-11-21", 13), table=table)
    assert fine.pending == 2
    assert "retention-late" not in codes(fine)
    assert "retention-late" not in codes(judged(*days("2020-01-01", 3), *FULL))


def run(result: str, message: str | None = None) -> Run:
    at = NOON - timedelta(hours=2)
    return Run(
        id=7, actor="app", command="maintain", started_at=at, finished_at=at,
        result=result, message=message,
    )  # fmt: skip


def test_a_failed_run_is_told_with_its_reason() -> None:
    ill = judged(*FULL, last_run=run("failed", "lock timeout on flights_p20261203"))
    assert found(ill, "last-run-failed").message == (
        "The last run (number 7) failed 2 hours ago: lock timeout on flights_p20261203."
    )
    assert ill.state == "warning"
    assert codes(judged(*FULL, last_run=run("done"))) == set()


def test_maintenance_that_does_not_run_is_told() -> None:
    idle = judged(*FULL, last_success=NOON - timedelta(days=3))
    assert "3 days ago" in found(idle, "no-recent-run").message
    never = judged(*FULL, last_success=None)
    assert "never" in found(never, "no-recent-run").message
    assert codes(judged(*FULL, last_success=NOON - timedelta(days=2))) == set()


def test_a_long_period_gives_maintenance_more_time_but_not_for_ever() -> None:
    table = a_table("1 month", partition_count=2)
    there = (
        a_partition("2026-11-01 00:00:00+00", "2026-12-01 00:00:00+00"),
        a_partition("2026-12-01 00:00:00+00", "2027-01-01 00:00:00+00"),
    )
    fine = judged(*there, table=table, last_success=NOON - timedelta(days=7))
    assert codes(fine) == set()
    idle = judged(*there, table=table, last_success=NOON - timedelta(days=8))
    assert codes(idle) == {"no-recent-run"}


def test_a_paused_table_expects_no_run_but_its_runway_is_still_watched() -> None:
    table = a_table(paused=True)
    assert codes(judged(*FULL, table=table, last_success=None)) == {"paused"}
    ill = judged(*days("2026-11-20", 4), table=table)
    assert ill.state == "error"
    assert "is paused" in found(ill, "runway-short").hint


def test_a_detach_that_was_cut_short_is_told_once() -> None:
    cut = [evolve(one, pending=True) for one in days("2026-11-20", 1)]
    ill = judged(*cut, *FULL)
    assert found(ill, "half-detached").severity == "warning"
    paused = judged(*cut, *FULL, table=a_table(paused=True))
    assert "half-detached" in codes(paused)
    assert "half-detached" not in codes(judged(*FULL))


def test_partitions_of_somebody_else_are_told() -> None:
    theirs = days("2026-11-20", 2, ours=False)
    told = judged(*theirs, *FULL)
    assert told.state == "ok"
    assert found(told, "foreign").severity == "info"
    assert "2 partitions were made by somebody else" in found(told, "foreign").message
    assert found(told, "foreign").hint == (
        "`partman adopt public.flights` makes them partman's"
    )
    table = a_table(kept=Retention(retention_period=Interval.parse("1 day")))
    assert (
        "no longer kept"
        in found(judged(*theirs, *FULL, table=table), "foreign").message
    )
    assert "foreign" not in codes(judged(*FULL))


def test_nobody_is_sent_to_adopt_what_would_be_refused() -> None:
    odd = a_partition(
        "2020-01-01 00:00:00+00", "2020-01-03 00:00:00+00", name="odd", ours=False
    )
    alone = found(judged(odd, *FULL), "foreign").hint
    assert alone == (
        "nothing to adopt (public.odd: it spans several periods of 1 day): it stays "
        "until somebody takes it out by hand, or adopts it with --any-size"
    )
    beside = found(judged(odd, *days("2026-11-20", 2, ours=False), *FULL), "foreign")
    assert beside.hint == (
        "`partman adopt public.flights` makes 2 of them partman's, but not the other "
        "(public.odd: it spans several periods of 1 day)"
    )


def test_what_cannot_be_read_is_not_said_to_be_somebody_elses() -> None:
    unread = evolve(FULL[9], bounds=None, locked=True, ours=False)
    assert codes(judged(*FULL[:9], unread)) == {"locked"}


def test_partitions_off_the_grid_are_told_while_they_matter() -> None:
    odd = a_partition("2026-11-24 00:00:00+00", "2026-11-26 00:00:00+00", name="odd")
    told = judged(odd, *days("2026-11-26", 8))
    assert told.state == "ok"
    assert found(told, "off-grid").message == (
        "1 partition does not lie on the grid: public.odd holds "
        "2026-11-24 00:00 UTC to 2026-11-26 00:00 UTC."
    )
    old = a_partition("2020-01-01 00:00:00+00", "2020-01-03 00:00:00+00")
    assert "off-grid" not in codes(judged(old, *FULL))
    assert "off-grid" not in codes(judged(*FULL))


@pytest.mark.parametrize(
    ("code", "severity", "state"),
    [
        ("plugin-broken", "error", "error"),
        ("plugin-missing", "warning", "warning"),
        ("of-a-plugin", "info", "ok"),
    ],
)
def test_what_others_found_counts_as_well(code, severity, state) -> None:
    other = Finding(code=code, severity=severity, table=NAME, message="Look here.")
    told = judged(*FULL, extra=(other,))
    assert (told.state, codes(told)) == (state, {code})
    assert codes(judged(*FULL)) == set()


def test_a_lock_that_holds_retention_back_is_told() -> None:
    table = a_table(kept=Retention(retention_period=Interval.parse("1 day")))
    there = (*days("2026-11-21", 2, locked=True), *days("2026-11-23", 11))
    assert "locked" in codes(judged(*there, table=table))
    assert "locked" not in codes(judged(*days("2026-11-24", 10, locked=True)))


@pytest.mark.parametrize("who", ["default", "parent", "both"])
def test_a_default_that_could_not_be_looked_at_is_told(who) -> None:
    tree = {
        "default": evolve(DEFAULT, locked=who != "parent"),
        "locked": who != "default",
    }
    told = judged(*FULL, tree=tree)
    assert (told.state, told.exit_code, codes(told)) == ("ok", 0, {"locked"})
    assert found(told, "locked").severity == "info"
    held = "public.flights" if who == "parent" else "public.flights_default"
    assert found(told, "locked").message == (
        f"{held} is locked by somebody: whether there are rows in the DEFAULT "
        "partition public.flights_default could not be seen."
    )
    assert "`pg_locks`" in found(told, "locked").hint


def test_a_lock_that_hid_nothing_is_not_told() -> None:
    held = evolve(DEFAULT, locked=True)
    elsewhere = evolve(held, kind="foreign")
    assert codes(judged(*FULL, tree={"locked": True})) == set(), "there is no DEFAULT"
    assert codes(judged(*FULL, tree={"default": held}, default_rows=False)) == set()
    assert codes(judged(*FULL, tree={"default": DEFAULT})) == set(), "not locked"
    assert codes(judged(*FULL, tree={"default": elsewhere})) == set()


def test_bounds_that_could_not_be_read_are_told_where_the_plan_does_not() -> None:
    unread = [evolve(one, bounds=None, locked=True) for one in FULL[8:]]
    tree = {"default": evolve(DEFAULT, locked=True)}
    paused = judged(*FULL[:8], *unread, table=a_table(paused=True), tree=tree)
    assert found(paused, "locked").severity == "warning"
    assert found(paused, "locked").message.startswith(
        "2 partitions (public.flights_p20261202 ...) are locked by somebody, and the "
        "bounds cannot be read"
    )
    one = judged(*FULL[:8], unread[0], table=a_table(paused=True))
    assert found(one, "locked").message.startswith("public.flights_p20261202 is locked")
    planned = judged(*FULL[:8], *unread, tree=tree)
    assert "nothing is retired" in found(planned, "locked").message, "told once"


def test_the_gravest_comes_first_and_is_the_sentence() -> None:
    ill = judged(*days("2026-11-20", 4, ours=False), last_success=None)
    assert [one.severity for one in ill.findings] == ["error", "warning", "info"]
    assert ill.sentence == ill.findings[0].message


# --- how it is told ----------------------------------------------------------------


def test_sizes_are_sums_of_what_is_known() -> None:
    there = [evolve(one, rows=10, bytes=100) for one in FULL[:9]]
    sized = judged(
        *there, evolve(FULL[9], rows=None, bytes=1), tree={"default": DEFAULT}
    )
    assert (sized.rows, sized.bytes, sized.partitions) == (90, 901, 11)
    assert judged(*FULL).rows is None


def test_it_is_plain_json() -> None:
    ill = judged(*days("2026-11-20", 4))
    told = json.loads(json.dumps(ill.to_json()))
    assert told["state"] == "error"
    assert told["runway_seconds"] == 0
    assert told["findings"][0]["code"] == "runway-short"
    endless = a_partition("2026-11-24 00:00:00+00", "infinity")
    assert judged(endless).to_json()["runway_seconds"] is None


def test_a_table_that_cannot_be_looked_at_is_an_error() -> None:
    error = ConfigError("there is no table x", hint="look again", code="table-gone")
    lost = unknown(NAME, error)
    assert (lost.state, lost.sentence) == ("error", "there is no table x")
    assert (lost.findings[0].code, lost.findings[0].hint) == (
        "table-gone",
        "look again",
    )
    assert unknown(NAME, None).state == "error"
