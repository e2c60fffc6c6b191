"""How far back a table's sections let partitions be kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from partman_core.strategy import Limit

if TYPE_CHECKING:
    from datetime import datetime

    from partman_core.model import Table


def kept_since(table: Table, now: datetime) -> datetime | None:
    """Return the latest of the moments since which partitions are kept.

    :param now: the run's clock, aware.
    :returns: aware; None: no section limits it by age.
    """
    sections = (s for s in table.sections.values() if isinstance(s, Limit))
    limits = (section.kept_since(now, table.timezone) for section in sections)
    return max((since for since in limits if since), default=None)
