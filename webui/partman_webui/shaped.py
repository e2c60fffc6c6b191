"""What the engine says of tables, as the values that ``/api/v1`` answers.

Nothing is judged here: health, sentences and findings are the engine's own.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from partman_core.strategy import Laned
from partman_webui import shapes, timeline

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from partman_core.engine.reading import Seen, Sight
    from partman_core.engine.survey import View
    from partman_core.health import Health
    from partman_core.keys import Codec
    from partman_core.model import Run
    from partman_core.plan import Finding

HEALTH: Mapping[str, shapes.HealthWord] = {
    "ok": "ok",
    "warning": "warn",
    "error": "crit",
}
URGENCY = ("crit", "unknown", "warn", "ok")
"""The most urgent first."""

SPARKS = 30
"""How many partitions the small chart of sizes has."""

FOREVER = 10**12
"""Seconds: longer than any runway, for the order of tables."""


def iso(moment: datetime) -> str:
    """Write a moment, aware."""
    return moment.isoformat()


def iso_or_none(moment: datetime | None) -> str | None:
    """Write a moment, if there is one."""
    return None if moment is None else moment.isoformat()


def reason(found: Finding) -> shapes.Reason:
    """Return a finding."""
    return shapes.Reason(
        code=found.code,
        severity=found.severity,
        text=found.message,
        hint=found.hint,
        data=dict(found.data),
        table=None if found.table is None else str(found.table),
    )


def word(seen: Seen) -> shapes.HealthWord:
    """Say in a word how a table is; unknown if it could not be looked at."""
    if not (seen.view.table and seen.view.tree and seen.view.plan):
        return "unknown"
    return HEALTH[seen.health.state]


def summary(
    seen: Seen, sight: Sight, codecs: Mapping[str, Codec], *, stale: bool = False
) -> shapes.TableSummary:
    """Return one table as the overview shows it.

    :param stale: the look was taken before, and cannot be taken now.
    """
    view, health = seen.view, seen.health
    declared, settings = view.declared, view.declared.settings
    found = chains(view, sight.now, codecs)
    interval = settings.get("partition_interval")
    return shapes.TableSummary(
        id=str(declared.name),
        schema=declared.name.schema or "",
        name=declared.name.relation,
        strategy=settings.get("partition_type", "range"),
        key=str(view.tree.key) if view.tree else settings.get("partition_by") or "",
        interval=None if interval is None else str(interval),
        timezone=settings.get("timezone", "UTC"),
        origin=declared.origin,
        paused=declared.paused,
        health=word(seen),
        sentence=health.sentence,
        reasons=[reason(one) for one in health.findings],
        runway=_runway(health, found, sight.now),
        default=_default(view, health),
        retention=_retention(view, found),
        partitions=health.partitions,
        rows=health.rows,
        bytes=health.bytes,
        spark=_spark(view, found, codecs),
        tenants=_tenants(view),
        pending=health.pending,
        plan_hash=None if view.plan is None else view.plan.hash,
        last_run=last_run(sight.last_run),
        read_at=iso(sight.read_at),
        stale=stale or view.tree is None or view.tree.locked,
    )


def chains(
    view: View, now: datetime, codecs: Mapping[str, Codec]
) -> list[timeline.Chain]:
    """Return what of a table has an axis."""
    if view.table is None or view.tree is None:
        return []
    return list(timeline.chains(view.table, view.tree, view.codec, now, codecs))


def _runway(
    health: Health, found: Sequence[timeline.Chain], now: datetime
) -> shapes.Runway:
    ends = health.ends
    own = [chain for chain in found if ends.whose in {None, chain.tenant}]
    wanted = [end for chain in own if (end := chain.ends) is not None]
    return shapes.Runway(
        seconds=None if health.runway is None else int(health.runway.total_seconds()),
        target_seconds=int((min(wanted) - now).total_seconds()) if wanted else None,
        until=iso_or_none(health.runway_until),
        text=ends.sentence(now),
        place=ends.place or None,
        tenant=ends.whose,
    )


def _default(view: View, health: Health) -> shapes.DefaultPart:
    """Return what is known of DEFAULT; whether it is empty, the core has looked at."""
    found = None if view.tree is None else view.tree.default
    if found is None:
        return shapes.DefaultPart(exists=False)
    codes = {one.code for one in health.findings}
    empty: bool | None = True
    if "default-rows" in codes:
        empty = False
    elif found.locked or found.kind == "foreign" or (view.tree and view.tree.locked):
        empty = None
    return shapes.DefaultPart(
        exists=True,
        name=str(found.name),
        rows=0 if empty else found.rows,
        bytes=found.bytes,
        empty=empty,
    )


def _retention(view: View, found: Sequence[timeline.Chain]) -> shapes.RetentionState:
    settings = view.declared.settings
    keep, count = settings.get("retention_period"), settings.get("retention_count")
    if keep is None and count is None:
        return shapes.RetentionState()
    late = timeline.lag(view, list(found))
    return shapes.RetentionState(
        keep=None if keep is None else str(keep),
        count=count,
        action=settings.get("retention_action", "drop"),
        grace=settings.get("grace_period"),
        lag_seconds=0 if late is None else max(0, int(late.total_seconds())),
    )


def _spark(
    view: View, found: Sequence[timeline.Chain], codecs: Mapping[str, Codec]
) -> list[int]:
    """Return the sizes of the newest partitions that have begun, oldest first."""
    here = {chain.codec: chain.here for chain in found}
    sizes: dict[Any, int] = {}
    for one in places(view, codecs):
        if one.span is None or not one.leaf or one.codec is None:
            continue
        last = here.get(one.codec)
        if last is not None and one.span[0] <= last:
            at = one.span[0]
            sizes[at] = sizes.get(at, 0) + one.partition.bytes
    return [sizes[at] for at in sorted(sizes)[-SPARKS:]]


def places(view: View, codecs: Mapping[str, Codec]) -> list[timeline.Placed]:
    """Return where a table's partitions lie."""
    if view.table is None or view.tree is None:
        return []
    return list(timeline.placed(view.table, view.tree, view.codec, codecs))


def _tenants(view: View) -> int | None:
    if view.table is None or view.tree is None:
        return None
    return len(view.tree.tenants) if isinstance(view.table.strategy, Laned) else None


def last_run(run: Run | None) -> shapes.LastRun | None:
    """Return the last run that there was."""
    if run is None:
        return None
    return shapes.LastRun(
        id=run.id,
        at=iso(run.finished_at or run.started_at),
        result=run.result,
        message=run.message,
    )


def counted(items: Iterable[shapes.TableSummary]) -> shapes.Counted:
    """Count tables by how they are, and say it."""
    words = [item.health for item in items]
    wrong = len(words) - words.count("ok")
    tables = "1 table" if len(words) == 1 else f"{len(words)} tables"
    if not words:
        text = "No managed tables yet."
    elif not wrong:
        text = "1 table is well." if len(words) == 1 else f"All {tables} are well."
    else:
        text = f"{wrong} of {tables} need{'s' if wrong == 1 else ''} attention."
    return shapes.Counted(
        ok=words.count("ok"),
        warn=words.count("warn"),
        crit=words.count("crit"),
        unknown=words.count("unknown"),
        text=text,
    )


def urgency(item: shapes.TableSummary) -> tuple[int, int, str]:
    """Return what tables are sorted by: health, the least runway, the name."""
    left = item.runway.seconds
    return URGENCY.index(item.health), FOREVER if left is None else left, item.id
