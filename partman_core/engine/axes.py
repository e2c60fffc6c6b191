"""Which codec gives a level's key its axis, of those that plugins offer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from partman_core.planner.axes import codec_at

if TYPE_CHECKING:
    from partman_core.keys import Codec
    from partman_core.model import Table, Tree
    from partman_core.plugins import Plugins


def axis(table: Table, tree: Tree, plugins: Plugins) -> Codec | None:
    """Return the codec of a level's key, or of its lanes; None where it has no axis.

    :raises ConfigError: the key has no codec, and would need one.
    """
    return codec_at(table, tree, plugins.codecs())
