"""How a partition comes back from the bin: its steps, and what is recorded of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from psycopg.sql import SQL, Composed, Identifier
from psycopg.sql import Literal as Value

from partman_core.bounds import clause
from partman_core.pg.build import relation
from partman_core.pg.statements import BOUND_CHECK, EXCLUSIVE, do_block, settle
from partman_core.pg.steps import ROW, UPDATE, Step, listed, lock_of, lockable

if TYPE_CHECKING:
    from partman_core.pg.facts import Facts
    from partman_core.pg.records import Records
    from partman_core.plan import Attach


def steps(operation: Attach, facts: Facts) -> tuple[Step, ...]:
    """Write an attach as steps, the attach itself last.

    PostgreSQL reads every row under its locks unless a CHECK that it knows to hold
    says the same as the bounds.  So that is seen to before, beside everybody.
    """
    found = [] if operation.proven else [_validate(operation)]
    if operation.check is None and operation.retired.bound_check is not None:
        found.insert(0, _guard(operation, operation.retired.bound_check))
    return (*found, _attach(operation, facts))


def _guard(operation: Attach, check: str) -> Step:
    return Step(
        phase="guard",
        sql=settle(operation.name, check),
        locks=(lock_of(operation.name, EXCLUSIVE),),
    )


def _validate(operation: Attach) -> Step:
    return Step(
        phase="validate",
        sql=SQL("ALTER TABLE {} VALIDATE CONSTRAINT {};").format(
            relation(operation.name), Identifier(operation.check or BOUND_CHECK)
        ),
        locks=(lock_of(operation.name, UPDATE),),
    )


def _attach(operation: Attach, facts: Facts) -> Step:
    """Write the attach itself.

    The foreign keys that the partition has kept become those of the table again,
    which locks what they point at wholly.
    """
    parent, child = facts.name, operation.name
    locks = [lock_of(parent, UPDATE), lock_of(child, EXCLUSIVE)]
    locks += [lock_of(name, EXCLUSIVE) for name in facts.refers_to]
    locks += [lock_of(name, ROW) for name in facts.referred_by]
    waits = []
    if facts.default is not None:
        locks[:1] = [lock_of(parent, EXCLUSIVE), lock_of(facts.default, EXCLUSIVE)]
        waits.append(f"all queries of {parent} wait while {facts.default} is checked")
    if facts.refers_to:
        waits.append(f"all queries of {listed(facts.refers_to)} wait")
    if facts.referred_by:
        waits.append(f"writers of {listed(facts.referred_by)} wait")
    return Step(
        phase="attach",
        sql=_statements(operation, facts),
        locks=tuple(locks),
        first=() if facts.default is None else lockable(facts, child),
        waits=", and ".join(waits) or None,
    )


def _statements(operation: Attach, facts: Facts) -> Composed:
    """Write the attach, and the end of the CHECK that its bounds stand for again."""
    child = relation(operation.name)
    attach = SQL("ALTER TABLE {} ATTACH PARTITION {} {};").format(
        relation(facts.name), child, SQL(clause(operation.bounds, facts.types))
    )
    if operation.retired.bound_check is None or operation.check not in {
        None,
        BOUND_CHECK,
    }:
        return attach
    return attach + SQL("\nALTER TABLE {} DROP CONSTRAINT {};").format(
        child, Identifier(BOUND_CHECK)
    )


def returned(operation: Attach, parent: int, records: Records) -> Composed:
    """Write that a partition is out of the bin and ours again.

    It comes after the attach, under its locks: whoever drops from the bin locks the
    table before the record as well.  What was attached must be what was in the bin.

    :param parent: oid of the table.
    """
    reason = operation.hold
    return do_block(
        SQL(_RETURNED).format(
            schema=Identifier(records.schema),
            oid=Value(operation.retired.oid),
            parent=Value(parent),
            now=Value(records.now),
            run=Value(records.run),
            until=Value(None if reason is None else "infinity"),
            reason=Value(reason),
            changed=Value(f"{operation.name} has changed since it was looked at"),
            hint=Value("`partman bin` shows what there is now"),
        )
    )


_RETURNED = """
DELETE FROM {schema}.detached_partitions WHERE relation = {oid}::oid;
IF NOT FOUND THEN RAISE object_not_in_prerequisite_state
    USING MESSAGE = {changed}, HINT = {hint}; END IF;
INSERT INTO {schema}.managed_partitions AS m (relation, parent, bounds, attached,
    origin, created_at, run_id, hold_until, hold_reason)
SELECT c.oid, i.inhparent, pg_get_expr(c.relpartbound, 0), true, 'adopted', {now},
       {run}, {until}::timestamptz, {reason}
  FROM pg_class c JOIN pg_inherits i ON i.inhrelid = c.oid
 WHERE c.oid = {oid}::oid AND i.inhparent = {parent}::oid
    ON CONFLICT (relation) DO UPDATE SET
       parent = excluded.parent, bounds = excluded.bounds, attached = true,
       hold_until = coalesce(excluded.hold_until, m.hold_until),
       hold_reason = CASE WHEN m.hold_until > {now} OR excluded.hold_until IS NULL
                          THEN m.hold_reason ELSE excluded.hold_reason END;
IF NOT FOUND THEN RAISE object_not_in_prerequisite_state
    USING MESSAGE = {changed}, HINT = {hint}; END IF;"""
