"""The laws of a partition strategy, held against anybody's class."""

from __future__ import annotations

from functools import partial
from itertools import islice, pairwise
from typing import TYPE_CHECKING, Any

from attrs import evolve
from hypothesis import assume
from hypothesis import strategies as st

from partman_core.bounds import HashBounds, ListBounds, RangeBounds
from partman_core.model import Table
from partman_core.naming import Name
from partman_core.strategy import Nesting, Sparing, Strategy, Wanted
from partman_core.testing import levels, offering, repeating
from partman_core.testing.lanes import lane_key, one_lane, whole
from partman_core.testing.laws import (
    EXAMPLES,
    Draw,
    LawBroken,
    codec_of,
    drawn,
    hold,
    listed,
    sentences,
    shown,
    told,
)
from partman_core.testing.placing import check_places

if TYPE_CHECKING:
    from collections.abc import Iterable

    from partman_core.keys import Codec, Key
    from partman_core.strategy import Level

MOST = 20_000
"""No level has so many partitions."""

_BOUNDS = {"range": RangeBounds, "list": ListBounds, "hash": HashBounds}


def check_strategy(
    strategy: Strategy | Iterable[Strategy] | st.SearchStrategy[Strategy],
    *,
    key: Key,
    codec: Codec | str | None = None,
    by_existing: bool = False,
    examples: int = EXAMPLES,
) -> None:
    """Hold a strategy against what partman relies on, over many levels of a table.

    - It is a frozen attrs class with a ``kind``; its settings are read back from plain
      JSON as they were written.
    - ``problems`` has sentences for keys that it cannot serve, and none for *key*.
    - ``wanted`` gives the same for the same level, whatever exists; in order, without
      overlap or gap; nothing that is no longer kept; and what it wants does not move
      as time passes.
    - Suffixes tell partitions apart.
    - What is planned can be done, and once it is done nothing more is planned.
    - ``fits``, ``excess`` and ``beneath``, where it has them, agree with all that.

    :param strategy: one, several, or a Hypothesis strategy that draws them.
    :param key: of the table that they are for.
    :param codec: of the key's axis, or its name; None: by the column's type.
    :param by_existing: it wants other things where other partitions exist, on purpose.
    :param examples: how many levels are tried, and a quarter of it other keys.
    :raises LawBroken: with a sentence that names the law, and the smallest example.
    :raises ValueError: there is no such codec, or none for the type of the key.
    """
    codec_of(key, codec)
    drawing = drawn(strategy)
    hold(
        lambda draw: _check_settings(draw(drawing), draw(levels.keys())),
        examples=1 + examples // 4,
    )
    fixed = not isinstance(strategy, st.SearchStrategy)

    def laws(draw: Draw) -> None:
        chosen = draw(drawing)
        lane = lane_key(chosen, key)
        axis = codec_of(key if lane is None else lane, codec)
        _serves(chosen, key, axis, fixed=fixed)
        level = draw(levels.levels(key=key if lane is None else lane, codec=axis))
        if lane is not None:
            level = draw(one_lane(level))
        level = _check_at(draw, chosen, level, by_existing=by_existing)
        if lane is not None:
            level = whole(chosen, key, level, wanted_of(chosen, level))
        repeating.check_plans(_table(draw, chosen, level), level)

    hold(laws, examples=examples)


def _table(draw: Draw, strategy: Strategy, level: Level) -> Table:
    """Draw a table of which *level* is one."""
    return Table(
        name=Name("public", "events"),
        strategy=strategy,
        timezone=level.timezone,
        default_partition=draw(st.booleans()),
        sections=offering.kept(level),
    )


def _serves(strategy: Strategy, key: Key, codec: Codec | None, *, fixed: bool) -> None:
    """See that a strategy serves the key that it is checked with.

    :param fixed: whether it has to; where it was drawn, another one is drawn.
    """
    name = f"{strategy!r}: problems"
    why = sentences(name, told(name, lambda: strategy.problems(key, codec), str(key)))
    if why and fixed:
        raise LawBroken(
            f"{strategy!r} is checked with a key that it refuses: {why[0]}", str(key)
        )
    assume(not why)


def _check_at(
    draw: Draw, strategy: Strategy, level: Level, *, by_existing: bool
) -> Level:
    """Hold the laws of what is wanted of a level; return it with what may be there."""
    if isinstance(strategy, Sparing):
        assume(_excess(strategy, level) is None)
    wanted = _same_twice(strategy, level)
    check_places(strategy, level, wanted)
    _check_suffixes(strategy, level, wanted)
    there = levels.partitions(level=level, wanted=wanted, any_modulus=True)
    full = evolve(level, existing=draw(there))
    if by_existing:
        check_places(strategy, full, wanted_of(strategy, full))
    else:
        _check_heedless(strategy, full, wanted)
        there = levels.partitions(level=level, wanted=wanted)
        full = evolve(level, existing=draw(there))
    later = draw(repeating.later(level=level, wanted=wanted))
    repeating.check_steady(strategy, level, later, wanted)
    _check_optional(strategy, level, wanted)
    return full


