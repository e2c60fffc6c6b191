"""Rounds: each contender works beside the application, in a database of its own."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from itertools import count
from typing import TYPE_CHECKING

import psycopg
from attrs import define, field, frozen
from psycopg.conninfo import make_conninfo

from peers.application import Habits, busy
from peers.latencies import Felt, felt, pooled
from peers.scene import Scene, today

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from peers.contenders import Contender
    from peers.latencies import Transaction
    from peers.scene import Kind

CREATE, RETIRE = "create", "retire"
AFTERWARDS = 0.5
"""Seconds after the work in which what still waits comes to its end."""

ASK_AGAIN = 1.0
"""Seconds until who was held up is asked again."""

ENDS_WITHIN = 60.0
ROLES = "CREATE ROLE worker LOGIN SUPERUSER; CREATE ROLE application LOGIN SUPERUSER"
BANISH = "ALTER ROLE worker NOLOGIN"
ADMIT = "ALTER ROLE worker LOGIN"
CUT = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'worker'"


@frozen
class Sizes:
    """How much is measured.

    :param work: partitions that are made, and as many that are retired.
    :param warm_up: seconds of the application alone that do not count.
    :param quiet: seconds without any work, half of them before it, half after it.
    :param limit: seconds that the work may take.
    :param rounds: how often each contender works, at most.
    :param enough: seconds of work after which there are no more rounds.
    """

    work: int = 50
    warm_up: float = 1.0
    quiet: float = 5.0
    limit: float = 60.0
    rounds: int = 3
    enough: float = 30.0


@frozen
class Phase:
    """One piece of work, and what was felt.

    :param done: partitions, when it ended or its time was over.
    :param out: of those that are retired, how many are out of the table.
    :param calls: how often the contender was asked.
    :param trouble: what went wrong, if only for a while.
    """

    felt: Felt
    done: int
    out: int
    calls: int
    trouble: tuple[str, ...] = ()


@define
class Standing:
    """What one contender has achieved with one kind of table, over all rounds."""

    contender: type[Contender]
    kind: Kind
    version: str = ""
    quiet: list[Felt] = field(factory=list)
    phases: dict[str, list[Phase]] = field(factory=lambda: {CREATE: [], RETIRE: []})
    trouble: list[str] = field(factory=list)

    @property
    def worked(self) -> float:
        """Seconds of work so far."""
        return sum(each.felt.seconds for some in self.phases.values() for each in some)

    def felt(self, phase: str) -> Felt:
        """Return what was felt in all rounds."""
        return pooled([each.felt for each in self.phases[phase]])

    def lost(self, phase: str) -> float:
        """Return what a round cost the application, in seconds of undisturbed work.

        Each round is compared with its own quiet time: the machine may have other
        things to do in the next.
        """
        rounds = self.phases[phase]
        lost = (
            each.felt.seconds - each.felt.done / (quiet.throughput or 1.0)
            for each, quiet in zip(rounds, self.quiet, strict=True)
        )
        return sum(lost) / len(rounds)


@define
class Racecourse:
    """One server, where all take part in turns.

    :param dsn: of its maintenance database.
    :param major: which PostgreSQL it is.
    """

    dsn: str
    major: int
    habits: Habits
    sizes: Sizes
    say: Callable[[str], None]
    serial: Iterator[int] = field(factory=lambda: count(1))

    def run(
        self, contenders: Sequence[type[Contender]], kinds: Sequence[Kind]
    ) -> list[Standing]:
        """Let all of them work, with all kinds of tables."""
        self.execute(ROLES)
        standings = [Standing(who, kind) for kind in kinds for who in contenders]
        for number in range(self.sizes.rounds):
            for standing in standings:
                if number == 0 or standing.worked < self.sizes.enough:
                    self._round(standing, number + 1)
        return standings

    def _round(self, standing: Standing, number: int) -> None:
        who, kind = standing.contender, standing.kind
        told = f"PostgreSQL {self.major}, round {number}, {kind.name}: {who.name}"
        with self._scene(kind, who.naming) as scene:
            contender = who(scene)
            try:
                contender.settle()
                standing.version = contender.version()
                self._measure(standing, scene, contender)
            finally:
                contender.close()
        took = [f"{some[-1].felt.seconds:.1f} s" for some in standing.phases.values()]
        self.say(f"{told}: {', '.join(took)}")

    def _measure(self, standing: Standing, scene: Scene, contender: Contender) -> None:
        """Have it work beside the application, and read what that felt."""
        create = Task(self, scene, scene.made, contender.create)
        retire = Task(self, scene, scene.retired, contender.retire)
        with busy(scene, self.habits) as application:
            application.start()
            time.sleep(self.sizes.warm_up)
            spans = [self._quiet()]
            contender.expect_more()
            create.do()
            time.sleep(AFTERWARDS)
            contender.expect_less()
            retire.do()
            time.sleep(AFTERWARDS)
            spans.append(self._quiet())
            log = application.stop()
            standing.trouble.extend(application.trouble)
        standing.quiet.append(pooled([felt(log, *span) for span in spans]))
        standing.phases[CREATE].append(create.felt(log))
        standing.phases[RETIRE].append(retire.felt(log))

    def _quiet(self) -> tuple[float, float]:
        """Let the application alone for a while; return from when to when."""
        began = time.time()
        time.sleep(self.sizes.quiet / 2)
        return began, time.time()

    @contextmanager
    def _scene(self, kind: Kind, naming: str) -> Iterator[Scene]:
        name = f"peers_{next(self.serial)}"
        self.execute(ADMIT)
        self.execute(f"CREATE DATABASE {name} TEMPLATE template0")
        dsn = make_conninfo(self.dsn, dbname=name)
        scene = Scene(dsn, kind, self.sizes.work, naming, today())
        try:
            scene.prepare()
            yield scene
        finally:
            self.execute(f"DROP DATABASE {name} WITH (FORCE)")

    def banish(self) -> None:
        """End all that the contender does in the database."""
        self.execute(BANISH)
        self.execute(CUT)

    def execute(self, statement: str) -> None:
        """Send a statement over a connection of its own."""
        with psycopg.connect(self.dsn, autocommit=True) as conn:
            conn.execute(statement)


@define
class Task:
    """One piece of work, which has to be done in time.

    :param progress: says how much of it is done.
    :param work: does it, or some of it.
    """

    course: Racecourse
    scene: Scene
    progress: Callable[[], int]
    work: Callable[[], None]
    began: float = 0.0
    ended: float = 0.0
    done: int = 0
    out: int = 0
    calls: int = 0
    trouble: list[str] = field(factory=list)
    _over: threading.Event = field(factory=threading.Event)

    def do(self) -> None:
        """Do it; what is not done in time is cut off, and nothing follows it."""
        self.began = time.time()
        worker = threading.Thread(target=self._insist, name="worker")
        worker.start()
        worker.join(self.course.sizes.limit)
        if worker.is_alive():
            self._over.set()
            self._stand()
            self.course.banish()
            worker.join(ENDS_WITHIN)
            if worker.is_alive():
                raise RuntimeError("it goes on, though all its connections are cut")
            self.course.execute(ADMIT)

    def _insist(self) -> None:
        """Ask until it is all done."""
        while not self._over.is_set():
            self.calls += 1
            try:
                self.work()
            except Exception as error:  # noqa: BLE001 - whatever a contender raises
                if self._over.is_set():
                    return
                self.trouble.append(f"{type(error).__name__}: {error}")
            if not self._over.is_set():
                self._stand()
            if self.done == self.scene.work:
                return
            self._over.wait(ASK_AGAIN)

    def _stand(self) -> None:
        """Look how far it is."""
        self.ended, self.done = time.time(), self.progress()
        self.out = self.scene.detached()

    def felt(self, log: Sequence[Transaction]) -> Phase:
        """Return what was felt while it was done."""
        there = felt(log, self.began, self.ended)
        return Phase(there, self.done, self.out, self.calls, tuple(self.trouble))
