"""The kit for whoever writes a plugin: fixtures, strategies, and the laws as calls.

pytest finds the fixtures by itself once partman is installed
(:mod:`partman_core.testing.plugin`); everything else needs the extra ``testing``::

    from partman_core.testing import check_strategy

    def test_it_keeps_the_laws():
        check_strategy(Fortnights(), key=KEY)

What to draw from is in :mod:`partman_core.testing.strategies`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from partman_core.testing.clock import Clock
    from partman_core.testing.codec import check_key_codec
    from partman_core.testing.laws import LawBroken
    from partman_core.testing.retirement import check_retirement
    from partman_core.testing.strategy import check_strategy

__all__ = [
    "Clock",
    "LawBroken",
    "check_key_codec",
    "check_retirement",
    "check_strategy",
]

_HOMES = {
    "Clock": "clock",
    "LawBroken": "laws",
    "check_key_codec": "codec",
    "check_retirement": "retirement",
    "check_strategy": "strategy",
}


def __getattr__(name: str) -> Any:
    """Import a name of the kit when it is first asked for."""
    if name not in _HOMES:
        msg = f"module 'partman_core.testing' has no attribute {name!r}"
        raise AttributeError(msg)
    return getattr(import_module(f"partman_core.testing.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    """List the names of the kit."""
    return sorted(__all__)
