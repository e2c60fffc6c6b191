"""Trials: one fault each, what comes of it, and whether the next runs mend it."""

from __future__ import annotations

import itertools
import os
import threading
import time
import traceback
from collections import deque
from typing import TYPE_CHECKING, Any, Self

import psycopg
from attrs import define, field, frozen
from psycopg.sql import SQL, Identifier

from partman_core.errors import PartmanError
from partman_core.report import Report

from .faults import Fault, Mode, is_change
from .looking import Found, await_nobody, done_in, kinds_done, look, reach

if TYPE_CHECKING:
    from .scenarios import Scenario

    Connection = psycopg.Connection[Any]

AT_ONCE = 3
"""Trials at the same time: while one waits for the server, another computes."""

LONGEST = 60
"""Seconds after which a trial hangs."""

FURTHER_RUNS = 2
"""Within so many undisturbed runs everything is as it would be without the fault."""

SERIAL = itertools.count(1)


@frozen
class Copy:
    """A database of one's own.

    :param server: a session in the maintenance database.
    :param hand: a session in this one, which is spared.
    """

    server: Connection
    name: str
    dsn: str
    hand: Connection

    @classmethod
    def of(cls, server: Connection, template: str) -> Copy:
        """Make one."""
        name = f"partman_trial_{os.getpid()}_{next(SERIAL)}"
        making = SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy")
        server.execute(making.format(Identifier(name), Identifier(template)))
        dsn = reach(server, dbname=name)
        return cls(server, name, dsn, psycopg.connect(dsn, autocommit=True))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.remove()

    def remove(self) -> None:
        """Drop it, whoever is still connected to it."""
        self.hand.close()
        dropping = SQL("DROP DATABASE {} WITH (FORCE)")
        self.server.execute(dropping.format(Identifier(self.name)))


@frozen
class Ground:
    """A scenario's database, which is copied for trials, and what should come of it.

    :param points: what each round trip of an undisturbed run is about.
    :param pristine: what the database was like before it.
    :param undisturbed: and after it.
    :param kinds: of the operations that were done in it.
    :param mended: by what a fault had left, what was wrong after the next runs.
    """

    scenario: Scenario
    server: str
    template: Copy
    points: tuple[str, ...]
    pristine: Found
    undisturbed: Found
    kinds: set[str]
    mended: dict[str, list[str]] = field(factory=dict)

    @classmethod
    def of(cls, server: Connection, scenario: Scenario) -> Ground:
        """Prepare the database, and see what an undisturbed run makes of a copy."""
        template = Copy.of(server, "template0")
        try:
            scenario.prepare(template.dsn)
        finally:
            template.hand.close()
        with Copy.of(server, template.name) as copy:
            pristine, fault = look(copy.hand), Fault(copy.dsn, copy.hand)
            problems = again(scenario, copy.dsn, fault.connect)
            assert not problems, problems
            await_nobody(copy.hand)
            after, kinds = look(copy.hand), kinds_done(copy.hand)
        points, there = tuple(fault.seen), reach(server)
        return cls(scenario, there, template, points, pristine, after, kinds)

    def begins_as(self, other: Ground) -> int:
        """Return how many round trips, none of which changes anything, begin both."""
        both = zip(self.points, other.points, strict=False)
        same = itertools.takewhile(
            lambda pair: pair[0] == pair[1] and not is_change(pair[0]), both
        )
        return sum(1 for _ in same)


def again(scenario: Scenario, dsn: str, target: Any) -> list[str]:
    """Do it without a fault; say what is left to be done then.

    :param target: how the engine gets its sessions.
    """
    done = scenario.deed(scenario.engine(target))
    if not isinstance(done, Report):
        return []
    left = scenario.engine(dsn).plan().operations
    if left or done.exit_code:
        return [f"the next run told {done!r}", f"and left {left!r}"]
    return []


