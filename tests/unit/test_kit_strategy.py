"""``check_strategy`` names the law that is broken, and has nothing against Range."""

# ruff: noqa: ARG002 - methods name what they do not need

from __future__ import annotations

import random
import re
from datetime import UTC, date, datetime
from itertools import count
from typing import Any, ClassVar

import pytest
from attrs import define, evolve, field, frozen
from hypothesis import strategies as st

from partman_core.bounds import HashBounds, ListBounds, RangeBounds
from partman_core.interval import Interval
from partman_core.keys import CODECS, Codec, Column, Key
from partman_core.strategy import Wanted
from partman_core.testing import LawBroken, check_strategy
from partman_core.testing.strategies import grid_intervals, key_of
from partman_core.zones import wall_clock, zone
from partman_plugins.range import Range
from partman_plugins.tenant import Lists, Tenant

from . import kit_cases

KEY = Key("range", (Column("on", "date"),))
LIST = Key("list", (Column("country", "text"),))
HASH = Key("hash", (Column("id", "bigint"),))
FIRST = date(1970, 1, 1)


@frozen(kw_only=True)
class Days:
    """Five days from today on; what breaks a law overrides something of it.

    :param ahead: how many days to keep ready.
    """

    kind: ClassVar[str] = "days"
    ahead: int = 5

    def problems(self, key: Key, codec: Codec | None) -> list[str]:
        if key.method != "range" or codec is None or codec.axis != "time":
            return [f"{key} has no days"]
        return []

    def wanted(self, level: Any) -> Any:
        today = self.today(level)
        yield from (self.day(level, today + ahead) for ahead in range(self.ahead))

    def today(self, level: Any) -> int:
        local = wall_clock(level.now, zone(level.timezone))
        return (local.date() - FIRST).days

    def day(self, level: Any, number: int) -> Wanted:
        return self.span(level, number, number + 1)

    def span(self, level: Any, lower: int, upper: int) -> Wanted:
        ends = level.codec.literal(lower), level.codec.literal(upper)
        return Wanted(bounds=RangeBounds(ends[:1], ends[1:]), suffix=f"d{lower}")


def broken(strategy: Any, **how: Any) -> str:
    """Return the sentence of the law that a strategy breaks."""
    return kit_cases.broken(
        check_strategy, strategy, **{"key": KEY, "examples": 40, **how}
    )


@pytest.mark.parametrize("codec", CODECS, ids=lambda codec: codec.name)
def test_ranges_keep_the_laws_on_every_axis(codec):
    if codec.axis == "number":
        widths = st.integers(1, 10**6)
        many = st.builds(Range, partition_interval=widths, anchor=st.integers(-9, 9))
    else:
        many = st.builds(Range, partition_interval=grid_intervals())
    counted = st.tuples(many, st.integers(1, 12)).map(
        lambda drawn: evolve(drawn[0], partition_count=drawn[1])
    )
    check_strategy(counted, key=key_of(codec), codec=codec, examples=50)


def test_ranges_with_a_start_keep_the_laws_as_well():
    begun = datetime(2026, 1, 1, tzinfo=UTC)
    ends = Range(
        partition_interval=Interval.parse("1 quarter"), start=begun,
        partition_until=datetime(2040, 1, 1, tzinfo=UTC),
    )  # fmt: skip
    daily = Range(partition_interval=Interval.parse("1 day"), start=begun)
    check_strategy([ends, daily], key=key_of(CODECS[0]), codec="timestamptz")


@pytest.mark.parametrize("columns", ["tenant, at", "at"])
def test_tenants_keep_the_laws_on_a_range(columns):
    kinds = {"tenant": "text", "at": "timestamp with time zone"}
    key = Key("range", tuple(Column(c, kinds[c]) for c in columns.split(", ")))
    daily = Tenant(partition_interval=Interval.parse("1 day"), tenant_column="tenant")
    check_strategy(daily, key=key, examples=40)


def test_tenants_keep_the_laws_on_a_list():
    key = Key("list", (Column("tenant", "uuid"),))
    daily = Tenant(partition_interval=Interval.parse("1 day"), tenant_column="tenant")
    check_strategy(daily, key=key, examples=40)
    check_strategy(Lists(), key=key, examples=40)


def test_a_tenant_is_known_by_its_partitions():
    @frozen(kw_only=True)
    class Mixing(Tenant):
        kind: ClassVar[str] = "mixing"

        def lift(self, key, tenant, bounds):
            return super().lift(key, "all", bounds)

    columns = Column("tenant", "text"), Column("at", "date")
    mixed = Mixing(partition_interval=Interval.parse("1 day"), tenant_column="tenant")
    assert "and does not know that again" in broken(mixed, key=Key("range", columns))


def test_one_that_keeps_the_laws_passes():
    check_strategy(Days(), key=KEY)
    check_strategy(st.builds(Days, ahead=st.integers(0, 9)), key=KEY, examples=40)


# Its class


def test_it_has_a_name():
    @frozen
    class Nameless(Days):
        kind: ClassVar[str] = ""

    assert "has no name" in broken(Nameless())


