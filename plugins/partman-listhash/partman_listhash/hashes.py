"""Hashes: a partition for each remainder of the key's hash.

PostgreSQL lets moduli stand side by side where one is a multiple of the other, and
nothing can move the rows of a partition to others in place.  So what is there says
which remainders are missing; the setting speaks where there is nothing yet.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from attrs import Attribute, field, frozen

from partman_core.bounds import HashBounds
from partman_core.plan import Finding
from partman_core.strategy import Method, Wanted

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from partman_core.bounds import Bounds
    from partman_core.keys import Codec, Key
    from partman_core.strategy import Level

MOST = 10_000
"""Beyond it PostgreSQL takes seconds to plan a query."""


@frozen(kw_only=True)
class Hash:
    """Partitions of about the same size, by a hash of the key.

    :param modulus: how many partitions there are.  A table that has some keeps their
        modulus: rows cannot be spread anew in place.
    """

    kind: ClassVar[str] = "hash"
    method: ClassVar[Method] = "hash"

    modulus: int = field(metadata={"example": 8})

    @modulus.validator
    def _is_a_number_of_partitions(self, _: Attribute[int], value: int) -> None:
        if not 1 <= value <= MOST:
            raise ValueError(
                f"modulus is {value}; it is how many partitions there are, 1 to {MOST}"
            )

    def problems(self, key: Key, codec: Codec | None) -> Iterable[str]:  # noqa: ARG002
        """Say why it cannot serve a parent with this key, a sentence each."""
        if key.method != "hash":
            yield f"the table is partitioned by {key}, not by hash"

    def wanted(self, level: Level) -> Iterator[Wanted]:
        """Yield a partition for each remainder, at the moduli that are there."""
        there = _there(level)
        if not there:
            tiles: Iterable[HashBounds] = (
                HashBounds(self.modulus, remainder) for remainder in range(self.modulus)
            )
        elif _is_unclear(level, there):
            tiles = there
        else:
            tiles = tiled(there)
        mixed = len({bounds.modulus for bounds in there}) > 1
        for bounds in tiles:
            of = f"_of_{bounds.modulus}" if mixed else ""
            yield Wanted(bounds=bounds, suffix=f"{bounds.remainder}{of}")

    def fits(self, level: Level, bounds: Bounds) -> str | None:  # noqa: ARG002
        """Say why a partition is not one of those that this strategy makes.

        :returns: a sentence; None if it is one of them.
        """
        if not isinstance(bounds, HashBounds):
            return "it does not hold one remainder of a hash"
        if bounds.modulus != self.modulus:
            return (
                f"its modulus is {bounds.modulus}, and that of the settings is "
                f"{self.modulus}"
            )
        return None

    def told(self, level: Level) -> Iterator[Finding]:
        """Tell of partitions that have another modulus than the settings."""
        others = [part for part in _there(level) if part.modulus != self.modulus]
        if others:
            moduli = sorted({bounds.modulus for bounds in others})
            yield Finding(
                code="other-modulus",
                severity="info" if level.above else "warning",
                table=None,
                message=self._message(level, moduli),
                hint=_way(self.modulus, moduli, level),
                data={"modulus": self.modulus, "moduli": moduli},
            )

    def _message(self, level: Level, moduli: Collection[int]) -> str:
        there = " and ".join(map(str, moduli))
        where = "Some hash partitions" if level.above else "The partitions"
        return (
            f"{where} have modulus {there}, and the settings {self.modulus}: they stay "
            "as they are, and a remainder that is missing is made with their modulus."
        )


def _there(level: Level) -> list[HashBounds]:
    held = (partition.bounds for partition in level.existing)
    return [bounds for bounds in held if isinstance(bounds, HashBounds)]


def _is_unclear(level: Level, there: Collection[HashBounds]) -> bool:
    """Say whether nobody can tell, or should make, what is missing."""
    unread = any(partition.bounds is None for partition in level.existing)
    return unread or max(bounds.modulus for bounds in there) > MOST


def tiled(there: Collection[HashBounds]) -> Iterator[HashBounds]:
    """Yield *there* with all that is missing, in order.

    What is missing is as large as the others let it be.

    :param there: disjoint, not empty; of two moduli one is a multiple of the other.
    """
    moduli = sorted({bounds.modulus for bounds in there})
    held = {(bounds.modulus, bounds.remainder) for bounds in there}
    touched = {
        (modulus, bounds.remainder % modulus)
        for bounds in there
        for modulus in moduli
        if modulus <= bounds.modulus
    }

    def parts(depth: int, remainder: int) -> Iterator[HashBounds]:
        modulus = moduli[depth]
        if (modulus, remainder) in held or (modulus, remainder) not in touched:
            yield HashBounds(modulus, remainder)
            return
        for finer in range(remainder, moduli[depth + 1], modulus):
            yield from parts(depth + 1, finer)

    for remainder in range(moduli[0]):
        yield from parts(0, remainder)


def _way(modulus: int, moduli: Collection[int], level: Level) -> str:
    """Say how the partitions come to the modulus of the settings."""
    if level.above:
        return f"new partitions get modulus {modulus}; those of before keep theirs"
    back = f"set modulus back to {min(moduli)}"
    if all(modulus % other == 0 for other in moduli):
        return (
            f"{back}; or split one partition after the other, each in one transaction: "
            f"detach it, {_split(modulus, level)}, insert its rows into the table "
            "again, drop it"
        )
    if all(other % modulus == 0 for other in moduli):
        return (
            f"{back}; or join them, in one transaction each: detach those that leave "
            f"the same remainder when divided by {modulus}, create the one of modulus "
            f"{modulus} with that remainder, insert their rows into the table again, "
            "drop them"
        )
    return (
        f"{back}; modulus {modulus} cannot stand beside it, as neither is a multiple "
        f"of the other: make a new table with {modulus} partitions, and copy the rows"
    )


def _split(modulus: int, level: Level) -> str:
    """Name the parts of the first partition that would be split."""
    partition, bounds = next(
        (part, part.bounds)
        for part in level.existing
        if isinstance(part.bounds, HashBounds) and part.bounds.modulus != modulus
    )
    parts = range(bounds.remainder, modulus, bounds.modulus)
    return (
        f"create those with modulus {modulus} and remainder "
        f"{' and '.join(map(str, parts[:8]))}{' and so on' if parts[8:] else ''} "
        f"for {partition.name}"
    )
