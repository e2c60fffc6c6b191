"""``python -m partman_core.pg.embedded``: run a command with its own PostgreSQL."""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
from pathlib import Path

from partman_core.errors import PartmanError
from partman_core.pg.embedded.server import THROWAWAY, embedded_server, stop_kept


def arguments(argv: list[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m partman_core.pg.embedded",
        description="Run COMMAND with PARTMAN_TEST_DSN naming a PostgreSQL of its own.",
    )
    parser.add_argument(
        "--bin-dir", type=Path, help="whose postgres and initdb to take"
    )
    parser.add_argument(
        "--stop", type=Path, metavar="DIRECTORY", help="end a kept server instead"
    )
    parser.add_argument("command", nargs="*", metavar="COMMAND")
    parsed = parser.parse_args(argv)
    if bool(parsed.command) == bool(parsed.stop):
        parser.error("give either -- COMMAND ... or --stop DIRECTORY")
    return parsed


def main(argv: list[str]) -> int:
    """Do what the command line says; return the command's exit code."""
    given = arguments(argv)
    # an end by SIGTERM must still remove what was made
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        if given.stop:
            stop_kept(given.stop)
            return 0
        with embedded_server(settings=THROWAWAY, bin_dir=given.bin_dir) as server:
            environment = os.environ | {"PARTMAN_TEST_DSN": server.dsn}
            return subprocess.run(
                given.command, env=environment, check=False
            ).returncode
    except PartmanError as error:
        print(error.message, error.hint or "", sep="\n", file=sys.stderr)  # noqa: T201
        return error.exit_code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
