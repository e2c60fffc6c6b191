"""The way back: what is in the bin, and the plan that brings it into its table again.

Pure, as all planning is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from partman_core.naming import as_typed
from partman_core.plan import Attach, Detach, Drop, Finding, Move, TablePlan
from partman_core.planner.holds import hold_on
from partman_core.planner.retiring import is_over
from partman_core.zones import told

if TYPE_CHECKING:
    from datetime import datetime

    from partman_core.model import Partition, Retired
    from partman_core.naming import Name
    from partman_core.plan import Operation

BROUGHT_BACK = "brought back from the bin"
"""Why a partition is on hold that would be retired by the next run otherwise."""


@frozen(kw_only=True)
class Binned:
    """A partition that retention took out and nobody has dropped yet.

    :param parent: oid of the table that it was in.
    :param table: that table's name; None: it is gone.
    :param managed: whether the table is still managed.
    """

    retired: Retired
    parent: int
    table: Name | None
    managed: bool

    @property
    def name(self) -> Name:
        """The partition's name."""
        return self.retired.name


@frozen(kw_only=True)
class Guard:
    """The CHECK that says the same as the bounds that a partition had.

    :param proven: whether all its rows are known to keep to it.
    """

    name: str
    proven: bool


def way_back(
    table: Name,
    retired: Retired,
    guard: Guard | None,
    *,
    parent: Name | None = None,
    hold: bool = True,
) -> TablePlan:
    """Plan to attach a partition again.

    :param guard: its CHECK; None: there is none any more.
    :param parent: the partition that it was in; None: the table itself.
    :param hold: whether it is on hold from then on.
    """
    needless = retired.bound_check is None  # of a hash: nothing would prove it
    attach = Attach(
        table=table,
        retired=retired,
        parent=parent,
        reason=f"was taken out on {told(retired.retired_at)} and is wanted back",
        check=None if guard is None else guard.name,
        proven=needless or (guard is not None and guard.proven),
        hold=BROUGHT_BACK if hold else None,
    )
    return TablePlan(table=table, operations=(attach,))


def settled(
    table: Name, back: Partition, due: tuple[Operation, ...], now: datetime
) -> TablePlan:
    """Say what will become of a partition that is back.

    :param due: what the next run would do with the table.
    """
    hold = hold_on(back, now)
    leaves = any(isinstance(op, Detach) and op.partition.oid == back.oid for op in due)
    if hold is not None:
        message = f"{back.name} is {hold}."
        hint = f"`partman release {as_typed(back.name)}` lets it go"
    elif leaves:
        message = f"{back.name} is not on hold: the next run takes it out again."
        hint = f"`partman hold {as_typed(back.name)} --reason TEXT` keeps it"
    else:
        return TablePlan(table=table)
    found = Finding(
        code="held" if hold is not None else "not-held",
        severity="info",
        table=table,
        message=message,
        hint=hint,
        data={"partitions": [str(back.name)]},
    )
    return TablePlan(table=table, findings=(found,))


def still_there(
    binned: Binned,
    now: datetime,
    *,
    plan: TablePlan | None = None,
    error: str | None = None,
    failed: str | None = None,
) -> str | None:
    """Say what keeps a partition in the bin; None: its time is not up.

    :param plan: what the next run would do with its table.
    :param error: why that cannot be said.
    :param failed: why it was not moved or dropped the last time.
    """
    hold = hold_on(binned.retired, now)
    if hold is not None or not is_over(binned.retired, now):
        return hold
    if binned.table is None:
        return "its table is gone, and nobody looks after it"
    if not binned.managed:
        return f"{binned.table} is no longer managed"
    if plan is None:
        return error
    oid = binned.retired.oid
    goes = any(
        isinstance(op, Move | Drop) and op.retired.oid == oid for op in plan.operations
    )
    if not goes:
        return next(
            (found.message for found in plan.findings if _stops(found)),
            f"nothing of {binned.table} is retired now",
        )
    what = "moves" if binned.retired.action == "move" else "drops"
    return failed or f"the next run {what} it"


def _stops(found: Finding) -> bool:
    """Say whether a finding is why nothing of a table is destroyed."""
    return found.code in {"paused", "position-unknown"} or "plugin" in found.code