def test_it_has_the_methods():
    @frozen
    class Idle:
        kind: ClassVar[str] = "idle"

        def problems(self, key, codec):
            return []

    assert "lacks a method" in broken(Idle())


def test_it_is_frozen():
    @define(kw_only=True, slots=False)
    class Thawed:
        kind: ClassVar[str] = "thawed"
        problems, wanted = Days.problems, Days.wanted
        ahead: int = 3

    assert "is not frozen" in broken(Thawed())


def test_its_settings_are_no_others_than_the_tables():
    @frozen(kw_only=True)
    class Clashing(Days):
        timezone: str = "UTC"

    assert "'timezone' would mean two things" in broken(Clashing())


def test_its_settings_can_be_read_back():
    @frozen(kw_only=True)
    class Doubling(Days):
        kind: ClassVar[str] = "doubling"
        factor: int = field(default=1, converter=lambda given: given * 2)

    assert "read back as something else" in broken(Doubling(factor=3))

    @frozen(kw_only=True)
    class Raw(Days):
        kind: ClassVar[str] = "raw"
        what: Any = None

    assert "cannot be read back" in broken(Raw(what=object()))


# Its problems


def test_it_serves_the_key_that_it_is_checked_with():
    assert "refuses: LIST (country) has no days" in broken(Days(), key=LIST)


def test_its_problems_are_sentences_for_any_key():
    @frozen(kw_only=True)
    class Terse(Days):
        def problems(self, key, codec):
            return "no" if key.method == "hash" else []

    assert "problems gives 'no', and not sentences" in broken(Terse())

    @frozen(kw_only=True)
    class Careless(Days):
        def problems(self, key, codec):
            return [] if codec.axis == "time" else ["no"]

    assert "problems raises AttributeError" in broken(Careless())

    @frozen(kw_only=True)
    class Moody(Days):
        kind: ClassVar[str] = "moody"
        calls: ClassVar = count()

        def problems(self, key, codec):
            return ["no"] if key.method == "hash" and next(self.calls) % 2 else []

    assert "problems gives another answer the second time" in broken(Moody())


# What it wants


def test_it_wants_the_same_twice():
    @frozen(kw_only=True)
    class Fickle(Days):
        def wanted(self, level):
            return iter([self.day(level, random.randrange(10**5))])

    assert "is not pure" in broken(Fickle())


def test_what_exists_is_not_its_business():
    @frozen(kw_only=True)
    class Heeding(Days):
        def wanted(self, level):
            held = {each.bounds for each in level.existing}
            days = super().wanted(level)
            return iter([day for day in days if day.bounds not in held])

    assert "because of what exists" in broken(Heeding())


def test_it_may_raise_nothing():
    @frozen(kw_only=True)
    class Raising(Days):
        def wanted(self, level):
            raise OSError("no network")

    assert "wanted raises OSError: no network" in broken(Raising())


def test_it_comes_to_an_end():
    @frozen(kw_only=True)
    class Endless(Days):
        def wanted(self, level):
            return (self.day(level, number) for number in count())

    assert "does it end?" in broken(Endless())


def test_it_wants_partitions_of_the_tables_kind():
    @frozen(kw_only=True)
    class Parts(Days):
        def wanted(self, level):
            yield Wanted(bounds=HashBounds(1, 0), suffix="0")

    assert "and the table is by range" in broken(Parts())

    @frozen(kw_only=True)
    class Bare(Days):
        def wanted(self, level):
            return (each.bounds for each in super().wanted(level))

    assert "which is no Wanted" in broken(Bare())

    @frozen(kw_only=True)
    class Wide(Days):
        def wanted(self, level):
            yield Wanted(bounds=RangeBounds(("1", "2"), ("3", "4")), suffix="0")

    assert "ranges of 2 values, and the key has 1 columns" in broken(Wide())


@pytest.mark.parametrize(
    ("spans", "sentence"),
    [
        ([(0, 1), (2, 3)], "leaves a gap between two partitions"),
        ([(0, 2), (1, 3)], "wants two partitions that overlap"),
        ([(1, 2), (0, 1)], "does not want its partitions in order"),
        ([(0, 0)], "which is empty"),
        ([(0, 1), (0, 1)], "wants two partitions that overlap"),
    ],
)
def test_its_ranges_go_side_by_side(spans, sentence):
    @frozen(kw_only=True)
    class Spans(Days):
        def problems(self, key, codec):
            return [] if key == KEY else ["no"]

        def wanted(self, level):
            yield from (self.span(level, 10**5 + a, 10**5 + b) for a, b in spans)

    assert sentence in broken(Spans())


def test_its_ranges_have_a_place_on_the_axis():
    @frozen(kw_only=True)
    class Spoken(Days):
        def wanted(self, level):
            yield Wanted(bounds=RangeBounds(("today",), ("tomorrow",)), suffix="0")

    assert "has no place on the axis of date" in broken(Spoken())


