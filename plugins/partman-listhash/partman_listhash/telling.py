"""What a person should know of lists: values that wait, and values elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from partman_core.bounds import ListBounds
from partman_core.plan import Finding
from partman_listhash.values import meaning, shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from partman_core.model import Partition
    from partman_core.plan import Severity
    from partman_core.strategy import Level
    from partman_listhash.lists import Group, List

MOVE = (
    "in one transaction: CREATE TABLE ... (LIKE ... INCLUDING ALL), move the rows out "
    "of DEFAULT to it, ALTER TABLE ... ATTACH PARTITION ... FOR VALUES IN ({values})"
)


def waiting(
    level: Level, homes: Mapping[str | None, Group] | None
) -> Iterator[Finding]:
    """Tell of values that wait in DEFAULT.

    :param homes: the group of each value; None: each is to have a partition by itself.
    """
    kind = level.key.columns[0].type
    held = {
        meaning(value, kind)
        for partition in level.existing
        if partition.oid >= 0 and isinstance(partition.bounds, ListBounds)
        for value in partition.bounds.values
    }
    values = [value for value in level.values if meaning(value, kind) not in held]
    named = [v for v in values if homes is not None and meaning(v, kind) in homes]
    others = [value for value in values if value not in named]
    if named:
        yield _finding(
            "values-held-back",
            "warning",
            f"Rows with {shown(named)} are in DEFAULT, and PostgreSQL refuses a "
            "partition for them until they are moved.",
            MOVE.format(values=shown(named)),
            named,
        )
    if others:
        one = len(others) == 1
        verb = "has no partition" if one else "have no partition"
        if homes is not None:
            verb = "is in no group" if one else "are in no group"
        yield _finding(
            "values-in-default",
            "info",
            f"{len(others):,} value{'' if one else 's'} in DEFAULT {verb}: "
            f"{shown(others)}.",
            MOVE.format(values=shown(others[:1])),
            others,
        )


def unknown() -> Finding:
    """Tell that nobody looks for values below the first level."""
    return _finding(
        "values-not-looked-for",
        "warning",
        'values = "found" is for the first level of a table: below, nobody looks.',
        "name the values",
        (),
    )


def misplaced(
    settings: List, level: Level, homes: Mapping[str | None, Group]
) -> Iterator[Finding]:
    """Tell of groups that are in several partitions, and of partitions of none."""
    kind = level.key.columns[0].type
    parts: dict[Group, list[Partition]] = {}
    for partition in level.existing:
        bounds = partition.bounds
        if not isinstance(bounds, ListBounds):
            continue
        if (why := settings.fits(level, bounds)) is not None:
            yield _finding(
                "other-values",
                "info",
                f"{_what(partition, level)} stays as it is: {why}.",
                "name its values as one group, or take it out by hand",
                bounds.values,
            )
        for group in {homes.get(meaning(value, kind)) for value in bounds.values}:
            if group is not None:
                parts.setdefault(group, []).append(partition)
    for group, found in parts.items():
        if len(found) > 1:
            yield _split(group, found, level)


def _split(group: Group, found: list[Partition], level: Level) -> Finding:
    names = "" if level.above else ": " + ", ".join(str(part.name) for part in found)
    return _finding(
        "group-in-parts",
        "info",
        f"The group {group.name!r} is in {len(found)} partitions{names}.",
        "no row is lost by that; to have one, join them by hand in one transaction",
        (),
    )


def _what(partition: Partition, level: Level) -> str:
    """Name a partition; those below the first level are told of all together."""
    return "A list partition" if level.above else str(partition.name)


def _finding(
    code: str,
    severity: Severity,
    message: str,
    hint: str,
    values: Sequence[str | None],
) -> Finding:
    return Finding(
        code=code,
        severity=severity,
        table=None,
        message=message,
        hint=hint,
        data={"values": list(values)} if values else {},
    )
