"""Who holds what we want to lock: looked at without asking for any lock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import frozen

from partman_core.pg.queries import queries
from partman_core.pg.session import read

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    import psycopg

_SQL = queries("holders.sql")

_WEAKEST_FIRST = (
    "ACCESS SHARE",
    "ROW SHARE",
    "ROW EXCLUSIVE",
    "SHARE UPDATE EXCLUSIVE",
    "SHARE",
    "SHARE ROW EXCLUSIVE",
    "EXCLUSIVE",
    "ACCESS EXCLUSIVE",
)

CONFLICTS: Mapping[str, tuple[str, ...]] = {
    "ACCESS SHARE": _WEAKEST_FIRST[7:],
    "ROW SHARE": _WEAKEST_FIRST[6:],
    "ROW EXCLUSIVE": _WEAKEST_FIRST[4:],
    "SHARE UPDATE EXCLUSIVE": _WEAKEST_FIRST[3:],
    "SHARE": (*_WEAKEST_FIRST[2:4], *_WEAKEST_FIRST[5:]),
    "SHARE ROW EXCLUSIVE": _WEAKEST_FIRST[2:],
    "EXCLUSIVE": _WEAKEST_FIRST[1:],
    "ACCESS EXCLUSIVE": _WEAKEST_FIRST,
}
"""Which modes a mode has to wait for: the table in PostgreSQL's manual, chapter
"Explicit Locking"."""


_SHOWN = {
    mode: {f"{each.title().replace(' ', '')}Lock" for each in conflicting}
    for mode, conflicting in CONFLICTS.items()
}
"""The same in the words of ``pg_locks``."""


@frozen(kw_only=True)
class Holder:
    """A transaction that has, or waits for, what we want.

    :param relation: by the name it was asked for.
    :param transaction: tells it from any other, also from the next of its session.
    :param pid: None for a prepared transaction.
    """

    relation: str
    transaction: str
    pid: int | None


@frozen(kw_only=True)
class Blocker:
    """A session that was in the way, as far as this role may see it.

    :param query: None where it may not be seen.
    :param seconds: how long its transaction has lasted; None as well.
    """

    pid: int
    user: str | None
    application: str | None
    kind: str | None
    query: str | None
    seconds: float | None

    @property
    def hidden(self) -> bool:
        """Whether what it runs may not be seen by this role."""
        return self.seconds is None and self.query is None

    def __str__(self) -> str:
        """Return it as part of a sentence."""
        who = f"pid {self.pid}"
        named = [self.user or "", self.application or ""]
        if self.user is None and self.kind:
            named = [self.kind]
        if any(named):
            who += f" ({', '.join(filter(None, named))})"
        if self.seconds is None:
            return who
        who += f" in a transaction of {self.seconds:.1f} s"
        return f"{who}: {_short(self.query)}" if self.query else who


LONGEST_QUERY = 80
"""Characters of somebody's query that are shown."""


def _short(query: str) -> str:
    text = " ".join(query.split())
    return text if len(text) <= LONGEST_QUERY else text[: LONGEST_QUERY - 3] + "..."


def holders(conn: psycopg.Connection[Any], wanted: Mapping[str, str]) -> list[Holder]:
    """Look who has, or waits for, a lock in the way of ours.

    :param wanted: by the quoted name of a relation, the mode of the lock.
    """
    rows = read(conn, _SQL["holders"], {"names": list(wanted)})
    return [
        Holder(relation=name, transaction=transaction, pid=pid)
        for name, mode, transaction, pid in rows
        if mode in _SHOWN[wanted[name]]
    ]


def blockers(conn: psycopg.Connection[Any], pids: Collection[int]) -> list[Blocker]:
    """Tell who sessions are.

    :param pids: those that have ended meanwhile are left out.
    """
    rows = read(conn, _SQL["sessions"], {"pids": list(pids)})
    return [
        Blocker(
            pid=pid, user=user, application=application, kind=kind, query=query,
            seconds=seconds,
        )
        for pid, user, application, kind, query, seconds in rows
    ]  # fmt: skip
