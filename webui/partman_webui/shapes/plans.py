"""What is told of plans, and how one is asked for."""

from __future__ import annotations

from attrs import field, frozen

from partman_webui.shapes.tables import Reason


@frozen(kw_only=True)
class LockTaken:
    """A lock that a step takes.

    :param waits: whether application queries can queue behind it.
    """

    relation: str
    mode: str
    waits: bool


@frozen(kw_only=True)
class PlannedOperation:
    """One operation of a plan.

    :param n: its number in the plan, from 1.
    :param sign: ``+``, ``~`` or ``-``.
    :param destroys: it takes rows out of sight, or away.
    :param way: how it is done, in words, such as "built apart, then attached".
    :param waits: which application queries can queue behind it, a sentence; None: none.
    """

    n: int
    kind: str
    sign: str
    parent: str | None
    name: str
    bounds: str | None
    tenant: str | None
    reason: str
    destroys: bool
    rows: int | None
    bytes: int | None
    way: str | None
    sql: list[str]
    locks: list[LockTaken]
    waits: str | None = None


@frozen(kw_only=True)
class PlannedTable:
    """One table's part of a plan; its hash is what a run is started with."""

    table: str
    hash: str
    text: str
    operations: list[PlannedOperation]
    findings: list[Reason]


@frozen(kw_only=True)
class PlanShown:
    """What would be done.

    :param bytes_freed: that go for good.
    """

    hash: str
    now: str
    text: str
    destroys: bool
    bytes_freed: int
    tables: list[PlannedTable]


@frozen(kw_only=True)
class Day:
    """What becomes due on one of the next days."""

    day: str
    create: int
    retire: int
    names: list[str]


@frozen(kw_only=True)
class Days:
    """The next seven days."""

    items: list[Day]


@frozen(kw_only=True)
class PlanAsked:
    """Body of ``POST /api/v1/tables/{id}/plans``.

    :param at: as if it were then; None: now.
    :param only: kinds of operations; empty: all.
    """

    at: str | None = None
    only: list[str] = field(factory=list)