def test_what_is_not_kept_is_not_wanted():
    @frozen(kw_only=True)
    class Hoarding(Days):
        def wanted(self, level):
            today = self.today(level)
            yield from (self.day(level, today + ahead) for ahead in range(-9, 1))

    assert "which is no longer kept" in broken(Hoarding())


def test_its_boundaries_stay_where_they_are():
    @frozen(kw_only=True)
    class Adrift(Days):
        def wanted(self, level):
            today = self.today(level)
            for lower in range(today + 1, today + 20, 7):
                yield self.span(level, lower, lower + 7)

    assert "moves its boundaries as time passes" in broken(Adrift())


def test_suffixes_tell_its_partitions_apart():
    @frozen(kw_only=True)
    class Alike(Days):
        def wanted(self, level):
            for each in super().wanted(level):
                yield evolve(each, suffix="day")

    assert "two partitions with the suffix 'day'" in broken(Alike(ahead=2))

    @frozen(kw_only=True)
    class Blank(Days):
        def wanted(self, level):
            return (evolve(each, suffix=" ") for each in super().wanted(level))

    assert "so nothing makes its name its own" in broken(Blank(ahead=1))


def test_what_it_wants_fits_it():
    @frozen(kw_only=True)
    class Choosy(Days):
        def fits(self, level, bounds):
            return "it is no Monday"

    assert "would never make it: it is no Monday" in broken(Choosy(ahead=1))


# Lists and hashes


@frozen(kw_only=True)
class Parted:
    """The partitions that it is told, of a list or a hash."""

    kind: ClassVar[str] = "parted"
    parts: tuple[str, ...] = ()

    def problems(self, key: Key, codec: Codec | None) -> list[str]:
        return [f"{key} is along an axis"] if key.method == "range" else []

    def wanted(self, level: Any) -> Any:
        for number, part in enumerate(self.parts):
            yield Wanted(bounds=self.bounds(level, part), suffix=f"p{number}")

    def bounds(self, level: Any, part: str) -> Any:
        if level.key.method == "list":
            return ListBounds(tuple(part.split(",")))
        modulus, remainder = part.split("/")
        return HashBounds(int(modulus), int(remainder))


def test_lists_and_hashes_that_keep_the_laws_pass():
    check_strategy(Parted(parts=("de,at", "fr")), key=LIST)
    check_strategy(Parted(parts=("2/0", "4/1", "4/3")), key=HASH)


def test_a_value_is_in_one_list():
    assert "wants the value 'at' 2 times" in broken(
        Parted(parts=("de,at", "at")), key=LIST
    )


@pytest.mark.parametrize(
    ("parts", "sentence"),
    [
        (("2/0", "4/2", "2/1"), "wants two partitions that overlap"),
        (("4/0", "6/1"), "only such that are factors of each other"),
        (("3/0", "3/2"), "its partitions hold 2/3 of all keys"),
    ],
)
def test_the_parts_of_a_hash_are_one_whole(parts, sentence):
    assert sentence in broken(Parted(parts=parts), key=HASH)


@frozen(kw_only=True)
class Healing(Parted):
    """A hash that completes what is there by the modulus that it has."""

    kind: ClassVar[str] = "healing"

    def wanted(self, level):
        there = [each.bounds.modulus for each in level.existing]
        modulus = there[0] if there else 4
        for remainder in range(modulus):
            yield Wanted(bounds=HashBounds(modulus, remainder), suffix=f"{remainder}")


def test_one_may_go_by_what_exists_on_purpose():
    assert "because of what exists" in broken(Healing(), key=HASH)
    check_strategy(Healing(), key=HASH, by_existing=True)


def test_planning_comes_to_an_end():
    @frozen(kw_only=True)
    class Growing(Parted):
        def wanted(self, level):
            for number in range(len(level.existing) + 1):
                yield Wanted(bounds=ListBounds((f"v{number}",)), suffix=f"{number}")

    assert "there is still something to do" in broken(
        Growing(), key=LIST, by_existing=True
    )


# How it is told


def test_the_message_has_the_smallest_example():
    @frozen(kw_only=True)
    class OnSundays(Days):
        def wanted(self, level):
            if level.now.weekday() == 6:
                raise ValueError("no work today")
            return super().wanted(level)

    with pytest.raises(LawBroken) as caught:
        check_strategy(OnSundays(ahead=1), key=KEY)
    lines = str(caught.value).splitlines()
    assert "wanted raises ValueError: no work today" in lines[0]
    (moment,) = re.findall(r"at (\S+ [\d:]+)", lines[1])
    assert datetime.fromisoformat(moment).weekday() == 6


def test_some_of_several_are_checked_and_a_codec_has_a_name():
    with pytest.raises(ValueError, match="no codec 'epoch_h'"):
        check_strategy(Days(), key=KEY, codec="epoch_h")
    assert "is empty" in broken([Days(), Empty()])


@frozen(kw_only=True)
class Empty(Days):
    """Days without a length."""

    kind: ClassVar[str] = "empty"

    def day(self, level, number):
        return self.span(level, number, number)
