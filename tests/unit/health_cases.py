"""Tables that are well or ill, and how they are judged."""

from __future__ import annotations

from datetime import datetime, timedelta

from partman_core.bounds import DefaultBounds
from partman_core.health import Health, health
from partman_core.model import Partition
from partman_core.naming import Name
from partman_core.plan import Finding

from .plan_strategies import (
    BY_NAME,
    NOON,
    a_table,
    a_tree,
    days,
    planned,
)

DEFAULT = Partition(
    oid=5, name=Name("public", "flights_default"), bounds=DefaultBounds()
)
FULL = days("2026-11-24", 10)


def judged(
    *partitions: Partition,
    table=None,
    kind: str = "timestamptz",
    now: datetime = NOON,
    tree: dict | None = None,
    **known,
) -> Health:
    """Judge a table whose maintenance ran an hour ago, unless told otherwise."""
    table = table or a_table()
    there = a_tree(kind, *partitions, **(tree or {}))
    codec = BY_NAME[kind]
    plan = planned(table, there, codec, now)
    known = {"last_success": now - timedelta(hours=1), **known}
    return health(table, there, codec, plan, now, **known)


def found(judgement: Health, code: str) -> Finding:
    (finding,) = (one for one in judgement.findings if one.code == code)
    return finding


def codes(judgement: Health) -> set[str]:
    return {one.code for one in judgement.findings}
