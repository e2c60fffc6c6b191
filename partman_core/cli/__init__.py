"""The command line: one module a command, imported when it is called.

Nothing is imported here but the standard library, so that a shell's completion
and ``--help`` answer at once.
"""

from __future__ import annotations

import signal
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import FrameType

stopped_by: list[int] = []
"""The signal that told this process to stop, if one did."""


def main() -> None:
    """Run ``partman`` with the arguments of this process, and exit."""
    from partman_core.cli.app import cli

    # whatever cleans up after a Ctrl-C cleans up after a SIGTERM as well
    signal.signal(signal.SIGTERM, _stop)
    cli(prog_name=None if sys.argv[0].endswith("__main__.py") else "partman")


def _stop(number: int, _frame: FrameType | None) -> None:
    stopped_by.append(number)
    raise KeyboardInterrupt
