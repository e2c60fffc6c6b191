"""A way to the server that is some milliseconds longer, in both directions.

What is sent comes late, not slowly: several things may be on the way at once, as on a
real line.
"""

from __future__ import annotations

import queue
import socket
import tempfile
import threading
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from psycopg.conninfo import conninfo_to_dict, make_conninfo

if TYPE_CHECKING:
    from collections.abc import Iterator

CHUNK = 1 << 16


@contextmanager
def delayed(dsn: str, seconds: float) -> Iterator[str]:
    """Give a DSN of the same server, behind a longer way.

    :param dsn: of a server that listens on a Unix socket.
    :param seconds: how much longer a round trip takes.
    """
    given = conninfo_to_dict(dsn)
    name = f".s.PGSQL.{given.get('port', '5432')}"
    target = Path(given["host"]) / name
    with (
        tempfile.TemporaryDirectory(prefix="partman-far-") as folder,
        socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener,
    ):
        listener.bind(f"{folder}/{name}")
        listener.listen()
        arguments = (listener, target, seconds / 2)
        threading.Thread(target=_serve, args=arguments, daemon=True).start()
        yield make_conninfo(dsn, host=folder)


def _serve(listener: socket.socket, target: Path, delay: float) -> None:
    while True:
        try:
            near, _ = listener.accept()
        except OSError:
            return  # nobody wants it any more
        far = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        far.connect(str(target))
        for source, sink in ((near, far), (far, near)):
            line: queue.Queue[tuple[float, bytes]] = queue.Queue()
            for work, end in ((_take, source), (_give, sink)):
                arguments = (end, line, delay)
                threading.Thread(target=work, args=arguments, daemon=True).start()


def _take(
    source: socket.socket, line: queue.Queue[tuple[float, bytes]], delay: float
) -> None:
    """Take what is sent, and note when it is to arrive; empty: it was the end."""
    data = b"..."
    while data:
        try:
            data = source.recv(CHUNK)
        except OSError:
            data = b""
        line.put((time.monotonic() + delay, data))


def _give(
    sink: socket.socket, line: queue.Queue[tuple[float, bytes]], _delay: float
) -> None:
    """Let what was sent arrive when it is time."""
    while True:
        due, data = line.get()
        time.sleep(max(0.0, due - time.monotonic()))
        if not data:
            with suppress(OSError):
                sink.shutdown(socket.SHUT_RDWR)
            sink.close()
            return
        with suppress(OSError):
            sink.sendall(data)
