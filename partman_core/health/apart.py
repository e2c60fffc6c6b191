"""Whether inserts find a partition in lists and hashes, which lie on no axis.

No time comes after which they do not: either a value has its partition, or not.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from attrs import evolve

from partman_core.bounds import HashBounds, ListBounds
from partman_core.health.runway import Runway
from partman_core.planner import as_it_is
from partman_core.planner.creating import creations
from partman_core.planner.lanes import Nothing

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from partman_core.bounds import Bounds
    from partman_core.model import Table, Tree
    from partman_core.strategy import Level

_NAMED = 3
"""How many values a sentence names."""


def of_values(table: Table, tree: Tree, level: Level) -> Runway | None:
    """Say whether all that is wanted of a list or a hash is there.

    :param table: as it is at the level of *tree*.
    :param level: of *tree*, with what is wanted of it.
    :returns: None: it is neither.
    """
    there = [part.bounds for part in level.existing if part.bounds is not None]
    lacking = [made.bounds for made in creations(table, tree, level)]
    default = tree.default is not None
    if level.key.method == "list":
        lack, has = _of_list(there, lacking, default=default)
    elif level.key.method == "hash":
        lack, has = _of_hash(there, lacking)
    else:
        return None
    if lack is None:
        return Runway(state="complete", what=has, default=default)
    if tree.name != table.name:
        lack = f"{lack or 'anything'} in {tree.name}"
    return Runway(state="failing", what=lack, until=level.now, default=default)


def as_found(table: Table, tree: Tree, now: datetime) -> Runway:
    """Say the same of a partition that is partitioned otherwise than is wanted.

    Nothing is wanted inside of it then; what is there may be enough.
    """
    bare = evolve(table, strategy=Nothing(), beneath=None, default_partition=False)
    found = of_values(bare, tree, as_it_is(bare, tree, None, now))
    return found or Runway(state="unknown", default=tree.default is not None)


def _of_list(
    there: Iterable[Bounds], lacking: Iterable[Bounds], *, default: bool
) -> tuple[str | None, str]:
    """Say which values have no partition, if any, and which have.

    :returns: None, and the latter: all that are wanted have; empty: none has any.
    """
    has, missing = _values(there), _values(lacking)
    if missing:
        return _listed(missing), ""
    if not has:
        return (None, "") if default else ("", "")
    many = f"all {len(has):,} values" if len(has) > 1 else "the one value"
    others = "fall into DEFAULT" if default else "are refused"
    return None, f"{many} of the list; others {others}"


def _of_hash(
    there: Iterable[Bounds], lacking: Iterable[Bounds]
) -> tuple[str | None, str]:
    """Say the same of remainders."""
    parts = [bounds for bounds in there if isinstance(bounds, HashBounds)]
    if not parts:
        return "", ""
    if sum(Fraction(1, part.modulus) for part in parts) == 1:
        same = len({part.modulus for part in parts}) == 1
        count = f"{len(parts):,} " if same else ""
        return None, f"all {count}remainders of the hash"
    missing = [bounds for bounds in lacking if isinstance(bounds, HashBounds)]
    words = [f"remainder {one.remainder} of modulus {one.modulus}" for one in missing]
    return _shortened(words) or "some remainders of the hash", ""


def _values(every: Iterable[Bounds]) -> list[str | None]:
    lists = (bounds for bounds in every if isinstance(bounds, ListBounds))
    return [value for bounds in lists for value in bounds.values]


def _listed(values: Iterable[str | None]) -> str:
    """Return values as SQL writes them."""
    return _shortened(
        ["NULL" if value is None else f"""'{value.replace("'", "''")}'"""
         for value in values]
    )  # fmt: skip


def _shortened(words: Sequence[str]) -> str:
    rest = f" and {len(words) - _NAMED:,} more" if len(words) > _NAMED else ""
    return ", ".join(words[:_NAMED]) + rest
