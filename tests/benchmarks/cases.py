"""What is measured, and what partman is held to.

Each case races partman against plain SQL, in copies of one prepared database where
the work changes something.
"""

from __future__ import annotations

import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import rawsql
import scenes
from attrs import frozen
from measuring import Race, Way
from scenes import engine

if TYPE_CHECKING:
    from collections.abc import Iterator

    from measuring import Measured, Server
    from scenes import Databases

MANY = 10**6
ENGINE = "partman "
"""How the ways begin that are partman's."""


@frozen
class Target:
    """What one way is held to.

    :param ratio: times the baseline, at most.
    :param baseline: which other way.
    :param round_trips: at most; for each thing that the work is about.
    """

    way: str
    ratio: float
    baseline: str
    round_trips: float | None = None


@frozen
class Case:
    """One piece of work, and what the ways to do it took.

    :param things: how many things it is about, for times and round trips of one.
    """

    title: str
    things: int
    measured: list[Measured]
    targets: tuple[Target, ...] = ()


@frozen
class Sizes:
    """How much is measured."""

    partitions: int
    tables: int
    runs: int


@frozen
class Bench:
    """Where it is measured, and how much."""

    databases: Databases
    server: Server
    sizes: Sizes

    def create(self) -> Iterator[Case]:
        """Create many partitions of one table."""
        many = self.sizes.partitions
        ways = [
            Way("PARTITION OF", partial(rawsql.partition_of, partitions=many)),
            Way("LIKE, then ATTACH", partial(rawsql.like_and_attach, partitions=many)),
            Way("partman maintain", lambda dsn: _checked(dsn, create=many)),
        ]
        measured = self._fresh(partial(scenes.empty, partitions=many)).run(ways)
        yield Case(
            f"create {many} daily partitions, primary key and 2 indexes",
            many,
            measured,
            (
                Target("partman maintain", 1.4, "PARTITION OF", 3),
                Target("partman maintain", 1.15, "LIKE, then ATTACH"),
            ),
        )

    def noop(self) -> Iterator[Case]:
        """Maintain what needs nothing: one large table, then many small ones."""
        several = self.sizes.tables
        for tables, each in ((1, self.sizes.partitions), (several, several)):
            yield self._noop(tables, each)

    def _noop(self, tables: int, each: int) -> Case:
        prepare = partial(scenes.ready, tables=tables, partitions=each)
        name = self.databases.prepared(prepare)
        dsn = self.databases.at(name)
        known = engine(dsn)
        known.plan()
        ways = [
            Way("connect, one catalog query", rawsql.look),
            Way("partman plan", lambda _: known.plan()),
            Way("partman maintain", lambda _: known.maintain()),
            Way("partman maintain, new engine", _checked),
        ]
        runs = 5 * self.sizes.runs
        measured = Race(self.server, runs, lambda: dsn).run(ways)
        self.databases.drop(dsn)
        held = [
            Target(way, 1.5, ways[0].name, 5) for way in (ways[1].name, ways[2].name)
        ]
        title = f"maintain {tables} x {each} partitions that need nothing"
        return Case(title, 1, measured, tuple(held))

    def retire(self) -> Iterator[Case]:
        """Detach and drop many partitions, without and with a DEFAULT partition."""
        for default in (False, True):
            yield self._retire(default=default)

    def _retire(self, *, default: bool) -> Case:
        many = self.sizes.partitions
        raw = Way("CONCURRENTLY, then DROP, one by one", rawsql.concurrently)
        if default:
            raw = Way("DETACH, then DROP, batched", rawsql.batched)
        ways = [raw, Way("partman maintain", lambda dsn: _checked(dsn, drop=many))]
        prepare = partial(scenes.over, partitions=many, default=default)
        return Case(
            f"retire {many} partitions" + (" beside a DEFAULT" if default else ""),
            many,
            self._fresh(prepare).run(ways),
            (Target("partman maintain", 1.5 if default else 1.0, raw.name),),
        )

    def tenants(self) -> Iterator[Case]:
        """Create the partitions of many tenants, and plan them."""
        many = self.sizes.partitions
        for layout, key in scenes.LAYOUTS.items():
            ways = [
                Way("the same layout", partial(rawsql.tenants, tenants=many, key=key)),
                Way("partman maintain", _checked),
                Way("partman plan", lambda dsn: engine(dsn).plan()),
            ]
            prepare = partial(scenes.tenants, tenants=many, key=key)
            yield Case(
                f"create {scenes.DAYS} days of {many} tenants, {layout}",
                many * scenes.DAYS,
                self._fresh(prepare).run(ways),
                (Target("partman maintain", 1.3, "the same layout"),),
            )

    def startup(self) -> Iterator[Case]:
        """Start Python, and what a user waits for before anything happens."""
        partman = str(Path(sys.executable).with_name("partman"))
        commands = {
            "python -c pass": [sys.executable, "-c", "pass"],
            "import click": [sys.executable, "-c", "import click"],
            "import partman_core": [sys.executable, "-c", "import partman_core"],
            "partman --help": [partman, "--help"],
        }
        ways = [Way(name, partial(_started, told)) for name, told in commands.items()]
        race = Race(self.server, 5 * self.sizes.runs, lambda: self.databases.dsn)
        yield Case("start", 1, race.run(ways))

    def _fresh(self, prepare: partial[None]) -> Race:
        """Return a race in which each run has a database of its own."""
        template = self.databases.prepared(prepare)
        copies = self.databases.copies(template)
        return Race(self.server, self.sizes.runs, copies, self.databases.drop)


def _checked(dsn: str, **expected: int) -> None:
    """Maintain with a new engine, and see that it did what is measured."""
    report = engine(dsn).maintain(max_drops=MANY)
    for kind, number in expected.items():
        done = sum(operation.kind == kind for operation in report.of("done"))
        if done != number:
            raise RuntimeError(f"{done} of {number} to {kind} were done:\n{report}")


def _started(command: list[str], _: str) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
