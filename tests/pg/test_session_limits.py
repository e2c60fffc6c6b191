"""Sessions end with whoever opened them, and not before: what waits is kept alive."""

from __future__ import annotations

import subprocess
import sys
import time
from functools import partial
from typing import Any

import psycopg
import pytest

from partman_core import hookimpl
from partman_core.engine import crew
from partman_core.interval import Interval
from partman_core.pg import claims, session
from partman_core.pg.heartbeat import Heartbeat, beat
from partman_core.pg.transactions import (
    RESET_LIMITS,
    hook_limits,
    limits,
    session_limits,
)

from .helpers import (
    OLD,
    PATIENCE,
    a_table,
    an_engine,
    children,
    daily,
    is_there,
    relations,
    value,
)

IDLE = "idle_session_timeout"
IDLE_INSIDE = "idle_in_transaction_session_timeout"

SECOND, HOUR = Interval(microseconds=1_000_000), Interval(microseconds=3_600_000_000)


def shown(conn: Any, name: str) -> str | None:
    """Return a setting's value; None: this server does not know it."""
    return value(conn, "SELECT current_setting(%s, true)", name)


def on_17(conn: Any, expected: str) -> str | None:
    """Return what a setting must be that PostgreSQL has from 17 on."""
    return expected if conn.info.server_version >= 170000 else None


def guarded(pg: Any, **settings: str) -> None:
    """Let the database end sessions and transactions early."""
    for name, limit in settings.items():
        pg.execute(f"ALTER DATABASE {pg.info.dbname} SET {name} = '{limit}'")


def until(pg: Any, query: str, *args: Any) -> None:
    """Return when a question is answered with yes."""
    give_up = time.monotonic() + PATIENCE
    while not value(pg, query, *args):
        assert time.monotonic() < give_up, query


GONE = "SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE pid = %s)"


# What a session begins with


def test_a_client_that_hangs_loses_its_session(database):
    with session.connect(database) as conn:
        assert (shown(conn, IDLE), shown(conn, IDLE_INSIDE)) == ("10min", "1min")


@pytest.mark.parametrize("limit", ["3s", "0", "1d"])
def test_the_limits_hold_whatever_the_database_has(database, pg, limit):
    """Longer ones would keep a claim, shorter ones end it before its sign of life."""
    guarded(pg, **{IDLE: limit, IDLE_INSIDE: limit})
    with session.connect(database) as conn:
        assert (shown(conn, IDLE), shown(conn, IDLE_INSIDE)) == ("10min", "1min")
    with session.adopt(psycopg.connect(database)) as conn:
        assert (shown(conn, IDLE), shown(conn, IDLE_INSIDE)) == ("10min", "1min")


# Transactions


def test_a_transaction_of_short_statements_is_short_as_a_whole(database):
    with session.connect(database) as conn:
        for statement, whole in ((SECOND, "30s"), (HOUR, "10h")):
            conn.execute("BEGIN")
            conn.execute(limits(statement=statement))
            assert shown(conn, "transaction_timeout") == on_17(conn, whole)
            conn.rollback()
        assert shown(conn, "transaction_timeout") == on_17(conn, "0")


def test_one_that_may_have_to_scan_is_not_ended_by_a_limit_of_the_role(database, pg):
    if on_17(pg, "known"):
        guarded(pg, transaction_timeout="7s")
    with session.connect(database) as conn:
        assert shown(conn, "transaction_timeout") == on_17(conn, "7s")
        conn.execute("BEGIN")
        conn.execute(limits(lock=SECOND))
        assert shown(conn, "transaction_timeout") == on_17(conn, "0")
        conn.rollback()
        conn.execute(session_limits(lock=SECOND, statement=SECOND))
        assert shown(conn, "transaction_timeout") == on_17(conn, "0")
        conn.execute(RESET_LIMITS)
        assert shown(conn, "lock_timeout") == shown(conn, "statement_timeout") == "0"


def test_hooks_have_their_own_time_and_a_minute_more(database):
    with session.connect(database) as conn:
        conn.execute(hook_limits(HOUR))
        assert (shown(conn, IDLE), shown(conn, IDLE_INSIDE)) == ("61min", "61min")
        conn.execute("BEGIN")
        conn.execute(hook_limits(SECOND, local=True))
        assert shown(conn, IDLE_INSIDE) == "61s"
        assert shown(conn, "transaction_timeout") == on_17(conn, "0")
        conn.rollback()
        assert shown(conn, IDLE_INSIDE) == "61min"
        conn.execute(hook_limits(Interval(months=9999)))
        assert shown(conn, IDLE_INSIDE) == f"{(1 << 31) - 1}ms"


def test_what_is_tried_again_has_its_whole_time_again(database):
    """The limit of a try that was rolled back does not end the hook's transaction."""
    with session.connect(database) as conn:
        conn.execute("BEGIN")
        conn.execute(hook_limits(HOUR, local=True))
        conn.execute("SAVEPOINT partman")
        conn.execute(limits(statement=SECOND))
        conn.execute("ROLLBACK TO SAVEPOINT partman")
        assert shown(conn, "transaction_timeout") == on_17(conn, "0")


