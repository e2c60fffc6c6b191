"""Law: no row is out of sight at any commit, and none is lost.

While partitions are made and retired, readers count what retention does not touch, and
a writer goes on adding to it.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from .helpers import DAY, NOW, a_table, an_engine, children, daily, told, value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Connection = psycopg.Connection[Any]

ROUNDS = 12
"""Days that pass."""

KEPT = NOW + ROUNDS * DAY
"""Rows from then on are touched by nobody, nor are those that only DEFAULT takes."""

COUNT = f"SELECT count(*) FROM events WHERE at >= '{KEPT}' OR at < '2000-01-01'"
TAKEN_BY_DEFAULT = datetime(1999, 12, 31, tzinfo=NOW.tzinfo)


class People:
    """A writer and two readers, in sessions and threads of their own."""

    def __init__(self, connect: Callable[..., Connection], *, default: bool) -> None:
        self.conns = [connect(), connect(), connect()]
        self.places = [KEPT, KEPT + DAY, *([TAKEN_BY_DEFAULT] if default else [])]
        self.written = 0
        self.looks = [0, 0]
        self.wrong: list[str] = []
        self._over = threading.Event()

    @contextmanager
    def at_work(self) -> Iterator[None]:
        work = [self.write, self.count, self.count_in_transactions]
        threads = [
            threading.Thread(target=self._again, args=[each, conn])
            for each, conn in zip(work, self.conns, strict=True)
        ]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._over.set()
            for thread in threads:
                thread.join()

    def _again(self, deed: Callable[[Connection], None], conn: Connection) -> None:
        try:
            while not self._over.is_set() and not self.wrong:
                deed(conn)
        except psycopg.Error as error:
            self.wrong.append(f"{deed.__name__}: {error}")

    def write(self, conn: Connection) -> None:
        at = self.places[self.written % len(self.places)]
        conn.execute("INSERT INTO events VALUES (%s, %s)", [at, str(self.written)])
        self.written += 1

    def count(self, conn: Connection) -> None:
        """By a plan that was made before, as prepared statements have it."""
        self._look(conn, 0, prepare=True)

    def count_in_transactions(self, conn: Connection) -> None:
        with conn.transaction():
            for _ in range(3):
                self._look(conn, 1)

    def _look(self, conn: Connection, who: int, *, prepare: bool = False) -> None:
        before = self.written
        [(found,)] = conn.execute(COUNT, prepare=prepare).fetchall()
        if found < before:
            self.wrong.append(f"{found} rows are seen, {before} were there before")
        self.looks[who] += 1


@pytest.mark.parametrize("default", [False, True], ids=["alone", "beside DEFAULT"])
def test_whoever_reads_meanwhile_sees_every_row_that_is_kept(
    database, pg, other, clock, default
):
    a_table(pg)
    engine = an_engine(database, clock)
    daily(engine, count=ROUNDS + 3, default_partition=default)
    engine.maintain()
    settings = {"retention_period": "1 day", "max_drops": 9, "confirm": True}
    daily(engine, count=ROUNDS + 3, default_partition=default, **settings)
    people = People(other, default=default)
    done: list[tuple[str, str]] = []
    with people.at_work():
        for _ in range(ROUNDS):
            clock.now += DAY
            report = engine.maintain()
            assert report.exit_code == 0, report
            done += told(report)
    assert people.wrong == []
    assert people.written
    assert all(people.looks)
    kinds = [kind for kind, _ in done]
    assert {kind: kinds.count(kind) for kind in kinds} == {
        "create": ROUNDS,
        "detach": ROUNDS - 1,
        "drop": ROUNDS - 1,
    }
    rows = pg.execute("SELECT note::int FROM events ORDER BY 1").fetchall()
    assert [n for (n,) in rows] == list(range(people.written))
    assert value(pg, COUNT) == people.written
    assert len(children(pg)) == ROUNDS + 3 + 1 + default


def test_what_is_written_behind_the_last_partition_is_seen_from_the_first(
    database, pg, other, clock
):
    """Beside DEFAULT, in a partition that is being made or in DEFAULT: but seen."""
    a_table(pg)
    engine = an_engine(database, clock)
    daily(engine, count=3, default_partition=True)
    engine.maintain()
    people = People(other, default=True)
    people.places = [KEPT, TAKEN_BY_DEFAULT, KEPT + DAY]
    with people.at_work():
        for _ in range(ROUNDS):
            clock.now += DAY
            engine.maintain()
    assert people.wrong == []
    assert value(pg, "SELECT count(*) FROM events") == people.written
