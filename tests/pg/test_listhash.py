"""Partitions by lists and by hashes, on a real PostgreSQL."""

from __future__ import annotations

import pytest

import partman_listhash

from .helpers import (
    DAY,
    TODAY,
    a_table,
    an_engine,
    children,
    daily,
    outcomes,
    refusal,
    told,
    value,
)

AWKWARD = (
    "plain", "Plain", "O'Brien", 'say "x"', "a/b\\c", "naïve ünïcode 漢字", "", " ",
    "null", "x" * 200, "y" * 200, "tab\there", "-5", "%s {table}", None,
)  # fmt: skip


@pytest.fixture
def engine(database, clock):
    """Return an engine that has the plugin."""
    return an_engine(database, clock, plugins=[partman_listhash])


def by_list(pg, engine, columns="kind text, note text", **settings):
    """Make the table events, by a list of kinds, and register it."""
    a_table(pg, columns=columns, key="LIST (kind)")
    listed(engine, **settings)


def listed(engine, **settings):
    engine.register("events", partition_type="list", **settings)


def by_hash(pg, engine, modulus=4):
    """Make the table events, by a hash of its id, and register it."""
    a_table(pg, columns="id bigint PRIMARY KEY", key="HASH (id)")
    hashed(engine, modulus)


def hashed(engine, modulus):
    engine.register("events", partition_type="hash", modulus=modulus)


def settled(engine):
    """Maintain: all goes well, and then nothing is to be done."""
    report = engine.maintain()
    assert all(out.result == "done" for out in outcomes(report)), report
    assert not engine.plan().operations
    return report


def codes(engine):
    return [found.code for found in engine.plan().findings]


def the_finding(engine, code):
    (found,) = (f for f in engine.plan().findings if f.code == code)
    return found


def fill(pg):
    pg.execute("INSERT INTO events SELECT generate_series(1, 1000)")


# Lists


def test_groups_get_a_partition_each_by_their_names(pg, engine):
    by_list(pg, engine, values={"eu": ["de", "fr"], "us": ["us"], "none": [None]})
    settled(engine)
    assert children(pg) == {
        "events_peu": "FOR VALUES IN ('de', 'fr')",
        "events_pus": "FOR VALUES IN ('us')",
        "events_pnone": "FOR VALUES IN (NULL)",
    }
    pg.execute("INSERT INTO events VALUES ('de'), ('fr'), ('us'), (NULL)")
    counted = "SELECT tableoid::regclass::text, count(*) FROM events GROUP BY 1"
    assert dict(pg.execute(counted).fetchall()) == {
        "events_peu": 2, "events_pus": 1, "events_pnone": 1,
    }  # fmt: skip


def test_null_has_a_group_where_a_file_cannot_write_it(pg, engine):
    by_list(pg, engine, values={"eu": ["de"], "rest": ["xx"]}, null_group="rest")
    settled(engine)
    assert children(pg)["events_prest"] == "FOR VALUES IN ('xx', NULL)"
    listed(engine, values={"eu": ["de"]}, null_group="unknown")
    assert codes(engine) == ["other-values"]


def test_any_value_has_a_partition_of_its_own(pg, engine):
    by_list(pg, engine, values=list(AWKWARD), default_partition=True)
    settled(engine)
    assert len(children(pg)) == len(AWKWARD) + 1
    for word in (*AWKWARD, "another"):
        pg.execute("INSERT INTO events VALUES (%s)", [word])
    apart = "SELECT count(DISTINCT tableoid) FROM events"
    assert value(pg, apart) == len(AWKWARD) + 1
    assert value(pg, "SELECT kind FROM events_pdefault") == "another"
    plain = set(children(pg)) & {"events_pplain", "events_po_brien", "events_pm5"}
    assert len(plain) == 3


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("integer", [1, -7, "007"]),
        ("smallint", [["01", 2]]),
        ("boolean", [True, "f"]),
        ("uuid", ["A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11"]),
        ("numeric(8,3)", ["1.5", 2, "1e3"]),
        ("date", ["2026-11-24", None]),
        ("timestamptz", ["2026-11-24T10:00+02:00"]),
        ("timestamp", ["2026-11-24"]),
        ("char(5)", ["ab", "abc"]),
        ('"char"', ["x"]),
        ("inet", ["10.0.0.1"]),
    ],
    ids=str,
)
def test_values_of_any_type_are_found_again(pg, engine, kind, values):
    """However they are written, they are what PostgreSQL prints."""
    by_list(pg, engine, columns=f"kind {kind}", values=values)
    settled(engine)
    assert len(children(pg)) == len(values)
    assert codes(engine) == []
    assert not engine.import_existing_partitions("events").refused