@define
class Trials:
    """All trials of one scenario and one kind of fault.

    :param due: numbers of the round trips that are tried.
    :param tried: of those at which the fault struck.
    :param complaints: what was not as it should be.
    """

    ground: Ground
    mode: Mode
    due: list[int]
    tried: list[int] = field(factory=list)
    complaints: list[str] = field(factory=list)
    _left: deque[int] = field(factory=deque)
    _under_way: dict[str, int] = field(factory=dict)

    def run(self) -> None:
        """Try each of them, some at the same time."""
        self._left.extend(self.due)
        threads = [
            threading.Thread(target=self._work, name=f"trials {number}", daemon=True)
            for number in range(AT_ONCE)
        ]
        for thread in threads:
            thread.start()
        deadline = time.monotonic() + LONGEST + len(self.due)
        for thread in threads:
            thread.join(max(0.0, deadline - time.monotonic()))
            if thread.is_alive():
                self._complain(self._under_way.get(thread.name, -1), ["it hangs"])

    def _work(self) -> None:
        """Make trials; a database in which nothing was changed is used again."""
        copy, template = None, self.ground.template.name
        with psycopg.connect(self.ground.server, autocommit=True) as server:
            while (at := self._next()) is not None:
                copy = copy or Copy.of(server, template)
                if self._is_changed_by(at, copy):
                    copy.remove()
                    copy = None
            if copy is not None:
                copy.remove()

    def _next(self) -> int | None:
        """Return the number of the next round trip that is to be tried."""
        try:
            at = self._left.popleft()
        except IndexError:
            return None
        self._under_way[threading.current_thread().name] = at
        return at

    def _is_changed_by(self, at: int, copy: Copy) -> bool:
        """Make a trial; say whether it has changed anything."""
        fault = Fault(copy.dsn, copy.hand, self.mode, at)
        try:
            return self._try(fault, copy)
        except Exception:  # noqa: BLE001 - told with its place
            self._complain(at, [traceback.format_exc()], fault.seen)
            return True

    def _try(self, fault: Fault, copy: Copy) -> bool:
        ground, at = self.ground, fault.at or 0
        told = _disturbed(ground.scenario, fault)
        if not fault.struck:
            return True
        self.tried.append(at)
        await_nobody(copy.hand)
        left = look(copy.hand)
        problems = [*_unfit(told), *_untrue(told, fault)]
        is_known = repr(left) in ground.mended
        if not is_known:
            ground.mended[repr(left)] = self._mended(copy)
        problems += ground.mended[repr(left)]
        if problems:
            self._complain(at, [*problems, f"told: {told!r}"], fault.seen)
        return not is_known or left != ground.pristine

    def _mended(self, copy: Copy) -> list[str]:
        """Do it again until nothing is due; say what is wrong then.

        Faults that leave the same behind have the same next run: it is made once.
        """
        ground = self.ground
        for _ in range(FURTHER_RUNS):
            problems = again(ground.scenario, copy.dsn, copy.dsn)
            if not problems:
                break
        await_nobody(copy.hand)
        return [*problems, *ground.undisturbed.differences(look(copy.hand))]

    def _complain(self, at: int, why: list[str], seen: Any = ()) -> None:
        what = seen[at] if at < len(seen) else "not come to"
        where = f"{self.ground.scenario.name}: {self.mode.value}: {at}: {what}"
        self.complaints.append("\n  ".join([where, *why]))


def _disturbed(scenario: Scenario, fault: Fault) -> Any:
    """Do it with the fault, and return what is told of it."""
    try:
        return scenario.deed(scenario.engine(fault.connect))
    except Exception as error:  # noqa: BLE001 - see below
        return error


def _unfit(told: object) -> list[str]:
    """Say what is wrong with an answer: an error is one that partman explains."""
    if not isinstance(told, Exception) or isinstance(told, PartmanError):
        return []
    frames = traceback.extract_tb(told.__traceback__)
    ours = [f"{f.name} ({f.filename})" for f in frames if "partman_core" in f.filename]
    return [f"{type(told).__qualname__} came out of {' < '.join(reversed(ours))}"]


def _untrue(told: object, fault: Fault) -> list[str]:
    """Say where a report and the history differ: what is done is in both.

    A dead client is told less than there is, and never more.
    """
    if not isinstance(told, Report) or told.run is None:
        return []
    done = {
        (out.operation.kind, str(out.operation.name))
        for table in told.tables
        for out in table.outcomes
        if out.result == "done"
    }
    known = done_in(fault.hand, told.run)
    if known == done or (fault.is_dead and known > done):
        return []
    return [f"the report does not tell of {known - done}, but of {done - known}"]
