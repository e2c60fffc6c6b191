"""What is no longer kept, by age or by number, and what becomes of it.

Age is judged by a partition's upper bound: it is over the limit when its last
possible row is.  Nothing that the strategy still wants is ever retired.
"""

from __future__ import annotations

from datetime import datetime, time
from operator import itemgetter
from typing import TYPE_CHECKING, Any, TypeAlias

from attrs import Attribute, field, frozen

from partman_core import hookimpl
from partman_core.bounds import RangeBounds
from partman_core.interval import Interval
from partman_core.keys import span
from partman_core.model import Action, Partition, Retire, Section
from partman_core.naming import Name
from partman_core.zones import told
from partman_plugins.axis import on_clock, reached
from partman_plugins.tightening import tightenings

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from partman_core.keys import Codec, Position
    from partman_core.model import Table
    from partman_core.strategy import Level

Placed: TypeAlias = "tuple[Position, Position, Partition]"
"""Where a partition begins and ends, and the partition."""


@frozen(kw_only=True)
class Retention:
    """Limits to what is kept.  Any of them retires; without one all is kept.

    :param retention_period: what ended longer ago is no longer kept; on a number
        axis, what lies further behind the last number in use.
    :param retention_count: how many partitions are kept, the current one counted;
        those of the future are kept anyway.
    :param retention_action: what becomes of the others: they are dropped, detached,
        or moved to another schema.
    :param retention_schema: the schema that they are moved to.
    :param grace_period: how long a detached partition is kept before it is dropped.
    :param max_drops: how many may be retired in one run; if more are due, none is,
        until somebody says so.  By default half of the table's partitions.
    """

    retention_period: Interval | int | None = field(
        default=None, metadata={"example": "90 days"}
    )
    retention_count: int | None = field(default=None, metadata={"example": 12})
    retention_action: Action = field(default="drop", metadata={"example": "detach"})
    retention_schema: str | None = field(default=None, metadata={"example": "archive"})
    grace_period: Interval | None = field(default=None, metadata={"example": "7 days"})
    max_drops: int | None = field(default=None, metadata={"example": 12})

    @retention_period.validator
    @retention_count.validator
    def _is_not_negative(
        self, attribute: Attribute[Any], value: Interval | int | None
    ) -> None:
        if isinstance(value, int) and value < 0:
            raise _refused(
                f"{attribute.name} is not negative: {value}",
                "leave it out to keep everything",
            )

    @max_drops.validator
    def _is_some(self, _: Attribute[int | None], value: int | None) -> None:
        if value is not None and value < 1:
            raise _refused(
                f"max_drops is at least 1, not {value}",
                "to keep everything, leave retention_period and retention_count out",
            )

    @retention_schema.validator
    def _is_a_name(self, _: Attribute[str | None], value: str | None) -> None:
        if value is not None and Name.parse(value).schema is not None:
            raise ValueError(f"retention_schema is one name, not {value!r}")

    def problems(self, strategy: Any) -> Iterator[str]:
        """Say what does not go together, a sentence each.

        :param strategy: that of the table.
        """
        if self.retention_action == "move" and self.retention_schema is None:
            yield ("retention_action = 'move' needs retention_schema, where to move to")
        if self.retention_action != "move" and self.retention_schema is not None:
            yield (
                f"retention_schema is for retention_action = 'move' only, "
                f"not for {self.retention_action!r}"
            )
        if self.retention_action != "drop" and self.grace_period:
            yield (
                "grace_period is how long a drop waits, and retention_action = "
                f"{self.retention_action!r} drops nothing"
            )
        yield from self._against(strategy)

    def _against(self, strategy: Any) -> Iterator[str]:
        interval = getattr(strategy, "partition_interval", None)
        start = getattr(strategy, "start", None)
        if start is not None and self.retention_count:
            yield (
                "start and retention_count contradict each other: what start wants "
                "would be retired; use retention_period"
            )
        if not self.retention_period:
            return
        if isinstance(interval, Interval) and isinstance(self.retention_period, int):
            yield (
                f"retention_period {self.retention_period} has no unit; say it, as in "
                f'"{self.retention_period} days"'
            )
        if isinstance(interval, int) and isinstance(self.retention_period, Interval):
            yield (
                f"retention_period {str(self.retention_period)!r} is a time, and "
                f"partition_interval {interval} is not; give a whole number"
            )
        if start is not None and isinstance(interval, int):
            yield (
                "start and a retention_period in numbers contradict each other: what "
                "start wants would be retired"
            )

    def idle_along(self, axes: Collection[str]) -> Iterator[str]:
        """Say which limits would retire nothing, a sentence each.

        :param axes: those of all levels of the table.
        """
        limits = ("retention_period", "retention_count")
        given = [name for name in limits if getattr(self, name)]
        if given and not axes:
            yield (
                f"{' and '.join(given)} would retire nothing, as no level of the table "
                "is by ranges of time or numbers; leave it out, or partition the "
                "partitions by time below, with subpartition"
            )
        elif "retention_period" in given:
            yield from self._elsewhere(axes)

    def _elsewhere(self, axes: Collection[str]) -> Iterator[str]:
        """Say that the period is of another axis than the table has."""
        period = self.retention_period
        if isinstance(period, Interval) and "time" not in axes:
            yield (
                f"retention_period {str(period)!r} is a time, and the table counts in "
                "numbers; give a whole number"
            )
        if isinstance(period, int) and "number" not in axes:
            yield (
                f'retention_period {period} has no unit; say it, as in "{period} days"'
            )

    def kept_since(self, now: datetime, timezone: str) -> datetime | None:
        """Say how far back partitions are kept; None: without limit of age."""
        if not isinstance(self.retention_period, Interval) or not self.retention_period:
            return None
        try:
            return self.retention_period.before(now, timezone)
        except ValueError:  # before the first year of the calendar
            return None

    def tightens(self, before: Retention | None) -> Iterator[str]:
        """Say in which ways it keeps less than another did, a sentence each.

        :param before: None: nothing was retired.
        """
        return tightenings(self, before or Retention())


