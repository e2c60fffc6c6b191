"""A table's partitions, as the grid lists them and the timeline draws them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import evolve

from partman_core.bounds import clause
from partman_core.planner.holds import is_held
from partman_webui import shapes, timeline
from partman_webui.shaped import chains, iso, iso_or_none, places

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from partman_core.engine.reading import Seen, Sight
    from partman_core.keys import Codec


def partition_rows(
    seen: Seen, sight: Sight, codecs: Mapping[str, Codec]
) -> list[shapes.PartitionRow]:
    """Return a table's partitions, each before its own."""
    reasons: dict[int, str] = {}
    if seen.view.plan is not None:
        for operation in seen.view.plan.operations:
            partition = getattr(operation, "partition", None)
            if partition is not None and operation.destroys:
                reasons.setdefault(partition.oid, operation.reason)
    timezone = seen.view.table.timezone if seen.view.table else "UTC"
    return [
        _row(one, sight.now, timezone, reasons) for one in places(seen.view, codecs)
    ]


def _row(
    one: timeline.Placed, now: datetime, timezone: str, reasons: Mapping[int, str]
) -> shapes.PartitionRow:
    partition = one.partition
    ends: list[str | None] = [None, None]
    if one.codec is not None and one.span is not None:
        ends = [timeline.point(one.codec, place, timezone) for place in one.span]
    held = is_held(partition, now)
    return shapes.PartitionRow(
        name=str(partition.name),
        parent=None if one.parent is None else str(one.parent),
        bounds=_bounds(one),
        lower=ends[0],
        upper=ends[1],
        tenant=one.tenant,
        state=_state(one),
        rows=partition.rows,
        bytes=partition.bytes,
        leaf=one.leaf,
        ours=partition.ours,
        created_at=iso_or_none(partition.created_at),
        hold_until=iso_or_none(partition.hold_until) if held else None,
        hold_reason=partition.hold_reason if held else None,
        due=reasons.get(partition.oid),
        stale=partition.locked,
    )


def _bounds(one: timeline.Placed) -> str | None:
    if one.is_default:
        return "DEFAULT"
    bounds = one.partition.bounds
    return None if bounds is None else clause(bounds, one.types)


def _state(one: timeline.Placed) -> Any:
    if one.partition.pending:
        return "detaching"
    if one.is_default:
        return "default"
    return "attached" if one.partition.ours else "foreign"


def axis_of(seen: Seen, sight: Sight, codecs: Mapping[str, Codec]) -> dict[str, Any]:
    """Return what the timeline is drawn with besides the partitions."""
    found = chains(seen.view, sight.now, codecs)
    timezone = seen.view.table.timezone if seen.view.table else "UTC"
    told: dict[str, Any] = {
        "axis": "none", "timezone": timezone, "now": None, "keeps_from": None,
        "runway_end": None, "gaps": [],
    }  # fmt: skip
    if not found:
        return told
    first, ends = found[0], seen.health.ends
    told["axis"] = first.codec.axis
    told["gaps"] = [
        shapes.Gap(lower=lower, upper=upper, tenant=chain.tenant)
        for chain in found
        for gap in chain.gaps
        if (lower := chain.point(gap[0])) is not None
        and (upper := chain.point(gap[1])) is not None
    ]
    if first.codec.axis == "time":
        told["now"] = iso(sight.now)
        told["keeps_from"] = iso_or_none(first.level.kept_since)
        told["runway_end"] = iso_or_none(ends.until)
    else:
        told |= _numbers(seen, first)
    return told


def _numbers(seen: Seen, chain: timeline.Chain) -> dict[str, Any]:
    period = seen.view.declared.settings.get("retention_period")
    ends = seen.health.ends
    here = chain.here
    kept = here - period if here is not None and isinstance(period, int) else None
    return {
        "now": None if here is None else chain.codec.literal(here),
        "keeps_from": None if kept is None else chain.codec.literal(kept),
        "runway_end": None if ends.end is None else chain.point(ends.end),
    }


def whole(
    row: shapes.PartitionRow, every: Sequence[shapes.PartitionRow]
) -> shapes.PartitionRow:
    """Return a partition with the rows and the size of all that is inside of it."""
    if row.leaf:
        return row
    rows, size = None, row.bytes
    inside = [one for one in every if one.parent == row.name]
    for one in (whole(each, every) for each in inside):
        size += one.bytes
        if one.rows is not None:
            rows = one.rows + (rows or 0)
    return evolve(row, rows=rows, bytes=size)
