"""What can be done to a managed table: values without SQL.

:mod:`partman_core.pg.ddl` writes the SQL of each.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

from attrs import frozen

from partman_core.bounds import Bounds, clause, to_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from partman_core.keys import Key
    from partman_core.model import Action, Partition, Retired
    from partman_core.naming import Name


@frozen(kw_only=True)
class Create:
    """Build a table and attach it as a partition.

    :param built: oid of a table that an earlier run built and did not attach.
    :param ahead: whether it begins so far ahead that nobody inserts into it yet.
    :param parent: the partition that it is made for; None: the table itself.
    :param split: how the new partition is partitioned again; None: it holds rows.
    :param inner: its own partitions, which are built with it.
    """

    kind: ClassVar[str] = "create"
    destroys: ClassVar[bool] = False

    table: Name
    name: Name
    bounds: Bounds
    reason: str
    tenant: str | None = None
    built: int | None = None
    ahead: bool = False
    parent: Name | None = None
    split: Key | None = None
    inner: tuple[Create, ...] = ()

    @property
    def tables(self) -> int:
        """How many tables are built for it."""
        return 1 + sum(made.tables for made in self.inner)

    @property
    def names(self) -> Iterator[Name]:
        """Its name, and those of all that is built with it."""
        yield self.name
        for made in self.inner:
            yield from made.names


@frozen(kw_only=True)
class _OfPartition:
    """What operations on one existing table have in common.

    :param parent: the partition that it is in; None: the managed table itself.
    """

    table: Name
    partition: Partition
    reason: str
    parent: Name | None = None

    @property
    def name(self) -> Name:
        """The partition's name."""
        return self.partition.name

    @property
    def bounds(self) -> Bounds | None:
        """The partition's bounds; None if they could not be read."""
        return self.partition.bounds


@frozen(kw_only=True)
class Discard(_OfPartition):
    """Remove a table that was built, never attached, and is not wanted; if empty."""

    kind: ClassVar[str] = "discard"
    destroys: ClassVar[bool] = False


@frozen(kw_only=True)
class Reopen(_OfPartition):
    """Take away the CHECK that a run which was cut short has left on DEFAULT.

    While it stands, rows that no partition holds are refused.
    """

    kind: ClassVar[str] = "reopen"
    destroys: ClassVar[bool] = False


@frozen(kw_only=True)
class Finalize(_OfPartition):
    """Finish a ``DETACH ... CONCURRENTLY`` that was cut short."""

    kind: ClassVar[str] = "finalize"
    destroys: ClassVar[bool] = True


@frozen(kw_only=True)
class Detach(_OfPartition):
    """Take a partition out of its table, and record what becomes of it.

    :param action: what follows.
    :param concurrently: nobody has to wait: there is neither a DEFAULT partition nor
        a foreign key.
    :param due: when it may be dropped; None: never.
    :param target_schema: where it goes; only for ``move``.
    """

    kind: ClassVar[str] = "detach"
    destroys: ClassVar[bool] = True

    action: Action
    concurrently: bool
    due: datetime | None = None
    target_schema: str | None = None


@frozen(kw_only=True)
class _OfRetired:
    """What operations on a detached partition have in common.

    :param parent: the partition that it was in; None: the managed table itself.
    """

    table: Name
    retired: Retired
    reason: str
    parent: Name | None = None

    @property
    def name(self) -> Name:
        """The table's name."""
        return self.retired.name

    @property
    def bounds(self) -> Bounds:
        """What it held."""
        return self.retired.bounds


@frozen(kw_only=True)
class Settle(_OfRetired):
    """Record a detach whose run was killed before it could."""

    kind: ClassVar[str] = "settle"
    destroys: ClassVar[bool] = False


@frozen(kw_only=True)
class Move(_OfRetired):
    """Put a detached partition into another schema, and let go of it."""

    kind: ClassVar[str] = "move"
    destroys: ClassVar[bool] = True

    target_schema: str


@frozen(kw_only=True)
class Drop(_OfRetired):
    """Drop a detached partition: its rows are gone."""

    kind: ClassVar[str] = "drop"
    destroys: ClassVar[bool] = True


@frozen(kw_only=True)
class Attach(_OfRetired):
    """Bring a detached partition back into its table.

    :param check: name of the CHECK that keeps other rows out of it; None: it has none.
    :param proven: whether all its rows are known to keep to that; if not, they are
        looked at before anything is locked.
    :param hold: why it is on hold from then on; None: nothing keeps it.
    """

    kind: ClassVar[str] = "attach"
    destroys: ClassVar[bool] = False

    check: str | None = None
    proven: bool = True
    hold: str | None = None


Operation: TypeAlias = (
    Reopen | Create | Discard | Attach | Settle | Finalize | Detach | Move | Drop
)


def described(operation: Operation) -> dict[str, Any]:
    """Return *operation* as plain JSON: what the hash and ``--json`` are made of."""
    bounds = operation.bounds
    entry: dict[str, Any] = {
        "kind": operation.kind,
        "table": str(operation.table),
        "partition": str(operation.name),
        "bounds": None if bounds is None else to_json(bounds),
        "clause": None if bounds is None else clause(bounds),
        "reason": operation.reason,
    }
    if operation.parent is not None:
        entry["parent"] = str(operation.parent)
    match operation:
        case Create():
            entry |= {"tenant": operation.tenant, "way": _way(operation)}
            if operation.split is not None:
                entry["split"] = str(operation.split)
                entry["inner"] = [_inside(inner) for inner in operation.inner]
        case Detach():
            entry |= {
                "action": operation.action,
                "way": _way(operation),
                "due": operation.due and operation.due.isoformat(),
                "target_schema": operation.target_schema,
            }
        case Move():
            entry |= {"target_schema": operation.target_schema}
        case Attach():
            entry |= {"way": _way(operation), "hold": operation.hold}
    match operation:
        case Detach(partition=sized) | Finalize(partition=sized):
            entry |= {"rows": sized.rows, "bytes": sized.bytes}
        case Drop(retired=gone) | Move(retired=gone) | Attach(retired=gone):
            entry |= {"rows": gone.rows, "bytes": gone.bytes}
    return entry


def _inside(made: Create) -> dict[str, Any]:
    """Return what a new partition is built with, all the way down."""
    entry: dict[str, Any] = {
        "partition": str(made.name),
        "clause": clause(made.bounds),
        "tenant": made.tenant,
    }
    if made.split is not None:
        entry["split"] = str(made.split)
        entry["inner"] = [_inside(inner) for inner in made.inner]
    return entry


def _way(operation: Create | Detach | Attach) -> str:
    if isinstance(operation, Create):
        return "build-and-attach" if operation.built is None else "attach"
    if isinstance(operation, Attach):
        return "attach" if operation.proven else "prove-and-attach"
    return "concurrently" if operation.concurrently else "plain"


SIGNS = {
    "reopen": "~", "create": "+", "discard": "-", "attach": "+",
    "settle": "~", "finalize": "~",
    "detach": "~", "move": "~", "drop": "-",
}  # fmt: skip


def summary(operations: Iterable[Operation]) -> str:
    """Count *operations* by kind: ``3 to create, 1 to drop``."""
    counts: dict[str, int] = {}
    for operation in operations:
        counts[operation.kind] = counts.get(operation.kind, 0) + 1
    listed = ", ".join(f"{counts[kind]} to {kind}" for kind in SIGNS if kind in counts)
    return listed or "nothing to do"
