"""From what is wanted to what is attached: names, DEFAULT, and what is left over."""

from __future__ import annotations

from itertools import count

import pytest

from partman_core import hookimpl

from .helpers import (
    NOW,
    a_table,
    an_engine,
    children,
    daily,
    is_there,
    outcomes,
    relations,
    told,
    value,
)

TODAY, TOMORROW = "events_p20261124", "events_p20261125"
SERIAL = count(1)


def test_a_default_partition_is_made_when_it_is_asked_for(database, pg):
    a_table(pg)
    engine = an_engine(database)
    daily(engine, count=1, default_partition=True)
    report = engine.maintain()
    assert report.exit_code == 0
    assert children(pg)["events_pdefault"] == "DEFAULT"
    pg.execute("INSERT INTO events VALUES ('1999-01-01')")
    assert not engine.plan().operations


def test_what_is_made_together_with_a_default_partition_can_be_retired_at_once(
    database, pg
):
    """The run began without DEFAULT; at its end no detach can be concurrent."""
    a_table(pg)
    engine = an_engine(database)
    daily(engine, count=3, start="2026-11-20")
    engine.maintain()
    daily(
        engine, count=3, default_partition=True, retention_period="2 days", confirm=True
    )
    report = engine.maintain()
    assert report.exit_code == 0, report
    assert ("detach", "events_p20261120") in told(report)
    assert not engine.plan().operations


def test_names_that_strangers_have_get_a_hash(database, pg):
    """Tables, views, sequences and types all stand in the way of a table's name."""
    a_table(pg)
    pg.execute(f"CREATE VIEW {TODAY} AS SELECT 1")
    pg.execute(f"CREATE TABLE {TOMORROW} (n int)")
    pg.execute("CREATE TYPE events_p20261126 AS ENUM ('a')")
    pg.execute("CREATE DOMAIN events_p20261127 AS int[]")
    engine = an_engine(database)
    daily(engine, count=5)
    report = engine.maintain()
    assert report.exit_code == 0, report
    found = children(pg)
    assert len(found) == 5
    taken = {f"events_p202611{day}" for day in (24, 25, 26, 27)}
    assert not taken & set(found)
    assert "events_p20261128" in found
    assert not engine.plan().operations


def test_what_was_detached_by_hand_again_and_again_keeps_its_name(database, pg):
    """The name that is planned instead of the first may be taken as well."""
    a_table(pg)
    engine = an_engine(database)
    daily(engine, count=1)
    for _ in range(4):
        report = engine.maintain()
        assert report.exit_code == 0, report
        [partition] = children(pg)
        pg.execute(f"ALTER TABLE events DETACH PARTITION {partition}")
    assert len(relations(pg)) == 5


def test_a_name_that_is_taken_in_between_costs_one_run(database, pg):
    a_table(pg)

    class Taker:
        @hookimpl
        def partman_event(self, event):
            if event.kind == "run-started":
                pg.execute(f"CREATE TABLE IF NOT EXISTS {TODAY} (n int)")

    engine = an_engine(database, plugins=[Taker()])
    daily(engine, count=2)
    report = engine.maintain()
    assert report.exit_code == 0, report
    assert len(children(pg)) == 2
    assert TODAY not in children(pg)


def test_an_attach_that_is_refused_leaves_nothing_half_made(database, pg):
    """Somebody made an overlapping partition after the plan was made."""
    a_table(pg)

    class Meddler:
        done = False

        @hookimpl
        def partman_event(self, event):
            if event.kind == "created" and not self.done:
                self.done = True
                pg.execute(
                    "CREATE TABLE theirs PARTITION OF events"
                    " FOR VALUES FROM ('2026-11-25') TO ('2026-11-26')"
                )

    engine = an_engine(database, plugins=[Meddler()])
    daily(engine)
    report = engine.maintain()
    [out] = outcomes(report, "failed")
    assert (out.operation.name.relation, out.sqlstate) == (TOMORROW, "42P17")
    assert out.hint
    assert report.exit_code == 3
    assert sorted(children(pg)) == [TODAY, "events_p20261126", "theirs"]
    assert not is_there(pg, TOMORROW)
    assert value(pg, "SELECT count(*) FROM partman.managed_partitions") == 2
    assert not engine.plan().operations


class Killer:
    """Ends an engine after everything is built and before anything is attached."""

    def __init__(self, kind: str = "created") -> None:
        self.kind = kind

    @hookimpl
    def partman_event(self, event):
        if event.kind == self.kind:
            raise KeyboardInterrupt


