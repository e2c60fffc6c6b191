"""What a step is: statements, the locks that they take, and who waits behind them.

Which locks a statement takes was measured on PostgreSQL 15 and 18 and is pinned by
``tests/pg/test_locks.py``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Iterable

    from psycopg.sql import Composed

    from partman_core.naming import Name
    from partman_core.pg.facts import Facts

Phase = Literal[
    "reopen", "build", "guard", "validate", "attach", "discard", "settle", "finalize",
    "detach", "move", "drop",
]  # fmt: skip

UPDATE = "SHARE UPDATE EXCLUSIVE"
ROW = "SHARE ROW EXCLUSIVE"


@frozen(kw_only=True)
class Lock:
    """A lock that a step takes, by PostgreSQL's name of its mode."""

    relation: str
    mode: str


@frozen(kw_only=True)
class Step:
    """One thing sent to the server.

    :param first: tables to be locked exclusively before it, the parent first: a
        query that waits for a partition while we wait for its parent deadlocks.
    :param guard: what must still be true under these locks, or it is refused.
    :param transaction: whether it may run in a transaction.
    :param waits: who can queue behind it, a sentence; None: nobody.
    """

    phase: Phase
    sql: Composed
    locks: tuple[Lock, ...]
    first: tuple[Name, ...] = ()
    guard: Composed | None = None
    transaction: bool = True
    waits: str | None = None

    def text(self) -> str:
        """Return the statements as they would be typed."""
        return self.sql.as_string(None)


def lock_of(name: Name, mode: str) -> Lock:
    """Return the lock of a table."""
    return Lock(relation=str(name), mode=mode)


def modes(locks: Iterable[Lock]) -> dict[str, str]:
    """Return locks by relation, as those who look who holds them want it."""
    return {lock.relation: lock.mode for lock in locks}


def lockable(facts: Facts, child: Name) -> tuple[Name, ...]:
    """Return what to lock before anything else: the parent, DEFAULT, the partition.

    Somebody else's DEFAULT is left to the statement that needs it: it may lock it,
    the parent's owner may not.
    """
    names = [facts.name, child]
    if facts.default is not None and (facts.superuser or facts.default_is_owners):
        names.insert(1, facts.default)
    return tuple(names)


def listed(names: Iterable[Name]) -> str:
    """Name several tables in a sentence."""
    return ", ".join(map(str, names))