# Signs of life


def test_a_session_that_waits_is_kept_alive_with_its_claim(database, pg, other):
    """Another one that nobody keeps is ended meanwhile."""
    a_table(pg)
    oid = value(pg, "SELECT 'events'::regclass::oid::bigint")
    kept, forgotten = other(), other()
    with Heartbeat(lambda: [kept], every=0.02):
        assert claims.take(kept, oid)
        for conn in (kept, forgotten):
            conn.execute(f"SET {IDLE} = '1s'")
        until(pg, GONE, forgotten.info.backend_pid)
        assert claims.take(pg, oid) is None
    assert value(kept, "SELECT 1") == 1


def test_a_session_that_is_in_use_is_left_alone(other):
    conn = other()
    assert beat(conn)
    with conn.lock:
        assert not beat(conn)
    with conn.transaction():
        assert not beat(conn)
    with conn.pipeline():
        assert not beat(conn)
    conn.execute("BEGIN")
    with pytest.raises(psycopg.errors.DivisionByZero):
        conn.execute("SELECT 1/0")
    assert not beat(conn)
    conn.rollback()
    assert beat(conn)


def test_a_lost_session_is_found_by_whoever_uses_it(pg, other):
    """The others are kept none the less."""
    lost, kept = other(), other()
    pg.execute("SELECT pg_terminate_backend(%s)", [lost.info.backend_pid])
    until(pg, GONE, lost.info.backend_pid)
    before = value(pg, LAST, kept.info.backend_pid)
    with Heartbeat(lambda: [lost, kept], every=0.02):
        until(pg, f"SELECT ({LAST}) > %s", kept.info.backend_pid, before)
    assert lost.closed
    with pytest.raises(psycopg.OperationalError):
        lost.execute("SELECT 1")
    assert not beat(lost)


LAST = "SELECT state_change FROM pg_stat_activity WHERE pid = %s"


@pytest.mark.parametrize("workers", [1, 2])
def test_a_run_that_waits_for_a_hook_keeps_its_claim(
    database, pg, other, expired, monkeypatch, workers
):
    """The hook takes longer than a session may be idle."""
    monkeypatch.setitem(session.WATCHFUL, IDLE, "1000")
    monkeypatch.setattr(crew, "Heartbeat", partial(Heartbeat, every=0.02))
    a_table(pg, "others")
    daily(an_engine(database), "others")

    oid, claimed = value(pg, "SELECT 'events'::regclass::oid::bigint"), []

    class Slow:
        @hookimpl
        def partman_pre_drop(self):
            forgotten = other()
            forgotten.execute(f"SET {IDLE} = '1s'")
            until(pg, GONE, forgotten.info.backend_pid)
            claimed.append(claims.take(pg, oid, claims.DISPOSAL))

    engine = an_engine(database, plugins=[Slow()])
    report = engine.maintain(workers=workers)
    assert report.exit_code == 0, report
    assert claimed == [None, None]
    assert not is_there(pg, OLD)


# A client that dies


WAITS = """
SELECT EXISTS (SELECT FROM pg_locks JOIN pg_stat_activity USING (pid)
 WHERE NOT granted AND application_name = 'partman' AND datname = current_database())"""
ALONE = """
SELECT NOT EXISTS (SELECT FROM pg_stat_activity
 WHERE application_name = 'partman' AND datname = current_database())"""


def killed_while_it_waits(pg: Any, script: str, *args: str) -> None:
    """Run a program, and kill it with -9 as soon as it waits for a lock."""
    program = subprocess.Popen([sys.executable, "-c", script, *args])
    try:
        while not value(pg, WAITS):
            assert program.poll() is None, "it ended before it waited"
    finally:
        program.kill()
        program.wait(PATIENCE)
    until(pg, ALONE)


def test_a_statement_of_a_dead_client_is_not_done_when_its_lock_is_free(
    database, pg, other
):
    pg.execute("CREATE TABLE precious (id int)")
    holder = other(autocommit=False)
    holder.execute("SELECT count(*) FROM precious")
    killed_while_it_waits(
        other(),
        "import sys\n"
        "from partman_core.pg import session\n"
        "with session.connect(sys.argv[1]) as conn:\n"
        "    conn.execute('DROP TABLE precious')\n",
        database,
    )
    holder.rollback()
    assert is_there(pg, "precious")


def test_a_dead_engine_leaves_neither_its_deeds_nor_its_claims_behind(
    database, pg, other
):
    a_table(pg)
    now = value(pg, "SELECT now()")
    daily(an_engine(database, now))
    holder = other(autocommit=False)
    holder.execute("LOCK TABLE events IN ACCESS EXCLUSIVE MODE")
    killed_while_it_waits(
        other(),
        "import sys\n"
        "from partman_core import Engine\n"
        "Engine(sys.argv[1]).create_future_partitions()\n",
        database,
    )
    holder.rollback()
    assert relations(pg) == {"events"}
    [run] = an_engine(database, now).runs()
    assert (run.result, run.message) == ("failed", "its engine or the server went away")
    assert an_engine(database, now).maintain().exit_code == 0
    assert len(children(pg)) == 3
