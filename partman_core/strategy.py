"""What a partition strategy is: pure thought about one level of a table.

A strategy is a frozen attrs class.  Its fields are the table's settings for it,
its methods are pure: they read no clock, no file and no database.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Protocol, runtime_checkable

from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from partman_core.bounds import Bounds
    from partman_core.keys import Codec, Key
    from partman_core.model import Partition


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
    ``excess(level)`` is in :class:`Sparing`.
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
class Sparing(Protocol):
    """What a strategy may offer: to know when it asks for too much."""

    def excess(self, level: Level) -> str | None:
        """Say why it wants more new partitions of a level than anybody should make.

        Asked at registration, before :meth:`Strategy.wanted`.

        :param level: as in :meth:`Strategy.wanted`.
        :returns: a sentence; None if it does not.
        """


@runtime_checkable
class Limit(Protocol):
    """What a plugin's section of the settings may offer: a limit by age."""

    def kept_since(self, now: datetime, timezone: str) -> datetime | None:
        """Say how far back partitions are kept.

        :param now: aware, UTC.
        :returns: aware; partitions that end at or before it are not wanted.
            None: no limit.
        """
