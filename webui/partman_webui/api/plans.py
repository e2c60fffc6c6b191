"""Plans: made on request, named by their hash, kept nowhere."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from partman_core.cli.plan import KINDS
from partman_webui import shapes
from partman_webui.app import Route
from partman_webui.problems import problem
from partman_webui.shapes import FieldProblem

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from partman_webui.api.served import Served
    from partman_webui.app import Asked


FIRST_YEAR, LAST_YEAR = 2, 9998


def routes(served: Served) -> Iterator[Route]:
    """Yield the addresses."""
    rule = "/api/v1/tables/<id:table>/plans"
    yield Route("POST", rule, partial(plan, served), needs="plan", action="plan")


def plan(served: Served, asked: Asked, id: str) -> shapes.PlanShown:  # noqa: A002
    """Return what would be done with a table."""
    wanted = asked.read(shapes.PlanAsked)
    check_kinds(wanted.only)
    at = None if wanted.at is None else moment(wanted.at, "/at")
    database = served.database(asked)
    database.table(id)
    return database.plan(id, at, wanted.only)[1]


def check_kinds(only: Sequence[str]) -> None:
    """Refuse kinds of operations that there are not.

    :raises ProblemError: ``validation``.
    """
    for number, kind in enumerate(only):
        if kind not in KINDS:
            detail = f"there is no kind {kind[:40]!r}; there are {', '.join(KINDS)}"
            raise _wrong(f"/only/{number}", detail)


def moment(text: str, pointer: str) -> datetime:
    """Read a moment, with its offset from UTC.

    :raises ProblemError: ``validation``: it is none.
    """
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    # The first and the last years leave no room for an offset, or a period.
    if (
        found is None
        or found.utcoffset() is None
        or not FIRST_YEAR <= found.year <= LAST_YEAR
    ):
        detail = "a moment is expected, such as 2026-12-01T00:00:00+00:00"
        raise _wrong(pointer, f"{detail}, not {text[:60]!r}")
    return found


def _wrong(pointer: str, detail: str) -> Exception:
    return problem(
        "validation",
        f"What was sent is not right at {pointer}: {detail}.",
        errors=[FieldProblem(pointer=pointer, detail=detail)],
    )
