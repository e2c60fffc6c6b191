"""One table's part of a run: creations first, nothing that waits before them."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

import psycopg
from attrs import define, evolve, field

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
from partman_core.report import TableReport

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from partman_core.executor.work import Connection, Work
    from partman_core.model import Table, Tree
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

RETIRING = (Settle, Finalize, Detach)
DISPOSING = (Move, Drop)


def parted(
    operations: Sequence[Operation],
) -> tuple[Sequence[Operation], Sequence[Operation], Sequence[Operation]]:
    """Part operations, in their order: creations, retirements, disposals.

    A creation that only a retirement makes possible comes after it, and so belongs to
    the second part.
    """
    kept = len(operations)
    while kept and isinstance(operations[kept - 1], DISPOSING):
        kept -= 1
    late = (i for i in range(kept) if isinstance(operations[i], RETIRING))
    first = next(late, kept)
    return operations[:first], operations[first:kept], operations[kept:]


@define
class Pass:
    """One table's part of a run, done in three parts.

    A run does the creations of all its tables before it retires anything, as a
    partition that is missing is an outage; and disposes of what is out last, as hooks
    may take hours.

    :param is_cut: whether it was told to stop on the way.
    """

    job: Job
    plan: TablePlan
    is_cut: bool = False
    _leaving: dict[int, Operation] = field(factory=dict)

    @classmethod
    def of(
        cls, work: Work, table: Table, tree: Tree, facts: Facts, plan: TablePlan
    ) -> Pass:
        """Begin with a table as it was just looked at, under a claim."""
        return cls(Job(work=work, table=table, tree=tree, facts=facts), plan)

    def use(self, conn: Connection) -> None:
        """Go on in another session."""
        self.job.work = evolve(self.job.work, conn=conn)

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
            self.job.skipped(operation, why)

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
        account(self.job, some, error)

    def _withdraw_left_over(self) -> None:
        """Forget what a killed run was about to retire, and what is kept by now."""
        tree = self.job.tree
        pending = {part.oid for part in tree.partitions if part.pending}
        still = {op.partition.oid for op in self.retirements if isinstance(op, Detach)}
        left = [retired.oid for retired in tree.bin if retired.attached]
        retirement.withdraw(self.job, [o for o in left if o not in pending | still])

    def _operate(self, operations: Sequence[Operation]) -> None:
        """Do the operations in their order, those of one kind together."""
        for kind, group in groupby(operations, key=type):
            some: list[Any] = list(group)
            if kind in _OUT:
                _OUT[kind](self.job, some, self._leaving)
            else:
                _IN[kind](self.job, some)

    def report(self) -> TableReport:
        """Tell what became of each operation."""
        why = "interrupted; the next run does it" if self.is_cut else "not reached"
        return TableReport(
            table=self.plan.table,
            outcomes=tuple(
                self.job.outcomes.get(id(op))
                or plain(op, "skipped", why=self._left(op, why))
                for op in self.plan.operations
            ),
            findings=self.plan.findings,
        )

    def _left(self, operation: Operation, why: str) -> str:
        """Say what was left of an operation, and name what is half-made."""
        if id(operation) in self.job.ready:
            return "built and not attached yet; the next run attaches it"
        return why
