"""Every point at which a plugin can take part, in the order they are called.

=======================  ================  =======================================
hook                     result            called
=======================  ================  =======================================
partman_strategies       all, collected    once an engine
partman_key_codecs       all, collected    once an engine
partman_sections         all, collected    once an engine
partman_clock            first answer      once an engine
partman_logger           first answer      once an engine
partman_tenants          all, collected    per table, while planning
partman_retire           all, collected    per level, while planning
partman_post_create      all               per new partition, in its transaction
partman_pre_detach       all               per partition, before it is detached
partman_pre_drop         all               per partition, in its drop's transaction
partman_check            all, collected    per table, for its health
partman_event            all, one by one   after each commit
=======================  ================  =======================================

A plugin is a module (or any object) whose functions carry :data:`hookimpl`::

    from partman_core import hookimpl

    @hookimpl
    def partman_pre_drop(partition, conn):
        if is_needed(partition):
            raise RuntimeError("the auditors still read it")

An implementation may name fewer arguments than its specification, in any order.
Plugins are asked last-registered first and the built-in ones are registered
first, so yours is always asked before they are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pluggy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    import psycopg

    from partman_core.bounds import Bounds
    from partman_core.keys import Codec
    from partman_core.model import (
        Event,
        Keep,
        Partition,
        Retire,
        Retired,
        Section,
        Table,
        Tree,
    )
    from partman_core.naming import Name
    from partman_core.plan import Finding
    from partman_core.strategy import Level, Strategy

hookspec = pluggy.HookspecMarker("partman")
hookimpl = pluggy.HookimplMarker("partman")
"""Marks a function as an implementation of the hook of the same name."""


@hookspec
def partman_strategies() -> Sequence[type[Strategy]]:  # type: ignore[empty-body]
    """Offer partition strategies.

    :returns: frozen attrs classes that follow
        :class:`~partman_core.strategy.Strategy`, which names two optional methods as
        well, ``fits`` and ``excess``; each is named by its ``kind``.
    """


@hookspec
def partman_key_codecs() -> Sequence[Codec]:  # type: ignore[empty-body]
    """Offer codecs, which map key values to an axis.

    :returns: values that follow :class:`~partman_core.keys.Codec`; each is named
        by its ``name``.
    """


@hookspec
def partman_sections() -> Sequence[Section]:  # type: ignore[empty-body]
    """Offer settings of your own for each table.

    A section's class may have three methods that are asked for it:

    - ``problems(strategy)`` yields a sentence for each way in which it does not go
      with the table's strategy, or with itself: the settings are refused then;
    - ``tightens(before)`` yields a sentence for each way in which it keeps less than
      the section that was there before (None: there was none): the change has to be
      confirmed then;
    - ``kept_since(now, timezone)`` says how far back partitions are kept, if it limits
      their age (:class:`~partman_core.strategy.Limit`).
    """


@hookspec(firstresult=True)
def partman_clock() -> Callable[[], datetime] | None:
    """Give the clock that stamps and judges everything.

    :returns: a callable that returns an aware datetime; None: ask the next
        plugin.  If none answers, the database server's clock is used.
    """


@hookspec(firstresult=True)
def partman_logger() -> Any | None:
    """Say where the log goes.

    :returns: an object with the methods of :class:`logging.Logger`; None: ask the
        next plugin.  If none answers, ``logging.getLogger("partman")`` is used.
    """


@hookspec
def partman_tenants(table: Table) -> Iterable[str]:  # type: ignore[empty-body]
    """Name tenants of *table* that should have partitions of their own."""


@hookspec
def partman_retire(  # type: ignore[empty-body]
    table: Table, level: Level
) -> Iterable[Retire | Keep]:
    """Say which partitions of a level are no longer kept, or must be.

    Called once a level with all its partitions (``level.existing``), those that are
    about to be created included: they have negative oids.  Any
    :class:`~partman_core.model.Retire` retires, any
    :class:`~partman_core.model.Keep` keeps and is the stronger word.  Partitions
    that partman neither made nor adopted, and those that the strategy wants, are
    never retired, whatever is said here.
    """


@hookspec
def partman_post_create(
    table: Table, partition: Name, bounds: Bounds, conn: psycopg.Connection[Any]
) -> None:
    """Finish a new table before it is attached: storage, grants, comments.

    Runs in the transaction that builds it, so other sessions do not see it yet.
    Raising leaves nothing behind; the partition is tried again in the next run.

    :param conn: the building session; do not commit or roll back.
    """


@hookspec
def partman_pre_detach(table: Table, partition: Partition) -> None:
    """Veto a detach, by raising.  The reason is in the report."""


@hookspec
def partman_pre_drop(
    table: Table,
    partition: Retired,
    conn: psycopg.Connection[Any],
    connect: Callable[[], psycopg.Connection[Any]],
) -> None:
    """Take the last chance before the rows are gone: archive, copy, refuse.

    The partition is detached and locked against writing; other sessions can read
    it.  Raising keeps it for the next run, and the reason is in the report.

    :param conn: the session that will drop it, in the drop's transaction; what
        you write here is rolled back if the drop fails.
    :param connect: opens a second session, closed by you.
    """


@hookspec
def partman_check(  # type: ignore[empty-body]
    table: Table, tree: Tree, now: datetime
) -> Iterable[Finding]:
    """Add findings of your own to a table's health."""


@hookspec
def partman_event(event: Event) -> None:
    """Hear what happened, after it is committed: metrics, notifications.

    At most once; the history is the record.  An error here is logged and
    silences nobody else.
    """
