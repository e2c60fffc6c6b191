"""What the tests of the command line share."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from pathlib import Path

    import psycopg
    from click.testing import Result

    Connection = psycopg.Connection[Any]

MONTHLY = ("public.events", "--partition-by", "at", "--partition-interval", "1 month")


class Partman(Protocol):
    """Runs a command and says so if its exit code is not *code*."""

    def __call__(self, *args: str, code: int = 0) -> Result: ...


def months_ago(number: int) -> str:
    return f"{datetime.now(UTC) - timedelta(days=30 * number):%Y-%m-%d}"


def partitions(pg: Connection) -> list[str]:
    rows = pg.execute(
        "SELECT inhrelid::regclass::text FROM pg_inherits"
        " WHERE inhparent = 'public.events'::regclass ORDER BY 1"
    )
    return [name for (name,) in rows]


def process(
    database: str, *args: str, path: Path | None = None, **more: Any
) -> subprocess.CompletedProcess[str]:
    """Run it as a process, with *path* on Python's path."""
    places = [str(path or ""), os.environ.get("PYTHONPATH", "")]
    return subprocess.run(
        [sys.executable, "-m", "partman_core", "--dsn", database, *args],
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, places))},
        check=False,
        **more,
    )


def at_terminal(database: str, answer: bytes, *args: str) -> tuple[int, str]:
    """Run a command with a terminal as stdin and stderr; answer its question."""
    ours, theirs = pty.openpty()
    running = subprocess.Popen(
        [sys.executable, "-m", "partman_core", "--dsn", database, *args],
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=theirs,
    )
    os.close(theirs)
    shown = b""
    while True:
        try:
            read = os.read(ours, 4096)
        except OSError:
            break  # the other end is closed
        shown += read
        if b"[y/N]" in shown and answer:
            os.write(ours, answer)
            answer = b""
    stdout, _ = running.communicate()
    os.close(ours)
    return running.returncode, shown.decode() + stdout.decode()


def plugin(place: Path, code: str) -> Path:
    """Make an installed distribution with the plugin ``acme``."""
    info = place / "acme-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: acme\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[partman]\nacme = acme_plugin\n")
    (place / "acme_plugin.py").write_text(code)
    return place
