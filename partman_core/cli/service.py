"""Maintenance as a service: it goes on until a signal ends it."""

from __future__ import annotations

import os
import sys
import threading
from typing import TYPE_CHECKING

from partman_core.cli import failing

if TYPE_CHECKING:
    from collections.abc import Callable

    from partman_core.engine import Engine

ENDS_WITHIN = 30.0
"""Seconds that a pass has to end in good order; a hook that runs may take 20 s."""


def serve(engine: Engine, start: Callable[[], None]) -> int:
    """Go on until a signal comes.

    :param start: starts the engine's maintenance in the background.
    :returns: the exit code, which tells the signal.
    """
    try:
        start()
        threading.Event().wait()
    except KeyboardInterrupt:
        pass
    ended = engine.stop(ENDS_WITHIN)
    code = failing.stop_code()
    if not ended:
        sys.stderr.flush()
        os._exit(code)  # else Python would wait for the threads that do not end
    return code
