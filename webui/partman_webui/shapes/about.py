"""What is told of the server, of who asks, and of what went wrong."""

from __future__ import annotations

from attrs import field, frozen

from partman_webui.shapes.plans import PlanShown


@frozen(kw_only=True)
class PluginShown:
    """One plugin.

    :param hooks: the hooks that it takes part in.
    """

    name: str
    version: str | None
    source: str
    hooks: list[str]
    error: str | None = None


@frozen(kw_only=True)
class Plugins:
    """The plugins, in the order in which they are asked."""

    items: list[PluginShown]


@frozen(kw_only=True)
class DatabaseShown:
    """A database that these pages show."""

    name: str
    label: str
    server: str | None
    reachable: bool


@frozen(kw_only=True)
class Databases:
    """The databases; ``?database=`` names one."""

    items: list[DatabaseShown]


@frozen(kw_only=True)
class Me:
    """Who is asking, and what they may do.

    :param can: of ``read``, ``plan``, ``apply``, ``destructive``, ``settings``.
    :param features: what the engine can do, such as ``drain``.
    :param warning: what everybody should see on top of every page.
    """

    actor: str
    method: str
    can: list[str]
    features: list[str]
    version: str
    server: str | None
    database: str
    warning: str | None = None


@frozen(kw_only=True)
class FieldProblem:
    """What is wrong with one field of a request."""

    pointer: str
    detail: str


@frozen(kw_only=True)
class Problem:
    """What went wrong (RFC 9457), as ``application/problem+json``.

    :param plan: with ``plan-stale``: what would be done now.
    :param run: with ``run-active``: the run that is on.
    """

    type: str
    title: str
    status: int
    code: str
    detail: str
    hint: str | None = None
    request_id: str | None = None
    errors: list[FieldProblem] = field(factory=list)
    plan: PlanShown | None = None
    run: int | None = None
