"""The levels below the first: ``[tables.subpartition]``, to any depth."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast, get_args

from partman_core.config import conversion
from partman_core.config.reading import Reading
from partman_core.config.scalars import shown
from partman_core.naming import Name, quote_ident
from partman_core.settings import SUBPARTITION, LevelKeys
from partman_core.strategy import Beneath, Method

if TYPE_CHECKING:
    from collections.abc import Iterator

METHODS: tuple[str, ...] = get_args(Method)


def read_beneath(reading: Reading, *, lenient: bool = False) -> Beneath | None:
    """Return how partitions are partitioned again, None if nothing is said.

    :param reading: of the level above; mistakes are remembered there.
    :param lenient: keep quiet about keys that nobody knows.
    """
    reading.used.add(SUBPARTITION)
    declared = reading.settings.get(SUBPARTITION)
    if declared is None or isinstance(declared, Beneath):
        return declared
    place = reading.place.at(SUBPARTITION)
    if not isinstance(declared, Mapping):
        reading.mistakes.add(place, f"{shown(declared)} is not a table")
        return None
    return _read(
        Reading(declared, reading.plugins, place, reading.mistakes), lenient=lenient
    )


def _read(reading: Reading, *, lenient: bool) -> Beneath | None:
    own: LevelKeys | None = reading.read(LevelKeys)
    name = reading.settings.get("partition_type")
    kind = None if name is None else reading.strategy(name)
    strategy = None if kind is None else reading.read(kind)
    beneath = read_beneath(reading, lenient=lenient)
    unknown = {} if lenient else reading.unknown()
    for key in unknown:
        reading.refuse(key, kind)
    method = getattr(kind, "method", name)
    if kind is not None and method not in METHODS:
        reading.mistakes.add(
            reading.place.at("partition_type"),
            f"the strategy {name!r} does not say how partitions are partitioned",
            "a strategy for levels below the first has a class variable method: "
            '"range", "list" or "hash"',
        )
        return None
    if own is None or strategy is None:
        return None
    return Beneath(
        strategy=strategy,
        method=cast("Method", method),
        columns=tuple(_columns(own.partition_by, reading)),
        key=own.key,
        default_partition=own.default_partition,
        beneath=beneath,
    )


def _columns(written: str, reading: Reading) -> Iterator[str]:
    for part in written.split(","):
        try:
            yield Name.parse(part.strip()).relation
        except ValueError as error:
            reading.mistakes.add_error(reading.place.at("partition_by"), error)


def written(beneath: Beneath) -> dict[str, Any]:
    """Return the levels below as plain settings, from which they are read again."""
    settings: dict[str, Any] = {"partition_type": beneath.strategy.kind}
    settings["partition_by"] = ", ".join(map(quote_ident, beneath.columns))
    if beneath.key is not None:
        settings["key"] = beneath.key
    if beneath.default_partition:
        settings["default_partition"] = True
    settings |= conversion.plain(beneath.strategy)
    if beneath.beneath is not None:
        settings[SUBPARTITION] = written(beneath.beneath)
    return settings
