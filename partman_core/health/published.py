"""Rules about what replication asks of a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from partman_core.naming import quote_ident

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from partman_core.health.scene import Scene
    from partman_core.naming import Name
    from partman_core.plan import Finding


def replica_identity(scene: Scene) -> Iterator[Finding]:
    """Tell of published partitions whose rows can be neither changed nor deleted."""
    if not scene.unidentified:
        return
    table = scene.tree.name
    by = [quote_ident(each.name) for each in scene.tree.publications if each.changes]
    others = [name for name in scene.unidentified if name != table]
    comes = table in scene.unidentified
    where = filter(None, [_counted(others), "every new one" if comes else ""])
    yield scene.finding(
        "replica-identity",
        "warning",
        f"Rows can be neither changed nor deleted in {' and in '.join(where)}: {table} "
        f"is published ({', '.join(by)}), and there is neither a primary key nor "
        "another replica identity there, so UPDATE and DELETE fail.",
        _mending(table, others, comes=comes),
        partitions=[str(name) for name in others],
        publications=by,
    )


def _counted(names: Sequence[Name]) -> str:
    if len(names) == 1:
        return str(names[0])
    return f"{len(names)} partitions ({names[0]} ...)" if names else ""


def _mending(table: Name, others: Sequence[Name], *, comes: bool) -> str:
    """Say what gives a replica identity; partitions do not get that of their table."""
    first = table if comes else others[0]
    more = {True: ", and the same for each partition", False: ", and for the others"}
    rest = more[comes] if others[not comes :] else ""
    return (
        f"`ALTER TABLE {first} REPLICA IDENTITY FULL`{rest}; or give {table} a "
        "primary key"
    )
