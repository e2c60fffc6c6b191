"""Cron expressions: what is one, and when it is due."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from partman_core.cron import NAMED, Cron


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("15 * * * *", "2026-11-24T16:15"),
        ("*/20 9-17 * * mon-fri", "2026-11-24T16:00"),
        ("0 0 1 * *", "2026-12-01T00:00"),
        ("0 3 29 2 *", "2028-02-29T03:00"),
        ("@daily", "2026-11-25T00:00"),
        (" 5   4 * * SUN ", "2026-11-29T04:05"),
    ],
)
def test_the_next_moment_is_in_utc(text: str, due: str):
    east = timezone(timedelta(hours=5, minutes=30))
    now = datetime(2026, 11, 24, 21, 10, 12, tzinfo=east)
    assert Cron.parse(text).after(now) == datetime.fromisoformat(f"{due}+00:00")


@pytest.mark.parametrize("word", NAMED)
def test_the_short_words_are_what_they_stand_for(word: str):
    now = datetime(2026, 11, 24, tzinfo=UTC)
    assert Cron.parse(word).after(now) == Cron.parse(NAMED[word]).after(now)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "has 0 fields"),
        ("hourly", "has 1 field,"),
        ("* * * * * *", "has 6 fields"),
        ("60 * * * *", "is not right about the minute"),
        ("0 0 30 2 *", "is not right about the day-of-month"),
        ("0 0 1 foo *", "is not right about the month"),
        ("*/0 * * * *", "is not right about the minute"),
    ],
)
def test_what_is_none_is_refused_with_why_and_how(text: str, why: str):
    with pytest.raises(ValueError, match=why) as caught:
        Cron.parse(text)
    assert "15 * * * *" in caught.value.__notes__[0]
