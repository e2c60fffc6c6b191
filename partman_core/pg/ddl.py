"""The one place that writes statements: operations in, steps out.

A step is SQL with the locks it takes and what can wait behind it.  The display of
a plan and the executor read the same steps.  Which locks a statement takes was
measured on PostgreSQL 15 and 18 and is pinned by ``tests/pg/test_locks.py``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, assert_never

from attrs import frozen
from psycopg.sql import SQL, Composed, Identifier
from psycopg.sql import Literal as Value

from partman_core.bounds import clause
from partman_core.pg import build
from partman_core.pg.build import relation
from partman_core.plan import Create, Detach, Discard, Drop, Finalize, Move

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from partman_core.bounds import Bounds
    from partman_core.model import Table
    from partman_core.naming import Name
    from partman_core.pg.facts import Facts
    from partman_core.plan import Operation

Phase = Literal["build", "attach", "discard", "finalize", "detach", "move", "drop"]

EXCLUSIVE = "ACCESS EXCLUSIVE"
UPDATE = "SHARE UPDATE EXCLUSIVE"
ROW = "SHARE ROW EXCLUSIVE"

BOUND_CHECK = "partman_bounds"
"""Name of the CHECK that a plainly detached partition keeps."""


@frozen(kw_only=True)
class Lock:
    """A lock that a step takes, by PostgreSQL's name of its mode."""

    relation: str
    mode: str


@frozen(kw_only=True)
class Step:
    """One thing sent to the server.

    :param first: tables to be locked exclusively before it, the parent first: a
        query that waits for a partition while we wait for its parent deadlocks.
    :param guard: what must still be true under these locks, or it is refused.
    :param transaction: whether it may run in a transaction.
    :param waits: who can queue behind it, a sentence; None: nobody.
    """

    phase: Phase
    sql: Composed
    locks: tuple[Lock, ...]
    first: tuple[str, ...] = ()
    guard: Composed | None = None
    transaction: bool = True
    waits: str | None = None

    def text(self) -> str:
        """Return the statements as they would be typed."""
        return self.sql.as_string(None)


def steps(
    operation: Operation,
    facts: Facts,
    table: Table,
    types: Sequence[str],
    checks: Mapping[int, str],
) -> tuple[Step, ...]:
    """Write *operation* as steps.

    :param facts: of the table's parent relation.
    :param types: of the key's columns, as PostgreSQL names them.
    :param checks: by oid, bounds of partitions as CHECK expressions; needed for a
        plain detach.
    """
    match operation:
        case Create():
            attach = _attach(operation, facts, types)
            if operation.built is not None:
                return (attach,)
            return (_build(operation, facts, table), attach)
        case Detach(concurrently=True):
            return (_detach_concurrently(operation, facts),)
        case Detach():
            return (_detach(operation, facts, types, checks),)
        case Finalize():
            return (_finalize(operation, facts),)
        case Discard():
            return (_gone("discard", operation.name),)
        case Drop():
            return (_gone("drop", operation.name, facts),)
        case Move():
            return (_move(operation),)
    assert_never(operation)


def batch(several: Sequence[Step]) -> Composed:
    """Write several steps of one phase as what is sent at once.

    Where queries can queue behind them, all of it is one ``DO`` block, so that one
    ``statement_timeout`` covers the waiting for every lock and the holding.
    """
    body = SQL("\n").join(step.sql for step in several)
    if not any(step.first for step in several):
        return body
    names = dict.fromkeys(name for step in several for name in step.first)
    lock = SQL("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE;").format(
        SQL(", ").join(SQL("ONLY {}").format(SQL(name)) for name in names)  # type: ignore[arg-type]
    )
    guards = [step.guard for step in several if step.guard is not None]
    return do_block(SQL("\n").join([lock, *guards, body]))


def do_block(body: Composed) -> Composed:
    """Wrap statements into one ``DO`` block, whatever they quote."""
    text, tag = body.as_string(None), "$partman$"
    while tag in text:
        tag = f"{tag[:-1]}_$"
    quote = SQL(tag)  # type: ignore[arg-type]
    return SQL("DO {quote} BEGIN\n{body}\nEND {quote};").format(quote=quote, body=body)


def for_values(bounds: Bounds, types: Sequence[str]) -> SQL:
    """Write bounds as the clause that PostgreSQL reads and prints."""
    return SQL(clause(bounds, types))  # type: ignore[arg-type]


def _build(operation: Create, facts: Facts, table: Table) -> Step:
    return Step(
        phase="build",
        sql=build.statements(operation.name, facts, table),
        locks=(Lock(relation=str(facts.name), mode="ACCESS SHARE"),),
    )


