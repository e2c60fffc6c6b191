"""The managed tables: how they are, their partitions, what comes."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from partman_webui import paging, shapes
from partman_webui.app import Route
from partman_webui.problems import problem
from partman_webui.shaped import URGENCY, counted, last_run, urgency

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from partman_webui.api.served import Served
    from partman_webui.app import Asked

MOST_TABLES, USUAL_TABLES = 1000, 200
MOST_ROWS, USUAL_ROWS = 50_000, 1000


def routes(served: Served) -> Iterator[Route]:
    """Yield the addresses."""
    base = "/api/v1/tables"

    def get(rule: str, function: Callable[..., Any]) -> Route:
        return Route("GET", base + rule, partial(function, served))

    yield get("", tables)
    yield get("/<id:table>", table)
    yield get("/<id:table>/partitions", partitions)
    yield get("/<id:table>/days", days)


def tables(served: Served, asked: Asked) -> shapes.Tables:
    """Return the managed tables, the most urgent first."""
    database = served.database(asked)
    every = database.summaries()
    chosen = [one for one in every if _is_meant(one, asked)]
    limit = asked.number("limit", USUAL_TABLES, most=MOST_TABLES)
    # How tables are changes between two pages: the next one begins after the place of
    # the last entry, not after its number.
    after = paging.place("tables", asked.query.get("cursor"))
    rest = chosen if after is None else [one for one in chosen if _is_past(one, after)]
    items = rest[:limit]
    more = paging.written("tables", urgency(items[-1])) if rest[limit:] else None
    run = database.look().value.sight.last_run
    return shapes.Tables(
        items=items,
        summary=counted(every),
        next_cursor=more,
        last_run=last_run(run),
        running=database.deeds.running,
    )


def _is_past(one: shapes.TableSummary, after: Any) -> bool:
    try:
        return urgency(one) > tuple(after)
    except TypeError:
        raise paging.refused() from None


def _is_meant(one: shapes.TableSummary, asked: Asked) -> bool:
    words = [word for word in asked.query.get("health", "").split(",") if word]
    for word in words:
        if word not in URGENCY:
            raise problem(
                "bad-request",
                f"health is one of {', '.join(URGENCY)}, not {word[:40]!r}.",
            )
    schema, part = asked.query.get("schema"), asked.query.get("q", "").casefold()
    return (
        (not words or one.health in words)
        and (not schema or one.schema == schema)
        and part in one.id.casefold()
    )


def table(served: Served, asked: Asked, id: str) -> shapes.TableSummary:  # noqa: A002
    """Return one table."""
    return served.database(asked).table(id).summary


def partitions(served: Served, asked: Asked, id: str) -> shapes.Partitions:  # noqa: A002
    """Return a table's partitions, and what its timeline is drawn with."""
    rows, axis, found = served.database(asked).partitions(id)
    limit = asked.number("limit", USUAL_ROWS, most=MOST_ROWS)
    kind = f"partitions of {found.id}"
    items, more = paging.page(kind, rows, asked.query.get("cursor"), limit)
    return shapes.Partitions(
        items=items,
        total=len(rows),
        next_cursor=more,
        read_at=found.summary.read_at,
        stale=found.summary.stale,
        **axis,
    )


def days(served: Served, asked: Asked, id: str) -> shapes.Days:  # noqa: A002
    """Return what becomes due today and in the next days."""
    database = served.database(asked)
    database.table(id)
    return database.days(id).value
