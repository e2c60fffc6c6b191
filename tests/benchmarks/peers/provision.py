"""What has to be there: Debian's packages, and an environment for pg-partsmith."""

from __future__ import annotations

import os
import subprocess
import venv
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

DEBIAN = Path("/usr/lib/postgresql/15/bin")
EXTENSION = Path("/usr/share/postgresql/15/extension/pg_partman.control")
PARTSMITH = Path(__file__).parents[3] / ".venv" / "peers" / "pg-partsmith"
REQUIRED = ("pg-partsmith==1.10.0", "psycopg[binary]>=3.2")


class MissingError(Exception):
    """Something is not there and cannot be had; the sentence says what to do."""


def debian_server() -> None:
    """Have Debian's PostgreSQL 15.

    :raises MissingError: it cannot be installed.
    """
    if not (DEBIAN / "postgres").is_file():
        _apt("postgresql-15", "--server 18")


def pg_partman() -> None:
    """Have pg_partman for it.

    :raises MissingError: it cannot be installed.
    """
    if not EXTENSION.is_file():
        _apt("postgresql-15-partman", "--without pg_partman")


def _apt(package: str, way_out: str) -> None:
    otherwise = f"Or leave it out: {way_out}."
    if os.geteuid() != 0:
        raise MissingError(
            f"Debian's {package} is not installed, and only root can install it: "
            f"apt-get install {package}. {otherwise}"
        )
    quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    install = ["install", "--yes", "--no-install-recommends", package]
    for arguments in (["update"], install):
        _run(["apt-get", "--quiet", *arguments], quiet, package, otherwise)


def partsmith() -> None:
    """Have pg-partsmith in an environment of its own.

    :raises MissingError: it cannot be installed.
    """
    ready = PARTSMITH / ".ready"
    if ready.is_file() and ready.read_text() == repr(REQUIRED):
        return
    venv.create(PARTSMITH, clear=True, with_pip=True)
    pip = [str(PARTSMITH / "bin" / "python"), "-m", "pip", "install", "--quiet"]
    otherwise = "Or leave it out: --without pg-partsmith."
    _run([*pip, *REQUIRED], dict(os.environ), "pg-partsmith", otherwise)
    ready.write_text(repr(REQUIRED))


def _run(
    command: Sequence[str], environment: dict[str, str], what: str, otherwise: str
) -> None:
    try:
        ran = subprocess.run(
            command, check=False, capture_output=True, text=True, env=environment
        )
    except FileNotFoundError:
        raise MissingError(
            f"{what} is not installed, and there is no {command[0]}. {otherwise}"
        ) from None
    if ran.returncode:
        told = (ran.stdout + ran.stderr).strip().splitlines()[-5:]
        raise MissingError(
            "\n  ".join((f"{what} could not be installed. {otherwise}", *told))
        )
