"""Our own tables: what is managed, and who did what.

References to relations follow renames.  What is written together with DDL is in
:mod:`partman_core.pg.records`.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from partman_core.model import Deed, Origin, Run
from partman_core.naming import Name
from partman_core.pg.failures import explained
from partman_core.pg.queries import in_schema, queries
from partman_core.pg.schema import check, ensure
from partman_core.pg.session import read

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from partman_core.pg.session import Connection

__all__ = [
    "Declared",
    "Tally",
    "at_work",
    "check",
    "declared",
    "ensure",
    "finish_run",
    "forget_stale",
    "happened",
    "history",
    "is_to_stop",
    "last",
    "record_run",
    "remove",
    "request_stop",
    "runs",
    "save",
    "start_run",
    "tallies",
]

_SQL = queries("registry.sql")

COLUMNS = (
    "partition_by",
    "partition_type",
    "partition_interval",
    "partition_count",
    "retention_period",
    "timezone",
    "tenant_column",
)
"""The settings that have a column of their own; the others are in ``settings``."""


@frozen(kw_only=True)
class Declared:
    """A managed table, as it was declared.

    :param id: of its row.
    :param oid: of its relation.
    :param name: the one that the relation has now; if it is gone, the last known.
    :param missing: whether the relation is gone.
    :param settings: flat, with the keys of a settings file, without ``name``.
    :param requires: names of the plugins without which nothing of it is destroyed.
    :param tenants: by tenant, the settings that are another for it, as texts.
    """

    id: int
    oid: int
    name: Name
    missing: bool
    settings: Mapping[str, Any]
    origin: Origin
    paused: bool
    requires: tuple[str, ...]
    created_at: datetime
    updated_at: datetime
    tenants: Mapping[str, Mapping[str, Any]] = field(factory=dict)


def declared(conn: Connection, schema: str) -> list[Declared]:
    """Read all managed tables, by name."""
    return [_declared(*row) for row in _ask(conn, schema, "declared")]


def _declared(*row: Any) -> Declared:
    row_id, oid, name_schema, relation, missing, columns, settings, *rest = row
    origin, paused, requires, created_at, updated_at, tenants = rest
    return Declared(
        id=row_id,
        oid=oid,
        name=Name(name_schema, relation),
        missing=missing,
        settings=json.loads(settings) | _flat(json.loads(columns)),
        origin=origin,
        paused=paused,
        requires=tuple(requires),
        created_at=_utc(created_at),
        updated_at=_utc(updated_at),
        tenants={} if tenants is None else json.loads(tenants),
    )


def _flat(columns: dict[str, Any]) -> dict[str, Any]:
    """Return the settings in columns as they were given: defaults were not."""
    if columns.get("timezone") == "UTC":
        del columns["timezone"]
    interval = columns.get("partition_interval", "")
    # On a number axis the interval is a number, and "10" is no interval of time.
    if interval.isdecimal():
        columns["partition_interval"] = int(interval)
    period = columns.get("retention_period", "")
    if period.isdecimal():
        columns["retention_period"] = int(period)
    return columns


def save(  # noqa: PLR0913 - a row has as many columns
    conn: Connection,
    schema: str,
    oid: int,
    name: Name,
    settings: Mapping[str, Any],
    *,
    origin: Origin,
    requires: Sequence[str] = (),
    paused: bool = False,
    now: datetime,
) -> int:
    """Write a whole declaration, in the place of the one before.

    :param name: with its schema.
    :param settings: flat and in plain JSON, see :attr:`Declared.settings`.
    :returns: the id of its row.
    """
    own = {column: settings.get(column) for column in COLUMNS}
    rest = {key: value for key, value in settings.items() if key not in own}
    given = {
        **own,
        "partition_interval": _text(own["partition_interval"]),
        "retention_period": _text(own["retention_period"]),
        "oid": oid,
        "schema_name": name.schema,
        "table_name": name.relation,
        "settings": json.dumps(rest),
        "origin": origin,
        "paused": paused,
        "requires": list(requires),
        "now": now,
    }
    return int(_change(conn, schema, "save", given)[0])


def _text(value: str | int | None) -> str | None:
    return None if value is None else str(value)


def remove(conn: Connection, schema: str, oid: int) -> bool:
    """Take a table out of our care; say whether it was in it.

    What partman made stays known as such, for when the table is registered again.
    """
    return bool(_change(conn, schema, "remove", {"oid": oid}))


def forget_stale(conn: Connection, schema: str) -> list[int]:
    """Forget partitions that were dropped or detached by hand; return their oids."""
    return _change(conn, schema, "forget_stale", {})


def start_run(
    conn: Connection, schema: str, *, actor: str, command: str, now: datetime
) -> int:
    """Record that a run begins; return its number."""
    given = {"actor": actor, "command": command, "now": now}
    return int(_change(conn, schema, "start_run", given)[0])


def record_run(  # noqa: PLR0913 - as many as are recorded
    conn: Connection,
    schema: str,
    *,
    actor: str,
    command: str,
    result: str,
    message: str | None = None,
    now: datetime,
) -> int:
    """Record a run in which nothing was due, begun and ended; return its number."""
    given = {
        "actor": actor,
        "command": command,
        "result": result,
        "message": message,
        "now": now,
    }
    return int(_change(conn, schema, "record_run", given)[0])


def finish_run(  # noqa: PLR0913 - as many as are recorded
    conn: Connection,
    schema: str,
    run: int,
    *,
    result: str,
    message: str | None = None,
    now: datetime,
) -> None:
    """Record how a run ended: see :attr:`partman_core.model.Run.result`."""
    given = {"run": run, "result": result, "message": message, "now": now}
    _change(conn, schema, "finish_run", given)


def at_work(conn: Connection, schema: str) -> set[int]:
    """Return the backends of the runs that are on in this database."""
    return {pid for (pid,) in _ask(conn, schema, "at_work")}


def request_stop(conn: Connection, schema: str, run: int, now: datetime) -> bool:
    """Ask a run to end; say whether it is on."""
    return bool(_change(conn, schema, "request_stop", {"run": run, "now": now}))


def is_to_stop(conn: Connection, schema: str, run: int) -> bool:
    """Say whether somebody has asked a run to end."""
    return any(wanted for wanted, _ in _ask(conn, schema, "is_to_stop", run=run))


def runs(  # noqa: PLR0913 - as many as there are ways to ask
    conn: Connection,
    schema: str,
    limit: int = 20,
    *,
    run: int | None = None,
    before: int | None = None,
    table: Name | None = None,
) -> list[Run]:
    """Read the last runs, the newest first.

    :param run: only the one of that number.
    :param before: only those with a smaller number.
    :param table: only those that did something with it; with its schema.
    """
    rows = _ask(
        conn,
        schema,
        "runs",
        limit=limit,
        run=run,
        before=before,
        table=None if table is None else table.relation,
        table_schema=None if table is None else table.schema,
    )
    return [_run(*row) for row in rows]


@frozen(kw_only=True)
class Tally:
    """How much one run did.

    :param tables: with which it did something.
    """

    tables: tuple[Name, ...] = ()
    done: int = 0
    failed: int = 0


def tallies(conn: Connection, schema: str, runs: Sequence[int]) -> dict[int, Tally]:
    """Count what runs did; one that did nothing is left out."""
    found: dict[int, Tally] = {}
    for run, *name, done, failed in _ask(conn, schema, "tallies", runs=list(runs)):
        before = found.get(run, Tally())
        found[run] = Tally(
            tables=(*before.tables, Name(*name)),
            done=before.done + done,
            failed=before.failed + failed,
        )
    return found


def last(conn: Connection, schema: str) -> tuple[Run | None, datetime | None]:
    """Return the last run, and when one last ended well."""
    newest = next(iter(runs(conn, schema, 1)), None)
    [(succeeded,)] = _ask(conn, schema, "last_success")
    return newest, succeeded and _utc(succeeded)


def _run(*row: Any) -> Run:
    number, actor, command, started_at, finished_at, result, message = row
    return Run(
        id=number,
        actor=actor,
        command=command,
        started_at=_utc(started_at),
        finished_at=finished_at and _utc(finished_at),
        result=result,
        message=message,
    )


def history(
    conn: Connection, schema: str, names: Sequence[Name] = (), limit: int = 50
) -> list[Deed]:
    """Read what was done, the newest first.

    :param names: of the tables, with their schemas; none: all.
    """
    rows = _ask(
        conn,
        schema,
        "history",
        everything=not names,
        schemas=[name.schema for name in names],
        tables=[name.relation for name in names],
        limit=limit,
    )
    return [_deed(*row) for row in rows]


def happened(
    conn: Connection, schema: str, run: int, after: int = 0
) -> list[tuple[int, Deed]]:
    """Read what one run did, in order, each with the number of its entry.

    :param after: only entries with a greater number.
    """
    rows = _ask(conn, schema, "happened", run=run, after=after)
    return [(number, _deed(*row)) for number, *row in rows]


def _deed(*row: Any) -> Deed:
    run, at, table_schema, table, kind, partition, *rest = row
    bounds, rows, size, seconds, result, sqlstate, message = rest
    return Deed(
        run=run,
        at=_utc(at),
        table=Name(table_schema, table),
        kind=kind,
        partition=Name.parse(partition),
        bounds=bounds,
        rows=rows,
        bytes=size,
        seconds=seconds,
        result=result,
        sqlstate=sqlstate,
        message=message,
    )


def _ask(
    conn: Connection, schema: str, query: str, **params: Any
) -> list[tuple[Any, ...]]:
    with explained(conn, schema):
        return read(conn, in_schema(_SQL[query], schema), params)


def _change(
    conn: Connection, schema: str, query: str, params: Mapping[str, Any]
) -> list[int]:
    """Run a statement that writes; return the first column of what it returns."""
    with explained(conn, schema):
        cursor = conn.execute(in_schema(_SQL[query], schema), params)
        return [row[0] for row in cursor] if cursor.description else []


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)
