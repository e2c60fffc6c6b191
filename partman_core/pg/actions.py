"""What people do, and are refused, besides runs: kept with who it was.

The command line keeps nothing here: whoever may use it could do the same with psql.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from attrs import asdict, frozen

from partman_core.pg.failures import explained
from partman_core.pg.queries import in_schema, queries
from partman_core.pg.session import read

if TYPE_CHECKING:
    from partman_core.pg.session import Connection

_SQL = queries("actions.sql")

SINCE = 2
"""The version of our schema that brought their table."""


@frozen(kw_only=True)
class Action:
    """Something that somebody did, or was refused.

    :param id: its number in the history; 0: it has none yet.
    :param method: how they were known, such as ``token``.
    :param action: in a word or two.
    :param target: what it was about, such as a table.
    :param detail: a sentence.
    :param address: where they asked from.
    """

    actor: str
    method: str
    action: str
    allowed: bool
    target: str | None = None
    detail: str | None = None
    address: str | None = None
    id: int = 0
    at: datetime | None = None


def record(conn: Connection, schema: str, action: Action, now: datetime) -> int:
    """Keep an action; return its number."""
    given = {name: _clean(value) for name, value in asdict(action).items()}
    query = in_schema(_SQL["record"], schema)
    with explained(conn, schema):
        [(number,)] = conn.execute(query, given | {"now": now}).fetchall()
    return int(number)


def _clean(value: Any) -> Any:
    """Return a value that PostgreSQL can keep: a request may hold any character."""
    if not isinstance(value, str):
        return value
    return value.replace("\0", " ").encode("utf-8", "replace").decode()


def actions(
    conn: Connection, schema: str, limit: int, before: int | None = None
) -> list[Action]:
    """Read actions, the newest first.

    :param before: only those with a smaller number.
    """
    query = in_schema(_SQL["actions"], schema)
    with explained(conn, schema):
        rows = read(conn, query, {"limit": limit, "before": before})
    return [_action(*row) for row in rows]


def _action(number: int, at: datetime, *row: Any) -> Action:
    actor, method, action, target, allowed, detail, address = row
    return Action(
        id=number,
        at=at.astimezone(UTC),
        actor=actor,
        method=method,
        action=action,
        target=target,
        allowed=allowed,
        detail=detail,
        address=address,
    )
