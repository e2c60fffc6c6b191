"""Settings: read, checked, compared, written, described.

Keywords of ``register``, flags of the command line, settings files and the registry
all go through :func:`structure`, so that all of them accept the same, mean the same
and get the same sentences about mistakes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from partman_core.config.changes import Change, difference, tightens
from partman_core.config.declaration import keys, structure, unstructure
from partman_core.config.file import Declaration, Settings, read_file, read_tables

if TYPE_CHECKING:
    from partman_core.plugins import Plugins

__all__ = [
    "Change",
    "Declaration",
    "Settings",
    "difference",
    "keys",
    "read_file",
    "read_tables",
    "schema",
    "structure",
    "tightens",
    "unstructure",
]


def schema(plugins: Plugins) -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a settings file.

    :param plugins: whose strategies and sections it has.
    """
    from partman_core.config import json_schema

    return json_schema.schema(plugins)
