"""A key that partman does not know, taught by a plugin: KSUIDs, from first to last."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest
from psycopg.errors import CheckViolation

from partman_core.errors import ConfigError
from partman_core.testing import check_key_codec

from .helpers import DAY, NOW, a_table, an_engine, children, daily, told, value
from .ksuids import PLUGIN, Ksuids, ksuid

KSUID = 'id text COLLATE "C" PRIMARY KEY, note text'
TICK = timedelta(seconds=1)
LAST = (1 << 128) - 1
MIDNIGHT = NOW.replace(hour=0, minute=0)


def kept(database, pg, clock, **more):
    """Return an engine for which events is partitioned by the days of its KSUIDs."""
    a_table(pg, columns=KSUID, key="RANGE (id)")
    engine = an_engine(database, clock, plugins=[PLUGIN])
    daily(engine, key="ksuid", **more)
    return engine


def put(pg, moment, chance):
    """Insert a KSUID, and return the partition that took it."""
    query = "INSERT INTO events VALUES (%s) RETURNING tableoid::regclass::text"
    return value(pg, query, ksuid(moment, chance))


def test_the_codec_keeps_the_laws():
    check_key_codec(Ksuids())


def test_a_known_id_is_read_as_its_author_reads_it():
    codec = Ksuids()
    position = codec.position("0ujtsYcgvSTl8PAuAdqWYSMnLOv")
    assert position >> 128 == 107_608_047
    assert f"{position & LAST:X}" == "B5A1CD34B5F99D1154FB6853345C9735"
    assert codec.literal((1 << 160) - 1) == "aWgEPTl1tmebfsQzFP4bxwgy80V"


def test_each_id_finds_the_partition_of_its_day(database, pg, clock):
    engine = kept(database, pg, clock)
    assert len(told(engine.maintain())) == 3
    edges = {
        "events_p20261124": [(MIDNIGHT, 0), (MIDNIGHT + DAY - TICK, LAST)],
        "events_p20261125": [(MIDNIGHT + DAY, 0), (MIDNIGHT + 2 * DAY - TICK, LAST)],
    }
    for partition, ids in edges.items():
        assert {put(pg, *each) for each in ids} == {partition}
    with pytest.raises(CheckViolation):
        put(pg, MIDNIGHT - TICK, LAST)
    chance = random.Random(7)
    for _ in range(200):
        moment = MIDNIGHT + chance.randrange(3 * 86_400) * TICK
        name = f"events_p{moment:%Y%m%d}"
        assert put(pg, moment, chance.getrandbits(128)) == name
    assert not engine.plan().operations


def test_ids_are_retired_by_their_age(database, pg, clock):
    engine = kept(database, pg, clock, retention_period="2 days", max_drops=9)
    engine.maintain()
    for day in range(6):
        clock.now = NOW + day * DAY
        put(pg, clock.now, day)
        assert engine.maintain().exit_code == 0
        assert not engine.plan().operations
    assert min(children(pg)) == "events_p20261127"
    assert value(pg, "SELECT count(*) FROM events") == 3
    assert engine.check()[0].runway_until == MIDNIGHT + 8 * DAY


def test_the_rest_is_as_with_any_other_key(database, pg, clock):
    engine = kept(database, pg, clock, start="2026-11-21")
    engine.maintain()
    assert min(children(pg)) == "events_p20261121"
    daily(engine, key="ksuid", partition_interval="1 hour", count=100)
    assert told(engine.maintain())[0] == ("create", "events_p20261127_00")
    assert not engine.plan().operations


WRONG = {
    "collation": ('id text COLLATE "Mine"', 'COLLATE "C" in the partition key'),
    "type": ("id bigint", "key = 'ksuid' serves"),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_key_that_the_codec_cannot_serve_is_refused(database, pg, what):
    column, sentence = WRONG[what]
    pg.execute('CREATE COLLATION "Mine" FROM "C"')
    a_table(pg, columns=f"{column} PRIMARY KEY", key="RANGE (id)")
    engine = an_engine(database, plugins=[PLUGIN])
    with pytest.raises(ConfigError, match="events") as caught:
        daily(engine, key="ksuid")
    assert sentence in str(caught.value)


def test_without_the_plugin_nothing_is_guessed(database, pg, clock):
    kept(database, pg, clock, retention_period="1 day").maintain()
    clock.now += 5 * DAY
    (plan,) = an_engine(database, clock).plan().tables
    assert not plan.operations
    assert "ksuid" in plan.findings[0].message
