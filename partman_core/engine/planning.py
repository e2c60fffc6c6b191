"""The plan of one table: level by level, with everything that plugins say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve, field, frozen

from partman_core import planner
from partman_core.engine.axes import axis
from partman_core.errors import PartmanError
from partman_core.plan import Create, Detach, Finding, TablePlan
from partman_core.plan.order import merged
from partman_core.planner import nesting
from partman_core.planner.creating import creations
from partman_core.planner.lanes import Nothing, lanes, of_tenant, tenant_of
from partman_core.strategy import Above

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import datetime

    from partman_core.bounds import Bounds
    from partman_core.keys import Codec, Key
    from partman_core.model import Keep, Partition, Retire, Table, Tree
    from partman_core.naming import Name
    from partman_core.plan import Operation
    from partman_core.plugins import Plugins


@frozen(kw_only=True)
class Planning:
    """What all levels of a table are planned with.

    :param now: the run's clock, aware.
    :param max_drops: how many partitions of a level may be retired at once; None: as
        the table has it.
    :param taken: names that relations outside of the table have.
    """

    plugins: Plugins
    now: datetime
    max_drops: int | None = None
    taken: Collection[Name] = field(factory=frozenset)

    def plan(
        self,
        table: Table,
        tree: Tree,
        codec: Codec | None,
        faults: tuple[Finding, ...] = (),
    ) -> TablePlan:
        """Plan a table, or one of its partitions that is partitioned again.

        :param table: as it is at that level.
        :param codec: of the level's key.
        :param faults: why nothing may be destroyed, besides what is found here.
        """
        made = self._level(table, tree, codec, faults)
        below = nesting.below(table, tree.key)
        if below is None or table.paused:
            return made
        return self._nested(made, _Down(table, below, tree, codec), faults)

    def _level(
        self,
        table: Table,
        tree: Tree,
        codec: Codec | None,
        faults: tuple[Finding, ...],
    ) -> TablePlan:
        seen, made = planner.looked(table, tree, codec, self.now, self.taken)
        obstacles = self.plugins.obstacles(table) + faults
        verdicts: list[Retire | Keep] = []
        try:
            for lane in lanes(seen):
                own = of_tenant(table, lane.tenant)
                verdicts += self.plugins.verdicts(own, lane.level)
        except PartmanError as error:
            obstacles += (broken(table, error),)
        plan = planner.plan_table(
            table, tree, codec, self.now, verdicts, seen=seen, creating=made,
            destroys=obstacles[0].message if obstacles else None,
            max_drops=self.max_drops,
        )  # fmt: skip
        return evolve(plan, findings=plan.findings + obstacles)

    def _nested(
        self, made: TablePlan, down: _Down, faults: tuple[Finding, ...]
    ) -> TablePlan:
        """Add what the levels below need, and what new partitions are built with.

        What is missing inside of a table that is built and not attached yet comes
        before its attach: nobody may find it half-empty.
        """
        key = nesting.key_below(down.table, down.tree)
        operations = [
            self.filled(op, down, key)
            if isinstance(op, Create) and op.built is None
            else op
            for op in made.operations
        ]
        parts, findings = [tuple(operations)], list(made.findings)
        kept, others = down.kept(operations)
        if others:
            findings.append(nesting.otherwise(down.table, key, others))
        for partition, subtree in kept:
            below = down.of_tenant(partition.bounds)
            inside = self.plan(
                below, subtree, axis(below, subtree, self.plugins), faults
            )
            parts.insert(
                0 if partition in down.tree.built else len(parts),
                _within(subtree.name, inside.operations),
            )
            findings += (found for found in inside.findings if found not in findings)
        return evolve(made, operations=merged(parts), findings=tuple(findings))

    def filled(self, made: Create, down: _Down, key: Key) -> Create:
        """Return a creation with all that is to be inside of the new partition.

        :param down: from the level that it is made for.
        :param key: how it is partitioned.
        """
        table = down.of_tenant(made.bounds)
        tree = nesting.inside(made, down.tree, down.codec, key)
        codec = axis(table, tree, self.plugins)
        level = planner.as_it_is(table, tree, codec, self.now)
        inner = creations(table, tree, level, self.taken)
        if (below := nesting.below(table, key)) is not None:
            deeper = _Down(table, below, tree, codec)
            further = nesting.key_below(table, tree)
            inner = [self.filled(each, deeper, further) for each in inner]
        return evolve(made, split=key, inner=tuple(inner))


@frozen
class _Down:
    """From one level to the next.

    :param table: as it is at the upper one.
    :param below: as it is at the lower one.
    :param tree: the upper one.
    :param codec: of its key; None where it has no axis.
    """

    table: Table
    below: Table
    tree: Tree
    codec: Codec | None

    def of_tenant(self, bounds: Bounds | None) -> Table:
        """Return the table as it is inside of a partition with these bounds.

        That of a tenant whom nobody knows any more is only kept, and retired.
        """
        tenant = tenant_of(self.table, self.tree.key, bounds)
        if tenant is not None and tenant not in self.tree.tenants:
            return evolve(self.below, strategy=Nothing(), default_partition=False)
        return of_tenant(self.below, tenant)

    def kept(
        self, operations: Iterable[Operation]
    ) -> tuple[list[tuple[Partition, Tree]], list[Tree]]:
        """Return the partitions that are partitioned again and stay, and their trees.

        :returns: and, apart from these, the trees of those that are partitioned in
            another way than the settings have it: they are left alone.
        """
        tree = self.tree
        leaving = {op.partition.oid for op in operations if isinstance(op, Detach)}
        kept, others = [], []
        for partition in (*tree.partitions, *tree.built):
            subtree = tree.subtrees.get(partition.oid)
            gone = partition.pending or partition.oid in leaving
            if subtree is None or partition.bounds is None or gone:
                continue
            if nesting.as_declared(self.table, tree, subtree):
                kept.append((partition, self._inside(partition.bounds, subtree)))
            else:
                others.append(subtree)
        return kept, others

    def _inside(self, bounds: Bounds, subtree: Tree) -> Tree:
        """Return what is inside of a partition, with what is known of all levels."""
        tree = self.tree
        above = Above(bounds=bounds, codec=self.codec, key=tree.key)
        return evolve(
            subtree,
            columns=tree.columns,
            tenants=tree.tenants,
            position=tree.position,
            doubt=tree.doubt,
            above=(*tree.above, above),
        )


def _within(name: Name, operations: Sequence[Operation]) -> tuple[Operation, ...]:
    """Say of operations which partition they are inside of, but for deeper ones."""
    return tuple(
        op if op.parent is not None else evolve(op, parent=name) for op in operations
    )


def broken(table: Table, error: PartmanError) -> Finding:
    """Return the finding that a plugin failed while it was asked."""
    return Finding(
        code="plugin-broken",
        severity="error",
        table=table.name,
        message=f"{error.message}: nothing of this table is detached or dropped",
        hint=error.hint
        or "`partman plugins` lists them; --without NAME leaves one out",
    )
