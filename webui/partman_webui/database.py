"""One database that the pages show: what is read of it, and kept for a moment."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from attrs import evolve, frozen

from partman_core.errors import ConfigError
from partman_core.planner import nesting
from partman_webui import drawn, planned, shaped, shapes
from partman_webui.deeds import Deeds
from partman_webui.problems import ProblemError, problem
from partman_webui.reads import Read, Reads

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from partman_core import Engine
    from partman_core.engine import InBin
    from partman_core.engine.reading import Seen, Sight
    from partman_core.keys import Codec
    from partman_core.plan import Plan, TablePlan
    from partman_webui.events import Log

LOG = logging.getLogger("partman.webui")

NEWS_TTL = 0.4
"""Seconds for which what is known of a run that goes on is as good as new."""

RUNS_TTL = 2.0
"""The same of the list of runs."""

DAYS_TTL = 60.0
"""The same of what comes in the next days."""

DAYS = 7
"""How far ahead is looked."""

ALL = 1_000_000
"""More partitions than are ever retired at once: a look ahead shows all of them."""


@frozen(kw_only=True)
class Found:
    """A table in a look.

    :param stale: the look was taken before, and cannot be taken now.
    """

    seen: Seen
    sight: Sight
    summary: shapes.TableSummary
    stale: bool

    @property
    def id(self) -> str:
        """What the table is called in addresses."""
        return self.summary.id


class Look:
    """One look at all tables, and what was made of it."""

    def __init__(self, sight: Sight, codecs: Mapping[str, Codec]) -> None:
        self.sight = sight
        self.codecs = codecs
        self.summaries: list[tuple[shapes.TableSummary, Seen]] = sorted(
            ((self._summary(seen), seen) for seen in sight.tables),
            key=lambda pair: shaped.urgency(pair[0]),
        )
        self._rows: dict[str, tuple[list[shapes.PartitionRow], dict[str, Any]]] = {}

    def _summary(self, seen: Seen) -> shapes.TableSummary:
        """Return one table; its own fault is no other's, such as a broken codec."""
        try:
            return shaped.summary(seen, self.sight, self.codecs)
        except Exception:
            LOG.exception("%s cannot be shown", seen.view.declared.name)
            bare = evolve(seen.view, table=None, tree=None, plan=None)
            return shaped.summary(evolve(seen, view=bare), self.sight, self.codecs)

    def rows(
        self, table: str, seen: Seen
    ) -> tuple[list[shapes.PartitionRow], dict[str, Any]]:
        """Return a table's partitions, and its axis; made once."""
        if table not in self._rows:
            self._rows[table] = (
                drawn.partition_rows(seen, self.sight, self.codecs),
                drawn.axis_of(seen, self.sight, self.codecs),
            )
        return self._rows[table]


