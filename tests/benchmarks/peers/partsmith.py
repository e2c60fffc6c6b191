"""pg-partsmith, from PyPI: in a process and an environment of its own."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import quote

from attrs import define, field
from psycopg.conninfo import conninfo_to_dict

from peers.contenders import Contender
from peers.provision import PARTSMITH
from peers.scene import AHEAD, KEPT

CHILD = Path(__file__).with_name("partsmith_child.py")
ENDS_WITHIN = 10.0


@define
class Partsmith(Contender):
    """The library; what it is asked goes through a pipe."""

    name = "pg-partsmith"
    naming = "events__%Y_%m_%d"

    _process: subprocess.Popen[str] | None = field(default=None, init=False)
    _version: str = field(default="", init=False)

    def version(self) -> str:
        """Say which version is installed."""
        return self._version

    def settle(self) -> None:
        """Start it, and wait until all is imported."""
        self._process = subprocess.Popen(
            [str(PARTSMITH / "bin" / "python"), str(CHILD), self._url()],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._version = self._answer()["version"]
        self._ask(AHEAD, KEPT + 1 + self.scene.work)

    def create(self) -> None:
        """Run maintenance with a longer outlook."""
        self._ask(AHEAD + self.scene.work, KEPT + 1 + self.scene.work)

    def retire(self) -> None:
        """Run maintenance with what is kept: today and so many days before."""
        self._ask(AHEAD + self.scene.work, KEPT + 1)

    def close(self) -> None:
        """End its process."""
        if self._process is None:
            return
        self._process.kill()
        self._process.communicate(timeout=ENDS_WITHIN)

    def _url(self) -> str:
        told = conninfo_to_dict(self.scene.worker)
        host, port = quote(str(told["host"]), safe=""), told.get("port", 5432)
        database = told["dbname"]
        return f"postgresql+psycopg://worker@/{database}?host={host}&port={port}"

    def _ask(self, ahead: int, kept: int) -> None:
        if self._process is None or self._process.stdin is None:
            raise RuntimeError("pg-partsmith is not running")
        self._process.stdin.write(f"{ahead} {kept}\n")
        self._process.stdin.flush()
        if issues := self._answer()["issues"]:
            raise RuntimeError(f"{len(issues)} issues, as {issues[0]}")

    def _answer(self) -> dict[str, Any]:
        if self._process is None or self._process.stdout is None:
            raise RuntimeError("pg-partsmith is not running")
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("pg-partsmith has ended")
        told: dict[str, Any] = json.loads(line)
        return told
