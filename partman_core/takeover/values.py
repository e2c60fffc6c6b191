"""What another partition manager has of a table, and what partman would have of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from attrs import Factory, define, evolve, field, frozen

from partman_core.interval import Interval
from partman_core.naming import Name

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping

Peer = Literal["pg_partman", "go_partman", "gopartman", "pg-partsmith"]

PEERS: tuple[Peer, ...] = ("pg_partman", "go_partman", "gopartman", "pg-partsmith")
"""The partition managers whose tables can be taken over."""


@frozen(kw_only=True)
class Template:
    """A table that new partitions get things from, besides the table itself.

    :param indexes: how many it has that the table itself has not.
    :param unique: how many of them are unique.
    :param storage: its storage parameters.
    :param is_unlogged: whether new partitions are not written to the log.
    :param has_grants: whether somebody besides its owner may do something with it.
    """

    name: str
    indexes: int = 0
    unique: int = 0
    storage: Mapping[str, str] = field(factory=dict)
    tablespace: str | None = None
    is_unlogged: bool = False
    has_grants: bool = False


@frozen(kw_only=True)
class Inside:
    """A partition that is partitioned again.

    :param depth: 1 where it is a partition of the table itself.
    :param row: what is written of it; None: nothing.
    """

    name: Name
    depth: int
    has_default: bool = False
    row: Mapping[str, Any] | None = None


@frozen(kw_only=True)
class Depth:
    """One level below the first.

    :param rules: what is written of partitions that are still to come, and for whose;
        where all is well they say the same.
    :param there: the partitions whose insides are this level.
    """

    rules: tuple[tuple[Name, Mapping[str, Any]], ...] = ()
    there: tuple[Inside, ...] = ()


@frozen(kw_only=True)
class Source:
    """A table of another partition manager.

    :param row: what is written of it, by the other one's own names.
    :param kind: as the catalog has it, ``p`` where it is partitioned; None: it is gone.
    :param inside_of: the table that it is a partition of itself.
    :param is_nested: its partitions are partitioned again.
    :param has_default: it has a DEFAULT partition.
    :param has_grants: somebody besides its owner may do something with it.
    :param depths: the levels below the first, where the other one has settings of them
        in the database.
    :param tenants: by tenant, what is written of it.
    :param left: tables that were taken out of it and wait for what comes next.
    :param at_work: who works on it at this moment, a sentence each.
    :param jobs: scheduled jobs that name it.
    :param stop: the statement that has the other one leave it alone, if there is one.
    """

    table: Name
    row: Mapping[str, Any]
    kind: str | None = "p"
    inside_of: str | None = None
    is_nested: bool = False
    has_default: bool = False
    has_grants: bool = False
    depths: tuple[Depth, ...] = ()
    template: Template | None = None
    tenants: Mapping[str, Mapping[str, Any]] = field(factory=dict)
    left: tuple[str, ...] = ()
    at_work: tuple[str, ...] = ()
    jobs: tuple[str, ...] = ()
    stop: str | None = None


@frozen(kw_only=True)
class Proposal:
    """What partman would have of a table.

    :param settings: with the keys of a settings file.
    :param tenants: by tenant, what is its own.
    :param notes: what has no counterpart, and what is otherwise from now on.
    :param obstacle: why it cannot be taken over; None: it can.
    :param busy: why the other one still maintains it; None: nothing shows that it does.
    :param stop: how it is stopped.
    """

    table: Name
    settings: Mapping[str, Any] = field(factory=dict)
    tenants: Mapping[str, Mapping[str, Any]] = field(factory=dict)
    notes: tuple[str, ...] = ()
    obstacle: str | None = None
    busy: str | None = None
    stop: str | None = None

    @property
    def grid(self) -> str:
        """Where boundaries may lie, level by level: ``grid of 1 day in UTC``."""
        intervals = [
            level["partition_interval"]
            for level in _levels(self.settings)
            if "partition_interval" in level
        ]
        words = f"grid of {' and '.join(map(str, intervals))}"
        if any(isinstance(interval, str) for interval in intervals):
            words += f" in {self.settings.get('timezone', 'UTC')}"
        return words

    @property
    def kinds(self) -> frozenset[str]:
        """The strategies that its levels name."""
        named = (level.get("partition_type") for level in _levels(self.settings))
        return frozenset(kind for kind in named if kind)


def _levels(settings: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the settings of all levels, the first one first."""
    yield settings
    if "subpartition" in settings:
        yield from _levels(settings["subpartition"])


