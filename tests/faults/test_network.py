"""A client whose network is cut loses its claims within a minute, whatever it does.

The client is in a network of its own, and the cable to it is pulled: nobody tells the
server that it is gone.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from attrs import frozen

from partman_core.pg import claims
from partman_core.pg.embedded import THROWAWAY, EmbeddedServer

if TYPE_CHECKING:
    from collections.abc import Iterator

    Connection = psycopg.Connection[Any]

CLAIMANT = Path(__file__).with_name("claimant.py")
LONGEST = 60
"""Seconds within which a claim is lost."""

PATIENCE = 60
"""Seconds after which something that should have happened never will."""

HOLDERS = """
SELECT l.objid FROM pg_locks l WHERE l.locktype = 'advisory' AND l.granted
   AND l.classid = %s"""
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"

DOING = {
    "idle": "",
    "waits for a lock that is not given": "BEGIN; LOCK TABLE kept",
    "waits for a lock that is given too late": "BEGIN; LOCK TABLE given",
}
"""What clients do when the cable is pulled: the last has an answer on the way."""


@frozen
class Cable:
    """A network that is reached by one cable.

    :param network: its name.
    :param here: address of this end.
    """

    network: str
    near: str
    far: str
    here: str

    def pull(self) -> None:
        """Cut it at the far end: what is sent from here is lost without a word."""
        ip("-n", self.network, "link", "set", self.far, "down")


def ip(*words: str) -> None:
    """Run ``ip``; where that cannot be, this test cannot be made here."""
    try:
        subprocess.run(["ip", *words], check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError) as error:
        told = getattr(error, "stderr", None) or str(error)
        pytest.fail(
            f"a network of its own needs root, Linux, and `ip` of iproute2:"
            f" ip {' '.join(words)}: {told.strip()}"
        )


@pytest.fixture
def cable() -> Iterator[Cable]:
    """Yield a network, and the cable to it."""
    number = os.getpid()
    block = f"198.18.{number >> 8 & 0xFF}"
    here, there = (f"{block}.{(number & 0xFC) + side}" for side in (1, 2))
    name = f"partman{number}"
    made = Cable(name, f"pm{number}a", f"pm{number}b", here)
    ip("netns", "add", name)
    try:
        ip("link", "add", made.near, "type", "veth", "peer", made.far, "netns", name)
        ip("addr", "add", f"{made.here}/30", "dev", made.near)
        ip("link", "set", made.near, "up")
        ip("-n", name, "addr", "add", f"{there}/30", "dev", made.far)
        ip("-n", name, "link", "set", made.far, "up")
        yield made
    finally:
        ip("netns", "del", name)


@pytest.fixture
def reached(cable: Cable) -> Iterator[EmbeddedServer]:
    """Yield a server that listens to that network."""
    server = EmbeddedServer(settings=THROWAWAY | {"listen_addresses": cable.here})
    server.start()
    try:
        with psycopg.connect(server.dsn, autocommit=True) as conn:
            allow(conn, f"{cable.here}/30")
        yield server
    finally:
        server.stop()


def allow(conn: Connection, network: str) -> None:
    """Let everybody in who comes from a network."""
    [(place,)] = conn.execute("SHOW hba_file").fetchall()
    with Path(place).open("a") as file:
        file.write(f"host all all {network} trust\n")
    conn.execute("SELECT pg_reload_conf()")


@contextmanager
def a_claimant(
    cable: Cable, oid: int, statement: str
) -> Iterator[subprocess.Popen[str]]:
    """Yield a process beyond the cable that has claimed a table."""
    dsn = f"host={cable.here} user=postgres dbname=postgres"
    inside = ["ip", "netns", "exec", cable.network]
    with subprocess.Popen(
        [*inside, sys.executable, str(CLAIMANT), dsn, str(oid), statement],
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout
            assert process.stdout.readline() == "claimed True\n"
            yield process
        finally:
            process.kill()


def claimed(conn: Connection) -> set[int]:
    """Return the oids of the tables that somebody has claimed."""
    return {oid for (oid,) in conn.execute(HOLDERS, [claims.MAINTENANCE])}


def await_value(conn: Connection, query: str, wanted: int) -> None:
    """Wait until a query gives some number."""
    deadline = time.monotonic() + PATIENCE
    while conn.execute(query).fetchall() != [(wanted,)]:
        assert time.monotonic() < deadline, query


def test_a_client_whose_network_is_cut_loses_its_claim_within_a_minute(
    cable, reached, tried
):
    with ExitStack() as stack:
        hand, kept, given = (
            stack.enter_context(psycopg.connect(reached.dsn, autocommit=automatic))
            for automatic in (True, False, False)
        )
        hand.execute("CREATE TABLE kept (); CREATE TABLE given ()")
        kept.execute("LOCK TABLE kept")
        given.execute("LOCK TABLE given")
        for oid, statement in enumerate(DOING.values(), 1):
            stack.enter_context(a_claimant(cable, oid, statement))
        await_value(hand, WAITING, 2)
        assert claimed(hand) == {1, 2, 3}
        cable.pull()
        cut = time.monotonic()
        given.rollback()
        while held := claimed(hand):
            late = [what for oid, what in enumerate(DOING, 1) if oid in held]
            assert time.monotonic() - cut < LONGEST, f"still claimed: {late}"
    tried["network cut"] = len(DOING)
