"""The temporary directory of a server, and whose it still is.

Every process that needs a directory, the server's own included, holds a lock on
the file ``lock`` in it. The kernel lets go of it however they end, so a directory
whose lock is free was left behind by a killed owner and may be removed.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import stat
import tempfile
from pathlib import Path

BASE = Path("/tmp")  # noqa: S108 - a socket's path has 107 bytes at most: no $TMPDIR
PREFIX = "partman-pg-"


def make() -> Path:
    """Make a directory that only its owner can look into."""
    return Path(tempfile.mkdtemp(prefix=PREFIX, dir=BASE))


def is_one(directory: Path) -> bool:
    """Say whether *directory* is where this module would make one."""
    return directory.parent == BASE and directory.name.startswith(PREFIX)


def lock(directory: Path) -> int:
    """Hold *directory* for as long as a process has the returned descriptor."""
    fresh = directory / "lock.new"
    descriptor = os.open(fresh, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    fresh.rename(directory / "lock")  # nobody ever sees it free
    return descriptor


def abandoned(directory: Path) -> bool:
    """Say whether every process that held *directory* has ended."""
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        descriptor = os.open(directory / "lock", flags)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    else:
        return True
    finally:
        os.close(descriptor)


def sweep(*owners: int) -> None:
    """Remove the abandoned directories of these users (by uid)."""
    for directory in BASE.glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError):
            info = directory.lstat()
            ours = stat.S_ISDIR(info.st_mode) and info.st_uid in owners
            if ours and abandoned(directory):
                shutil.rmtree(directory, ignore_errors=True)
