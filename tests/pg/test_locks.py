"""The locks that each step says it takes are those that PostgreSQL grants it."""

from __future__ import annotations

from datetime import timedelta
from threading import Thread
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from attrs import evolve

from partman_core.model import Table
from partman_core.pg import catalog, ddl, facts
from partman_core.plan import Create, Detach, Discard, Drop, Finalize, Move

from .helpers import NOW, an_engine, children, daily, name, told, value

if TYPE_CHECKING:
    from partman_core.pg.ddl import Lock, Step
    from partman_core.plan import Operation

    Connection = psycopg.Connection[Any]

TODAY, TOMORROW = "events_p20261124", "events_p20261125"
DAY = timedelta(days=1)

MODES = [
    "ACCESS SHARE", "ROW SHARE", "ROW EXCLUSIVE", "SHARE UPDATE EXCLUSIVE", "SHARE",
    "SHARE ROW EXCLUSIVE", "EXCLUSIVE", "ACCESS EXCLUSIVE",
]  # fmt: skip
"""From the weakest to the strongest."""

HELD = """
SELECT format('%%I.%%I', n.nspname, c.relname),
       upper(trim(regexp_replace(replace(l.mode, 'Lock', ''), '([A-Z])', ' \\1', 'g')))
  FROM pg_locks l
  JOIN pg_class c ON c.oid = l.relation
  JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE l.pid = %s AND l.granted AND c.relkind IN ('r', 'p') AND n.nspname = 'public'
   AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())"""

SHAPES = ["plain", "default", "foreign key", "foreign key and default", "referenced",
          "referenced and default", "partitioned foreign key"]  # fmt: skip


@pytest.fixture(params=SHAPES)
def shape(request: pytest.FixtureRequest, pg: Connection) -> str:
    """Make the table ``events``: alone, or with all that takes locks."""
    shape = request.param
    pg.execute("CREATE TABLE kinds (kind int PRIMARY KEY) ")
    if shape.startswith("partitioned"):
        pg.execute("DROP TABLE kinds")
        pg.execute("CREATE TABLE kinds (kind int PRIMARY KEY) PARTITION BY LIST (kind)")
        pg.execute("CREATE TABLE kinds_1 PARTITION OF kinds FOR VALUES IN (1)")
    links = "REFERENCES kinds" if "foreign key" in shape else ""
    pg.execute(
        f"CREATE TABLE events (at timestamptz PRIMARY KEY, kind int {links})"
        " PARTITION BY RANGE (at)"
    )
    if "referenced" in shape:
        pg.execute("CREATE TABLE notes (at timestamptz REFERENCES events)")
    if "default" in shape:
        pg.execute("CREATE TABLE rest PARTITION OF events DEFAULT")
    return shape


def held(look: Connection, pid: int, at_least: str) -> dict[str, str]:
    """Return the strongest lock that a session holds on each table."""
    strongest: dict[str, str] = {}
    for relation, mode in look.execute(HELD, [pid]).fetchall():
        before = strongest.get(relation, mode)
        strongest[relation] = max(mode, before, key=MODES.index)
    least = MODES.index(at_least)
    return {r: mode for r, mode in strongest.items() if MODES.index(mode) >= least}


def said(locks: tuple[Lock, ...]) -> dict[str, str]:
    return {lock.relation: lock.mode for lock in locks}


def taken(
    pg: Connection, conn: Connection, step: Step, at_least: str
) -> dict[str, str]:
    """Do a step as the executor does, look at its locks, and undo it.

    The look is from outside, where a new table is not seen.
    """
    assert step.transaction
    with conn.transaction(force_rollback=True):
        conn.execute(ddl.batch([step]))
        return held(pg, conn.info.backend_pid, at_least)


def steps_of(pg: Connection, operation: Operation) -> tuple[Step, ...]:
    parent = value(pg, "SELECT 'events'::regclass::oid")
    known = facts.facts(pg, [parent])[parent]
    table = Table(name=name("events"), strategy=None)
    oid = getattr(getattr(operation, "partition", None), "oid", 0)
    places = facts.places(pg, [oid], checks=True)
    return ddl.steps(operation, known, table, places)


def a_tree(pg: Connection) -> Any:
    parent = value(pg, "SELECT 'events'::regclass::oid")
    return catalog.trees(pg, "partman", [parent])[parent]


def a_creation(database: str) -> Create:
    engine = an_engine(database)
    daily(engine, count=1)
    [create] = engine.plan().operations
    return create


def with_partitions(database: str, pg: Connection) -> Any:
    """Create two partitions, and return today's."""
    engine = an_engine(database)
    daily(engine, count=2)
    assert len(told(engine.maintain())) == 2
    return next(p for p in a_tree(pg).partitions if p.name.relation == TODAY)


def a_detach(pg: Connection, partition: Any, shape: str) -> Detach:
    return Detach(
        table=name("events"),
        partition=partition,
        reason="",
        action="drop",
        concurrently="default" not in shape,
        due=NOW,
    )


def test_building_takes_nothing_that_anybody_waits_for(database, pg, other, shape):
    build, _ = steps_of(pg, a_creation(database))
    locks = taken(pg, other(), build, "ACCESS SHARE")
    assert locks == said(build.locks) == {"public.events": "ACCESS SHARE"}
    assert build.waits is None


def test_attaching_takes_what_it_says(database, pg, other, shape):
    build, attach = steps_of(pg, a_creation(database))
    conn = other()
    conn.execute(build.sql)
    locks = taken(pg, conn, attach, "SHARE UPDATE EXCLUSIVE")
    assert locks == said(attach.locks)
    assert (attach.waits is None) == (shape == "plain")