def _excess(strategy: Any, level: Level) -> str | None:
    name = f"{strategy!r}: excess"
    answer = told(name, lambda: strategy.excess(level), shown(level))
    if answer is not None and not isinstance(answer, str):
        raise LawBroken(f"{name} gives {answer!r}, and no sentence", shown(level))
    return answer


def wanted_of(strategy: Strategy, level: Level) -> tuple[Wanted, ...]:
    """Return what a strategy wants of a level.

    :raises LawBroken: it raises, does not end, or gives something else.
    """
    name = f"{strategy!r}: wanted"
    where = shown(level)
    found = told(name, lambda: tuple(islice(strategy.wanted(level), MOST + 1)), where)
    if len(found) > MOST:
        raise LawBroken(f"{name} gives more than {MOST:,}: does it end?", where)
    kind = _BOUNDS[level.key.method]
    for each in found:
        if not isinstance(each, Wanted):
            raise LawBroken(f"{name} gives {each!r}, which is no Wanted", where)
        if not isinstance(each.bounds, kind):
            raise LawBroken(
                f"{name} gives {each.bounds}, and the table is by {level.key.method}",
                where,
            )
    return found


def _check_settings(strategy: Any, key: Key) -> None:
    """Hold the laws that no level is needed for."""
    kind = getattr(type(strategy), "kind", None)
    if not isinstance(kind, str) or not kind.strip():
        raise LawBroken(f"{strategy!r} has no name: a class variable, kind = ...")
    if not isinstance(strategy, Strategy):
        raise LawBroken(f"{strategy!r} lacks a method: it has problems and wanted")
    offering.check_settings(strategy)
    name = f"{strategy!r}: problems"
    codec = levels.codec_for_any(key)
    answers = [
        sentences(name, told(name, lambda: strategy.problems(key, codec), str(key)))
        for _ in range(2)
    ]
    if answers[0] != answers[1]:
        raise LawBroken(f"{name} gives another answer the second time", str(key))


def _same_twice(strategy: Strategy, level: Level) -> tuple[Wanted, ...]:
    first, second = wanted_of(strategy, level), wanted_of(strategy, level)
    if first != second:
        raise LawBroken(
            f"{strategy!r} is not pure: asked twice of the same level, it wants "
            "something else the second time",
            shown(level),
            listed(each.bounds for each in first),
        )
    return first


def _check_heedless(
    strategy: Strategy, full: Level, wanted: tuple[Wanted, ...]
) -> None:
    found = wanted_of(strategy, full)
    if found != wanted:
        raise LawBroken(
            f"{strategy!r} wants something else because of what exists, which is "
            "for the planner to take off",
            shown(full),
            listed(each.bounds for each in found),
        )


def _check_suffixes(
    strategy: Strategy, level: Level, wanted: tuple[Wanted, ...]
) -> None:
    names = [(each.tenant, each.suffix) for each in wanted]
    for tenant, suffix in names:
        if not f"{suffix or ''}".strip():
            raise LawBroken(
                f"{strategy!r} wants a partition with the suffix {suffix!r}, so "
                "nothing makes its name its own",
                shown(level),
            )
        if tenant is not None and not isinstance(tenant, str):
            raise LawBroken(f"{strategy!r}: {tenant!r} is no tenant", shown(level))
    if level.key.method == "list":
        return  # what values look like in a name may be the same
    ordered = sorted(wanted, key=lambda each: (each.tenant or "", each.suffix))
    for one, other in pairwise(ordered):
        if (one.tenant, one.suffix) == (other.tenant, other.suffix):
            raise LawBroken(
                f"{strategy!r} wants two partitions with the suffix "
                f"{one.suffix!r}, so names do not tell them apart",
                shown(level),
                listed([one.bounds, other.bounds]),
            )


def _check_optional(
    strategy: Strategy, level: Level, wanted: tuple[Wanted, ...]
) -> None:
    fits: Any = getattr(strategy, "fits", None)
    for each in wanted if fits is not None else ():
        name, ask = f"{strategy!r}: fits", partial(fits, level, each.bounds)
        why = told(name, ask, shown(level))
        if why is not None:
            raise LawBroken(
                f"{strategy!r} wants {each.bounds}, and its own fits says that it "
                f"would never make it: {why}",
                shown(level),
            )
    if isinstance(strategy, Nesting):
        offering.check_beneath(strategy, level)
