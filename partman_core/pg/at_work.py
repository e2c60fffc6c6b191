"""Who works for another partition manager at this moment, or is told to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from attrs import frozen

from partman_core.pg.driver import errors
from partman_core.pg.queries import queries
from partman_core.pg.session import read

if TYPE_CHECKING:
    from collections.abc import Sequence

    from partman_core.pg.session import Connection

_SQL = queries("takeover.sql")

_LOW = (1 << 32) - 1


@frozen(kw_only=True)
class Lock:
    """An advisory lock, as ``pg_locks`` has it.

    :param kind: 1 for a key of 64 bits, 2 for two of 32.
    """

    first: int
    second: int
    kind: int

    @classmethod
    def of(cls, key: int) -> Self:
        """Return the lock whose key has 64 bits."""
        return cls(first=(key >> 32) & _LOW, second=key & _LOW, kind=1)

    @classmethod
    def of_text(cls, conn: Connection, text: str) -> Self:
        """Return the lock whose key is PostgreSQL's hash of a text."""
        return cls.of(_hashes(conn, [text])[0])

    @classmethod
    def of_pairs(cls, conn: Connection, pairs: Sequence[tuple[str, str]]) -> list[Self]:
        """Return the locks whose two keys are PostgreSQL's hashes of two texts."""
        keys = _hashes(conn, [text for pair in pairs for text in pair])
        return [
            cls(first=first & _LOW, second=second & _LOW, kind=2)
            for first, second in zip(keys[::2], keys[1::2], strict=True)
        ]


def _hashes(conn: Connection, texts: Sequence[str]) -> list[int]:
    """Return PostgreSQL's hashes of texts, signed, as ``hashtext`` gives them."""
    rows = read(conn, _SQL["hashes"], {"names": list(texts)})
    return [int(number) for (number,) in rows]


def holders(conn: Connection, locks: Sequence[Lock]) -> dict[int, list[str]]:
    """Say who holds locks, by their number in the list, a sentence each."""
    given = {
        "classes": [lock.first for lock in locks],
        "objects": [lock.second for lock in locks],
        "kinds": [lock.kind for lock in locks],
    }
    found: dict[int, list[str]] = {}
    for number, pid, name in read(conn, _SQL["holders"], given):
        who = f" ({name})" if name else ""
        sentence = f"session {pid}{who} is at work on it at this moment"
        found.setdefault(number - 1, []).append(sentence)
    return found


def sessions(conn: Connection, names: Sequence[str]) -> list[str]:
    """Say which sessions have one of these names in what they call themselves."""
    like = {"names": [f"%{name}%" for name in names]}
    return [
        f"session {pid} ({name}) is connected"
        for pid, name in read(conn, _SQL["sessions"], like)
    ]


def jobs(conn: Connection) -> list[str]:
    """Return what pg_cron runs of pg_partman; it shows a user only their own jobs."""
    given = {"schema": "cron", "relation": "job"}
    [(is_there,)] = read(conn, _SQL["has_relation"], given)
    if not is_there:
        return []
    try:
        return [f"{job}: {command}" for job, command in read(conn, _SQL["jobs"], {})]
    except errors.InsufficientPrivilege:
        return []


def runners(conn: Connection) -> list[str]:
    """Say who calls pg_partman's maintenance, a few words each."""
    found = [f"pg_cron's job {job}" for job in jobs(conn)]
    [(databases,)] = read(conn, _SQL["worker"])
    if databases:
        found.append(f"its background worker serves {databases}")
    return found
