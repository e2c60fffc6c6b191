"""Holds, set and let go: a partition on hold is neither retired nor dropped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from partman_core.engine.names import parsed
from partman_core.engine.opening import moment
from partman_core.engine.partitions import partition
from partman_core.errors import ConfigError
from partman_core.naming import as_typed
from partman_core.pg import holds
from partman_core.planner.holds import ENDLESS
from partman_core.zones import told

if TYPE_CHECKING:
    from datetime import datetime

    from partman_core.engine.opening import Session
    from partman_core.naming import Name
    from partman_core.pg.holds import Candidate


@frozen(kw_only=True)
class Hold:
    """A hold on a partition.

    :param table: that it is in, or was; None: that is gone.
    :param until: None: without end.
    :param in_bin: whether it is out of its table already.
    :param before: the hold that it had before; of two that hold, the last counts.
    """

    partition: Name
    table: Name | None
    until: datetime | None
    reason: str
    in_bin: bool
    before: Hold | None = None


def hold(
    opened: Session,
    schema: str,
    name: str | Name,
    reason: str,
    until: datetime | None,
) -> Hold:
    """Put a partition on hold.

    :param until: aware; None: without end.
    :raises ConfigError: there is no such partition, it is never retired anyway, or
        *until* is over.
    """
    found = _ours(opened, schema, name)
    end, reason = _end(until, opened.now), _worded(reason)
    before = _hold_of(found, opened.now)
    if holds.put_on_hold(opened.conn, schema, found.oid, end, reason):
        # A run may have taken it out meanwhile.
        for now_there in holds.candidates(opened.conn, schema):
            if now_there.oid == found.oid:
                return _hold(now_there, before=before)
    raise ConfigError(
        f"{found.name} was dropped meanwhile",
        hint="`partman history` says by which run",
        code="unknown-partition",
    )


def release(opened: Session, schema: str, name: str | Name) -> Hold | None:
    """Take the hold from a partition; return it, if there was one.

    :raises ConfigError: there is no such partition.
    """
    found = partition(opened, schema, parsed(name))
    if found.hold_until is not None:
        holds.let_go(opened.conn, schema, found.oid)
    return _hold_of(found, opened.now)


def _ours(opened: Session, schema: str, name: str | Name) -> Candidate:
    """Return a partition that retention could take out.

    :raises ConfigError: it never would.
    """
    found = partition(opened, schema, parsed(name))
    if found.is_default:
        raise ConfigError(
            f"{found.name} is the DEFAULT partition of {found.table}, which is "
            "never retired",
            hint="there is nothing to be held",
            code="never-retired",
        )
    if not found.ours:
        table = "TABLE" if found.table is None else as_typed(found.table)
        raise ConfigError(
            f"{found.name} was made by somebody else, so it is never retired",
            hint="there is nothing to be held until "
            f"`partman adopt {table}` takes charge of it",
            code="never-retired",
        )
    return found


def _end(until: datetime | None, now: datetime) -> datetime | None:
    """Return when a hold ends, in UTC.

    :raises ConfigError: that is over.
    """
    if until is None:
        return None
    try:
        end = moment(until)
    except OverflowError:
        return None  # beyond the years that Python knows
    if end <= now:
        raise ConfigError(
            f"a hold until {told(end)} would be over already: it is {told(now)}",
            hint="name a later moment, or none for a hold without end",
            code="hold-over",
        )
    return end


def _worded(reason: str) -> str:
    """Return a reason, on one line.

    :raises ConfigError: it is empty.
    """
    text = " ".join(reason.replace("\0", " ").split())
    if not text:
        raise ConfigError(
            "a hold needs a reason",
            hint="whoever finds it in a year will want to know",
            code="no-reason",
        )
    return text


def _hold_of(found: Candidate, now: datetime) -> Hold | None:
    if found.hold_until is None or found.hold_until <= now:
        return None
    return _hold(found)


def _hold(found: Candidate, before: Hold | None = None) -> Hold:
    until = found.hold_until
    return Hold(
        partition=found.name,
        table=found.table,
        until=None if until is None or until >= ENDLESS else until,
        reason=found.hold_reason or "no reason given",
        in_bin=found.in_bin,
        before=before,
    )
