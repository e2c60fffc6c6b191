"""Become the server's user, die with the parent, then be the command.

Run as a script and never imported: whoever starts a server needs no code of its
own between fork and exec, and the interpreter may lie where only root can read::

    python -S -P child.py PARENT UID GID SIGNAL COMMAND [ARGUMENT ...]

UID -1 keeps the user. SIGNAL is what Linux sends to the command when its parent
ends; 0 lets it outlive the parent.
"""

from __future__ import annotations

import ctypes  # here, as the server's user may not be able to read it
import os
import sys

PR_SET_PDEATHSIG = 1


def die_with(parent: int, signal: int) -> None:
    """Have the kernel send *signal* to this process when *parent* ends."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_PDEATHSIG, ctypes.c_ulong(signal), 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG)")
    if os.getppid() != parent:  # it ended before we asked: no signal would come
        sys.exit("the parent process has ended already")


def main(arguments: list[str]) -> None:
    """Do what the module says; does not return."""
    parent, user, group, signal = map(int, arguments[:4])
    command = arguments[4:]
    if user >= 0:
        os.setgroups([])
        os.setgid(group)
        os.setuid(user)
    if signal and sys.platform == "linux":
        die_with(parent, signal)  # after setuid, which would forget it
    os.execv(command[0], command)  # noqa: S606 - no shell is the point


if __name__ == "__main__":
    main(sys.argv[1:])
