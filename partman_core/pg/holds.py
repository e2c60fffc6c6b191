"""What is in the bin, and what is on hold: read from our tables, and written."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from attrs import frozen

from partman_core.bounds import parse
from partman_core.errors import Blocked
from partman_core.model import Retired
from partman_core.naming import Name
from partman_core.pg.driver import errors
from partman_core.pg.failures import explained
from partman_core.pg.queries import in_schema, queries
from partman_core.pg.session import read
from partman_core.planner.returning import Binned, Guard

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from partman_core.pg.session import Connection

_SQL = queries("holds.sql")


@frozen(kw_only=True)
class Candidate:
    """What may be meant by the name of a partition.

    :param table: that it is in, or was; None: that is gone.
    :param ours: whether partman made or adopted it.
    :param hold_until: 9999-12-31 and later stand for without end.
    """

    oid: int
    name: Name
    table: Name | None
    ours: bool
    is_default: bool
    in_bin: bool
    hold_until: datetime | None
    hold_reason: str | None


def contents(conn: Connection, schema: str) -> list[Binned]:
    """Read what is in the bin, table by table, what was retired first before.

    :param schema: name of our own schema.
    """
    return [_binned(*row) for row in _ask(conn, schema, "bin")]


def _binned(*row: Any) -> Binned:
    oid, place, relation, parent, parent_schema, parent_name, managed, *rest = row
    bounds, action, retired_at, due, size, rows, check, target, until, reason = rest
    return Binned(
        retired=Retired(
            oid=oid,
            name=Name(place, relation),
            bounds=parse(bounds),
            action=action,
            retired_at=_utc(retired_at),
            due=due and _utc(due),
            bytes=size,
            rows=rows,
            bound_check=check,
            target_schema=target,
            hold_until=until and _utc(until),
            hold_reason=reason,
        ),
        parent=parent,
        table=None if parent_name is None else Name(parent_schema, parent_name),
        managed=managed,
    )


def guard(conn: Connection, schema: str, retired: Retired) -> Guard | None:
    """Read the CHECK that keeps a detached partition to its bounds.

    :raises Blocked: somebody holds it exclusively at this moment.
    """
    query = in_schema(_SQL["guard"], schema)
    with explained(conn, schema):
        try:
            rows = read(conn, query, {"oid": retired.oid})
        except errors.LockNotAvailable as error:
            raise Blocked(
                f"{retired.name} is locked by somebody at this moment",
                hint="run again in a moment; `pg_locks` shows who holds it",
                sqlstate=error.sqlstate,
            ) from error
    return next((Guard(name=name, proven=proven) for name, proven in rows), None)


def lately(
    conn: Connection, schema: str, tables: Collection[Name]
) -> dict[tuple[Name, Name], tuple[str, str | None]]:
    """Read what last became of moves and drops, by table and partition.

    :param tables: with their schemas.
    :returns: the result, and why it was so.
    """
    asked = {
        "schemas": [name.schema for name in tables],
        "tables": [name.relation for name in tables],
    }
    return {
        (Name(place, table), Name.parse(partition)): (result, message)
        for place, table, partition, result, message in _ask(
            conn, schema, "lately", **asked
        )
    }


def candidates(conn: Connection, schema: str) -> list[Candidate]:
    """Read all partitions that can be put on hold, and those that need not be."""
    return [_candidate(*row) for row in _ask(conn, schema, "candidates")]


def _candidate(*row: Any) -> Candidate:
    oid, place, relation, parent_schema, parent_name, ours, *rest = row
    is_default, in_bin, until, reason = rest
    return Candidate(
        oid=oid,
        name=Name(place, relation),
        table=None if parent_name is None else Name(parent_schema, parent_name),
        ours=ours,
        is_default=is_default,
        in_bin=in_bin,
        hold_until=until and _utc(until),
        hold_reason=reason,
    )


def put_on_hold(
    conn: Connection, schema: str, oid: int, until: datetime | None, reason: str
) -> bool:
    """Put a partition on hold, in the place of a hold that there was.

    :param until: aware; None: without end.
    :returns: whether it is still known.
    """
    given = {"oid": oid, "until": until, "reason": reason}
    return bool(_change(conn, schema, "set", given))


def let_go(conn: Connection, schema: str, oid: int) -> bool:
    """Take the hold from a partition; say whether it is still known."""
    return bool(_change(conn, schema, "unset", {"oid": oid}))


def held(
    conn: Connection, schema: str, oids: Sequence[int], now: datetime
) -> dict[int, tuple[datetime, str | None]]:
    """Say which of these partitions are on hold.

    :returns: by oid, until when and why.
    """
    rows = _ask(conn, schema, "held", oids=list(oids), now=now)
    return {oid: (_utc(until), reason) for oid, until, reason in rows}


def _ask(
    conn: Connection, schema: str, query: str, **params: Any
) -> list[tuple[Any, ...]]:
    with explained(conn, schema):
        return read(conn, in_schema(_SQL[query], schema), params)


def _change(
    conn: Connection, schema: str, query: str, params: dict[str, Any]
) -> list[tuple[Any, ...]]:
    with explained(conn, schema):
        return conn.execute(in_schema(_SQL[query], schema), params).fetchall()


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)
