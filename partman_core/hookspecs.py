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

Whatever a hook raises is told with the plugin's name.  One that raises while its
plugin is loaded (the first five) is not loaded: reading and creating go on without
it, and nothing is detached, moved or dropped until it is mended or left out.  What it
costs later on stands with each hook.  ``plugins/README.md`` is the guide.
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
    """Offer partition strategies, by which a level's partitions are chosen.

    A name that two plugins offer is neither's: both are named, and left out.

    :returns: frozen attrs classes that follow
        :class:`~partman_core.strategy.Strategy`, which names optional methods as well;
        each is named by its ``kind``, the word for ``partition_type``.
    :raises Exception: whatever it is, the plugin is broken and not loaded.
    """


@hookspec
def partman_key_codecs() -> Sequence[Codec]:  # type: ignore[empty-body]
    """Offer codecs, which map the text of key values to places on an axis.

    A name that two plugins offer is neither's: both are named, and left out.

    :returns: values that follow :class:`~partman_core.keys.Codec`; each is named
        by its ``name``, the word for ``key``.
    :raises Exception: whatever it is, the plugin is broken and not loaded.
    """


@hookspec
def partman_sections() -> Sequence[Section]:  # type: ignore[empty-body]
    """Offer settings of your own for each table.

    A section's class may have four methods that are asked for it:

    - ``problems(strategy)`` yields a sentence for each way in which it does not go
      with the table's strategy, or with itself: the settings are refused then;
    - ``tightens(before)`` yields a sentence for each way in which it keeps less than
      the section that was there before (None: there was none): the change has to be
      confirmed then;
    - ``kept_since(now, timezone)`` says how far back partitions are kept, if it limits
      their age (:class:`~partman_core.strategy.Limit`);
    - ``idle_along(axes)`` yields a sentence for each setting that would do nothing, as
      no level of the table has its axis (:class:`~partman_core.strategy.Along`): the
      declaration is refused then.

    :returns: sections, each with a name and a frozen attrs class.  A name, or a key,
        that would mean two things is neither's, as with strategies.
    :raises Exception: whatever it is, the plugin is broken and not loaded.
    """


@hookspec(firstresult=True)
def partman_clock() -> Callable[[], datetime] | None:
    """Give the clock that stamps and judges everything.

    When it fails, or tells a time without a zone, it is not asked again: the server's
    clock is read instead, and nothing is detached or dropped by it.

    :returns: a callable that returns an aware datetime, in any zone; it is called once
        a session, possibly by several threads.  None: ask the next plugin.  If none
        answers, the database server's clock is used.
    :raises Exception: whatever it is, the plugin is broken and not loaded.
    """


@hookspec(firstresult=True)
def partman_logger() -> Any | None:
    """Say where the log goes.

    What it fails to write goes to ``logging.getLogger("partman")``, and the report
    says so.

    :returns: an object with the methods of :class:`logging.Logger`; None: ask the
        next plugin.  If none answers, ``logging.getLogger("partman")`` is used.
    :raises Exception: whatever it is, the plugin is broken and not loaded.
    """


@hookspec
def partman_tenants(table: Table) -> Iterable[str]:  # type: ignore[empty-body]
    """Name tenants of *table* that should have partitions of their own.

    Asked in every pass, for every table: be quick, and answer for your own tables.

    :param table: its settings; ``table.name`` says which it is.
    :returns: values of the tenant column, as PostgreSQL prints them; each may be named
        more than once.  None, or nothing: you know of none here.
    :raises Exception: nothing of this table is detached or dropped in this pass, and
        the finding ``plugin-broken`` says why.
    """


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

    Be pure: go by ``level.now`` and never by a clock, as a plan is made again before it
    is applied, and has to come out the same.

    :param table: its settings; ``table.section(Kind)`` has those of your section.
    :param level: the level: key, partitions with bounds, sizes in bytes and estimated
        rows, ``now`` (aware, UTC), and what the strategy wants.
    :returns: verdicts about partitions of ``level.existing``, in any order.
    :raises Exception: nothing of this table is detached or dropped in this pass, and
        the finding ``plugin-broken`` says why.
    """


@hookspec
def partman_post_create(
    table: Table, partition: Name, bounds: Bounds, conn: psycopg.Connection[Any]
) -> None:
    """Finish a new table before it is attached: storage, grants, comments.

    Runs in the transaction that builds it, so other sessions do not see it yet.  With
    this hook in use tables are built one by one, which takes longer.

    :param table: the settings of the managed table.
    :param partition: the name of the new table; its text is quoted for SQL.
    :param bounds: what it will hold.
    :param conn: the building session, with the table's owner as its role; do not
        commit or roll back.  A statement may take ``hook_timeout`` (1 hour).
    :raises Exception: that partition is not made and nothing of it is left behind; it
        is in the report, and tried again in the next run.
    """


@hookspec
def partman_pre_detach(table: Table, partition: Partition) -> None:
    """Veto a detach, by raising.

    :param table: the settings of the managed table.
    :param partition: what is about to be taken out, still attached; ``rows`` is an
        estimate or None, ``bytes`` is one from page counts.
    :raises Exception: the partition stays where it is, the reason is in the report, and
        the next run asks again.
    """


@hookspec
def partman_pre_drop(
    table: Table,
    partition: Retired,
    conn: psycopg.Connection[Any],
    connect: Callable[[], psycopg.Connection[Any]],
) -> None:
    """Take the last chance before the rows are gone: archive, copy, refuse.

    The partition is detached and locked against writing; other sessions can read it.
    It runs in a thread of its own, for at most ``hook_timeout`` (1 hour).  Before it
    returns, what it saved has to be safe: the drop comes next.

    :param table: the settings of the managed table.
    :param partition: what is about to be dropped; the text of ``partition.name`` is
        quoted for SQL.
    :param conn: the session that will drop it, in the drop's transaction; what
        you write here is rolled back if the drop fails.  Do not commit or roll back.
    :param connect: opens a second session, in autocommit, closed by you.
    :raises Exception: the partition is kept, the reason is in the report, and the next
        run asks again.
    """


@hookspec
def partman_check(  # type: ignore[empty-body]
    table: Table, tree: Tree, now: datetime
) -> Iterable[Finding]:
    """Add findings of your own to a table's health.

    :param table: the settings of the managed table.
    :param tree: what the database holds of it, read a moment ago.
    :param now: the clock's moment, aware, UTC; or the one that somebody asked for.
    :returns: findings; ``warning`` and ``error`` make ``partman check`` end with 3.
    :raises Exception: the finding ``plugin-broken`` takes the place of yours; what
        maintenance does is the same.
    """


@hookspec
def partman_event(event: Event) -> None:
    """Hear what happened, after it is committed: metrics, notifications.

    At most once; the history is the record.  With several workers it is called by
    several threads, and a table waits while it listens.

    :param event: what, when (aware), of which table; ``rows`` is an estimate or None,
        ``bytes`` are bytes.
    :raises Exception: it is logged, stands in the report as a remark, silences nobody
        else and undoes nothing.
    """
