"""How a piece of work is measured: its time, its CPU seconds, its round trips.

What is compared runs in turns, so that a machine that is busy with something else
slows all of it down alike.  CPU seconds say the same when it does not.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
from attrs import define, field, frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    Work = Callable[[str], object]

TICKS = os.sysconf("SC_CLK_TCK")


@frozen
class Way:
    """One way to do a piece of work.

    :param work: does it, in the database whose DSN it is given.
    """

    name: str
    work: Work


@frozen
class Sample:
    """What one run took, in seconds; the server's are None where nobody tells."""

    wall: float
    client_cpu: float
    server_cpu: float | None


@frozen
class Measured:
    """What one way took in all its runs.

    :param round_trips: waits for the server's answer, connecting counted; None
        where libpq does not tell.
    """

    way: str
    samples: tuple[Sample, ...]
    round_trips: int | None = None

    @property
    def best(self) -> float:
        """The shortest time, s."""
        return min(sample.wall for sample in self.samples)

    @property
    def median(self) -> float:
        """The time in the middle, s."""
        return statistics.median(sample.wall for sample in self.samples)

    @property
    def cpu(self) -> float | None:
        """CPU seconds of client and server, the mean of a run."""
        totals = [
            sample.client_cpu + sample.server_cpu
            for sample in self.samples
            if sample.server_cpu is not None
        ]
        return statistics.fmean(totals) if totals else None


@frozen
class Server:
    """The processes whose CPU seconds count."""

    pid: int

    def cpu(self) -> float | None:
        """Return the seconds of the server and all that it started, ended or not.

        While a process ends it may be missed, or counted twice, so it is asked until
        two answers agree.
        """
        if not Path(f"/proc/{self.pid}/stat").exists():
            return None
        before = -1
        while before != (total := self._ticks()):
            before = total
        return total / TICKS

    def _ticks(self) -> int:
        processes = (p for p in Path("/proc").iterdir() if p.name.isdecimal())
        return sum(_times(process, self.pid) for process in processes)


def _times(process: Path, server: int) -> int:
    try:
        text = (process / "stat").read_text()
    except OSError:  # it has ended
        return 0
    fields = text.rpartition(")")[2].split()
    if int(process.name) == server:
        return sum(map(int, fields[11:15]))  # its own, and its ended children's
    return sum(map(int, fields[11:13])) if int(fields[1]) == server else 0


@frozen
class Race:
    """Several ways to do the same, in turns.

    :param runs: how often each.
    :param database: gives the DSN of a database for each run; the same for all if
        nothing changes in it, else a fresh one.
    """

    server: Server
    runs: int
    database: Callable[[], str]
    done: Callable[[str], None] = field(default=lambda _: None)

    def run(self, ways: Sequence[Way]) -> list[Measured]:
        """Measure all *ways*, and count their round trips in one run more."""
        samples: list[list[Sample]] = [[] for _ in ways]
        for turn in range(self.runs):
            for number in range(len(ways)):
                place = (number + turn) % len(ways)
                samples[place].append(self._sample(ways[place]))
        return [
            Measured(way.name, tuple(found), self._count(way))
            for way, found in zip(ways, samples, strict=True)
        ]

    def _sample(self, way: Way) -> Sample:
        dsn = self.database()
        _checkpoint(dsn)
        server, client, began = self.server.cpu(), _own_cpu(), time.monotonic()
        way.work(dsn)
        wall, used = time.monotonic() - began, _own_cpu() - client
        after = self.server.cpu()
        self.done(dsn)
        spent = None if server is None or after is None else after - server
        return Sample(wall, used, spent)

    def _count(self, way: Way) -> int | None:
        dsn = self.database()
        with counting() as trips:
            way.work(dsn)
        self.done(dsn)
        return trips.number


def _own_cpu() -> float:
    """Return the seconds of this process, and of those that it waited for."""
    return sum(os.times()[:4])


def _checkpoint(dsn: str) -> None:
    """Let every run begin with the same state of the log."""
    with psycopg.connect(dsn, autocommit=True) as conn:
        conn.execute("CHECKPOINT")


@define
class Trips:
    """How many round trips there were; None where libpq does not tell."""

    number: int | None = None


@contextmanager
def counting() -> Iterator[Trips]:
    """Count the round trips of all connections that are opened meanwhile.

    libpq writes down every message; the server says that it is ready once for each
    thing that it was asked, and once more for each connection.
    """
    trips, opened, real = Trips(), [], psycopg.connect
    with tempfile.TemporaryFile("w+b") as log:

        def connect(*args: Any, **kwargs: Any) -> psycopg.Connection[Any]:
            opened.append(real(*args, **kwargs))
            opened[-1].pgconn.trace(log.fileno())
            return opened[-1]

        psycopg.connect = connect  # type: ignore[assignment]
        try:
            yield trips
        finally:
            psycopg.connect = real  # type: ignore[method-assign]
        log.seek(0)
        if told := log.read().count(b"ReadyForQuery"):
            trips.number = len(opened) + told