def test_values_that_the_column_cannot_hold_are_refused(pg, engine):
    a_table(pg, columns="kind integer", key="LIST (kind)")
    error = refusal(engine, partition_type="list", partition_interval=None,
                    values=["1", "one"])  # fmt: skip
    assert str(error).endswith("kind is integer, and 'one' is not")
    error = refusal(engine, partition_type="list", partition_interval=None,
                    values=["1", "01"])  # fmt: skip
    assert "'1', '01' are the same integer" in str(error)


def test_a_table_by_range_is_refused(pg, engine):
    a_table(pg)
    error = refusal(engine, partition_type="list", partition_interval=None, values=[1])
    assert error.code == "other-strategy"


def test_a_list_that_was_dropped_is_made_again(pg, engine):
    by_list(pg, engine, values={"eu": ["de", "fr"], "us": ["us"]})
    settled(engine)
    pg.execute("DROP TABLE events_peu")
    assert told(settled(engine)) == [("create", "events_peu")]
    pg.execute("INSERT INTO events VALUES ('fr')")


def test_a_group_that_grows_gets_a_second_partition(pg, engine):
    by_list(pg, engine, values={"eu": ["de", "fr"]})
    settled(engine)
    listed(engine, values={"eu": ["de", "fr", "it"]})
    settled(engine)
    pg.execute("INSERT INTO events VALUES ('it')")
    assert sorted(children(pg).values()) == [
        "FOR VALUES IN ('de', 'fr')", "FOR VALUES IN ('it')",
    ]  # fmt: skip
    found = the_finding(engine, "group-in-parts")
    assert found.message.startswith("The group 'eu' is in 2 partitions: public.events")
    assert engine.check()[0].exit_code == 0


def test_a_value_that_changes_its_group_stays_where_it_is(pg, engine):
    by_list(pg, engine, values={"eu": ["de", "uk"], "us": ["us"]})
    settled(engine)
    listed(engine, values={"eu": ["de"], "us": ["us"], "gb": ["uk"]})
    assert not engine.plan().operations
    found = the_finding(engine, "other-values")
    assert found.message == (
        "public.events_peu stays as it is: it holds values of the groups 'eu', 'gb'."
    )


def test_lists_of_others_are_adopted_where_they_are_a_group(pg, engine):
    a_table(pg, columns="kind text", key="LIST (kind)")
    pg.execute("CREATE TABLE europe PARTITION OF events FOR VALUES IN ('fr', 'de')")
    pg.execute("CREATE TABLE odd PARTITION OF events FOR VALUES IN ('us', 'xx')")
    listed(engine, values={"eu": ["de", "fr"], "us": ["us", "ca"]})
    adopted = engine.import_existing_partitions("events")
    assert [part.name.relation for part in adopted.accepted] == ["europe"]
    [refused] = adopted.refused
    assert refused.partition.name.relation == "odd"
    assert refused.why == "it holds 'xx', which no group has"
    settled(engine)
    assert children(pg)["events_pus"] == "FOR VALUES IN ('ca')"


def test_values_that_are_found_are_told_of_not_made(pg, engine):
    by_list(pg, engine, values="found", default_partition=True)
    settled(engine)
    assert codes(engine) == []
    pg.execute("INSERT INTO events VALUES ('fr'), ('de'), ('de'), (NULL), ('o''x')")
    assert not engine.plan().operations
    found = the_finding(engine, "values-in-default")
    assert (found.severity, found.table.relation) == ("info", "events")
    assert found.message.startswith("4 values in DEFAULT have no partition: 'de', ")
    assert found.data["values"][0] == "de"
    assert set(found.data["values"]) == {"fr", "de", None, "o'x"}
    assert engine.maintain().exit_code == 0


def test_the_way_that_is_told_of_works(pg, engine):
    by_list(pg, engine, values="found", default_partition=True)
    settled(engine)
    pg.execute("INSERT INTO events VALUES ('de'), ('de'), ('fr')")
    hint = the_finding(engine, "values-in-default").hint
    assert "FOR VALUES IN ('de')" in hint
    with pg.transaction():
        pg.execute("CREATE TABLE events_pde (LIKE events INCLUDING ALL)")
        pg.execute(
            "WITH moved AS (DELETE FROM events_pdefault WHERE kind = 'de' RETURNING *)"
            " INSERT INTO events_pde SELECT * FROM moved"
        )
        pg.execute(
            "ALTER TABLE events ATTACH PARTITION events_pde FOR VALUES IN ('de')"
        )
    assert the_finding(engine, "values-in-default").data["values"] == ["fr"]
    adopted = engine.import_existing_partitions("events")
    assert [part.name.relation for part in adopted.accepted] == ["events_pde"]
    assert not engine.plan().operations


