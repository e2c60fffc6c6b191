"""partman keeps partitioned PostgreSQL tables healthy.

The names here are the public ones.  They are imported when they are first used,
so that ``import partman_core`` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from partman_core.engine import Engine
    from partman_core.errors import PartmanError
    from partman_core.hookspecs import hookimpl
    from partman_core.interval import Interval
    from partman_core.model import Table
    from partman_core.plan import Finding, Plan

__all__ = [
    "Engine",
    "Finding",
    "Interval",
    "PartmanError",
    "Plan",
    "Table",
    "__version__",
    "hookimpl",
]

__version__ = "0.1.0"

_HOMES = {
    "Engine": "engine",
    "Finding": "plan",
    "Interval": "interval",
    "PartmanError": "errors",
    "Plan": "plan",
    "Table": "model",
    "hookimpl": "hookspecs",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for."""
    if name not in _HOMES:
        msg = f"module 'partman_core' has no attribute {name!r}"
        raise AttributeError(msg)
    return getattr(import_module(f"partman_core.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    """List the public names."""
    return sorted(__all__)
