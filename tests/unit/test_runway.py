"""How long inserts find a partition, and who is told when it gets short."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from partman_core.bounds import Edge, RangeBounds
from partman_core.health import health, runway_of, runway_sentence
from partman_core.planner.places import spelled

from . import plan_strategies as plans
from .health_cases import DEFAULT, FULL, codes, found, judged
from .plan_strategies import (
    BY_NAME,
    NOON,
    a_partition,
    a_table,
    a_tree,
    days,
    planned,
)

CODEC = BY_NAME["timestamptz"]


def test_a_table_that_is_well_says_how_long() -> None:
    well = judged(*FULL)
    assert (well.state, well.findings, well.pending) == ("ok", (), 0)
    assert well.sentence == (
        "Inserts have partitions until 2026-12-04 00:00 UTC (9 days)."
    )
    assert well.runway == timedelta(days=9, hours=12)
    assert well.runway_until == datetime(2026, 12, 4, tzinfo=UTC)
    assert well.next_upper == "2026-12-04 00:00 UTC"
    assert well.exit_code == 0
    assert well.partitions == 10


def test_inserts_that_fail_now_are_an_error() -> None:
    ill = judged(*days("2026-11-20", 4))
    assert ill.state == "error"
    assert ill.sentence == (
        "Inserts fail NOW: no partition holds 2026-11-24 12:00 UTC."
    )
    assert ill.runway == timedelta(0)
    assert ill.exit_code == 3
    assert "`partman maintain public.flights`" in found(ill, "runway-short").hint


def test_with_a_default_partition_it_is_a_warning_as_inserts_do_not_fail() -> None:
    ill = judged(*days("2026-11-20", 4), tree={"default": DEFAULT})
    assert ill.state == "warning"
    assert ill.sentence.startswith("Rows fall into DEFAULT NOW: no partition holds")


def test_less_than_a_period_left_is_an_error() -> None:
    ill = judged(*days("2026-11-20", 5))
    assert ill.state == "error"
    assert found(ill, "runway-short").message == (
        "Inserts have partitions until 2026-11-25 00:00 UTC (12 hours). "
        "They should reach to 2026-12-04 00:00 UTC."
    )


def test_less_than_half_of_what_should_be_ready_is_a_warning() -> None:
    ill = judged(*days("2026-11-20", 8))
    assert (ill.state, found(ill, "runway-short").severity) == ("warning", "warning")
    then = judged(*days("2026-11-20", 8), tree={"default": DEFAULT})
    assert "(3 days), then rows fall into DEFAULT." in then.sentence


def test_more_than_half_is_nobodys_business() -> None:
    fine = judged(*days("2026-11-20", 11))
    assert (fine.state, fine.pending) == ("ok", 3)


def test_a_gap_ends_the_runway() -> None:
    ill = judged(*days("2026-11-24", 2), *days("2026-11-27", 7))
    assert ill.runway_until == datetime(2026, 11, 26, tzinfo=UTC)


def test_a_half_detached_partition_holds_nothing() -> None:
    cut = [evolve(one, pending=True) for one in days("2026-11-24", 1)]
    assert judged(*cut, *days("2026-11-25", 9)).state == "error"


def test_a_window_of_one_period_is_told_of_as_too_short() -> None:
    ill = judged(*days("2026-11-24", 1), table=a_table(partition_count=1))
    assert found(ill, "runway-short").severity == "warning"
    assert "partition_count" in found(ill, "runway-short").hint
    fine = judged(*days("2026-11-24", 2), table=a_table(partition_count=2))
    assert fine.state == "ok"


def test_an_end_that_the_settings_set_is_told_of_before_it_comes() -> None:
    table = a_table(partition_until=datetime(2026, 11, 20, tzinfo=UTC))
    ill = judged(*days("2026-11-24", 5), table=table)
    assert "No more are wanted." in found(ill, "runway-short").message
    assert "partition_until" in found(ill, "runway-short").hint


def test_a_partition_without_end_needs_no_worry() -> None:
    endless = evolve(
        FULL[0],
        bounds=RangeBounds(("2026-11-24 00:00:00+00",), (Edge.MAXVALUE,)),
    )
    fine = judged(endless)
    assert fine.sentence == "Inserts have partitions without end."
    assert (fine.runway, fine.runway_until) == (None, None)
    last = a_partition("2026-11-24 00:00:00+00", "infinity")
    assert judged(last).sentence == "Inserts have partitions without end."


def test_a_table_that_starts_later_is_not_ill() -> None:
    table = a_table(start=datetime(2027, 1, 1, tzinfo=UTC), partition_count=2)
    fine = judged(*days("2027-01-01", 2), table=table)
    assert fine.state == "ok"
    assert fine.sentence == "Partitions are wanted from 2027-01-01 00:00 UTC on."
    assert fine.runway_until is None


def test_times_are_told_in_the_tables_zone() -> None:
    table = a_table(timezone="America/New_York")
    there = plans.done(
        a_tree(), planned(table, a_tree(), CODEC, NOON).operations, CODEC, NOON
    )
    fine = judged(*there.partitions, table=table)
    assert "until 2026-12-04 00:00 America/New_York (9 days)" in fine.sentence
    assert fine.runway_until == datetime(2026, 12, 4, 5, tzinfo=UTC)


def test_a_date_is_told_as_a_date_and_lasts_by_the_clock_of_the_zone() -> None:
    table = a_table(timezone="America/New_York", partition_count=2)
    there = [a_partition("2026-11-24", "2026-11-26")]
    fine = judged(*there, table=table, kind="date")
    assert fine.sentence == "Inserts have partitions until 2026-11-26 (1 day)."
    assert fine.runway_until == datetime(2026, 11, 26, 5, tzinfo=UTC)


def test_a_number_axis_counts_numbers() -> None:
    table = a_table(1000, partition_count=3)
    there = [a_partition("0", "3000"), a_partition("3000", "5000")]
    fine = judged(*there, table=table, kind="integer", tree={"position": 2500})
    assert fine.state == "ok"
    assert fine.sentence == "Inserts have partitions until 5000 (2,499 left)."
    assert (fine.runway, fine.next_upper) == (None, "5000")
    ill = judged(table=table, kind="integer", tree={"position": 2500})
    assert ill.sentence == "Inserts fail NOW: no partition holds 2500."
    lost = judged(table=table, kind="integer")
    assert (lost.state, codes(lost)) == ("warning", {"position-unknown"})
    assert runway_sentence(lost, NOON) == (
        "How long inserts have partitions is not known."
    )


def test_the_runway_can_be_told_again_a_little_later() -> None:
    well = judged(*FULL)
    later = runway_sentence(well, NOON + timedelta(days=9))
    assert later == "Inserts have partitions until 2026-12-04 00:00 UTC (12 hours)."


@pytest.mark.parametrize(
    ("partitions", "tree"),
    [
        (FULL, {}),
        (days("2026-11-20", 4), {}),
        (days("2026-11-20", 4), {"default": DEFAULT}),
        (days("2026-12-20", 4), {"default": evolve(DEFAULT, rows=3)}),
        ((a_partition("2026-11-24 00:00:00+00", "infinity"),), {}),
        ((), {}),
    ],
)
def test_the_runway_alone_is_what_the_whole_judgement_says(partitions, tree) -> None:
    for table in (a_table(), a_table(start=datetime(2027, 1, 1, tzinfo=UTC))):
        there = a_tree("timestamptz", *partitions, **tree)
        plan = planned(table, there, CODEC, NOON)
        whole = health(table, there, CODEC, plan, NOON)
        alone = runway_of(table, there, CODEC, plan, NOON)
        assert alone == runway_sentence(whole, NOON)
        assert whole.state != "ok" or alone == whole.sentence


@given(st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=10_000)))
def test_a_length_in_words_is_never_longer_than_it_is(length: timedelta) -> None:
    words = spelled(length)
    if words != "less than a minute":
        number, unit = words.replace(",", "").split()
        size = {"d": 86_400, "h": 3600, "m": 60}[unit[0]]
        assert timedelta(0) <= length - timedelta(seconds=int(number) * size)
        assert length - timedelta(seconds=int(number) * size) < timedelta(seconds=size)
