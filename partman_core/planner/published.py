"""What replication sees of retirements: a partition is published with its table.

Detached it is not, unless its publication is of all tables, or of all in its schema.
PostgreSQL says nothing of that, so it is said here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from partman_core.naming import Name, quote_ident
from partman_core.plan import Detach, Drop, Finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from partman_core.model import Publication, Table, Tree
    from partman_core.plan import Operation


def leaving_publications(
    table: Table, tree: Tree, operations: Iterable[Operation]
) -> Iterator[Finding]:
    """Tell which publications are left by partitions that are taken out and kept.

    Of what is dropped at once nothing is told: it leaves the world.
    """
    planned = list(operations)
    dropped = {op.retired.oid for op in planned if isinstance(op, Drop)}
    kept = [
        op
        for op in planned
        if isinstance(op, Detach) and op.partition.oid not in dropped
    ]
    together: dict[tuple[Detach, ...], list[str]] = {}
    for publication in tree.publications:
        leaving = tuple(op for op in kept if _leaves(op, publication))
        if leaving:
            together.setdefault(leaving, []).append(quote_ident(publication.name))
    for leaving, publications in together.items():
        yield _finding(table, leaving, publications)


def _leaves(operation: Detach, publication: Publication) -> bool:
    """Say whether a partition is no longer published once it is out, and moved."""
    if publication.everything or operation.partition.oid in publication.partitions:
        return False
    return _place(operation).schema not in publication.schemas


def _place(operation: Detach) -> Name:
    """Return what a partition is called once it is out, and moved."""
    name = operation.name
    return Name(operation.target_schema or name.schema, name.relation)


def _finding(
    table: Table, leaving: Sequence[Detach], publications: Sequence[str]
) -> Finding:
    names = [operation.name for operation in leaving]
    several = len(names) > 1
    who = f"{len(names)} partitions ({names[0]} ...) leave" if several else names[0]
    left = "publications" if len(publications) > 1 else "publication"
    return Finding(
        code="publication",
        severity="info",
        table=table.name,
        message=(
            f"{who}{'' if several else ' leaves'} the {left} "
            f"{', '.join(publications)} when {'they are' if several else 'it is'} "
            "detached: what is done there afterwards is not replicated."
        ),
        hint="if it should be, once it is out: "
        f"`ALTER PUBLICATION {publications[0]} ADD TABLE {_place(leaving[0])}`",
        data={
            "partitions": [str(name) for name in names],
            "publications": list(publications),
        },
    )
