"""Whether settings of retention keep less than the ones before them.

What keeps less destroys more, and that needs a word of a person.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING

from partman_core.interval import Interval

if TYPE_CHECKING:
    from collections.abc import Iterator

    from partman_plugins.retention import Retention

_HARM = {"detach": 0, "move": 1, "drop": 2}
"""How much is lost by each action."""

_MANY = 1 << 62


def tightenings(new: Retention, old: Retention) -> Iterator[str]:
    """Say in which ways *new* keeps less than *old*, a sentence each."""
    if not (new.retention_period or new.retention_count):
        return
    if _is_shorter(new.retention_period or None, old.retention_period or None):
        kept = _spoken(old.retention_period, "everything")
        yield f"it keeps {_spoken(new.retention_period)}, and kept {kept}"
    if new.retention_count and new.retention_count < (
        old.retention_count or new.retention_count + 1
    ):
        kept = f"{old.retention_count or 'all'} partitions"
        yield f"it keeps {new.retention_count} partitions, and kept {kept}"
    if _HARM[new.retention_action] > _HARM[old.retention_action]:
        actions = f"{new.retention_action!r}, and it was {old.retention_action!r}"
        yield f"what is no longer kept gets the action {actions}"
    grace, was = new.grace_period or Interval(), old.grace_period or Interval()
    if new.retention_action == "drop" and _is_shorter(grace, was):
        waited = f"and waited {old.grace_period}"
        yield f"a drop waits {_spoken(new.grace_period, 'for nothing')}, {waited}"
    if new.max_drops != old.max_drops and (new.max_drops or _MANY) > (
        old.max_drops or 0
    ):
        most = [new.max_drops or "half of them", old.max_drops or "half of them"]
        yield "a run may retire {} partitions, and could {}".format(*most)


def _spoken(value: Interval | int | None, nothing: str = "everything") -> str:
    if not value:
        return nothing
    return str(value) if isinstance(value, Interval) else f"the last {value}"


@cache
def _moments() -> tuple[datetime, ...]:
    """Return from where months are as long and as short as they ever are.

    That is the first and the last day of every month, until the calendar repeats.
    """
    firsts = [
        datetime(year, month, 1, tzinfo=UTC)
        for year in range(2000, 2400)
        for month in range(1, 13)
    ]
    return (*firsts, *(first - timedelta(days=1) for first in firsts))


def _is_shorter(new: Interval | int | None, old: Interval | int | None) -> bool:
    """Say whether *new* may reach less far back than *old*, None being for ever."""
    if new is None or old is None:
        return new is not None
    if isinstance(new, int) and isinstance(old, int):
        return new < old
    if isinstance(new, int) or isinstance(old, int):
        return True
    if new.months == old.months:
        return new.microseconds < old.microseconds
    return any(_back(new, moment) > _back(old, moment) for moment in _moments())


def _back(interval: Interval, moment: datetime) -> datetime:
    try:
        return interval.before(moment)
    except ValueError:  # before the first year of the calendar
        return datetime.min.replace(tzinfo=UTC)
