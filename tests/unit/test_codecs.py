"""Codecs keep the order of values, lose nothing, and know what they cannot hold."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from fractions import Fraction
from math import inf
from uuid import UUID

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from partman_core.keys import CODECS, Codec
from partman_core.keys.days import civil_date, day_number

from . import word_strategies as words

BY_NAME: dict[str, Codec] = {codec.name: codec for codec in CODECS}
TIMES = [codec for codec in CODECS if codec.axis == "time"]
MICROSECOND = timedelta(microseconds=1)

REACH = {
    "timestamptz": (-210_866_803_200_000_000, 9_224_318_015_999_999_999),
    "timestamp": (-210_866_803_200_000_000, 9_224_318_015_999_999_999),
    "date": (day_number(-4713, 11, 24), day_number(5_874_897, 12, 31)),
    "uuid7": (0, (1 << 128) - 1),
    "ulid": (0, (1 << 128) - 1),
}
WIDE = (-(10**40), 10**40)

every_codec = pytest.mark.parametrize("codec", CODECS, ids=lambda codec: codec.name)
every_time = pytest.mark.parametrize("codec", TIMES, ids=lambda codec: codec.name)


def positions(codec: Codec) -> st.SearchStrategy[int]:
    """Draw positions where the codec has values, near the ends too."""
    low, high = REACH.get(codec.name, WIDE)
    near = st.integers(low, min(low + 10**6, high)) | st.integers(high - 10**6, high)
    return st.integers(low, high) | near


def in_its_clock(codec: Codec, moment: datetime) -> datetime:
    return moment.replace(tzinfo=None) if codec.wall else moment


@every_codec
@given(data=st.data())
def test_every_position_has_a_literal_that_leads_back(
    codec: Codec, data: st.DataObject
) -> None:
    position = data.draw(positions(codec))
    assert codec.position(codec.literal(position)) == position


@every_time
@given(moment=words.moments)
@example(datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC))
@example(datetime(2038, 1, 19, 3, 14, 8, tzinfo=UTC))
def test_at_is_the_first_position_not_before_the_moment(
    codec: Codec, moment: datetime
) -> None:
    assume(codec.name not in ("uuid7", "ulid") or moment.year >= 1970)
    wanted = in_its_clock(codec, moment)
    position = codec.at(wanted)
    here, before = codec.moment(position), codec.moment(position - 1)
    assert here is None or here >= wanted
    assert before is None or before < wanted


@every_time
@given(one=words.moments, other=words.moments)
def test_positions_are_in_the_order_of_time(
    codec: Codec, one: datetime, other: datetime
) -> None:
    early, late = sorted((in_its_clock(codec, one), in_its_clock(codec, other)))
    assert codec.at(early) <= codec.at(late)


@every_time
@given(data=st.data())
def test_the_moment_of_a_position_is_not_after_it(
    codec: Codec, data: st.DataObject
) -> None:
    position = data.draw(positions(codec))
    moment = codec.moment(position)
    if moment is not None:
        assert (moment.tzinfo is None) is codec.wall
        assert codec.at(moment) <= position


@every_time
def test_a_moment_of_the_wrong_sort_is_refused(codec: Codec) -> None:
    moment = datetime(2026, 1, 1, tzinfo=UTC if codec.wall else None)
    with pytest.raises(ValueError, match="zone"):
        codec.at(moment)


@every_time
def test_beyond_what_python_can_say_there_is_no_moment(codec: Codec) -> None:
    assert codec.moment(inf) is None
    assert codec.moment(-inf) is None
    if codec.name not in ("uuid7", "ulid"):
        assert codec.moment(-(1 << 100)) is None
    assert codec.moment((1 << 128) - 1) is None


@every_codec
@pytest.mark.parametrize("text", ["", "x", "MINVALUE", "1 ", "\u0661", "--1", "NaN"])
def test_what_is_not_on_the_axis_is_refused(codec: Codec, text: str) -> None:
    if codec.name == "ulid" and text.rstrip() in ("1", "MINVALUE"):
        return
    with pytest.raises(ValueError, match=r"as PostgreSQL prints it"):
        codec.position(text)


@pytest.mark.parametrize(
    ("name", "text", "position"),
    [
        ("timestamptz", "1970-01-01 00:00:00+00", 0),
        ("timestamptz", "2013-01-01 05:00:00+00", 1_357_016_400_000_000),
        ("timestamptz", "1969-12-31 23:59:59.999999+00", -1),
        ("timestamptz", "2000-01-01 00:00:00.5+00", 946_684_800_500_000),
        ("timestamptz", "0001-12-31 00:00:00+00 BC", -62_135_683_200_000_000),
        ("timestamptz", "10000-01-01 00:00:00+00", 253_402_300_800_000_000),
        ("timestamptz", "infinity", 1 << 100),
        ("timestamptz", "-infinity", -(1 << 100)),
        ("timestamp", "2013-01-01 05:00:00", 1_357_016_400_000_000),
        ("timestamp", "294276-12-31 23:59:59.999999", 9_224_318_015_999_999_999),
        ("date", "1970-01-02", 1),
        ("date", "4714-11-24 BC", -2_440_588),
        ("date", "5874897-12-31", 2_145_042_905),
        ("date", "-infinity", -(1 << 100)),
        ("integer", "-9223372036854775808", -(2**63)),
        ("numeric", "1.10", Fraction(11, 10)),
        ("numeric", "-0.5", Fraction(-1, 2)),
        ("numeric", "2.00", 2),
        ("epoch_s", "1700000000.25", Fraction(6_800_000_001, 4)),
        ("uuid7", "00000000-0000-0000-0000-0000000000ff", 255),
        ("ulid", "01ARZ3NDEK", 1_469_922_850_259 << 80),
        ("ulid", "7ZZZZZZZZZZZZZZZZZZZZZZZZZ", (1 << 128) - 1),
    ],
)
def test_values_lie_where_they_should(
    name: str, text: str, position: int | Fraction
) -> None:
    assert BY_NAME[name].position(text) == position


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("timestamptz", "2013-01-01 00:00:00"),
        ("timestamptz", "2013-01-01 00:00:00+01"),
        ("timestamptz", "2013-01-01T00:00:00+00"),
        ("timestamptz", "2013-02-30 00:00:00+00"),
        ("timestamptz", "12013-02-30 00:00:00+00"),
        ("timestamptz", "12013-02-03 24:00:00+00"),
        ("timestamptz", "2024-W01-1 00:00:00+00"),
        ("timestamp", "2013-01-01 00:00:00+00"),
        ("timestamp", "0000-01-01 00:00:00"),
        ("timestamp", "20130101"),
        ("date", "2013-1-1"),
        ("date", "2013-02-29"),
        ("date", "20130101"),
        ("date", "2012-02-29 BC"),
        ("integer", "1_000"),
        ("integer", "+1"),
        ("integer", "0x10"),
        ("numeric", "Infinity"),
        ("numeric", "1e5"),
        ("uuid7", "{00000000-0000-0000-0000-0000000000ff}"),
        ("uuid7", "000000000000000000000000000000ff"),
        ("ulid", "01arz3ndek"),
        ("ulid", "8ZZZZZZZZZ"),
        ("ulid", "01ARZ3NDEU"),
        ("ulid", "7ZZZZZZZZZZZZZZZZZZZZZZZZZ0"),
    ],
)
def test_what_postgresql_would_not_print_is_refused(name: str, text: str) -> None:
    with pytest.raises(ValueError, match="as PostgreSQL prints it"):
        BY_NAME[name].position(text)


@given(st.lists(st.integers(*REACH["timestamptz"]), min_size=2, max_size=5))
def test_eras_and_long_years_are_in_order(drawn: list[int]) -> None:
    codec = BY_NAME["timestamptz"]
    texts = [codec.literal(position) for position in sorted(drawn)]
    assert [codec.position(text) for text in texts] == sorted(drawn)


@given(st.integers(-(10**7), 10**7))
def test_the_calendar_has_one_date_for_each_day(number: int) -> None:
    year, month, day = civil_date(number)
    assert day_number(year, month, day) == number
    assert civil_date(number + 1) > (year, month, day)


@given(words.wall_moments)
def test_the_calendar_is_pythons_where_python_has_one(moment: datetime) -> None:
    number = day_number(moment.year, moment.month, moment.day)
    assert number == moment.toordinal() - datetime(1970, 1, 1).toordinal()
    assert civil_date(number) == (moment.year, moment.month, moment.day)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6))
def test_a_fraction_has_a_literal_that_leads_back(value: object) -> None:
    codec = BY_NAME["numeric"]
    exact = codec.position(f"{value:f}")
    assert isinstance(exact, int | Fraction)
    assert codec.position(codec.literal(exact)) == exact


def test_a_third_has_no_literal() -> None:
    with pytest.raises(ValueError, match="no end"):
        BY_NAME["numeric"].literal(Fraction(1, 3))


@pytest.mark.parametrize("name", ["timestamptz", "timestamp", "date", "uuid7", "ulid"])
def test_between_two_values_and_beyond_the_last_there_is_none(name: str) -> None:
    codec = BY_NAME[name]
    low, high = REACH[name]
    for position in (Fraction(1, 2), low - 1, high + 1):
        with pytest.raises(ValueError, match=r"lies|reach"):
            codec.literal(position)


def test_nanoseconds_are_exact() -> None:
    moment = datetime(2026, 11, 22, 9, 15, 0, 123_457, tzinfo=UTC)
    assert BY_NAME["epoch_ns"].at(moment) == 1_795_338_900_123_457_000
    assert BY_NAME["epoch_ns"].moment(1_795_338_900_123_457_999) == moment


def test_a_coarse_axis_takes_the_next_position() -> None:
    moment = datetime(2026, 11, 22, 9, 15, 0, 1, tzinfo=UTC)
    second = int(moment.timestamp())
    assert BY_NAME["epoch_s"].at(moment) == second + 1
    assert BY_NAME["epoch_ms"].at(moment) == second * 1000 + 1
    assert BY_NAME["date"].at(moment.replace(tzinfo=None)) == second // 86_400 + 1


@pytest.mark.parametrize(
    ("name", "microseconds"), [("epoch_s", -333_334), ("epoch_ms", -334)]
)
def test_a_fraction_has_the_moment_before_it(name: str, microseconds: int) -> None:
    moment = datetime(1970, 1, 1, tzinfo=UTC) + microseconds * MICROSECOND
    assert BY_NAME[name].moment(Fraction(-1, 3)) == moment


def test_the_zone_of_a_moment_does_not_matter() -> None:
    moment = datetime(2026, 3, 1, tzinfo=timezone(timedelta(hours=5, minutes=45)))
    for codec in TIMES:
        if not codec.wall:
            assert codec.at(moment) == codec.at(moment.astimezone(UTC))


def version_7(milliseconds: int, chance: int) -> int:
    """Make the identifier of a millisecond, version and variant bits set."""
    tail = (chance & 0xFFF) << 64 | chance >> 12 & (1 << 62) - 1
    return milliseconds << 80 | 7 << 76 | 2 << 62 | tail


@given(words.milliseconds, st.integers(0, (1 << 74) - 1))
@example(0, 0)
@example(1_700_000_000_000, (1 << 74) - 1)
def test_ids_fall_on_the_right_side_of_the_bound_of_their_millisecond(
    milliseconds: int, chance: int
) -> None:
    """The first of a millisecond is not below its bound, the last below the next."""
    codec = BY_NAME["uuid7"]
    text = str(UUID(int=version_7(milliseconds, chance)))
    assert milliseconds << 80 <= codec.position(text) < milliseconds + 1 << 80


@given(st.integers(0, 253_402_300_799_999))
def test_the_bound_of_a_millisecond_has_an_empty_tail(milliseconds: int) -> None:
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=milliseconds)
    for name in ("uuid7", "ulid"):
        codec = BY_NAME[name]
        assert codec.at(moment) == milliseconds << 80
        assert codec.moment(codec.at(moment)) == moment
        assert codec.moment(codec.at(moment) - 1) != moment
    assert (
        BY_NAME["uuid7"].literal(milliseconds << 80).endswith("-0000-0000-" + "0" * 12)
    )
    assert len(BY_NAME["ulid"].literal(milliseconds << 80)) == 10


def test_ids_have_no_time_before_1970() -> None:
    early = datetime(1969, 7, 20, tzinfo=UTC)
    assert BY_NAME["uuid7"].at(early) == 0
    assert BY_NAME["ulid"].at(early) == 0


@pytest.mark.parametrize("name", ["uuid7", "ulid"])
@given(st.tuples(*[st.integers(*REACH["ulid"])] * 2).map(sorted))
def test_ids_as_text_are_in_the_order_of_their_bytes(name: str, two: list[int]) -> None:
    low, high = (BY_NAME[name].literal(position) for position in two)
    assert low.encode() <= high.encode()


def test_a_padded_ulid_is_the_same_place() -> None:
    codec = BY_NAME["ulid"]
    assert codec.position("01ARZ3NDEK" + " " * 16) == codec.position("01ARZ3NDEK")
    assert codec.position("01ARZ3NDEK" + "0" * 16) == codec.position("01ARZ3NDEK")


def test_ulids_need_a_collation_by_bytes() -> None:
    codec = BY_NAME["ulid"]
    assert not list(codec.problems(words.column("text", "C")))
    for collation in (None, "en_US.utf8", "und-x-icu"):
        (problem,) = codec.problems(words.column("text", collation))
        assert 'COLLATE "C"' in problem


@every_codec
def test_another_type_is_a_problem(codec: Codec) -> None:
    (problem,) = codec.problems(words.column("inet", "C"))
    assert "k is inet" in problem
    for type_ in codec.types:
        assert not list(codec.problems(words.column(type_, "C")))


def test_numbers_have_no_moments() -> None:
    for name in ("integer", "numeric"):
        assert BY_NAME[name].moment(0) is None
        with pytest.raises(ValueError, match="axis of numbers"):
            BY_NAME[name].at(datetime(2026, 1, 1, tzinfo=UTC))
