"""The settings file that lies here, and the plugins that it leaves out.

The commands of plugins are looked for before anything is read with the classes of the
settings, so these are found by themselves.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

FILE = "partman.toml"


def settings_file(named: Path | str | None) -> Path | None:
    """Return the settings file that was named, or that lies here; None: neither."""
    if named is not None:
        return Path(named)
    here, project = Path(FILE), Path("pyproject.toml")
    if here.is_file():
        return here
    return project if project.is_file() and _speaks_of_us(project) else None


def left_out(file: Path | None) -> tuple[str, ...]:
    """Return the plugins that a settings file leaves out.

    What is wrong with the file is told where all of it is read: here it leaves out
    nothing.
    """
    if file is None:
        return ()
    try:
        said: Any = tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError):
        return ()
    ours = ("tool", "partman") if file.name == "pyproject.toml" else ()
    for key in (*ours, "plugins", "without"):
        said = said.get(key) if isinstance(said, dict) else None
    names = said if isinstance(said, list) else []
    return tuple(name for name in names if isinstance(name, str))


def _speaks_of_us(project: Path) -> bool:
    """Say whether a pyproject.toml has a table for partman."""
    text = project.read_text(encoding="utf-8", errors="replace")
    try:
        tool = tomllib.loads(text).get("tool", {})
    except tomllib.TOMLDecodeError:
        # a broken one is our business only if it was going to speak of us
        return "[tool.partman" in text
    return isinstance(tool, dict) and "partman" in tool
