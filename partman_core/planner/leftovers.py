"""What runs that were cut short have left, and what is to be done about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from partman_core.naming import as_typed
from partman_core.plan import Discard, Finalize, Finding, Reopen, Settle

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from partman_core.model import Partition, Table, Tree
    from partman_core.plan import Create


def reopening(table: Table, tree: Tree) -> Iterator[Reopen]:
    """Take away a CHECK that refuses rows, if a run has left one."""
    if tree.window and tree.default is not None:
        yield Reopen(
            table=table.name,
            partition=tree.default,
            reason="an attach was cut short, and rows of its range are refused",
        )


def settling(table: Table, tree: Tree) -> Iterator[Settle]:
    """Record what a killed run has taken out and could not record."""
    for retired in tree.bin:
        if not (retired.attached or retired.settled):
            yield Settle(
                table=table.name,
                retired=retired,
                reason="the run that detached it was cut short",
            )


def finishing(table: Table, tree: Tree) -> Iterator[Finalize]:
    """Finish what was cut short, unless somebody is at it at this moment."""
    intended = {retired.oid for retired in tree.bin if retired.attached}
    for partition in tree.partitions:
        ours = partition.ours or partition.oid in intended
        if partition.pending and ours and not partition.locked:
            yield Finalize(
                table=table.name,
                partition=partition,
                reason="its detach was cut short, and its rows are out of reach",
            )


def discards(
    table: Table, tree: Tree, creating: Collection[Create]
) -> Iterator[Discard]:
    """Remove what was built, never attached, and is not wanted any more."""
    used = {made.built for made in creating}
    for partition in tree.built:
        if partition.oid not in used:
            yield Discard(
                table=table.name,
                partition=partition,
                reason="was built, never attached, and is not wanted any more",
            )


def unattached(table: Table, tree: Tree) -> Iterator[Finding]:
    """Tell of tables that a run which was cut short left beside the table."""
    if not tree.built:
        return
    names = [str(partition.name) for partition in tree.built]
    yield Finding(
        code="unattached",
        severity="info",
        table=table.name,
        message=(
            f"{len(names)} built for {table.name} and not attached: "
            f"{names[0]}{' and so on' if names[1:] else ''}."
        ),
        hint=f"`partman maintain {as_typed(table.name)}` attaches them, or removes "
        "them if they are empty and not wanted",
        data={"partitions": names},
    )


def half_detached(table: Table, tree: Tree) -> Iterator[Finding]:
    """Tell of partitions whose detach was cut short."""
    for partition in tree.partitions:
        if partition.pending:
            yield _half_detached(table, partition)


def _half_detached(table: Table, partition: Partition) -> Finding:
    hint = f"`partman maintain {as_typed(table.name)}` finishes it"
    if partition.locked:
        hint = "somebody is at it at this moment; `pg_locks` shows who"
    elif not partition.ours:
        hint = (
            f"finish it: `ALTER TABLE {table.name} "
            f"DETACH PARTITION {partition.name} FINALIZE`"
        )
    return Finding(
        code="half-detached",
        severity="warning",
        table=table.name,
        message=(
            f"{partition.name} is half-detached: its rows are out of reach, inserts "
            "for its range fail, and no other partition can be detached."
        ),
        hint=hint,
        data={"partitions": [str(partition.name)]},
    )
