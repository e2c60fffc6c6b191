"""The health of managed tables, from what the database and the plugins say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from partman_core import health
from partman_core.pg import catalog, registry

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from partman_core.engine.opening import Session
    from partman_core.engine.survey import Surveyor, View
    from partman_core.health import Health
    from partman_core.model import Run

Last = tuple["Run | None", "datetime | None"]
"""The last run, and when one last ended well."""


def judge(
    opened: Session, surveyor: Surveyor, tables: Sequence[str], now: datetime
) -> list[Health]:
    """Say how tables are.

    :param tables: as users write them; none: all.
    :param now: aware, UTC.
    """
    views = surveyor.look(opened, tables, now=now)
    last: Last = (None, None)
    if opened.registered:
        last = registry.last(opened.conn, surveyor.schema)
    return [_health(opened, surveyor, view, now, last) for view in views]


def _health(
    opened: Session, surveyor: Surveyor, view: View, now: datetime, last: Last
) -> Health:
    if not (view.table and view.tree and view.plan):
        return health.unknown(view.declared.name, view.error)
    return health.health(
        view.table,
        view.tree,
        view.codec,
        view.plan,
        now,
        last_run=last[0],
        last_success=last[1],
        default_rows=catalog.has_rows(opened.conn, view.tree.default),
        extra=surveyor.plugins.check(view.table, view.tree, now),
    )
