"""The settings of pg_partman, the extension, in partman's words.

Versions 4 and 5 keep them in the same tables, ``part_config`` and ``part_config_sub``,
with a few columns more or less.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from partman_core.takeover.part_config import axis, level
from partman_core.takeover.sub_parents import subpartition
from partman_core.takeover.values import drafted, kept_how, length

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from partman_core.takeover.part_config import Row
    from partman_core.takeover.values import Draft, Proposal, Source, Template

_LOST: Final = (
    ("constraint_cols", "constraints on other columns of old partitions"),
    ("publications", "publications that new partitions are added to by themselves"),
    ("subscription_refresh", "subscriptions that are refreshed"),
)
"""What has no counterpart, by column."""

_PREFIX: Final = "_p"
"""What stands between the name of a table and what tells its partitions apart."""


def proposal(source: Source, runners: Sequence[str]) -> Proposal:
    """Say what partman would have of a table.

    :param runners: who calls its maintenance, a few words each.
    """
    draft, row = drafted(source, depths=len(source.depths)), source.row
    if row.get("undo_in_progress"):
        draft.refuse("pg_partman is undoing its partitions (undo_in_progress)")
    if row.get("async_partitioning_in_progress"):
        draft.refuse(
            "pg_partman is moving its rows (async_partitioning_in_progress): let it "
            "finish"
        )
    draft.settings |= level(draft, row)
    if (prefix := row.get("child_table_prefix") or _PREFIX) != _PREFIX:
        draft.settings["name_template"] = f"{{table}}{prefix}{{suffix}}"
    _retention(draft, row)
    if source.depths:
        draft.settings["subpartition"] = subpartition(draft, source.depths, [row])
    _template(draft)
    draft.notes += _otherwise(source)
    _maintained(draft, runners)
    return draft.done()


def _retention(draft: Draft, row: Row) -> None:
    written = row.get("retention")
    if written is None:
        return
    by_number = axis(row) == "number" and written.isdecimal()
    period = int(written) if by_number else length(written)
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
    draft.notes += _only_there(template)


def _only_there(template: Template) -> Iterator[str]:
    """Tell what new partitions had of the template, and have no longer."""
    number, unique = template.indexes - template.unique, template.unique
    if number:
        what = "1 index is" if number == 1 else f"{number} indexes are"
        yield (
            f"{what} on the template {template.name} only, and new partitions get what "
            "is on the table itself: create the like there"
        )
    if unique:
        what = "1 unique index is" if unique == 1 else f"{unique} unique indexes are"
        yield (
            f"{what} on the template {template.name} only: on the table itself they "
            "need the columns of its key; without these a plugin can create them on "
            "each new partition (partman_post_create)"
        )
    if template.is_unlogged:
        yield (
            f"the template {template.name} is UNLOGGED, and so were new partitions; "
            "from now on they are as the table itself is, and outlive a crash"
        )
    if template.has_grants:
        yield (
            f"grants on the template {template.name} never reached a partition, and "
            "do not now: new ones get those of the table itself"
        )


def _otherwise(source: Source) -> Iterator[str]:
    """Tell what has no counterpart, and what is otherwise from now on."""
    row = source.row
    for column, words in _LOST:
        if row.get(column):
            yield f"it has {words}: no counterpart"
    if axis(row) == "time" and row.get("infinite_time_partitions") is False:
        yield (
            "new partitions come by the clock, and no longer as rows do "
            "(infinite_time_partitions was off)"
        )
    if source.has_default and row.get("ignore_default_data") is False:
        yield (
            "how far ahead partitions are made no longer depends on rows in DEFAULT "
            "(ignore_default_data was off): partman tells of such rows"
        )
    if source.has_grants and row.get("inherit_privileges") is False:
        yield (
            "new partitions get the grants of the table; with inherit_privileges off "
            "they had none"
        )


def _maintained(draft: Draft, runners: Sequence[str]) -> None:
    """Say whether pg_partman still maintains it."""
    source, who = draft.source, f" ({', '.join(runners)})" if runners else ""
    sets = [one for depth in source.depths for one in depth.there if one.row]
    at_it = [one for one in sets if _is_on(one.row)]
    if _is_on(source.row):
        draft.busy = f"automatic_maintenance is 'on'{who}"
        draft.stop = source.stop
    elif at_it:
        more = f" and {len(at_it) - 1} more" if at_it[1:] else ""
        draft.busy = (
            f"automatic_maintenance is 'on' for {at_it[0].name}{more}, inside of it"
            f"{who}"
        )
        draft.stop = source.stop
    elif source.jobs:
        draft.busy = f"a scheduled job maintains it: {source.jobs[0]}"
        draft.stop = "unschedule that job"
    elif source.at_work:
        draft.busy = source.at_work[0]
        draft.stop = "wait until it is done"


def _is_on(row: Any) -> bool:
    return bool(row.get("automatic_maintenance") != "off")
