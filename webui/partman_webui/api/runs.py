"""Runs: started with the plan that was seen, watched, stopped."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import quote

from attrs import evolve

from partman_webui import paging, planned, shapes
from partman_webui.answers import Answer, Stream
from partman_webui.api.plans import check_kinds
from partman_webui.app import Route
from partman_webui.database import no_run
from partman_webui.deeds import Wanted, is_on
from partman_webui.problems import problem
from partman_webui.shapes import FieldProblem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from partman_core.engine import Stop
    from partman_core.engine.telling import Asker
    from partman_core.plan import Plan
    from partman_core.report import Report
    from partman_webui.api.served import Served
    from partman_webui.app import Asked
    from partman_webui.database import Database
    from partman_webui.deeds import Work
    from partman_webui.events import Log

MOST, USUAL = 500, 50
LARGEST = 2**63 - 1
EVENTS = "text/event-stream"


def routes(served: Served) -> Iterator[Route]:
    """Yield the addresses."""
    base = "/api/v1/runs"
    yield Route("GET", base, partial(runs, served))
    yield Route("POST", base, partial(start, served), needs="apply", action="apply")
    yield Route("GET", f"{base}/<n:int>", partial(run, served))
    yield Route("GET", f"{base}/<n:int>/events", partial(events, served))
    yield Route(
        "POST", f"{base}/<n:int>/stop", partial(stop, served), needs="apply",
        action="stop",
    )  # fmt: skip


def runs(served: Served, asked: Asked) -> shapes.Runs:
    """Return the runs, the newest first."""
    limit = asked.number("limit", USUAL, most=MOST)
    before = paging.before("runs", asked.query.get("cursor"))
    found = served.database(asked).runs(
        asked.query.get("table") or None, limit + 1, before
    )
    items = found[:limit]
    more = paging.written("runs", items[-1].id) if found[limit:] else None
    return shapes.Runs(items=items, next_cursor=more)


def run(served: Served, asked: Asked, n: int) -> shapes.RunShown:
    """Return one run."""
    return served.database(asked).run(known(n))


def known(n: int) -> int:
    """Return a run's number, if a run can have it.

    :raises ProblemError: ``run-unknown``.
    """
    if not 0 < n <= LARGEST:
        raise no_run(n)
    return n


def events(served: Served, asked: Asked, n: int) -> shapes.RunEvents | Stream:
    """Return what happened in a run; as a stream where that is asked for."""
    database, number = served.database(asked), known(n)
    after = asked.number("after", 0, least=0, most=LARGEST)
    shown, log = database.news(number)
    if EVENTS not in asked.headers.get("accept", ""):
        return shapes.RunEvents(run=shown, items=log.after(after))

    def pull() -> Log:
        return database.news(number)[1]

    last = asked.headers.get("last-event-id", "")
    if last.isascii() and last.isdigit() and len(last) < len(str(LARGEST)):
        after = int(last)
    return Stream(chunks=served.streams.open(pull, after))


def start(served: Served, asked: Asked) -> Answer:
    """Do what a plan says, if it still holds."""
    wanted = asked.read(shapes.RunAsked)
    check_kinds(wanted.only)
    database = served.database(asked)
    found = database.table(wanted.table)
    if (on := database.deeds.of(found.id)) is not None:
        raise is_on(found.id, on.run)
    made, shown = database.plan(found.id, None, wanted.only)
    _check_hash(wanted, shown)
    if made.destroys:
        asked.require("destructive")
        check_confirmed(found.id, wanted.confirm, "takes partitions out, or drops them")
    _check_work(made, found.id)

    def work(asker: Asker, word: Stop) -> Report:
        return database.engine.apply(made, stop=word, asker=asker)

    return begun(
        served, asked, work,
        Wanted(
            table=found.id,
            actor=asked.actor.name,
            reason=wanted.reason,
            locks=planned.strongest(shown),
            planned=len(made.operations),
        ),
        action="apply",
    )  # fmt: skip


def _check_hash(wanted: shapes.RunAsked, shown: shapes.PlanShown) -> None:
    """Refuse what is not what was seen.

    :raises ProblemError: ``plan-stale``, with what would be done now.
    """
    (part,) = shown.tables
    if part.hash != wanted.hash:
        raise problem(
            "plan-stale",
            f"The plan for {part.table} no longer holds: it was "
            f"{wanted.hash[:40]!r}, now it is {part.hash!r}: {part.text}",
            hint="Look at the new plan, and start that.",
            plan=shown,
        )


def _check_work(made: Plan, table: str) -> None:
    if not made.operations:
        raise problem("conflict", f"There is nothing to do with {table}.")


def check_confirmed(table: str, confirm: str | None, why: str) -> None:
    """Refuse what a person has to confirm, and did not.

    :param why: what it does, as part of a sentence.
    :raises ProblemError: ``confirm-needed``.
    """
    if confirm != table:
        detail = f"the table's name, {table}, has to be typed here"
        raise problem(
            "confirm-needed",
            f"This {why}: {detail}.",
            errors=[FieldProblem(pointer="/confirm", detail=detail)],
        )


def begun(
    served: Served,
    asked: Asked,
    work: Work,
    wanted: Wanted,
    *,
    action: str,
) -> Answer:
    """Start a run, and say where it can be followed."""
    database = served.database(asked)
    number = database.deeds.start(wanted, work)
    served.record(asked, action, wanted.table, _detail(number, wanted))
    database.reads.forget()
    shown = _shown(database, number)
    address = f"{asked.prefix}/api/v1/runs/{number}"
    if asked.database != served.app.default:
        address += f"?database={quote(asked.database)}"
    return Answer(shape=shown, status=202, headers={"Location": address})


def _detail(number: int, wanted: Wanted) -> str:
    return f"run {number}" + (f": {wanted.reason}" if wanted.reason else "")


def _shown(database: Database, number: int) -> shapes.RunShown:
    return database.run(number)


def stop(served: Served, asked: Asked, n: int) -> shapes.RunShown:
    """Ask a run to end in good order, wherever it is at work."""
    database, number = served.database(asked), known(n)
    shown = database.run(number)
    if not database.engine.stop_run(number):
        raise problem(
            "conflict", f"Run {number} is not on: it has ended, {shown.result}."
        )
    served.record(asked, "stop", ", ".join(shown.tables) or None, f"run {number}")
    database.reads.forget()
    return evolve(shown, message=shown.message or "told to stop")
