"""Settings of retention, as the tests of it write them."""

from __future__ import annotations

from typing import Any

from partman_core.interval import Interval
from partman_plugins.retention import Retention


def kept(**settings: Any) -> Retention:
    """Make settings, intervals being written as text."""
    for name in ("retention_period", "grace_period"):
        if isinstance(settings.get(name), str):
            settings[name] = Interval.parse(settings[name])
    return Retention(**settings)
