"""The one place that writes statements: operations in, steps out.

The display of a plan and the executor read the same steps; see
:mod:`partman_core.pg.steps` for what one is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from psycopg.sql import SQL, Composed
from psycopg.sql import Literal as Value

from partman_core.bounds import clause
from partman_core.pg import build, returning, window
from partman_core.pg.build import relation
from partman_core.pg.statements import (
    EXCLUSIVE,
    bound_check,
    do_block,
    finalization,
    literal,
    lock,
    moving,
    removal,
    removal_if_empty,
    settle,
)
from partman_core.pg.steps import (
    ROW,
    UPDATE,
    Lock,
    Step,
    listed,
    lock_of,
    lockable,
)
from partman_core.plan import (
    Attach,
    Create,
    Detach,
    Discard,
    Drop,
    Finalize,
    Move,
    Reopen,
    Settle,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from partman_core.model import Table
    from partman_core.naming import Name
    from partman_core.pg.facts import Facts, Place
    from partman_core.plan import Operation

__all__ = ["CHANGED", "Lock", "Step", "batch", "stalling_locks", "steps"]

CHANGED = "run again: the plan is made anew each time"
"""What to do where a partition is not what it was when it was planned."""


def steps(  # noqa: C901 - one arm for each operation
    operation: Operation,
    facts: Facts,
    table: Table,
    places: Mapping[int, Place],
) -> tuple[Step, ...]:
    """Write *operation* as steps.

    :param facts: of the table's parent relation.
    :param places: by oid, where partitions stand and the CHECKs that their bounds
        amount to; needed for a plain detach.
    """
    match operation:
        case Create():
            return _creation(operation, facts, table)
        case Detach(concurrently=True):
            return (_detach_concurrently(operation, facts),)
        case Detach():
            return (_detach(operation, facts, places[operation.partition.oid]),)
        case Finalize():
            return (_finalize(operation, facts),)
        case Settle():
            return (_settle(operation),)
        case Reopen():
            return (window.closing(operation.name),)
        case Discard():
            return (_discard(operation),)
        case Drop():
            return (_drop(operation, facts),)
        case Move():
            return (_move(operation),)
        case Attach():
            return returning.steps(operation, facts)
    assert_never(operation)


def stalling_locks(
    operation: Create | Detach | Drop | Attach, facts: Facts
) -> tuple[Lock, ...]:
    """Return the locks of the step of *operation* that queries can wait for."""
    match operation:
        case Create():
            return _attach(operation, facts).locks
        case Detach():
            return _detach_locks(operation, facts)
        case Drop():
            return _drop(operation, facts).locks
        case Attach():
            return returning.steps(operation, facts)[-1].locks
    assert_never(operation)


def batch(several: Sequence[Step]) -> Composed:
    """Write several steps of one phase as what is sent at once.

    Where queries can queue behind them, all of it is one ``DO`` block, so that one
    ``statement_timeout`` covers the waiting for every lock and the holding.
    """
    body = SQL("\n").join(step.sql for step in several)
    if not any(step.waits for step in several):
        return body
    names = dict.fromkeys(name for step in several for name in step.first)
    locks = [lock(names, EXCLUSIVE, only=True)] if names else []
    guards = [step.guard for step in several if step.guard is not None]
    return do_block(SQL("\n").join([*locks, *guards, body]))


def _creation(operation: Create, facts: Facts, table: Table) -> tuple[Step, ...]:
    """Write a creation: build apart, then attach, in a window where it needs one."""
    found = [] if operation.built is not None else [_build(operation, facts, table)]
    attach = _attach(operation, facts)
    if facts.default is None or not window.is_needed(operation, facts, table.max_stall):
        return (*found, attach)
    bounds = f"/* {clause(operation.bounds, facts.types)} */"
    apart = (window.opening(facts, [bounds]), window.proving(facts))
    return (*found, *apart, attach, window.closing(facts.default))


def _build(operation: Create, facts: Facts, table: Table) -> Step:
    return Step(
        phase="build",
        sql=build.statements(operation, facts, table),
        locks=(Lock(relation=str(facts.name), mode="ACCESS SHARE"),),
    )


def _attach(operation: Create, facts: Facts) -> Step:
    parent, child = facts.name, operation.name
    locks = [lock_of(parent, UPDATE), lock_of(child, EXCLUSIVE)]
    first: tuple[Name, ...] = ()
    waits = None
    if linked := (*facts.refers_to, *facts.referred_by):
        locks += [lock_of(name, ROW) for name in linked]
        waits = f"writers of {listed(linked)} wait while it is attached"
    if facts.default is not None:
        first = lockable(facts, child)
        locks[0] = lock_of(parent, EXCLUSIVE)
        locks.insert(1, lock_of(facts.default, EXCLUSIVE))
        waits = f"all queries of {parent} wait while {facts.default} is checked"
    return Step(
        phase="attach",
        sql=SQL("ALTER TABLE {} ATTACH PARTITION {} {};").format(
            relation(parent),
            relation(child),
            SQL(clause(operation.bounds, facts.types)),
        ),
        locks=tuple(locks),
        first=first,
        waits=waits,
    )


def _detach_concurrently(operation: Detach, facts: Facts) -> Step:
    return Step(
        phase="detach",
        sql=SQL("ALTER TABLE {} DETACH PARTITION {} CONCURRENTLY;").format(
            relation(facts.name), relation(operation.name)
        ),
        locks=_leaving(operation.name, facts),
        transaction=False,
        waits=_behind_the_leaving(facts),
    )


def _finalize(operation: Finalize, facts: Facts) -> Step:
    return Step(
        phase="finalize",
        sql=finalization(facts.name, operation.name),
        locks=_leaving(operation.name, facts),
        waits=_behind_the_leaving(facts),
    )


def _leaving(name: Name, facts: Facts) -> tuple[Lock, ...]:
    """Return the locks of a detach that lets the queries of the parent go on."""
    return (
        lock_of(facts.name, UPDATE),
        lock_of(name, EXCLUSIVE),
        *(lock_of(each, ROW) for each in facts.refers_to),
        *(lock_of(each, EXCLUSIVE) for each in facts.referred_by),
    )


def _behind_the_leaving(facts: Facts) -> str | None:
    waits = []
    if facts.refers_to:
        waits.append(f"writers of {listed(facts.refers_to)}")
    if facts.referred_by:
        waits.append(f"all queries of {listed(facts.referred_by)}")
    if not waits:
        return None
    return f"{' and '.join(waits)} wait for the moment of the detach"


def _detach(operation: Detach, facts: Facts, place: Place) -> Step:
    leaves = SQL("ALTER TABLE {} DETACH PARTITION {};").format(
        relation(facts.name), relation(operation.name)
    )
    guarded = [leaves]
    if place.check is not None:
        guarded.append(bound_check(operation.name, place.check, stale=place.stale))
    return Step(
        phase="detach",
        sql=SQL("\n").join(guarded),
        locks=_detach_locks(operation, facts),
        first=lockable(facts, operation.name),
        guard=_unchanged(operation, place),
        waits=f"all queries of {facts.name} wait for the moment of the detach",
    )


def _detach_locks(operation: Detach, facts: Facts) -> tuple[Lock, ...]:
    names = [facts.name, operation.name]
    if facts.default is not None:
        names.insert(1, facts.default)
    linked = [lock_of(name, ROW) for name in facts.refers_to]
    linked += [lock_of(name, EXCLUSIVE) for name in facts.referred_by]
    return (*(lock_of(name, EXCLUSIVE) for name in names), *linked)


def _unchanged(operation: Detach, place: Place) -> Composed:
    """Refuse, under lock, if it is not the partition that was looked at."""
    return SQL(
        "IF (SELECT pg_get_expr(relpartbound, 0) FROM pg_class WHERE oid = {oid}"
        " AND oid = {table}::regclass)"
        " IS DISTINCT FROM {bounds} THEN RAISE object_not_in_prerequisite_state"
        " USING MESSAGE = {message}, HINT = {hint}; END IF;"
    ).format(
        oid=Value(operation.partition.oid),
        table=Value(literal(operation.name)),
        bounds=Value(place.bounds),
        message=Value(f"{operation.name} has changed since it was planned"),
        hint=Value(CHANGED),
    )


def _settle(operation: Settle) -> Step:
    check = operation.retired.bound_check
    return Step(
        phase="settle",
        sql=Composed([]) if check is None else settle(operation.name, check, scan=True),
        locks=(lock_of(operation.name, EXCLUSIVE),),
    )


def _discard(operation: Discard) -> Step:
    return Step(
        phase="discard",
        sql=removal_if_empty(operation.name),
        locks=(lock_of(operation.name, EXCLUSIVE),),
    )


def _drop(operation: Drop, facts: Facts) -> Step:
    linked = facts.refers_to
    return Step(
        phase="drop",
        sql=removal(operation.name),
        locks=tuple(lock_of(name, EXCLUSIVE) for name in (operation.name, *linked)),
        waits=f"queries of {listed(linked)} wait for the moment of the drop"
        if linked
        else None,
    )


def _move(operation: Move) -> Step:
    return Step(
        phase="move",
        sql=moving(
            operation.name,
            operation.target_schema,
            whole=operation.retired.kind == "partitioned",
        ),
        locks=(lock_of(operation.name, EXCLUSIVE),),
    )
