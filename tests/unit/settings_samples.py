"""A plugin with settings of every kind, and tables that are made of settings."""

from __future__ import annotations

from datetime import date
from enum import Enum
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar, Literal

from attrs import field, frozen, validators

from partman_core import hookimpl
from partman_core.config import structure
from partman_core.interval import Interval
from partman_core.model import Section, Table
from partman_core.naming import Name
from partman_core.plugins import Plugins

NAME = Name("public", "flights")
BUILT_IN = Plugins(installed=())


class Level(Enum):
    LOW = "low"
    HIGH = "high"


@frozen(kw_only=True)
class Bucket:
    name: str
    region: str = "eu"


@frozen(kw_only=True)
class Archive:
    """Where rows go before they are dropped.

    :param directory: where the files are put.
    """

    directory: Path
    compression: int = field(default=3, validator=validators.in_(range(1, 20)))
    format: Literal["parquet", "csv"] = "parquet"
    columns: tuple[str, ...] = ()
    tags: dict[str, str] = field(factory=dict)
    bucket: Bucket | None = None
    buckets: list[Bucket] = field(factory=list)
    keep: Interval | None = None
    level: Level = Level.LOW
    ratio: float = 1.0
    until: date | None = None
    words: frozenset[str] = frozenset()

    def __attrs_post_init__(self) -> None:
        if self.format == "csv" and self.columns == ("*",):
            raise ValueError("csv needs the columns by name")


@frozen(kw_only=True)
class Hash:
    """Parts by hash.

    :param modulus: how many.
    """

    kind: ClassVar[str] = "hash"
    modulus: int

    def problems(self, key: Any, codec: Any) -> list[str]:
        raise NotImplementedError

    def wanted(self, level: Any) -> Any:
        raise NotImplementedError


def extended(*kinds: type[Any]) -> Plugins:
    module = ModuleType("more")
    sections = [Section(name=kind.__name__.lower(), kind=kind) for kind in kinds]

    def partman_sections() -> list[Section]:
        return sections

    def partman_strategies() -> list[Any]:
        return [Hash]

    module.partman_sections = hookimpl(partman_sections)  # type: ignore[attr-defined]
    module.partman_strategies = hookimpl(partman_strategies)  # type: ignore[attr-defined]
    made = Plugins([module], installed=())
    assert not made.failures
    return made


EXTENDED = extended(Archive)


def read(plugins: Plugins = BUILT_IN, **settings: Any) -> Table:
    return structure({"partition_interval": "1 day"} | settings, NAME, plugins)
