"""From the catalog's rows to :class:`~partman_core.model.Tree` values.

A status looks at ten thousand partitions, so what is done once for each of them is
kept short.
"""

from __future__ import annotations

import json
import re
from datetime import datetime
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Literal

from partman_core.bounds import DefaultBounds, parse
from partman_core.keys import Column, Key
from partman_core.model import Partition, RelationKind, Retired, Tree
from partman_core.naming import Name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from partman_core.bounds import Bounds

    Row = tuple[Any, ...]

_METHODS: Mapping[str, Literal["range", "list", "hash"]] = {
    "r": "range",
    "l": "list",
    "h": "hash",
}
_KINDS: Mapping[str, RelationKind] = {"r": "table", "p": "partitioned", "f": "foreign"}


def build(rows: Sequence[Row]) -> dict[int, Tree]:
    """Build trees from the rows of the query ``trees``, by oid of the parent."""
    parents: dict[int, dict[str, Any]] = {}
    children: dict[int, list[Row]] = {}
    for row in rows:
        if row[1] is None:
            parents[row[0]] = json.loads(row[2])
            children[row[0]] = []
    for row in rows:
        if row[1] is not None and row[0] in children:
            children[row[0]].append(row)
    return {oid: _tree(oid, parent, children[oid]) for oid, parent in parents.items()}


def _tree(oid: int, parent: dict[str, Any], rows: list[Row]) -> Tree:
    block, default_oid = parent["block_size"], parent["default"]
    rows.sort(key=itemgetter(1))
    partitions = [_partition(row, block, default_oid) for row in rows]
    default = next((p for p in partitions if p.oid == default_oid), None)
    if default is not None:
        partitions.remove(default)
    built = [_built(record, block) for record in parent["built"] or ()]
    bin_ = [_retired(record, oid) for record in parent["bin"] or ()]
    return Tree(
        oid=oid,
        name=Name(parent["schema"], parent["relation"]),
        key=_key(parent),
        owner=parent["owner"],
        partitions=tuple(partitions),
        default=default,
        built=tuple(built),
        bin=tuple(retired for retired in bin_ if retired is not None),
        locked=parent["locked"],
        rows=_rows(parent["rows"], rows),
    )


def _partition(row: Row, block: int, default_oid: int) -> Partition:
    _, oid, schema, name, kind, tuples, pages, pending, locked, bounds, *record = row
    known, created_at, hold_until, hold_reason = record
    # An unread bound (the query could have hung) is taken from the registry.
    text = bounds or known
    value: Bounds | None = None if text is None else parse(text)
    if value is None and oid == default_oid:
        value = DefaultBounds()
    return Partition(
        oid=oid,
        name=Name(schema, name),
        bounds=value,
        kind=_KINDS[kind],
        rows=int(tuples) if tuples >= 0 else None,
        bytes=pages * block if pages > 0 else 0,
        pending=pending,
        ours=known is not None and (known == text or parse(known) == value),
        locked=locked or bounds is None,
        created_at=created_at,
        hold_until=hold_until,
        hold_reason=hold_reason,
    )


def _built(record: list[Any], block: int) -> Partition:
    """Build a table that is not attached: its bounds are those that were recorded."""
    *columns, created_at, hold_until, hold_reason = record
    moments = map(_moment, (created_at, hold_until))
    oid, *rest = columns
    locked, bounds, recorded = rest[-3:]
    row = (None, oid, *rest[:-3], locked, bounds or recorded, recorded)
    return _partition((*row, *moments, hold_reason), block, 0)


def _retired(record: dict[str, Any], parent: int) -> Retired | None:
    """Build what retention took out.

    :returns: None where somebody has attached it since, elsewhere or otherwise.
    """
    bounds = parse(record["bounds"])
    attached = record["parent"] is not None
    if attached:
        now = record["now"]
        same = now is None or parse(now) == bounds
        if record["parent"] != parent or not same:
            return None
    return Retired(
        oid=record["oid"],
        name=Name(record["schema"], record["relation"]),
        bounds=bounds,
        action=record["action"],
        retired_at=datetime.fromisoformat(record["retired_at"]),
        due=_moment(record["due"]),
        bytes=record["bytes"],
        rows=record["rows"],
        attached=attached,
        bound_check=record["bound_check"],
        target_schema=record["target_schema"],
    )


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _rows(estimate: float, rows: Iterable[Row]) -> int | None:
    """Estimate a table's rows: the sum over its partitions is fresher than its own."""
    known = [int(row[5]) for row in rows if row[5] >= 0]
    if known:
        return sum(known)
    return int(estimate) if estimate >= 0 else None


def _key(parent: dict[str, Any]) -> Key:
    expressions = iter(_split(parent["expressions"] or ""))
    columns = [_column(column, expressions) for column in parent["columns"]]
    return Key(_METHODS[parent["method"]], tuple(columns))


def _column(column: dict[str, Any], expressions: Iterable[str]) -> Column:
    if column["name"] is not None:
        return Column(**column)
    return Column(**column, expression=next(iter(expressions), "an expression"))


_PIECE = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|, |.""", re.DOTALL)


def _split(text: str) -> list[str]:
    """Split expressions at the commas between them."""
    parts, depth = [""], 0
    for piece in _PIECE.findall(text):
        depth += (piece in "([") - (piece in ")]")
        if piece == ", " and not depth:
            parts.append("")
        else:
            parts[-1] += piece
    return parts