def test_a_named_value_whose_rows_wait_in_default_is_told_beforehand(pg, engine):
    by_list(pg, engine, values=["us"], default_partition=True)
    settled(engine)
    pg.execute("INSERT INTO events VALUES ('de'), ('xx')")
    listed(engine, values=["us", "de", "fr"], default_partition=True)
    assert the_finding(engine, "values-held-back").severity == "warning"
    assert the_finding(engine, "values-in-default").data["values"] == ["xx"]
    report = engine.maintain()
    assert told(report) == [("create", "events_pfr")]
    assert [out.operation.name.relation for out in outcomes(report, "failed")] == [
        "events_pde"
    ]
    pg.execute("DELETE FROM events WHERE kind = 'de'")
    settled(engine)


def test_a_default_that_is_locked_hides_what_waits_and_nothing_else(pg, engine, other):
    by_list(pg, engine, values=["us"], default_partition=True)
    settled(engine)
    pg.execute("INSERT INTO events VALUES ('de')")
    assert codes(engine) == ["values-in-default"]
    holder = other(autocommit=False)
    holder.execute("LOCK events_pdefault IN ACCESS EXCLUSIVE MODE")
    assert "values-in-default" not in codes(engine)
    holder.rollback()


# Hashes


def test_every_remainder_gets_a_partition(pg, engine):
    by_hash(pg, engine)
    settled(engine)
    assert children(pg) == {
        f"events_p{n}": f"FOR VALUES WITH (modulus 4, remainder {n})" for n in range(4)
    }
    fill(pg)
    assert value(pg, "SELECT count(DISTINCT tableoid) FROM events") == 4
    assert engine.check()[0].exit_code == 0


def test_missing_remainders_are_healed_at_their_own_modulus(pg, engine):
    by_hash(pg, engine)
    settled(engine)
    pg.execute("DROP TABLE events_p1, events_p3")
    hashed(engine, 6)
    assert told(settled(engine)) == [("create", "events_p1"), ("create", "events_p3")]
    fill(pg)
    assert len(children(pg)) == 4


@pytest.mark.parametrize(
    ("modulus", "way"),
    [(8, "split one partition after the other"), (2, "or join them"),
     (6, "cannot stand beside it")],
)  # fmt: skip
def test_a_changed_modulus_is_a_finding_with_a_way(pg, engine, modulus, way):
    by_hash(pg, engine)
    settled(engine)
    fill(pg)
    hashed(engine, modulus)
    assert not engine.plan().operations
    found = the_finding(engine, "other-modulus")
    assert found.severity == "warning"
    assert f"modulus 4, and the settings {modulus}" in found.message
    assert found.hint.startswith("set modulus back to 4")
    assert way in found.hint
    report = engine.maintain()
    assert (report.exit_code, outcomes(report)) == (3, [])
    hashed(engine, 4)
    assert codes(engine) == []


def test_a_split_by_hand_is_followed_step_by_step(pg, engine):
    by_hash(pg, engine, 2)
    settled(engine)
    fill(pg)
    hashed(engine, 4)
    for remainder in range(2):
        parts = (
            f"remainder {remainder} and {remainder + 2} for public.events_p{remainder}"
        )
        assert parts in the_finding(engine, "other-modulus").hint
        with pg.transaction():
            pg.execute(f"ALTER TABLE events DETACH PARTITION events_p{remainder}")
            for part in (remainder, remainder + 2):
                pg.execute(
                    f"CREATE TABLE part_{part} PARTITION OF events"
                    f" FOR VALUES WITH (MODULUS 4, REMAINDER {part})"
                )
            pg.execute(f"INSERT INTO events SELECT * FROM events_p{remainder}")
            pg.execute(f"DROP TABLE events_p{remainder}")
        assert not engine.plan().operations
    assert codes(engine) == []
    assert value(pg, "SELECT count(*) FROM events") == 1000
    pg.execute("DROP TABLE part_3")
    settled(engine)
    assert children(pg)["events_p3"] == "FOR VALUES WITH (modulus 4, remainder 3)"


def test_mixed_moduli_are_made_whole(pg, engine):
    a_table(pg, columns="id bigint", key="HASH (id)")
    for modulus, remainder in ((2, 0), (4, 1), (12, 3)):
        pg.execute(
            f"CREATE TABLE part_{modulus} PARTITION OF events"
            f" FOR VALUES WITH (MODULUS {modulus}, REMAINDER {remainder})"
        )
    hashed(engine, 12)
    settled(engine)
    assert {name for name in children(pg) if name.startswith("events")} == {
        "events_p7_of_12", "events_p11_of_12",
    }  # fmt: skip
    fill(pg)


