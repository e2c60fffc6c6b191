"""Ranges that cannot be served: of another key, too few ahead, or too many."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from partman_core.interval import Interval

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from partman_core.keys import Codec, Key

MOST_AHEAD = 10_000
"""Beyond it PostgreSQL takes seconds to plan a query, and hours to make them all."""

LEAST_AHEAD = timedelta(minutes=1)
"""What is kept ready has to outlast the time from one maintenance to the next."""

_MONTH = timedelta(days=365.2425) / 12


def mismatch(key: Key, codec: Codec | None, interval: Interval | int) -> str | None:
    """Say why ranges of *interval* do not go with a key; None: they do."""
    if key.method != "range":
        return f"the table is partitioned by {key}, not by range"
    if len(key.columns) > 1:
        return f"the key {key} has {len(key.columns)} columns; range serves one"
    if codec is None:
        return f"no codec gives the values of the key {key} a place on an axis"
    if codec.axis == "number" and isinstance(interval, Interval):
        return (
            f"partition_interval {str(interval)!r} is a time, and the key {key} is a "
            "number: give a whole number, or say by `key` what time it stands for, as "
            "in key = 'epoch_s'"
        )
    if codec.axis == "time" and not isinstance(interval, Interval):
        return (
            f"partition_interval {interval} is a number, and the key {key} is a time: "
            f'say the unit, as in "{interval} days"'
        )
    return None


def length(interval: Interval) -> timedelta:
    """Return how long *interval* is, a month being one of an average year."""
    return interval.months * _MONTH + timedelta(microseconds=interval.microseconds)


def too_short(interval: Interval, count: int) -> Iterator[str]:
    """Say whether all that is kept ready is over before more of it can be made.

    :param count: how many periods of *interval* are kept ready.
    """
    ahead = length(interval) * count
    if ahead < LEAST_AHEAD:
        yield (
            f"{count} periods of {interval} are over in {Interval.parse(ahead)}, and "
            "nobody makes partitions as fast as that: choose a longer "
            "partition_interval, or a larger partition_count, to keep a minute ready"
        )


def too_many(count: int, interval: Interval | int, given: Sequence[str]) -> str:
    """Say that more partitions are wanted than anybody should make.

    :param count: how many they are.
    :param given: the settings that say where they begin and end.
    """
    cause = " and ".join(given or ["partition_count"])
    ways = "".join(f", or {_NEARER[name]} {name}" for name in given)
    return (
        f"{cause} with a partition_interval of {interval} would be {count:,} "
        f"partitions, and partman makes {MOST_AHEAD:,} at most: choose a longer "
        f"partition_interval{ways}"
    )


_NEARER = {"start": "a later", "partition_until": "a nearer"}
