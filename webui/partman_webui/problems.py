"""What went wrong, as RFC 9457 has it: codes, and how each of our errors becomes one.

A handler says ``raise problem("table-unknown", "public.x is not managed")``.  What the
engine raises is translated by its exit code.  What nobody expected becomes ``internal``
with the request's number, and its text stays in the log.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
from attrs import evolve
from psycopg import errors

from partman_core.errors import ConfigError, PartmanError
from partman_webui.shapes import FieldProblem, PlanShown, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

CODES: Mapping[str, tuple[int, str]] = {
    "bad-request": (400, "The request cannot be read"),
    "auth-required": (401, "Nobody is logged in"),
    "login-failed": (401, "That login was refused"),
    "not-allowed": (403, "This login may not do that"),
    "cross-site": (403, "The request comes from another site"),
    "not-found": (404, "There is nothing at this address"),
    "table-unknown": (404, "This table is not managed"),
    "partition-unknown": (404, "There is no such partition"),
    "run-unknown": (404, "There is no such run"),
    "tenant-unknown": (404, "There is no such tenant"),
    "database-unknown": (404, "There is no such database"),
    "method-not-allowed": (405, "This address does not take that method"),
    "not-acceptable": (406, "This address answers with another type"),
    "conflict": (409, "This cannot be done as things are"),
    "plan-stale": (409, "The plan is out of date"),
    "run-active": (409, "A run is going on"),
    "locked": (409, "Somebody else is at work there"),
    "settings-changed": (412, "The settings were changed meanwhile"),
    "too-large": (413, "The request is too large"),
    "json-only": (415, "Only JSON is taken"),
    "host-not-allowed": (421, "This server is not known by that name"),
    "validation": (422, "What was sent is not right"),
    "confirm-needed": (422, "This has to be confirmed"),
    "if-match-needed": (428, "Say which version of the settings was changed"),
    "rate-limited": (429, "Too many requests"),
    "internal": (500, "Something went wrong in partman"),
    "db-unreachable": (503, "The database cannot be reached"),
    "db-busy": (503, "The database is busy"),
    "too-many-streams": (503, "Too many pages follow runs"),
}
"""Status and title by code."""

OF_ENGINE: Mapping[str, str] = {
    # what is not there
    "not-managed": "table-unknown",
    "unknown-table": "table-unknown",
    "table-gone": "table-unknown",
    "not-partitioned": "table-unknown",
    "unknown-partition": "partition-unknown",
    "not-in-bin": "partition-unknown",
    "unknown-tenant": "tenant-unknown",
    "no-such-run": "run-unknown",
    # what cannot be done, whatever the request says
    "changed": "conflict",
    "declared-by-file": "conflict",
    "default-rows": "conflict",
    "dependents": "conflict",
    "half-detached": "conflict",
    "held": "conflict",
    "paused": "conflict",
    "plugin": "conflict",
    "plugin-broken": "conflict",
    "plugin-missing": "conflict",
    "pooler": "conflict",
    "privilege": "conflict",
    "schema-newer": "conflict",
    "schema-taken": "conflict",
    "standby": "conflict",
    "still-maintained": "conflict",
    "unattached": "conflict",
    "unknown-plugin": "conflict",
    # no way to the database, until somebody changes its settings
    "connection": "db-unreachable",
    "database": "db-unreachable",
    "dsn": "db-unreachable",
    "libpq": "db-unreachable",
    "password": "db-unreachable",
    "role": "db-unreachable",
    "version": "db-unreachable",
    "needs-confirmation": "confirm-needed",
}
"""Our codes for those of the engine's ConfigErrors; all others are ``validation``."""


class ProblemError(Exception):
    """What a request is refused with.

    :param problem: as it is answered.
    :param headers: that go with it, such as ``Retry-After``.
    """

    def __init__(
        self, problem: Problem, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(problem.detail)
        self.problem = problem
        self.headers = dict(headers or {})

    @property
    def code(self) -> str:
        """Its short, stable name."""
        return self.problem.code

    @property
    def status(self) -> int:
        """The status of the answer."""
        return self.problem.status


def problem(  # noqa: PLR0913 - a problem has that many parts
    code: str,
    detail: str,
    *,
    hint: str | None = None,
    errors: Iterable[FieldProblem] = (),
    plan: PlanShown | None = None,
    headers: Mapping[str, str] | None = None,
) -> ProblemError:
    """Make a problem, to be raised.

    :param code: one of :data:`CODES`.
    :param detail: a sentence: what, where, why.
    :param hint: the way out.
    :param errors: what is wrong with single fields.
    :param plan: with ``plan-stale``: what would be done now.
    """
    status, title = CODES[code]
    told = Problem(
        type=f"urn:partman:problem:{code}",
        title=title,
        status=status,
        code=code,
        detail=detail,
        hint=hint,
        errors=list(errors),
        plan=plan,
    )
    return ProblemError(told, headers)


def numbered(error: ProblemError, request_id: str) -> Problem:
    """Return what is answered, with the number of the request."""
    return evolve(error.problem, request_id=request_id)


def translated(error: Exception) -> ProblemError:
    """Return what an error of the engine, or one that nobody expected, is told as.

    The text of what nobody expected is not in it.
    """
    if isinstance(error, ProblemError):
        return error
    if isinstance(error, PartmanError):
        return _of_engine(error)
    if isinstance(error, errors.LockNotAvailable | errors.QueryCanceled):
        return problem(
            "db-busy",
            "The database did not answer in time: somebody holds what it needs.",
            hint="Try again in a moment.",
            headers={"Retry-After": "5"},
        )
    if isinstance(error, psycopg.OperationalError):
        return _unreachable("The connection to the database was lost.", None)
    return problem(
        "internal",
        "partman met something that it did not expect. Its log tells more, under the "
        "number of this request.",
    )


def is_unexpected(error: Exception) -> bool:
    """Say whether an error is a bug: its traceback belongs into the log."""
    return translated(error).status == CODES["internal"][0]


def _of_engine(error: PartmanError) -> ProblemError:
    match error.exit_code:
        case 5:
            return _unreachable(error.message, error.hint)
        case 6 | 8:
            return problem("locked", error.message, hint=error.hint)
        case 2:
            return problem("plan-stale", error.message, hint=error.hint)
        case 3:
            return problem("conflict", error.message, hint=error.hint)
        case 4 if isinstance(error, ConfigError):
            return _of_settings(error)
        case _:
            return problem("internal", "partman could not do that.", hint=error.hint)


def _of_settings(error: ConfigError) -> ProblemError:
    code = OF_ENGINE.get(error.code, "validation")
    mistakes = error.mistakes if len(error.mistakes) > 1 else ()
    told = [FieldProblem(pointer="", detail=mistake) for mistake in mistakes]
    return problem(code, error.message, hint=error.hint, errors=told)


def _unreachable(detail: str, hint: str | None) -> ProblemError:
    return problem("db-unreachable", detail, hint=hint, headers={"Retry-After": "5"})
