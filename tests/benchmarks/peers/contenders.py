"""Who makes and retires partitions here, and how each of them is asked to."""

from __future__ import annotations

import logging
import random
import time
from typing import TYPE_CHECKING, Any, ClassVar

import psycopg
from attrs import define, field

from partman_core import Engine
from peers.scene import AHEAD, KEPT, bound, partition

if TYPE_CHECKING:
    from peers.scene import Scene

MANY = 10**6
PAUSE = 0.2
"""Seconds between two tries of the best plain SQL."""

SILENT = logging.getLogger("partman.bench")
"""What goes wrong is in the reports."""

SILENT.addHandler(logging.NullHandler())
SILENT.propagate = False

LIKE = "CREATE TABLE {name} (LIKE events INCLUDING ALL)"
ATTACH = "ALTER TABLE events ATTACH PARTITION {name} {bound}"
DETACH = "ALTER TABLE events DETACH PARTITION {name}"
DROP = "DROP TABLE {name}"
PATIENCE = "SET LOCAL lock_timeout = '50ms'"


@define
class Contender:
    """One way to do the work in one scene.

    It is asked again, as from cron, until all of the work is done.
    """

    name: ClassVar[str]
    naming: ClassVar[str] = "events_p%Y%m%d"
    servers: ClassVar[tuple[int, ...]] = (15, 18)

    scene: Scene

    def version(self) -> str:
        """Say which version it is."""
        return ""

    def settle(self) -> None:
        """Get to know the table, before anything is measured."""

    def expect_more(self) -> None:
        """Be told that more partitions are wanted."""

    def create(self) -> None:
        """Make them, once through."""
        raise NotImplementedError

    def expect_less(self) -> None:
        """Be told that the old ones are no longer kept."""

    def retire(self) -> None:
        """Detach and drop them, once through."""
        raise NotImplementedError

    def close(self) -> None:
        """End what was started."""


class PlainSql(Contender):
    """What a script does that knows nothing of locks."""

    name = "plain SQL"

    def create(self) -> None:
        """Make them in place."""
        with psycopg.connect(self.scene.worker, autocommit=True) as conn:
            for day in self.scene.wanted:
                conn.execute(partition(self.scene.name(day), day))

    def retire(self) -> None:
        """Drop them as they are."""
        with psycopg.connect(self.scene.worker, autocommit=True) as conn:
            for day in self.scene.old:
                conn.execute(DROP.format(name=self.scene.name(day)))


class BestSql(Contender):
    """The best that can be written by hand: it waits briefly, and tries again."""

    name = "best plain SQL"

    def create(self) -> None:
        """Build them apart, then attach each."""
        names = {self.scene.name(day): bound(day) for day in self.scene.wanted}
        with psycopg.connect(self.scene.worker, autocommit=True) as conn:
            for name in names:
                conn.execute(LIKE.format(name=name))
            for name, values in names.items():
                _insist(conn, [ATTACH.format(name=name, bound=values)])

    def retire(self) -> None:
        """Detach all at once when nobody is in the way, then drop them likewise."""
        names = list(map(self.scene.name, self.scene.old))
        with psycopg.connect(self.scene.worker, autocommit=True) as conn:
            for statement in (DETACH, DROP):
                _insist(conn, [statement.format(name=name) for name in names])


def _insist(conn: psycopg.Connection[tuple[object, ...]], work: list[str]) -> None:
    """Do all of it in one transaction, as often as it takes."""
    while True:
        try:
            conn.execute("; ".join(["BEGIN", PATIENCE, *work, "COMMIT"]))
        except (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected):
            conn.rollback()
            time.sleep(PAUSE * random.uniform(0.5, 1.5))
        else:
            return


@define
class Partman(Contender):
    """This very partman, as it is when nothing is set."""

    name = "partman"

    engine: Engine = field()

    @engine.default
    def _at_work(self) -> Engine:
        return Engine(self.scene.worker, logger=SILENT)

    def settle(self) -> None:
        """Register the table, and take over its partitions."""
        self._register(AHEAD)
        self.engine.import_existing_partitions("events")

    def expect_more(self) -> None:
        """Register it with a longer outlook."""
        self._register(AHEAD + self.scene.work)

    def create(self) -> None:
        """Maintain."""
        self._maintain()

    def expect_less(self) -> None:
        """Register it with a retention."""
        ahead = AHEAD + self.scene.work
        self._register(ahead, retention_period=f"{KEPT} days", confirm=True)

    def retire(self) -> None:
        """Maintain."""
        self._maintain()

    def _register(self, ahead: int, **settings: Any) -> None:
        self.engine.register(
            "events",
            partition_interval="1 day",
            partition_count=ahead,
            default_partition=self.scene.kind.default,
            **settings,
        )

    def _maintain(self) -> None:
        report = self.engine.maintain(max_drops=MANY)
        if report.of("failed"):
            raise RuntimeError(str(report))
