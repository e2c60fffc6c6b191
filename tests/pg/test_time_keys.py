"""Keys that are times in disguise, from the first partition to the last retirement."""

from __future__ import annotations

import random
import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from partman_core.errors import ConfigError
from partman_core.keys import CODECS

from .helpers import DAY, NOW, a_table, an_engine, children, daily, told, value

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

BY_NAME = {codec.name: codec for codec in CODECS}
MIDNIGHT = NOW.replace(hour=0, minute=0)
TICK = timedelta(milliseconds=1)


def epoch(per_second: int) -> Callable[[datetime, int], str]:
    """Return how a moment is written that is a count since 1970."""

    def written(moment: datetime, _chance: int) -> str:
        milliseconds = round(moment.timestamp() * 1000)
        return str(milliseconds * per_second // 1000)

    return written


def uuid7(moment: datetime, chance: int) -> str:
    """Write a version 7 UUID."""
    digits = f"{round(moment.timestamp() * 1000):012x}7{chance >> 62 & 0xFFF:03x}"
    digits += f"{2 << 62 | chance & (1 << 62) - 1:016x}"
    return "-".join(re.findall("^.{8}|.{4}(?=.{12})|.{12}$", digits))


def ulid(moment: datetime, chance: int) -> str:
    """Write a ULID."""
    milliseconds = round(moment.timestamp() * 1000)
    number = milliseconds << 80 | chance << 6 | chance & 63
    alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    return "".join(alphabet[number >> shift & 31] for shift in range(125, -1, -5))


LONGEST = (1 << 74) - 1
KEYS: dict[str, tuple[str, Callable[[datetime, int], str]]] = {
    "epoch_s": ("bigint", epoch(1)),
    "epoch_ms": ("bigint", epoch(10**3)),
    "epoch_us": ("numeric", epoch(10**6)),
    "epoch_ns": ("bigint", epoch(10**9)),
    "uuid7": ("uuid", uuid7),
    "ulid": ('text COLLATE "C"', ulid),
}
each_key = pytest.mark.parametrize("key", KEYS)


def a_kept(database: str, pg: Any, clock: Any, key: str, **more: Any) -> Any:
    """Return an engine for which events has such a key."""
    a_table(pg, columns=f"id {KEYS[key][0]} NOT NULL", key="RANGE (id)")
    engine = an_engine(database, clock)
    daily(engine, key=key, **more)
    return engine


def put(pg: Any, key: str, moment: datetime, chance: int = 0) -> str:
    """Insert the id of a moment, and return the partition that took it."""
    query = "INSERT INTO events VALUES (%s) RETURNING tableoid::regclass::text"
    return value(pg, query, KEYS[key][1](moment, chance))


@each_key
def test_each_id_finds_the_partition_of_its_day(database, pg, clock, key):
    engine = a_kept(database, pg, clock, key)
    assert [name for _, name in told(engine.maintain())] == [
        "events_p20261124",
        "events_p20261125",
        "events_p20261126",
    ]
    assert put(pg, key, MIDNIGHT) == "events_p20261124"
    assert put(pg, key, MIDNIGHT + DAY - TICK, LONGEST) == "events_p20261124"
    assert put(pg, key, MIDNIGHT + DAY) == "events_p20261125"
    chance = random.Random(7)
    for _ in range(50):
        moment = MIDNIGHT + chance.randrange(3 * 86_400_000) * TICK
        name = f"events_p{moment:%Y%m%d}"
        assert put(pg, key, moment, chance.getrandbits(74)) == name
    assert not engine.plan().operations


@each_key
def test_ids_are_retired_by_their_age(database, pg, clock, key):
    engine = a_kept(database, pg, clock, key, retention_period="2 days", max_drops=9)
    engine.maintain()
    for day in range(5):
        clock.now = NOW + day * DAY
        put(pg, key, clock.now, day)
        assert engine.maintain().exit_code == 0
        assert not engine.plan().operations
    assert min(children(pg)) == "events_p20261126"
    assert value(pg, "SELECT count(*) FROM events") == 3


def test_text_in_another_order_is_refused(database, pg):
    pg.execute('CREATE COLLATION "Mine" FROM "C"')
    a_table(pg, columns='id text COLLATE "Mine" NOT NULL', key="RANGE (id)")
    with pytest.raises(ConfigError, match="ordered by") as caught:
        daily(an_engine(database), key="ulid")
    assert 'COLLATE "C" in the partition key' in str(caught.value)
