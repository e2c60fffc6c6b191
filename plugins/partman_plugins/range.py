"""Ranges along an axis: a partition for each period of time, or block of numbers.

Periods lie on a grid that depends on the interval, the anchor and the time zone
alone.  What is wanted begins with the current period, or with the one that holds
``start``, and goes on as far ahead as is to be kept ready.
"""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar

from attrs import Attribute, field, frozen

from partman_core import hookimpl
from partman_core.bounds import RangeBounds
from partman_core.grid import ANCHOR
from partman_core.interval import Interval
from partman_core.keys import Key, span
from partman_core.naming import suffix_for
from partman_core.strategy import Level, Wanted
from partman_plugins.axis import on_clock, reached, within
from partman_plugins.boundaries import blocks_of, following, grid_of
from partman_plugins.limits import MOST_AHEAD, length, mismatch, too_many, too_short

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from partman_core.bounds import Bounds
    from partman_core.keys import Codec, Position

_FIRST_YEAR, _LAST_YEAR = 2, 9998
"""A year away from what Python's calendar has, so that zones do not leave it."""


@frozen(kw_only=True)
class Range:
    """Partitions along an axis, each as wide as the next.

    :param partition_interval: how wide a partition is: a length of time, from
        minutes to centuries, months and years by the calendar; or a whole number
        where the key is a number.
    :param partition_count: how many periods to keep ready, the current one counted.
    :param partition_until: keep ready up to the period of this date, instead of a
        count.
    :param start: the first moment or number that needs a partition; by default that
        of the current period.
    :param anchor: a moment or number at which a period begins; by default 2001-01-01
        or 0.
    """

    kind: ClassVar[str] = "range"

    partition_interval: Interval | int = field(metadata={"example": "1 month"})
    partition_count: int = field(default=10)
    partition_until: datetime | None = field(
        default=None, metadata={"example": "2030-01-01"}
    )
    start: datetime | int | None = field(
        default=None, metadata={"example": "2026-01-01"}
    )
    anchor: datetime | int | None = field(
        default=None, metadata={"example": "2026-01-05"}
    )

    @partition_interval.validator
    def _has_a_grid(self, _: Attribute[Interval | int], value: Interval | int) -> None:
        if isinstance(value, Interval) and not value:
            raise ValueError(
                f"partition_interval is {str(value)!r}, and a period has some length"
            )
        if isinstance(value, Interval):
            grid_of(value)
        else:
            blocks_of(value)

    @partition_count.validator
    def _counts_the_current_one(self, _: Attribute[int], value: int) -> None:
        if value < 1:
            raise ValueError(
                f"partition_count is {value}; it counts the current period, "
                "so it is at least 1"
            )
        if value > MOST_AHEAD:
            raise ValueError(
                f"partition_count is {value}; more than {MOST_AHEAD} partitions ahead "
                "make every query slow to plan"
            )

    @partition_until.validator
    @start.validator
    @anchor.validator
    def _is_in_the_calendar(
        self, attribute: Attribute[Any], value: datetime | int | None
    ) -> None:
        if isinstance(value, datetime) and not _FIRST_YEAR <= value.year <= _LAST_YEAR:
            raise ValueError(
                f"{attribute.name} is in the year {value.year}, "
                f"outside of {_FIRST_YEAR} to {_LAST_YEAR}"
            )

    def __attrs_post_init__(self) -> None:
        """Refuse moments on a number axis, and the other way round."""
        other = datetime if isinstance(self.partition_interval, int) else int
        for name in ("start", "anchor", "partition_until"):
            value = getattr(self, name)
            if value is not None and isinstance(value, other):
                what = "a time" if other is datetime else "a number"
                raise ValueError(
                    f"{name} is {what}, and partition_interval "
                    f"({self.partition_interval}) is not"
                )

    def problems(self, key: Key, codec: Codec | None) -> Iterable[str]:
        """Say why it cannot serve a parent with this key, a sentence each."""
        interval = self.partition_interval
        if (sentence := mismatch(key, codec, interval)) is not None:
            yield sentence
        elif codec is not None and isinstance(interval, Interval):
            if (sentence := self._too_fine(codec, interval)) is not None:
                yield sentence
            elif self.partition_until is None:
                yield from too_short(interval, self.partition_count)

    def _too_fine(self, codec: Codec, interval: Interval) -> str | None:
        """Say whether periods would begin between two values of the key."""
        grid = grid_of(interval, self.anchor, "UTC", wall=codec.wall)
        anchor = on_clock(ANCHOR, "UTC", wall=codec.wall)
        # Some identifiers have no value for a moment as early as that.
        first = codec.moment(codec.at(anchor))
        begins = grid.following(max(first or anchor, anchor))
        if codec.moment(codec.at(begins)) == begins:
            return None
        return (
            f"periods of {interval} would begin between two values of the key: "
            f"{codec.name} has none for {begins.isoformat(' ')}"
        )

    def excess(self, level: Level) -> str | None:
        """Say why it wants more new partitions of a level than anybody should make.

        :returns: a sentence; None if it does not.
        """
        count = self._count(level)
        if count - len(level.existing) <= MOST_AHEAD:
            return None
        ends = ("start", "partition_until")
        given = [name for name in ends if getattr(self, name) is not None]
        return too_many(count, self.partition_interval, given)

    def _count(self, level: Level) -> int:
        """Return how many partitions are wanted, without naming each."""
        codec, interval, count = level.codec, self.partition_interval, 1
        if codec is None:
            return 0
        if isinstance(interval, int):
            here = level.position or 0
            first = self.start if isinstance(self.start, int) else here
            return self.partition_count + max(0, here - first) // interval
        grid = grid_of(interval, self.anchor, level.timezone, wall=codec.wall)
        now = on_clock(level.now, level.timezone, wall=codec.wall)
        if self.partition_until is None:
            last, count = now, self.partition_count
        else:
            last = on_clock(self.partition_until, level.timezone, wall=codec.wall)
        reach = grid.floor(last) - grid.floor(self._first(level, now))
        return count + max(0, round(reach / length(interval)))

    def wanted(self, level: Level) -> Iterator[Wanted]:
        """Yield the wanted partitions, in order, without gap or overlap."""
        codec = level.codec
        if codec is None:
            return
        if codec.axis == "number":
            yield from self._blocks(level, codec)
        else:
            asked = (level.now, level.timezone, level.kept_since)
            yield from _periods(self, codec, *asked)

    def periods(self, level: Level, codec: Codec) -> Iterator[Wanted]:
        """Yield the wanted partitions of an axis of time."""
        interval = self.partition_interval
        grid = grid_of(interval, self.anchor, level.timezone, wall=codec.wall)
        now = on_clock(level.now, level.timezone, wall=codec.wall)
        since = level.kept_since
        kept = None if since is None else reached(codec, since, level.timezone)
        ahead = 0
        for lower, upper in grid.periods(self._first(level, now)):
            first, last = codec.at(lower), codec.at(upper)
            if (kept is not None and last <= kept) or first == last:
                continue
            ahead += upper > now
            if self._is_beyond(ahead, lower, level.timezone):
                return
            bounds = RangeBounds((codec.literal(first),), (codec.literal(last),))
            suffix = suffix_for(grid.nominal(lower), interval)
            yield Wanted(bounds=bounds, suffix=suffix)

    def _first(self, level: Level, now: datetime) -> datetime:
        """Return a moment of the first period that may be wanted."""
        if not isinstance(self.start, datetime):
            return now
        wall = now.tzinfo is None
        start = on_clock(self.start, level.timezone, wall=wall)
        if level.kept_since is None:
            return start
        return max(start, on_clock(level.kept_since, level.timezone, wall=wall))

    def _is_beyond(self, ahead: int, lower: datetime, timezone: str) -> bool:
        """Say whether a period lies behind all that are to be kept ready.

        :param ahead: how many there are up to it, the current one counted.
        """
        if self.partition_until is None:
            return ahead > self.partition_count
        wall = lower.tzinfo is None
        return lower > on_clock(self.partition_until, timezone, wall=wall)

    def _blocks(self, level: Level, codec: Codec) -> Iterator[Wanted]:
        grid, start = blocks_of(self.partition_interval, self.anchor), self.start
        # Nobody knows how far numbers are: then they begin where the settings say.
        here = start if level.position is None else level.position
        if grid is None or not isinstance(here, int):
            return
        first = here
        if isinstance(start, int):
            first = max(start, here - MOST_AHEAD * grid.interval)
        ahead = 0
        for lower, upper in grid.periods(first):
            ahead += upper > here
            if ahead > self.partition_count:
                return
            bounds = within(level.key.columns[-1], codec, lower, upper)
            if bounds is not None:
                yield Wanted(bounds=bounds, suffix=suffix_for(lower, upper - lower))

    def fits(self, level: Level, bounds: Bounds) -> str | None:
        """Say why a partition is not one of those that this strategy makes.

        :returns: a sentence; None if it is one of them.
        """
        codec = level.codec
        if codec is None or not isinstance(bounds, RangeBounds):
            return "it is not a range along an axis"
        try:
            lower, upper = span(codec, bounds)
        except ValueError as error:
            return str(error)
        if isinstance(lower, float) or isinstance(upper, float):
            return "it is open at one end"
        end = self._after(level, codec, lower)
        if end is None:
            return f"it does not begin on the grid of {self.partition_interval}"
        if upper < end:
            return f"it is shorter than {self.partition_interval}"
        if upper == end:
            return None
        if self._after(level, codec, upper) is None:
            return f"it does not end on the grid of {self.partition_interval}"
        return f"it spans several periods of {self.partition_interval}"

    def _after(self, level: Level, codec: Codec, position: Position) -> int | None:
        """Return the boundary after a boundary, None if *position* is not one."""
        interval, anchor = self.partition_interval, self.anchor
        return following(codec, position, interval, anchor, level.timezone)


@lru_cache(maxsize=16)
def _periods(
    strategy: Range,
    codec: Codec,
    now: datetime,
    timezone: str,
    kept_since: datetime | None,
) -> tuple[Wanted, ...]:
    """Return what is wanted, which is the same for a thousand tenants.

    It depends on nothing else of a level.
    """
    key = Key("range", ())
    level = Level(
        key=key, codec=codec, existing=(), now=now, timezone=timezone,
        kept_since=kept_since,
    )  # fmt: skip
    return tuple(strategy.periods(level, codec))


@hookimpl
def partman_strategies() -> list[type[Range]]:
    """Offer ``partition_type = "range"``."""
    return [Range]
