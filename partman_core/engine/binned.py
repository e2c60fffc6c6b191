"""The bin, told: what retention has taken out, and what keeps it from being dropped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from partman_core.engine.names import parsed, pick
from partman_core.errors import ConfigError
from partman_core.pg import holds
from partman_core.planner.holds import is_held
from partman_core.planner.retiring import is_over
from partman_core.planner.returning import still_there

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from partman_core.bounds import Bounds
    from partman_core.engine.opening import Session
    from partman_core.engine.survey import Surveyor, View
    from partman_core.model import Action
    from partman_core.naming import Name
    from partman_core.pg.registry import Declared
    from partman_core.planner.returning import Binned

    Lately = Mapping[tuple[Name, Name], tuple[str, str | None]]


@frozen(kw_only=True)
class InBin:
    """A partition that retention took out and nobody has dropped yet.

    :param table: that it was in; None: that is gone.
    :param rows: estimate, of when it was taken out; None: it was never analysed.
    :param bytes: the same.
    :param due: when it may be dropped; None: it is not, see *action*.
    :param overdue: whether it should be gone by now.
    :param why: what keeps it: a hold, or why it is overdue; None: its time.
    """

    partition: Name
    table: Name | None
    bounds: Bounds
    rows: int | None
    bytes: int
    action: Action
    target_schema: str | None
    retired_at: datetime
    due: datetime | None
    overdue: bool
    hold_until: datetime | None
    hold_reason: str | None
    why: str | None


def contents(opened: Session, surveyor: Surveyor, tables: Sequence[str]) -> list[InBin]:
    """Tell what is in the bin.

    :param tables: as users write them; none: all.
    :raises ConfigError: one is not managed, and nothing of it is in the bin.
    """
    declared = surveyor.declared(opened)
    known = holds.contents(opened.conn, surveyor.schema) if opened.registered else []
    if tables:
        chosen = {_chosen(declared, table, known) for table in tables}
        known = [one for one in known if one.table in chosen]
    return _told(opened, surveyor, known)


def _chosen(declared: Sequence[Declared], table: str, known: Sequence[Binned]) -> Name:
    """Return the table that is meant, be it managed or only known to the bin."""
    wanted = parsed(table)
    try:
        return pick(declared, wanted).name
    except ConfigError as error:
        former = {
            one.table
            for one in known
            if one.table is not None
            and one.table.relation == wanted.relation
            and wanted.schema in {None, one.table.schema}
        }
        if error.code != "not-managed" or len(former) != 1:
            raise
        return former.pop()


def _told(opened: Session, surveyor: Surveyor, known: Sequence[Binned]) -> list[InBin]:
    """Say of each what keeps it; tables are looked at where something is late."""
    late = {
        one.table
        for one in known
        if one.managed and one.table is not None and is_over(one.retired, opened.now)
    }
    views: dict[Name, View] = {}
    lately: Lately = {}
    if late:
        looked = surveyor.look(opened, tuple(map(str, late)))
        views = {view.declared.name: view for view in looked}
        lately = holds.lately(opened.conn, surveyor.schema, late)
    return [_entry(one, opened.now, views, lately) for one in known]


def _entry(
    one: Binned,
    now: datetime,
    views: Mapping[Name, View],
    lately: Lately,
) -> InBin:
    retired = one.retired
    view = None if one.table is None else views.get(one.table)
    last = None if one.table is None else lately.get((one.table, one.name))
    why = still_there(
        one,
        now,
        plan=None if view is None else view.plan,
        error=view.error.message if view and view.error else None,
        failed=last[1] if last is not None and last[0] == "failed" else None,
    )
    return InBin(
        partition=one.name,
        table=one.table,
        bounds=retired.bounds,
        rows=retired.rows,
        bytes=retired.bytes,
        action=retired.action,
        target_schema=retired.target_schema,
        retired_at=retired.retired_at,
        due=retired.due,
        overdue=is_over(retired, now),
        hold_until=retired.hold_until if is_held(retired, now) else None,
        hold_reason=retired.hold_reason if is_held(retired, now) else None,
        why=why,
    )
