"""What is kept, without a database: the laws, and a few dates."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import strategies as st
from partman_core.bounds import RangeBounds
from partman_core.keys import CODECS, Column, Key
from partman_core.model import Partition, Table
from partman_core.naming import Name
from partman_core.strategy import Level
from partman_core.testing import check_retirement

import partman_month_ends as plugin
from partman_month_ends import MonthEnds

KEY = Key("range", (Column("on", "date"),))
(DATES,) = (codec for codec in CODECS if codec.name == "date")
FIRST = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("kind", ["timestamp with time zone", "date", "bigint"])
def test_it_keeps_the_laws_beside_the_built_in_retention(kind):
    check_retirement(
        plugin,
        section=st.builds(MonthEnds, months=st.integers(1, 24)),
        settings={"retention_period": "7 days"},
        key=Key("range", (Column("at", kind),)),
        codec="epoch_ms" if kind == "bigint" else None,
    )


def kept(settings: MonthEnds | None, now: datetime) -> list[str]:
    """Return which days of the first hundred of 2026 are kept."""
    days = [str((FIRST + timedelta(days=day)).date()) for day in range(101)]
    there = tuple(
        Partition(
            oid=number,
            name=Name("public", f"readings_{number}"),
            bounds=RangeBounds((days[number],), (days[number + 1],)),
        )
        for number in range(100)
    )
    level = Level(key=KEY, codec=DATES, existing=there, now=now)
    sections = {} if settings is None else {"month_ends": settings}
    table = Table(name=Name("public", "readings"), strategy=None, sections=sections)
    words = plugin.partman_retire(table=table, level=level)
    return [word.partition.bounds.lower[0] for word in words]


def test_the_last_day_of_each_month_is_kept():
    assert kept(MonthEnds(), FIRST + timedelta(days=99)) == [
        "2026-01-31",
        "2026-02-28",
        "2026-03-31",
        "2026-04-10",
    ]


def test_only_for_so_many_months():
    assert kept(MonthEnds(months=1), FIRST + timedelta(days=99)) == [
        "2026-03-31",
        "2026-04-10",
    ]
    assert kept(MonthEnds(months=1), FIRST + timedelta(days=400)) == []


def test_a_table_that_does_not_ask_is_left_alone():
    assert kept(None, FIRST) == []


def test_keeping_less_has_to_be_confirmed():
    assert list(MonthEnds(months=3).tightens(MonthEnds())) == [
        "it keeps 3 month ends, and kept 12"
    ]
    with pytest.raises(ValueError, match="months"):
        MonthEnds(months=0)
