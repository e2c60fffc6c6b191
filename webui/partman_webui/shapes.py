"""What ``/api/v1`` answers, as values: the one place that says how JSON looks.

The OpenAPI document is made from these classes, the answers are these classes written
out, and the pages' TypeScript types follow the document.  Moments are ISO 8601 in UTC
(``2026-12-01T00:00:00+00:00``), lengths are seconds, sizes are bytes.  ``None`` means
"not known" or "there is none", never zero.
"""

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


@frozen(kw_only=True)
class Binned:
    """A partition that retention took out and that is not dropped yet."""

    name: str
    table: str
    bounds: str
    action: str
    retired_at: str
    due: str | None
    rows: int | None
    bytes: int
    hold_until: str | None = None
    hold_reason: str | None = None


@frozen(kw_only=True)
class Bin:
    """The bin of a table, or of all."""

    items: list[Binned]


@frozen(kw_only=True)
class Held:
    """A partition that a person keeps."""

    partition: str
    table: str | None
    until: str | None
    reason: str | None
    overdue: bool = False


@frozen(kw_only=True)
class Holds:
    """All holds."""

    items: list[Held]


@frozen(kw_only=True)
class TenantRow:
    """One tenant of a table."""

    tenant: str
    registered: bool
    known: bool
    own: dict[str, Any]
    partitions: int
    rows: int | None
    bytes: int


@frozen(kw_only=True)
class Tenants:
    """The tenants of a table."""

    items: list[TenantRow]


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


@frozen(kw_only=True)
class RunAsked:
    """Body of ``POST /api/v1/runs``.

    :param hash: of the table's part of the plan that was seen.
    :param only: kinds of operations, as the plan was asked for; empty: all.
    :param confirm: the table's id, where something is destroyed.
    :param reason: kept in the history.
    """

    table: str
    hash: str
    only: list[str] = field(factory=list)
    confirm: str | None = None
    reason: str | None = None


@frozen(kw_only=True)
class RunShown:
    """One run of the history.

    :param result: ``running``, ``done``, ``failed`` or ``interrupted``.
    :param reason: why somebody started it, as long as this process knows.
    :param planned: how many operations it was started for, if through the pages.
    """

    id: int
    actor: str
    command: str
    started_at: str
    finished_at: str | None
    result: str
    message: str | None
    tables: list[str] = field(factory=list)
    done: int = 0
    failed: int = 0
    reason: str | None = None
    planned: int | None = None


@frozen(kw_only=True)
class Runs:
    """The runs, the newest first."""

    items: list[RunShown]
    next_cursor: str | None = None


@frozen(kw_only=True)
class RunEvent:
    """Something that happened in a run.

    :param id: grows within a run; it is the ``id`` of the stream's event.
    :param kind: ``created``, ``attached``, ``detached``, ``dropped``, ``moved``,
        ``discarded``, ``blocked``, ``failed``, ``skipped``, ``run-finished``.
    """

    id: int
    kind: str
    at: str
    table: str | None
    partition: str | None
    bounds: str | None = None
    rows: int | None = None
    bytes: int | None = None
    seconds: float | None = None
    message: str | None = None


@frozen(kw_only=True)
class RunEvents:
    """What happened in a run after a given event."""

    run: RunShown
    items: list[RunEvent]


@frozen(kw_only=True)
class ActionShown:
    """Something that somebody did, or was refused, through the pages."""

    id: int
    at: str
    actor: str
    method: str
    action: str
    target: str | None
    allowed: bool
    detail: str | None = None
    address: str | None = None


@frozen(kw_only=True)
class Actions:
    """What was done and refused, the newest first."""

    items: list[ActionShown]
    next_cursor: str | None = None


@frozen(kw_only=True)
class SettingsShown:
    """The settings of a table.

    :param editable: whether this login may change them, and they come from no file.
    :param why_not: the sentence that says why they cannot be changed here.
    :param schema: JSON Schema of *settings*, with the installed plugins.
    """

    table: str
    origin: Literal["api", "file"]
    editable: bool
    why_not: str | None
    settings: dict[str, Any]
    schema: dict[str, Any]


@frozen(kw_only=True)
class SettingsAsked:
    """Body of ``PUT .../settings`` and ``POST .../settings/preview``: all of them.

    :param confirm: the table's id, where more is retired than before.
    """

    settings: dict[str, Any]
    confirm: str | None = None


