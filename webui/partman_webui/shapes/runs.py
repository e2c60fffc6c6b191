"""What is told of runs and of what people do, and how a run is asked for."""

from __future__ import annotations

from attrs import field, frozen


@frozen(kw_only=True)
class RunAsked:
    """Body of ``POST /api/v1/runs``.

    :param hash: of the table's part of the plan that was seen.
    :param only: kinds of operations, as the plan was asked for; empty: all.
    :param confirm: the table's id, where something is destroyed.
    :param reason: kept in the history.
    """

    table: str
    hash: str
    only: list[str] = field(factory=list)
    confirm: str | None = None
    reason: str | None = None


@frozen(kw_only=True)
class RunShown:
    """One run of the history.

    :param result: ``running``, ``done``, ``failed`` or ``interrupted``.
    :param reason: why somebody started it, as long as this process knows.
    :param planned: how many operations it was started for, if through the pages.
    """

    id: int
    actor: str
    command: str
    started_at: str
    finished_at: str | None
    result: str
    message: str | None
    tables: list[str] = field(factory=list)
    done: int = 0
    failed: int = 0
    reason: str | None = None
    planned: int | None = None


@frozen(kw_only=True)
class Runs:
    """The runs, the newest first."""

    items: list[RunShown]
    next_cursor: str | None = None


@frozen(kw_only=True)
class RunEvent:
    """Something that happened in a run.

    :param id: grows within a run; it is the ``id`` of the stream's event.
    :param kind: ``created``, ``attached``, ``detached``, ``dropped``, ``moved``,
        ``discarded``, ``blocked``, ``failed``, ``skipped``, ``run-finished``.
    """

    id: int
    kind: str
    at: str
    table: str | None
    partition: str | None
    bounds: str | None = None
    rows: int | None = None
    bytes: int | None = None
    seconds: float | None = None
    message: str | None = None


@frozen(kw_only=True)
class RunEvents:
    """What happened in a run after a given event."""

    run: RunShown
    items: list[RunEvent]


@frozen(kw_only=True)
class ActionShown:
    """Something that somebody did, or was refused, through the pages."""

    id: int
    at: str
    actor: str
    method: str
    action: str
    target: str | None
    allowed: bool
    detail: str | None = None
    address: str | None = None


@frozen(kw_only=True)
class Actions:
    """What was done and refused, the newest first."""

    items: list[ActionShown]
    next_cursor: str | None = None
