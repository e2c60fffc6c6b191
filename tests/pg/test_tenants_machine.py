"""Tenants through time: they come, change their minds and go, in all three layouts.

Beside the database runs a model of which rows there must be: nobody loses a row but to
retention, by its own settings, and every tenant that is known can always insert.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import count

import psycopg
import pytest
from hypothesis import HealthCheck, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from psycopg.conninfo import make_conninfo

from partman_core import Engine, hookimpl

from ..conftest import drop_database, new_database

SERIAL = count(1)
DAY = timedelta(days=1)
NAMES = ("acme", "ACME", "o'brien", "käse 🧀", "7", "a_b", "a b")
KEPT = (None, 1, 3, 30)
MANY = 10**6
LEAVES = """
SELECT c.oid::regclass::text FROM pg_partition_tree('events') t
  JOIN pg_class c ON c.oid = t.relid WHERE t.isleaf AND c.relkind = 'r' ORDER BY 1"""


class Killer:
    """Has a run end after so many events."""

    left: int | None = None

    @hookimpl
    def partman_event(self):
        if self.left is not None:
            self.left -= 1
            if self.left < 0:
                raise KeyboardInterrupt


class Tenants(RuleBasedStateMachine):
    """One table of tenants, in days.

    :ivar known: the registered tenants, and for how many days each is kept.
    :ivar rows: by number, whose it is and when; what may be gone is taken out.
    """

    server: str
    template: str
    key: str

    def __init__(self) -> None:
        super().__init__()
        self.database = f"partman_tenants_{next(SERIAL)}"
        new_database(self.server, self.database, self.template)
        self.dsn = make_conninfo(self.server, dbname=self.database)
        self.pg = psycopg.connect(self.dsn, autocommit=True)
        self.pg.execute(
            "CREATE TABLE events (tenant text NOT NULL, at timestamptz NOT NULL, n int)"
            f" PARTITION BY {self.key}"
        )
        self.killer = Killer()
        self.engine = Engine(self.dsn, clock=lambda: self.now, plugins=[self.killer])
        self.serial = count(1)
        self.known: dict[str, int | None] = {}
        self.rows: dict[int, tuple[str, datetime]] = {}
        self.spoilt: set[tuple[str, datetime]] = set()

    def teardown(self) -> None:
        self.pg.close()
        drop_database(self.server, self.database)

    @initialize(kept=st.sampled_from(KEPT))
    def begin(self, kept: int | None) -> None:
        self.now = datetime(2026, 11, 24, 15, 40, tzinfo=UTC)
        self.declare(kept)

    @rule(kept=st.sampled_from(KEPT))
    def declare(self, kept: int | None) -> None:
        self.kept = kept
        self.engine.register(
            "events", confirm=True, tenant_column="tenant", partition_by="at",
            partition_interval="1 day", partition_count=2,
            retention_period=kept and f"{kept} days",
        )  # fmt: skip

    @rule(name=st.sampled_from(NAMES), kept=st.sampled_from(KEPT))
    def a_tenant_comes(self, name: str, kept: int | None) -> None:
        self.engine.register_tenant(
            "events", name, confirm=True, retention_period=kept and f"{kept} days"
        )
        self.known[name] = kept

    @precondition(lambda self: self.known)
    @rule(data=st.data())
    def a_tenant_goes(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(sorted(self.known)))
        self.engine.remove_tenants("events", [name], confirm=True)
        del self.known[name]

    @rule(hours=st.integers(1, 100))
    def time_passes(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @rule()
    def maintain(self) -> None:
        self._forget_what_is_over()
        report = self.engine.maintain(max_drops=MANY)
        note(str(report))
        assert report.exit_code == 0, report
        assert self.engine.plan().operations == (), "law 1"
        for name in self.known:
            for ahead in (0, 1):
                self._insert(name, self.now + ahead * DAY)

    @rule(left=st.integers(0, 12))
    def a_run_is_cut_short(self, left: int) -> None:
        self._forget_what_is_over()
        self.killer.left = left
        with suppress(KeyboardInterrupt):
            note(str(self.engine.maintain(max_drops=MANY)))
        self.killer.left = None

    @rule(data=st.data())
    def somebody_drops_a_partition(self, data: st.DataObject) -> None:
        leaves = [name for (name,) in self.pg.execute(LEAVES)]
        if leaves:
            self._drop(data.draw(st.sampled_from(leaves)))

    def _drop(self, name: str) -> None:
        gone = [n for (n,) in self.pg.execute(f"SELECT n FROM {name}")]
        self.pg.execute(f"DROP TABLE {name}")
        for number in gone:
            self.rows.pop(number, None)

    def _insert(self, name: str, at: datetime) -> None:
        number = next(self.serial)
        self.pg.execute("INSERT INTO events VALUES (%s, %s, %s)", [name, at, number])
        self.rows[number] = (name, at)

    def _kept(self, name: str) -> int | None:
        own = self.known.get(name)
        return self.kept if own is None else own

    def _forget_what_is_over(self) -> None:
        """What ended longer ago than its tenant is kept may be gone from now on."""
        for number, (name, at) in list(self.rows.items()):
            kept = self._kept(name)
            ends = at.replace(hour=0, minute=0) + DAY
            if kept is not None and ends <= self.now - kept * DAY:
                del self.rows[number]

    @invariant()
    def no_row_is_lost(self) -> None:
        if hasattr(self, "now"):
            there = {n for (n,) in self.pg.execute("SELECT n FROM events")}
            assert set(self.rows) <= there


@pytest.mark.parametrize("key", ["RANGE (tenant, at)", "LIST (tenant)", "RANGE (at)"])
def test_nobody_loses_a_row_and_everybody_can_insert(server_dsn, template_db, key):
    given = {"server": server_dsn, "template": template_db, "key": key}
    machine = type("Machine", (Tenants,), given)
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=8, stateful_step_count=20, deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip
