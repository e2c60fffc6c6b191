"""One level of a table as pg_partman writes it down, in partman's words.

A level is a row of ``part_config`` or ``part_config_sub``; its columns are known here
by their names in the former, the latter has ``sub_`` before them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from partman_core.naming import Name
from partman_core.takeover.values import length

if TYPE_CHECKING:
    from collections.abc import Mapping

    from partman_core.interval import Interval
    from partman_core.takeover.values import Draft

Row: TypeAlias = "Mapping[str, Any]"
Kept: TypeAlias = "tuple[Interval | int | str, str]"
"""How long, or how far behind, and what becomes of the rest."""

_NATIVE: Final = ("native", "range")
_EPOCHS: Final = {
    "seconds": "epoch_s",
    "milliseconds": "epoch_ms",
    "microseconds": "epoch_us",
    "nanoseconds": "epoch_ns",
}
_NAMED: Final = {
    "yearly": "1 year",
    "quarterly": "3 months",
    "monthly": "1 month",
    "weekly": "7 days",
    "daily": "1 day",
    "hourly": "1 hour",
    "half-hour": "30 minutes",
    "quarter-hour": "15 minutes",
}
"""What version 4 leaves in ``part_config_sub`` as somebody wrote it."""


def level(draft: Draft, row: Row, *, where: str = "") -> dict[str, Any]:
    """Return what a level is partitioned by, how finely, and how far ahead.

    :param where: what stands before a sentence that refuses.
    """
    settings: dict[str, Any] = {}
    _kind(draft, row, where)
    if key := _key(draft, row, where):
        settings["key"] = key
    if interval := _interval(draft, row, where):
        settings["partition_interval"] = interval
    settings["partition_by"] = str(Name(None, str(row["control"])))
    settings["partition_count"] = int(row["premake"]) + 1
    return settings


def axis(row: Row) -> Literal["number", "time"]:
    """Say what a level counts by."""
    return "number" if str(row["partition_interval"]).isdecimal() else "time"


def kept(row: Row) -> Kept | None:
    """Return how long a level is kept; None: for ever."""
    written = row.get("retention")
    if written is None:
        return None
    by_number = axis(row) == "number" and str(written).isdecimal()
    period = int(written) if by_number else length(written) or str(written)
    if schema := row.get("retention_schema"):
        return period, f"moved to {schema}"
    return period, "detached" if row.get("retention_keep_table", True) else "dropped"


def _kind(draft: Draft, row: Row, where: str) -> None:
    kind = row["partition_type"]
    if kind == "list":
        draft.refuse(f"{where}it is partitioned by a list of single numbers")
    elif kind not in _NATIVE:
        draft.refuse(
            f"{where}its partition_type is {kind!r}: not partitioned by PostgreSQL"
        )


def _key(draft: Draft, row: Row, where: str) -> str | None:
    epoch, decoder = row.get("epoch") or "none", row.get("time_decoder")
    if epoch != "none":
        return _EPOCHS.get(epoch, epoch)
    if decoder and "uuid7" in str(decoder):
        return "uuid7"
    if decoder:
        draft.refuse(
            f"{where}its key is read by the function {decoder}: register it with a "
            "`key` of partman's or of a plugin's"
        )
    return None


def _interval(draft: Draft, row: Row, where: str) -> str | int | None:
    written = str(row["partition_interval"])
    if written.isdecimal():
        return int(written)
    if interval := length(_NAMED.get(written, written)):
        return str(interval)
    draft.refuse(f"{where}its partition_interval {written!r} cannot be read")
    return None
