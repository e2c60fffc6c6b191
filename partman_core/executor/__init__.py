"""One table's part of a run: creations first, nothing that waits before them."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

import psycopg
from attrs import define, evolve, field

from partman_core.errors import ConfigError
from partman_core.executor import creation, dropping, retirement, returning, window
from partman_core.executor.aftermath import account
from partman_core.executor.outcome import plain
from partman_core.executor.work import Job
from partman_core.plan import (
    Attach,
    Create,
    Detach,
    Discard,
    Drop,
    Finalize,
    Move,
    Reopen,
    Settle,
)
from partman_core.plan.order import parted
from partman_core.planner.nesting import levels
from partman_core.report import TableReport

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from partman_core.executor.work import Connection, Work
    from partman_core.model import Table, Tree
    from partman_core.naming import Name
    from partman_core.pg.facts import Facts
    from partman_core.plan import Operation, TablePlan

_IN: Mapping[type[Operation], Callable[[Job, list[Any]], None]] = {
    Reopen: window.reopen,
    Create: creation.create,
    Discard: creation.discard,
    Attach: returning.attach,
    Settle: retirement.settle,
    Finalize: retirement.finalize,
    Detach: retirement.detach,
}
"""What does operations of a kind on the table's own partitions."""

_OUT: Mapping[
    type[Operation], Callable[[Job, list[Any], Mapping[int, Operation]], None]
] = {Move: retirement.move, Drop: dropping.drop}
"""What does operations of a kind on what is out, given what took it out."""


@define
class Pass:
    """One table's part of a run, done in three parts.

    A run does the creations of all its tables before it retires anything, as a
    partition that is missing is an outage; and disposes of what is out last, as hooks
    may take hours.

    :param jobs: what is done on each level: of the table itself (None), and of each
        partition that is partitioned again and has something due.
    :param is_cut: whether it was told to stop on the way.
    """

    jobs: dict[Name | None, Job]
    plan: TablePlan
    is_cut: bool = False
    _leaving: dict[int, Operation] = field(factory=dict)

    @classmethod
    def of(
        cls, work: Work, table: Table, tree: Tree, facts: Mapping[int, Facts],
        plan: TablePlan,
    ) -> Pass:  # fmt: skip
        """Begin with a table as it was just looked at, under a claim.

        :param facts: by oid, of the table and of what is in *plan* a parent.
        """
        jobs: dict[Name | None, Job] = {None: _job(work, table, tree, facts)}
        for subtree in busy(tree, plan):
            jobs[subtree.name] = _job(work, table, subtree, facts)
        return cls(jobs, plan)

    @property
    def job(self) -> Job:
        """What is done on the table itself."""
        return self.jobs[None]

    def use(self, conn: Connection) -> None:
        """Go on in another session."""
        for job in self.jobs.values():
            job.work = evolve(job.work, conn=conn)

    def create(self) -> None:
        """Build and attach what is missing, and remove what nobody wants."""
        self._do(self.creations)

    def retire(self) -> None:
        """Take out what is no longer kept, after what was left half-done."""
        # Known before anything is tried: what is cut short is not out.
        for op in self.retirements:
            if isinstance(op, (Finalize, Detach)):
                self._leaving[op.partition.oid] = op
            elif isinstance(op, Settle):
                self._leaving[op.retired.oid] = op
        self._do(self.retirements, self._withdraw_left_over)

    def dispose(self) -> None:
        """Move away or drop what is out."""
        self._do(self.disposals)

    @property
    def creations(self) -> Sequence[Operation]:
        """The operations of the first part."""
        return parted(self.plan.operations)[0]

    @property
    def retirements(self) -> Sequence[Operation]:
        """The operations of the second part."""
        return parted(self.plan.operations)[1]

    @property
    def disposals(self) -> Sequence[Operation]:
        """The operations of the last part."""
        return parted(self.plan.operations)[2]

    def leave(self, operations: Iterable[Operation], why: str) -> None:
        """Leave operations for another run.

        :param why: a part of a sentence.
        """
        for operation in operations:
            self.jobs[operation.parent].skipped(operation, why)

    def _do(
        self, some: Sequence[Operation], first: Callable[[], None] | None = None
    ) -> None:
        """Do some operations; whatever goes wrong is in the report.

        :param first: what is to be done before.
        """
        error: Exception | None = None
        try:
            with self.job.work.stop.watching(self.job.work.conn):
                self.job.work.stop.go_on()
                if first is not None:
                    first()
                self._operate(some)
        except KeyboardInterrupt:
            self.is_cut = True
        except psycopg.errors.QueryCanceled as problem:
            self.is_cut = self.job.work.stop.is_set()
            error = None if self.is_cut else problem
        except Exception as problem:  # noqa: BLE001 - told in the report
            error = problem  # most likely the session is gone
        for parent, job in self.jobs.items():
            account(job, [op for op in some if op.parent == parent], error)

    def _withdraw_left_over(self) -> None:
        for job in self.jobs.values():
            self._withdraw(job)

    def _withdraw(self, job: Job) -> None:
        """Forget what a killed run was about to retire, and what is kept by now."""
        tree = job.tree
        pending = {part.oid for part in tree.partitions if part.pending}
        still = {op.partition.oid for op in self.retirements if isinstance(op, Detach)}
        left = [retired.oid for retired in tree.bin if retired.attached]
        retirement.withdraw(job, [o for o in left if o not in pending | still])

    def _operate(self, operations: Sequence[Operation]) -> None:
        """Do the operations in their order, those of one kind and level together."""
        for (kind, parent), group in groupby(operations, key=_sort):
            some: list[Any] = list(group)
            if kind in _OUT:
                _OUT[kind](self.jobs[parent], some, self._leaving)
            else:
                _IN[kind](self.jobs[parent], some)

    def report(self) -> TableReport:
        """Tell what became of each operation."""
        why = "interrupted; the next run does it" if self.is_cut else "not reached"
        return TableReport(
            table=self.plan.table,
            outcomes=tuple(
                self.jobs[op.parent].outcomes.get(id(op))
                or plain(op, "skipped", why=self._left(op, why))
                for op in self.plan.operations
            ),
            findings=self.plan.findings,
        )

    def _left(self, operation: Operation, why: str) -> str:
        """Say what was left of an operation, and name what is half-made."""
        if id(operation) in self.jobs[operation.parent].ready:
            return "built and not attached yet; the next run attaches it"
        return why


def _job(work: Work, table: Table, tree: Tree, facts: Mapping[int, Facts]) -> Job:
    if tree.oid not in facts:
        raise ConfigError(f"{tree.name} is gone", code="table-gone")
    return Job(work=work, table=table, tree=tree, facts=facts[tree.oid])


def _sort(operation: Operation) -> tuple[type[Operation], Name | None]:
    return type(operation), operation.parent


def busy(tree: Tree, plan: TablePlan) -> list[Tree]:
    """Return what is below a table and has something due, or left by a killed run."""
    parents = {op.parent for op in plan.operations}
    return [
        subtree
        for subtree in levels(tree)
        if subtree is not tree
        and (subtree.name in parents or any(left.attached for left in subtree.bin))
    ]
