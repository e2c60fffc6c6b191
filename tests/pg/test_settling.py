"""What a killed run has taken out and could not record is recorded by the next."""

from __future__ import annotations

from typing import Any

import psycopg

from .helpers import (
    OLD,
    OLDER,
    an_engine,
    is_there,
    outcomes,
    told,
    value,
    with_history,
)


def dying_before(database: str, words: str) -> Any:
    """Open connections of which the first is lost before a statement with *words*.

    So are all that come after it: the client is dead.
    """
    dead: list[bool] = []

    class Dies(psycopg.Connection[Any]):
        def execute(self, query: Any, *args: Any, **kwargs: Any) -> Any:
            text = query if isinstance(query, str) else query.as_string(None)
            if words in text:
                dead.append(True)
            if dead:
                self.close()
            return super().execute(query, *args, **kwargs)

    def connect() -> psycopg.Connection[Any]:
        if dead:
            raise psycopg.OperationalError("the client is dead")
        return Dies.connect(database)

    return connect


UNRECORDED = "SELECT count(*) FROM partman.detached_partitions WHERE run_id IS NULL"


def killed(database, pg, clock, **settings):
    engine = with_history(database, pg, clock, **settings)
    dying = dying_before(database, "SET run_id =")
    report = an_engine(dying, clock).maintain()
    assert {out.operation.kind for out in outcomes(report, "failed")} == {"detach"}
    assert value(pg, UNRECORDED) == 2
    return engine


def test_a_detach_that_was_not_recorded_is_settled_by_the_next_run(database, pg, clock):
    engine = killed(database, pg, clock, retention_action="detach")
    plan = engine.plan()
    assert [op.kind for op in plan.operations] == ["settle", "settle"]
    report = engine.maintain()
    assert told(report) == [("settle", OLDER), ("settle", OLD)]
    assert value(pg, UNRECORDED) == 0
    assert not engine.plan().operations
    assert {deed.partition.relation for deed in engine.history("events")} >= {
        OLD,
        OLDER,
    }


def test_what_is_settled_is_then_dropped_as_it_was_to_be(database, pg, clock):
    engine = killed(database, pg, clock)
    report = engine.maintain()
    assert told(report)[:2] == [("settle", OLDER), ("settle", OLD)]
    assert {("drop", OLD), ("drop", OLDER)} <= set(told(report))
    assert not is_there(pg, OLD)


def test_rows_of_others_in_what_is_settled_keep_it(database, pg, clock):
    """Nothing kept them out in between: PostgreSQL's own CHECK was taken away."""
    engine = killed(database, pg, clock)
    [(constraint,)] = pg.execute(
        "SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass"
        " AND contype = 'c'",
        [OLD],
    ).fetchall()
    pg.execute(f'ALTER TABLE {OLD} DROP CONSTRAINT "{constraint}"')
    pg.execute(f"INSERT INTO {OLD} VALUES ('2031-01-01', 'stray')")
    report = engine.maintain()
    failed = {
        (o.operation.kind, o.operation.name.relation)
        for o in outcomes(report, "failed")
    }
    assert failed == {("settle", OLD)}
    assert is_there(pg, OLD)
    assert not is_there(pg, OLDER)
