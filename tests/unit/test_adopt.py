"""Only partitions that partman would have made itself become its own."""

from __future__ import annotations

import pytest
from attrs import evolve, frozen

from partman_core.adopt import adoption
from partman_core.bounds import DefaultBounds, Edge, RangeBounds
from partman_core.model import Partition, Table
from partman_core.naming import Name
from partman_core.planner import as_it_is
from partman_core.planner.fitting import adopting

from .plan_strategies import BY_NAME, NAME, NOON, a_partition, a_table, a_tree, days

CODEC = BY_NAME["timestamptz"]


def reasons(table, *partitions, **tree) -> dict[str, str]:
    found = adoption(table, a_tree("timestamptz", *partitions, **tree), CODEC, NOON)
    return {one.partition.name.relation: one.why for one in found.refused}


def test_what_lies_on_the_grid_is_accepted_past_present_and_future() -> None:
    there = (*days("2013-01-01", 3, ours=False), *days("2026-11-24", 3, ours=False))
    found = adoption(a_table(), a_tree("timestamptz", *there), CODEC, NOON)
    assert found.accepted == there
    assert found.refused == ()


def test_what_is_ours_already_is_not_mentioned() -> None:
    found = adoption(
        a_table(), a_tree("timestamptz", *days("2026-11-24", 3)), CODEC, NOON
    )
    assert (found.accepted, found.refused) == ((), ())
    assert "already" in str(found)


@pytest.mark.parametrize(
    ("lower", "upper", "why"),
    [
        ("2026-11-24 06:00:00+00", "2026-11-25 00:00:00+00", "grid"),
        ("2026-11-24 00:00:00+00", "2026-11-24 06:00:00+00", "shorter"),
        ("2026-11-24 00:00:00+00", "2026-11-26 00:00:00+00", "several"),
        ("2026-11-24 00:00:00+00", "infinity", "grid"),
    ],
)
def test_what_lies_off_the_grid_is_refused_with_the_reason(lower, upper, why) -> None:
    odd = a_partition(lower, upper, name="odd", ours=False)
    assert why in reasons(a_table(), odd)["odd"]


def test_an_open_end_is_refused() -> None:
    odd = a_partition("x", "y", name="odd", ours=False)
    bounds = RangeBounds((Edge.MINVALUE,), ("2026-11-24 00:00:00+00",))
    assert "open" in reasons(a_table(), evolve(odd, bounds=bounds))["odd"]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"pending": True}, "half-detached"),
        ({"bounds": None, "locked": True}, "locked"),
        ({"kind": "foreign"}, "foreign table"),
        ({"kind": "partitioned"}, "partitioned itself"),
    ],
)
def test_what_is_no_plain_partition_is_refused(change, why) -> None:
    (plain,) = days("2026-11-24", 1, ours=False)
    refused = reasons(a_table(), evolve(plain, **change))
    assert why in refused["flights_p20261124"]


def test_the_default_partition_is_refused() -> None:
    default = Partition(oid=5, name=Name("public", "rest"), bounds=DefaultBounds())
    assert "DEFAULT" in reasons(a_table(), default=default)["rest"]
    assert reasons(a_table(), default=evolve(default, ours=True)) == {}


@frozen(kw_only=True)
class Mute:
    """A strategy that does not say what fits it."""

    kind = "mute"

    def problems(self, key, codec):  # noqa: ARG002 - as the protocol has it
        return ()

    def wanted(self, level):  # noqa: ARG002 - as the protocol has it
        return iter(())


def test_a_strategy_that_cannot_tell_adopts_nothing() -> None:
    table = Table(name=NAME, strategy=Mute())
    refused = reasons(table, *days("2026-11-24", 1, ours=False))
    assert "'mute'" in refused["flights_p20261124"]


def test_it_reads_as_text_and_as_json() -> None:
    (good,) = days("2026-11-24", 1, ours=False)
    odd = a_partition(
        "2026-11-01 06:00:00+00", "2026-11-02 00:00:00+00", name="odd", ours=False
    )
    found = adoption(a_table(), a_tree("timestamptz", good, odd), CODEC, NOON)
    text = str(found)
    assert "+ adopt    public.flights_p20261124" in text
    assert "! refused  public.odd: it" in text
    told = found.to_json()
    assert told["table"] == "public.flights"
    assert [one["partition"] for one in told["accepted"]] == [str(good.name)]
    assert told["refused"][0]["why"].startswith("it")


ALL, NONE = "`partman adopt public.flights` makes ", "nothing to adopt "


@pytest.mark.parametrize(
    ("fitting", "others", "hint"),
    [
        (1, 0, ALL + "it partman's"),
        (2, 0, ALL + "them partman's"),
        (2, 1, ALL + "2 of them partman's, but not the other ({why})"),
        (1, 2, ALL + "1 of them partman's, but not the others ({why}, and 1 more)"),
        (0, 1, NONE + "({why}): it stays until somebody takes it out by hand"),
        (0, 3, NONE + "({why}, and 2 more): they stay until somebody takes them out "
         + "by hand"),
    ],
)  # fmt: skip
def test_what_is_to_be_done_is_said_by_the_same_judgement(fitting, others, hint):
    odd = [
        evolve(one, kind="partitioned") for one in days("2026-10-01", 3, ours=False)
    ][:others]
    good = days("2026-11-01", 2, ours=False)[:fitting]
    table, tree = a_table(), a_tree("timestamptz", *good, *odd)
    seen = as_it_is(table, tree, CODEC, NOON)
    why = (
        "public.flights_p20261001: it is partitioned itself, and the settings have no "
        "level below"
    )
    assert adopting(table, seen, tree.partitions) == hint.format(why=why)
    found = adoption(table, tree, CODEC, NOON)
    assert (len(found.accepted), len(found.refused)) == (fitting, others)
