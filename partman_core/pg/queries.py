"""The reader of the ``.sql`` files: questions live there, with a comment each.

A query begins with a line ``-- name: NAME`` and goes on to the next such line.
``{schema}`` stands for the schema of our tables, see :func:`in_schema`.
"""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, LiteralString

from partman_core.pg.driver import sql

if TYPE_CHECKING:
    from collections.abc import Mapping

_MARK = "-- name: "


@lru_cache
def queries(file: str) -> Mapping[str, LiteralString]:
    """Read a file of this package.

    :param file: its name, as in ``catalog.sql``.
    :returns: the queries by name, without whole-line comments.
    """
    lines: dict[str, list[str]] = {}
    for line in files(__package__).joinpath(file).read_text("utf-8").splitlines():
        if line.startswith(_MARK):
            current = lines[line.removeprefix(_MARK).strip()] = []
        elif line.strip() and not line.lstrip().startswith("--"):
            current.append(line)
    return {name: "\n".join(text) for name, text in lines.items()}


def identifier(name: str) -> sql.SQL:
    """Write a name for a query with parameters: there every % is written twice."""
    return sql.SQL(sql.Identifier(name).as_string(None).replace("%", "%%"))


@lru_cache
def in_schema(query: LiteralString, schema: str) -> sql.Composed:
    """Put our schema's name into a query with parameters, for ``{schema}``."""
    return sql.SQL(query).format(schema=identifier(schema))
