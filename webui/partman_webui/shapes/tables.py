"""What is told of tables and of their partitions."""

from __future__ import annotations

from typing import Any, Literal

from attrs import field, frozen

HealthWord = Literal["ok", "warn", "crit", "unknown"]
Axis = Literal["time", "number", "none"]


@frozen(kw_only=True)
class Reason:
    """A finding: something true that a person should know.

    :param hint: what to do, with the command where there is one.
    :param table: the id of the table that it is about; None: of none.
    """

    code: str
    severity: Literal["info", "warning", "error"]
    text: str
    hint: str | None = None
    data: dict[str, Any] = field(factory=dict)
    table: str | None = None


@frozen(kw_only=True)
class Findings:
    """The findings of all tables, the gravest first."""

    items: list[Reason]
    read_at: str
    stale: bool = False


@frozen(kw_only=True)
class Runway:
    """How long inserts find a partition.

    :param seconds: from now; None without an end, or on a number axis.
    :param target_seconds: how long it is when everything that is wanted is there.
    :param until: the moment it ends.
    :param text: the sentence that the command line shows too.
    :param place: how its end reads, also on a number axis.
    :param tenant: whose it is, where a tenant's is the shortest.
    """

    seconds: int | None
    target_seconds: int | None
    until: str | None
    text: str
    place: str | None = None
    tenant: str | None = None


@frozen(kw_only=True)
class DefaultPart:
    """The DEFAULT partition.

    :param empty: None where that was not looked at.
    """

    exists: bool
    name: str | None = None
    rows: int | None = None
    bytes: int | None = None
    empty: bool | None = None


@frozen(kw_only=True)
class RetentionState:
    """What is no longer kept.

    :param keep: as it is set, such as "30 days"; None: everything is kept.
    :param action: what becomes of it.
    :param lag_seconds: how long the oldest that is due has been due; 0: nothing is.
    """

    keep: str | None = None
    count: int | None = None
    action: str | None = None
    grace: str | None = None
    lag_seconds: int | None = None


@frozen(kw_only=True)
class LastRun:
    """The last run that there was."""

    id: int
    at: str
    result: str
    message: str | None = None


@frozen(kw_only=True)
class TableSummary:
    """One managed table, as the overview shows it.

    :param id: its name as SQL writes it; it is the ``{id}`` of addresses.
    :param key: the partition key as PostgreSQL prints it.
    :param spark: bytes of the newest partitions that have begun, the oldest first.
    :param pending: how many operations the next run would do.
    :param plan_hash: what these are, as a plan names it.
    :param stale: what is shown was read earlier, as it could not be read now.
    """

    id: str
    schema: str
    name: str
    strategy: str
    key: str
    interval: str | None
    timezone: str
    origin: Literal["api", "file"]
    paused: bool
    health: HealthWord
    sentence: str
    reasons: list[Reason]
    runway: Runway
    default: DefaultPart
    retention: RetentionState
    partitions: int
    rows: int | None
    bytes: int
    spark: list[int]
    tenants: int | None
    pending: int
    plan_hash: str | None
    last_run: LastRun | None
    read_at: str
    stale: bool = False


@frozen(kw_only=True)
class Counted:
    """How many tables are how, and the sentence that says so."""

    ok: int
    warn: int
    crit: int
    unknown: int
    text: str


@frozen(kw_only=True)
class Tables:
    """The managed tables, the most urgent first."""

    items: list[TableSummary]
    summary: Counted
    next_cursor: str | None = None
    last_run: LastRun | None = None
    running: list[int] = field(factory=list)


@frozen(kw_only=True)
class PartitionRow:
    """One partition.

    :param name: as SQL writes it, with its schema.
    :param parent: the partition that it is a part of; None: the table itself.
    :param bounds: as PostgreSQL spells them, ``FOR VALUES`` or ``DEFAULT``.
    :param lower: on the table's axis: a moment, or a number as a string.
    :param due: why the next run would retire it; None: it would not.
    :param leaf: whether it holds rows itself.
    """

    name: str
    parent: str | None
    bounds: str | None
    lower: str | None
    upper: str | None
    tenant: str | None
    state: Literal["attached", "default", "detaching", "foreign"]
    rows: int | None
    bytes: int
    leaf: bool
    ours: bool
    created_at: str | None
    hold_until: str | None
    hold_reason: str | None
    due: str | None
    stale: bool = False


@frozen(kw_only=True)
class Gap:
    """A part of the wanted window that no partition covers."""

    lower: str
    upper: str
    tenant: str | None = None


@frozen(kw_only=True)
class Partitions:
    """The partitions of a table, and what its timeline is drawn with.

    :param now: where the axis stands: a moment, or a number as a string.
    :param keeps_from: what ends before that is no longer kept.
    :param runway_end: where the runway ends.
    """

    items: list[PartitionRow]
    total: int
    axis: Axis
    timezone: str
    now: str | None
    keeps_from: str | None
    runway_end: str | None
    gaps: list[Gap]
    next_cursor: str | None
    read_at: str
    stale: bool = False
