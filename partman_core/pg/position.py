"""Where axes of numbers stand: sequences and newest rows, within the read budget.

For all tables together it takes two questions.  The first asks the catalog which
sequences there are and which partitions have a page at all; the second reads sequences,
and the largest key of the newest partition that has one, which an index gives at once.
Only where that fails tables are asked one by one, and then partition by partition.
"""

from __future__ import annotations

from math import inf
from time import monotonic
from typing import TYPE_CHECKING, Any

from partman_core.naming import Name
from partman_core.pg.catalog import LOOK_BUDGET, has_rows
from partman_core.pg.driver import errors, sql
from partman_core.pg.failures import explained
from partman_core.pg.looks import Look, Search
from partman_core.pg.queries import queries
from partman_core.pg.session import read
from partman_core.planner.standing import (
    Counter,
    Spot,
    heaps,
    standing,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from partman_core.pg.session import Connection
    from partman_core.planner.standing import Asked, Standing

_SQL = queries("position.sql")

_TOGETHER = 64
"""In how many partitions one question looks: it locks each of them, and its indexes."""

_TOP = 32
"""Of how many partitions of a table it is asked at first whether they have a page."""

_FIRST, _MORE = 4, 16
"""In how many partitions of one table it looks: the newest one with a page has rows,
unless they were deleted."""

_REFUSED = (
    errors.InsufficientPrivilege,
    errors.LockNotAvailable,
    errors.QueryCanceled,
    errors.UndefinedTable,
)


def positions(conn: Connection, asked: Sequence[Asked]) -> dict[int, Standing]:
    """Find out where axes of numbers stand.

    :param asked: one for each table.
    :returns: by oid of the table.
    """
    if not asked:
        return {}
    with explained(conn):
        searches = _begun(conn, asked)
        _descend(conn, searches)
        for search in searches:
            _look_into_default(conn, search)
    return {
        search.asked.tree.oid: standing(search.asked, search.evidence())
        for search in searches
    }


def _begun(conn: Connection, asked: Sequence[Asked]) -> list[Search]:
    """Ask the catalog, for all tables at once if nothing is in the way."""
    try:
        return _first_look(conn, asked)
    except _REFUSED:
        if len(asked) > 1:
            return [search for one in asked for search in _begun(conn, [one])]
        return [Search(asked=asked[0], unseen=len(asked[0].there))]


def _first_look(conn: Connection, asked: Sequence[Asked]) -> list[Search]:
    searches = [Search(asked=one, rest=list(one.there)) for one in asked]
    defaults = [one.tree.default for one in asked]
    names = [one.column.name or "" for one in asked]
    tops = [spot.partition.oid for one in searches for spot in one.rest[:_TOP]]
    rows = _unheld(
        conn,
        ("sequences", "pages", "indexed"),
        {
            "oids": [one.tree.oid for one in asked],
            "columns": names,
            "relations": [*tops, *(d.oid for d in defaults if d is not None)],
            "defaults": [default.oid if default else 0 for default in defaults],
            "default_columns": names,
        },
    )
    told = {(oid, sort): row for row in rows for oid, sort, *_ in [row]}
    for search in searches:
        search.sized(_TOP, told)
        default = search.asked.tree.default
        if default and {(default.oid, "r"), (default.oid, "i")} <= told.keys():
            search.default = default
        if (found := told.get((search.asked.tree.oid, "s"))) is not None:
            _add_counter(search, found)
    return searches


def _unheld(
    conn: Connection, names: Iterable[str], given: dict[str, Any]
) -> list[tuple[Any, ...]]:
    questions = sql.SQL(" UNION ALL ").join(sql.SQL(_SQL[name]) for name in names)
    question = sql.SQL(_SQL["unheld"]).format(questions=questions)
    return read(conn, question, given, budget=LOOK_BUDGET)


def _size_up(conn: Connection, searches: Sequence[Search]) -> None:
    """Find out which of all other partitions have a page."""
    oids = [spot.partition.oid for search in searches for spot in search.rest]
    try:
        rows = _unheld(conn, ("pages",), {"relations": oids})
    except _REFUSED:
        for search in searches:
            search.give_up()
        return
    for search in searches:
        search.sized(len(search.rest), {(oid, sort) for oid, sort, *_ in rows})


def _add_counter(search: Search, row: tuple[Any, ...]) -> None:
    _, _, schema, relation, increment, cycles, readable = row
    search.counter = Counter(
        name=Name(schema, relation), increment=increment, cycles=cycles
    )
    search.readable = readable
    if search.counts:
        # What has no end takes whatever comes, and nothing can be made beyond it.
        search.there = [spot for spot in search.there if spot.upper != inf]
        search.rest = [spot for spot in search.rest if spot.upper != inf]


def _descend(conn: Connection, searches: Sequence[Search]) -> None:
    """Read the sequences, and look for the newest row from the highest range down."""
    count, first = _FIRST, True
    while due := [one for one in searches if one.is_open or (first and one.readable)]:
        for search in due:
            if monotonic() > search.until:
                search.give_up()
        # Where a sequence is to be read first, that says how far down to look.
        deeper = [one for one in due if not one.there and not (first and one.readable)]
        if deeper:
            _size_up(conn, deeper)
        looks = [
            Look(search, heaps(search.take(count)), counts=first) for search in due
        ]
        for together in _batches(look for look in looks if look.heaps or first):
            _look(conn, together)
        count, first = _MORE, False


def _batches(looks: Iterable[Look]) -> Iterator[list[Look]]:
    batch: list[Look] = []
    count = 0
    for look in looks:
        width = 1 + sum(map(len, look.heaps))
        if batch and count + width > _TOGETHER:
            yield batch
            batch, count = [], 0
        batch.append(look)
        count += width
    if batch:
        yield batch


def _look(conn: Connection, looks: Sequence[Look]) -> None:
    """Look; what cannot be seen together is looked at one by one."""
    try:
        _ask(conn, looks)
    except _REFUSED:
        for look in looks:
            _look_one_by_one(conn, look)


def _ask(conn: Connection, looks: Sequence[Look]) -> None:
    """Ask one question, and note what it says."""
    parts = [look.statement(number) for number, look in enumerate(looks)]
    question = sql.SQL(" UNION ALL ").join(parts)
    for number, newest, last, called in read(conn, question, budget=LOOK_BUDGET):
        search = looks[number].search
        if newest is not None:
            search.found(newest)
        if last is not None:
            search.counted(last, called=called)


def _look_one_by_one(conn: Connection, look: Look) -> None:
    """Look into the partitions, then at the sequence, whatever cannot be seen.

    The sequence comes last: a row that draws from it is never beyond it then.
    """
    search = look.search
    for heap in look.heaps:
        for spot in heap if search.is_lost else ():
            _look_into(conn, search, spot)
    if look.counts and search.readable:
        try:
            _ask(conn, [Look(search)])
        except _REFUSED:
            search.readable = False


def _look_into(conn: Connection, search: Search, spot: Spot) -> None:
    """Look into one partition for the newest row, as long as there is time."""
    if monotonic() > search.until:
        search.unseen += 1
        return
    try:
        _ask(conn, [Look(search, [[spot]], counts=False)])
    except errors.QueryCanceled:
        if has_rows(conn, spot.partition):
            search.large = spot
        else:
            search.unseen += 1
    except _REFUSED:
        search.unseen += 1


def _look_into_default(conn: Connection, search: Search) -> None:
    """Find what is beyond all partitions, where only rows tell, and an index does."""
    if search.default is None or (search.counter and search.counter.last is not None):
        return
    known, search.newest = search.newest, None
    spot = Spot(search.default, -inf, inf)
    try:
        _ask(conn, [Look(search, [[spot]], counts=False)])
    except _REFUSED:
        search.unseen += 1
    search.in_default, search.newest = search.newest, known
