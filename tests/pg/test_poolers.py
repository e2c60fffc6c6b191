"""Poolers: everything can be read through them, and only the right ones are written to.

A claim is held by a session, so a pooler that gives a backend to somebody else after
each transaction cannot be worked through.
"""

from __future__ import annotations

import threading
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from partman_core import hookimpl
from partman_core.errors import ConfigError
from partman_core.pg import pooler, session
from partman_core.pg.server import Server

from .bouncers import bouncer, through
from .helpers import (
    NOW,
    OLD,
    OLDER,
    PATIENCE,
    Archived,
    a_table,
    an_engine,
    daily,
    expiring,
    is_there,
    outcomes,
    relations,
    value,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

SETTINGS = {**session.CANONICAL, **session.WATCHFUL}


@pytest.fixture(scope="module")
def lending(server_dsn: str) -> Iterator[Path]:
    """Yield a pooler that lends a backend for one transaction at a time."""
    with bouncer(server_dsn, "transaction") as place:
        yield place


@pytest.fixture(scope="module")
def keeping(server_dsn: str) -> Iterator[Path]:
    """Yield a pooler where a client keeps its backend."""
    with bouncer(server_dsn, "session") as place:
        yield place


@pytest.fixture
def to() -> Iterator[Callable[..., Any]]:
    """Yield a function that opens a connection, and tells what it leads to."""
    with ExitStack() as stack:

        def connect(dsn: str) -> tuple[session.Connection, Server]:
            conn = stack.enter_context(session.connect(dsn))
            return conn, session.probe(conn, "partman")

        yield connect


def prepared(found: Any, dsn: str, said: Any = None, **more: Any) -> list[str]:
    """Make a connection fit for writing; return the codes of what is found."""
    conn, server = found
    findings = pooler.prepare(conn, server, lambda: session.connect(dsn), said, **more)
    return [finding.code for finding in findings]


def refusal(found: Any, dsn: str, said: Any = None, **more: Any) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        prepared(found, dsn, said, **more)
    assert (caught.value.exit_code, caught.value.code) == (4, "pooler")
    return caught.value


def shown(conn: Any) -> dict[str, str]:
    """Return how the settings are that partman works with."""
    rows = conn.execute(
        "SELECT name, setting FROM pg_settings WHERE lower(name) = ANY (%s)",
        [[name.lower() for name in SETTINGS]],
    )
    return dict(rows.fetchall())


def unlike(server_dsn: str, database: str) -> None:
    """Let a database have settings of its own, unlike ours."""
    name = psycopg.conninfo.conninfo_to_dict(database)["dbname"]
    with psycopg.connect(server_dsn, autocommit=True) as server:
        for setting, value in (
            ("timezone", "Asia/Kathmandu"),
            ("datestyle", "German"),
            ("intervalstyle", "iso_8601"),
            ("quote_all_identifiers", "on"),
        ):
            server.execute(f"ALTER DATABASE {name} SET {setting} = '{value}'")


@pytest.mark.parametrize("options", [{}, {"ignore_startup_parameters": "options"}])
@pytest.mark.parametrize("mode", ["session", "transaction"])
def test_all_can_be_read_through_a_pooler(server_dsn, database, pg, mode, options):
    """Whatever the database's own settings are, and whatever the pooler hands on."""
    a_table(pg)
    daily(an_engine(database))
    an_engine(database).maintain()
    unlike(server_dsn, database)
    straight = an_engine(database)
    with bouncer(server_dsn, mode, **options) as place:
        pooled = an_engine(through(place, database))
        assert pooled.partitions("events") == straight.partitions("events")
        assert pooled.managed_tables() == straight.managed_tables()
        assert pooled.plan(now=NOW.replace(day=26)) == straight.plan(
            now=NOW.replace(day=26)
        )
        assert pooled.explain(pooled.plan()) == straight.explain(straight.plan())
        assert pooled.check() == straight.check()
        assert pooled.history() == straight.history()
        assert pooled.runs() == straight.runs()


@pytest.mark.parametrize("given", ["DSN", "callable"])
def test_reading_leaves_nothing_behind_for_the_next_program(
    server_dsn, database, lending, to, given
):
    """It is given the same backend, and must find it as it would be anyway."""
    unlike(server_dsn, database)
    dsn = through(lending, database)
    with psycopg.connect(database) as straight:
        before = shown(straight)
    assert before["TimeZone"] == "Asia/Kathmandu"
    if given == "DSN":
        conn, server = to(dsn)
    else:
        conn = session.adopt(psycopg.connect(dsn))
        server = session.probe(conn, "partman")
    with conn:
        [(zone, pid)] = session.read(
            conn, "SELECT current_setting('timezone'), pg_backend_pid()"
        )
    assert (server.pooled, zone) == (True, "UTC")
    with psycopg.connect(dsn) as after:
        assert after.execute("SELECT pg_backend_pid()").fetchall() == [(pid,)]
        assert shown(after) == before


def test_without_a_pooler_nobody_is_asked(database, to):
    found = to(database)
    assert not found[1].pooled

    def never() -> Any:
        raise AssertionError

    assert pooler.prepare(*found, never) == ()
    assert pooler.prepare(*found, never, "session") == ()


def test_a_pooler_that_lends_for_a_transaction_is_not_written_through(
    database, lending, to
):
    dsn = through(lending, database)
    error = refusal(to(dsn), dsn)
    assert "for one transaction at a time" in str(error)
    assert "DSN that leads to the server itself" in (error.hint or "")
    assert 'pooler = "session"' in (error.hint or "")


def test_neither_is_one_that_lends_for_a_statement(server_dsn, database, to):
    with bouncer(server_dsn, "statement") as place:
        dsn = through(place, database)
        refusal(to(dsn), dsn)


def test_it_is_found_out_although_other_programs_take_the_backends(
    server_dsn, database, to
):
    """The backends go round, so that the second client gets another one at first."""
    with bouncer(server_dsn, "transaction", server_round_robin=1) as place:
        dsn = through(place, database)
        with ExitStack() as stack:
            for _ in range(4):
                busy = stack.enter_context(psycopg.connect(dsn))
                busy.execute("SELECT 1")
        refusal(to(dsn), dsn)


def test_a_pooler_that_keeps_sessions_together_is_told_and_written_through(
    database, keeping, to
):
    dsn = through(keeping, database)
    conn, server = to(dsn)
    assert prepared((conn, server), dsn) == ["pooler"]
    own, _ = to(database)
    assert shown(conn) == shown(own)
    assert prepared((conn, server), dsn, "session") == []


def test_the_finding_says_how_to_settle_it(database, keeping, to):
    dsn = through(keeping, database)
    [finding] = pooler.prepare(*to(dsn), lambda: session.connect(dsn))
    assert (finding.severity, finding.exit_code) == ("info", 0)
    assert 'pooler = "session"' in (finding.hint or "")


def test_what_the_settings_say_of_a_pooler_is_not_tried(database, lending, to):
    dsn = through(lending, database)
    conn, server = to(dsn)
    with pytest.raises(ConfigError):
        pooler.prepare(conn, server, pytest.fail, "transaction")
    assert pooler.prepare(conn, server, pytest.fail, "session") == ()
    error = refusal(to(database), database, "transaction")
    assert "the settings say" in str(error)


def test_a_pooler_that_has_no_second_session_is_not_written_through(
    server_dsn, database, to
):
    """Nobody can tell then, and hooks would want a second one anyway."""
    with bouncer(server_dsn, "session", default_pool_size=1) as place:
        dsn = through(place, database)
        found = to(dsn)
        error = refusal(found, dsn, patience=0.5)
        assert "no second connection within 0.5 s" in str(error)
        assert prepared(found, dsn, "session") == []


def test_a_second_connection_that_is_refused_is_told(server_dsn, database, to):
    with bouncer(server_dsn, "session", max_client_conn=1) as place:
        dsn = through(place, database)
        with pytest.raises(Exception, match="no more connections allowed") as caught:
            prepared(to(dsn), dsn)
        assert caught.value.exit_code == 5


def test_an_unknown_mode_is_refused():
    assert pooler.checked("session") == "session"
    assert pooler.checked("transaction") == "transaction"
    assert pooler.checked(None) is None
    with pytest.raises(ConfigError, match="no pooler mode 'statement'") as caught:
        pooler.checked("statement")
    assert caught.value.code == "pooler"
    assert '"transaction"' in (caught.value.hint or "")


def test_options_of_the_user_that_a_pooler_refuses_are_told(database, lending):
    dsn = make_conninfo(through(lending, database), options="-c work_mem=3MB")
    with pytest.raises(Exception, match="startup parameter") as caught:
        session.connect(dsn)
    assert caught.value.exit_code == 5


# Engines


def test_an_engine_works_through_a_pooler_that_keeps_sessions_together(
    database, keeping, expired
):
    """With all that it has sessions for: workers, hooks, and whoever watches."""
    archived = Archived(psycopg.connect(database, autocommit=True))
    with archived.pg as pg:
        engine = an_engine(through(keeping, database), plugins=[archived])
        report = engine.maintain(workers=2)
        assert report.exit_code == 0, report
        assert [finding.code for finding in report.findings] == ["pooler"]
        assert archived.calls == [OLDER, OLD]
        assert not is_there(pg, OLD)
        assert value(pg, "SELECT count(*) FROM archive") == 48
    assert not an_engine(database).plan().operations
    assert not engine.maintain().tables[0].outcomes
    said = an_engine(through(keeping, database), pooler="session")
    assert said.maintain().findings == ()


def test_a_hook_that_is_too_slow_is_ended_behind_a_pooler_too(
    database, keeping, expired
):
    """The pid that the pooler tells is nobody's, or somebody else's."""
    asleep, gone = threading.Event(), threading.Event()

    class Slow:
        @hookimpl
        def partman_pre_drop(self, conn):
            asleep.set()
            with suppress(psycopg.OperationalError):
                conn.execute("SELECT pg_sleep(600)")
            gone.set()

    engine = an_engine(through(keeping, database), plugins=[Slow()])
    expiring(engine, hook_timeout="1 second")
    report = engine.maintain()
    assert [out.message for out in outcomes(report, "failed")]
    assert asleep.is_set()
    assert gone.wait(PATIENCE)


def test_an_engine_writes_nothing_through_one_that_lends_for_a_transaction(
    database, pg, lending
):
    a_table(pg)
    direct = an_engine(database)
    daily(direct)
    engine = an_engine(through(lending, database))
    for write in (
        engine.maintain,
        lambda: daily(engine, count=5),
        lambda: engine.unregister("events"),
        lambda: engine.apply(engine.plan()),
        lambda: engine.import_existing_partitions("events"),
    ):
        with pytest.raises(ConfigError) as refused:
            write()
        assert refused.value.code == "pooler"
    assert len(engine.plan().operations) == 3
    assert relations(pg) == {"events"}
    assert direct.runs() == []
    [table] = direct.managed_tables()
    assert table.settings["partition_count"] == 3


def test_the_settings_are_asked_first(database, pg, lending):
    a_table(pg)
    daily(an_engine(database))
    with pytest.raises(ConfigError, match="the settings say"):
        an_engine(database, pooler="transaction").maintain()
    with pytest.raises(ConfigError, match="no pooler mode"):
        an_engine(database, pooler="both")
