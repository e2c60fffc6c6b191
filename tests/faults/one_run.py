"""One run of an engine, in a process of its own: DSN, and the moment that it is.

What there is to do is enough for two sessions beside each other.
"""

from __future__ import annotations

import sys
from datetime import datetime

from partman_core import Engine
from partman_core.errors import PartmanError
from partman_core.executor import creation


def main(dsn: str, moment: str) -> int:
    """Maintain everything; return the exit code that the command line would have."""
    now = datetime.fromisoformat(moment)
    creation.AT_ONCE = 4
    try:
        return Engine(dsn, clock=lambda: now).maintain().exit_code
    except PartmanError as error:
        return error.exit_code


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
