"""Errors of the server turned into what a person can act on."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import psycopg
from attrs import evolve

from partman_core.errors import Blocked, PartmanError
from partman_core.naming import quote_ident
from partman_core.plan import Create, Move
from partman_core.report import Outcome

if TYPE_CHECKING:
    from partman_core.model import Deed
    from partman_core.plan import Operation
    from partman_core.report import Result

LOCKED = ("55P03", "57014")
"""Codes of a lock that was not granted in time, and of a statement cut short."""

_HINTS = {
    "55P03": "somebody holds the table; the next run tries again",
    "57014": "somebody holds the table; the next run tries again",
    "40P01": "two sessions waited for each other; the next run tries again",
    "42P07": "something else has this name; the next run takes another one",
    "42710": "something else has this name; the next run takes another one",
    "42501": "grant what is missing to the role that connects, or to the table's "
    "owner, as whom it makes partitions",
    "42P17": "another partition holds part of this range; run `partman partitions`",
    "23514": "DEFAULT holds rows that belong to this partition; move them out first",
    "23503": "another table still refers to rows of this partition; delete them there",
    "2BP01": "something depends on it; partman never drops with CASCADE: drop the view "
    "or foreign key that is named, or keep the partition",
    "3F000": "create the schema first, or name another retention_schema",
    "42704": "something that the settings name does not exist on this server",
    "53200": "raise max_locks_per_transaction, or use a larger partition_interval",
    "53100": "the disk is full",
    "25006": "this server is read-only; connect to the primary",
}

_DENIED = re.compile(
    r"permission denied for (schema|tablespace) (?P<name>.+)", re.DOTALL
)
"""How the server names what is missing, where its messages are English."""

_NEEDED = {"schema": "USAGE, CREATE", "tablespace": "CREATE"}
"""What it takes to make tables there."""

_EXIT = {"55P03": 8, "57014": 8, "40P01": 8, "42501": 4, "25006": 4}


def failed(
    operation: Operation,
    error: BaseException,
    seconds: float,
    *,
    owner: str | None = None,
) -> Outcome:
    """Return the outcome of an operation that *error* ended.

    :param seconds: how long it had taken by then.
    :param owner: the role that owns the table, and makes its partitions; None: not
        known here.
    """
    if isinstance(error, psycopg.Error):
        return _server(operation, error, seconds, owner)
    hint = error.hint if isinstance(error, PartmanError) else None
    code = error.exit_code if isinstance(error, PartmanError) else 3
    return Outcome(
        operation=operation,
        result="failed",
        seconds=seconds,
        message=one_line(error),
        hint=hint,
        sqlstate=getattr(error, "sqlstate", None),
        exit_code=code,
    )


def _server(
    operation: Operation, error: psycopg.Error, seconds: float, owner: str | None
) -> Outcome:
    state = error.sqlstate
    gone = state is None or state.startswith(("08", "57P"))
    return Outcome(
        operation=operation,
        result="failed",
        seconds=seconds,
        message=one_line(error),
        hint="the connection is gone; the next run finishes what was begun"
        if gone
        else _grant(operation, error, owner) or hint_for(error),
        sqlstate=state,
        exit_code=5 if gone else _EXIT.get(state or "", 3),
    )


def _grant(operation: Operation, error: psycopg.Error, owner: str | None) -> str | None:
    """Say who lacks which privilege on the place where a table is to be.

    :returns: None where that is not what was refused.
    """
    found = _DENIED.fullmatch(error.diag.message_primary or "")
    if error.sqlstate != "42501" or found is None:
        return None
    kind, place = found[1], found["name"]
    if kind == "schema" and place != _schema(operation):
        return None
    what = f"{kind.upper()} {quote_ident(place)}"
    if owner is None:
        return (
            f"the table's owner, as whom this is done, needs {_NEEDED[kind]} ON {what}"
        )
    who = quote_ident(owner)
    return (
        f"this is done as the table's owner, {who}, who may not make tables there: "
        f"GRANT {_NEEDED[kind]} ON {what} TO {who}"
    )


def _schema(operation: Operation) -> str | None:
    """Return the schema that a table is made in, or moved to."""
    if isinstance(operation, Move):
        return operation.target_schema
    return operation.name.schema if isinstance(operation, Create) else None


def hint_for(error: psycopg.Error) -> str | None:
    """Return the way out of a refusal: ours where we know one, else the server's."""
    return _HINTS.get(error.sqlstate or "") or error.diag.message_hint


def exit_code_for(error: psycopg.Error) -> int:
    """Return what a refusal by the server means for the exit code."""
    return _EXIT.get(error.sqlstate or "", 3)


def is_blocked(found: Outcome) -> bool:
    """Say whether somebody's lock was in the way."""
    return found.exit_code == Blocked.exit_code


def added(deed: Deed, found: Outcome) -> Deed:
    """Return *deed* with how it came out."""
    return evolve(
        deed,
        seconds=found.seconds,
        result=found.result,
        sqlstate=found.sqlstate,
        message=found.message,
    )


def one_line(error: BaseException) -> str:
    """Return what *error* says, on one line."""
    if isinstance(error, psycopg.Error) and error.diag.message_primary:
        detail = error.diag.message_detail
        return error.diag.message_primary + (f" ({detail})" if detail else "")
    if isinstance(error, PartmanError):
        return error.message
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def plain(
    operation: Operation,
    result: Result,
    *,
    seconds: float = 0.0,
    why: str | None = None,
) -> Outcome:
    """Return an outcome that is no failure."""
    return Outcome(operation=operation, result=result, seconds=seconds, message=why)
