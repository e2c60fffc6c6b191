"""What leaves a table, when, how, and what is never lost on the way."""

from __future__ import annotations

import logging
from datetime import timedelta
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest

from partman_core import hookimpl
from partman_core.model import Retire

from .helpers import (
    NOW,
    Clock,
    a_table,
    an_engine,
    children,
    daily,
    is_there,
    outcomes,
    relations,
    told,
    value,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    import psycopg

    from partman_core import Engine
    from partman_core.model import Tree

    Connection = psycopg.Connection[Any]

OLD, OLDER = "events_p20261122", "events_p20261121"
DAY = timedelta(days=1)

WAITING = """
SELECT extract(epoch FROM clock_timestamp() - query_start)::float8
  FROM pg_stat_activity
 WHERE datname = current_database() AND wait_event_type = 'Lock'
   AND query LIKE '%CONCURRENTLY%'"""


def with_history(database: str, pg: Connection, clock: Clock, **more: Any) -> Engine:
    """Return an engine with a table that has a partition a day from the 21st on."""
    plugins = more.pop("plugins", ())
    a_table(pg)
    engine = an_engine(database, clock, plugins=plugins)
    if more.pop("in_default", False):
        pg.execute("CREATE TABLE rest PARTITION OF events DEFAULT")
    more = {"start": "2026-11-21", "retention_period": "1 day", **more}
    daily(engine, **{"count": 2, **more})
    clock.now -= 3 * DAY
    engine.maintain()
    clock.now += 3 * DAY
    an_engine(database, clock).create_future_partitions()
    pg.execute(
        "INSERT INTO events SELECT g, 'x' FROM generate_series("
        "'2026-11-21'::timestamptz, '2026-11-24 12:00', '1 hour') g"
    )
    pg.execute("ANALYZE events")
    return engine


def check_text(pg: Connection, table: str) -> list[str]:
    """Return the CHECKs of a table as PostgreSQL prints them."""
    rows = pg.execute(
        "SELECT pg_get_expr(conbin, conrelid) FROM pg_constraint"
        " WHERE conrelid = %s::regclass AND contype = 'c' ORDER BY conname",
        [table],
    )
    return [text for (text,) in rows]


@pytest.fixture
def clock() -> Clock:
    return Clock()


class OddTable:
    """The table ``odd``, whatever its key; the executor retires its first partition."""

    def __init__(self, conn: Connection) -> None:
        self.conn = conn
        registry.ensure(conn, "partman")

    def detach(self) -> None:
        """Detach ``odd_1`` as retention does."""
        tree = self._tree()
        part = next(p for p in tree.partitions if p.name.relation == "odd_1")
        detach = Detach(
            table=tree.name,
            partition=part,
            reason="",
            action="drop",
            concurrently=tree.default is None,
            due=NOW,
        )
        self._run(tree, detach)

    def drop(self) -> None:
        """Drop what was detached."""
        tree = self._tree()
        self._run(tree, Drop(table=tree.name, retired=tree.bin[0], reason=""))

    def _tree(self) -> Tree:
        [tree] = catalog.trees(
            self.conn, "partman", [value(self.conn, "SELECT 'odd'::regclass::oid")]
        ).values()
        return tree

    def _run(self, tree: Tree, operation: Any) -> None:
        work = Work(
            conn=self.conn,
            connect=lambda: self.conn,
            schema="partman",
            plugins=Plugins(),
            run=7,
            now=NOW,
            log=logging.getLogger("partman"),
        )
        report, _ = executor.run(
            work,
            Table(name=tree.name, strategy=None),
            tree,
            facts.facts(self.conn, [tree.oid])[tree.oid],
            TablePlan(table=tree.name, operations=(operation,)),
        )
        assert [out.result for out in report.outcomes] == ["done"], report


@pytest.fixture
def an_odd_table(database: str) -> Iterator[OddTable]:
    with session.connect(database) as conn:
        yield OddTable(conn)


@pytest.mark.parametrize("in_default", [False, True])
def test_what_is_over_is_detached_and_dropped(database, pg, clock, in_default):
    engine = with_history(database, pg, clock, in_default=in_default)
    plan = engine.plan()
    kinds = [(op.kind, op.name.relation) for op in plan.operations]
    assert kinds == [
        ("detach", OLDER), ("detach", OLD), ("drop", OLDER), ("drop", OLD)
    ]  # fmt: skip
    assert [op.concurrently for op in plan.operations[:2]] == [not in_default] * 2
    report = engine.apply(plan)
    assert report.exit_code == 0, report
    assert told(report) == kinds
    assert not is_there(pg, OLD)
    assert not {OLD, OLDER} & set(children(pg))
    for table in ("managed_partitions", "detached_partitions"):
        query = f"SELECT count(*) FROM partman.{table} WHERE relation::oid NOT IN"
        assert value(pg, f"{query} (SELECT inhrelid FROM pg_inherits)") == 0
    assert not engine.plan().operations


@pytest.mark.parametrize("in_default", [False, True])
def test_the_history_says_what_was_done_and_how_long_it_took(
    database, pg, clock, in_default, other
):
    engine = with_history(database, pg, clock, in_default=in_default)
    engine.maintain()
    deeds = [deed for deed in engine.history("events") if deed.kind != "create"]
    assert [(d.kind, d.partition.relation, d.rows) for d in deeds] == [
        ("drop", OLD, 24), ("drop", OLDER, 24), ("detach", OLD, 24),
        ("detach", OLDER, 24),
    ]  # fmt: skip
    assert all(d.seconds > 0 and d.result == "done" for d in deeds)
    assert all(d.bounds.startswith("FOR VALUES FROM") for d in deeds)


def test_a_concurrent_detach_is_recorded_with_the_time_it_waited(
    database, pg, clock, other
):
    """It waits for a reader, who lets go only when it has waited for a while."""
    with_history(database, pg, clock)
    reader, watch, waited = other(autocommit=False), other(), []

    def let_go() -> None:
        while not waited or waited[-1] < 0.2:
            waited.extend(seconds for (seconds,) in watch.execute(WAITING))
        reader.rollback()

    class Reader:
        @hookimpl
        def partman_pre_detach(self, partition):
            if partition.name.relation == OLDER:
                reader.execute("SELECT count(*) FROM events")
                Thread(target=let_go).start()

    engine = an_engine(database, clock, plugins=[Reader()])
    assert engine.maintain().exit_code == 0
    [took] = [
        deed.seconds
        for deed in engine.history("events")
        if deed.kind == "detach" and deed.partition.relation == OLDER
    ]
    assert took >= 0.2


def test_a_partition_is_kept_until_its_upper_bound_is_old_enough(database, pg):
    """Day D with a day's retention stays until D + 2 at midnight, exactly."""
    a_table(pg)
    clock = Clock()
    engine = an_engine(database, clock)
    daily(engine, retention_period="1 day")
    engine.maintain()
    midnight = NOW.replace(day=26, hour=0, minute=0)
    clock.now = midnight - timedelta(microseconds=1)
    assert ("detach", "events_p20261124") not in told(engine.maintain())
    clock.now = midnight
    assert ("detach", "events_p20261124") in told(engine.maintain())
    assert not is_there(pg, "events_p20261124")


def test_grace_is_waited_out_by_the_runs_clock(database, pg, clock):
    engine = with_history(database, pg, clock, grace_period="2 hours")
    assert told(engine.maintain()) == [("detach", OLDER), ("detach", OLD)]
    assert is_there(pg, OLD)
    clock.now += timedelta(hours=2) - timedelta(seconds=1)
    assert told(engine.maintain()) == []
    clock.now += timedelta(seconds=1)
    assert told(engine.maintain()) == [("drop", OLDER), ("drop", OLD)]
    assert not is_there(pg, OLD)


def test_detach_leaves_the_table_where_it_is_for_good(database, pg, clock):
    engine = with_history(database, pg, clock, retention_action="detach")
    assert told(engine.maintain()) == [("detach", OLDER), ("detach", OLD)]
    clock.now += 300 * DAY
    engine.maintain()
    assert value(pg, f"SELECT count(*) FROM {OLD}") == 24


def test_move_puts_the_table_into_its_schema_and_lets_go_of_it(database, pg, clock):
    pg.execute('CREATE SCHEMA "The Archive"')
    engine = with_history(
        database, pg, clock, retention_action="move", retention_schema='"The Archive"'
    )
    assert [kind for kind, _ in told(engine.maintain())] == [
        "detach", "detach", "move", "move"
    ]  # fmt: skip
    assert value(pg, f'SELECT count(*) FROM "The Archive".{OLD}') == 24
    assert value(pg, "SELECT count(*) FROM partman.detached_partitions") == 0
    assert not engine.plan().operations


def test_what_cannot_be_moved_is_not_even_detached(database, pg, clock):
    engine = with_history(
        database, pg, clock, retention_action="move", retention_schema="nowhere"
    )
    report = engine.maintain()
    failed = outcomes(report, "failed")
    assert {out.operation.kind for out in failed} == {"detach"}
    assert all("nowhere" in out.message for out in failed)
    assert "CREATE SCHEMA nowhere" in failed[0].hint
    assert {OLD, OLDER} <= set(children(pg))
    pg.execute("CREATE SCHEMA nowhere")
    assert engine.maintain().exit_code == 0


def test_a_name_that_is_taken_where_it_is_to_be_moved_is_told(database, pg, clock):
    pg.execute("CREATE SCHEMA attic")
    pg.execute(f"CREATE TABLE attic.{OLD} (n int)")
    engine = with_history(
        database, pg, clock, retention_action="move", retention_schema="attic"
    )
    report = engine.maintain()
    [out] = outcomes(report, "failed")
    assert (out.operation.kind, out.sqlstate) == ("move", "42P07")
    assert is_there(pg, OLD)
    pg.execute(f"DROP TABLE attic.{OLD}")
    assert told(engine.maintain()) == [("move", OLD)]


def test_a_veto_keeps_the_partition_and_is_in_the_report(database, pg, clock):
    class Auditor:
        @hookimpl
        def partman_pre_detach(self, partition):
            if partition.name.relation == OLD:
                raise RuntimeError("the auditors still read it")

    with_history(database, pg, clock)
    engine = an_engine(database, clock, plugins=[Auditor()])
    report = engine.maintain()
    [out] = outcomes(report, "failed")
    assert "the auditors still read it" in out.message
    assert out.operation.name.relation == OLD
    assert ("drop", OLD) in told(report, "skipped")
    assert ("drop", OLDER) in told(report)
    assert report.exit_code == 3
    assert OLD in children(pg)
    assert value(pg, "SELECT count(*) FROM partman.detached_partitions") == 0


def test_a_view_on_a_partition_keeps_it_and_is_named(database, pg, clock):
    """Never CASCADE."""
    engine = with_history(database, pg, clock)
    pg.execute(f"CREATE VIEW still_used AS SELECT * FROM {OLD}")
    report = engine.maintain()
    [out] = outcomes(report, "failed")
    assert (out.operation.kind, out.sqlstate) == ("drop", "2BP01")
    assert "still_used" in out.message
    assert "CASCADE" in out.hint
    assert ("drop", OLDER) in told(report)
    assert value(pg, "SELECT count(*) FROM still_used") == 24
    pg.execute("DROP VIEW still_used")
    assert told(engine.maintain()) == [("drop", OLD)]


@pytest.mark.parametrize("in_default", [False, True])
def test_rows_that_others_refer_to_keep_their_partition(
    database, pg, clock, in_default
):
    a_table(pg, columns="at timestamptz PRIMARY KEY, note text")
    pg.execute("CREATE TABLE notes (at timestamptz REFERENCES events)")
    if in_default:
        pg.execute("CREATE TABLE rest PARTITION OF events DEFAULT")
    engine = an_engine(database, clock)
    daily(engine, start="2026-11-21", retention_period="3 days")
    engine.maintain()
    pg.execute("INSERT INTO events VALUES ('2026-11-21 10:00+00')")
    pg.execute("INSERT INTO notes VALUES ('2026-11-21 10:00+00')")
    clock.now += DAY
    report = engine.maintain()
    [out] = outcomes(report, "failed")
    assert (out.operation.kind, out.sqlstate) == ("detach", "23503")
    assert out.hint
    assert OLDER in children(pg)
    assert value(pg, "SELECT count(*) FROM events") == 1
    pg.execute("DELETE FROM notes")
    assert ("drop", OLDER) in told(engine.maintain())


@pytest.mark.parametrize("in_default", [False, True])
def test_a_table_with_a_foreign_key_of_its_own_is_retired(
    database, pg, clock, in_default
):
    pg.execute("CREATE TABLE kinds (kind int PRIMARY KEY)")
    a_table(pg, columns="at timestamptz NOT NULL, kind int REFERENCES kinds")
    if in_default:
        pg.execute("CREATE TABLE rest PARTITION OF events DEFAULT")
    engine = an_engine(database, clock)
    daily(engine, start="2026-11-21", retention_period="3 days")
    assert engine.maintain().exit_code == 0
    clock.now += 2 * DAY
    report = engine.maintain()
    assert report.exit_code == 0, report
    assert ("drop", OLD) in told(report)


def half_detached(pg: Connection, other: Any, name: str = OLDER) -> None:
    """Cut a concurrent detach short, while a reader holds the table."""
    reader, worker = other(autocommit=False), other()
    reader.execute("SELECT count(*) FROM events")
    worker.execute("SET statement_timeout = '50ms'")
    with pytest.raises(Exception, match="timeout"):
        worker.execute(f"ALTER TABLE events DETACH PARTITION {name} CONCURRENTLY")
    reader.rollback()
    pending = "SELECT inhdetachpending FROM pg_inherits WHERE inhrelid = %s::regclass"
    assert value(pg, pending, name)


def test_a_half_detached_partition_is_finalised(database, pg, clock, other):
    engine = with_history(database, pg, clock)
    half_detached(pg, other)
    report = engine.maintain()
    assert told(report)[0] == ("finalize", OLDER)
    assert report.exit_code in {0, 3}, report
    assert OLDER not in children(pg)
    assert not engine.plan().operations


def test_a_detach_that_is_cut_short_says_so_and_is_finished_by_the_next_run(
    database, pg, clock, other
):
    """A reader is idle in its transaction for as long as patience lasts."""
    engine = with_history(database, pg, clock, lock_patience="200 ms")
    reader = other(autocommit=False)
    reader.execute("SELECT count(*) FROM events")
    report = engine.maintain()
    [out] = outcomes(report, "failed")
    assert out.operation.name.relation == OLDER
    assert "half-detached" in out.message
    assert report.exit_code == 8
    assert ("detach", OLD) in told(report, "skipped")
    assert report.tables[0].runway
    reader.rollback()
    again = engine.maintain()
    assert again.exit_code in {0, 3}, again
    assert not {OLD, OLDER} & relations(pg)
    assert not engine.plan().operations


def test_a_creation_that_a_half_detached_partition_is_in_the_way_of_comes_after_it(
    database, pg, clock, other
):
    a_table(pg)
    engine = an_engine(database, clock)
    daily(engine)
    engine.maintain()
    half_detached(pg, other, "events_p20261125")
    report = engine.maintain()
    assert report.exit_code in {0, 3}, report
    kinds = told(report)
    assert kinds[0] == ("finalize", "events_p20261125")
    assert kinds[1][0] == "create"
    bounds = children(pg).values()
    assert any("FROM ('2026-11-25" in text for text in bounds)
    assert not engine.plan().operations


def test_a_reader_who_holds_the_table_delays_a_plain_detach_and_is_not_delayed(
    database, pg, clock, other
):
    engine = with_history(
        database, pg, clock, in_default=True, lock_patience="300 ms", max_stall="20 ms"
    )
    reader = other(autocommit=False)
    reader.execute("SELECT count(*) FROM events")
    report = engine.maintain()
    failed = outcomes(report, "failed")
    assert {out.operation.kind for out in failed} == {"detach"}
    assert report.exit_code == 8
    assert all("held by others" in out.message for out in failed)
    reader.rollback()
    assert engine.maintain().exit_code == 0
    assert OLD not in relations(pg)


def test_one_held_partition_does_not_keep_the_others(database, pg, clock, other):
    engine = with_history(
        database, pg, clock, in_default=True, lock_patience="300 ms", max_stall="20 ms"
    )
    reader = other(autocommit=False)
    reader.execute(f"SELECT count(*) FROM {OLD}")
    report = engine.maintain()
    assert told(report, "failed") == [("detach", OLD)]
    assert ("drop", OLDER) in told(report)
    reader.rollback()


def test_the_check_of_a_dropped_partition_stands_to_the_last(database, pg, clock):
    """Whoever took it away may have put other rows in."""
    engine = with_history(database, pg, clock, grace_period="1 day")
    engine.maintain()
    for name in (OLD, OLDER):
        assert len(check_text(pg, name)) == 1
    [(constraint,)] = pg.execute(
        "SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass"
        " AND contype = 'c'",
        [OLD],
    ).fetchall()
    pg.execute(f"ALTER TABLE {OLD} DROP CONSTRAINT {constraint}")
    clock.now += DAY
    report = engine.maintain()
    [out] = outcomes(report, "failed")
    assert out.operation.name.relation == OLD
    assert "CHECK" in out.message
    assert out.hint
    assert report.exit_code == 3
    assert is_there(pg, OLD)
    assert not is_there(pg, OLDER)


@pytest.mark.parametrize("in_default", [False, True])
def test_no_stray_row_gets_into_what_waits_to_be_dropped(
    database, pg, clock, in_default
):
    engine = with_history(
        database, pg, clock, in_default=in_default, grace_period="1 day"
    )
    engine.maintain()
    for name in (OLD, OLDER):
        with pytest.raises(Exception, match="check constraint"):
            pg.execute(f"INSERT INTO {name} VALUES ('2020-01-01')")


@pytest.mark.parametrize("in_default", [False, True])
def test_what_is_attached_again_is_not_dropped(database, pg, clock, in_default):
    engine = with_history(
        database, pg, clock, in_default=in_default, grace_period="1 day"
    )
    engine.maintain()
    plan = an_engine(database, clock.now + DAY).plan()
    assert {op.kind for op in plan.operations} >= {"drop"}

    class Rescuer:
        @hookimpl
        def partman_event(self, event):
            if event.kind == "attached":
                pg.execute(
                    f"ALTER TABLE events ATTACH PARTITION {OLD}"
                    " FOR VALUES FROM ('2026-11-22') TO ('2026-11-23')"
                )

    clock.now += DAY
    rescued = an_engine(database, clock, plugins=[Rescuer()])
    report = rescued.maintain()
    kept = [out for out in outcomes(report, "failed")]
    assert [out.operation.name.relation for out in kept] == [OLD]
    assert "attached" in kept[0].message
    assert value(pg, f"SELECT count(*) FROM {OLD}") == 24


def test_what_is_held_is_neither_detached_nor_dropped(database, pg, clock):
    engine = with_history(database, pg, clock, grace_period="1 day")
    hold = (
        "UPDATE partman.managed_partitions SET hold_until = %s, hold_reason = 'court'"
        " WHERE relation = %s::regclass"
    )
    pg.execute(hold, [clock.now + 30 * DAY, OLDER])
    assert told(engine.maintain()) == [("detach", OLD)]
    pg.execute(hold, [clock.now + 30 * DAY, OLD])
    clock.now += DAY
    report = engine.maintain()
    [out] = outcomes(report, "failed")
    assert "held" in out.message
    assert is_there(pg, OLD)
    assert OLDER in children(pg)


def test_what_somebody_renamed_and_replaced_is_not_dropped(database, pg, clock):
    """The name stands for another table by now."""
    engine = with_history(database, pg, clock, grace_period="1 day")
    engine.maintain()

    class Swapper:
        @hookimpl
        def partman_event(self, event):
            if event.kind == "attached":
                pg.execute(f"ALTER TABLE {OLD} RENAME TO kept_by_hand")
                pg.execute(f"CREATE TABLE {OLD} (precious int)")

    clock.now += DAY
    report = an_engine(database, clock, plugins=[Swapper()]).maintain()
    assert ("drop", OLD) in told(report, "failed")
    assert is_there(pg, OLD)
    assert is_there(pg, "kept_by_hand")


@pytest.mark.parametrize("in_default", [False, True])
def test_what_was_replaced_since_the_plan_is_not_detached(
    database, pg, clock, in_default
):
    """It has other bounds by now, and another one has its name."""
    with_history(database, pg, clock, in_default=in_default)

    class Meddler:
        @hookimpl
        def partman_pre_detach(self, partition):
            if partition.name.relation == OLDER:
                pg.execute(f"ALTER TABLE events DETACH PARTITION {OLDER}")
                pg.execute(
                    f"ALTER TABLE events ATTACH PARTITION {OLDER}"
                    " FOR VALUES FROM ('2026-11-20') TO ('2026-11-22')"
                )
                pg.execute(f"ALTER TABLE {OLD} RENAME TO aside")

    report = an_engine(database, clock, plugins=[Meddler()]).maintain()
    assert told(report, "failed") == [("detach", OLDER), ("detach", OLD)]
    assert all("changed" in out.message for out in outcomes(report, "failed"))
    assert {OLDER, "aside"} <= set(children(pg))


def test_an_intent_that_is_not_carried_out_is_withdrawn(database, pg, clock):
    """Or what somebody detaches by hand later would be taken for ours to drop."""

    class Killer:
        @hookimpl
        def partman_event(self, event):
            if event.kind == "detached":
                raise KeyboardInterrupt

    with_history(database, pg, clock)
    an_engine(database, clock, plugins=[Killer()]).maintain()
    intended = "SELECT relation::text FROM partman.detached_partitions ORDER BY 1"
    assert pg.execute(intended).fetchall() == [(OLDER,), (OLD,)]
    engine = an_engine(database, clock)
    daily(engine, count=3, start="2026-11-21")
    engine.maintain()
    assert pg.execute(intended).fetchall() == []
    pg.execute(f"ALTER TABLE events DETACH PARTITION {OLD} CONCURRENTLY")
    clock.now += DAY
    engine.maintain()
    assert is_there(pg, OLD)


def test_max_drops_holds_back_what_may_be_a_mistake(database, pg, clock):
    engine = with_history(database, pg, clock, max_drops=1)
    report = engine.maintain()
    assert told(report) == []
    [found] = [f for f in report.tables[0].findings if f.code == "max-drops"]
    assert "--max-drops 2" in found.hint
    assert report.exit_code == 3
    assert ("drop", OLD) in told(engine.maintain(max_drops=2))


def test_only_what_partman_made_or_adopted_is_retired(database, pg, clock):
    a_table(pg)
    pg.execute(
        "CREATE TABLE theirs PARTITION OF events"
        " FOR VALUES FROM ('2020-01-01') TO ('2020-01-02')"
    )
    engine = an_engine(database, clock)
    daily(engine, retention_period="1 day")
    engine.maintain()
    assert "theirs" in children(pg)
    assert engine.import_existing_partitions("events", dry_run=True).accepted
    assert "theirs" in children(pg)
    engine.maintain()
    assert "theirs" in children(pg)
    adopted = engine.import_existing_partitions("events")
    assert [p.name.relation for p in adopted.accepted] == ["theirs"]
    assert ("drop", "theirs") in told(engine.maintain())


KEYS = {
    "timestamptz": ("RANGE", "FROM ('2026-01-01') TO ('2026-02-01')"),
    "timestamp": ("RANGE", "FROM ('2026-01-01') TO ('2026-02-01')"),
    "date": ("RANGE", "FROM ('2026-01-01') TO ('2026-02-01')"),
    "int": ("RANGE", "FROM (-5) TO (10)"),
    "bigint": ("RANGE", "FROM (10) TO (20)"),
    "smallint": ("RANGE", "FROM (MINVALUE) TO (20)"),
    "numeric": ("RANGE", "FROM (1.5) TO (MAXVALUE)"),
    "uuid": (
        "RANGE",
        "FROM ('018cc251-f400-7000-8000-000000000000')"
        " TO ('018cc778-5000-7000-8000-000000000000')",
    ),
    'text COLLATE "C"': ("RANGE", "FROM ('01HK153X00') TO ('01HK3QHP00')"),
    "varchar(26)": ("RANGE", "FROM ('a') TO ('b')"),
    "text": ("LIST", "IN ('a', 'it''s', NULL)"),
    "varchar": ("LIST", "IN ('a', 'b')"),
    "char(3)": ("LIST", "IN ('abc')"),
    "boolean": ("LIST", "IN (true)"),
    "integer": ("LIST", "IN (1, 2, 3)"),
    "dom": ("RANGE", "FROM (1) TO (2)"),
    "mood": ("LIST", "IN ('sad', 'happy')"),
    "oid": ("HASH", "WITH (MODULUS 2, REMAINDER 1)"),
}


@pytest.mark.parametrize("in_default", [False, True])
@pytest.mark.parametrize("key", KEYS)
def test_every_kind_of_key_keeps_the_check_of_its_bounds(
    pg, key, in_default, an_odd_table
):
    """What is recorded is what PostgreSQL prints of the CHECK that stands."""
    method, bounds = KEYS[key]
    if method == "HASH":
        in_default = False
    pg.execute("CREATE DOMAIN dom AS int CHECK (value > 0)")
    pg.execute("CREATE TYPE mood AS ENUM ('sad', 'happy')")
    pg.execute(f"CREATE TABLE odd (k {key}, n int) PARTITION BY {method} (k)")
    pg.execute(f"CREATE TABLE odd_1 PARTITION OF odd FOR VALUES {bounds}")
    if in_default:
        pg.execute("CREATE TABLE odd_rest PARTITION OF odd DEFAULT")
    an_odd_table.detach()
    [(recorded, run)] = pg.execute(
        "SELECT bound_check, run_id FROM partman.detached_partitions"
    ).fetchall()
    assert run is not None
    checks = check_text(pg, "odd_1")
    assert recorded in checks if method != "HASH" else recorded is None
    an_odd_table.drop()
    assert not is_there(pg, "odd_1")


@pytest.mark.parametrize("in_default", [False, True])
def test_a_partition_of_a_partition_keeps_the_check_of_all_its_bounds(
    pg, in_default, an_odd_table
):
    pg.execute("CREATE TABLE top (a text, k int) PARTITION BY LIST (a)")
    pg.execute(
        "CREATE TABLE odd PARTITION OF top FOR VALUES IN ('x', 'y')"
        " PARTITION BY RANGE (k)"
    )
    pg.execute("CREATE TABLE odd_1 PARTITION OF odd FOR VALUES FROM (1) TO (2)")
    if in_default:
        pg.execute("CREATE TABLE odd_rest PARTITION OF odd DEFAULT")
    an_odd_table.detach()
    recorded = value(pg, "SELECT bound_check FROM partman.detached_partitions")
    assert recorded in check_text(pg, "odd_1")
    with pytest.raises(Exception, match="check constraint"):
        pg.execute("INSERT INTO odd_1 VALUES ('z', 1)")
    an_odd_table.drop()
    assert not is_there(pg, "odd_1")


@pytest.mark.parametrize("in_default", [False, True])
def test_a_partition_that_is_partitioned_itself_is_retired_whole(
    pg, in_default, an_odd_table
):
    pg.execute("CREATE TABLE odd (k int, h int) PARTITION BY RANGE (k)")
    pg.execute(
        "CREATE TABLE odd_1 PARTITION OF odd FOR VALUES FROM (1) TO (2)"
        " PARTITION BY HASH (h)"
    )
    pg.execute(
        "CREATE TABLE odd_1_0 PARTITION OF odd_1 FOR VALUES WITH"
        " (MODULUS 1, REMAINDER 0)"
    )
    if in_default:
        pg.execute("CREATE TABLE odd_rest PARTITION OF odd DEFAULT")
    an_odd_table.detach()
    recorded = value(pg, "SELECT bound_check FROM partman.detached_partitions")
    assert recorded in check_text(pg, "odd_1")
    an_odd_table.drop()
    assert not is_there(pg, "odd_1")
    assert relations(pg, "odd%") == {"odd"} | ({"odd_rest"} if in_default else set())


@pytest.mark.parametrize("in_default", [False, True])
def test_a_check_that_implies_the_bounds_does_not_replace_ours(
    pg, in_default, an_odd_table
):
    """PostgreSQL leaves none of its own then."""
    pg.execute("CREATE TABLE odd (k int NOT NULL) PARTITION BY RANGE (k)")
    pg.execute("CREATE TABLE odd_1 PARTITION OF odd FOR VALUES FROM (1) TO (9)")
    pg.execute("ALTER TABLE odd_1 ADD CHECK (k >= 2 AND k < 5)")
    pg.execute("ALTER TABLE odd_1 ADD CONSTRAINT partman_bounds CHECK (k > 0)")
    if in_default:
        pg.execute("CREATE TABLE odd_rest PARTITION OF odd DEFAULT")
    an_odd_table.detach()
    recorded = value(pg, "SELECT bound_check FROM partman.detached_partitions")
    assert recorded in check_text(pg, "odd_1")
    an_odd_table.drop()
    assert not is_there(pg, "odd_1")
