"""Levels that have a lane for each tenant, and what a strategy makes of a lane."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from attrs import evolve
from hypothesis import strategies as st

from partman_core.strategy import Laned
from partman_core.testing import words
from partman_core.testing.laws import LawBroken, shown, told

if TYPE_CHECKING:
    from collections.abc import Iterable

    from partman_core.keys import Key
    from partman_core.strategy import Level, Wanted


def lane_key(strategy: Any, key: Key) -> Key | None:
    """Return the key of the lanes of a level; None where it has none.

    :param key: of the level.
    """
    if not isinstance(strategy, Laned):
        return None
    name = f"{strategy!r}: lane_key"
    return told(name, lambda: strategy.lane_key(key), str(key))


@st.composite
def one_lane(draw: st.DrawFn, level: Level) -> Level:
    """Draw the lane of some tenant.

    :param level: with the key of a lane.
    """
    tenant = draw(words.values().filter(bool))
    return evolve(level, tenants=(tenant,), in_lane=True, values=())


def whole(strategy: Any, key: Key, lane: Level, wanted: Iterable[Wanted]) -> Level:
    """Return the level that a lane is of, with what there is in it.

    :param key: of the level.
    :param wanted: what the strategy wants of the lane.
    :raises LawBroken: the strategy does not know its own partitions again.
    """
    (tenant,), name = lane.tenants, f"{strategy!r}: lift"
    for each in wanted:
        lifting = partial(strategy.lift, key, tenant, each.bounds)
        bounds = told(name, lifting, shown(lane))
        back = told(name, partial(strategy.lane, key, bounds), shown(lane))
        if back != (tenant, each.bounds):
            raise LawBroken(
                f"{strategy!r} lifts {each.bounds} of {tenant!r} to {bounds}, and does "
                f"not know that again: its lane gives {back!r}",
                shown(lane),
            )
    lifted = [
        evolve(one, bounds=strategy.lift(key, tenant, one.bounds))
        for one in lane.existing
    ]
    # What spans tenants is for PostgreSQL to judge: only it knows what overlaps there.
    there = [one for one in lifted if strategy.lane(key, one.bounds) is not None]
    return evolve(lane, key=key, in_lane=False, existing=tuple(there))
