"""Whole transactions, written as they are sent: one round trip each."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.pq import TransactionStatus
from psycopg.sql import SQL, Composed, Identifier

from partman_core.pg.heartbeat import status

if TYPE_CHECKING:
    from collections.abc import Sequence

    from partman_core.interval import Interval
    from partman_core.pg.facts import Facts

BEGIN = SQL("BEGIN;")
COMMIT = SQL("COMMIT;")

MONTH = 30 * 86_400.0
"""Seconds."""

CANCELLED_WITHIN = 5.0
"""Seconds that the server has to hear that something is to be cancelled."""

LONGEST = (1 << 31) - 1
"""The longest time limit that PostgreSQL takes, in milliseconds."""

SHORTEST_WHOLE = 30_000
"""The shortest limit of a whole transaction, in milliseconds: it costs the session."""

HOOK_MARGIN = 60_000
"""What a hook's session has beyond the hook's time, in milliseconds."""


def transaction(  # noqa: PLR0913 - the parts of a transaction
    facts: Facts,
    body: Composed | None,
    *,
    limits: Composed,
    before: Sequence[Composed] = (),
    after: Sequence[Composed] = (),
    making: bool = False,
) -> Composed:
    """Write a transaction.

    :param body: what is done as the parent's owner, see :func:`acting_as`; None:
        nothing.
    :param making: whether tables are made in it.
    :param limits: the time limits that hold in it, see :func:`limits`.
    :param before: what the registry is told first, as ourselves.
    :param after: what it is told last.
    """
    acted = [] if body is None else acting_as(facts, body, making=making)
    inner = [limits, *before, *acted, *after]
    return lines(BEGIN, *inner, COMMIT)


def lines(*statements: SQL | Composed) -> Composed:
    """Put statements below each other, to be sent at once."""
    return SQL("\n").join(statements)


def limits(
    *, lock: Interval | None = None, statement: Interval | None = None
) -> Composed:
    """Write the time limits of a transaction.

    One whose statements are limited is limited as a whole too, from PostgreSQL 17 on:
    to ten such statements, or half a minute.  The others may have to scan a large
    table, so theirs is none, also where the role has one.

    :param lock: the longest wait for one lock; None: no limit.
    :param statement: the longest that one statement may take, waiting included;
        None: no limit.
    """
    each = _milliseconds(statement)
    whole = min(max(10 * each, SHORTEST_WHOLE), LONGEST) if each else 0
    return SQL(
        "SET LOCAL lock_timeout = {}; SET LOCAL statement_timeout = {}; "
    ).format(_milliseconds(lock), each) + _whole(whole, local=True)


def session_limits(*, lock: Interval, statement: Interval) -> Composed:
    """Write the time limits of what cannot run in a transaction.

    A limit of the role to whole transactions must not cut short what waits.
    """
    return SQL("SET lock_timeout = {}; SET statement_timeout = {}; ").format(
        _milliseconds(lock), _milliseconds(statement)
    ) + _whole(0, local=False)


RESET_LIMITS = SQL("RESET lock_timeout; RESET statement_timeout;")
"""Back to the limits that the session began with."""


def hook_limits(hook_timeout: Interval, *, local: bool = False) -> Composed:
    """Write the time limits of a session, or a transaction, that hooks work in.

    They may think for long while the session is idle: until their own time is up, and
    a minute more.

    :param local: for the transaction that it is sent in.
    """
    idle = min(_milliseconds(hook_timeout) + HOOK_MARGIN, LONGEST)
    scope = SQL("LOCAL ") if local else SQL("")
    return SQL(
        "SET {scope}idle_in_transaction_session_timeout = {idle}; "
        "SET {scope}idle_session_timeout = {idle}; "
    ).format(scope=scope, idle=idle) + _whole(0, local=local)


def _whole(milliseconds: int, *, local: bool) -> Composed:
    """Limit transactions as a whole, where the server knows that.

    Set to 0 first, as a limit that has begun to run is not replaced otherwise.
    """
    return SQL(
        "SELECT CASE WHEN current_setting('transaction_timeout', true) IS NOT NULL "
        "THEN set_config('transaction_timeout', '0', {local}) "
        "|| set_config('transaction_timeout', {value}, {local}) END;"
    ).format(value=str(milliseconds), local=local)


def timed(conn: psycopg.Connection[Any], statements: Composed) -> float:
    """Send statements; return how long they took, in seconds."""
    started = time.monotonic()
    conn.execute(statements)
    return time.monotonic() - started


def recover(conn: psycopg.Connection[Any]) -> None:
    """Leave a failed transaction, if there is one; a dead session is raised.

    One that was interrupted while its answer was on the way cannot be used any more:
    what it was doing is cancelled, and it is closed.
    """
    left = status(conn)
    if not conn.closed and left in {
        TransactionStatus.ACTIVE,
        TransactionStatus.UNKNOWN,
    }:
        with suppress(psycopg.Error):
            conn.cancel_safe(timeout=CANCELLED_WITHIN)
        conn.close()
    if conn.closed:
        raise psycopg.OperationalError("the connection to the server is gone")
    if left != TransactionStatus.IDLE:
        conn.rollback()


END_SESSION = "SELECT pg_terminate_backend(%s)"
"""Lets the server end another session of ours, by its pid."""

MARK = "SET LOCAL partman.dropping = 'on'"
"""A mark that is gone when the transaction ends."""

_MARKED = "SELECT current_setting('partman.dropping', true) = 'on'"


def is_marked(conn: psycopg.Connection[Any]) -> bool:
    """Say whether a session is still in the transaction that was marked, and well."""
    if conn.closed or conn.info.transaction_status != TransactionStatus.INTRANS:
        return False
    return bool(conn.execute(_MARKED).fetchall()[0][0])


def session_role(role: str) -> Composed:
    """Write the change of role for what cannot run in a transaction."""
    return SQL("SET ROLE {};").format(Identifier(role))


def seconds(interval: Interval) -> float:
    """Return how long *interval* is, a month being thirty days."""
    return interval.months * MONTH + interval.microseconds / 1e6


def _milliseconds(interval: Interval | None) -> int:
    if interval is None:
        return 0
    return min(max(1, int(seconds(interval) * 1000)), LONGEST)


def acting_as(facts: Facts, body: Composed, *, making: bool = False) -> list[Composed]:
    """Let *body* be done by the parent's owner, so that a new partition is his.

    Only the owner may attach it, and whoever creates a table owns it.  A superuser
    becomes him only to make tables, as what others made may belong to somebody else.

    :param making: whether tables are made in it.
    """
    begin, end = roles(facts, making=making)
    return [*begin, body, *end]


def roles(
    facts: Facts, *, making: bool = False
) -> tuple[list[Composed], list[Composed]]:
    """Write how a transaction becomes the parent's owner, and us again."""
    if not acts(facts, making=making):
        return [], []
    role = SQL("SET LOCAL ROLE {};")
    return [role.format(Identifier(facts.owner))], [role.format(Identifier(facts.role))]


def acts(facts: Facts, *, making: bool = False) -> bool:
    """Say whether something is done as the parent's owner instead of as ourselves."""
    return facts.role != facts.owner and (making or not facts.superuser)
