"""One brings a partition back while another drops it: one of them has its way."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from partman_core import hookimpl
from partman_core.errors import ConfigError

from .helpers import (
    DAY,
    OLD,
    OLDER,
    PATIENCE,
    an_engine,
    children,
    daily,
    is_there,
    outcomes,
    told,
    value,
    with_history,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from partman_core import Engine
    from partman_core.report import Report

    Connection = psycopg.Connection[Any]

ROUNDS = 12
WAITS = "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND relation = %s)"


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(2) as found:
        yield found


def retired(
    database: str, pg: Connection, clock: Any, *, in_default: bool = False
) -> Engine:
    """Return an engine with two partitions in its bin whose time is over."""
    engine = with_history(database, pg, clock, in_default=in_default)
    retire(engine, clock)
    return engine


def retire(engine: Engine, clock: Any) -> None:
    """Take out what is over, and let its time pass; nothing but drops is due then.

    An attach may hold its locks for long, as others have to come and wait for them.
    """
    more = {
        "grace_period": "1 day", "lock_patience": "5 seconds",
        "max_stall": "20 seconds", "confirm": True,
    }  # fmt: skip
    daily(engine, count=2, retention_period="1 day", **more)
    assert ("detach", OLD) in told(engine.maintain(max_drops=99))
    daily(engine, count=2, retention_period="99 days", **more)
    clock.now += DAY
    engine.create_future_partitions()


def of_old(report: Report) -> Any:
    [out] = [o for o in outcomes(report) if o.operation.name.relation == OLD]
    return out


@pytest.mark.parametrize("in_default", [False, True])
def test_what_is_attached_while_a_drop_waits_for_it_stays(
    database, pg, clock, other, pool, in_default
):
    engine = retired(database, pg, clock, in_default=in_default)
    oid = value(pg, "SELECT %s::regclass::oid", OLD)
    brake = other(autocommit=False)
    brake.execute(
        "SELECT FROM partman.detached_partitions WHERE relation = %s FOR UPDATE", [oid]
    )
    attaching = pool.submit(an_engine(database, clock).attach, OLD, hold=False)
    held = "SELECT EXISTS (SELECT FROM pg_locks WHERE granted AND relation = %s)"
    while not value(pg, held, oid):
        assert not attaching.done()
    dropping = pool.submit(engine.maintain)
    while not value(pg, WAITS, oid):
        assert not dropping.done()
    brake.rollback()
    attached, dropped = attaching.result(PATIENCE), dropping.result(PATIENCE)
    assert told(attached) == [("attach", OLD)]
    assert of_old(dropped).result != "done"
    assert "attached" in of_old(dropped).message
    assert ("drop", OLDER) in told(dropped)
    assert value(pg, f"SELECT count(*) FROM {OLD}") == 24


def test_what_is_dropped_while_an_attach_waits_for_it_is_told(
    database, pg, clock, pool
):
    retired(database, pg, clock)
    begun, go_on = threading.Event(), threading.Event()

    class Archive:
        @hookimpl
        def partman_pre_drop(self, partition):
            if partition.name.relation == OLD:
                begun.set()
                assert go_on.wait(PATIENCE)

    slow = an_engine(database, clock, plugins=[Archive()])
    dropping = pool.submit(slow.maintain)
    assert begun.wait(PATIENCE)
    attaching = pool.submit(an_engine(database, clock).attach, OLD)
    runs = (
        "SELECT EXISTS (SELECT FROM partman.maintenance_runs WHERE command = 'attach')"
    )
    while not value(pg, runs):
        assert not attaching.done()
    go_on.set()
    assert ("drop", OLD) in told(dropping.result(PATIENCE))
    report = attaching.result(PATIENCE)
    assert not _is_attached(report)
    assert report.exit_code in {3, 4}
    assert OLD not in children(pg)


@pytest.mark.parametrize("in_default", [False, True])
def test_at_the_same_time_one_of_them_has_its_way_and_the_other_says_so(
    database, pg, clock, pool, in_default
):
    """Whoever comes first; the loser says what became of it, and no row is lost."""
    engine = retired(database, pg, clock, in_default=in_default)
    for number in range(ROUNDS):
        together = threading.Barrier(2)
        dropping = pool.submit(_after, together, an_engine(database, clock).maintain)
        attaching = pool.submit(_after, together, an_engine(database, clock).attach)
        dropped, attached = dropping.result(PATIENCE), attaching.result(PATIENCE)
        back = _is_attached(attached)
        assert (OLD in children(pg)) == back == is_there(pg, OLD), number
        gone = ("drop", OLD) in told(dropped)
        assert back != gone, (dropped, attached)
        assert "deadlock" not in f"{dropped}{attached}"
        if back:
            assert value(pg, f"SELECT count(*) FROM {OLD}") == 24
        _once_more(pg, engine, clock, back=back)


def _after(together: threading.Barrier, deed: Any) -> Any:
    together.wait(PATIENCE)
    if deed.__name__ == "maintain":
        return deed()
    try:
        return deed(OLD)
    except ConfigError as error:
        return error


def _is_attached(told_of: Report | ConfigError) -> bool:
    if isinstance(told_of, ConfigError):
        assert told_of.code == "not-in-bin"
        return False
    if told(told_of):
        return True
    table = told_of.tables[0]
    said = table.error or outcomes(told_of)[0].message
    assert "gone" in said or "not in the bin" in said, told_of
    return False


def _once_more(pg: Connection, engine: Engine, clock: Any, *, back: bool) -> None:
    """Have it in the bin again, its time over."""
    if not back:
        pg.execute(
            f"CREATE TABLE {OLD} PARTITION OF events"
            " FOR VALUES FROM ('2026-11-22') TO ('2026-11-23')"
        )
        pg.execute(
            f"INSERT INTO {OLD} SELECT g, 'x' FROM generate_series("
            "'2026-11-22'::timestamptz, '2026-11-22 23:00', '1 hour') g"
        )
        engine.import_existing_partitions("events", confirm=True)
    else:
        engine.release(OLD)
    retire(engine, clock)