class Database:
    """One database: its engine, what was read of it, the runs started from here.

    :param name: that addresses name it by.
    """

    def __init__(self, name: str, engine: Engine, reads: Reads | None = None) -> None:
        self.name = name
        self.engine = engine
        self.reads = Reads() if reads is None else reads
        self.deeds = Deeds(self.reads.forget)
        self._shown: set[str] = set()

    def look(self) -> Read[Look]:
        """Return all tables, as they were a moment ago."""
        return self.reads.get("look", self._look)

    def _look(self) -> Look:
        look = Look(self.engine.look(), self.engine.plugins.codecs())
        # What somebody looks at is made ready before anybody waits for it.
        for summary, seen in look.summaries:
            if summary.id in self._shown and summary.health != "unknown":
                look.rows(summary.id, seen)
        self._shown.clear()
        return look

    def summaries(self) -> list[shapes.TableSummary]:
        """Return all tables, the most urgent first."""
        read = self.look()
        return [as_stale(one) if read.stale else one for one, _ in read.value.summaries]

    def table(self, table: str) -> Found:
        """Return one table.

        :param table: its id.
        :raises ConfigError: it is not managed, code ``not-managed``.
        """
        read = self.look()
        for summary, seen in read.value.summaries:
            if summary.id == table:
                return Found(
                    seen=seen,
                    sight=read.value.sight,
                    summary=as_stale(summary) if read.stale else summary,
                    stale=read.stale,
                )
        raise ConfigError(
            f"{table} is not managed by partman",
            hint="the overview lists the tables that are; names are written as SQL "
            "writes them, with their schema",
            code="not-managed",
        )

    def partitions(self, table: str) -> tuple[list[shapes.PartitionRow], Any, Found]:
        """Return a table's partitions, and what its timeline is drawn with."""
        found = self.table(table)
        self._shown.add(found.id)
        rows, axis = self.look().value.rows(table, found.seen)
        return rows, axis, found

    def sizes(self, seen: Seen) -> dict[str, int | None]:
        """Return how much disk a table's partitions take, by name, all of each.

        :returns: None where that cannot be read now.
        """
        tree = seen.view.tree
        if tree is None:
            return {}
        oids: dict[str, list[int]] = {}
        last = () if tree.default is None else (tree.default,)
        for partition in (*tree.partitions, *last):
            subtree = tree.subtrees.get(partition.oid)
            inside = [] if subtree is None else nesting.everything(subtree)
            oids[str(partition.name)] = [partition.oid, *(one.oid for one in inside)]
        found = self.engine.sizes([oid for every in oids.values() for oid in every])
        sums: dict[str, int | None] = {}
        for name, every in oids.items():
            known = [found.get(oid, 0) for oid in every]
            sums[name] = None if None in known else sum(one or 0 for one in known)
        return sums

    def plan(
        self, table: str, now: datetime | None = None, only: Sequence[str] = ()
    ) -> tuple[Plan, shapes.PlanShown]:
        """Plan one table, at this very moment; plans are never kept.

        :param table: its id.
        """
        made = self.engine.plan(table, now=now, only=only)
        return made, planned.plan(made, self.engine.explain(made))

    def days(self, table: str) -> Read[shapes.Days]:
        """Return what becomes due in the next days."""
        return self.reads.get(("days", table), lambda: self._days(table), ttl=DAYS_TTL)

    def _days(self, table: str) -> shapes.Days:
        now = self.engine.look(table).now
        moments = [now + timedelta(days=number) for number in range(DAYS + 1)]
        plans = self.engine.ahead(table, moments, max_drops=ALL)
        items: list[shapes.Day] = []
        before: set[tuple[str, str]] = set()
        for moment, plan in zip(moments, plans, strict=False):
            one, before = _day(moment.date().isoformat(), plan, before)
            items.append(one)
        return shapes.Days(items=items)

    def bin(self) -> Read[list[InBin]]:
        """Return what is in the bin."""
        return self.reads.get("bin", self.engine.bin)

    def runs(
        self, table: str | None, limit: int, before: int | None
    ) -> list[shapes.RunShown]:
        """Return runs, the newest first."""

        def load() -> list[shapes.RunShown]:
            found = self.engine.runs(limit=limit, before=before, table=table)
            tallies = self.engine.tallies(*(run.id for run in found))
            return [self.deeds.shown(run, tallies.get(run.id)) for run in found]

        key = ("runs", table, limit, before)
        return self.reads.get(key, load, ttl=RUNS_TTL).value

    def run(self, number: int) -> shapes.RunShown:
        """Return one run.

        :raises ProblemError: there is none of that number, ``run-unknown``.
        """
        return self.news(number)[0]

    def news(self, number: int) -> tuple[shapes.RunShown, Log]:
        """Return a run with its events, the latest included."""
        shown = self.reads.get(
            ("run", number), lambda: self._news(number), ttl=NEWS_TTL
        ).value
        if shown is None:
            raise no_run(number)
        return shown, self.deeds.log(number)

    def _news(self, number: int) -> shapes.RunShown | None:
        # The run first: once it is over, all that it did is in the history.
        run = self.engine.run(number)
        if run is None:
            return None
        log = self.deeds.log(number)
        fresh = self.engine.happened(number, after=log.last)
        log.record(fresh)
        wanted = self.deeds.wanted(number)
        if run.result == "running" and not fresh and wanted and wanted.locks:
            at = shaped.iso(run.started_at)
            log.wait(wanted.table, at, self.engine.in_the_way(wanted.locks))
        if number not in self.deeds.running:  # what became of it is told first
            log.end(run)
        tallies = self.engine.tallies(number)
        return self.deeds.shown(run, tallies.get(number))


def no_run(number: int) -> ProblemError:
    """Return the refusal of a run that there is not."""
    return problem(
        "run-unknown", f"There is no run {number}.", hint="The history lists them."
    )


def as_stale(summary: shapes.TableSummary) -> shapes.TableSummary:
    """Return a table, marked as read before."""
    return evolve(summary, stale=True)


def _day(
    name: str, plan: TablePlan, before: set[tuple[str, str]]
) -> tuple[shapes.Day, set[tuple[str, str]]]:
    """Return what becomes due on a day, and all that is due by then.

    :param before: what was due the day before, by kind and name.
    """
    fresh, every = [], set(before)
    for operation in plan.operations:
        key = (operation.kind, str(operation.name))
        if key not in before:
            fresh.append(operation)
        every.add(key)
    retired = [op for op in fresh if op.destroys]
    gone = {str(op.name) for op in retired}
    made = [op for op in fresh if op.kind == "create"]
    names = dict.fromkeys(str(op.name) for op in (*made, *retired))
    return (
        shapes.Day(day=name, create=len(made), retire=len(gone), names=list(names)),
        every,
    )
