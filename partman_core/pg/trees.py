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

from attrs import evolve

from partman_core.bounds import DefaultBounds, parse
from partman_core.keys import Column, Key
from partman_core.model import (
    Partition,
    Publication,
    RelationKind,
    Retired,
    Tree,
)
from partman_core.naming import Name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from partman_core.bounds import Bounds

    Row = tuple[Any, ...]

_METHODS: Mapping[str, Literal["range", "list", "hash"]] = {
    "r": "range",
    "l": "list",
    "h": "hash",
}
_KINDS: Mapping[str, RelationKind] = {"r": "table", "p": "partitioned", "f": "foreign"}


def build(rows: Iterable[Row]) -> dict[int, Tree]:
    """Build trees from the rows of the query ``trees``, by oid of the parent.

    What is partitioned again has a tree of its own, and is in that of its parent.
    """
    trees: dict[int, dict[str, list[Row]]] = {}
    for row in rows:
        sorts = trees.get(row[0])
        if sorts is None:
            sorts = trees[row[0]] = {"p": [], "c": [], "b": [], "d": []}
        sorts[row[1]].append(row)
    found: dict[int, Tree] = {}
    asked: list[int] = []
    for oid, sorts in trees.items():
        for _, _, _, document, *_ in sorts["p"]:
            parent = json.loads(document)
            found[oid] = _tree(oid, parent, sorts)
            if parent["asked"]:
                asked.append(oid)
    return {oid: _with_what_is_below(found[oid], found) for oid in asked}


def _with_what_is_below(tree: Tree, every: Mapping[int, Tree]) -> Tree:
    """Add the trees of partitions that are partitioned again, to any depth."""
    subtrees = {}
    for partition in (*tree.partitions, *tree.built):
        if partition.kind == "partitioned" and partition.bounds is not None:
            below = every.get(partition.oid)
            if below is not None:
                subtrees[partition.oid] = _with_what_is_below(below, every)
    return evolve(tree, subtrees=subtrees) if subtrees else tree


def _tree(oid: int, parent: Mapping[str, Any], sorts: Mapping[str, list[Row]]) -> Tree:
    for rows in sorts.values():
        rows.sort(key=itemgetter(2))
    block, default_oid = parent["block_size"], parent["default"]
    children = [_partition(row, block, default_oid) for row in sorts["c"]]
    default = next((child for child in children if child.oid == default_oid), None)
    if default is not None:
        children.remove(default)
    retired = [_retired(row) for row in sorts["d"]]
    return Tree(
        oid=oid,
        name=Name(parent["schema"], parent["relation"]),
        key=_key(parent),
        owner=parent["owner"],
        partitions=tuple(children),
        default=default,
        built=tuple([_partition(row, block, default_oid) for row in sorts["b"]]),
        bin=tuple([found for found in retired if found is not None]),
        locked=parent["locked"],
        window=parent["window"],
        linked=parent["linked"],
        rows=_rows(parent["rows"], sorts["c"]),
        publications=tuple(map(_publication, parent["publications"] or ())),
    )


def _publication(found: Mapping[str, Any]) -> Publication:
    return Publication(
        name=found["name"],
        everything=found["everything"],
        changes=found["changes"],
        schemas=tuple(found["schemas"]),
        partitions=tuple(found["partitions"]),
    )


def _partition(row: Row, block: int, default_oid: int) -> Partition:
    _, _, oid, schema, name, kind, tuples, pages, pending, locked, bounds, *known = row
    recorded, created_at, hold_until, hold_reason = known
    # An unread bound (the query would have had to wait) is taken from the registry.
    text = bounds or recorded
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
        # Texts may differ where the values do not: a list in another order.
        ours=recorded is not None and (recorded == text or parse(recorded) == value),
        locked=locked or bounds is None,
        created_at=created_at,
        hold_until=hold_until,
        hold_reason=hold_reason,
    )


def _retired(row: Row) -> Retired | None:
    """Build what retention took out.

    :returns: None where somebody has attached it since, elsewhere or otherwise.
    """
    parent, _, oid, document, *_ = row
    record = json.loads(document)
    bounds, now = parse(record["bounds"]), record["parent_bounds"]
    attached = record["parent"] is not None
    if attached and (
        record["parent"] != parent or (now is not None and parse(now) != bounds)
    ):
        return None
    return Retired(
        oid=oid,
        name=Name(record["schema"], record["relation"]),
        bounds=bounds,
        action=record["action"],
        retired_at=datetime.fromisoformat(record["retired_at"]),
        due=_moment(record["due"]),
        bytes=record["bytes"],
        rows=record["rows"],
        attached=attached,
        bound_check=record["bound_check"],
        settled=record["settled"],
        kind=_KINDS[record["kind"]],
        target_schema=record["target_schema"],
        hold_until=_moment(record["hold_until"]),
        hold_reason=record["hold_reason"],
    )


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _rows(estimate: float, rows: Iterable[Row]) -> int | None:
    """Estimate a table's rows: the sum over its partitions is fresher than its own."""
    known = [int(row[6]) for row in rows if row[6] >= 0]
    if known:
        return sum(known)
    return int(estimate) if estimate >= 0 else None


def _key(parent: Mapping[str, Any]) -> Key:
    text = parent["expressions"]
    expressions = iter(_split(text) if text else ())
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
