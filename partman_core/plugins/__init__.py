"""The plugins of one engine, called with types.

Nothing here is global: make as many as you like.  Hooks are called one by one, so
that whoever raises can be named and none can silence the next.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from partman_core.errors import PluginError
from partman_core.model import Keep, Retire
from partman_core.plan import Finding
from partman_core.plugins.calling import (
    CheckedClock,
    CheckedLog,
    Kinds,
    finding,
    items,
    outcome_of,
    refusal,
)
from partman_core.plugins.discovery import BUILTINS, GROUP, Failure, PluginInfo
from partman_core.plugins.guarding import Guarding

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    import psycopg

    from partman_core.bounds import Bounds
    from partman_core.model import Event, Partition, Retired, Table, Tree
    from partman_core.naming import Name
    from partman_core.strategy import Level

__all__ = ["BUILTINS", "GROUP", "Failure", "PluginInfo", "Plugins"]


class Plugins(Guarding):
    """The plugins of one engine: who they are, and what they say.

    :param plugins: more of them: objects, modules, or dotted names of modules.
    :param without: names of plugins that are left out.
    :param installed: entry points; None: all installed ones.
    :raises PluginError: *without* has a name that is a slip of another.
    """

    def clock(self) -> Callable[[], datetime] | None:
        """Return the clock that a plugin gives; None for the server's."""
        for name, clock in self._once("partman_clock"):
            return CheckedClock(name, clock, self._stop)
        return None

    def logger(self) -> Any:
        """Return where the log goes."""
        for name, log in self._once("partman_logger"):
            return CheckedLog(name, log, self._remark)
        return logging.getLogger("partman")

    def tenants(self, table: Table) -> tuple[tuple[str, ...], tuple[PluginError, ...]]:
        """Return the tenants that plugins know of, each once, sorted.

        :returns: the tenants, and what the plugins raised that could not tell: one
            that fails silences no other.
        """
        found: set[str] = set()
        failures: list[PluginError] = []
        for each in self._implementations("partman_tenants"):
            try:
                found.update(items(each, "partman_tenants", {"table": table}, str))
            except PluginError as error:
                failures.append(error)
        return tuple(sorted(found)), tuple(failures)

    def verdicts(self, table: Table, level: Level) -> list[Retire | Keep]:
        """Return what plugins say about retiring partitions of a level.

        :raises PluginError: a plugin raised, and is named: destroy nothing then.
        """
        both = (Retire, Keep)
        return self._collected("partman_retire", both, table=table, level=level)

    def check(self, table: Table, tree: Tree, now: datetime) -> list[Finding]:
        """Return what plugins find; one that raises becomes a finding itself."""
        given = {"table": table, "tree": tree, "now": now}
        found: list[Finding] = []
        for each in self._implementations("partman_check"):
            try:
                found += items(each, "partman_check", given, Finding)
            except PluginError as error:
                found.append(finding("plugin-broken", table, error))
        return found

    def post_create(
        self,
        table: Table,
        partition: Name,
        bounds: Bounds,
        conn: psycopg.Connection[Any],
    ) -> None:
        """Let plugins finish a new table before it is attached.

        :raises Refused: a plugin raised.
        """
        self._ask(
            "partman_post_create",
            table=table,
            partition=partition,
            bounds=bounds,
            conn=conn,
        )

    def pre_detach(self, table: Table, partition: Partition) -> None:
        """Ask whether a partition may be detached.

        :raises Refused: a plugin says no.
        """
        self._ask("partman_pre_detach", table=table, partition=partition)

    def pre_drop(
        self,
        table: Table,
        partition: Retired,
        conn: psycopg.Connection[Any],
        connect: Callable[[], psycopg.Connection[Any]],
    ) -> None:
        """Give plugins their last chance before a partition is dropped.

        :raises Refused: a plugin says no.
        """
        self._ask(
            "partman_pre_drop",
            table=table,
            partition=partition,
            conn=conn,
            connect=connect,
        )

    def announce(self, event: Event) -> None:
        """Tell every listener, one by one: none can silence the next."""
        for each in self._implementations("partman_event"):
            try:
                outcome_of(each, {"event": event})
            except Exception as error:  # noqa: BLE001 - logged, and told at the end
                name = each.plugin_name
                self._remark(name, "partman_event", error)
                words = ("plugin %r failed to listen to %r", name, event.kind)
                self.logger().exception(*words)

    def _ask(self, hook: str, **given: Any) -> None:
        for each in self._implementations(hook):
            try:
                outcome_of(each, given)
            except Exception as error:
                raise refusal(each.plugin_name, hook, error) from error

    def _collected(self, hook: str, kinds: Kinds, **given: Any) -> list[Any]:
        found: list[Any] = []
        for each in self._implementations(hook):
            found += items(each, hook, given, kinds)
        return found
