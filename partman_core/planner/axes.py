"""Which codec gives a level's key its axis."""

from __future__ import annotations

from typing import TYPE_CHECKING

from partman_core.errors import ConfigError
from partman_core.keys import codec_for
from partman_core.strategy import Laned

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from partman_core.keys import Codec, Key
    from partman_core.model import Table, Tree


def along(table: Table, key: Key) -> Key:
    """Return the key of a level, or of its lanes where it has some."""
    if isinstance(table.strategy, Laned):
        return table.strategy.lane_key(key) or key
    return key


def unfit(table: Table, key: Key, codec: Codec | None) -> Iterable[str]:
    """Say why a level's key does not go with its codec, or with DEFAULT."""
    if codec is not None:
        yield from codec.problems(along(table, key).columns[0])
    if key.method == "hash" and table.default_partition:
        yield f"by {key} there is no DEFAULT partition: leave default_partition out"


def codec_at(table: Table, tree: Tree, codecs: Mapping[str, Codec]) -> Codec | None:
    """Return the codec of a level's key, or of its lanes; None where it has no axis.

    :param table: as it is at the level of *tree*.
    :param codecs: all there are, by name.
    :raises ConfigError: the key has no codec, and would need one.
    """
    key = along(table, tree.key)
    if key.method != "range" or len(key.columns) != 1:
        return None
    try:
        return codec_for(key.columns[0], table.key, codecs)
    except ValueError as error:
        told = getattr(error, "__notes__", ())
        notes = [note.removeprefix("hint: ") for note in told]
        raise ConfigError(
            f"{table.name}: {error}", hint="; ".join(notes) or None, code="key"
        ) from error
