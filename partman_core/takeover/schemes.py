"""The schemes of pg-partsmith, level by level, in partman's words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from partman_core.naming import Name

if TYPE_CHECKING:
    from partman_core.takeover.values import Draft

_PERIODS: Final = {
    "hour": "1 hour",
    "day": "1 day",
    "week": "7 days",
    "month": "1 month",
    "quarter": "3 months",
    "year": "1 year",
}
_KEYS: Final = {
    "uuidv7": "uuid7",
    "epoch_seconds": "epoch_s",
    "epoch_milliseconds": "epoch_ms",
}
_AHEAD: Final = 6
"""How many periods it keeps ready where nothing is written."""


def whole(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the scheme of an entry, also where it is written flat."""
    scheme = row.get("scheme")
    if isinstance(scheme, Mapping):
        return scheme
    keys = [row.get("partition_column"), *(row.get("trailing_partition_columns") or ())]
    flat: dict[str, Any] = {
        "method": "range",
        "key": [key for key in keys if key],
        "boundaries": {
            "granularity": row.get("granularity"),
            "tz": row.get("tz"),
            "codec": row.get("boundary_codec") or row.get("codec"),
        },
    }
    below = row.get("subpartition")
    return flat | ({"child": below} if isinstance(below, Mapping) else {})


def depth(scheme: Mapping[str, Any]) -> int:
    """Return how many levels there are below the first."""
    child = scheme.get("child")
    return 1 + depth(child) if isinstance(child, Mapping) else 0


def ranges(scheme: Mapping[str, Any]) -> int:
    """Return how many levels are partitioned by ranges."""
    child = scheme.get("child")
    below = ranges(child) if isinstance(child, Mapping) else 0
    return below + (_method(scheme) == "range")


def _method(scheme: Mapping[str, Any]) -> object:
    """Return how a level is partitioned; its own keys show it where nothing does."""
    if "method" in scheme:
        return scheme["method"]
    return "hash" if "modulus" in scheme else "list" if "groups" in scheme else None


def level(
    draft: Draft, scheme: Mapping[str, Any], policy: Mapping[str, Any]
) -> dict[str, Any]:
    """Return a level, and those below it, as settings."""
    method, key = _method(scheme), _columns(scheme)
    settings: dict[str, Any] = {}
    if method == "range":
        settings |= _ranges(draft, scheme, policy)
        if len(key) > 1:
            draft.refuse("its key has several columns")
        if ranges(scheme) > 1:
            draft.refuse(
                "two of its levels are ranges, and what its document says of how far "
                "ahead and how long is about one of them"
            )
    elif method in {"hash", "list"}:
        settings |= {"partition_type": method} | _sets(draft, scheme)
    else:
        draft.refuse(f"it is partitioned by {method}, which is not taken over")
    if key:
        settings["partition_by"] = ", ".join(str(Name(None, one)) for one in key)
    if isinstance(child := scheme.get("child"), Mapping):
        below = {"partition_type": "range"} | level(draft, child, policy)
        settings["subpartition"] = below
    return settings


def _columns(scheme: Mapping[str, Any]) -> list[str]:
    """Return the columns of a level's key."""
    key = scheme.get("key") or scheme.get("column") or ()
    written = [key] if isinstance(key, str) else list(key)
    return [str(one) for one in (*written, *(scheme.get("trailing_columns") or ()))]


def _sets(draft: Draft, scheme: Mapping[str, Any]) -> dict[str, Any]:
    """Say which partitions a level has whose number is fixed."""
    if "modulus" in scheme:
        return {"modulus": scheme["modulus"]}
    if scheme.get("sequence"):
        draft.refuse(
            "its lists are a sequence of single numbers, each with a partition of its "
            "own that is opened when the one before is full"
        )
    groups = scheme.get("groups") or ()
    found: dict[str, Any] = {
        "values": {one["name"]: list(one["values"]) for one in groups}
    }
    if scheme.get("include_default"):
        found["default_partition"] = True
    return found


def _ranges(
    draft: Draft, scheme: Mapping[str, Any], policy: Mapping[str, Any]
) -> dict[str, Any]:
    """Say how a level of ranges goes on."""
    bounds = scheme.get("boundaries") or {}
    kind = bounds.get("kind", "time")
    ahead = _creation(draft, policy.get("creation") or {"kind": "create_ahead"})
    if kind == "time":
        return _periods(draft, bounds) | ahead
    if kind != "integer":
        draft.refuse(f"its boundaries are of the kind {kind!r}")
    anchor = {"anchor": origin} if (origin := bounds.get("origin")) else {}
    return {"partition_interval": bounds.get("step")} | anchor | ahead


def _periods(draft: Draft, bounds: Mapping[str, Any]) -> dict[str, Any]:
    """Say how long periods are, and of what; their zone is that of the table."""
    settings: dict[str, Any] = {}
    granularity = bounds.get("granularity")
    if granularity in _PERIODS:
        settings["partition_interval"] = _PERIODS[granularity]
    else:
        draft.refuse("its periods come from a program, not from the document")
    if (zone := bounds.get("tz") or "UTC") != "UTC":
        draft.settings["timezone"] = zone
    codec = bounds.get("boundary_codec") or bounds.get("codec")
    if codec in _KEYS:
        settings["key"] = _KEYS[codec]
    elif codec:
        draft.refuse(f"its key is read by {codec!r}, which partman does not know")
    return settings


def _creation(draft: Draft, creation: Mapping[str, Any]) -> dict[str, Any]:
    kind = creation.get("kind")
    if kind == "create_ahead":
        return {"partition_count": creation.get("count", _AHEAD)}
    if kind == "create_until" and creation.get("position"):
        return {"partition_until": str(creation["position"])}
    draft.notes.append(
        f"its creation {kind!r} has no counterpart: 10 periods are ready"
    )
    return {}
