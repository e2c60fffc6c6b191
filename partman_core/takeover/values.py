"""What another partition manager has of a table, and what partman would have of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from attrs import Factory, define, field, frozen

from partman_core.interval import Interval

if TYPE_CHECKING:
    from collections.abc import Mapping

    from partman_core.naming import Name

Peer = Literal["pg_partman", "go_partman", "gopartman", "pg-partsmith"]

PEERS: tuple[Peer, ...] = ("pg_partman", "go_partman", "gopartman", "pg-partsmith")
"""The partition managers whose tables can be taken over."""


@frozen(kw_only=True)
class Template:
    """A table that new partitions get things from, besides the table itself.

    :param indexes: how many it has.
    :param storage: its storage parameters.
    """

    name: str
    indexes: int = 0
    storage: Mapping[str, str] = field(factory=dict)
    tablespace: str | None = None


@frozen(kw_only=True)
class Source:
    """A table of another partition manager.

    :param row: what is written of it, by the other one's own names.
    :param kind: as the catalog has it, ``p`` where it is partitioned; None: it is gone.
    :param is_partition: it is a partition of another table itself.
    :param is_nested: its partitions are partitioned again.
    :param has_default: it has a DEFAULT partition.
    :param tenants: by tenant, what is written of it.
    :param left: tables that were taken out of it and wait for what comes next.
    :param at_work: who works on it at this moment, a sentence each.
    :param jobs: scheduled jobs that name it.
    :param stop: the statement that has the other one leave it alone, if there is one.
    """

    table: Name
    row: Mapping[str, Any]
    kind: str | None = "p"
    is_partition: bool = False
    is_nested: bool = False
    has_default: bool = False
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


def drafted(source: Source) -> Draft:
    """Begin a proposal, with what stands in the way of any table."""
    draft = Draft(source)
    if source.kind is None:
        draft.refuse("there is no such table any more")
    elif source.kind != "p":
        draft.refuse(
            "it is partitioned by triggers and inheritance, not by PostgreSQL itself"
        )
    elif source.is_partition:
        draft.refuse("it is a partition of another table, and goes with that one")
    elif source.is_nested:
        draft.refuse(
            "its partitions are partitioned again, which is not taken over: register "
            "it with [tables.subpartition]"
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
    :param schema: it is moved there.
    :param period: how long rows are kept; nothing is said where that is for ever.
    """
    if not period:
        return
    draft.settings["retention_period"] = (
        period if isinstance(period, int) else str(period)
    )
    if schema:
        draft.settings["retention_action"] = "move"
        draft.settings["retention_schema"] = schema
    else:
        draft.settings["retention_action"] = "detach" if keeps_table else "drop"
