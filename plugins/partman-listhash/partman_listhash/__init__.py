"""Partitions by lists of values and by hashes, for partman.

It is a plugin like anybody's: once it is installed, ``partition_type = "list"`` and
``partition_type = "hash"`` work, at the first level of a table and below it.
"""

from __future__ import annotations

from partman_core import hookimpl
from partman_listhash.hashes import Hash
from partman_listhash.lists import List

__all__ = ["Hash", "List", "partman_strategies"]

__version__ = "0.1.0"


@hookimpl
def partman_strategies() -> list[type[List | Hash]]:
    """Offer ``partition_type = "list"`` and ``partition_type = "hash"``."""
    return [List, Hash]