def test_hashes_of_others_are_adopted_at_the_modulus_of_the_settings(pg, engine):
    a_table(pg, columns="id bigint", key="HASH (id)")
    pg.execute(
        "CREATE TABLE a PARTITION OF events FOR VALUES WITH (MODULUS 2, REMAINDER 0)"
    )
    hashed(engine, 4)
    [refused] = engine.import_existing_partitions("events").refused
    assert refused.why == "its modulus is 2, and that of the settings is 4"
    hashed(engine, 2)
    adopted = engine.import_existing_partitions("events")
    assert [part.name.relation for part in adopted.accepted] == ["a"]
    settled(engine)


@pytest.mark.parametrize("modulus", [0, -1, 10_001])
def test_a_modulus_that_cannot_be_is_refused(pg, engine, modulus):
    a_table(pg, columns="id bigint", key="HASH (id)")
    error = refusal(
        engine, partition_type="hash", partition_interval=None, modulus=modulus
    )
    assert "it is how many partitions there are, 1 to 10000" in str(error)


# Below ranges


NESTED = "id bigint, at timestamptz NOT NULL, kind text"


def test_hashes_below_days_keep_their_modulus_and_new_days_get_the_new_one(
    pg, engine, clock
):
    a_table(pg, columns=NESTED)
    inside = {"partition_type": "hash", "partition_by": "id", "modulus": 2}
    daily(engine, subpartition=inside)
    settled(engine)
    pg.execute(f"DROP TABLE {TODAY}_p1")
    daily(engine, subpartition={**inside, "modulus": 3})
    report = settled(engine)
    assert told(report) == [("create", f"{TODAY}_p1")]
    found = the_finding(engine, "other-modulus")
    assert found.severity == "info"
    clock.now += DAY
    settled(engine)
    assert len(children(pg, "events_p20261127")) == 3
    pg.execute("INSERT INTO events SELECT n, %s, 'x' FROM generate_series(1, 99) n",
               [clock.now])  # fmt: skip


def test_lists_below_days_get_every_group_in_every_day(pg, engine, clock):
    a_table(pg, columns=NESTED)
    inside = {"partition_type": "list", "partition_by": "kind",
              "values": {"a": ["a"], "b": ["b", "c"]}}  # fmt: skip
    daily(engine, subpartition=inside)
    settled(engine)
    daily(engine, subpartition={**inside, "null_group": "none"})
    assert len(told(settled(engine))) == 3
    clock.now += DAY
    settled(engine)
    pg.execute("INSERT INTO events VALUES (1, %s, 'c'), (2, %s, NULL)", [clock.now] * 2)
    assert len(children(pg, "events_p20261127")) == 3


# Retention


LIST = {"partition_type": "list", "values": ["a"]}
HASH = {"partition_type": "hash", "modulus": 2}
DAYS = {"partition_type": "range", "partition_by": "at", "partition_interval": "1 day"}


@pytest.mark.parametrize(
    ("key", "settings", "limit"),
    [
        ("LIST (kind)", LIST, {"retention_period": "1 year"}),
        ("HASH (id)", HASH, {"retention_count": 3}),
        (
            "LIST (kind)",
            {**LIST, "subpartition": {**HASH, "partition_by": "id"}},
            {"retention_period": "1 year"},
        ),
    ],
    ids=["list", "hash", "list, then hash"],
)
def test_retention_is_refused_where_no_level_has_an_axis(
    pg, engine, key, settings, limit
):
    """It would retire nothing, and whoever wrote it would wait for it for ever."""
    a_table(pg, columns=NESTED, key=key)
    error = refusal(engine, partition_interval=None, **settings, **limit)
    assert error.code == "no-axis"
    assert f"{next(iter(limit))} would retire nothing" in str(error)
    assert not engine.managed_tables()
    engine.register("events", **settings)


def test_retention_is_taken_where_a_level_below_has_an_axis(pg, engine, clock):
    a_table(pg, columns=NESTED, key="LIST (kind)")
    listed(engine, values=["a"], subpartition=DAYS, retention_count=1)
    settled(engine)
    clock.now += 3 * DAY
    report = engine.maintain(max_drops=9)
    assert "drop" in {kind for kind, _ in told(report)}


def test_a_period_of_the_other_axis_is_refused_at_any_level(pg, engine):
    """In blocks of numbers below a list, a time retires nothing."""
    a_table(pg, columns=NESTED, key="LIST (kind)")
    blocks = {"partition_type": "range", "partition_by": "id",
              "partition_interval": 1000, "start": 0}  # fmt: skip
    for inside, period, words in (
        (blocks, "1 year", "the table counts in numbers"),
        (DAYS, 500, "has no unit"),
    ):
        error = refusal(
            engine, partition_interval=None, **LIST, subpartition=inside,
            retention_period=period,
        )  # fmt: skip
        assert error.code == "no-axis"
        assert words in str(error)
