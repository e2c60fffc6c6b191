"""Holds: whoever sets one keeps the partition, whatever retention says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from partman_core import hookimpl
from partman_core.errors import ConfigError

from .helpers import (
    DAY,
    NOW,
    OLD,
    OLDER,
    TODAY,
    a_table,
    an_engine,
    children,
    is_there,
    name,
    outcomes,
    told,
    value,
    with_history,
)

if TYPE_CHECKING:
    from partman_core import Engine

    Connection = psycopg.Connection[Any]


@pytest.fixture
def engine(database: str, pg: Connection, clock: Any) -> Engine:
    """Return an engine for a table of which two partitions are over."""
    return with_history(database, pg, clock, grace_period="1 day")


def findings(engine: Engine, code: str = "held") -> list[Any]:
    return [found for found in engine.plan().findings if found.code == code]


def refused(engine: Engine, partition: str = OLD, **more: Any) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        engine.hold(partition, **{"reason": "court", **more})
    assert caught.value.exit_code == 4
    return caught.value


def test_what_is_on_hold_is_not_retired_and_the_plan_says_why(pg, engine):
    held = engine.hold(OLD, reason="court", until=datetime(2027, 1, 1, tzinfo=UTC))
    assert (held.partition, held.table) == (name(OLD), name("events"))
    assert (held.in_bin, held.before) == (False, None)
    [found] = findings(engine)
    assert "on hold until 2027-01-01 00:00 UTC: court" in found.message
    assert f"`partman release public.{OLD}`" in found.hint
    assert told(engine.maintain()) == [("detach", OLDER)]
    assert OLD in children(pg)
    [shown] = [p for p in engine.partitions("events") if p.hold_until]
    assert (shown.name, shown.hold_reason) == (name(OLD), "court")


def test_its_health_shows_it(engine):
    engine.hold(OLD, reason="court")
    [health] = engine.check()
    [found] = [found for found in health.findings if found.code == "held"]
    assert "on hold: court" in found.message


def test_without_an_end_it_holds_for_ever(pg, engine, clock):
    held = engine.hold(OLD, reason="court")
    assert held.until is None
    clock.now += 20_000 * DAY
    assert ("detach", OLD) not in told(engine.maintain(max_drops=99))
    assert OLD in children(pg)


def test_when_it_ends_retention_has_its_way(pg, engine, clock):
    engine.hold(OLD, reason="court", until=clock.now + DAY)
    assert told(engine.maintain()) == [("detach", OLDER)]
    clock.now += DAY
    assert ("detach", OLD) in told(engine.maintain())


def test_in_the_bin_it_is_not_dropped_and_that_is_no_failure(pg, engine, clock):
    engine.maintain()
    assert engine.hold(OLD, reason="court").in_bin
    clock.now += 2 * DAY
    [found] = findings(engine)
    assert f"public.{OLD} would be dropped, but stays: on hold: court." == found.message
    report = engine.maintain()
    assert report.exit_code == 0
    assert ("drop", OLDER) in told(report)
    assert is_there(pg, OLD)
    engine.release(OLD)
    assert ("drop", OLD) in told(engine.maintain())
    assert not is_there(pg, OLD)


def test_before_its_time_in_the_bin_nobody_need_be_told(engine):
    engine.maintain()
    engine.hold(OLD, reason="court")
    assert findings(engine) == []


def test_what_was_to_be_moved_is_not_moved(database, pg, clock):
    """Its detach is done, and its schema was missing when it was to be moved."""
    pg.execute("CREATE SCHEMA attic")
    engine = with_history(
        database, pg, clock, retention_action="move", retention_schema="attic"
    )

    class Holder:
        @hookimpl
        def partman_event(self, event):
            if event.kind == "detached":
                pg.execute("ALTER SCHEMA attic RENAME TO elsewhere")

    an_engine(database, clock, plugins=[Holder()]).maintain(max_drops=9)
    pg.execute("ALTER SCHEMA elsewhere RENAME TO attic")
    engine.hold(OLD, reason="court")
    [found] = findings(engine)
    assert "would be moved" in found.message
    assert told(engine.maintain()) == [("move", OLDER)]


def test_a_second_hold_takes_the_place_of_the_first(engine):
    engine.hold(OLD, reason="court", until=NOW + DAY)
    held = engine.hold(OLD, reason="audit")
    assert (held.reason, held.until) == ("audit", None)
    assert (held.before.reason, held.before.until) == ("court", NOW + DAY)
    assert held.before.before is None


def test_what_is_let_go_is_retired_and_what_was_not_held_is_told(pg, engine):
    engine.hold(OLD, reason="court")
    assert engine.release(f"public.{OLD.upper()}").reason == "court"
    assert engine.release(OLD) is None
    assert ("detach", OLD) in told(engine.maintain())


def test_a_hold_that_is_over_was_none(engine, clock):
    engine.hold(OLD, reason="court", until=NOW + DAY)
    clock.now += 2 * DAY
    assert engine.release(OLD) is None
    assert engine.hold(OLD, reason="audit").before is None


def test_a_moment_in_another_zone_is_the_same_moment(engine):
    east = timezone(timedelta(hours=9))
    held = engine.hold(OLD, reason="x", until=datetime(2027, 1, 1, tzinfo=east))
    assert held.until == datetime(2026, 12, 31, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("until", "code"),
    [
        (NOW - DAY, "hold-over"),
        (NOW, "hold-over"),
        (datetime(2027, 1, 1), "naive-time"),
    ],
)
def test_an_end_that_is_over_or_no_moment_is_refused(engine, until, code):
    assert refused(engine, until=until).code == code


def test_an_end_beyond_all_years_is_none(engine):
    west = timezone(timedelta(hours=-9))
    held = engine.hold(OLD, reason="x", until=datetime.max.replace(tzinfo=west))
    assert held.until is None


@pytest.mark.parametrize("reason", ["", "  \n"])
def test_a_hold_needs_a_reason(engine, reason):
    assert refused(engine, reason=reason).code == "no-reason"


@pytest.mark.parametrize("reason", ['it\'s "here" 100%s', "день\nи ночь", "x" * 10_000])
def test_any_reason_will_do(engine, reason):
    held = engine.hold(OLD, reason=reason)
    assert held.reason == " ".join(reason.split())
    [found] = findings(engine)
    assert held.reason in found.message


def test_somebody_elses_partition_is_never_retired_anyway(pg, engine):
    pg.execute(
        "CREATE TABLE foreigner PARTITION OF events"
        " FOR VALUES FROM ('2020-01-01') TO ('2021-01-01')"
    )
    error = refused(engine, "foreigner")
    assert error.code == "never-retired"
    assert "partman adopt public.events" in error.hint
    assert engine.release("foreigner") is None


def test_default_is_never_retired_anyway(pg, engine):
    pg.execute("CREATE TABLE rest PARTITION OF events DEFAULT")
    assert refused(engine, "rest").code == "never-retired"


@pytest.mark.parametrize(
    ("written", "hint"),
    [("events_p2026112", "did you mean"), ('"EVENTS_P20261122"', OLD),
     ("nothing_like_it", "partman partitions"), ("other.events_p20261122", OLD)],
)  # fmt: skip
def test_an_unknown_name_is_refused(engine, written, hint):
    error = refused(engine, written)
    assert error.code == "unknown-partition"
    assert hint in error.hint


def test_a_name_that_is_none_is_refused(engine):
    assert refused(engine, "a.b.c").code == "bad-name"


def test_before_anything_was_registered_there_is_nothing_to_hold(database, pg):
    a_table(pg)
    assert refused(an_engine(database)).code == "unknown-partition"


def test_what_somebody_detached_by_hand_is_no_partition(pg, engine):
    pg.execute(f"ALTER TABLE events DETACH PARTITION {OLD}")
    assert refused(engine).code == "unknown-partition"


def test_what_is_not_over_yet_can_be_held_as_well(pg, engine, clock):
    engine.hold(TODAY, reason="court")
    clock.now += 30 * DAY
    engine.maintain(max_drops=99)
    assert TODAY in children(pg)


def test_a_hold_follows_its_table_through_a_change_of_name(pg, engine):
    engine.hold(OLD, reason="court")
    pg.execute(f"ALTER TABLE {OLD} RENAME TO evidence")
    assert engine.release("evidence").reason == "court"


def test_what_is_dropped_while_it_is_to_be_held_is_told(pg, database, engine, clock):
    engine.maintain()
    clock.now += 2 * DAY

    class Slow(psycopg.Connection[Any]):
        def execute(self, query: Any, *args: Any, **kwargs: Any) -> Any:
            text = query if isinstance(query, str) else query.as_string(None)
            if "SET hold_until" in text:
                engine.maintain()
            return super().execute(query, *args, **kwargs)

    late = an_engine(lambda: Slow.connect(database, autocommit=True), clock)
    assert "dropped meanwhile" in refused(late).message


def test_a_hold_between_the_plan_and_the_drop_wins(pg, database, engine, clock):
    """The plan does not know of it; what is looked at under lock does."""
    engine.maintain()
    clock.now += 2 * DAY

    class Holder:
        @hookimpl
        def partman_event(self, event):
            if event.kind == "attached":
                engine.hold(OLD, reason="court")

    report = an_engine(database, clock, plugins=[Holder()]).maintain()
    [out] = [o for o in outcomes(report) if o.operation.name.relation == OLD]
    assert out.result != "done"
    assert "hold" in out.message or "held" in out.message
    assert value(pg, f"SELECT count(*) FROM {OLD}") == 24