@frozen(kw_only=True)
class Mistake:
    """What is wrong with one setting.

    :param pointer: a JSON pointer into the settings, such as ``/retention_period``.
    """

    pointer: str
    text: str
    hint: str | None = None


@frozen(kw_only=True)
class SettingsPreview:
    """What settings would change.

    :param retires_more: a confirmation is needed, and why.
    """

    mistakes: list[Mistake]
    changes: list[str]
    retires_more: str | None
    plan: PlanShown | None


@frozen(kw_only=True)
class TenantsAsked:
    """Body of ``POST .../tenants`` (add or set) and ``DELETE .../tenants``."""

    tenants: dict[str, dict[str, Any]] = field(factory=dict)
    remove: list[str] = field(factory=list)
    confirm: str | None = None
    dry_run: bool = False


@frozen(kw_only=True)
class TenantsChanged:
    """What that changed, and the plan it leads to."""

    added: list[str]
    changed: list[str]
    removed: list[str]
    plan: PlanShown
    dry_run: bool


@frozen(kw_only=True)
class HoldAsked:
    """Body of ``POST /api/v1/holds``."""

    partition: str
    reason: str
    until: str | None = None


@frozen(kw_only=True)
class AttachAsked:
    """Body of ``POST /api/v1/bin/attach``.

    :param hold: put it on hold, or the next run may take it out again.
    """

    partition: str
    hold: bool = True


@frozen(kw_only=True)
class PluginShown:
    """One plugin.

    :param hooks: the hooks that it takes part in.
    """

    name: str
    version: str | None
    source: str
    hooks: list[str]
    error: str | None = None


@frozen(kw_only=True)
class Plugins:
    """The plugins, in the order in which they are asked."""

    items: list[PluginShown]


@frozen(kw_only=True)
class DatabaseShown:
    """A database that these pages show."""

    name: str
    label: str
    server: str | None
    reachable: bool


@frozen(kw_only=True)
class Databases:
    """The databases; ``?database=`` names one."""

    items: list[DatabaseShown]


@frozen(kw_only=True)
class Me:
    """Who is asking, and what they may do.

    :param can: of ``read``, ``plan``, ``apply``, ``destructive``, ``settings``.
    :param features: what the engine can do, such as ``drain``.
    :param warning: what everybody should see on top of every page.
    """

    actor: str
    method: str
    can: list[str]
    features: list[str]
    version: str
    server: str | None
    database: str
    warning: str | None = None


@frozen(kw_only=True)
class FieldProblem:
    """What is wrong with one field of a request."""

    pointer: str
    detail: str


@frozen(kw_only=True)
class Problem:
    """What went wrong (RFC 9457), as ``application/problem+json``.

    :param plan: with ``plan-stale``: what would be done now.
    :param run: with ``run-active``: the run that is on.
    """

    type: str
    title: str
    status: int
    code: str
    detail: str
    hint: str | None = None
    request_id: str | None = None
    errors: list[FieldProblem] = field(factory=list)
    plan: PlanShown | None = None
    run: int | None = None


@frozen(kw_only=True)
class SeedTable:
    """One entry of ``GET /api/tables``."""

    name: str
    schema: str


@frozen(kw_only=True)
class SeedTables:
    """``GET /api/tables``, as the seed system has it."""

    tables: list[SeedTable]


@frozen(kw_only=True)
class SeedPartition:
    """One entry of ``GET /api/partitions``.

    :param rows: estimate; -1: never analysed.
    :param range: its bounds; empty where they cannot be read.
    :param created: when partman made or adopted it; empty: it did not.
    :param total_count: how many partitions the table has.
    :param stale: its bounds or its size cannot be read now; left out otherwise.
    """

    name: str
    size: str
    rows: int
    range: str
    created: str
    size_bytes: int
    total_count: int
    stale: bool = False


@frozen(kw_only=True)
class SeedParent:
    """The table that ``GET /api/partitions`` is about."""

    name: str
    total_size: str
    total_rows: int
    partition_count: int
    total_size_bytes: int


@frozen(kw_only=True)
class SeedPartitions:
    """``GET /api/partitions``, as the seed system has it."""

    partitions: list[SeedPartition]
    parent_table: SeedParent
