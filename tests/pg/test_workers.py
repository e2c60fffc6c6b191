"""Several tables at the same time: what becomes of them is what one worker makes."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import psycopg

from .helpers import an_engine, children, told
from .several import SIX, TWINS, with_tables

if TYPE_CHECKING:
    from partman_core.report import Report

    Connection = psycopg.Connection[Any]


def shape(report: Report) -> list[Any]:
    """Return what became of each table, whatever it is called."""
    return [
        (
            [(out.operation.kind, out.operation.bounds, out.result, out.message)
             for out in table.outcomes],
            table.findings,
            table.runway,
            table.exit_code,
        )
        for table in sorted(report.tables, key=lambda table: table.table.relation)
    ]  # fmt: skip


def test_with_several_workers_the_result_is_that_of_one(database, pg):
    engine = with_tables(database, pg, SIX + TWINS)
    several = engine.maintain(*SIX, workers=3)
    one = engine.maintain(*TWINS, workers=1)
    assert several.exit_code == 0, several
    assert shape(several) == shape(one)
    assert [table.table.relation for table in several.tables] == list(SIX)
    for table, twin in zip(SIX, TWINS, strict=True):
        assert list(children(pg, table).values()) == list(children(pg, twin).values())
    assert not engine.plan().operations


def test_a_run_with_more_workers_than_tables_opens_no_more_sessions(database, pg):
    """But for the one that asks, in a run that takes long, whether it is to end."""
    opened: list[tuple[str, Connection]] = []

    def connect() -> Connection:
        session = psycopg.connect(database, autocommit=True)
        opened.append((threading.current_thread().name, session))
        return session

    with_tables(database, pg, SIX[:2])
    report = an_engine(connect).maintain(workers=9)
    assert report.exit_code == 0, report
    assert len([name for name, _ in opened if name != "partman stop"]) == 2
    assert all(conn.closed for _, conn in opened)


def test_two_engines_with_several_workers_do_no_double_work(database, pg):
    engine = with_tables(database, pg, SIX)
    due = len(engine.plan().operations)
    reports: list[Report] = []
    both = [
        threading.Thread(target=lambda: reports.append(engine.maintain(workers=3)))
        for _ in range(2)
    ]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    assert [report.exit_code for report in reports] == [0, 0]
    done = [each for report in reports for each in told(report)]
    assert len(done) == len(set(done)) == due
    assert not engine.plan().operations
