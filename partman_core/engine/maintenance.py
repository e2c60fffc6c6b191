"""Runs: claim each table, plan it again, do it, and tell what was done.

One table's failure never stops another's maintenance, and the report is made
whatever happens.
"""

from __future__ import annotations

import getpass
import socket
from typing import TYPE_CHECKING, Any

import psycopg
from attrs import evolve, frozen

from partman_core import executor, health
from partman_core.errors import Claimed, PartmanError, Stale, Unreachable
from partman_core.executor.outcome import exit_code_for, hint_for, one_line
from partman_core.executor.work import Work
from partman_core.model import Event
from partman_core.pg import facts, registry, session
from partman_core.pg.claims import claim
from partman_core.report import Report, TableReport

if TYPE_CHECKING:
    from collections.abc import Mapping

    from partman_core.engine.opening import Opener, Session
    from partman_core.engine.survey import Surveyor, View
    from partman_core.naming import Name


@frozen(kw_only=True)
class Maintenance:
    """One run over some tables.

    :param command: what the history calls it.
    :param expected: by table, the hash of the plan that was shown; empty: whatever
        is due now.
    """

    opener: Opener
    surveyor: Surveyor
    command: str
    log: Any
    expected: Mapping[Name, str] | None = None

    def run(self, names: tuple[str, ...] = ()) -> Report:
        """Do what is due, and report it.

        :param names: the tables; none: all.
        :raises ConfigError: the server cannot be written to, or a name is wrong.
        """
        with self.opener.session() as opened:
            session.require_writable(opened.server)
            views = self.surveyor.look(opened, names)
            if not opened.registered:
                return Report(run=None, command=self.command, started_at=opened.now)
            return self._run(opened, views)

    def _run(self, opened: Session, views: list[View]) -> Report:
        schema = self.surveyor.schema
        number = registry.start_run(
            opened.conn, schema, actor=actor(), command=self.command, now=opened.now
        )
        work = Work(
            conn=opened.conn,
            connect=self.opener.connect,
            schema=schema,
            plugins=self.surveyor.plugins,
            run=number,
            now=opened.now,
            log=self.log,
        )
        self._tell(work, "run-started")
        reports: list[TableReport] = []
        interrupted = False
        for view in views:
            if interrupted:
                reports.append(_left(view))
                continue
            report, interrupted = self._table(opened, work, view)
            reports.append(report)
        made = Report(
            run=number,
            command=self.command,
            started_at=opened.now,
            tables=tuple(reports),
            interrupted=interrupted,
        )
        self._finish(opened, work, made)
        return made

    def _table(
        self, opened: Session, work: Work, view: View
    ) -> tuple[TableReport, bool]:
        """Serve one table; whatever goes wrong with it is its own affair."""
        name = view.declared.name
        try:
            return self._serve(opened, work, view)
        except KeyboardInterrupt:
            return _left(view), True
        except PartmanError as error:
            return _failure(name, error.message, error.hint, error.exit_code), False
        except psycopg.Error as error:
            gone = opened.conn.closed
            hint = "the connection is gone; run again" if gone else hint_for(error)
            code = Unreachable.exit_code if gone else exit_code_for(error)
            return _failure(name, one_line(error), hint, code), False
        except Exception as error:
            self.log.exception("maintenance of %s failed", name)
            return _failure(name, one_line(error), "this is a bug in partman", 1), False

    def _serve(
        self, opened: Session, work: Work, view: View
    ) -> tuple[TableReport, bool]:
        if view.error:
            raise view.error
        if not (view.table and view.plan):
            raise PartmanError(f"{view.declared.name} was not looked at")
        self._check_hash(view)
        if not view.plan.operations:
            return self._with_runway(opened, view, _nothing(view)), False
        with claim(opened.conn, view.declared.oid) as ours:
            if not ours:
                return self._claimed(view), False
            again = self._again(opened, view)
            report, interrupted = self._do(opened, work, again)
        return report, interrupted

    def _again(self, opened: Session, view: View) -> View:
        """Look once more, now that nobody else of us is at work on the table."""
        (again,) = self.surveyor.look(opened, (str(view.declared.name),))
        if again.error:
            raise again.error
        self._check_hash(again)
        return again

    def _do(self, opened: Session, work: Work, view: View) -> tuple[TableReport, bool]:
        if not (view.table and view.tree and view.plan):
            raise PartmanError(f"{view.declared.name} was not looked at")
        known = facts.facts(opened.conn, [view.tree.oid])[view.tree.oid]
        report, interrupted = executor.run(
            work, view.table, view.tree, known, view.plan
        )
        if interrupted or opened.conn.closed:
            return report, interrupted
        (after,) = self.surveyor.look(opened, (str(view.declared.name),))
        return self._with_runway(opened, after, report), False

    def _with_runway(
        self, opened: Session, view: View, report: TableReport
    ) -> TableReport:
        """Add how long inserts have partitions of their own."""
        if not (view.table and view.tree and view.plan):
            return report
        found = health.health(view.table, view.tree, view.codec, view.plan, opened.now)
        return evolve(report, runway=health.runway_sentence(found, opened.now))

    def _check_hash(self, view: View) -> None:
        """Refuse what is not what was shown."""
        if self.expected is None or view.plan is None:
            return
        shown = self.expected.get(view.declared.name)
        if shown != view.plan.hash:
            raise Stale(
                f"the plan for {view.declared.name} no longer holds: it was {shown}, "
                f"now it is {view.plan.hash}",
                hint="look at the new plan and apply that: "
                f"`partman plan {view.declared.name}`",
            )

    def _claimed(self, view: View) -> TableReport:
        why = "another engine is at work on it"
        if self.command == "maintain":
            return TableReport(table=view.declared.name, skipped=why)
        raise Claimed(f"{view.declared.name}: {why}", hint="run again in a moment")

    def _tell(self, work: Work, kind: str) -> None:
        work.plugins.announce(Event(kind=kind, at=work.now, run=work.run))

    def _finish(self, opened: Session, work: Work, made: Report) -> None:
        """Record how it ended; a lost connection is replaced for that."""
        failed = [table for table in made.tables if table.exit_code in {1, 3, 4, 5, 8}]
        result = "interrupted" if made.interrupted else "failed" if failed else "done"
        message = "; ".join(_why(table) for table in failed) or None
        conn = opened.conn
        try:
            if conn.closed:
                conn = self.opener.connect()
            registry.finish_run(
                conn, work.schema, work.run, result=result, message=message,
                now=opened.now,
            )  # fmt: skip
        except (psycopg.Error, PartmanError) as error:
            self.log.warning("the end of run %s is not recorded: %s", work.run, error)
        finally:
            if conn is not opened.conn:
                conn.close()
        self._tell(work, "run-finished")


def actor() -> str:
    """Name who runs this, for the history: user and host."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = "unknown"
    return f"{user}@{socket.gethostname()}"


def _nothing(view: View) -> TableReport:
    findings = view.plan.findings if view.plan else ()
    return TableReport(table=view.declared.name, findings=findings)


def _left(view: View) -> TableReport:
    return TableReport(
        table=view.declared.name, skipped="interrupted before its turn; run again"
    )


def _failure(name: Name, message: str, hint: str | None, code: int) -> TableReport:
    return TableReport(table=name, error=message, hint=hint, error_code=code)


def _why(table: TableReport) -> str:
    if table.error:
        return f"{table.table}: {table.error}"
    failed = [out.message for out in table.outcomes if out.result == "failed"]
    findings = [found.message for found in table.findings if found.exit_code]
    return f"{table.table}: {next(iter([*failed, *findings]), 'failed')}"
