"""The two addresses of the system that partman follows, frozen as they were.

Names are printed and taken as the catalog has them, without quotes.  ``rows`` is -1 for
a partition that was never analysed, and totals count only what is known.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from attrs import asdict

from partman_core.naming import Name
from partman_webui import answers, shapes
from partman_webui.app import Route
from partman_webui.drawn import whole
from partman_webui.problems import problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from partman_core.engine.reading import Seen
    from partman_webui.api.served import Served
    from partman_webui.app import Asked
    from partman_webui.database import Database

MOST, USUAL = 1000, 10
LARGEST = 2**31 - 1


def routes(served: Served) -> Iterator[Route]:
    """Yield the addresses."""
    yield Route("GET", "/api/tables", partial(tables, served))
    yield Route("GET", "/api/partitions", partial(partitions, served))


def tables(served: Served, asked: Asked) -> shapes.SeedTables:
    """Return the managed tables, by name."""
    found = served.database(asked).look().value.sight.tables
    every = [seen.view.declared.name for seen in found]
    names = sorted(every, key=lambda name: (name.relation, name.schema or ""))
    return shapes.SeedTables(
        tables=[
            shapes.SeedTable(name=name.relation, schema=name.schema or "")
            for name in names
        ]
    )


def partitions(served: Served, asked: Asked) -> answers.Answer:
    """Return a page of a table's partitions."""
    limit = asked.number("limit", USUAL, most=MOST)
    offset = asked.number("offset", 0, least=0, most=LARGEST)
    database = served.database(asked)
    seen = _chosen(database, asked.query.get("table", ""), asked.query.get("schema"))
    rows = _direct(database, seen)
    sizes = _sizes(database, seen)
    page = [
        row(one, sizes.get(one.name), len(rows))
        for one in rows[offset : offset + limit]
    ]
    known = [one.rows for one in rows if one.rows is not None and one.rows >= 0]
    total = sum(sizes.get(one.name) or one.bytes for one in rows)
    parent = shapes.SeedParent(
        name=seen.view.declared.name.relation,
        total_size=pretty(total),
        total_rows=sum(known),
        partition_count=len(rows),
        total_size_bytes=total,
    )
    # The fields stand in the order in which they always stood.
    return answers.Answer(
        shape={
            "partitions": [_written(one) for one in page],
            "parent_table": asdict(parent),
        }
    )


def _written(one: shapes.SeedPartition) -> dict[str, object]:
    """Return a partition with the fields that it always had, and the mark if needed."""
    told = asdict(one)
    if not one.stale:
        del told["stale"]
    return told


def _chosen(database: Database, table: str, schema: str | None) -> Seen:
    """Return the table that is meant.

    :raises ProblemError: none is named, none is called so, or several are.
    """
    if not table:
        raise problem("bad-request", "table parameter is required")
    every = database.look().value.sight.tables
    wanted = [(schema or None, table)]
    if not schema:
        wanted += _as_sql(table)
    for where, name in wanted:
        found = [
            seen
            for seen in every
            if seen.view.declared.name.relation == name
            and where in {None, seen.view.declared.name.schema}
        ]
        if len(found) > 1:
            names = ", ".join(str(seen.view.declared.name) for seen in found)
            raise problem(
                "bad-request",
                f"schema parameter is required: {table[:80]!r} is one of {names}",
            )
        if found:
            return found[0]
    told = f"{schema}.{table}" if schema else table
    raise problem("table-unknown", f"{told[:120]!r} is not a managed table")


def _as_sql(text: str) -> list[tuple[str | None, str]]:
    """Read a table's name as SQL writes it, with or without its schema."""
    try:
        name = Name.parse(text)
    except ValueError:
        return []
    return [(name.schema, name.relation)]


def _direct(database: Database, seen: Seen) -> list[shapes.PartitionRow]:
    """Return the partitions of the table itself, all that is in each, by name."""
    rows, _, _ = database.partitions(str(seen.view.declared.name))
    found = [whole(row, rows) for row in rows if row.parent is None]
    return sorted(found, key=lambda row: Name.parse(row.name).relation)


def _sizes(database: Database, seen: Seen) -> Mapping[str, int | None]:
    """Return exact sizes by name, indexes and TOAST included, as the seed had them."""
    key = ("sizes", str(seen.view.declared.name))
    return database.reads.get(key, lambda: database.sizes(seen)).value


def row(one: shapes.PartitionRow, size: int | None, count: int) -> shapes.SeedPartition:
    """Return a partition as it always was told.

    :param size: exact, in bytes; None: it cannot be read now.
    :param count: how many partitions the table has.
    """
    there = one.bytes if size is None else size
    return shapes.SeedPartition(
        name=Name.parse(one.name).relation,
        size=pretty(there),
        rows=-1 if one.rows is None else one.rows,
        range=one.bounds or "",
        created=(one.created_at or "")[:10],
        size_bytes=there,
        total_count=count,
        stale=one.bounds is None,
    )


def pretty(size: int) -> str:
    """Write a size as ``pg_size_pretty`` does."""
    units = ("kB", "MB", "GB", "TB", "PB")
    if size < 10 * 1024:
        return f"{size} bytes"
    half = size // 512
    for unit in units[:-1]:
        if half < 20 * 1024 - 1:
            return f"{(half + 1) // 2} {unit}"
        half //= 1024
    return f"{(half + 1) // 2} {units[-1]}"
