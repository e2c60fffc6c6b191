"""Whether planning comes to an end, and what is wanted stays where it is."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from attrs import evolve
from hypothesis import strategies as st

from partman_core import planner
from partman_core.planner.coverage import overlaps, span_of
from partman_core.testing.laws import LawBroken, shown, told
from partman_core.testing.levels import LATEST, tree_of
from partman_core.testing.simulation import applied

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from partman_core.model import Keep, Retire, Table
    from partman_core.strategy import Level, Strategy, Wanted

    Judge = Callable[[Table, Level], Sequence[Retire | Keep]]

_ALL = 10**9


@st.composite
def later(draw: st.DrawFn, *, level: Level, wanted: Sequence[Wanted]) -> Level:
    """Draw a level some periods later.

    :param wanted: what is wanted of it now.
    """
    quarters = draw(st.integers(0, 12))
    span = span_of(level.codec, wanted[0].bounds) if wanted else None
    if level.codec is not None and level.position is not None and span is not None:
        ahead = int(span[1] - span[0]) * quarters // 4 + draw(st.integers(0, 1))
        return evolve(level, position=level.position + ahead)
    length = timedelta(days=1)
    if level.codec is not None and span is not None:
        begins, ends = level.codec.moment(span[0]), level.codec.moment(span[1])
        if begins is not None and ends is not None:
            length = min(ends - begins, timedelta(days=4000))
    ahead_by = length * quarters / 4 + timedelta(microseconds=draw(st.integers(0, 1)))
    return evolve(level, now=min(level.now + ahead_by, LATEST))


def check_steady(
    strategy: Strategy, level: Level, after: Level, wanted: Sequence[Wanted]
) -> None:
    """Hold that boundaries do not move as time passes.

    :param after: the level later.
    :param wanted: what was wanted before.
    """
    codec = level.codec
    before = {span_of(codec, each.bounds): each.bounds for each in wanted}
    spans = sorted(span for span in before if span is not None)
    name = f"{strategy!r}: wanted"
    for each in told(name, lambda: list(strategy.wanted(after)), shown(after)):
        span = span_of(codec, each.bounds)
        if span is None or span in before or not overlaps(span, spans):
            continue
        raise LawBroken(
            f"{strategy!r} moves its boundaries as time passes: it wants "
            f"{each.bounds} later, across what it wanted before",
            shown(level),
            f"later: {after.now.isoformat(' ')}"
            + ("" if after.position is None else f", position {after.position}"),
        )


def check_plans(table: Table, level: Level, judge: Judge | None = None) -> None:
    """Hold that what is planned can be done, and is then not planned again.

    :param level: as it is before.
    :param judge: says what is retired; None: nothing is.
    """
    codec, now, what = level.codec, level.now, f"{table.strategy!r}"
    tree, where = tree_of(level, table.name), shown(level)
    for done in (False, True):
        said: Sequence[Retire | Keep] = ()
        if judge is not None:
            looking = partial(planner.level, table, tree, codec, now)
            said = judge(table, told(f"{what}: planning", looking, where))
        planning = partial(
            planner.plan_table, table, tree, codec, now, said, max_drops=_ALL
        )
        plan = told(f"{what}: planning", planning, where)
        if not done:
            try:
                tree = applied(tree, plan.operations, codec, now)
            except AssertionError as error:
                raise LawBroken(
                    f"{what}: what is planned cannot be done: {error}", where
                ) from error
        elif plan.operations:
            first = plan.operations[0]
            raise LawBroken(
                f"{what}: planned and done, there is still something to do at the same "
                f"moment: {first.kind} {first.name} {first.bounds} ({first.reason})",
                where,
            )