def _refused(sentence: str, hint: str) -> ValueError:
    error = ValueError(sentence)
    error.add_note(f"hint: {hint}")
    return error


@hookimpl
def partman_sections() -> list[Section]:
    """Offer the ``retention_...`` settings, which stand beside the table's own."""
    return [Section(name="retention", kind=Retention, inline=True)]


@hookimpl
def partman_retire(table: Table, level: Level) -> list[Retire]:
    """Say which partitions are older, or more, than are kept."""
    retention = table.section(Retention)
    if retention is None or level.codec is None:
        return []
    there = _placed(level, level.codec)
    reasons = dict(_by_age(retention, level, level.codec, there))
    for oid, reason in _by_number(retention, level, level.codec, there):
        reasons.setdefault(oid, reason)
    return [
        retired(retention, partition, reasons[partition.oid])
        for _, _, partition in there
        if partition.oid in reasons
    ]


def retired(retention: Retention, partition: Partition, reason: str) -> Retire:
    """Return the word that a partition is no longer kept.

    :param reason: a sentence for the plan.
    """
    schema = retention.retention_schema
    return Retire(
        partition=partition,
        reason=reason,
        action=retention.retention_action,
        grace=retention.grace_period or Interval(),
        schema=None if schema is None else Name.parse(schema).relation,
    )


def _placed(level: Level, codec: Codec) -> list[Placed]:
    """Return the partitions with their places, the oldest first.

    Those whose bounds cannot be read, or have no place on the axis, are left alone.
    """
    found: list[Placed] = []
    for partition in level.existing:
        if isinstance(partition.bounds, RangeBounds):
            try:
                lower, upper = span(codec, partition.bounds)
            except ValueError:
                continue
            found.append((lower, upper, partition))
    return sorted(found, key=itemgetter(0))


def _by_age(
    retention: Retention, level: Level, codec: Codec, there: Iterable[Placed]
) -> Iterator[tuple[int, str]]:
    """Yield the partitions that ended too long ago, by their oids, with the reason."""
    period = retention.retention_period
    if not period:
        return
    if codec.axis == "number":
        if isinstance(period, Interval) or level.position is None:
            return
        since: int = level.position - period
        shown = str(since)
    else:
        kept = retention.kept_since(level.now, level.timezone)
        if kept is None:
            return
        since = reached(codec, kept, level.timezone)
        shown = _date(codec, since, level.timezone)
    for _, upper, partition in there:
        if upper <= since:
            ended = _date(codec, upper, level.timezone)
            yield partition.oid, f"ended {ended}, kept for {period} (since {shown})"


def _by_number(
    retention: Retention, level: Level, codec: Codec, there: Iterable[Placed]
) -> Iterator[tuple[int, str]]:
    """Yield the partitions that are more than are kept, with the reason."""
    count = retention.retention_count
    if not count:
        return
    if codec.axis == "number":
        if level.position is None:
            return
        here = level.position
    else:
        here = reached(codec, level.now, level.timezone)
    begun = [partition for lower, _, partition in there if lower <= here]
    newest = f"the newest {count} are" if count > 1 else "the newest is"
    for partition in begun[:-count]:
        yield partition.oid, f"of the partitions only {newest} kept"


def _date(codec: Codec, position: Position, timezone: str) -> str:
    """Return how a place on the axis reads to a person."""
    moment = codec.moment(position)
    if moment is None:
        return str(position)
    local = on_clock(moment, timezone, wall=True)
    if local.time() == time():
        return local.date().isoformat()
    return local.isoformat(" ", "minutes") if codec.wall else told(moment, timezone)
