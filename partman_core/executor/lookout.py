"""Looking before locking: nobody queues behind a try that cannot succeed.

What can make queries wait is sent only when whoever is in the way comes and goes
quickly.  Who stays is waited for by looking again, which takes no lock at all; how
long each one stayed tells what ``max_stall`` would have been needed.
"""

from __future__ import annotations

import time
from math import ceil
from typing import TYPE_CHECKING

from attrs import define, field

from partman_core.errors import Blocked
from partman_core.pg.holders import blockers, holders
from partman_core.pg.transactions import seconds

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from partman_core.executor.work import Connection, Job
    from partman_core.pg.holders import Blocker, Holder

LOCK_NOT_AVAILABLE = "55P03"

LOOK_AGAIN = 0.02
"""Seconds between two looks: less than half of the gaps that busy readers leave, and
seldom enough to cost the others nothing that could be felt."""

FEWEST_LOOKS = 2
"""However little patience there is: who comes and goes is told from who stays."""


@define
class Lookout:
    """Who is in the way of one table's locks, and since when.

    :param conn: the session that looks, and takes the locks.
    :param seen: by transaction, when it was first and last seen in the way.
    :param before: by session, its transaction, and how long the one before stayed.
    :param present: who was there at the last look.
    :param is_shared: whether somebody held what every try needs.
    """

    job: Job
    conn: Connection
    seen: dict[str, tuple[float, float]] = field(factory=dict)
    before: dict[int | None, tuple[str, float]] = field(factory=dict)
    present: list[Holder] = field(factory=list)
    is_shared: bool = False

    def wait(
        self, shared: Mapping[str, str], own: Mapping[str, str]
    ) -> set[str] | None:
        """Wait until a try is worth it.

        :param shared: the locks that every try needs, by relation the mode.
        :param own: those of each partition alone.  One that somebody holds who does
            not hold the table, autovacuum for example, is left out of a try.
        :returns: the relations in *own* that are free; None: patience is at its end.
        :raises Stopped: the run is to end.
        """
        begun, looks, before = time.monotonic(), 0, None
        while True:
            self._look({**own, **shared})
            looks += 1
            here = {h.transaction for h in self.present if h.relation in shared}
            apart = {h.relation for h in self.present if h.transaction not in here}
            free, self.is_shared = own.keys() - apart, bool(here)
            if (free or not own) and self._are_passing(here, before, begun):
                return free
            if self.job.is_spent and looks > FEWEST_LOOKS:
                return None
            before = here
            self.job.work.stop.rest(LOOK_AGAIN)

    def _look(self, wanted: Mapping[str, str]) -> None:
        self.present = holders(self.conn, wanted)
        now = time.monotonic()
        for holder in self.present:
            first, _ = self.seen.get(holder.transaction, (now, now))
            self.seen[holder.transaction] = (first, now)
            known, _ = self.before.get(holder.pid, ("", 0.0))
            if known != holder.transaction:
                ended = self._stay(known) if known else 0.0
                self.before[holder.pid] = (holder.transaction, ended)

    def _are_passing(
        self, here: set[str], before: set[str] | None, begun: float
    ) -> bool:
        """Say whether whoever is in the way will be gone in time.

        Nobody was there at two looks, and nobody is there whose last transaction was a
        long one; or none is found that lasts, however often we look.
        """
        if not here:
            return True
        half = seconds(self.job.table.max_stall) / 2
        stays = [
            max(self._stay(holder.transaction), self.before[holder.pid][1])
            for holder in self.present
            if holder.transaction in here
        ]
        if max(stays) >= half:
            return False
        if before is not None and not here & before:
            return True
        return time.monotonic() - begun > 2 * half

    def _stay(self, transaction: str) -> float:
        first, last = self.seen[transaction]
        return last - first

    def who(self, wanted: Mapping[str, str]) -> str:
        """Name who is in the way now, as part of a sentence.

        :param wanted: the locks, by relation the mode.
        """
        self._look(wanted)
        return _told(self._blockers(), self.present) if self.present else "others"

    def _blockers(self) -> list[Blocker]:
        pids = {holder.pid for holder in self.present if holder.pid is not None}
        return blockers(self.conn, pids) if pids else []

    def blocked(self, error: BaseException | None = None) -> Blocked:
        """Say who was in the way until patience was at its end.

        :param error: how the last try ended; None: there was none.
        """
        table = self.job.table
        who = self._blockers()
        longest = max(map(self._stay, self.seen), default=0.0)
        longest = max([longest, *(each.seconds or 0.0 for each in who)])
        needed = ceil(10 * max(longest, seconds(table.max_stall))) / 10
        return Blocked(
            f"{table.name} could not be locked within {table.max_stall} in "
            f"{table.lock_patience} of trying: {_told(who, self.present)}",
            hint=_way_out(who, needed) + self._reading(),
            sqlstate=getattr(error, "sqlstate", None) or LOCK_NOT_AVAILABLE,
        )

    def _reading(self) -> str:
        """Name what is read while everybody waits, if that is what takes so long."""
        size = self.job.facts.default_bytes
        if self.present or not size:
            return ""
        return (
            f"; {self.job.facts.default} holds {size / 1e6:,.0f} MB, which are read "
            "while queries wait: move its rows out first"
        )


def _told(who: Sequence[Blocker], present: Sequence[Holder]) -> str:
    if who:
        return "; ".join(map(str, who))
    if any(holder.pid is None for holder in present):
        return "a prepared transaction holds it"
    if present:
        return "others came and went"
    return "nobody was in the way, so the work itself takes longer"


def _way_out(who: Sequence[Blocker], needed: float) -> str:
    """Say what would have helped.

    :param needed: how long somebody stayed, in seconds.
    """
    way = f"run again later, or allow a max_stall of more than {needed:.1f} s"
    if any(blocker.hidden for blocker in who):
        way += "; GRANT pg_read_all_stats to this role shows what they run"
    return way
