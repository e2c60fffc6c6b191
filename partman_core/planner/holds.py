"""Holds: what somebody keeps, whatever retention says of it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from partman_core.zones import told

if TYPE_CHECKING:
    from partman_core.model import Partition, Retired

ENDLESS = datetime(9999, 12, 31, tzinfo=UTC)
"""A hold until then, or longer, has no end."""


def is_held(kept: Partition | Retired, now: datetime) -> bool:
    """Say whether a hold keeps a partition now."""
    return kept.hold_until is not None and kept.hold_until > now


def hold_on(kept: Partition | Retired, now: datetime) -> str | None:
    """Say what hold keeps a partition, as part of a sentence; None: none does."""
    if kept.hold_until is None or not is_held(kept, now):
        return None
    return held(kept.hold_until, kept.hold_reason)


def held(until: datetime, reason: str | None) -> str:
    """Say a hold, as part of a sentence."""
    when = "" if until >= ENDLESS else f" until {told(until)}"
    return f"on hold{when}: {reason or 'no reason given'}"
