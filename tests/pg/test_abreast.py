"""Many partitions are built in a second session while the first attaches them."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from partman_core import hookimpl
from partman_core.engine import Stop
from partman_core.executor import creation

from .helpers import (
    a_table,
    an_engine,
    children,
    daily,
    outcomes,
    relations,
    told,
)

if TYPE_CHECKING:
    from partman_core import Engine

    Connection = psycopg.Connection[Any]

COUNT, AT_ONCE = 12, 3
BUILDER = """
SELECT count(pg_terminate_backend(pid, 10000)) FROM pg_stat_activity
 WHERE application_name = 'partman' AND datname = current_database()
   AND query ~ 'CREATE TABLE'"""
REFUSED = "events_p20261128"
REFUSAL = f"""
CREATE FUNCTION refuse() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN
  IF to_regclass('{REFUSED}') IS NOT NULL THEN RAISE 'not this one'; END IF;
END $$;
CREATE EVENT TRIGGER refuse ON ddl_command_end WHEN TAG IN ('CREATE TABLE')
   EXECUTE FUNCTION refuse()"""
FIRST = BUILDER.replace("query ~", "query !~")


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a dozen partitions be many."""
    monkeypatch.setattr(creation, "AT_ONCE", AT_ONCE)


class Listener:
    """Does something once, after so many events of a kind."""

    def __init__(self, kind: str, after: int, deed: Any) -> None:
        self.kind, self.left, self.deed = kind, after, deed
        self.threads: set[str] = set()

    @hookimpl
    def partman_event(self, event):
        self.threads.add(threading.current_thread().name)
        if event.kind == self.kind:
            self.left -= 1
            if self.left == 0:
                self.deed()


class Sessions:
    """Counts the sessions that are opened, and may refuse more."""

    def __init__(self, dsn: str, most: int = 100) -> None:
        self.dsn, self.left = dsn, most
        self.all: list[Connection] = []

    def __call__(self) -> Connection:
        if self.left == 0:
            raise psycopg.OperationalError("too many connections for role")
        self.left -= 1
        self.all.append(
            psycopg.connect(self.dsn, application_name="partman", autocommit=True)
        )
        return self.all[-1]

    def is_over(self) -> bool:
        """Say whether all of them are closed."""
        return bool(self.all) and all(session.closed for session in self.all)


def registered(database: Any, pg: Connection, *plugins: Any, **more: Any) -> Engine:
    """Return an engine for which a dozen partitions are due."""
    a_table(pg)
    engine = an_engine(database, plugins=plugins)
    daily(engine, count=COUNT, **more)
    return engine


def goes_on(engine: Engine, pg: Connection) -> None:
    """See that the next run leaves nothing to do and nothing behind."""
    report = engine.maintain()
    assert report.exit_code == 0, report
    assert len(children(pg)) == COUNT
    assert relations(pg) == {*children(pg), "events"}
    assert engine.plan().operations == ()
    assert engine.plan().findings == ()


def sessions_needed(database: str) -> int:
    """Return how many sessions a run opened that creates a dozen partitions."""
    sessions = Sessions(database)
    engine = an_engine(sessions)
    daily(engine, count=COUNT)
    sessions.all.clear()
    report = engine.maintain()
    assert report.exit_code == 0, report
    assert len(told(report)) == COUNT
    return len(sessions.all)


def test_two_sessions_make_what_one_would_have_made(database, pg, monkeypatch):
    a_table(pg)
    pg.execute("CREATE TABLE others (LIKE events) PARTITION BY RANGE (at)")
    with_two = sessions_needed(database)
    monkeypatch.setattr(creation, "AT_ONCE", 100)
    engine = an_engine(database)
    daily(engine, "others", count=COUNT)
    sessions = Sessions(database)
    assert an_engine(sessions).maintain().exit_code == 0
    assert with_two == len(sessions.all) + 1
    there, alone = children(pg), children(pg, "others")
    assert list(there.values()) == list(alone.values())
    assert len(there) == COUNT


def test_beside_a_default_all_are_built_before_any_is_attached(database, pg):
    """While its attach is waited for, nothing else of ours may be held."""
    a_table(pg)
    heard: list[str] = []

    class Order:
        @hookimpl
        def partman_event(self, event):
            heard.append(event.kind)

    engine = an_engine(database, plugins=[Order()])
    daily(engine, count=1, default_partition=True)
    assert engine.maintain().exit_code == 0
    heard.clear()
    daily(engine, count=COUNT, default_partition=True)
    assert engine.maintain().exit_code == 0
    made = [kind for kind in heard if kind in {"created", "attached"}]
    assert made == ["created"] * (COUNT - 1) + ["attached"] * (COUNT - 1)


