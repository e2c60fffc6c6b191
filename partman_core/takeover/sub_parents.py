"""The sub-partitioned sets of pg_partman in partman's words.

There each partition that is partitioned again is a set of its own, with a row in
``part_config``; what new ones get stands in ``part_config_sub``, and is copied once.
Partman has one declaration for all of them, so what they have of their own has to be
the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from partman_core.takeover.part_config import axis, kept, level

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from partman_core.naming import Name
    from partman_core.takeover.part_config import Kept, Row
    from partman_core.takeover.values import Depth, Draft

_ALIKE: Final = (
    "control",
    "partition_interval",
    "partition_type",
    "premake",
    "epoch",
    "time_decoder",
)
"""What has to be the same for all partitions of a level that are still to come."""


def subpartition(
    draft: Draft, depths: Sequence[Depth], above: Sequence[Row]
) -> dict[str, Any]:
    """Return the levels below as settings.

    :param depths: at least one.
    :param above: what is written of the levels above, the first one first.
    """
    depth, *deeper = depths
    where = "inside of its partitions: "
    if above[1:]:
        where = f"{len(above)} levels below the first: "
    if not depth.rules:
        draft.refuse(
            f"{where}pg_partman has no settings in part_config_sub of how: register "
            "it with [tables.subpartition]"
        )
        return {}
    (_, rule), *others = depth.rules
    _alike(draft, depth, others)
    _axes(draft, rule, above)
    _kept(draft, depth, above[0])
    _sets(draft, depth, rule)
    settings = {"partition_type": "range"} | level(draft, rule, where=where)
    if _has_default(draft, depth, rule):
        settings["default_partition"] = True
    if deeper:
        settings["subpartition"] = subpartition(draft, deeper, [*above, rule])
    return settings


def _alike(draft: Draft, depth: Depth, others: Sequence[tuple[Name, Row]]) -> None:
    """Refuse settings that differ between partitions of one level."""
    first, rule = depth.rules[0]
    for name, other in others:
        for column in (*_ALIKE, "retention", "retention_schema"):
            if rule.get(column) != other.get(column):
                draft.refuse(
                    f"sub_{column} is {_said(rule.get(column))} for {first}, and "
                    f"{_said(other.get(column))} for {name}; partman has one "
                    "declaration for all partitions of a level: set them alike in "
                    "part_config_sub"
                )


def _axes(draft: Draft, rule: Row, above: Sequence[Row]) -> None:
    """Refuse axes that partman cannot follow."""
    counted = {str(row["control"]) for row in (*above, rule) if axis(row) == "number"}
    if len(counted) > 1:
        draft.refuse(
            f"two of its levels count by numbers ({', '.join(sorted(counted))}), and "
            "partman follows one axis of numbers of a table"
        )


def _kept(draft: Draft, depth: Depth, top: Row) -> None:
    """Refuse to keep a level for longer, or less long, than pg_partman did."""
    for name, row in _rows(depth):
        found = kept(row)
        if axis(row) == axis(top) and found != kept(top):
            draft.refuse(
                f"the table itself is kept {_how(kept(top))}, and what is inside of "
                f"its partitions {_how(found)} ({name}); partman's retention_period "
                "counts for all levels: set retention, retention_keep_table and "
                "retention_schema alike in all of its rows in part_config and "
                "part_config_sub, or retention to NULL, and register it with a "
                "retention_period afterwards"
            )
        if axis(row) != axis(top) and found is not None:
            draft.refuse(
                f"what is inside of its partitions is kept {_how(found)} ({name}), by "
                f"another axis than the table itself ({top['control']}), and partman's "
                "retention_period counts along that one: set that retention to NULL, "
                "and retire it by hand or by a plugin (partman_retire)"
            )


def _rows(depth: Depth) -> Iterator[tuple[str, Row]]:
    """Yield what is written of new partitions, then of those that are there."""
    for name, rule in depth.rules:
        yield f"part_config_sub, {name}", rule
    _, usual = depth.rules[0]
    for one in depth.there:
        unkept = {"partition_interval": usual["partition_interval"]}
        yield f"part_config, {one.name}", one.row or unkept


def _how(what: Kept | None) -> str:
    return "for ever" if what is None else f"for {what[0]} and then {what[1]}"


def _said(value: object) -> str:
    return "not set" if value is None else repr(value)


def _sets(draft: Draft, depth: Depth, rule: Row) -> None:
    """Tell what the sets that are there have of their own."""
    rows = [(one.name, one.row) for one in depth.there if one.row is not None]
    for name, row in rows:
        if row.get("undo_in_progress"):
            draft.refuse(f"pg_partman is undoing {name} (undo_in_progress)")
        if (row.get("epoch") or "none") != (rule.get("epoch") or "none"):
            draft.refuse(
                f"epoch is {_said(row.get('epoch'))} for {name}, and "
                f"{_said(rule.get('epoch'))} for partitions to come: set them alike"
            )
    other = [name for name, row in rows if row["premake"] != rule["premake"]]
    if other:
        draft.notes.append(
            f"sub_premake ({rule['premake']}) counts for all that is inside of its "
            f"partitions from now on, and not the premake of {_some(other)}"
        )


def _has_default(draft: Draft, depth: Depth, rule: Row) -> bool:
    """Say whether new sets have a DEFAULT partition; tell of those that get one."""
    with_one = [one for one in depth.there if one.has_default]
    wanted = rule.get("default_table")
    if wanted is None:
        wanted = bool(with_one) or not depth.there
    without = [one.name for one in depth.there if not one.has_default]
    if wanted and without:
        draft.notes.append(
            f"there is no DEFAULT partition inside of {_some(without)}: one is made, "
            "as in new ones (sub_default_table)"
        )
    return bool(wanted)


def _some(names: Sequence[Name]) -> str:
    more = f" and {len(names) - 1} more" if len(names) > 1 else ""
    return f"{names[0]}{more}"
