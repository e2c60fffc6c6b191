"""Which core a plugin needs: what is made for a newer one is named, and not loaded.

A plugin says so in one of two places, or in both::

    dependencies = ["partman>=0.2"]    # pyproject.toml: read before it is imported
    partman_requires = ">=0.2"         # in the module or class: also without a package
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from partman_core import __version__
from partman_core.errors import PluginError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from packaging.specifiers import SpecifierSet

NAME = "partman"
"""What the distribution of the core is called."""

ATTRIBUTE = "partman_requires"
"""What a plugin calls the versions of the core that it works with."""


def check_distribution(requirements: Iterable[str]) -> None:
    """Check what the package of a plugin needs, before anything of it is imported.

    :param requirements: as its metadata have them, of this core and of others.
    :raises PluginError: it needs another core than this one.
    """
    ours = [text for text in requirements if text.lower().startswith(NAME)]
    if not ours:
        return
    from packaging.requirements import InvalidRequirement, Requirement
    from packaging.utils import canonicalize_name

    for text in ours:
        try:
            needed = Requirement(text)
        except InvalidRequirement:
            continue  # the installer's business: it cannot have served that either
        if canonicalize_name(needed.name) != NAME:
            continue
        if needed.marker is None or needed.marker.evaluate({"extra": ""}):
            _check(needed.specifier)


def check_plugin(plugin: object) -> None:
    """Check what a plugin says of itself that it needs.

    :param plugin: a module or an object.
    :raises PluginError: it needs another core, or what it says makes no sense.
    """
    told = getattr(plugin, ATTRIBUTE, None)
    if told is None:
        return
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    try:
        wanted = SpecifierSet(told if isinstance(told, str) else "?")
    except InvalidSpecifier:
        raise PluginError(
            f"{ATTRIBUTE} = {told!r} does not say which versions of partman it needs",
            hint="write it like '>=0.2' or '>=0.2,<2'",
        ) from None
    _check(wanted)


def _check(wanted: SpecifierSet) -> None:
    # a core that is being worked on is as good as the one that it becomes
    if not wanted.contains(__version__, prereleases=True):
        raise PluginError(
            f"it needs partman {wanted}, and this is {__version__}",
            hint=f"pip install '{NAME}{wanted}'",
        )
