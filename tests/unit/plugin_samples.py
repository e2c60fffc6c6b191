"""Plugins made on the spot, and what their hooks are given."""

# ruff: noqa: ARG002 - hooks and methods name what they do not need

from __future__ import annotations

from datetime import UTC, datetime
from types import ModuleType
from typing import Any, ClassVar

from attrs import frozen

from partman_core import hookimpl
from partman_core.bounds import RangeBounds
from partman_core.config import structure
from partman_core.keys import CODECS, Column, Key
from partman_core.model import Event, Partition, Section, Table, Tree
from partman_core.naming import Name
from partman_core.plugins import Plugins
from partman_core.strategy import Level

NAME = Name("public", "events")
NOW = datetime(2026, 11, 24, tzinfo=UTC)
BOUNDS = RangeBounds(("1",), ("2",))
PARTITION = Partition(oid=1, name=Name("public", "p1"), bounds=BOUNDS)
EVENT = Event(kind="created", at=NOW)


def plugin(name: str = "mine", **hooks: Any) -> ModuleType:
    """Return a module with these functions as its hooks."""
    module = ModuleType(name)
    for hook, function in hooks.items():
        function.__name__ = hook
        setattr(module, hook, hookimpl(function))
    return module


def made(*plugins: Any, without: tuple[str, ...] = ()) -> Plugins:
    found = Plugins(plugins, without, installed=())
    assert not found.failures
    return found


def broken(*plugins: Any) -> str:
    """Return why the last plugin is broken."""
    (failure,) = Plugins(plugins, installed=()).failures
    return failure.error.message


def table(plugins: Plugins, **settings: Any) -> Table:
    return structure({"partition_interval": "1 day"} | settings, NAME, plugins)


def tree() -> Tree:
    return Tree(oid=1, name=NAME, key=KEY, owner="me")


KEY = Key("range", (Column("at", "timestamp with time zone"),))
LEVEL = Level(key=KEY, codec=CODECS[0], existing=(PARTITION,), now=NOW)


@frozen(kw_only=True)
class Yearly:
    """A strategy that wants nothing.

    :param since: a year.
    """

    kind: ClassVar[str] = "yearly"
    since: int = 2000

    def problems(self, key: Key, codec: Any) -> list[str]:
        return []

    def wanted(self, level: Level) -> Any:
        return iter(())


@frozen(kw_only=True)
class Ranges(Yearly):
    """A strategy by the name of one that comes with partman."""

    kind: ClassVar[str] = "range"


@frozen(kw_only=True)
class Archive:
    """Where rows go before they are dropped.

    :param directory: of the files.
    """

    directory: str
    copies: int = 1


ARCHIVE = Section(name="archive", kind=Archive)


@frozen
class Fortnights:
    """A codec of whole fortnights."""

    name: str = "fortnights"
    axis: str = "number"
    types: frozenset[str] = frozenset({"smallint"})
    wall: bool = False
    by_default: bool = False

    def position(self, text: str) -> int:
        return int(text)

    def literal(self, position: int) -> str:
        return str(position)

    def at(self, moment: datetime) -> int:
        raise ValueError

    def moment(self, position: Any) -> None:
        return None

    def problems(self, column: Column) -> list[str]:
        return []
