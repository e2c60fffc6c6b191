"""The frozen answers of the system that partman follows."""

from __future__ import annotations

from attrs import frozen


@frozen(kw_only=True)
class SeedTable:
    """One entry of ``GET /api/tables``."""

    name: str
    schema: str


@frozen(kw_only=True)
class SeedTables:
    """``GET /api/tables``, as the seed system has it."""

    tables: list[SeedTable]


@frozen(kw_only=True)
class SeedPartition:
    """One entry of ``GET /api/partitions``.

    :param rows: estimate; -1: never analysed.
    :param range: its bounds; empty where they cannot be read.
    :param created: when partman made or adopted it; empty: it did not.
    :param total_count: how many partitions the table has.
    :param stale: its bounds or its size cannot be read now; left out otherwise.
    """

    name: str
    size: str
    rows: int
    range: str
    created: str
    size_bytes: int
    total_count: int
    stale: bool = False


@frozen(kw_only=True)
class SeedParent:
    """The table that ``GET /api/partitions`` is about."""

    name: str
    total_size: str
    total_rows: int
    partition_count: int
    total_size_bytes: int


@frozen(kw_only=True)
class SeedPartitions:
    """``GET /api/partitions``, as the seed system has it."""

    partitions: list[SeedPartition]
    parent_table: SeedParent