def served(proposal: Proposal, strategies: Container[str]) -> Proposal:
    """Return a proposal that is refused where no plugin here has its strategies.

    :param strategies: the names of those that there are.
    """
    lacking = sorted(kind for kind in proposal.kinds if kind not in strategies)
    if not lacking or proposal.obstacle:
        return proposal
    way = "install the plugin that has it"
    if {"hash", "list"} & {*lacking}:
        way = "pip install partman-listhash"
    what = " and ".join(lacking)
    return evolve(
        proposal,
        obstacle=f"it is partitioned by {what}, which no plugin here offers: {way}",
    )


@define
class Draft:
    """A proposal while it is written."""

    source: Source
    settings: dict[str, Any] = Factory(dict)
    tenants: dict[str, dict[str, Any]] = Factory(dict)
    notes: list[str] = Factory(list)
    obstacle: str | None = None
    busy: str | None = None
    stop: str | None = None

    def refuse(self, sentence: str) -> None:
        """Say why it cannot be taken over; the first reason counts."""
        self.obstacle = self.obstacle or sentence

    def done(self) -> Proposal:
        """Return the proposal."""
        return Proposal(
            table=self.source.table,
            settings={} if self.obstacle else self.settings,
            tenants={} if self.obstacle else self.tenants,
            notes=tuple(self.notes),
            obstacle=self.obstacle,
            busy=self.busy,
            stop=self.stop,
        )


def drafted(source: Source, *, depths: int = 0) -> Draft:
    """Begin a proposal, with what stands in the way of any table.

    :param depths: of how many levels below the first the other one has settings.
    """
    draft = Draft(source)
    if source.kind is None:
        draft.refuse("there is no such table any more")
    elif source.kind != "p":
        draft.refuse(
            "it is partitioned by triggers and inheritance, not by PostgreSQL itself"
        )
    elif source.inside_of is not None:
        draft.refuse(
            f"it is a partition of {source.inside_of}, which is not taken over with "
            "it: register that one, with [tables.subpartition] for what is inside"
        )
    elif source.is_nested and not depths:
        draft.refuse(
            "its partitions are partitioned again, and nothing is written of how: "
            "register it with [tables.subpartition]"
        )
    if source.has_default:
        draft.settings["default_partition"] = True
    if source.left:
        some = ", ".join(source.left[:3]) + (", ..." if len(source.left) > 3 else "")  # noqa: PLR2004
        draft.notes.append(
            f"{len(source.left)} tables that were taken out of it ({some}) are left as "
            "they are: nobody drops them any more"
        )
    return draft


def length(text: Any) -> Interval | None:
    """Read an interval; None: it is none."""
    try:
        return Interval.parse(str(text))
    except ValueError:
        return None


def kept_how(
    draft: Draft, *, keeps_table: bool, schema: str | None, period: object
) -> None:
    """Say what becomes of what is no longer kept.

    :param keeps_table: it is detached, and stays.
    :param schema: it is moved there; as the catalog has it.
    :param period: how long rows are kept; nothing is said where that is for ever.
    """
    if not period:
        return
    draft.settings["retention_period"] = (
        period if isinstance(period, int) else str(period)
    )
    if schema:
        draft.settings["retention_action"] = "move"
        draft.settings["retention_schema"] = str(Name(None, schema))
    else:
        draft.settings["retention_action"] = "detach" if keeps_table else "drop"
