"""Runs: claim each table, plan it again, do it, and tell what was done.

One table's failure never stops another's maintenance, and the report is made
whatever happens.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

import psycopg
from attrs import evolve, field, frozen

from partman_core import health
from partman_core.engine.crew import BUSY, Crew, Task, Worker, has_work, put_to_work
from partman_core.engine.names import pick
from partman_core.engine.opening import Lifeline
from partman_core.engine.overseer import Overseer
from partman_core.engine.telling import (
    Asker,
    actor,
    failure,
    heard,
    left,
    news,
    nothing,
    outcome,
)
from partman_core.errors import Claimed, ConfigError, PartmanError, Stale
from partman_core.executor import Pass, busy
from partman_core.executor.stopping import Stop
from partman_core.executor.work import Work
from partman_core.model import Event
from partman_core.naming import Name, as_typed
from partman_core.pg import facts, registry
from partman_core.plan import Plan, summary
from partman_core.report import Report, TableReport

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from partman_core.engine.opening import Opener, Session
    from partman_core.engine.survey import Surveyor, View
    from partman_core.plugins import Plugins

AWAITED = ("apply", "attach")
"""Commands that a person waits for: what is claimed by another engine is refused."""


@frozen(kw_only=True)
class Maintenance:
    """One run over some tables.

    :param command: what the history calls it.
    :param expected: by table, the hash of the plan that was shown; None: whatever is
        due now.
    :param workers: how many tables are served at the same time, at most.
    :param stop: the word to end.
    :param asker: who wants it; None: who runs this.
    """

    opener: Opener
    surveyor: Surveyor
    command: str
    log: Any
    expected: Mapping[Name, str] | None = None
    workers: int = 1
    stop: Stop = field(factory=Stop)
    asker: Asker | None = None

    @property
    def actor(self) -> str:
        """Who wants the run, for the history."""
        return actor() if self.asker is None else self.asker.name

    @property
    def plugins(self) -> Plugins:
        """Whom events are told to."""
        return heard(self.surveyor.plugins, self.asker)

    def run(self, names: tuple[str, ...] = ()) -> Report:
        """Do what is due, and report it.

        :param names: the tables; none: all.
        :raises ConfigError: the server cannot be written to, or a name is wrong.
        """
        with self.opener.session() as opened:
            known = opened.require_writable()
            gone: list[TableReport] = []
            if self.expected is not None:
                names, gone = self._still_managed(opened, self.expected)
            views = self.surveyor.look(opened, names) if names or not gone else []
            if not opened.registered:
                return Report(
                    run=None,
                    command=self.command,
                    started_at=opened.now,
                    tables=tuple(gone),
                )
            made = self._run(opened, views, gone)
            return evolve(made, findings=(*made.findings, *known))

    def _still_managed(
        self, opened: Session, expected: Iterable[Name]
    ) -> tuple[tuple[str, ...], list[TableReport]]:
        """Tell apart what is managed and what is not any more."""
        managed, names, gone = self.surveyor.declared(opened), [], []
        for name in expected:
            try:
                names.append(str(pick(managed, str(name)).name))
            except ConfigError as error:
                gone.append(failure(name, error))
        return tuple(names), gone

    def _run(
        self, opened: Session, views: list[View], gone: list[TableReport]
    ) -> Report:
        if not any(map(has_work, views)):
            return self._rest(opened, views, gone)
        run = registry.start_run(
            opened.conn,
            self.surveyor.schema,
            actor=self.actor,
            command=self.command,
            now=opened.now,
        )
        crew = Crew(run, self, self.stop, self.log, deque(map(Task, views)))
        tasks, line = list(crew.queue), Lifeline(self.opener, opened)
        try:
            try:
                self._tell("run-started", opened, run)
                with Overseer(self.opener, self.surveyor.schema, crew).watching():
                    put_to_work(crew, line, self.workers)
            except KeyboardInterrupt:
                crew.end()
            made = Report(
                run=run,
                command=self.command,
                started_at=opened.now,
                tables=(*gone, *(task.report or left(task.view) for task in tasks)),
                interrupted=crew.cut,
            )
            self._finish(line, made)
        finally:
            line.close()
        self._tell("run-finished", opened, run)
        return made

    def _rest(
        self, opened: Session, views: list[View], gone: list[TableReport]
    ) -> Report:
        """Report where nothing is due: the run is recorded by one statement."""
        line = Lifeline(self.opener, opened)
        crew = Crew(0, self, self.stop, self.log, deque(map(Task, views)))
        tasks = list(crew.queue)
        Worker(crew, line).work()
        made = Report(
            run=None,
            command=self.command,
            started_at=opened.now,
            tables=(*gone, *(task.report or left(task.view) for task in tasks)),
        )
        result, why = outcome(made)
        run = registry.record_run(
            opened.conn, self.surveyor.schema, actor=self.actor, command=self.command,
            result=result, message=why, now=opened.now,
        )  # fmt: skip
        self._tell("run-started", opened, run)
        self._tell("run-finished", opened, run)
        return evolve(made, run=run)

    def at_rest(self, view: View, opened: Session) -> TableReport:
        """Report a table where nothing is due."""
        return self._with_runway(view, nothing(view), opened)

    def look(self, opened: Session, view: View) -> View:
        """Look once more, now that nobody else of us is at work on the table."""
        (again,) = self.surveyor.look(opened, (str(view.declared.name),))
        return again

    def begin(self, opened: Session, run: int, view: View) -> Pass:
        """Get a table's part of the run ready, under its claim.

        :raises ConfigError: the table is gone.
        """
        if not (view.table and view.tree and view.plan):
            raise PartmanError(f"{view.declared.name} was not looked at")
        levels = [view.tree, *busy(view.tree, view.plan)]
        known = facts.facts(opened.conn, [level.oid for level in levels])
        work = Work(
            conn=opened.conn,
            connect=self.opener.connect,
            schema=self.surveyor.schema,
            plugins=self.plugins,
            run=run,
            now=opened.now,
            log=self.log,
            stop=self.stop,
        )
        return Pass.of(work, view.table, view.tree, known, view.plan)

    def told(self, line: Lifeline, view: View, report: TableReport) -> TableReport:
        """Add how it is now, also after a failure or a stop, where it can be seen."""
        try:
            opened = line.alive()
            return self._with_runway(self.look(opened, view), report, opened)
        except (PartmanError, psycopg.Error) as error:
            self.log.warning("the runway of %s is not known: %s", report.table, error)
            return report

    def _with_runway(
        self, view: View, report: TableReport, opened: Session
    ) -> TableReport:
        """Add what is still to be known, and how long inserts have partitions."""
        if not (view.table and view.tree and view.plan):
            return report
        runway = health.runway_of(
            view.table, view.tree, view.codec, view.plan, opened.now,
            codecs=self.surveyor.plugins.codecs(),
        )  # fmt: skip
        return evolve(report, findings=news(view.plan, report), runway=runway)

    def check_hash(self, view: View) -> None:
        """Refuse what is not what was shown."""
        if self.expected is None or view.plan is None:
            return
        shown = self.expected.get(view.declared.name)
        if shown != view.plan.hash:
            name, plan = view.declared.name, view.plan
            raise Stale(
                f"the plan for {name} no longer holds: it was {shown}, now it is "
                f"{plan.hash}: {summary(plan.operations)}",
                hint="look at the new plan and apply that: "
                f"`partman plan {as_typed(name)}`",
            )

    def claimed(self, view: View) -> TableReport:
        """Report a table that somebody else is at work on."""
        if self.command in AWAITED:
            raise Claimed(f"{view.declared.name}: {BUSY}", hint="run again in a moment")
        return TableReport(table=view.declared.name, skipped=BUSY)

    def _tell(self, kind: str, opened: Session, run: int) -> None:
        self.plugins.announce(Event(kind=kind, at=opened.now, run=run))

    def _finish(self, line: Lifeline, made: Report) -> None:
        """Record how it ended; a lost connection is replaced for that."""
        result, why = outcome(made)
        schema, run = self.surveyor.schema, made.run
        try:
            opened = line.alive()
            if made.of("done") or made.of("failed"):
                registry.forget_stale(opened.conn, schema)
            if run is not None:
                registry.finish_run(
                    opened.conn, schema, run, result=result, message=why,
                    now=opened.now,
                )  # fmt: skip
        except (psycopg.Error, PartmanError) as error:
            self.log.warning("the end of run %s is not recorded: %s", run, error)


def expected_of(
    plan: Plan | Mapping[str, Any],
) -> tuple[dict[Name, str], tuple[str, ...]]:
    """Read what a plan expects: by table its hash, and the kinds it is of."""
    if isinstance(plan, Plan):
        return {part.table: part.hash for part in plan.tables}, plan.only
    try:
        hashes = {Name.parse(part["table"]): part["hash"] for part in plan["tables"]}
        return hashes, tuple(plan.get("only", ()))
    except (KeyError, TypeError, ValueError) as error:
        raise ConfigError(
            f"this is not a plan: {type(error).__name__}: {error}",
            hint="`partman plan -o FILE` writes one",
            code="not-a-plan",
        ) from error
