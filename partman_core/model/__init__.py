"""What is managed, and what the database holds of it: frozen values.

A :class:`Table` is what somebody wants (settings, from the registry); a
:class:`Tree` is what is there (from the catalog).  The planner compares the two.  What
became of it is in :mod:`partman_core.model.history`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeVar

from attrs import field, frozen

from partman_core.interval import Interval
from partman_core.model.history import Deed, Event, Run

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from partman_core.bounds import Bounds
    from partman_core.keys import Column, Key
    from partman_core.naming import Name
    from partman_core.plan import Finding
    from partman_core.strategy import Above, Beneath, Strategy

__all__ = [
    "Action",
    "Deed",
    "Event",
    "Keep",
    "Origin",
    "Partition",
    "Publication",
    "RelationKind",
    "Retire",
    "Retired",
    "Run",
    "Section",
    "Table",
    "Tree",
]

S = TypeVar("S")

RelationKind = Literal["table", "partitioned", "foreign"]
Origin = Literal["api", "file"]
Action = Literal["drop", "detach", "move"]


@frozen(kw_only=True)
class Table:
    """One managed table, as it is wanted.

    :param name: the partitioned table.
    :param strategy: which partitions its level wants.
    :param partition_by: the key columns, as the user wrote them; None: as found.
    :param key: name of the codec; None: by the column's type.
    :param timezone: zone of the grid, by its IANA name.
    :param name_template: how partitions are named, see :mod:`partman_core.naming`.
    :param default_partition: whether a DEFAULT partition is kept.
    :param beneath: how its partitions are partitioned again; None: they hold rows,
        unless the strategy has its own mind about that.
    :param overrides: by tenant, what is another for it than for the table: names of
        fields of the strategy or of sections, and their values.
    :param storage: storage parameters of new partitions.
    :param tablespace: tablespace of new partitions; None: the parent's.
    :param max_stall: the longest that application queries may queue behind us.
    :param lock_patience: how long to try for locks without progress.
    :param hook_timeout: how long a pre-drop hook may take.
    :param sections: the typed settings of plugins, by section name.
    :param requires: names of the plugins without which nothing of this table is
        destroyed.
    :param origin: declared through the API or by a settings file.
    :param paused: neither created nor retired while it is set.
    :param settings: all of this as it was declared, in plain JSON.
    """

    name: Name
    strategy: Strategy
    partition_by: str | None = None
    key: str | None = None
    timezone: str = "UTC"
    name_template: str = "{table}_p{suffix}"
    default_partition: bool = False
    beneath: Beneath | None = None
    overrides: Mapping[str, Mapping[str, Any]] = field(factory=dict)
    storage: Mapping[str, str] = field(factory=dict)
    tablespace: str | None = None
    max_stall: Interval = Interval(microseconds=100_000)
    lock_patience: Interval = Interval(microseconds=30_000_000)
    hook_timeout: Interval = Interval(microseconds=3_600_000_000)
    sections: Mapping[str, object] = field(factory=dict)
    requires: tuple[str, ...] = ()
    origin: Origin = "api"
    paused: bool = False
    settings: Mapping[str, Any] = field(factory=dict)

    def section(self, kind: type[S]) -> S | None:
        """Return the settings of the plugin section class *kind*, if there are any."""
        for value in self.sections.values():
            if type(value) is kind:
                return value
        return None


@frozen(kw_only=True)
class Section:
    """A plugin's own part of a table's settings.

    :param name: what the settings call it; ``[tables.NAME]`` in a file.
    :param kind: a frozen attrs class; its fields are the keys.
    :param inline: whether the keys stand beside the table's own instead of in a
        section of their own.  For built-in plugins.
    """

    name: str
    kind: type[Any]
    inline: bool = False


@frozen(kw_only=True)
class Partition:
    """One child of a managed table, as the catalog shows it.

    :param oid: identity; names are never identity.
    :param bounds: None while they cannot be read (somebody holds it locked, and
        the registry does not know it either).
    :param rows: estimate; None if it was never analysed.
    :param bytes: estimate from the catalog's page counts.
    :param pending: half-detached: ``DETACH ... CONCURRENTLY`` was cut short.
    :param ours: made or adopted by partman, under this parent, with these bounds.
    :param locked: somebody holds or wants it exclusively at this moment.
    :param created_at: when partman made or adopted it.
    :param hold_until: retention keeps it until then.
    """

    oid: int
    name: Name
    bounds: Bounds | None
    kind: RelationKind = "table"
    rows: int | None = None
    bytes: int = 0
    pending: bool = False
    ours: bool = False
    locked: bool = False
    created_at: datetime | None = None
    hold_until: datetime | None = None
    hold_reason: str | None = None


@frozen(kw_only=True)
class Retired:
    """A partition that retention took out, recorded until it is gone.

    :param attached: the retirement was recorded, but the partition is still
        attached: an earlier run ended in between.
    :param retired_at: by the run's clock.
    :param due: when it may be dropped; None: never.
    :param bound_check: the constraint that keeps stray keys out, as PostgreSQL
        prints it.
    :param settled: whether it is recorded that it is out.
    :param kind: whether it holds rows, or is partitioned again.
    :param hold_until: it is neither dropped nor moved until then.
    """

    oid: int
    name: Name
    bounds: Bounds
    action: Action
    retired_at: datetime
    due: datetime | None
    bytes: int = 0
    rows: int | None = None
    attached: bool = False
    bound_check: str | None = None
    target_schema: str | None = None
    settled: bool = True
    kind: RelationKind = "table"
    hold_until: datetime | None = None
    hold_reason: str | None = None


@frozen(kw_only=True)
class Publication:
    """A publication for logical replication that a managed table is in.

    :param everything: whether all tables are.
    :param changes: whether it publishes UPDATE or DELETE.
    :param schemas: those of which all tables are in it.
    :param partitions: oids of those that are in it by themselves, not with the table.
    """

    name: str
    everything: bool = False
    changes: bool = True
    schemas: tuple[str, ...] = ()
    partitions: tuple[int, ...] = ()


@frozen(kw_only=True)
class Tree:
    """One managed table, or one of its partitions that is partitioned again.

    :param partitions: the direct children, DEFAULT left out, half-detached ones
        included.
    :param built: tables that partman built for this parent and has not attached.
    :param bin: what retention took out of it and has not dropped.
    :param locked: somebody holds or wants the parent exclusively at this moment.
    :param window: a CHECK of ours keeps some ranges out of DEFAULT: a run put it
        there for a moment, and was cut short.
    :param linked: foreign keys lead from it or to it.
    :param tenants: those that have, or should have, partitions of their own.
    :param position: on a number axis, the last position in use; None: unknown.
    :param doubt: why the position may be wrong, or is unknown.
    :param publications: those that the table is in, itself or with what is above it.
    :param subtrees: by oid, what its partitions hold that are partitioned again.
    :param columns: by name, those that partitions could be partitioned by; empty
        where nobody asked.
    :param above: the partition that it is, and those around it, the outermost first.
    :param values: of a list's key, those that have a partition of their own, then those
        that wait in DEFAULT; empty where nobody asked, or knows.
    """

    oid: int
    name: Name
    key: Key
    owner: str
    partitions: tuple[Partition, ...] = ()
    default: Partition | None = None
    built: tuple[Partition, ...] = ()
    bin: tuple[Retired, ...] = ()
    locked: bool = False
    window: bool = False
    linked: bool = False
    rows: int | None = None
    tenants: tuple[str, ...] = ()
    position: int | None = None
    doubt: Finding | None = None
    publications: tuple[Publication, ...] = ()
    subtrees: Mapping[int, Tree] = field(factory=dict)
    columns: Mapping[str, Column] = field(factory=dict)
    above: tuple[Above, ...] = ()
    values: tuple[str | None, ...] = ()


@frozen(kw_only=True)
class Retire:
    """A retention plugin's word: this partition is no longer kept.

    :param reason: a sentence for the plan.
    :param action: what becomes of it.
    :param grace: how long it stays in the bin; only for ``drop``.
    :param schema: where it goes; only for ``move``.
    """

    partition: Partition
    reason: str
    action: Action = "drop"
    grace: Interval = Interval()
    schema: str | None = None


@frozen(kw_only=True)
class Keep:
    """A guard's word: this partition stays, whatever else is said.

    :param reason: a sentence for the plan.
    """

    partition: Partition
    reason: str
