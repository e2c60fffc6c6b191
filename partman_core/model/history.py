"""What happened, as plugins hear of it and as the history keeps it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

if TYPE_CHECKING:
    from datetime import datetime

    from partman_core.bounds import Bounds
    from partman_core.naming import Name


@frozen(kw_only=True)
class Event:
    """Something that happened and is committed.

    :param kind: ``created``, ``attached``, ``detached``, ``dropped``, ``moved``,
        ``discarded`` (built by an earlier run, wanted by nobody any more, removed),
        ``blocked``, ``failed``, ``run-started`` or ``run-finished``.
    :param at: by the run's clock.
    :param message: why, of ``blocked`` and ``failed``; None of what was done.
    """

    kind: str
    at: datetime
    run: int | None = None
    table: Name | None = None
    partition: Name | None = None
    bounds: Bounds | None = None
    tenant: str | None = None
    rows: int | None = None
    bytes: int | None = None
    message: str | None = None


@frozen(kw_only=True)
class Run:
    """One pass of maintenance, as the history keeps it.

    :param result: ``running``, ``done``, ``failed`` (of some table, or as a whole when
        its engine or the server went away) or ``interrupted``.
    """

    id: int
    actor: str
    command: str
    started_at: datetime
    finished_at: datetime | None = None
    result: str = "running"
    message: str | None = None


@frozen(kw_only=True)
class Deed:
    """One operation of a run, as the history keeps it.

    :param seconds: how long it took.
    :param result: ``done``, ``failed`` or ``skipped``.
    """

    run: int
    at: datetime
    table: Name
    kind: str
    partition: Name
    bounds: str | None = None
    rows: int | None = None
    bytes: int | None = None
    seconds: float = 0.0
    result: str = "done"
    sqlstate: str | None = None
    message: str | None = None
