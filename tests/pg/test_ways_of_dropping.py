"""Law: nothing is dropped but what was retired, is out, is due, and is as it was.

Whatever changes between the plan and the drop keeps that one partition, on each of the
ways that a drop can take; the other one goes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from partman_core import hookimpl

from .helpers import (
    DAY,
    NOW,
    OLD,
    OLDER,
    a_table,
    an_engine,
    children,
    daily,
    is_there,
    outcomes,
    told,
    value,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from partman_core import Engine

    Connection = psycopg.Connection[Any]

WAYS = ("in a batch", "one by one", "after hooks", "after hooks, one by one")

BOUNDS = "FOR VALUES FROM ('2026-11-22') TO ('2026-11-23')"

FORGET_CHECK = f"""
DO $$
DECLARE found name;
BEGIN
    SELECT conname INTO STRICT found FROM pg_constraint
     WHERE conrelid = '{OLD}'::regclass AND contype = 'c';
    EXECUTE format('ALTER TABLE {OLD} DROP CONSTRAINT %I', found);
END $$"""

OURS = "relation = 'events_p20261122'::regclass"

CHANGES = {
    "attached": f"ALTER TABLE events ATTACH PARTITION {OLD} {BOUNDS}",
    "attached elsewhere": f"CREATE TABLE elsewhere (LIKE events) PARTITION BY RANGE"
    f" (at); ALTER TABLE elsewhere ATTACH PARTITION {OLD} {BOUNDS}",
    "unguarded": FORGET_CHECK,
    "held": "UPDATE partman.managed_partitions"
    f" SET hold_until = 'infinity' WHERE {OURS}",
    "not due any more": "UPDATE partman.detached_partitions"
    f" SET due = '2030-01-01' WHERE {OURS}",
    "never due": f"UPDATE partman.detached_partitions SET due = NULL WHERE {OURS}",
    "not retired": f"DELETE FROM partman.detached_partitions WHERE {OURS}",
    "renamed": f"ALTER TABLE {OLD} RENAME TO aside",
    "replaced": f"ALTER TABLE {OLD} RENAME TO aside; CREATE TABLE {OLD} (LIKE events)",
}


class Meddler:
    """Changes something once the run has planned, and before it drops."""

    def __init__(self, pg: Connection, change: str) -> None:
        self.pg, self.change, self.done = pg, change, False

    @hookimpl
    def partman_event(self, event):
        if event.kind == "attached" and not self.done:
            self.done = True
            self.pg.execute(self.change)


class Asked:
    """Has a say, and says yes."""

    @hookimpl
    def partman_pre_drop(self):
        """Let it go."""


def with_two_in_the_bin(
    database: str, pg: Connection, clock: Any, way: str
) -> Callable[..., Engine]:
    """Make a table of which two partitions are due, and return how to get engines."""
    pg.execute("CREATE TABLE kinds (kind int PRIMARY KEY)")
    link = "REFERENCES kinds" if "one by one" in way else ""
    a_table(pg, columns=f"at timestamptz NOT NULL, kind int {link}")
    settings = {"start": "2026-11-21", "retention_period": "1 day", "max_drops": 9}
    clock.now = NOW - 3 * DAY
    engine = an_engine(database, clock)
    daily(engine, count=2, grace_period="1 day", **settings)
    engine.maintain()
    pg.execute("INSERT INTO events VALUES ('2026-11-21 12:00'), ('2026-11-22 12:00')")
    clock.now = NOW
    assert engine.maintain().exit_code == 0
    assert not {OLD, OLDER} & children(pg).keys()
    clock.now += DAY
    asked = [Asked()] if "hooks" in way else []
    return lambda *plugins: an_engine(database, clock, plugins=[*plugins, *asked])


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("way", WAYS)
def test_what_has_changed_since_the_plan_stays(database, pg, clock, way, change):
    an_engine_with = with_two_in_the_bin(database, pg, clock, way)
    plan = an_engine_with().plan()
    assert [op.name.relation for op in plan.operations if op.kind == "drop"] == [
        OLDER,
        OLD,
    ]
    oid = value(pg, f"SELECT '{OLD}'::regclass::oid")
    meddler = Meddler(pg, CHANGES[change])
    report = an_engine_with(meddler).maintain()
    assert meddler.done
    assert ("drop", OLDER) in told(report)
    assert not is_there(pg, OLDER)
    [out] = [out for out in outcomes(report) if out.operation.name.relation == OLD]
    assert out.result != "done"
    assert out.message
    name = value(pg, "SELECT %s::regclass::text", str(oid))
    assert value(pg, f"SELECT count(*) FROM {name}") == 1


@pytest.mark.parametrize("change", ["held", "not due any more", "not retired"])
@pytest.mark.parametrize("way", WAYS[2:])
def test_what_changes_while_a_hook_runs_stays(database, pg, clock, way, change):
    class Late:
        @hookimpl
        def partman_pre_drop(self, partition):
            if partition.name.relation == OLD:
                pg.execute(CHANGES[change])

    an_engine_with = with_two_in_the_bin(database, pg, clock, way)
    report = an_engine_with(Late()).maintain()
    assert ("drop", OLDER) in told(report)
    assert ("drop", OLD) not in told(report)
    assert value(pg, f"SELECT count(*) FROM {OLD}") == 1


@pytest.mark.parametrize("way", WAYS)
def test_what_is_as_it_was_goes(database, pg, clock, way):
    report = with_two_in_the_bin(database, pg, clock, way)().maintain()
    assert report.exit_code == 0, report
    assert {("drop", OLD), ("drop", OLDER)} <= set(told(report))
    assert not is_there(pg, OLD)
