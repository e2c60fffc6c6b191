"""Workers: each serves some of a run's tables, in a session of its own.

All creations of a run come before whatever may have to wait, and disposals, whose hooks
may take hours, come last.  One table's fault is its own.
"""

from __future__ import annotations

import threading
from collections import deque
from concurrent.futures import Future, wait
from typing import TYPE_CHECKING, Any

import psycopg
from attrs import define, evolve, field

from partman_core.engine.opening import Lifeline
from partman_core.engine.telling import failure, left
from partman_core.errors import PartmanError
from partman_core.pg.claims import DISPOSAL, MAINTENANCE, take
from partman_core.pg.heartbeat import Heartbeat
from partman_core.plan.order import DISPOSING

if TYPE_CHECKING:
    from collections.abc import Callable

    from partman_core.engine.maintenance import Maintenance
    from partman_core.engine.survey import View
    from partman_core.executor import Pass
    from partman_core.executor.stopping import Stop
    from partman_core.pg.claims import Claim
    from partman_core.report import TableReport

TOLD_AGAIN = 1.0
"""Seconds after which workers that have not ended are told to again."""

BUSY = "another engine is at work on it"
AT_DISPOSAL = "another engine is at work on what is to be moved or dropped"


@define
class Task:
    """One table in a run.

    :param report: what there is to tell, as soon as its part is over.
    :param part: what is done with it, once it is claimed.
    """

    view: View
    report: TableReport | None = None
    part: Pass | None = None
    claim: Claim | None = None


@define
class Crew:
    """What the workers of one run share.

    :param queue: the tables that nobody has begun with.
    :param cut: whether the run was told to stop.
    """

    run: int
    maintenance: Maintenance
    stop: Stop
    log: Any
    queue: deque[Task] = field(factory=deque)
    cut: bool = False

    def end(self) -> None:
        """Have all of them end, in good order."""
        self.cut = True
        self.stop.set()


@define
class Worker:
    """Serves tables in one session, which is replaced when it is lost."""

    crew: Crew
    line: Lifeline
    mine: list[Task] = field(factory=list)

    def work(self) -> None:
        """Serve tables until none is left; what is to be told is in the tasks."""
        while self.crew.queue and not self.crew.cut:
            try:
                task = self.crew.queue.popleft()
            except IndexError:  # another worker was faster
                break
            self.mine.append(task)
            self._guarded(task, self._begin)
        for step in (self._retire, self._dispose, self._end):
            for task in self.mine:
                if task.report is None:
                    self._guarded(task, step)

    def _guarded(self, task: Task, step: Callable[[Task], None]) -> None:
        """Do one step; whatever goes wrong is this table's own affair."""
        name = task.view.declared.name
        try:
            step(task)
        except KeyboardInterrupt:
            self.crew.end()
            task.report = self._told(task) or left(task.view)
        except (PartmanError, psycopg.Error) as error:
            found = failure(name, error, lost=self.line.is_lost)
            task.report = self._with_outcomes(task, found)
        except Exception as error:
            self.crew.log.exception("maintenance of %s failed", name)
            known = self.crew.maintenance.surveyor.plugins.blamed(error)
            task.report = self._with_outcomes(task, failure(name, known or error))
        if task.part is not None and task.part.is_cut:
            self.crew.end()
        if self.crew.cut or task.report is not None:
            self._let_go(task)

    def _with_outcomes(self, task: Task, found: TableReport) -> TableReport:
        """Add what was done before it failed as a whole."""
        told = self._told(task)
        if told is None:
            return found
        return evolve(
            told, error=found.error, hint=found.hint, error_code=found.error_code
        )

    def _told(self, task: Task) -> TableReport | None:
        return None if task.part is None else task.part.report()

    def _begin(self, task: Task) -> None:
        """Claim a table, plan it again, and create what is missing."""
        crew, view = self.crew, task.view
        if view.error:
            raise view.error
        crew.maintenance.check_hash(view)
        if view.plan is None or not view.plan.operations:
            task.report = crew.maintenance.at_rest(view, self.line.opened)
            return
        only = all(isinstance(op, DISPOSING) for op in view.plan.operations)
        first = DISPOSAL if only else MAINTENANCE
        if not self._reclaimed(task, first):
            task.report = crew.maintenance.claimed(view)
            return
        opened = self.line.opened
        again = crew.maintenance.look(opened, view)
        if again.error:
            raise again.error
        crew.maintenance.check_hash(again)
        task.part = crew.maintenance.begin(opened, crew.run, again)
        if first == MAINTENANCE:
            task.part.create()

    def _retire(self, task: Task) -> None:
        """Take out what is no longer kept, under the claim that there is already."""
        if task.part is None or self.crew.cut:
            return
        if task.claim is None or task.claim.keys[0] != MAINTENANCE:
            return
        if self._reclaimed(task, MAINTENANCE):
            task.part.retire()
        else:
            task.part.leave(task.part.retirements, BUSY)
        self._let_go(task)

    def _dispose(self, task: Task) -> None:
        """Move away or drop what is out, under a claim of its own."""
        if task.part is None or self.crew.cut or not task.part.disposals:
            return
        if self._reclaimed(task, DISPOSAL):
            task.part.dispose()
        else:
            task.part.leave(task.part.disposals, AT_DISPOSAL)

    def _reclaimed(self, task: Task, kind: int) -> bool:
        """See to it that the table is claimed by the session that will work on it."""
        conn = self.line.alive().conn
        held = task.claim
        if held is None or held.conn is not conn or held.keys[0] != kind:
            task.claim = self._taken(task.view.declared.oid, kind)
        if task.part is not None:
            task.part.use(self.line.opened.conn)
        return task.claim is not None

    def _taken(self, oid: int, kind: int) -> Claim | None:
        """Claim a table; here it is found out that a session was lost while idle."""
        try:
            return take(self.line.opened.conn, oid, kind)
        except psycopg.OperationalError:
            if not self.line.is_lost:
                raise
            return take(self.line.alive().conn, oid, kind)

    def _end(self, task: Task) -> None:
        """Tell how it is now, also after a failure or a stop."""
        self._let_go(task)
        if task.part is None:
            return
        report = task.part.report()
        task.report = report
        task.report = self.crew.maintenance.told(self.line, task.view, report)

    def _let_go(self, task: Task) -> None:
        if task.claim is not None:
            task.claim.let_go()
            task.claim = None


