"""The health of managed tables, from what the database and the plugins say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from partman_core import health
from partman_core.pg import catalog, registry
from partman_core.pg.dependents import unidentified

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from partman_core.engine.opening import Session
    from partman_core.engine.survey import Surveyor, View
    from partman_core.health import Health
    from partman_core.model import Run
    from partman_core.naming import Name

Last = tuple["Run | None", "datetime | None"]
"""The last run, and when one last ended well."""

Lacking = dict[int, "tuple[Name, ...]"]
"""By oid of a table, what has no replica identity; see :mod:`partman_core.health`."""


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
    lacking = _unidentified(opened, views)
    found = []
    for view in views:
        try:
            one = _health(opened, surveyor, view, now, last, lacking=lacking)
        except Exception as error:
            # one table's fault is its own, where a plugin is to blame
            if (problem := surveyor.plugins.blamed(error)) is None:
                raise
            one = health.unknown(view.declared.name, problem)
        found.append(one)
    return found


def _unidentified(opened: Session, views: Sequence[View]) -> Lacking:
    """Find what is published and cannot be changed; mostly nothing is published."""
    trees = [view.tree for view in views if view.tree is not None]
    published = [
        tree.oid for tree in trees if any(each.changes for each in tree.publications)
    ]
    return unidentified(opened.conn, published) if published else {}


def _health(  # noqa: PLR0913 - all that a judgement depends on
    opened: Session,
    surveyor: Surveyor,
    view: View,
    now: datetime,
    last: Last,
    *,
    lacking: Lacking,
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
        unidentified=lacking.get(view.tree.oid, ()),
        extra=surveyor.plugins.check(view.table, view.tree, now),
        codecs=surveyor.plugins.codecs(),
    )
