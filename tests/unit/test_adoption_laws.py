"""Whatever is adopted, the next run retires nothing of it that nobody agreed to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from partman_core.adopt import adopted
from partman_core.engine.adoption import Wish, judged
from partman_core.engine.planning import Planning
from partman_core.interval import Interval
from partman_core.plan import Detach
from partman_core.plugins import Plugins
from partman_plugins.retention import Retention

from .plan_strategies import BY_NAME, NOON, a_partition, a_table, a_tree

CODEC, PLUGINS, MANY = BY_NAME["timestamptz"], Plugins(), 1 << 31
START = datetime(2026, 11, 1, tzinfo=UTC)

partitions = st.lists(
    st.tuples(
        st.integers(1, 40).map(lambda hours: hours * 3),
        st.booleans(),
        st.booleans(),
    ),
    max_size=20,
)
"""How long, whether there is one, and whether it is ours."""

retentions = st.one_of(
    st.none(),
    st.builds(
        Retention,
        retention_period=st.integers(1, 30).map(lambda n: Interval.parse(f"{n} days")),
        retention_count=st.none() | st.integers(1, 5),
        retention_action=st.sampled_from(["drop", "detach"]),
    ),
)


def laid_out(parts):
    """Lay partitions out one after the other, with gaps."""
    at, made = START, []
    for hours, is_there, ours in parts:
        upper = at + timedelta(hours=hours)
        if is_there:
            made.append(a_partition(f"{at:%F %T}+00", f"{upper:%F %T}+00", ours=ours))
        at = upper
    return made


def retired(table, tree):
    planning = Planning(plugins=PLUGINS, now=NOON, max_drops=MANY)
    made = planning.plan(table, tree, CODEC)
    return {op.partition.oid for op in made.operations if isinstance(op, Detach)}


@given(parts=partitions, kept=retentions, any_size=st.booleans())
def test_what_is_adopted_without_a_word_is_not_retired_at_once(parts, kept, any_size):
    table, tree = a_table(kept=kept), a_tree("timestamptz", *laid_out(parts))
    wish = Wish(any_size=any_size)
    found = judged(table, tree, CODEC, NOON, plugins=PLUGINS, wish=wish)
    before = retired(table, tree)
    assert retired(table, adopted(tree, found.accepted)) == before
    agreed = judged(
        table, tree, CODEC, NOON, plugins=PLUGINS, wish=evolve(wish, agreed=True)
    )
    over = {part.oid for part in agreed.backlog.partitions}
    assert retired(table, adopted(tree, agreed.accepted)) == before | over
    assert {part.oid for part in agreed.accepted} == over | {
        part.oid for part in found.accepted
    }


@given(parts=partitions, kept=retentions)
def test_each_partition_of_somebody_else_is_accepted_or_has_its_reason(parts, kept):
    table, tree = a_table(kept=kept), a_tree("timestamptz", *laid_out(parts))
    found = judged(table, tree, CODEC, NOON, plugins=PLUGINS, wish=Wish())
    told = [
        *found.accepted,
        *found.backlog.partitions,
        *(one.partition for one in found.refused),
    ]
    assert sorted(part.oid for part in told) == [
        part.oid for part in tree.partitions if not part.ours
    ]
    assert all(one.why and one.remedy for one in found.refused)
    every = judged(table, tree, CODEC, NOON, plugins=PLUGINS, wish=Wish(any_size=True))
    assert every.refused == ()
