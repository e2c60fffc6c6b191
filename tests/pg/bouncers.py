"""Poolers for tests: Debian's PgBouncer, in a directory of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from partman_core.pg.embedded.programs import Account

from .helpers import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Iterator

SETTINGS = """
[databases]
* = {server}
[pgbouncer]
listen_addr =
listen_port = 6432
unix_socket_dir = {place}
auth_type = any
pool_mode = {mode}
"""


@contextmanager
def bouncer(server_dsn: str, mode: str, **settings: object) -> Iterator[Path]:
    """Run a pooler before a server; yield the directory of its socket.

    :param mode: ``session``, ``transaction`` or ``statement``.
    :param settings: more of its settings.
    """
    program = shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin")
    assert program, "these tests need PgBouncer: apt-get install pgbouncer"
    place = Path(tempfile.mkdtemp(prefix="partman-pooler-", dir="/tmp"))
    given = conninfo_to_dict(server_dsn)
    server = " ".join(f"{k}={given[k]}" for k in given if k in SERVER)
    text = SETTINGS.format(server=server, place=place, mode=mode)
    text += "".join(f"{name} = {value}\n" for name, value in settings.items())
    (place / "ini").write_text(text)
    account = Account.fitting()
    for path in (place, place / "ini"):
        os.chown(path, account.uid, account.gid)
    as_nobody = {"user": account.uid, "group": account.gid, "extra_groups": []}
    process = subprocess.Popen(
        [program, "--quiet", str(place / "ini")],
        **(as_nobody if account.uid >= 0 else {}),
    )
    try:
        _await_ready(process, place)
        yield place
    finally:
        process.terminate()
        process.wait(PATIENCE)
        shutil.rmtree(place)


SERVER = ("host", "port", "user", "password")


def through(place: Path, database: str) -> str:
    """Return the DSN that leads to a database through a pooler."""
    given = conninfo_to_dict(database)
    user = given.get("user", "anybody")
    return make_conninfo(host=place, port=6432, user=user, dbname=given["dbname"])


def _await_ready(process: subprocess.Popen[bytes], place: Path) -> None:
    """Return when it takes connections: it has a database of its own for that."""
    until = time.monotonic() + PATIENCE
    console = make_conninfo(host=place, port=6432, user="x", dbname="pgbouncer")
    while time.monotonic() < until:
        with suppress(subprocess.TimeoutExpired):
            raise AssertionError(f"PgBouncer ended with code {process.wait(0.02)}")
        with suppress(psycopg.OperationalError), psycopg.connect(console):
            return
    raise AssertionError("PgBouncer was not ready in time")
