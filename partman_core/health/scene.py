"""All that the rules of a table's health look at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import frozen

from partman_core.naming import as_typed
from partman_core.plan import Create, Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from partman_core.health.runway import Runway
    from partman_core.model import Run, Table, Tree
    from partman_core.naming import Name
    from partman_core.plan import TablePlan
    from partman_core.planner.coverage import Span
    from partman_core.strategy import Level


@frozen(kw_only=True)
class Scene:
    """All that the rules look at.

    :param level: of the table, with what is wanted of it.
    :param wanted: the places of what is wanted, in order.
    :param there: the places of what exists, in order.
    :param here: the last position that does not lie in the future; None: unknown.
    :param last_run: the last run that had to do with the table.
    :param last_success: when a run last ended well, aware; None: never.
    :param default_rows: whether there are rows in DEFAULT; None: nobody looked.
    :param unidentified: what is published and has no replica identity: partitions,
        and the table itself if new partitions will have none.
    """

    table: Table
    tree: Tree
    level: Level
    wanted: Sequence[Span]
    there: Sequence[Span]
    here: int | None
    plan: TablePlan
    runway: Runway
    now: datetime
    last_run: Run | None = None
    last_success: datetime | None = None
    default_rows: bool | None = None
    unidentified: tuple[Name, ...] = ()

    def finding(
        self,
        code: str,
        severity: Severity,
        message: str,
        hint: str | None = None,
        **data: Any,
    ) -> Finding:
        """Make a finding about the table."""
        return Finding(
            code=code,
            severity=severity,
            table=self.table.name,
            message=message,
            hint=hint,
            data=data,
        )

    @property
    def default_has_rows(self) -> bool:
        """Whether there are rows in DEFAULT, by the estimate where nobody looked."""
        default = self.tree.default
        if default is None or self.default_rows is False:
            return False
        return self.default_rows is True or bool(default.rows)

    @property
    def default_is_hidden(self) -> bool:
        """Whether somebody's lock kept us from looking into DEFAULT."""
        default = self.tree.default
        if default is None or self.default_rows is not None:
            return False
        # A foreign table is never looked into, locked or not.
        return default.kind != "foreign" and (default.locked or self.tree.locked)

    @property
    def maintain(self) -> str:
        """What to do where maintenance mends it."""
        if self.table.paused:
            return f"{self.table.name} is paused: register it without `paused` first"
        mends = f"`partman maintain {as_typed(self.table.name)}` makes what is missing"
        comes = any(isinstance(op, Create) for op in self.plan.operations)
        if comes and self.default_has_rows:
            return (
                "rows in DEFAULT may be in the way (default-rows says how to see "
                f"which): move those out first, then {mends}"
            )
        return mends
