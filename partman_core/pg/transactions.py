"""Whole transactions, written as they are sent: one round trip each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from psycopg.sql import SQL, Composed, Identifier, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence

    import psycopg

    from partman_core.interval import Interval
    from partman_core.pg.facts import Facts

BEGIN = SQL("BEGIN;")
COMMIT = SQL("COMMIT;")


def transaction(
    facts: Facts,
    body: Composed | None,
    *,
    limits: Composed,
    before: Sequence[Composed] = (),
    after: Sequence[Composed] = (),
) -> Composed:
    """Write a transaction.

    :param body: what is done as the parent's owner; None: nothing.
    :param limits: the time limits that hold in it, see :func:`limits`.
    :param before: what the registry is told first, as ourselves.
    :param after: what it is told last.
    """
    acted = [] if body is None else acting_as(facts, body)
    inner = [limits, *before, *acted, *after]
    return lines(BEGIN, *inner, COMMIT)


def lines(*statements: SQL | Composed) -> Composed:
    """Put statements below each other, to be sent at once."""
    return SQL("\n").join(statements)


def limits(
    *, lock: Interval | None = None, statement: Interval | None = None
) -> Composed:
    """Write the time limits of a transaction.

    :param lock: the longest wait for one lock; None: no limit.
    :param statement: the longest that one statement may take, waiting included;
        None: no limit.
    """
    return SQL("SET LOCAL lock_timeout = {}; SET LOCAL statement_timeout = {};").format(
        _milliseconds(lock), _milliseconds(statement)
    )


def session_limits(*, lock: Interval, statement: Interval) -> Composed:
    """Write the time limits of what cannot run in a transaction."""
    return SQL("SET lock_timeout = {}; SET statement_timeout = {};").format(
        _milliseconds(lock), _milliseconds(statement)
    )


RESET_LIMITS = SQL("RESET lock_timeout; RESET statement_timeout;")
"""Back to the limits that the session began with."""


def end_session(conn: psycopg.Connection[Any], pid: int) -> None:
    """Let the server end another session of ours."""
    conn.execute("SELECT pg_terminate_backend(%s)", [pid])


def session_role(role: str) -> Composed:
    """Write the change of role for what cannot run in a transaction."""
    return SQL("SET ROLE {};").format(Identifier(role))


def _milliseconds(interval: Interval | None) -> Literal:
    return Literal(0 if interval is None else max(1, interval.microseconds // 1000))


def acting_as(facts: Facts, body: Composed) -> list[Composed]:
    """Let *body* be done by the parent's owner, so that the partition is his.

    Only the owner may attach it, and whoever creates a table owns it.
    """
    begin, end = roles(facts)
    return [*begin, body, *end]


def roles(facts: Facts) -> tuple[list[Composed], list[Composed]]:
    """Write how a transaction becomes the parent's owner, and us again."""
    if facts.role == facts.owner:
        return [], []
    role = SQL("SET LOCAL ROLE {};")
    return [role.format(Identifier(facts.owner))], [role.format(Identifier(facts.role))]
