"""What the parts of one pass share: the session, the clock, the record."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import psycopg
from attrs import define, field, frozen

from partman_core.bounds import DefaultBounds, clause
from partman_core.executor import outcome
from partman_core.executor.keeping import Kept
from partman_core.executor.stopping import Stop
from partman_core.interval import Interval
from partman_core.model import Deed, Event
from partman_core.pg import ddl
from partman_core.pg.records import Records
from partman_core.pg.transactions import seconds

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from psycopg.sql import Composed

    from partman_core.bounds import Bounds
    from partman_core.model import Partition, Retired, Table, Tree
    from partman_core.naming import Name
    from partman_core.pg.ddl import Step
    from partman_core.pg.facts import Facts, Place
    from partman_core.plan import Detach, Drop, Move, Operation
    from partman_core.plugins import Plugins
    from partman_core.report import Outcome

Connection = psycopg.Connection[Any]

SHORT = 0.1
"""Seconds for which a lock is waited for where patience is at its end."""


@frozen(kw_only=True)
class Work:
    """One pass.

    :param conn: the session that runs the DDL, in autocommit.
    :param connect: opens another session like it.
    :param schema: name of our own schema.
    :param run: the run's number in the history.
    :param now: the run's clock.
    :param stop: the word to end.
    """

    conn: Connection
    connect: Callable[[], Connection]
    schema: str
    plugins: Plugins
    run: int
    now: datetime
    log: Any
    stop: Stop = field(factory=Stop)

    def announce(
        self, kind: str, table: Table, operation: Operation, why: str | None = None
    ) -> None:
        """Tell the listeners what is committed, or why it is not."""
        sized = sized_of(operation)
        self.plugins.announce(
            Event(
                kind=kind,
                at=self.now,
                run=self.run,
                table=table.name,
                partition=operation.name,
                bounds=operation.bounds,
                tenant=getattr(operation, "tenant", None),
                rows=None if sized is None else sized.rows,
                bytes=None if sized is None else sized.bytes,
                message=why,
            )
        )


@define
class Job:
    """One table's part of a pass, and what has become of its operations so far.

    :param progress: when there was progress last, by the monotonic clock.
    :param ready: operations whose table is built, by identity.
    :param stuck: what is half-detached and could not be finished.
    :param out: what is detached and not recorded yet, and how long each took.
    """

    work: Work
    table: Table
    tree: Tree
    facts: Facts
    outcomes: dict[int, Outcome] = field(factory=dict)
    ready: set[int] = field(factory=set)
    progress: float = field(factory=time.monotonic)
    out: list[tuple[Detach, float]] = field(factory=list)
    stuck: Operation | None = None
    _written: dict[int, tuple[Step, ...]] = field(factory=dict)

    @property
    def records(self) -> Records:
        """How this pass writes into our tables."""
        work = self.work
        return Records(schema=work.schema, run=work.run, now=work.now)

    @property
    def patience(self) -> Interval:
        """How much longer to wait for locks."""
        return Interval(microseconds=int(max(self._left(), SHORT) * 1e6))

    @property
    def budget(self) -> Interval:
        """How long a statement may take that queries wait for.

        The rest of ``max_stall`` is for the commit, and for those who waited to wake.
        """
        return Interval(microseconds=int(seconds(self.table.max_stall) * 8e5))

    @property
    def is_spent(self) -> bool:
        """Whether ``lock_patience`` has passed without progress."""
        return self._left() <= 0

    def _left(self) -> float:
        patience = seconds(self.table.lock_patience)
        return self.progress + patience - time.monotonic()

    def progressed(self) -> None:
        """Note that there was progress: there is patience again."""
        self.progress = time.monotonic()

    def deeds(self, operations: Sequence[Operation]) -> Composed:
        """Write what the history keeps of operations that are done."""
        return self.records.done([self.deed(operation) for operation in operations])

    def deed(self, operation: Operation, found: Outcome | None = None) -> Deed:
        """Return what the history keeps of *operation*.

        :param found: its outcome, where it failed.
        """
        sized = sized_of(operation)
        kept = Deed(
            run=self.work.run,
            at=self.work.now,
            table=self.table.name,
            kind=operation.kind,
            partition=operation.name,
            bounds=self.clause(operation.bounds) or None,
            rows=None if sized is None else sized.rows,
            bytes=None if sized is None else sized.bytes,
        )
        return kept if found is None else outcome.added(kept, found)

    def clause(self, bounds: Bounds | None) -> str:
        """Write bounds as the catalog prints them; empty where there are none."""
        return "" if bounds is None else clause(bounds, self.facts.types)

    def steps(
        self, operation: Operation, places: Mapping[int, Place] | None = None
    ) -> tuple[Step, ...]:
        """Write *operation* as steps; each but a plain detach is written once."""
        if places is not None:
            return ddl.steps(operation, self.facts, self.table, places)
        written = self._written.get(id(operation))
        if written is None:
            written = ddl.steps(operation, self.facts, self.table, {})
            self._written[id(operation)] = written
        return written

    def built(self, operation: Operation, _seconds: float) -> None:
        """Tell the listeners that a table is built; its operation is not done yet."""
        self.ready.add(id(operation))
        self.work.announce("created", self.table, operation)

    def done(self, operation: Operation, seconds: float, event: str) -> None:
        """Note that *operation* is committed, and tell the listeners."""
        self.outcomes[id(operation)] = outcome.plain(operation, "done", seconds=seconds)
        self.work.log.info(
            "%s %s of %s", event, operation.name, self.table.name,
            extra={"table": str(self.table.name), "partition": str(operation.name)},
        )  # fmt: skip
        self.work.announce(event, self.table, operation)

    def failed(
        self, operation: Operation, error: BaseException, seconds: float
    ) -> None:
        """Note that *operation* failed, or that somebody keeps its partition."""
        if isinstance(error, Kept):
            self.skipped(operation, error.message)
            return
        owner = self.facts.owner
        found = outcome.failed(operation, error, seconds, owner=owner)
        self.outcomes[id(operation)] = found
        self.work.log.warning(
            "%s of %s failed: %s", operation.kind, operation.name, found.message,
            extra={"table": str(self.table.name), "sqlstate": found.sqlstate},
        )  # fmt: skip
        event = "blocked" if outcome.is_blocked(found) else "failed"
        self.work.announce(event, self.table, operation, found.message)

    def skipped(self, operation: Operation, why: str) -> None:
        """Note that *operation* was left for the next run, and why."""
        self.outcomes[id(operation)] = outcome.plain(operation, "skipped", why=why)

    def is_done(self, operation: Operation) -> bool:
        """Whether *operation* is committed."""
        found = self.outcomes.get(id(operation))
        return found is not None and found.result == "done"

    def is_settled(self, operation: Operation) -> bool:
        """Whether it is known what became of *operation*."""
        return id(operation) in self.outcomes

    def is_begun(self, operation: Operation) -> bool:
        """Whether the table of *operation* is built, or that was tried."""
        return id(operation) in self.ready or self.is_settled(operation)

    def is_blocked(self, operation: Operation) -> bool:
        """Whether somebody's lock kept *operation* from being done."""
        found = self.outcomes.get(id(operation))
        return found is not None and outcome.is_blocked(found)

    def has_default(self, name: Name) -> None:
        """Note that the table has a DEFAULT partition from now on."""
        self.facts = self.facts.with_default(name)
        self.forget_steps()

    def forget_steps(self) -> None:
        """Have steps written anew: what they depend on has changed."""
        self._written.clear()

    def is_out(self, operation: Drop | Move, before: Mapping[int, Operation]) -> bool:
        """Say whether a partition is out of its table; if not, that it was skipped.

        :param before: by oid, the operations of this pass that take it out.
        """
        needed = before.get(operation.retired.oid)
        if needed is None or self.is_done(needed):
            return True
        self.skipped(operation, "it could not be detached")
        return False


def sized_of(operation: Operation) -> Partition | Retired | None:
    """Return the existing table that *operation* is about."""
    found: Partition | Retired | None = getattr(operation, "partition", None)
    return getattr(operation, "retired", None) if found is None else found


def is_default(operation: Operation) -> bool:
    """Say whether *operation* is about a DEFAULT partition."""
    return isinstance(operation.bounds, DefaultBounds)
