"""The laws of number axes: no insert fails, nothing that is kept goes, and it rests."""

from __future__ import annotations

import threading
from itertools import count
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from .helpers import PATIENCE, a_table, an_engine, children, told, value
from .numbered import BY_ID, block, by_hundreds, counted, insert, ranges

if TYPE_CHECKING:
    Connection = psycopg.Connection[Any]

KEPT = 250
"""How many ids are kept in these tests."""

LAST = "SELECT last_value FROM events_id_seq"
NEWER = "SELECT count(*) FROM events WHERE id > %s"
SERIAL = count(1)


@pytest.mark.parametrize(
    ("last", "left"),
    [(349, {0, 100, 200, 300}), (350, {100, 200, 300}), (450, {200, 300, 400})],
)
def test_what_lies_further_back_than_is_kept_is_retired(database, pg, last, left):
    engine = counted(database, pg, partition_count=6)
    engine.maintain()
    by_hundreds(engine, retention_period=KEPT, max_drops=50, confirm=True)
    insert(pg, last)
    engine.maintain()
    lowers = {int(name.removeprefix("events_p")) for name in children(pg)}
    assert {lower for lower in lowers if lower <= last} == left
    assert value(pg, NEWER, last - KEPT) == KEPT
    assert not engine.plan().operations


def test_the_newest_partitions_are_counted_from_the_position(database, pg):
    engine = counted(database, pg)
    engine.maintain()
    by_hundreds(engine, retention_count=2, max_drops=50, confirm=True)
    insert(pg, 250)
    engine.maintain()
    assert ranges(pg) == {block(at, at + 100) for at in (100, 200, 300, 400)}


def test_nothing_is_retired_while_the_position_is_unknown(database, pg):
    engine = counted(database, pg, "id bigint PRIMARY KEY", start=0)
    engine.maintain()
    by_hundreds(engine, retention_count=1, max_drops=50, confirm=True)
    assert not told(engine.maintain())
    assert len(children(pg)) == 3


class Application:
    """Inserts row after row, as far as the last run has left room for."""

    def __init__(self, conn: Connection) -> None:
        self.conn = conn
        self.used, self.limit = 0, 200
        self.error: psycopg.Error | None = None
        self.room = threading.Condition()
        self.thread = threading.Thread(target=self.work)

    def work(self) -> None:
        """Insert until the limit is negative."""
        while True:
            with self.room:
                while 0 <= self.limit <= self.used:
                    self.room.wait(PATIENCE)
                if self.limit < 0:
                    return
            try:
                self.conn.execute("INSERT INTO events (note) VALUES ('x')")
            except psycopg.Error as error:
                self.error = error
                return
            self.used += 1

    def let(self, limit: int) -> None:
        """Let it go on up to so many rows; negative: end it."""
        with self.room:
            self.limit = limit
            self.room.notify()


def test_inserts_go_on_while_partitions_come_and_go(database, pg, other):
    engine = counted(database, pg)
    engine.maintain()
    by_hundreds(engine, retention_period=KEPT, confirm=True)
    application = Application(other())
    application.thread.start()
    try:
        while application.used < 2500 and application.error is None:
            before = application.used
            engine.maintain()
            # Three blocks are ready, the current one counted.
            application.let(before + 200)
    finally:
        application.let(-1)
        application.thread.join(PATIENCE)
    assert application.error is None
    engine.maintain()
    last = value(pg, LAST)
    assert value(pg, NEWER, last - KEPT) == KEPT
    assert len(children(pg)) <= 3 + 3


class History:
    """A table with ids, what was done to it, and so what has to be there.

    :param sequence: whether it has one; else all ids are given by hand.
    """

    def __init__(self, pg: Connection, name: str, *, sequence: bool) -> None:
        self.pg, self.name, self.sequence = pg, name, sequence
        self.last = 0
        self.rows: set[int] = set()

    def insert(self, amount: int) -> None:
        """Insert rows one after the other."""
        for _ in range(amount):
            if self.sequence:
                query = f"INSERT INTO {self.name} DEFAULT VALUES RETURNING id"
                self.last = value(self.pg, query)
            else:
                self.last += 1
                self.pg.execute(f"INSERT INTO {self.name} VALUES ({self.last})")
            self.rows.add(self.last)

    def jump(self, amount: int) -> None:
        """Leave ids out, then go on."""
        if not self.sequence:
            self.last += amount
        elif amount:
            query = "SELECT max(nextval(%s)) FROM generate_series(1, %s)"
            self.last = value(self.pg, query, f"{self.name}_id_seq", amount)
        self.insert(1)

    def delete(self, behind: int) -> None:
        """Delete rows that are not too new."""
        gone = {at for at in self.rows if at < self.last - behind}
        query = f"DELETE FROM {self.name} WHERE id = ANY(%s)"
        self.pg.execute(query, [list(gone)])
        self.rows -= gone


DEEDS = st.lists(
    st.tuples(st.sampled_from(["insert", "jump", "delete"]), st.integers(0, 40)),
    min_size=1,
    max_size=8,
)


@pytest.mark.parametrize("sequence", [True, False], ids=["sequence", "rows"])
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(deeds=DEEDS, width=st.sampled_from([7, 10, 1000]), kept=st.integers(1, 90))
def test_any_history_ends_at_rest_with_all_that_is_kept(
    database, pg, sequence, deeds, width, kept
):
    history = History(pg, f"events{next(SERIAL)}", sequence=sequence)
    kind = "bigserial" if sequence else "bigint"
    a_table(pg, history.name, f"id {kind} PRIMARY KEY", BY_ID)
    engine = an_engine(database)
    # So many that the largest deed finds partitions that are ready.
    usual = {"partition_interval": width, "partition_count": 41 // width + 2}
    engine.register(history.name, start=0, **usual)
    engine.maintain(history.name)
    engine.register(
        history.name, retention_period=kept, max_drops=10**6, confirm=True, **usual
    )
    for deed, amount in deeds:
        getattr(history, deed)(amount)
        engine.maintain(history.name)
        assert not engine.plan(history.name).operations
        there = {at for (at,) in pg.execute(f"SELECT id FROM {history.name}")}
        assert {at for at in history.rows if at > history.last - kept} <= there
        assert there <= history.rows
    engine.unregister(history.name)
    pg.execute(f"DROP TABLE {history.name}")