def _attach(operation: Create, facts: Facts, types: Sequence[str]) -> Step:
    parent, child = str(facts.name), str(operation.name)
    locks = [Lock(relation=parent, mode=UPDATE), Lock(relation=child, mode=EXCLUSIVE)]
    first: tuple[str, ...] = ()
    waits = None
    if facts.refers_to or facts.referred_by:
        linked = (*facts.refers_to, *facts.referred_by)
        locks += [Lock(relation=name, mode=ROW) for name in linked]
        waits = f"writers of {', '.join(linked)} wait while it is attached"
    if facts.default is not None:
        first = (parent, str(facts.default), child)
        locks[0] = Lock(relation=parent, mode=EXCLUSIVE)
        locks.insert(1, Lock(relation=str(facts.default), mode=EXCLUSIVE))
        waits = f"all queries of {parent} wait while {facts.default} is checked"
    return Step(
        phase="attach",
        sql=SQL("ALTER TABLE {} ATTACH PARTITION {} {};").format(
            relation(facts.name),
            relation(operation.name),
            for_values(operation.bounds, types),
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
        locks=(
            Lock(relation=str(facts.name), mode=UPDATE),
            Lock(relation=str(operation.name), mode=EXCLUSIVE),
        ),
        transaction=False,
    )


def _detach(
    operation: Detach, facts: Facts, types: Sequence[str], checks: Mapping[int, str]
) -> Step:
    parent, child = relation(facts.name), relation(operation.name)
    first = [str(facts.name), str(operation.name)]
    if facts.default is not None:
        first.insert(1, str(facts.default))
    linked = [Lock(relation=name, mode=ROW) for name in facts.refers_to]
    linked += [Lock(relation=name, mode=EXCLUSIVE) for name in facts.referred_by]
    return Step(
        phase="detach",
        sql=SQL(
            "ALTER TABLE {parent} DETACH PARTITION {child};\n"
            "ALTER TABLE {child} ADD CONSTRAINT {name} CHECK ({check}) NOT VALID;"
        ).format(
            parent=parent,
            child=child,
            name=Identifier(BOUND_CHECK),
            check=SQL(checks[operation.partition.oid]),  # type: ignore[arg-type]
        ),
        locks=(*(Lock(relation=name, mode=EXCLUSIVE) for name in first), *linked),
        first=tuple(first),
        guard=_unchanged(operation, types),
        waits=f"all queries of {facts.name} wait for the moment of the detach",
    )


def _unchanged(operation: Detach, types: Sequence[str]) -> Composed | None:
    """Refuse, under lock, if the bounds are not those that were planned."""
    if operation.bounds is None:
        return None
    return SQL(
        "IF (SELECT pg_get_expr(relpartbound, oid) FROM pg_class WHERE oid = {oid})"
        " IS DISTINCT FROM {bounds} THEN RAISE object_not_in_prerequisite_state"
        " USING MESSAGE = {message}; END IF;"
    ).format(
        oid=Value(operation.partition.oid),
        bounds=Value(clause(operation.bounds, types)),
        message=Value(f"{operation.name} has changed since it was planned"),
    )


def _finalize(operation: Finalize, facts: Facts) -> Step:
    return Step(
        phase="finalize",
        sql=SQL("ALTER TABLE {} DETACH PARTITION {} FINALIZE;").format(
            relation(facts.name), relation(operation.name)
        ),
        locks=(
            Lock(relation=str(facts.name), mode=UPDATE),
            Lock(relation=str(operation.name), mode=EXCLUSIVE),
        ),
    )


def _gone(
    phase: Literal["discard", "drop"], name: Name, facts: Facts | None = None
) -> Step:
    linked = () if facts is None else facts.refers_to
    waits = f"queries of {', '.join(linked)} wait for the moment of the drop"
    return Step(
        phase=phase,
        sql=removal(name),
        locks=tuple(
            Lock(relation=each, mode=EXCLUSIVE) for each in (str(name), *linked)
        ),
        waits=waits if linked else None,
    )


def removal(name: Name) -> Composed:
    """Write the end of a table; what depends on it is never taken along."""
    return SQL("DROP TABLE {};").format(relation(name))


def freeze(names: Sequence[Name], *, readable: bool) -> Composed:
    """Write the lock that a detached table is dropped under.

    :param readable: others may still read it: a plugin may archive it.
    """
    mode = "EXCLUSIVE" if readable else "ACCESS EXCLUSIVE"
    return SQL("LOCK TABLE {} IN {} MODE;").format(
        SQL(", ").join(map(relation, names)),
        SQL(mode),  # type: ignore[arg-type]
    )


def _move(operation: Move) -> Step:
    return Step(
        phase="move",
        sql=SQL("ALTER TABLE {} SET SCHEMA {};").format(
            relation(operation.name), Identifier(operation.target_schema)
        ),
        locks=(Lock(relation=str(operation.name), mode=EXCLUSIVE),),
    )
