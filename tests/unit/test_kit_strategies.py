"""What the kit draws is what a database could hold; what it does, PostgreSQL would."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from partman_core.bounds import DefaultBounds, HashBounds, ListBounds, RangeBounds
from partman_core.interval import Interval
from partman_core.keys import CODECS, Key
from partman_core.model import Partition, Retired, Tree
from partman_core.naming import MAX_BYTES, Name
from partman_core.plan import Create, Detach, Drop, Finalize
from partman_core.testing import strategies as some
from partman_core.testing.simulation import applied, overlap, overlapping
from partman_plugins.range import Range

NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)
EVENTS, MADE = Name("public", "events"), Name("public", "made")
(DATES,) = (codec for codec in CODECS if codec.name == "date")
MONTH = RangeBounds(("2026-01-01",), ("2026-02-01",))
DAILY = Range(partition_interval=Interval.parse("1 day"), partition_count=3)


def tree(*bounds, key=None, **more):
    there = tuple(
        Partition(oid=number, name=Name("public", f"p{number}"), bounds=each, ours=True)
        for number, each in enumerate(bounds)
    )
    key = key or some.key_of(DATES)
    return Tree(oid=9, name=EVENTS, key=key, owner="me", partitions=there, **more)


def creation(bounds, **more):
    return Create(table=EVENTS, bounds=bounds, reason="why", **{"name": MADE, **more})


def detach(partition, **more):
    more = {"action": "drop", "due": NOW, "concurrently": False, **more}
    return Detach(table=EVENTS, partition=partition, reason="old", **more)


def refused(tree, *operations, codec=DATES):
    with pytest.raises(AssertionError) as caught:
        applied(tree, operations, codec, NOW)
    return str(caught.value)


@given(data=st.data())
def test_partitions_that_are_drawn_can_be_there_together(data):
    codec = data.draw(some.codecs("time"))
    level = data.draw(some.levels(key=some.key_of(codec), codec=codec))
    assert level.now.tzinfo is UTC
    assert level.kept_since is None or level.kept_since <= level.now
    wanted = tuple(DAILY.wanted(level))
    drawn = data.draw(
        some.partitions(level=level, wanted=wanted)
        | some.histories(level=level, strategy=DAILY)
    )
    assert overlapping(codec, [one.bounds for one in drawn]) is None
    assert len({one.oid for one in drawn}) == len(drawn)
    seen = evolve(level, existing=drawn)
    assert some.tree_of(seen).partitions == drawn


@given(some.keys(), some.tables(strategy=DAILY))
def test_keys_and_tables_are_such_as_postgresql_has(key, table):
    assert isinstance(key, Key)
    assert key.method != "list" or len(key.columns) == 1
    assert len(table.name.relation.encode()) <= MAX_BYTES


@pytest.mark.parametrize(
    ("one", "other", "together"),
    [
        (MONTH, RangeBounds(("2026-01-31",), ("2026-03-01",)), False),
        (MONTH, RangeBounds(("2026-02-01",), ("2026-03-01",)), True),
        (ListBounds(("a", None)), ListBounds((None,)), False),
        (ListBounds(("a",)), ListBounds(("b",)), True),
        (HashBounds(4, 1), HashBounds(2, 1), False),
        (HashBounds(4, 1), HashBounds(2, 0), True),
        (HashBounds(4, 1), HashBounds(6, 3), False),
        (
            RangeBounds(("a", "1"), ("a", "2")),
            RangeBounds(("a", "1"), ("b", "2")),
            True,
        ),
        (
            RangeBounds(("a", "1"), ("a", "2")),
            RangeBounds(("a", "1"), ("a", "2")),
            False,
        ),
    ],
)
def test_what_overlaps_cannot_be_there_together(one, other, together):
    for pair in ((one, other), (other, one)):
        assert overlap(DATES, *pair) is not together
        assert (overlapping(DATES, pair) is None) is together


def test_what_is_created_is_there():
    (made,) = applied(tree(), [creation(MONTH)], DATES, NOW).partitions
    assert (made.name, made.bounds, made.ours) == (MADE, MONTH, True)
    default = applied(tree(), [creation(DefaultBounds())], DATES, NOW).default
    assert default.name == MADE


def test_what_postgresql_refuses_is_refused():
    inside = RangeBounds(("2026-01-05",), ("2026-01-06",))
    empty = RangeBounds(("2026-03-01",), ("2026-03-01",))
    assert "42P17" in refused(tree(MONTH), creation(inside))
    assert "is empty" in refused(tree(), creation(empty))
    assert "42P07" in refused(tree(MONTH), creation(empty, name=Name("public", "p0")))
    assert "too long" in refused(tree(), creation(MONTH, name=Name("public", "x" * 64)))
    twice = [creation(DefaultBounds()), creation(DefaultBounds(), name=EVENTS)]
    assert "42P07" in refused(tree(), *twice)
    twice[1] = creation(DefaultBounds(), name=Name("public", "other"))
    assert "DEFAULT partition already" in refused(tree(), *twice)


def test_what_leaves_lies_in_the_bin_until_it_is_dropped():
    before = tree(MONTH)
    out = applied(before, [detach(before.partitions[0])], DATES, NOW)
    assert out.partitions == ()
    (binned,) = out.bin
    dropped = Drop(table=EVENTS, retired=binned, reason="old")
    assert applied(out, [dropped], DATES, NOW).bin == ()


def test_what_makes_no_sense_is_refused():
    before = tree(MONTH)
    (there,) = before.partitions
    stranger = evolve(there, oid=77)
    assert "is not attached" in refused(before, detach(stranger))
    finalize = Finalize(table=EVENTS, partition=there, reason="cut short")
    assert "is not half-detached" in refused(before, finalize)
    default = evolve(there, oid=8, bounds=DefaultBounds())
    beside = evolve(before, default=default)
    assert "55000" in refused(beside, detach(there, concurrently=True))
    binned = Retired(
        oid=5, name=MADE, bounds=MONTH, action="drop", retired_at=NOW, due=None
    )
    drop = Drop(table=EVENTS, retired=binned, reason="old")
    assert "before its time" in refused(tree(bin=(binned,)), drop)
    attached = evolve(binned, due=NOW, attached=True)
    assert "is still attached" in refused(tree(bin=(attached,)), drop)
