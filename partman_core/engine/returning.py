"""Runs that bring one partition back from the bin, on the road that all runs take."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve, frozen

from partman_core.engine.survey import Surveyor
from partman_core.errors import ConfigError
from partman_core.pg import holds
from partman_core.planner import nesting
from partman_core.planner.returning import settled, way_back

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from partman_core.engine.opening import Session
    from partman_core.engine.survey import View
    from partman_core.model import Retired
    from partman_core.planner.returning import Guard


@frozen(kw_only=True)
class Returner(Surveyor):
    """Looks at a table, and plans to bring one partition back; nothing else.

    :param oid: of the partition.
    :param hold: whether it is put on hold, or the next run would take it out again.
    """

    oid: int
    hold: bool = True

    def look(
        self,
        session: Session,
        names: Sequence[str] = (),
        *,
        now: datetime | None = None,
    ) -> list[View]:
        """Look at the table.

        :raises Blocked: somebody holds the partition exclusively.
        """
        views = super().look(session, names, now=now)
        return [self._towards_it(session, view) for view in views]

    def _towards_it(self, session: Session, view: View) -> View:
        if not (view.tree and view.plan):
            return view
        table, due = view.tree.name, view.plan.operations
        for tree in nesting.levels(view.tree):
            for retired in tree.bin:
                if retired.oid == self.oid and not retired.attached:
                    guard = self._guard(session, retired)
                    parent = None if tree is view.tree else tree.name
                    plan = way_back(
                        table, retired, guard, parent=parent, hold=self.hold
                    )
                    return evolve(view, plan=plan)
            for back in tree.partitions:
                if back.oid == self.oid:
                    return evolve(view, plan=settled(table, back, due, session.now))
        return evolve(view, plan=None, error=_gone(view))

    def _guard(self, session: Session, retired: Retired) -> Guard | None:
        if retired.bound_check is None:
            return None
        return holds.guard(session.conn, self.schema, retired)


def _gone(view: View) -> ConfigError:
    return ConfigError(
        f"what was to come back to {view.declared.name} is not in the bin any more",
        hint="`partman history` says what became of it",
        code="not-in-bin",
    )
