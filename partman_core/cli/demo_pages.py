"""The pages beside a demo that is kept: in the background, as long as it lives."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

READY_WITHIN = 30.0
LOOK_EVERY = 0.5
"""Seconds between two looks whether the server is still there."""

_LINK = re.compile(r"https?://\S+/login\?token=\S+")


def are_installed() -> bool:
    """Say whether there is a command that shows the pages."""
    return bool(entry_points(group="partman.commands", name="ui"))


def show(dsn: str, directory: Path) -> str | None:
    """Start the pages in the background; they end when the server is gone.

    :param directory: of the server, where their log goes too.
    :returns: the link that logs in, once; None if they did not start.
    """
    log = directory / "pages.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", __name__, str(directory), dsn],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            cwd=directory,
            start_new_session=True,
        )
    deadline = time.monotonic() + READY_WITHIN
    while process.poll() is None and time.monotonic() < deadline:
        if found := _LINK.search(log.read_text("utf-8", "replace")):
            return found.group()
        time.sleep(0.05)
    process.kill()
    return None


def main(arguments: Sequence[str]) -> None:
    """Show the pages until the server's directory is gone."""
    from partman_core.cli import main as partman

    directory, dsn = arguments
    threading.Thread(target=_end_with, args=[Path(directory)], daemon=True).start()
    everything = "apply,destructive,settings"
    sys.argv[1:] = ["--dsn", dsn, "ui", "--port", "0", "--allow", everything]
    partman()


def _end_with(directory: Path) -> None:
    while directory.exists():
        time.sleep(LOOK_EVERY)
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main(sys.argv[1:])