def test_a_table_that_a_killed_run_built_is_attached_by_the_next(database, pg):
    a_table(pg)
    killed = an_engine(database, plugins=[Killer()])
    daily(killed)
    report = killed.maintain()
    assert report.interrupted
    assert children(pg) == {}
    assert len(relations(pg)) == 4
    engine = an_engine(database)
    [first, *_] = engine.plan().operations
    assert first.built
    assert told(engine.maintain()) == [
        ("create", TODAY),
        ("create", TOMORROW),
        ("create", "events_p20261126"),
    ]
    assert len(children(pg)) == 3
    assert not engine.plan().operations


def test_a_built_table_that_nobody_wants_is_removed_if_it_is_empty(database, pg):
    a_table(pg)
    killed = an_engine(database, plugins=[Killer()])
    daily(killed)
    killed.maintain()
    later = an_engine(database, NOW.replace(day=26))
    report = later.maintain()
    assert ("discard", TODAY) in told(report)
    assert ("discard", TOMORROW) in told(report)
    assert sorted(children(pg)) == [
        "events_p20261126",
        "events_p20261127",
        "events_p20261128",
    ]
    assert relations(pg) == {"events", *children(pg)}


@pytest.mark.parametrize("forced", [False, True])
def test_a_built_table_that_holds_rows_is_kept_and_told(database, pg, forced):
    """Also where row security would hide them."""
    a_table(pg)
    if forced:
        pg.execute("ALTER TABLE events ENABLE ROW LEVEL SECURITY")
        pg.execute("ALTER TABLE events FORCE ROW LEVEL SECURITY")
    killed = an_engine(database, plugins=[Killer()])
    daily(killed)
    killed.maintain()
    pg.execute(f"INSERT INTO {TODAY} VALUES (%s)", [NOW])
    later = an_engine(database, NOW.replace(day=26))
    report = later.maintain()
    [out] = outcomes(report, "failed")
    assert (out.operation.kind, out.operation.name.relation) == ("discard", TODAY)
    assert "rows" in out.message
    assert out.hint
    assert report.exit_code == 3
    assert value(pg, f"SELECT count(*) FROM {TODAY}") == 1


def test_a_built_table_that_somebody_attached_elsewhere_is_left_alone(database, pg):
    a_table(pg)
    a_table(pg, "others")
    killed = an_engine(database, plugins=[Killer()])
    daily(killed)
    killed.maintain()
    pg.execute(
        f"ALTER TABLE others ATTACH PARTITION {TODAY}"
        " FOR VALUES FROM ('2020-01-01') TO ('2020-01-02')"
    )
    an_engine(database, NOW.replace(day=26)).maintain()
    assert is_there(pg, TODAY)


def test_a_built_table_that_no_longer_fits_is_built_anew(database, pg):
    """The parent has got a column since."""
    a_table(pg)
    killed = an_engine(database, plugins=[Killer()])
    daily(killed)
    killed.maintain()
    pg.execute("ALTER TABLE events ADD COLUMN more int NOT NULL DEFAULT 0")
    engine = an_engine(database)
    first = engine.maintain()
    assert {out.sqlstate for out in outcomes(first, "failed")} == {"42804"}
    assert engine.maintain().exit_code == 0
    assert len(children(pg)) == 3


def test_rows_in_default_keep_their_own_partition_away_and_no_other(database, pg):
    a_table(pg)
    pg.execute("CREATE TABLE rest PARTITION OF events DEFAULT")
    pg.execute("INSERT INTO events VALUES ('2026-11-25 10:00+00')")
    engine = an_engine(database)
    daily(engine)
    report = engine.maintain()
    [out] = outcomes(report, "failed")
    assert (out.operation.name.relation, out.sqlstate) == (TOMORROW, "23514")
    assert "DEFAULT" in out.hint
    assert report.exit_code == 3
    assert sorted(children(pg)) == [TODAY, "events_p20261126", "rest"]
    assert not is_there(pg, TOMORROW)
    assert value(pg, "SELECT count(*) FROM events") == 1


def test_with_a_default_partition_the_parent_is_locked_first_in_one_block(database, pg):
    a_table(pg)
    pg.execute("CREATE TABLE rest PARTITION OF events DEFAULT")
    engine = an_engine(database)
    daily(engine, count=2)
    plan = engine.plan()
    for explained in engine.explain(plan):
        attach = explained.steps[-1]
        assert [str(each) for each in attach.first] == [
            "public.events",
            "public.rest",
            str(explained.operation.name),
        ]
        assert attach.waits


def test_a_hundred_and_more_are_made_in_one_run(database, pg):
    a_table(pg)
    engine = an_engine(database)
    daily(engine, count=230)
    report = engine.maintain()
    assert len(told(report)) == 230
    assert len(children(pg)) == 230
    history = engine.history(limit=500)
    assert len(history) == 230
    assert all(0 < deed.seconds < 60 for deed in history)
