"""The settings of go_partman and of gopartman, its rewrite, in partman's words.

Both keep them in ``parent_tables``, with durations as Go writes them ("168h0m0s"); the
rewrite has names for its intervals, and columns more.  The first versions of go_partman
had one table, ``partition_management``, with a row for each tenant.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from partman_core.interval import Interval
from partman_core.naming import Name
from partman_core.takeover.values import drafted, kept_how, length

if TYPE_CHECKING:
    from collections.abc import Mapping

    from partman_core.takeover.values import Draft, Proposal, Source

_NAMED: Final = {
    "hourly": "1 hour",
    "daily": "1 day",
    "weekly": "7 days",
    "monthly": "1 month",
}
_THIRTY_DAYS: Final = Interval.parse("30 days")


def proposal(source: Source) -> Proposal:
    """Say what partman would have of a table."""
    draft, row = drafted(source), source.row
    if str(row["partition_type"]).lower() != "range":
        draft.refuse(f"its partition_type is {row['partition_type']!r}")
    if interval := _interval(draft, row):
        draft.settings["partition_interval"] = interval
    draft.settings["partition_count"] = _count(row)
    if row.get("tenant_column"):
        draft.settings["tenant_column"] = str(Name(None, row["tenant_column"]))
        draft.tenants = {
            tenant: _own(draft, own) for tenant, own in source.tenants.items()
        }
    else:
        draft.settings["partition_by"] = str(Name(None, row["partition_by"]))
    _retention(draft, row)
    _maintained(draft, row)
    return draft.done()


def _interval(draft: Draft, row: Mapping[str, Any]) -> str | None:
    written = str(row["partition_interval"])
    if written in _NAMED:
        return _NAMED[written]
    interval = length(written)
    if not interval:
        draft.refuse(f"its partition_interval {written!r} cannot be read")
        return None
    if interval == _THIRTY_DAYS:
        draft.notes.append(
            "its periods are 720 hours, so 30 days each; if months are meant, register "
            'it with partition_interval = "1 month"'
        )
    return str(interval)


def _count(row: Mapping[str, Any]) -> int:
    """Return how many periods are kept ready, the current one counted."""
    if "premake" in row:
        return int(row["premake"]) + 1
    return max(1, int(row["partition_count"]))


def _own(draft: Draft, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is a tenant's own, and not as the table has it."""
    own: dict[str, Any] = {}
    if "partition_interval" not in row:
        return own
    usual = draft.settings
    if (interval := _interval(draft, row)) != usual.get("partition_interval"):
        own["partition_interval"] = interval
    if (count := _count(row)) != usual["partition_count"]:
        own["partition_count"] = count
    period = length(row["retention_period"])
    if period and period != length(draft.source.row["retention_period"]):
        own["retention_period"] = str(period)
    return own


def _retention(draft: Draft, row: Mapping[str, Any]) -> None:
    written = row.get("retention_period")
    period = length(written)
    if period is None or not period:
        draft.notes.append(
            f"its retention_period is {written!r}: partman keeps everything until one "
            "is given"
        )
        return
    kept_how(
        draft,
        keeps_table=bool(row.get("retention_keep_table")),
        schema=row.get("retention_schema"),
        period=period,
    )
    if draft.settings["retention_action"] == "drop":
        draft.notes.append(
            "a hook before drops that its program has does not come along: have a "
            "plugin do the same (partman_pre_drop) before you adopt what is over"
        )


def _maintained(draft: Draft, row: Mapping[str, Any]) -> None:
    """Say whether the other one still maintains it."""
    if draft.source.at_work:
        draft.busy = draft.source.at_work[0]
        draft.stop = "stop the program that maintains it"
    elif row.get("automatic_maintenance"):
        draft.busy = "automatic_maintenance is true"
        draft.stop = draft.source.stop
