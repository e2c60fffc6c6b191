"""Maintenance in the background: passes that begin when they are due.

What to do when is decided by an :class:`Agenda`, which has neither threads nor clocks
of its own; a :class:`Scheduler` lets it happen.
"""

from __future__ import annotations

from partman_core.scheduler.agenda import AT_ONCE, Agenda
from partman_core.scheduler.background import Background
from partman_core.scheduler.ending import end
from partman_core.scheduler.service import Scheduler
from partman_core.scheduler.timetable import ByCalendar, Every, Now, now

__all__ = [
    "AT_ONCE",
    "Agenda",
    "Background",
    "ByCalendar",
    "Every",
    "Now",
    "Scheduler",
    "end",
    "now",
]
