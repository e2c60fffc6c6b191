"""Partitions that are partitioned again: built whole, attached last."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import psycopg
import pytest
from attrs import frozen

from partman_core import hookimpl
from partman_core.bounds import HashBounds, ListBounds
from partman_core.errors import ConfigError
from partman_core.strategy import Wanted

from .helpers import DAY, TODAY, a_table, an_engine, children, daily, told, value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from partman_core.strategy import Level

NESTED = "id bigint, at timestamptz NOT NULL, kind text, PRIMARY KEY (id, at, kind)"


@frozen(kw_only=True)
class Parts:
    """So many parts by a hash."""

    kind: ClassVar[str] = "parts"
    method: ClassVar[str] = "hash"
    parts: int = 2

    def problems(self, _key: object, _codec: object) -> tuple[str, ...]:
        return ()

    def wanted(self, _level: Level) -> Iterator[Wanted]:
        for number in range(self.parts):
            yield Wanted(bounds=HashBounds(self.parts, number), suffix=str(number))


@frozen(kw_only=True)
class Kinds:
    """A partition for each of some words."""

    kind: ClassVar[str] = "kinds"
    method: ClassVar[str] = "list"
    kinds: tuple[str, ...] = ("a", "b")

    def problems(self, _key: object, _codec: object) -> tuple[str, ...]:
        return ()

    def wanted(self, _level: Level) -> Iterator[Wanted]:
        for word in self.kinds:
            yield Wanted(bounds=ListBounds((word,)), suffix=word)


class Offered:
    """The two strategies."""

    @hookimpl
    def partman_strategies(self) -> list[type]:
        return [Parts, Kinds]


PARTS = {"partition_type": "parts", "partition_by": "id", "parts": 2}
KINDS = {"partition_type": "kinds", "partition_by": "kind"}


def nested(database, pg, clock, subpartition, **more):
    """Return an engine for which events has two levels or more."""
    a_table(pg, columns=NESTED)
    engine = an_engine(database, clock, plugins=[Offered()])
    daily(engine, subpartition=subpartition, **more)
    return engine


@pytest.mark.parametrize("subpartition", [PARTS, KINDS], ids=["hash", "list"])
def test_a_new_partition_is_built_with_all_that_is_inside(
    database, pg, clock, subpartition
):
    engine = nested(database, pg, clock, subpartition)
    report = engine.maintain()
    assert report.exit_code == 0, report
    assert len(children(pg)) == 3
    assert len(children(pg, TODAY)) == 2
    pg.execute("INSERT INTO events VALUES (1, %s, 'a'), (2, %s, 'b')", [clock.now] * 2)
    assert value(pg, f"SELECT count(*) FROM {TODAY}") == 2
    assert not engine.plan().operations


def test_levels_go_to_any_depth(database, pg, clock):
    engine = nested(database, pg, clock, {**KINDS, "subpartition": PARTS})
    engine.maintain()
    assert len(children(pg, TODAY)) == 2
    leaves = children(pg, f"{TODAY}_pa")
    assert sorted(leaves) == [f"{TODAY}_pa_p0", f"{TODAY}_pa_p1"]
    assert not engine.plan().operations


def test_what_is_missing_inside_is_made_there(database, pg, clock):
    engine = nested(database, pg, clock, {**KINDS, "subpartition": PARTS})
    engine.maintain()
    pg.execute(f"DROP TABLE {TODAY}_pa_p1, {TODAY}_pb")
    plan = engine.plan()
    assert {(str(op.parent), op.name.relation) for op in plan.operations} == {
        (f"public.{TODAY}_pa", f"{TODAY}_pa_p1"),
        (f"public.{TODAY}", f"{TODAY}_pb"),
    }
    report = engine.maintain()
    assert report.exit_code == 0, report
    pg.execute("INSERT INTO events SELECT n, %s, 'b' FROM generate_series(1, 9) n",
               [clock.now])  # fmt: skip
    assert not engine.plan().operations


def test_a_kind_that_comes_later_gets_its_place_everywhere(database, pg, clock):
    engine = nested(database, pg, clock, KINDS)
    engine.maintain()
    daily(engine, subpartition={**KINDS, "kinds": ["a", "b", "c"]})
    engine.maintain()
    pg.execute("INSERT INTO events VALUES (1, %s, 'c')", [clock.now])
    assert f"{TODAY}_pc" in children(pg, TODAY)
    clock.now += 3 * DAY
    engine.maintain()
    pg.execute("INSERT INTO events VALUES (1, %s, 'c')", [clock.now])


def test_a_sub_tree_that_was_not_attached_is_made_whole_before_it_is(
    database, pg, clock
):
    """A run was killed between the two, and a kind has come since."""
    engine = nested(database, pg, clock, KINDS)

    class Killer:
        @hookimpl
        def partman_event(self, event):
            if event.kind == "created":
                raise KeyboardInterrupt

    an_engine(database, clock, plugins=[Offered(), Killer()]).maintain()
    assert not children(pg)
    daily(engine, subpartition={**KINDS, "kinds": ["a", "b", "c"]})
    plan = engine.plan()
    inner = [op for op in plan.operations if op.parent is not None]
    assert [op.name.relation[-3:] for op in inner] == ["_pc"] * len(inner)
    assert list(plan.operations[: len(inner)]) == inner
    assert engine.maintain().exit_code == 0
    pg.execute("INSERT INTO events VALUES (1, %s, 'c')", [clock.now])
    assert not engine.plan().operations


def test_retention_takes_a_sub_tree_whole(database, pg, clock):
    engine = nested(
        database, pg, clock, KINDS, start="2026-11-23", retention_period="1 day"
    )
    engine.maintain()
    pg.execute("INSERT INTO events VALUES (1, %s, 'a')", [clock.now - DAY])
    clock.now += DAY
    report = engine.maintain()
    assert ("drop", "events_p20261123") in told(report)
    assert value(pg, "SELECT to_regclass('events_p20261123_pa')") is None
    left = "SELECT count(*) FROM partman.managed_partitions"
    assert value(pg, left) == value(pg, "SELECT count(*) FROM pg_inherits i JOIN"
                                    " pg_class c ON c.oid = inhrelid AND relkind"
                                    " IN ('r', 'p')")  # fmt: skip


def of_days(database, pg, clock, **more):
    """Return an engine whose first level is a list, and the second one of days."""
    a_table(pg, columns=NESTED, key="LIST (kind)")
    days = {
        "partition_type": "range", "partition_by": "at", "partition_interval": "1 day",
        "partition_count": 2,
    }  # fmt: skip
    engine = an_engine(database, clock, plugins=[Offered()])
    engine.register("events", partition_type="kinds", subpartition=days,
                    retention_period="1 day", **more)  # fmt: skip
    engine.maintain()
    return engine


def test_retention_acts_where_the_time_is(database, pg, clock):
    engine = of_days(database, pg, clock)
    pg.execute("INSERT INTO events VALUES (1, %s, 'a')", [clock.now])
    first = clock.now
    clock.now += 2 * DAY
    report = engine.maintain()
    assert report.exit_code == 0, report
    gone = [name for kind, name in told(report) if kind == "drop"]
    assert gone == [f"events_pa_p{first:%Y%m%d}", f"events_pb_p{first:%Y%m%d}"]
    assert value(pg, "SELECT count(*) FROM events") == 0
    assert not engine.plan().operations


@pytest.mark.parametrize(
    ("columns", "subpartition", "words"),
    [
        (NESTED, {**PARTS, "partition_by": "nix"}, "'nix', and there is no"),
        (
            "id bigint, at timestamptz NOT NULL, kind text, PRIMARY KEY (id, at)",
            KINDS,
            "unique constraint on partitioned table must include all",
        ),
        (
            NESTED,
            {"partition_type": "range", "partition_by": "kind",
             "partition_interval": "1 day"},
            "no codec serves kind",
        ),
        (NESTED, {**KINDS, "partition_by": "id, kind"}, "list"),
    ],
    ids=["no such column", "primary key", "no axis", "two columns"],
)  # fmt: skip
def test_what_cannot_be_inside_is_refused_at_registration(
    database, pg, clock, columns, subpartition, words
):
    a_table(pg, columns=columns)
    engine = an_engine(database, clock, plugins=[Offered()])
    with pytest.raises(ConfigError, match=words) as caught:
        daily(engine, subpartition=subpartition)
    assert caught.value.exit_code == 4
    assert not engine.managed_tables()


def test_a_sub_tree_is_moved_whole(database, pg, clock):
    pg.execute('CREATE SCHEMA "At tic"')
    engine = nested(
        database, pg, clock, {**KINDS, "subpartition": PARTS}, start="2026-11-23",
        retention_period="1 day", retention_action="move", retention_schema='"At tic"',
    )  # fmt: skip
    engine.maintain()
    pg.execute("INSERT INTO events VALUES (1, %s, 'a')", [clock.now - DAY])
    clock.now += DAY
    report = engine.maintain()
    assert report.exit_code == 0, report
    assert value(pg, 'SELECT count(*) FROM "At tic".events_p20261123') == 1
    there = """SELECT count(*) FROM pg_class WHERE relkind IN ('r', 'p')
                AND relnamespace = '"At tic"'::regnamespace"""
    assert value(pg, there) == 7
    known = "SELECT count(*) FROM partman.managed_partitions m JOIN pg_class c"
    known += """ ON c.oid = m.relation WHERE relnamespace = '"At tic"'::regnamespace"""
    assert value(pg, known) == 0
    assert not engine.plan().operations


def test_leaves_are_as_the_table_is(database, pg, clock):
    """Identity, foreign keys, triggers, row security and grants reach them."""
    pg.execute("CREATE TABLE kinds (kind text PRIMARY KEY); INSERT INTO kinds"
               " VALUES ('a'), ('b'); CREATE TABLE log (n int)")  # fmt: skip
    a_table(
        pg,
        columns="id bigint GENERATED ALWAYS AS IDENTITY, at timestamptz NOT NULL,"
        " kind text REFERENCES kinds, PRIMARY KEY (id, at, kind)",
    )
    pg.execute(
        "CREATE FUNCTION noted() RETURNS trigger LANGUAGE plpgsql AS"
        " 'BEGIN INSERT INTO log VALUES (1); RETURN NULL; END';"
        "CREATE TRIGGER noting AFTER INSERT ON events FOR EACH ROW"
        " EXECUTE FUNCTION noted();"
        "ALTER TABLE events ENABLE ROW LEVEL SECURITY;"
        "ALTER TABLE events REPLICA IDENTITY FULL;"
    )
    engine = an_engine(database, clock, plugins=[Offered()])
    daily(engine, subpartition={**KINDS, "subpartition": PARTS})
    report = engine.maintain()
    assert report.exit_code == 0, report
    for kind in ("a", "b", "a"):
        pg.execute("INSERT INTO events (at, kind) VALUES (%s, %s)", [clock.now, kind])
    assert value(pg, "SELECT array_agg(id ORDER BY id) FROM events") == [1, 2, 3]
    assert value(pg, "SELECT count(*) FROM log") == 3
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        pg.execute("DELETE FROM kinds")
    leaves = "SELECT bool_and(relrowsecurity AND relreplident = 'f') FROM pg_class c"
    leaves += " JOIN pg_partition_tree('events') t ON t.relid = c.oid"
    assert value(pg, leaves) is True
    assert not engine.plan().operations
    clock.now += DAY
    assert engine.maintain().exit_code == 0


def test_partitions_are_listed_with_what_is_inside(database, pg, clock):
    engine = nested(database, pg, clock, KINDS, partition_count=None)
    daily(engine, count=1, subpartition=KINDS)
    engine.maintain()
    pg.execute("INSERT INTO events VALUES (1, %s, 'a')", [clock.now])
    pg.execute("ANALYZE")
    listed = engine.partitions("events")
    assert [one.name.relation for one in listed] == [
        TODAY, f"{TODAY}_pa", f"{TODAY}_pb",
    ]  # fmt: skip
    assert (listed[0].rows, listed[0].bytes) == (1, listed[1].bytes)


def test_what_is_inside_goes_to_the_bin_and_back_and_can_be_held(database, pg, clock):
    engine = of_days(database, pg, clock, grace_period="7 days")
    pg.execute("INSERT INTO events VALUES (1, %s, 'a'), (1, %s, 'b')", [clock.now] * 2)
    names = [f"events_p{kind}_p{clock.now:%Y%m%d}" for kind in ("a", "b")]
    engine.hold(names[1], reason="court")
    clock.now += 2 * DAY
    engine.maintain()
    [out] = engine.bin()
    assert (out.partition.relation, str(out.table)) == (names[0], "public.events")
    assert out.why is None
    assert value(pg, "SELECT count(*) FROM events") == 1
    report = engine.attach(names[0])
    assert report.exit_code == 0, report
    assert told(report) == [("attach", names[0])]
    assert value(pg, "SELECT count(*) FROM events") == 2
    assert engine.release(names[1]).reason == "court"
    report = engine.maintain()
    assert told(report) == [("detach", names[1])]
    clock.now += 9 * DAY
    report = engine.maintain()
    assert ("drop", names[1]) in told(report)


@pytest.mark.parametrize(
    "by",
    ["LIST (kind)", "HASH (kind)", "RANGE (kind)", "RANGE (id)", "LIST ((id % 2))"],
)
def test_what_somebody_has_partitioned_in_another_way_is_left_alone(
    database, pg, clock, by
):
    """It is told of; everything else is made, and goes on."""
    engine = nested(database, pg, clock, PARTS)
    span = "FROM ('2026-11-24Z') TO ('2026-11-25Z')"
    pg.execute("ALTER TABLE events DROP CONSTRAINT events_pkey")
    pg.execute(
        f"CREATE TABLE other PARTITION OF events FOR VALUES {span} PARTITION BY {by}"
    )
    report = engine.maintain()
    assert report.exit_code == 0, report
    assert len(children(pg)) == 3
    [found] = (f for f in engine.plan().findings if f.code == "other-key")
    assert "other is partitioned by" in found.message
    assert "the settings have HASH (id) there" in found.message
    assert not engine.plan().operations
    [refused] = engine.import_existing_partitions("events").refused
    assert refused.partition.name.relation == "other"


def test_another_key_in_the_settings_is_for_what_is_made_from_then_on(
    database, pg, clock
):
    engine = nested(database, pg, clock, PARTS, retention_period="2 days")
    engine.maintain()
    pg.execute(f"DROP TABLE {TODAY}_p1")
    daily(engine, subpartition=KINDS, retention_period="2 days")
    clock.now += DAY
    report = engine.maintain()
    assert report.exit_code == 0, report
    assert children(pg, TODAY).keys() == {f"{TODAY}_p0"}
    assert children(pg, "events_p20261127").keys() == {
        "events_p20261127_pa", "events_p20261127_pb",
    }  # fmt: skip
    [found] = (f for f in engine.plan().findings if f.code == "other-key")
    assert "and 2 more are partitioned by HASH (id)" in found.message
    clock.now += 3 * DAY
    assert ("drop", TODAY) in told(engine.maintain(max_drops=9))
    assert not engine.plan().operations


def test_inserts_that_find_nothing_inside_of_such_a_partition_are_told_of(
    database, pg, clock
):
    engine = of_days(database, pg, clock)
    pg.execute("DROP TABLE events_pa")
    pg.execute(
        "CREATE TABLE other PARTITION OF events FOR VALUES IN ('a')"
        " PARTITION BY LIST (id)"
    )
    [table] = engine.maintain().tables
    assert table.runway == (
        "Inserts fail NOW: no partition holds anything in public.other."
    )
    pg.execute("CREATE TABLE rest PARTITION OF other DEFAULT")
    [table] = engine.maintain().tables
    assert table.runway.startswith("Inserts have partitions until 2026-11-26")


def test_what_was_inside_of_a_partition_that_is_gone_leaves_the_bin(
    database, pg, clock
):
    """Nobody could bring it back, or judge it; the table itself stays, and its rows."""
    engine = of_days(database, pg, clock, grace_period="7 days")
    pg.execute("INSERT INTO events VALUES (1, %s, 'a'), (1, %s, 'b')", [clock.now] * 2)
    names = [f"events_p{kind}_p{clock.now:%Y%m%d}" for kind in ("a", "b")]
    clock.now += 2 * DAY
    engine.maintain()
    assert [out.partition.relation for out in engine.bin()] == names
    pg.execute("DROP TABLE events_pa")
    engine.maintain()
    assert [out.partition.relation for out in engine.bin()] == names[1:]
    known = (
        "SELECT count(*) FROM partman.managed_partitions WHERE relation = %s::regclass"
    )
    assert value(pg, known, names[0]) == 0
    assert value(pg, f"SELECT count(*) FROM {names[0]}") == 1
    assert not engine.plan().operations


@pytest.mark.parametrize("fails", [False, True])
def test_a_large_sub_tree_is_built_in_several_transactions(database, pg, clock, fails):
    """All of it is there before it is attached, also after a run that was cut short."""
    many = [f"k{number}" for number in range(250)]
    engine = nested(database, pg, clock, {**KINDS, "kinds": many}, partition_count=None)
    daily(engine, count=1, subpartition={**KINDS, "kinds": many})
    if fails:
        pg.execute(f"CREATE TABLE {TODAY}_pk200 ()")
        pg.execute(f"ALTER TABLE {TODAY}_pk200 RENAME TO later")

        class Grabber:
            """Takes a name after the plan was made."""

            @hookimpl
            def partman_event(self, event):
                if event.kind == "run-started":
                    pg.execute(f"ALTER TABLE later RENAME TO {TODAY}_pk200")

        plugins = [Offered(), Grabber()]
        report = an_engine(database, clock, plugins=plugins).maintain()
        note = [f.severity for t in report.tables for f in t.findings]
        assert report.exit_code in {0, 3}, note
    assert engine.maintain().exit_code == 0
    assert len(children(pg, TODAY)) == 250
    assert not engine.plan().operations
    pg.execute("INSERT INTO events VALUES (1, %s, 'k249')", [clock.now])


def test_what_is_shown_of_an_operation_inside_is_about_its_own_parent(
    database, pg, clock
):
    engine = nested(database, pg, clock, KINDS)
    engine.maintain()
    pg.execute(f"DROP TABLE {TODAY}_pa")
    [explained] = engine.explain(engine.plan())
    shown = "\n".join(step.sql.as_string(pg) for step in explained.steps)
    assert f'ALTER TABLE "public"."{TODAY}" ATTACH PARTITION' in shown
    assert 'ALTER TABLE "public"."events"' not in shown


def test_levels_by_the_same_column_hold_only_what_is_within_the_partition(
    database, pg, clock
):
    """Days of another month would be empty for ever."""
    a_table(pg, columns=NESTED)
    engine = an_engine(database, clock)
    days = {
        "partition_type": "range", "partition_by": "at", "partition_interval": "1 day",
        "partition_count": 10,
    }  # fmt: skip
    daily(engine, partition_interval="1 month", count=3, subpartition=days)
    engine.maintain()
    assert [len(children(pg, f"events_p{month}")) for month in (202611, 202612, 202701)
            ] == [7, 3, 0]  # fmt: skip
    assert not engine.plan().operations
    clock.now += 10 * DAY
    engine.maintain()
    assert [len(children(pg, f"events_p{month}")) for month in (202611, 202612, 202701)
            ] == [7, 13, 0]  # fmt: skip
    assert not engine.plan().operations


def test_blocks_within_blocks_of_the_same_numbers(database, pg, clock):
    a_table(pg, columns="id bigserial", key="RANGE (id)")
    engine = an_engine(database, clock)
    blocks = {
        "partition_type": "range", "partition_by": "id", "partition_interval": 10,
        "partition_count": 4,
    }  # fmt: skip
    daily(engine, partition_interval=100, count=2, subpartition=blocks)
    pg.execute("SELECT setval('events_id_seq', 85)")
    engine.maintain()
    assert len(children(pg, "events_p0")) == 2
    assert len(children(pg, "events_p100")) == 2
    assert not engine.plan().operations
