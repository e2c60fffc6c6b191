"""What an engine keeps: the bin, the way out of it, and holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, overload

from partman_core.engine import binned, holding
from partman_core.engine.core import Core
from partman_core.engine.maintenance import Maintenance
from partman_core.engine.names import parsed
from partman_core.engine.partitions import in_bin
from partman_core.engine.returning import Returner
from partman_core.engine.survey import plan_of

if TYPE_CHECKING:
    from datetime import datetime

    from partman_core.engine.binned import InBin
    from partman_core.engine.holding import Hold
    from partman_core.engine.telling import Asker
    from partman_core.naming import Name
    from partman_core.plan import Plan
    from partman_core.report import Report


class Keeping(Core):
    """The care of what retention would take away."""

    def bin(self, *tables: str) -> list[InBin]:
        """Return what retention has taken out and nobody has dropped yet.

        :param tables: which; none: all, also such as are no longer managed.
        :raises ConfigError: one is not managed, and nothing of it is in the bin.
        """
        with self._opener.session() as opened:
            return binned.contents(opened, self._surveyor(), tables)

    @overload
    def attach(
        self, partition: str | Name, *, dry_run: Literal[True], hold: bool = True
    ) -> Plan: ...

    @overload
    def attach(
        self,
        partition: str | Name,
        *,
        dry_run: Literal[False] = False,
        hold: bool = True,
        asker: Asker | None = None,
    ) -> Report: ...

    def attach(
        self,
        partition: str | Name,
        *,
        dry_run: bool = False,
        hold: bool = True,
        asker: Asker | None = None,
    ) -> Plan | Report:
        """Bring a partition back from the bin, into the table that it was in.

        :param partition: its name, as SQL writes it.
        :param dry_run: only plan it.
        :param hold: put it on hold without end; else the next run takes it out again,
            as soon as it finds it no longer kept.
        :param asker: who wants it, for the history; None: who runs this.
        :returns: the report of the run; of a dry run, its plan.
        :raises ConfigError: it is not in the bin, or its table is not managed.
        """
        with self._opener.session() as opened:
            found, table = in_bin(opened, self.schema, parsed(partition))
            surveyor = Returner(
                schema=self.schema,
                plugins=self.plugins,
                oid=found.retired.oid,
                hold=hold,
            )
            if dry_run:
                (view,) = surveyor.look(opened, (str(table),))
                if view.error:
                    raise view.error
                return plan_of([view], opened.now)
        run = Maintenance(
            opener=self._opener, surveyor=surveyor, command="attach", log=self._log,
            asker=asker,
        )  # fmt: skip
        return run.run((str(table),))

    def hold(
        self,
        partition: str | Name,
        *,
        reason: str,
        until: datetime | None = None,
    ) -> Hold:
        """Keep a partition, whatever retention says; in the bin as well.

        :param partition: its name, as SQL writes it.
        :param reason: what for; plans show it.
        :param until: aware; None: until :meth:`release`.
        :raises ConfigError: there is no such partition, it is never retired anyway, or
            *until* is over.
        """
        with self._opener.session() as opened:
            opened.require_writable()
            return holding.hold(opened, self.schema, partition, reason, until)

    def release(self, partition: str | Name) -> Hold | None:
        """Let go of a partition that was on hold.

        :param partition: its name, as SQL writes it.
        :returns: the hold that there was; None: it was not on hold.
        :raises ConfigError: there is no such partition.
        """
        with self._opener.session() as opened:
            opened.require_writable()
            return holding.release(opened, self.schema, partition)
