"""How our schema came to be: numbered files, each applied once and never changed.

``NNNN_name.sql`` holds statements in which ``{schema}`` stands for the schema's
name.  They never say IF NOT EXISTS: what is there and should not be is an error.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import LiteralString

from attrs import frozen


@frozen
class Migration:
    """One step from a version of our schema to the next."""

    version: int
    name: str
    statements: LiteralString


@cache
def migrations() -> tuple[Migration, ...]:
    """Return all there are, the first one first."""
    found = [
        Migration(
            version=int(file.name[:4]),
            name=file.name[5:-4],
            statements=file.read_text("utf-8"),
        )
        for file in files(__package__).iterdir()
        if file.name.endswith(".sql")
    ]
    return tuple(sorted(found, key=lambda migration: migration.version))


def latest() -> int:
    """Return the version that this partman writes."""
    return migrations()[-1].version
