"""The settings of pg-partsmith, in partman's words.

It keeps none in the database: they stand in its document, or in a program.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from partman_core.naming import Name
from partman_core.takeover import schemes
from partman_core.takeover.values import Draft, Source, drafted, length

if TYPE_CHECKING:
    from partman_core.takeover.values import Proposal

_GRACE: Final = "7 days"
"""How long it waits with a drop where nothing is written."""

_LAST_HOOKS: Final = ("before_detach", "before_drop")
"""Hooks that may save what is about to be lost."""


def tables(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the tables of a document, each with the defaults that hold for it.

    :raises ValueError: it is no such document.
    """
    entries = document.get("tables")
    if not isinstance(entries, list) or not all(
        isinstance(entry, Mapping) and entry.get("table_name") for entry in entries
    ):
        raise ValueError("it has no list `tables` with a `table_name` each")
    defaults = _spelled(document.get("defaults") or {})
    hooks = {key: True for key, value in (document.get("hooks") or {}).items() if value}
    return [{"hooks": hooks} | defaults | _spelled(entry) for entry in entries]


def name(row: Mapping[str, Any]) -> Name:
    """Return the name of the table that an entry is about."""
    return Name(str(row.get("schema_name") or "public"), str(row["table_name"]))


def _spelled(entry: Mapping[str, Any]) -> dict[str, Any]:
    renamed = {key: value for key, value in entry.items() if key != "schema"}
    if "schema" in entry:
        renamed.setdefault("schema_name", entry["schema"])
    return renamed


def proposal(source: Source) -> Proposal:
    """Say what partman would have of a table."""
    scheme = schemes.whole(source.row)
    draft, row = drafted(source, depths=schemes.depth(scheme)), source.row
    draft.settings |= schemes.level(draft, scheme, _policy(row))
    if schemes.ranges(scheme):
        _lifecycle(draft, _policy(row), row)
    _leaves(draft, row.get("leaves") or {})
    if source.at_work:
        draft.busy, draft.stop = source.at_work[0], "stop the program that maintains it"
    return draft.done()


def _policy(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return how far ahead, how long, and what then, also where it is written flat."""
    policy = row.get("lifecycle")
    if isinstance(policy, Mapping):
        return policy
    flat: dict[str, Any] = {}
    if "create_ahead_count" in row:
        count = row["create_ahead_count"]
        flat["creation"] = {"kind": "create_ahead", "count": count}
    if "retention_count" in row:
        flat["retention"] = {"kind": "keep_newest", "count": row["retention_count"]}
    return flat


def _lifecycle(draft: Draft, policy: Mapping[str, Any], row: Mapping[str, Any]) -> None:
    if _retention(draft, policy.get("retention")):
        _drop(draft, policy.get("drop") or {"kind": "drop_after", "grace": _GRACE}, row)


def _retention(draft: Draft, retention: Mapping[str, Any] | None) -> bool:
    """Say how much is kept; return whether there is a limit."""
    if retention is None:
        draft.notes.append(
            "pg-partsmith keeps the newest 12 partitions where nothing is written; "
            "partman keeps everything until retention_count or retention_period is set"
        )
        return False
    kind = retention.get("kind")
    if kind == "keep_newest" and "count" in retention:
        draft.settings["retention_count"] = retention["count"]
    elif kind == "keep_for" and (period := _duration(retention.get("age"))):
        draft.settings["retention_period"] = period
    elif kind == "keep_behind" and retention.get("distance"):
        draft.settings["retention_period"] = retention["distance"]
    else:
        draft.notes.append(
            f"its retention {kind!r} has no counterpart: nothing is retired until "
            "retention_count or retention_period is given"
        )
        return False
    return True


def _duration(written: object) -> str | None:
    """Return a duration as partman writes it; a bare number is in seconds."""
    if isinstance(written, int | float):
        written = f"{written} seconds"
    found = length(written)
    return str(found) if found else None


def _drop(draft: Draft, drop: Mapping[str, Any], row: Mapping[str, Any]) -> None:
    saving = [hook for hook in _LAST_HOOKS if (row.get("hooks") or {}).get(hook)]
    draft.settings["retention_action"] = "drop"
    if saving:
        draft.settings["retention_action"] = "detach"
        draft.notes.append(
            f"its hooks ({', '.join(saving)}) do not come along, so what is over is "
            "detached and not dropped: have a plugin do the same (partman_pre_drop), "
            'then register it with retention_action = "drop"'
        )
    elif drop.get("kind") == "drop_never":
        draft.settings["retention_action"] = "detach"
    elif grace := _duration(drop.get("grace", 0)):
        draft.settings["grace_period"] = grace
    if drop.get("when"):
        draft.settings["retention_action"] = "detach"
        draft.settings.pop("grace_period", None)
        draft.notes.append(
            "its condition for drops has no counterpart: what is over is only detached"
        )


def _leaves(draft: Draft, leaves: Mapping[str, Any]) -> None:
    if leaves.get("kind", "local") != "local":
        draft.refuse("its partitions are foreign tables")
    if leaves.get("tablespace"):
        draft.settings["tablespace"] = leaves["tablespace"]
    if leaves.get("storage_parameters"):
        draft.settings["storage"] = {
            key: str(value) for key, value in leaves["storage_parameters"].items()
        }