def test_a_plain_detach_takes_what_it_says(database, pg, other, shape):
    partition = with_partitions(database, pg)
    detach = evolve(a_detach(pg, partition, shape), concurrently=False)
    [step] = steps_of(pg, detach)
    locks = taken(pg, other(), step, "SHARE UPDATE EXCLUSIVE")
    assert locks == said(step.locks)
    assert step.waits


def test_a_drop_takes_what_it_says(database, pg, other, shape):
    partition = with_partitions(database, pg)
    pg.execute(f"ALTER TABLE events DETACH PARTITION {TODAY}")
    drop = Drop(table=name("events"), retired=_retired(partition), reason="")
    [step] = steps_of(pg, drop)
    locks = taken(pg, other(), step, "SHARE UPDATE EXCLUSIVE")
    assert locks == said(step.locks)
    assert (step.waits is None) == ("foreign key" not in shape)


def test_a_move_takes_what_it_says(database, pg, other, shape):
    partition = with_partitions(database, pg)
    pg.execute(f"ALTER TABLE events DETACH PARTITION {TODAY}")
    pg.execute("CREATE SCHEMA attic")
    move = Move(
        table=name("events"),
        retired=_retired(partition),
        reason="",
        target_schema="attic",
    )
    [step] = steps_of(pg, move)
    conn = other()
    with conn.transaction(force_rollback=True):
        conn.execute(ddl.batch([step]))
        moved = held(conn, conn.info.backend_pid, "SHARE UPDATE EXCLUSIVE")
        [(own,)] = conn.execute(
            "SELECT max(mode) FROM pg_locks WHERE pid = pg_backend_pid()"
            " AND relation = %s AND granted",
            [partition.oid],
        ).fetchall()
    assert moved == {}
    assert own == "AccessExclusiveLock"
    assert said(step.locks) == {f"public.{TODAY}": "ACCESS EXCLUSIVE"}


def test_a_discard_takes_what_it_says(database, pg, other, shape):
    build, _ = steps_of(pg, a_creation(database))
    pg.execute(build.sql)
    oid = value(pg, "SELECT %s::regclass::oid", TODAY)
    from partman_core.model import Partition

    built = Partition(oid=oid, name=name(TODAY), bounds=None)
    discard = Discard(table=name("events"), partition=built, reason="")
    [step] = steps_of(pg, discard)
    assert taken(pg, other(), step, "SHARE UPDATE EXCLUSIVE") == said(step.locks)


def half_detached(pg: Connection, other: Any) -> None:
    reader, worker = other(autocommit=False), other()
    reader.execute("SELECT count(*) FROM events")
    worker.execute("SET statement_timeout = '50ms'")
    with pytest.raises(psycopg.errors.QueryCanceled):
        worker.execute(f"ALTER TABLE events DETACH PARTITION {TODAY} CONCURRENTLY")
    reader.rollback()


def test_finalizing_takes_what_it_says(database, pg, other, shape):
    if "default" in shape:
        pg.execute("ALTER TABLE events DETACH PARTITION rest")
    with_partitions(database, pg)
    half_detached(pg, other)
    partition = next(p for p in a_tree(pg).partitions if p.pending)
    finalize = Finalize(table=name("events"), partition=partition, reason="")
    [step] = steps_of(pg, finalize)
    locks = taken(pg, other(), step, "SHARE UPDATE EXCLUSIVE")
    assert locks == said(step.locks)


def test_a_concurrent_detach_takes_what_it_says_while_it_waits(
    database, pg, other, shape
):
    """First for who used the parent, then for who reads the partition."""
    if "default" in shape:
        pg.execute("ALTER TABLE events DETACH PARTITION rest")
    partition = with_partitions(database, pg)
    [step] = steps_of(pg, a_detach(pg, partition, "plain"))
    assert not step.transaction
    assert (step.waits is None) == (shape in {"plain", "default"})
    reader, worker = other(autocommit=False), other()
    reader.execute(f"SELECT count(*) FROM {TODAY}")
    thread = Thread(target=worker.execute, args=[step.sql])
    thread.start()
    waits = (
        "SELECT EXISTS (SELECT FROM pg_locks WHERE pid = %s AND NOT granted"
        " AND locktype = 'relation')"
    )
    while not value(pg, waits, worker.info.backend_pid):
        assert thread.is_alive()
    locks = held(pg, worker.info.backend_pid, "SHARE UPDATE EXCLUSIVE")
    [(mode,)] = pg.execute(
        "SELECT mode FROM pg_locks WHERE pid = %s AND NOT granted",
        [worker.info.backend_pid],
    ).fetchall()
    reader.rollback()
    thread.join(60)
    assert mode == "AccessExclusiveLock"
    expected = said(step.locks)
    assert expected.pop(f"public.{TODAY}") == "ACCESS EXCLUSIVE"
    assert locks["public.events"] == expected.pop("public.events")
    assert TODAY not in children(pg)


def test_the_executors_budget_covers_waiting_and_holding_in_one_block(
    database, pg, shape
):
    _, attach = steps_of(pg, a_creation(database))
    text = ddl.batch([attach, attach]).as_string(None)
    assert text.startswith("DO $partman$") == (shape != "plain")
    assert text.count("LOCK TABLE") == ("default" in shape)


def _retired(partition: Any) -> Any:
    from partman_core.model import Retired

    return Retired(
        oid=partition.oid,
        name=partition.name,
        bounds=partition.bounds,
        action="drop",
        retired_at=NOW,
        due=NOW,
    )
