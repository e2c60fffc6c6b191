"""Lists: a partition for each group of values, or for each value that is found.

Groups are made as the settings name them.  A value that is only found waits in
DEFAULT, and PostgreSQL refuses a partition beside its rows; so it is told of, not
made, until its rows are moved.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, ClassVar, Literal

from attrs import field, frozen

from partman_core.bounds import ListBounds
from partman_core.strategy import Method, Wanted
from partman_listhash import telling
from partman_listhash.values import (
    Value,
    is_value,
    meaning,
    shown,
    spelled,
    suffix_of,
    text_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from partman_core.bounds import Bounds
    from partman_core.keys import Codec, Key
    from partman_core.plan import Finding
    from partman_core.strategy import Level

Values = Literal["found"] | dict[str, tuple[Value, ...] | Value] | tuple[
    tuple[Value, ...] | Value, ...
]  # fmt: skip


@frozen
class Group:
    """Values that share a partition, which is named by the group."""

    name: str
    values: tuple[str | None, ...]


@frozen(kw_only=True)
class List:
    """A partition for each group of values.

    :param values: the groups, by name, each a list of values; or a list of groups that
        are named by their values; or ``"found"``: a partition for each value by
        itself, proposed as values are found in DEFAULT.
    :param null_group: the group that NULL belongs to, by name; one of its own if there
        is no group of that name.
    """

    kind: ClassVar[str] = "list"
    method: ClassVar[Method] = "list"
    finds_values: ClassVar[bool] = True

    values: Values = field(metadata={"example": {"eu": ["de", "fr"], "us": ["us"]}})
    null_group: str | None = field(default=None, metadata={"example": "unknown"})

    def __attrs_post_init__(self) -> None:
        """Refuse groups that cannot be partitions."""
        if self.values == "found":
            if self.null_group is not None:
                raise ValueError('values = "found" has no groups, so no null_group')
            return
        groups = self.groups()
        if not groups:
            raise ValueError("values names no value")
        for group in groups:
            if not group.name or "\0" in group.name:
                raise ValueError(f"no group can be named {group.name!r}")
            if not group.values:
                raise _refused(f"the group {group.name!r} has no value", "leave it out")
        counts = Counter(value for group in groups for value in group.values)
        if twice := [value for value, count in counts.items() if count > 1]:
            raise _refused(
                f"values has {shown(twice)} twice", "a row has one partition"
            )

    def groups(self) -> list[Group]:
        """Return the groups in their order; none for values that are found."""
        if self.values == "found":
            return []
        if isinstance(self.values, dict):
            found = [Group(name, _texts(group)) for name, group in self.values.items()]
        else:
            listed = map(_texts, self.values)
            found = [Group(suffix_of(values), values) for values in listed]
        if self.null_group is None:
            return found
        for index, group in enumerate(found):
            if group.name == self.null_group:
                found[index] = Group(group.name, (*group.values, None))
                return found
        return [*found, Group(self.null_group, (None,))]

    def problems(self, key: Key, codec: Codec | None) -> Iterable[str]:  # noqa: ARG002
        """Say why it cannot serve a parent with this key, a sentence each."""
        if key.method != "list":
            yield f"the table is partitioned by {key}, not by list"
            return
        column = key.columns[0]
        meant: dict[str | None, str | None] = {}
        for value in (value for group in self.groups() for value in group.values):
            if not is_value(value, column.type):
                yield f"{column.label} is {column.type}, and {shown([value])} is not"
                continue
            same = meant.setdefault(meaning(value, column.type), value)
            if same != value:
                yield f"{shown([same, value])} are the same {column.type}"

    def wanted(self, level: Level) -> Iterator[Wanted]:
        """Yield a partition for each group; of what is found, what is there."""
        there = [
            partition.bounds
            for partition in level.existing
            if isinstance(partition.bounds, ListBounds)
        ]
        if self.values == "found":
            for bounds in there:
                if len(bounds.values) == 1:
                    yield Wanted(bounds=bounds, suffix=suffix_of(bounds.values))
            return
        kind = level.key.columns[0].type
        # A partition's own text wins: the same value can be written in several ways.
        texts = {meaning(v, kind): v for bounds in there for v in bounds.values}
        for group in self.groups():
            written = (
                texts.get(meaning(value, kind), spelled(value, kind))
                for value in group.values
            )
            yield Wanted(bounds=ListBounds(tuple(written)), suffix=group.name)

    def fits(self, level: Level, bounds: Bounds) -> str | None:
        """Say why a partition is not one of those that this strategy makes.

        :returns: a sentence; None if it is one of them.
        """
        if not isinstance(bounds, ListBounds):
            return "it does not hold a list of values"
        if self.values == "found":
            several = len(bounds.values) > 1
            return "it holds several values" if several else None
        homes = self.homes(level)
        kind = level.key.columns[0].type
        strange = [v for v in bounds.values if meaning(v, kind) not in homes]
        if strange:
            return f"it holds {shown(strange)}, which no group has"
        groups = dict.fromkeys(homes[meaning(v, kind)] for v in bounds.values)
        if len(groups) > 1:
            return f"it holds values of the groups {shown(g.name for g in groups)}"
        return None

    def homes(self, level: Level) -> dict[str | None, Group]:
        """Return each value's group, by what the value means."""
        kind = level.key.columns[0].type
        return {
            meaning(value, kind): group
            for group in self.groups()
            for value in group.values
        }

    def told(self, level: Level) -> Iterator[Finding]:
        """Tell of values that are not where the settings have them."""
        homes = None if self.values == "found" else self.homes(level)
        if homes is None and level.above:
            yield telling.unknown()
        yield from telling.waiting(level, homes)
        if homes is not None:
            yield from telling.misplaced(self, level, homes)


def _texts(group: tuple[Value, ...] | Value) -> tuple[str | None, ...]:
    return tuple(map(text_of, group if isinstance(group, tuple | list) else (group,)))


def _refused(sentence: str, hint: str) -> ValueError:
    error = ValueError(sentence)
    error.add_note(f"hint: {hint}")
    return error
