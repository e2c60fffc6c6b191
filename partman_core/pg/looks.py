"""One look for the newest row of a table: what is known before, and how it is asked."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

from attrs import define, evolve, field

from partman_core.pg.driver import sql
from partman_core.pg.queries import queries
from partman_core.planner.standing import Asked, Counter, Evidence, Spot

if TYPE_CHECKING:
    from collections.abc import Container

    from partman_core.keys import Column, Position
    from partman_core.model import Partition
    from partman_core.naming import Name

_SQL = queries("position.sql")

_SECONDS = 3.0
"""How long to go on looking for the newest rows."""


@define
class Search:
    """What is known by and by of one table.

    :param readable: whether the sequence's value can be read.
    :param there: where the newest row may be, from the highest downwards.
    :param rest: what is below that, and may have no page at all.
    :param default: is to be looked into.
    """

    asked: Asked
    there: list[Spot] = field(factory=list)
    rest: list[Spot] = field(factory=list)
    counter: Counter | None = None
    readable: bool = False
    default: Partition | None = None
    newest: Position | None = None
    in_default: Position | None = None
    large: Spot | None = None
    unseen: int = 0
    until: float = field(factory=lambda: monotonic() + _SECONDS)

    @property
    def is_lost(self) -> bool:
        """Whether no row is known."""
        return self.newest is None and self.large is None

    @property
    def is_open(self) -> bool:
        """Whether there is more to look for, and somewhere to look."""
        return bool(self.there or self.rest) and self.is_lost

    @property
    def counts(self) -> bool:
        """Whether the sequence is what to go by."""
        return self.readable and self.counter is not None and self.counter.goes_on

    def sized(self, count: int, told: Container[tuple[int, str]]) -> None:
        """Note which of the highest ranges of the rest have a page.

        :param count: of how many it is known.
        :param told: those that have one, ``r``, and those that nobody can look into,
            ``l``, with their oids.
        """
        known, self.rest = self.rest[:count], self.rest[count:]
        for spot in known:
            if (spot.partition.oid, "r") in told:
                self.there.append(spot)
            elif (spot.partition.oid, "l") in told:
                self.unseen += 1

    def found(self, newest: str) -> None:
        """Note the largest key of some ranges."""
        try:
            place = self.asked.codec.position(newest)
        except Exception:  # noqa: BLE001 - the codec may be anybody's
            self.unseen += 1
        else:
            self.newest = place if self.newest is None else max(place, self.newest)

    def take(self, count: int) -> list[Spot]:
        """Take the next ranges to look into."""
        taken, self.there = self.there[:count], self.there[count:]
        return taken

    def counted(self, last: int, *, called: bool) -> None:
        """Note what the sequence says, and what is not worth a look for that."""
        if self.counter is not None:
            self.counter = evolve(self.counter, last=last, called=called)
        self.there = [spot for spot in self.there if spot.upper - 1 > last]
        self.rest = [spot for spot in self.rest if spot.upper - 1 > last]

    def give_up(self) -> None:
        """Look no further."""
        self.unseen += len(self.there) + len(self.rest)
        self.there, self.rest = [], []

    def evidence(self) -> Evidence:
        """Return what was found."""
        return Evidence(
            counter=self.counter,
            newest=self.newest,
            in_default=self.in_default,
            large=self.large,
            unseen=self.unseen,
        )


@define
class Look:
    """A look of a question: the sequence, and the largest key of some relations."""

    search: Search
    heaps: list[list[Spot]] = field(factory=list)
    counts: bool = True

    def statement(self, number: int) -> sql.Composed:
        """Write the part of the question that is about this table."""
        search = self.search
        name = search.counter.name if search.counter and search.readable else None
        last: sql.Composable = sql.SQL("NULL::bigint")
        called: sql.Composable = sql.SQL("NULL::bool")
        if name is not None and self.counts:
            sequence = _identifier(name)
            last = sql.SQL(_SQL["last"]).format(sequence=sequence)
            called = sql.SQL(_SQL["called"]).format(sequence=sequence)
        return sql.SQL(_SQL["look"]).format(
            number=sql.Literal(number), newest=self._newest(), last=last, called=called
        )

    def _newest(self) -> sql.Composable:
        if not self.heaps:
            return sql.SQL("NULL::text")
        column = self.search.asked.column
        each = [
            sql.SQL(_SQL["heap"]).format(
                largest=sql.SQL(", ").join(_largest(column, one) for one in heap)
            )
            for heap in self.heaps
        ]
        return sql.SQL(_SQL["newest"]).format(heaps=sql.SQL(", ").join(each))


def _largest(column: Column, spot: Spot) -> sql.Composed:
    """Write the question for the largest key of a partition."""
    key: sql.Composable
    if column.name is None:  # PostgreSQL's own words for it, from the catalog
        key = sql.SQL(f"({column.expression})")
    else:
        key = sql.Identifier("r", column.name)
    finite = sql.SQL(_SQL["finite"] if column.type == "numeric" else "")
    return sql.SQL(_SQL["largest"]).format(
        key=key,
        table=_identifier(spot.partition.name),
        finite=finite.format(key=key),
    )


def _identifier(name: Name) -> sql.Identifier:
    return sql.Identifier(*([name.schema] if name.schema else []), name.relation)
