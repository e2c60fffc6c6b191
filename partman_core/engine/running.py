"""What an engine does: maintenance, as a whole or in part."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import evolve

from partman_core.engine.core import Core
from partman_core.engine.maintenance import Maintenance, expected_of
from partman_core.executor.stopping import Stop
from partman_core.pg import registry

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from partman_core.engine.telling import Asker
    from partman_core.naming import Name
    from partman_core.plan import Plan
    from partman_core.report import Report

CREATING = ("reopen", "create", "discard")
RETIRING = ("settle", "finalize", "detach", "move", "drop")


class Running(Core):
    """The work that an engine does."""

    def apply(
        self,
        plan: Plan | Mapping[str, Any],
        *,
        max_drops: int | None = None,
        stop: Stop | None = None,
        asker: Asker | None = None,
    ) -> Report:
        """Do what a plan says, table by table, if it still holds.

        :param plan: as :meth:`plan` made it, or as JSON from a file.
        :param max_drops: as it was given to :meth:`plan`.
        :param stop: ends the run in good order when it is set.
        :param asker: who wants it, for the history; None: who runs this.
        :returns: the report; a table whose plan no longer holds is in it as stale.
        """
        expected, only = expected_of(plan)
        return self._maintain(
            "apply", tuple(map(str, expected)), only, max_drops, expected,
            stop=stop, asker=asker,
        )  # fmt: skip

    def maintain(
        self,
        *tables: str,
        max_drops: int | None = None,
        workers: int = 1,
        stop: Stop | None = None,
    ) -> Report:
        """Create what will be needed and retire what is no longer kept.

        :param tables: which; none: all.
        :param max_drops: retire at most so many partitions of a table.
        :param workers: serve so many tables at the same time; with more than one,
            hooks are called from several threads.
        :param stop: ends the run in good order when it is set.
        """
        return self._maintain(
            "maintain", tables, (), max_drops, workers=workers, stop=stop
        )

    def create_future_partitions(self, *tables: str) -> Report:
        """Create what will be needed, and retire nothing."""
        return self._maintain("create", tables, CREATING)

    def drop_old_partitions(self, *tables: str, max_drops: int | None = None) -> Report:
        """Retire what is no longer kept, and create nothing."""
        return self._maintain("retire", tables, RETIRING, max_drops)

    def _maintain(  # noqa: PLR0913 - all that a run depends on
        self,
        command: str,
        tables: tuple[str, ...],
        only: Sequence[str],
        max_drops: int | None = None,
        expected: Mapping[Name, str] | None = None,
        *,
        workers: int = 1,
        stop: Stop | None = None,
        asker: Asker | None = None,
    ) -> Report:
        made = Maintenance(
            opener=self._opener,
            surveyor=self._surveyor(only, max_drops),
            command=command,
            log=self._log,
            expected=expected,
            workers=workers,
            stop=Stop() if stop is None else stop,
            asker=asker,
        ).run(tables)
        return evolve(made, findings=(*made.findings, *self.plugins.remarks()))

    def stop_run(self, run: int) -> bool:
        """Ask a run to end in good order, wherever it is at work.

        :param run: its number, as :meth:`runs` tells it.
        :returns: whether it is still on.
        """
        with self._opener.session() as opened:
            opened.require_writable()
            if not opened.registered:
                return False
            return registry.request_stop(opened.conn, self.schema, run, opened.now)
