"""The settings of pg_partman, the extension, in partman's words.

Versions 4 and 5 keep them in the same table, ``part_config``, with a few columns more
or less.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from partman_core.naming import Name
from partman_core.takeover.values import drafted, kept_how, length

if TYPE_CHECKING:
    from collections.abc import Sequence

    from partman_core.takeover.values import Draft, Proposal, Source

_NATIVE: Final = ("native", "range")
_EPOCHS: Final = {
    "seconds": "epoch_s",
    "milliseconds": "epoch_ms",
    "microseconds": "epoch_us",
    "nanoseconds": "epoch_ns",
}
_LOST: Final = (
    ("constraint_cols", "constraints on other columns of old partitions"),
    ("publications", "publications that new partitions are added to by themselves"),
    ("subscription_refresh", "subscriptions that are refreshed"),
)
"""What has no counterpart, by column."""


def proposal(source: Source, runners: Sequence[str]) -> Proposal:
    """Say what partman would have of a table.

    :param runners: who calls its maintenance, a few words each.
    """
    draft, row = drafted(source), source.row
    _kind(draft, row)
    _length(draft, row)
    draft.settings["partition_by"] = str(Name(None, str(row["control"])))
    draft.settings["partition_count"] = int(row["premake"]) + 1
    _retention(draft, row)
    _template(draft)
    lost = [words for column, words in _LOST if row.get(column)]
    draft.notes += [f"it has {words}: no counterpart" for words in lost]
    _maintained(draft, row, runners)
    return draft.done()


def _kind(draft: Draft, row: Any) -> None:
    kind = row["partition_type"]
    if kind == "list":
        draft.refuse("it is partitioned by a list of single numbers")
    elif kind not in _NATIVE:
        draft.refuse(f"its partition_type is {kind!r}: not partitioned by PostgreSQL")
    if row.get("undo_in_progress"):
        draft.refuse("pg_partman is undoing its partitions (undo_in_progress)")
    epoch, decoder = row.get("epoch") or "none", row.get("time_decoder")
    if epoch != "none":
        draft.settings["key"] = _EPOCHS.get(epoch, epoch)
    elif decoder and "uuid7" in str(decoder):
        draft.settings["key"] = "uuid7"
    elif decoder:
        draft.refuse(
            f"its key is read by the function {decoder}: register it with a `key` of "
            "partman's or of a plugin's"
        )


def _length(draft: Draft, row: Any) -> None:
    written = str(row["partition_interval"])
    if written.isdecimal():
        draft.settings["partition_interval"] = int(written)
    elif interval := length(written):
        draft.settings["partition_interval"] = str(interval)
    else:
        draft.refuse(f"its partition_interval {written!r} cannot be read")


def _retention(draft: Draft, row: Any) -> None:
    written = row.get("retention")
    if written is None:
        return
    by_number = isinstance(draft.settings.get("partition_interval"), int)
    period = int(written) if by_number and written.isdecimal() else length(written)
    if period is None:
        draft.notes.append(
            f"its retention {written!r} is no length of time to partman (pg_partman "
            "takes a bare number for seconds): nothing is retired until "
            "retention_period is given"
        )
        return
    kept_how(
        draft,
        keeps_table=bool(row["retention_keep_table"]),
        schema=row.get("retention_schema"),
        period=period,
    )
    if not row.get("retention_keep_index", True) and row["retention_keep_table"]:
        draft.notes.append("indexes of what is detached are kept, not dropped")


def _template(draft: Draft) -> None:
    template = draft.source.template
    if template is None:
        return
    if template.storage:
        draft.settings["storage"] = dict(template.storage)
    if template.tablespace:
        draft.settings["tablespace"] = template.tablespace
    if number := template.indexes:
        what = "1 index is" if number == 1 else f"{number} indexes are"
        draft.notes.append(
            f"{what} on the template {template.name} only, and new partitions get what "
            "is on the table itself: create the like there"
        )


def _maintained(draft: Draft, row: Any, runners: Sequence[str]) -> None:
    """Say whether pg_partman still maintains it."""
    if row.get("automatic_maintenance") != "off":
        who = f" ({', '.join(runners)})" if runners else ""
        draft.busy = f"automatic_maintenance is 'on'{who}"
        draft.stop = draft.source.stop
    elif draft.source.jobs:
        draft.busy = f"a scheduled job maintains it: {draft.source.jobs[0]}"
        draft.stop = "unschedule that job"
    elif draft.source.at_work:
        draft.busy = draft.source.at_work[0]
        draft.stop = "wait until it is done"
