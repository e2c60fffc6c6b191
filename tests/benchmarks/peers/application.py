"""The busy application: clients that never rest, and a reader that takes its time.

The clients are ``pgbench``'s, which writes down how long each transaction took.
"""

from __future__ import annotations

import subprocess
import tempfile
import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
from attrs import define, field, frozen

from partman_core.pg.embedded import find_binaries
from peers.latencies import read
from peers.scene import DAY, DEVICES, KEPT, SECONDS, WRITTEN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from peers.latencies import Transaction
    from peers.scene import Scene

CLIENTS = 4
FOR_EVER = 24 * 3600
ENDS_WITHIN = 30.0

INSERT = """
\\set id random(1000000000, 1000000000000000)
\\set at random(:first, :last)
\\set device random(1, :devices)
INSERT INTO events VALUES (:id, to_timestamp(:at), :device, 'made by a client');
"""
SELECT = """
\\set n random(:seeded, :newest)
\\set at :origin + :n * :every
SELECT payload FROM events WHERE id = :n AND at = to_timestamp(:at);
"""
TOUCH = """
\\set device random(1, :devices)
UPDATE devices SET seen = seen + 1 WHERE id = :device;
"""

ALIVE = """
SELECT count(*) FROM pg_stat_activity
 WHERE usename = 'application' AND application_name = 'pgbench'"""
END = ALIVE.replace("count(*)", "pg_terminate_backend(pid)")


@frozen
class Habits:
    """How the application behaves.

    :param stay: how long the reader's transactions take, in seconds.
    :param pause: how long the reader rests between them, in seconds.
    :param whole: whether the reader reads all partitions, and not only today's.
    """

    stay: float = 2.0
    pause: float = 0.05
    whole: bool = False


@define
class Application:
    """The application at work in one scene.

    :param trouble: what went wrong with it.
    """

    scene: Scene
    habits: Habits
    directory: Path
    trouble: list[str] = field(factory=list)
    _clients: subprocess.Popen[str] | None = None
    _reader: threading.Thread | None = None
    _over: threading.Event = field(factory=threading.Event)

    def start(self) -> None:
        """Let clients and reader begin."""
        self._reader = threading.Thread(target=self._read, name="reader")
        self._reader.start()
        self._clients = subprocess.Popen(
            self._command(), stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def stop(self) -> list[Transaction]:
        """Let them end; return the clients' transactions."""
        with psycopg.connect(self.scene.dsn, autocommit=True) as conn:
            ((alive,),) = conn.execute(ALIVE).fetchall()
            conn.execute(END)  # pgbench notices, and writes its log to the end
        self._over.set()
        if self._clients is not None:
            _, told = self._clients.communicate(timeout=ENDS_WITHIN)
            if alive < CLIENTS:
                self.trouble.append(f"{CLIENTS - alive} clients ended early: {told}")
        if self._reader is not None:
            self._reader.join(ENDS_WITHIN)
        (log,) = self.directory.glob("log.*")
        return read(log)

    def abandon(self) -> None:
        """End what still runs; nothing more is to be learnt from it."""
        self._over.set()
        if self._clients is not None and self._clients.poll() is None:
            self._clients.kill()
            self._clients.wait()
        if self._reader is not None:
            self._reader.join(ENDS_WITHIN)

    def _command(self) -> list[str]:
        scripts = {"insert": INSERT, "select": SELECT}
        if self.scene.kind.reference:
            scripts["touch"] = TOUCH
        command = [
            str(find_binaries() / "pgbench"), "--no-vacuum", "--protocol=extended",
            f"--client={CLIENTS}", f"--time={FOR_EVER}", "--log",
            f"--log-prefix={self.directory / 'log'}",
        ]  # fmt: skip
        for name, script in scripts.items():
            path = self.directory / f"{name}.sql"
            path.write_text(script)
            command.append(f"--file={path}")
        for name, value in self._variables().items():
            command.append(f"--define={name}={value}")
        return [*command, self.scene.application]

    def _variables(self) -> dict[str, int]:
        """Return what the scripts have to know: rows are used that are kept."""
        scene, day = self.scene, int(DAY.total_seconds())
        today = int(datetime.combine(scene.today, datetime.min.time(), UTC).timestamp())
        rows = day // SECONDS
        seeded = (scene.work + KEPT + 1 - WRITTEN) * rows
        return {
            "first": today - (WRITTEN - 1) * day,
            "last": today + day - 1,
            "devices": DEVICES,
            "origin": today - (scene.work + KEPT) * day,
            "seeded": seeded,
            "newest": seeded + WRITTEN * rows - 1,
            "every": SECONDS,
        }

    def _read(self) -> None:
        """Read in long transactions until it is over."""
        try:
            with psycopg.connect(self.scene.application, autocommit=True) as conn:
                while not self._over.is_set():
                    began = time.monotonic()
                    with conn.transaction():
                        conn.execute(self._question())
                        self._over.wait(self.habits.stay - (time.monotonic() - began))
                    self._over.wait(self.habits.pause)
        except psycopg.Error as error:
            self.trouble.append(f"the reader ended early: {error}")

    def _question(self) -> str:
        question = "SELECT count(*), max(payload) FROM events e"
        if self.scene.kind.reference:
            question += " JOIN devices d ON d.id = e.device"
        if self.habits.whole:
            return question
        today = self.scene.today
        return f"{question} WHERE at >= '{today}' AND at < '{today + DAY}'"


@contextmanager
def busy(scene: Scene, habits: Habits) -> Iterator[Application]:
    """Have an application at work; :meth:`Application.stop` tells what it felt."""
    with tempfile.TemporaryDirectory(prefix="partman-bench-") as directory:
        application = Application(scene, habits, Path(directory))
        try:
            yield application
        finally:
            application.abandon()
