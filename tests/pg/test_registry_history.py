"""Runs and deeds are told, and records of what is gone are forgotten."""

from __future__ import annotations

from datetime import timedelta

from partman_core.model import Deed
from partman_core.naming import Name
from partman_core.pg import holds, registry
from partman_core.pg.records import Records

from .flights import (
    FLIGHTS,
    NOW,
    SCHEMA,
    a_parent,
    managed,
    recorded,
    start,
)

LATER = NOW + timedelta(hours=1)


def deed(run, table, partition):
    return Deed(
        run=run,
        at=NOW,
        table=table,
        kind="drop",
        partition=Name("public", partition),
        bounds="DEFAULT",
        rows=7,
        bytes=8192,
        seconds=0.5,
    )


def test_runs_are_told_newest_first(ready):
    assert registry.runs(ready, SCHEMA) == []
    assert registry.last(ready, SCHEMA) == (None, None)
    first, second = start(ready), start(ready, command="apply")
    assert second > first
    assert registry.last(ready, SCHEMA) == (registry.runs(ready, SCHEMA)[0], None)
    registry.finish_run(ready, SCHEMA, first, result="done", now=LATER)
    registry.finish_run(
        ready, SCHEMA, second, result="failed", message="disk full", now=LATER
    )
    newest, oldest = registry.runs(ready, SCHEMA)
    assert (newest.id, newest.command, newest.result) == (second, "apply", "failed")
    assert newest.message == "disk full"
    assert (oldest.actor, oldest.started_at, oldest.finished_at) == (
        "mia@host",
        NOW,
        LATER,
    )
    assert registry.runs(ready, SCHEMA, 1) == [newest]
    assert registry.last(ready, SCHEMA) == (newest, LATER)


def test_history_is_told_newest_first_and_by_table(ready):
    run = start(ready)
    records = Records(schema=SCHEMA, run=run, now=NOW)
    other = Name("a.b", 'Odd "one"')
    ready.execute(records.done([deed(run, FLIGHTS, "p1"), deed(run, FLIGHTS, "P 2")]))
    ready.execute(records.failed([deed(run, other, "p3")]))
    found = registry.history(ready, SCHEMA)
    assert [(d.table, d.partition.relation, d.result) for d in found] == [
        (other, "p3", "failed"),
        (FLIGHTS, "P 2", "done"),
        (FLIGHTS, "p1", "done"),
    ]
    assert (found[-1].rows, found[-1].bytes, found[-1].bounds) == (7, 8192, "DEFAULT")
    assert (found[-1].at, found[-1].run) == (NOW, run)
    assert registry.history(ready, SCHEMA, [other]) == found[:1]
    assert registry.history(ready, SCHEMA, [FLIGHTS, other]) == found
    assert registry.history(ready, SCHEMA, limit=2) == found[:2]
    assert registry.history(ready, SCHEMA, [Name("public", "no")]) == []


def test_what_somebody_detached_or_dropped_by_hand_is_forgotten(ready):
    parent = a_parent(ready)
    detached = recorded(ready, parent, "detached")
    ready.execute("ALTER TABLE flights DETACH PARTITION detached")
    dropped = recorded(ready, parent, "dropped")
    ready.execute("DROP TABLE dropped")
    kept = {
        recorded(ready, parent, "attached"),
        recorded(ready, parent, "built", attach=False),
    }
    gone = registry.forget_stale(ready, SCHEMA)
    assert sorted(gone) == sorted([detached, dropped])
    rows = ready.execute("SELECT relation::oid FROM partman.managed_partitions")
    assert {oid for (oid,) in rows} == kept
    assert registry.forget_stale(ready, SCHEMA) == []


def test_the_bin_forgets_only_what_is_gone(ready):
    parent = a_parent(ready)
    binned = recorded(ready, parent, "binned")
    for oid in (binned, 1):
        ready.execute(
            "INSERT INTO partman.detached_partitions"
            " (relation, parent, bounds, action, retired_at)"
            " VALUES (%s::oid, %s::oid, 'DEFAULT', 'drop', now())",
            [oid, parent],
        )
    ready.execute("ALTER TABLE flights DETACH PARTITION binned")
    assert registry.forget_stale(ready, SCHEMA) == []
    rows = ready.execute("SELECT relation::oid FROM partman.detached_partitions")
    assert rows.fetchall() == [(binned,)]


def test_what_was_inside_of_a_partition_that_is_gone_is_forgotten(ready):
    """Unless somebody has it on hold; of a table that is gone the bin is still told."""
    table, gone = a_parent(ready), 1
    managed(ready, "flights", {})
    binned = {}
    for name, parent in (("inside", gone), ("held", gone), ("outside", table)):
        binned[name] = recorded(ready, table, name)
        ready.execute(f"ALTER TABLE flights DETACH PARTITION {name}")
        ready.execute(
            "INSERT INTO partman.detached_partitions"
            " (relation, parent, bounds, action, retired_at)"
            " VALUES (%s::oid, %s::oid, 'DEFAULT', 'drop', now())",
            [binned[name], parent],
        )
    holds.put_on_hold(ready, SCHEMA, binned["held"], None, "court")
    ready.execute("DROP TABLE flights")
    assert registry.forget_stale(ready, SCHEMA) == [binned["inside"]]
    rows = ready.execute("SELECT relation::oid FROM partman.detached_partitions")
    assert {oid for (oid,) in rows} == {binned["held"], binned["outside"]}