def put_to_work(crew: Crew, line: Lifeline, workers: int) -> None:
    """Serve the tables: in this thread, or in several where that is of use.

    :param line: the first session; the others are opened and closed here.
    :param workers: how many may be at work at the same time.
    """
    busy = sum(has_work(task.view) for task in crew.queue)
    lines = [line, *_twins(crew, line, min(workers, busy) - 1)]
    try:
        with Heartbeat(lambda: [each.opened.conn for each in lines]):
            if len(lines) == 1:
                Worker(crew, line).work()
            else:
                _await(crew, [_begun(Worker(crew, each)) for each in lines])
    finally:
        for twin in lines[1:]:
            twin.close()


def _twins(crew: Crew, line: Lifeline, count: int) -> list[Lifeline]:
    """Open sessions for more workers; where there is none, fewer do the work."""
    found: list[Lifeline] = []
    try:
        while len(found) < count:
            found.append(line.twin())
    except (psycopg.Error, PartmanError) as error:
        crew.log.warning("only %d at work: %s", len(found) + 1, error)
    return found


def _await(crew: Crew, working: list[Future[None]]) -> None:
    """Wait until all have ended; once they are told to, they are told again."""
    try:
        wait(working)
    except KeyboardInterrupt:
        crew.end()
        while wait(working, timeout=TOLD_AGAIN).not_done:
            crew.end()
    for ended in working:
        ended.result()


def _begun(worker: Worker) -> Future[None]:
    """Let a worker work in a thread, for which Python does not wait at its end."""
    ended: Future[None] = Future()

    def work() -> None:
        try:
            worker.work()
        except BaseException as error:  # noqa: BLE001 - raised where it is waited for
            ended.set_exception(error)
        else:
            ended.set_result(None)

    threading.Thread(target=work, name="partman worker", daemon=True).start()
    return ended


def has_work(view: View) -> bool:
    """Say whether something is due."""
    return view.plan is not None and bool(view.plan.operations)
