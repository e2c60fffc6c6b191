"""Several tables, several engines: one's trouble is its own."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest

from partman_core import hookimpl
from partman_core.pg.claims import claim

from .helpers import (
    an_engine,
    by_table,
    daily,
    done_of,
    registered_two,
    told,
    value,
)

if TYPE_CHECKING:
    from partman_core.report import Report


def test_a_table_that_another_engine_works_on_is_left_to_it(database, pg, other, two):
    engine = registered_two(database)
    plan = engine.plan()
    oid = value(pg, "SELECT 'events'::regclass::oid")
    with claim(other(), oid) as ours:
        assert ours
        report = engine.maintain()
        assert report.exit_code == 0
        tables = by_table(report)
        assert "another engine" in tables["events"].skipped
        assert len(done_of(tables["others"])) == 3
        applied = by_table(engine.apply(plan))
        assert applied["events"].exit_code == 6
        with pytest.raises(Exception, match="another engine") as caught:
            engine.import_existing_partitions("events")
        assert caught.value.exit_code == 6
    assert len(told(engine.maintain())) == 3


def test_a_claim_is_given_back_whatever_happens(database, pg, other, two):
    oid = value(pg, "SELECT 'events'::regclass::oid")

    class Trouble:
        @hookimpl
        def partman_event(self, event):
            if event.kind == "created":
                raise KeyboardInterrupt

    conns: list[Any] = []

    def connect():
        conns.append(other())
        return conns[-1]

    registered_two(database)
    an_engine(connect, plugins=[Trouble()]).maintain()
    with claim(other(), oid) as ours:
        assert ours


@pytest.mark.parametrize("trouble", ["dropped", "privilege", "locked", "settings"])
def test_one_tables_trouble_stops_no_other(database, pg, other, two, trouble):
    engine = registered_two(database)
    daily(engine, lock_patience="100 ms")
    holder = other(autocommit=False)
    if trouble == "dropped":
        pg.execute("DROP TABLE events")
    elif trouble == "privilege":
        pg.execute(
            "CREATE FUNCTION no() RETURNS event_trigger LANGUAGE plpgsql AS"
            " $$BEGIN IF tg_tag = 'CREATE TABLE' AND EXISTS (SELECT FROM"
            " pg_event_trigger_ddl_commands() WHERE object_identity LIKE"
            " '%events_p%') THEN RAISE insufficient_privilege; END IF; END$$"
        )
        pg.execute("CREATE EVENT TRIGGER no ON ddl_command_end EXECUTE FUNCTION no()")
    elif trouble == "locked":
        holder.execute("LOCK TABLE events IN ACCESS EXCLUSIVE MODE")
    else:
        pg.execute(
            "UPDATE partman.partition_management SET partition_interval = 'x'"
            " WHERE table_name = 'events'"
        )
    report = engine.maintain()
    tables = by_table(report)
    assert len(done_of(tables["others"])) == 3
    assert tables["others"].runway
    assert tables["events"].exit_code == {"locked": 8}.get(trouble, 4)
    assert report.exit_code == tables["events"].exit_code
    assert "events" in engine.runs()[0].message
    holder.rollback()


def test_what_is_locked_is_tried_once_and_not_once_for_each_partition(
    database, pg, other, two
):
    """Or a locked table with a hundred partitions to make would hold up all others."""
    engine = registered_two(database)
    daily(engine, count=150, lock_patience="300 ms")
    holder = other(autocommit=False)
    holder.execute("LOCK TABLE events IN ACCESS EXCLUSIVE MODE")
    report = engine.maintain()
    events = by_table(report)["events"]
    assert len(events.of("failed")) == 100
    assert len(events.of("skipped")) == 50
    assert sum({out.seconds for out in events.outcomes}) < 3
    holder.rollback()


def test_two_engines_at_once_do_no_double_work(database, pg, two):
    engines = [registered_two(database) for _ in range(4)]
    reports: list[Report] = []
    threads = [
        threading.Thread(target=lambda e=engine: reports.append(e.maintain()))
        for engine in engines
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [report.exit_code for report in reports] == [0] * 4
    done = [each for report in reports for each in told(report)]
    assert len(done) == len(set(done)) == 6
    assert not engines[0].plan().operations
