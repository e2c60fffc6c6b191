"""What the application felt: the log of ``pgbench``, cut into spans of time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

MICROSECOND = 1e-6


@frozen
class Transaction:
    """One transaction of a client; times are of the wall clock, in seconds.

    :param took: None for one that failed.
    """

    ended: float
    took: float | None

    @property
    def began(self) -> float:
        """When it was sent; of a failed one, when it failed."""
        return self.ended - (self.took or 0.0)


def read(log: Path) -> list[Transaction]:
    """Return all transactions of a log, in the order of their ends."""
    with log.open() as lines:
        return sorted(map(_parsed, lines), key=lambda each: each.ended)


def _parsed(line: str) -> Transaction:
    _, _, took, _, seconds, microseconds, *_ = line.split()
    ended = int(seconds) + int(microseconds) * MICROSECOND
    if not took.isdecimal():
        return Transaction(ended, None)
    return Transaction(ended, int(took) * MICROSECOND)


@frozen
class Felt:
    """What all clients together felt in one span, or in several alike.

    :param seconds: how long it was.
    :param done: transactions that ended in it.
    :param failed: transactions that ended with an error.
    :param silence: the longest time in which none ended, in seconds.
    :param latencies: of those that ran in it, if only partly, sorted; seconds.
    """

    seconds: float
    done: int
    failed: int
    silence: float
    latencies: tuple[float, ...]

    @property
    def throughput(self) -> float:
        """Transactions a second."""
        return self.done / self.seconds if self.seconds else 0.0

    @property
    def longest(self) -> float:
        """The longest latency, in seconds."""
        return self.latencies[-1] if self.latencies else self.silence

    def quantile(self, share: float) -> float:
        """Return the latency that so large a *share* did not exceed, in seconds."""
        if not self.latencies:
            return self.silence
        last = len(self.latencies) - 1
        return self.latencies[min(last, int(share * len(self.latencies)))]


def felt(log: Sequence[Transaction], began: float, ended: float) -> Felt:
    """Tell what was felt between two moments.

    What was waiting when the span ended is part of it, with all of its latency.
    """
    there = [each for each in log if each.ended >= began and each.began <= ended]
    within = [each for each in there if each.ended <= ended]
    latencies = sorted(each.took for each in there if each.took is not None)
    failed = sum(each.took is None for each in within)
    done = len(within) - failed
    return Felt(
        ended - began, done, failed, _silence(log, began, ended), tuple(latencies)
    )


def _silence(log: Iterable[Transaction], began: float, ended: float) -> float:
    """Return the longest pause that began in a span, even if it outlasted that."""
    longest, last = 0.0, began
    for each in log:
        if each.took is None or each.ended < began:
            continue
        longest, last = max(longest, each.ended - last), each.ended
        if last > ended:
            return longest
    return max(longest, ended - last)


def pooled(several: Sequence[Felt]) -> Felt:
    """Take several spans for one."""
    latencies = sorted(took for each in several for took in each.latencies)
    return Felt(
        sum(each.seconds for each in several),
        sum(each.done for each in several),
        sum(each.failed for each in several),
        max(each.silence for each in several),
        tuple(latencies),
    )
