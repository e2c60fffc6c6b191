"""Real deaths: the engine's and the server's, at random moments of real runs."""

from __future__ import annotations

import random
import signal
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from partman_core.pg.embedded import THROWAWAY, EmbeddedServer

from . import large
from .looking import await_nobody, look
from .trials import Copy

if TYPE_CHECKING:
    from .looking import Found

ENGINES, SERVERS = 10, 5
"""How often each is killed."""


@pytest.fixture
def dice() -> random.Random:
    """Return dice that fall anew each time; what is printed has them fall so again."""
    seed = random.randrange(1 << 32)
    print(f"random.Random({seed})")  # noqa: T201 - pytest shows it where a test fails
    return random.Random(seed)


def next_moment(dice: random.Random, done: int, left: int) -> int:
    """Return after how many steps to kill next.

    :param done: how many there were.
    :param left: how many deaths are still to come.
    """
    return done + 1 + int((large.STEPS - done) * dice.random() / left)


def finished(dsn: str) -> Found:
    """Make the last run, which nobody disturbs, and return what has become of it."""
    with psycopg.connect(dsn, autocommit=True) as conn:
        await_nobody(conn)
        large.maintain(dsn)
        await_nobody(conn)
        return look(conn)


def prepared(server: psycopg.Connection[Any]) -> Copy:
    """Return a database with much to do, to be copied."""
    made = Copy.of(server, "template0")
    large.prepare(made.dsn)
    made.hand.close()
    return made


def undisturbed(base: Copy) -> Found:
    """Return what becomes of a copy when nothing happens to it."""
    with Copy.of(base.server, base.name) as copy:
        return finished(copy.dsn)


def test_runs_that_are_killed_are_made_up_for(server, dice, tried):
    count = 0
    with prepared(server) as base:
        wanted = undisturbed(base)
        while count < ENGINES:
            with Copy.of(server, base.name) as copy:
                count += killed(copy, dice, ENGINES - count)
                assert wanted.differences(finished(copy.dsn)) == []
    tried["kill -9 of the engine"] = count


def killed(copy: Copy, dice: random.Random, deaths: int) -> int:
    """Kill runs until so many have died of it, or all is done; return how many."""
    count = 0
    while count < deaths and (done := large.progress(copy.hand)) < large.STEPS:
        with large.a_run(copy.dsn) as run:
            until = next_moment(dice, done, deaths - count)
            if large.is_caught(copy.hand, run, until):
                run.kill()
            count += run.wait(large.PATIENCE) == -signal.SIGKILL
    return count


def test_a_server_that_is_killed_costs_nothing_either(dice, tried):
    count = 0
    embedded = EmbeddedServer(settings=THROWAWAY)
    embedded.start()
    try:
        with psycopg.connect(embedded.dsn, autocommit=True) as server:
            base = prepared(server)
            wanted = undisturbed(base)
        while count < SERVERS:
            with psycopg.connect(embedded.dsn, autocommit=True) as server:
                copy = Copy.of(server, base.name)
                copy.hand.close()
            count += survived(embedded, copy.dsn, dice, SERVERS - count)
            assert wanted.differences(finished(copy.dsn)) == []
    finally:
        embedded.stop()
    tried["kill -9 of the server"] = count


def survived(server: EmbeddedServer, dsn: str, dice: random.Random, deaths: int) -> int:
    """Kill the server during runs, so often or until all is done; return how often."""
    count, is_caught = 0, True
    while count < deaths and is_caught:
        with psycopg.connect(dsn, autocommit=True) as conn, large.a_run(dsn) as run:
            until = next_moment(dice, large.progress(conn), deaths - count)
            is_caught = large.is_caught(conn, run, until)
            if is_caught:
                server.kill()
                _, told = run.communicate(timeout=large.PATIENCE)
                assert "Traceback" not in told, told
                count += 1
        if is_caught:
            server.start()
    return count
