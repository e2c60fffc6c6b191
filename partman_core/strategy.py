"""What a partition strategy is: pure thought about one level of a table.

A strategy is a frozen attrs class.  Its fields are the table's settings for it,
its methods are pure: they read no clock, no file and no database.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal, Protocol, runtime_checkable

from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from datetime import datetime

    from partman_core.bounds import Bounds
    from partman_core.keys import Codec, Key
    from partman_core.model import Partition, Table
    from partman_core.plan import Finding


Method = Literal["range", "list", "hash"]


@frozen(kw_only=True)
class Level:
    """One level of a managed table, as a strategy and a retention plugin see it.

    :param key: the partition key of this level.
    :param codec: maps key values to the axis; None where the key has no axis.
    :param existing: all partitions of this level but DEFAULT and those that are
        half-detached.  A retention plugin also sees those that are about to be created
        (they come last, and have negative oids), so that it counts them as well.
    :param now: the run's clock, aware, UTC.
    :param timezone: IANA name of the table's zone.
    :param position: on a number axis the last position in use; None: unknown.
    :param kept_since: nothing older is kept: partitions whose upper bound is at
        or before it are not wanted; None: no limit by age.
    :param tenants: the tenants that have partitions of their own.
    :param wanted: what the strategy wants of this level; filled for retention
        plugins, empty for strategies.
    :param above: the partition that this level is inside of, and those around it,
        the outermost first; empty for the table itself.
    :param laned: the strategy, if the level has a lane for each tenant; its codec is
        that of a lane then.
    :param in_lane: whether it is one of these lanes itself.
    :param values: of a list's key, those that have a partition of their own, then those
        that wait in DEFAULT; empty where nobody asked, or knows.
    """

    key: Key
    codec: Codec | None
    existing: tuple[Partition, ...]
    now: datetime
    timezone: str = "UTC"
    position: int | None = None
    kept_since: datetime | None = None
    tenants: tuple[str, ...] = ()
    wanted: tuple[Wanted, ...] = ()
    above: tuple[Above, ...] = ()
    laned: Laned | None = None
    in_lane: bool = False
    values: tuple[str | None, ...] = ()


@frozen(kw_only=True)
class Above:
    """A partition that a level is inside of.

    :param codec: of the key that *bounds* are of; None where that has no axis.
    :param key: that key; None: not known.
    """

    bounds: Bounds
    codec: Codec | None
    key: Key | None = None


@frozen(kw_only=True)
class Wanted:
    """One partition that should be there.

    :param suffix: what makes its name its own, e.g. ``20261122``.
    """

    bounds: Bounds
    suffix: str
    tenant: str | None = None


@runtime_checkable
class Strategy(Protocol):
    """Says which partitions a level wants.

    ``kind`` is its name in the settings (``partition_type``).

    Two methods more are optional.  ``fits(level, bounds)`` gives a sentence that says
    why a partition is none that the strategy would ever make, or None if it is one;
    without it nothing can be adopted, and nothing is told to be off the grid.
    ``excess(level)`` is in :class:`Sparing`, ``told(level)`` in :class:`Telling`.  A
    strategy of lists that asks for ``Level.values`` says so by a class variable,
    ``finds_values = True``.
    """

    kind: ClassVar[str]

    def problems(self, key: Key, codec: Codec | None) -> Iterable[str]:
        """Say why it cannot serve a parent with this key, a sentence each.

        :param codec: of the key's axis; None where the key has no axis.
        """

    def wanted(self, level: Level) -> Iterator[Wanted]:
        """Yield the wanted partitions, in order, without gap or overlap.

        What exists does not matter here: the planner takes off what existing
        partitions cover.
        """


@runtime_checkable
class Telling(Protocol):
    """What a strategy may offer: to tell of what is not as the settings have it."""

    def told(self, level: Level) -> Iterable[Finding]:
        """Tell what a person should know of a level.

        What is said of many partitions in the same words is shown once.

        :param level: with all that is about to be created, and what is wanted of it.
        :returns: findings; whose table they are of, the core fills in.
        """


@runtime_checkable
class Sparing(Protocol):
    """What a strategy may offer: to know when it asks for too much."""

    def excess(self, level: Level) -> str | None:
        """Say why it wants more new partitions of a level than anybody should make.

        Asked at registration, before :meth:`Strategy.wanted`.

        :param level: as in :meth:`Strategy.wanted`.
        :returns: a sentence; None if it does not.
        """


@frozen(kw_only=True)
class Beneath:
    """How the partitions of a level are partitioned again, each in the same way.

    :param strategy: which partitions each of them wants.
    :param method: how they are partitioned.
    :param columns: by which columns, by name.
    :param key: name of the codec; None: by the column's type.
    :param default_partition: whether each keeps a DEFAULT partition of its own.
    :param beneath: how those partitions are partitioned again; None: they hold rows.
    """

    strategy: Strategy
    method: Method
    columns: tuple[str, ...]
    key: str | None = None
    default_partition: bool = False
    beneath: Beneath | None = None


@runtime_checkable
class Nesting(Protocol):
    """What a strategy may offer: to have its partitions partitioned again."""

    def beneath(self, table: Table, key: Key) -> Beneath | None:
        """Say how the partitions of a level are partitioned again.

        :param table: as it is at the level.
        :param key: of the level.
        :returns: None: they hold rows, or what the settings say of them.
        """


@runtime_checkable
class Laned(Protocol):
    """What a strategy offers whose level has a lane for each tenant.

    Each lane is planned as if it were a level of its own: what is wanted of it is
    asked for with the tenant as the only one, and retention judges it for itself.
    """

    def lane_key(self, key: Key) -> Key | None:
        """Return the key of each lane; None where the level has no lanes."""

    def lane(self, key: Key, bounds: Bounds) -> tuple[str, Bounds] | None:
        """Say whose a partition is, and what its bounds are within that lane.

        :returns: None: it holds rows of several tenants, or of none.
        """

    def lift(self, key: Key, tenant: str, bounds: Bounds) -> Bounds:
        """Return the bounds in the level, of bounds in a tenant's lane."""


@runtime_checkable
class Limit(Protocol):
    """What a plugin's section of the settings may offer: a limit by age."""

    def kept_since(self, now: datetime, timezone: str) -> datetime | None:
        """Say how far back partitions are kept.

        :param now: aware, UTC.
        :returns: aware; partitions that end at or before it are not wanted.
            None: no limit.
        """


@runtime_checkable
class Along(Protocol):
    """What a plugin's section may offer: to know what it would do nothing on."""

    def idle_along(self, axes: Collection[str]) -> Iterable[str]:
        """Say which of its settings would be without effect, a sentence each.

        Asked at registration; the declaration is refused then.

        :param axes: those of all levels of the table, ``time`` or ``number``; empty
            where it has none: lists, hashes.
        """
