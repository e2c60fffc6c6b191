"""Keeps the last partition of each month when retention retires the others.

It says nothing of what is to go: that is the business of ``retention_period``.  It
only says what stays, and writes down what goes.
"""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Any

from attrs import field, frozen, validators
from partman_core import hookimpl
from partman_core.bounds import RangeBounds
from partman_core.keys import span
from partman_core.model import Keep, Section
from partman_core.naming import Name
from partman_core.zones import wall_clock, zone
from psycopg.sql import SQL, Identifier

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    import psycopg
    from partman_core.model import Partition, Retired, Table
    from partman_core.strategy import Level

LINE = SQL("INSERT INTO {} (partition, bounds, rows) SELECT {}, {}, count(*) FROM {}")


@frozen(kw_only=True)
class MonthEnds:
    """What is kept of the past, and what is written down.

    :param months: for how many months the last partition of each is kept.
    :param ledger: a table that gets a line for each partition that is dropped, with
        the columns partition, bounds and rows.
    """

    months: int = field(default=12, validator=validators.ge(1))
    ledger: str | None = field(default=None, metadata={"example": "public.dropped"})

    def problems(self, strategy: Any) -> Iterator[str]:
        """Say why it does not go with the table's strategy."""
        if isinstance(getattr(strategy, "partition_interval", None), int):
            yield "month_ends needs a time axis, and partition_interval is a number"

    def tightens(self, before: MonthEnds | None) -> Iterator[str]:
        """Say in which way it keeps less than the settings before it."""
        if before is not None and self.months < before.months:
            yield f"it keeps {self.months} month ends, and kept {before.months}"


@hookimpl
def partman_sections() -> list[Section]:
    """Offer ``[tables.month_ends]``."""
    return [Section(name="month_ends", kind=MonthEnds)]


@hookimpl
def partman_retire(table: Table, level: Level) -> list[Keep]:
    """Keep the last partition of each of the latest months."""
    settings = table.section(MonthEnds)
    if settings is None:
        return []
    last: dict[int, Partition] = {}
    for _, month, partition in sorted(_placed(level), key=itemgetter(0)):
        last[month] = partition
    now = _month(wall_clock(level.now, zone(level.timezone)))
    return [
        Keep(partition=partition, reason="it is the last one of its month")
        for month, partition in last.items()
        if 0 <= now - month <= settings.months
    ]


def _placed(level: Level) -> Iterator[tuple[Any, int, Partition]]:
    """Yield where partitions begin on the axis, in which month, and they themselves.

    Left out are those whose bounds nobody can read now, or that begin at no moment.
    """
    for partition in level.existing:
        if level.codec is None or not isinstance(partition.bounds, RangeBounds):
            continue
        try:
            lower, _ = span(level.codec, partition.bounds)
        except ValueError:
            continue
        begins = level.codec.moment(lower)
        if begins is not None:
            local = (
                wall_clock(begins, zone(level.timezone)) if begins.tzinfo else begins
            )
            yield lower, _month(local), partition


def _month(local: datetime) -> int:
    return local.year * 12 + local.month


@hookimpl
def partman_pre_drop(
    table: Table, partition: Retired, conn: psycopg.Connection[Any]
) -> None:
    """Write down what is dropped, in the transaction that drops it.

    Whatever is raised here keeps the partition, and the report says why.
    """
    settings = table.section(MonthEnds)
    if settings is None or settings.ledger is None:
        return
    line = LINE.format(
        _identifier(Name.parse(settings.ledger)),
        str(partition.name),
        str(partition.bounds),
        _identifier(partition.name),
    )
    conn.execute(line)


def _identifier(name: Name) -> Identifier:
    parts = (name.schema, name.relation)
    return Identifier(*(part for part in parts if part is not None))
