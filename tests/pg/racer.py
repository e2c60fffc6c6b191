"""One of several engines that race: DSN, how many rounds, a seed.

Every engine reads the time from the same row, and turns it on; none may leave the
slowest one behind by more than a day.  What goes wrong is printed, a line each.
"""

from __future__ import annotations

import os
import random
import re
import sys
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import psycopg
from attrs import frozen

from partman_core import Engine
from partman_core.errors import Claimed, ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

TABLES = ("events", "others")
START = datetime(2026, 11, 24, 12, tzinfo=UTC)
DAYS = 3
"""For how long rows are kept, where they are not kept for ever."""

SCENE = f"""
CREATE TABLE clock (at timestamptz NOT NULL);
INSERT INTO clock VALUES ('{START.isoformat()}');
CREATE TABLE racers (pid int PRIMARY KEY, at timestamptz NOT NULL);
CREATE TABLE log (of text NOT NULL, at timestamptz NOT NULL, n serial PRIMARY KEY);
CREATE TABLE events (at timestamptz NOT NULL, n bigint) PARTITION BY RANGE (at);
CREATE TABLE others (at timestamptz NOT NULL, n bigint) PARTITION BY RANGE (at)
"""

TURN = """
WITH me AS (INSERT INTO racers SELECT %(pid)s, at FROM clock
            ON CONFLICT (pid) DO UPDATE SET at = excluded.at RETURNING at)
UPDATE clock SET at = clock.at + interval '3 hours'
  FROM me
 WHERE clock.at < (SELECT min(at) FROM racers WHERE pid <> %(pid)s) + interval '1 day'
"""

TOO_LATE = re.compile("not in the bin|is gone: somebody has dropped")
"""What one hears who wants something back that is back already, or dropped."""


def settings(*, kept: bool) -> dict[str, Any]:
    """Return what a table is registered with: kept for some days, or for ever."""
    retention = {"retention_period": f"{DAYS} days", "grace_period": "12 hours"}
    return {
        "partition_interval": "1 day",
        "partition_count": 4,
        **(retention if kept else {}),
    }


@frozen
class Racer:
    """One engine, and its hand."""

    dsn: str
    pg: psycopg.Connection[Any]
    dice: random.Random

    @property
    def engine(self) -> Engine:
        """An engine like any other: nothing is kept in it."""
        return Engine(self.dsn, clock=self.now)

    def now(self) -> datetime:
        """Read the clock that all have."""
        [(at,)] = self.pg.execute("SELECT at FROM clock").fetchall()
        return at

    def race(self, rounds: int) -> Iterator[str]:
        """Do everything again and again, and yield what went wrong."""
        for number in range(rounds):
            self.pg.execute(TURN, {"pid": os.getpid()})
            for table in TABLES:
                self.insert(table)
                yield from self.told(self.register, table, number)
            yield from self.told(self.attach)
            yield from self.told(self.maintain)

    def insert(self, table: str) -> None:
        """Put a row where there is a partition for it, and write it down."""
        hours = timedelta(hours=self.dice.randrange(-20, 20))
        self.pg.execute(
            "WITH new AS (INSERT INTO log (of, at) SELECT %s, greatest(at + %s, %s)"
            f" FROM clock RETURNING at, n) INSERT INTO {table} SELECT at, n FROM new",
            [table, hours, START],
        )

    def register(self, table: str, number: int) -> int:
        """Declare anew: by turns with retention and without."""
        kept = number % 4 != 3
        self.engine.register(table, confirm=True, **settings(kept=kept))
        return 0

    def attach(self) -> int:
        """Bring something back from the bin, if anything is there."""
        there = self.engine.bin()
        if not there:
            return 0
        found = self.dice.choice(there).partition
        report = self.engine.attach(found, hold=self.dice.random() < 0.2)
        [came_out] = report.tables
        told = [came_out.error, *(out.message for out in came_out.outcomes)]
        if any(each and TOO_LATE.search(each) for each in told):
            return 0
        return self.judged(report)

    def maintain(self) -> int:
        """Do what is due."""
        return self.judged(self.engine.maintain(max_drops=99))

    def judged(self, report: Any) -> int:
        """Return the exit code, and show what it is for."""
        if report.exit_code in {0, Claimed.exit_code}:
            return 0
        print(report)  # noqa: T201
        return report.exit_code

    def told(self, deed: Callable[..., int], *args: Any) -> Iterator[str]:
        """Do it; say what went wrong, but for what may happen to anybody."""
        try:
            code = deed(*args)
        except Claimed:
            return
        except ConfigError as error:
            if not TOO_LATE.search(error.message):
                yield f"{deed.__name__}: {error.code}: {error}"
        except Exception as error:  # noqa: BLE001 - nothing else may happen
            yield f"{deed.__name__}: {type(error).__name__}: {error}"
        else:
            if code:
                yield f"{deed.__name__}: exit code {code}"


def main(dsn: str, rounds: str, seed: str) -> int:
    """Race; return how much went wrong."""
    with psycopg.connect(dsn, autocommit=True) as pg:
        racer = Racer(dsn, pg, random.Random(seed))
        wrong = list(racer.race(int(rounds)))
    for line in wrong:
        print(line)  # noqa: T201
    return min(len(wrong), 100)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