def test_listeners_are_called_in_one_thread_only(database, pg):
    listener = Listener("never", 1, None)
    engine = registered(database, pg, listener)
    assert engine.maintain().exit_code == 0
    assert len(listener.threads) == 1
    assert "partman mate" not in listener.threads


def test_where_no_second_session_is_to_be_had_one_does_it(database, pg):
    a_table(pg)
    sessions = Sessions(database)
    engine = an_engine(sessions)
    daily(engine, count=COUNT)
    sessions.left = 1
    report = engine.maintain()
    assert report.exit_code == 0, report
    assert len(children(pg)) == COUNT


def test_a_build_that_is_refused_costs_only_its_own_partition(database, pg):
    engine = registered(database, pg)
    pg.execute(REFUSAL)
    report = engine.maintain()
    failed = [out.operation.name.relation for out in outcomes(report, "failed")]
    assert failed == [REFUSED], report
    assert len(children(pg)) == COUNT - 1
    pg.execute("DROP EVENT TRIGGER refuse")
    goes_on(engine, pg)


@pytest.mark.parametrize("after", [1, AT_ONCE, 2 * AT_ONCE])
def test_when_the_second_session_is_killed_the_first_does_the_rest(
    database, pg, other, after
):
    watch = other()
    killed = Listener("attached", after, lambda: watch.execute(BUILDER))
    engine = registered(database, pg, killed)
    report = engine.maintain()
    assert report.exit_code == 0, report
    assert len(told(report)) == COUNT
    goes_on(engine, pg)


@pytest.mark.parametrize("kind", ["created", "attached"])
@pytest.mark.parametrize("after", [1, AT_ONCE + 1])
def test_when_the_first_session_is_killed_the_next_run_finishes(
    database, pg, other, kind, after
):
    watch = other()
    killed = Listener(kind, after, lambda: watch.execute(FIRST))
    sessions = Sessions(database)
    engine = registered(sessions, pg, killed)
    report = engine.maintain()
    assert report.exit_code != 0
    assert sessions.is_over()
    assert len(told(report)) == len(children(pg)) < COUNT
    goes_on(engine, pg)


@pytest.mark.parametrize("kind", ["created", "attached"])
def test_ctrl_c_ends_both_and_tells_what_is_done(database, pg, kind):
    def interrupt() -> None:
        raise KeyboardInterrupt

    sessions = Sessions(database)
    engine = registered(sessions, pg, Listener(kind, AT_ONCE + 2, interrupt))
    report = engine.maintain()
    assert report.interrupted
    assert len(told(report)) <= len(children(pg)) < COUNT
    assert sessions.is_over()
    goes_on(engine, pg)


def test_the_word_to_stop_ends_both(database, pg):
    stop = Stop()
    engine = registered(database, pg, Listener("attached", 1, stop.set))
    report = engine.maintain(stop=stop)
    assert report.interrupted
    assert len(told(report)) == len(children(pg)) < COUNT
    goes_on(engine, pg)


def test_a_held_table_is_waited_for_once(database, pg, other):
    """What is attached meanwhile holds up nobody, and the rest is not tried."""
    engine = registered(database, pg, lock_patience="200 ms")
    holder = other(autocommit=False)
    holder.execute("LOCK TABLE events IN SHARE UPDATE EXCLUSIVE MODE")
    report = engine.maintain()
    assert report.exit_code == 8, report
    told_of = [out.message or "" for out in outcomes(report)]
    assert sum("was held for" in text for text in told_of) == AT_ONCE
    assert sum("not tried" in text for text in told_of) == COUNT - AT_ONCE
    holder.rollback()
    goes_on(engine, pg)


def test_a_stranger_who_may_not_log_in_twice_gets_all_partitions(a_role, database, pg):
    role = a_role("LOGIN CONNECTION LIMIT 1")
    pg.execute(f"GRANT CREATE ON SCHEMA public TO {role}")
    pg.execute(f"GRANT CREATE ON DATABASE {pg.info.dbname} TO {role}")
    a_table(pg)
    pg.execute(f"ALTER TABLE events OWNER TO {role}")
    engine = an_engine(make_conninfo(database, user=role, password="x"))
    daily(engine, count=COUNT)
    report = engine.maintain(workers=1)
    assert report.exit_code == 0, report
    assert len(children(pg)) == COUNT
