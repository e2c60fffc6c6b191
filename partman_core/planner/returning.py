"""The way back: what is in the bin, and the plan that brings it into its table again.

Pure, as all planning is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from partman_core.naming import as_typed
from partman_core.plan import Attach, Detach, Finding, TablePlan
from partman_core.planner.holds import hold_on

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
    table: Name, retired: Retired, guard: Guard | None, *, hold: bool = True
) -> TablePlan:
    """Plan to attach a partition again.

    :param guard: its CHECK; None: there is none any more.
    :param hold: whether it is on hold from then on.
    """
    needless = retired.bound_check is None  # of a hash: nothing would prove it
    attach = Attach(
        table=table,
        retired=retired,
        reason=f"was taken out on {retired.retired_at:%Y-%m-%d} and is wanted back",
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
