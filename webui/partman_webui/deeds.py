"""Runs that are started from the pages: in threads, so that a closed tab ends none.

What happens in a run is told by the history, which is the record; while the run goes on
in this process, what the engine announces before that is told as well: what is built,
and who is in the way.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, TypeAlias

from attrs import define, evolve, field, frozen

from partman_core.engine import Stop
from partman_core.engine.telling import Asker
from partman_webui import shapes
from partman_webui.events import Log
from partman_webui.problems import ProblemError, problem
from partman_webui.shaped import iso, iso_or_none

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from partman_core.model import Event, Run
    from partman_core.pg.registry import Tally
    from partman_core.report import Report

STARTS_WITHIN = 30.0
"""Seconds for a run to get its number: until then it is not known what to answer."""

MOST_LOGS = 64
"""Of how many runs the events are kept in memory; of others they are read again."""

Work: TypeAlias = "Callable[[Asker, Stop], Report]"


@frozen(kw_only=True)
class Wanted:
    """A run that somebody asks for.

    :param table: its id.
    :param locks: that it takes, by relation the mode: who is in the way is told by it.
    :param planned: how many operations it is to do.
    """

    table: str
    actor: str
    reason: str | None = None
    locks: Mapping[str, str] = field(factory=dict)
    planned: int | None = None


@define
class Doing:
    """A run that goes on in this process.

    :param keep: takes its log into those that are shown.
    :param log: None until it has its number.
    :param error: why it could not begin.
    """

    wanted: Wanted
    keep: Callable[[Log, Wanted], Log]
    begun: threading.Event = field(factory=threading.Event)
    log: Log | None = None
    error: Exception | None = None
    stop: Stop = field(factory=Stop)

    @property
    def run(self) -> int | None:
        """Its number in the history, as soon as it has one."""
        return None if self.log is None else self.log.run

    def hear(self, event: Event) -> None:
        """Listen to the run."""
        if self.log is None and event.run is not None:
            self.log = self.keep(Log(run=event.run), self.wanted)
            self.begun.set()
        if self.log is not None:
            self.log.hear(event)

    def tell(self, report: Report) -> None:
        """Tell why a table was left as it was: the history has nothing of that."""
        for table in report.tables:
            why = table.error or table.skipped
            if self.log is not None and why and not table.of("failed"):
                self.log.leave(str(table.table), iso(report.started_at), why)


def is_on(table: str, run: int | None) -> ProblemError:
    """Return the refusal where a run of the table is on already.

    :param run: its number; None: it has none yet.
    """
    number = "" if run is None else f" (number {run})"
    found = problem(
        "run-active",
        f"A run{number} of {table} is on already.",
        hint="Wait for its end, or stop it.",
    )
    found.problem = evolve(found.problem, run=run)
    return found


class Deeds:
    """The runs of one database that were started here.

    :param changed: is called when something was done.
    """

    def __init__(self, changed: Callable[[], None]) -> None:
        self._changed = changed
        self._turn = threading.Lock()
        self._active: dict[str, Doing] = {}
        self._logs: dict[int, Log] = {}
        self._known: dict[int, Wanted] = {}

    def start(self, wanted: Wanted, work: Work) -> int:
        """Start a run in a thread; return its number.

        :param work: does it; whoever asks, and the word to end, are handed to it.
        :raises ProblemError: one of the table is on, or it does not begin.
        :raises Exception: what kept it from beginning.
        """
        doing = Doing(wanted, self._keep)
        with self._turn:
            if (other := self._active.get(wanted.table)) is not None:
                raise is_on(wanted.table, other.run)
            self._active[wanted.table] = doing
        threading.Thread(
            target=self._work, args=(doing, work), name="partman run", daemon=True
        ).start()
        doing.begun.wait(STARTS_WITHIN)
        if doing.log is None:
            raise doing.error or problem(
                "db-busy",
                f"A run of {wanted.table} has not begun within {STARTS_WITHIN:.0f} s.",
                hint="The history tells whether it did later.",
            )
        return doing.log.run

    def _work(self, doing: Doing, work: Work) -> None:
        try:
            report = work(Asker(name=doing.wanted.actor, hear=doing.hear), doing.stop)
            doing.tell(report)
        except Exception as error:  # noqa: BLE001 - raised where it was started
            doing.error = error
        finally:
            with self._turn:
                self._active.pop(doing.wanted.table, None)
            doing.begun.set()
            self._changed()

    def _keep(self, log: Log, wanted: Wanted | None = None) -> Log:
        with self._turn:
            kept = self._logs.setdefault(log.run, log)
            if wanted is not None:
                self._known[log.run] = wanted
            while len(self._logs) > MOST_LOGS:
                self._logs.pop(next(iter(self._logs)))
            while len(self._known) > MOST_LOGS:
                self._known.pop(next(iter(self._known)))
            return kept

    def log(self, run: int) -> Log:
        """Return the events of a run, as far as they are known here."""
        return self._keep(Log(run=run))

    def wanted(self, run: int) -> Wanted | None:
        """Return what was asked for, if it was here and not long ago."""
        with self._turn:
            return self._known.get(run)

    def of(self, table: str) -> Doing | None:
        """Return the run of a table that goes on here."""
        with self._turn:
            return self._active.get(table)

    def stop(self) -> None:
        """Have all runs that go on here end in good order."""
        with self._turn:
            active = list(self._active.values())
        for doing in active:
            doing.stop.set()

    @property
    def is_busy(self) -> bool:
        """Whether a run goes on here."""
        with self._turn:
            return bool(self._active)

    @property
    def running(self) -> list[int]:
        """The numbers of the runs that go on here."""
        with self._turn:
            found = [doing.run for doing in self._active.values()]
        return sorted(run for run in found if run is not None)

    def shown(self, run: Run, tally: Tally | None) -> shapes.RunShown:
        """Return a run."""
        found = run_shown(run, tally)
        wanted = self.wanted(run.id)
        if wanted is None:
            return found
        return evolve(
            found,
            message=found.message or self.log(run.id).left,
            tables=found.tables or [wanted.table],
            reason=wanted.reason,
            planned=wanted.planned,
        )


def run_shown(run: Run, tally: Tally | None) -> shapes.RunShown:
    """Return a run of the history."""
    return shapes.RunShown(
        id=run.id,
        actor=run.actor,
        command=run.command,
        started_at=iso(run.started_at),
        finished_at=iso_or_none(run.finished_at),
        result=run.result,
        message=run.message,
        tables=[] if tally is None else [str(name) for name in tally.tables],
        done=0 if tally is None else tally.done,
        failed=0 if tally is None else tally.failed,
    )
