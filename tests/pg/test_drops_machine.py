"""Before rows are gone for good everything is looked at once more, under lock.

A drop is planned as soon as a partition is out.  Then people do with it what they
like; whenever the drop is tried, it succeeds if and only if it is the same relation,
attached to nothing, recorded, past its grace, not on hold, kept by no plugin, and the
CHECK of its bounds still stands.
"""

from __future__ import annotations

from datetime import timedelta
from itertools import count
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)
from psycopg.conninfo import make_conninfo

from partman_core import hookimpl
from partman_core.pg import catalog, holds, registry, session
from partman_core.plan import Detach, Drop
from partman_core.plugins import Plugins

from ..conftest import drop_database, new_database
from .doing import performed
from .helpers import NOW, value

SERIAL = count(1)
HOUR = timedelta(hours=1)
GRACE = 3 * HOUR


class Guardian:
    """A plugin that can be told to keep what is to be dropped."""

    keeps = False

    @hookimpl
    def partman_pre_drop(self) -> None:
        if self.keeps:
            raise RuntimeError("not yet")


class Bin(RuleBasedStateMachine):
    """One partition after the other leaves a table; each is dropped, or is not.

    :ivar name: the one that is out, as it is called now.
    :ivar drop: its drop, planned when it left.
    :ivar home: the table that it is attached to; None: to none.
    """

    server: str
    template: str

    def __init__(self) -> None:
        super().__init__()
        self.database = f"partman_drops_{next(SERIAL)}"
        new_database(self.server, self.database, self.template)
        self.dsn = make_conninfo(self.server, dbname=self.database)
        self.pg = session.connect(self.dsn)
        registry.ensure(self.pg, "partman")
        for table in ("events", "others"):
            self.pg.execute(f"CREATE TABLE {table} (k int) PARTITION BY RANGE (k)")
        self.now = NOW
        self.guardian = Guardian()
        self.number = 0

    def teardown(self) -> None:
        self.pg.close()
        drop_database(self.server, self.database)

    @initialize(plainly=st.booleans())
    def begin(self, plainly: bool) -> None:
        if plainly:
            self.pg.execute("CREATE TABLE rest PARTITION OF events DEFAULT")
        self.a_partition_leaves()

    def a_partition_leaves(self) -> None:
        self.number += 1
        self.name, self.home = f"part_{self.number}", None
        self.check: str | None = None
        self.stand_in = False
        self.known = True
        self.held_until = self.now
        self.due = self.now + GRACE
        self.pg.execute(f"CREATE TABLE {self.name} PARTITION OF events {self.bounds}")
        self.pg.execute("INSERT INTO events VALUES (%s)", [self.number])
        self.pg.execute(
            "INSERT INTO partman.managed_partitions (relation, parent, bounds,"
            " attached, origin, created_at) SELECT %s::regclass, 'events', %s, true,"
            " 'made', now()",
            [self.name, self.bounds],
        )
        self._retire()

    @property
    def bounds(self) -> str:
        return f"FOR VALUES FROM ({self.number}) TO ({self.number + 1})"

    def _tree(self) -> Any:
        oid = value(self.pg, "SELECT 'events'::regclass::oid")
        return catalog.trees(self.pg, "partman", [oid])[oid]

    def _retire(self) -> None:
        tree = self._tree()
        detach = Detach(
            table=tree.name,
            partition=next(p for p in tree.partitions if p.name.relation == self.name),
            reason="",
            action="drop",
            concurrently=tree.default is None,
            due=self.due,
        )
        assert self._does(detach)
        retired = max(self._tree().bin, key=lambda found: found.oid)
        self.drop = Drop(table=tree.name, retired=retired, reason="")

    def _does(self, operation: Detach | Drop) -> bool:
        """Do an operation as a run does; say whether it was done."""
        tree = self._tree()
        plugins = Plugins((self.guardian,)) if self.guardian.keeps else Plugins()
        report = performed(
            self.pg, tree, operation,
            connect=lambda: session.connect(self.dsn), plugins=plugins, now=self.now,
        )  # fmt: skip
        [out] = report.outcomes
        return out.result == "done"

    @rule(hours=st.integers(-2, 8))
    def the_clock_is_moved(self, hours: int) -> None:
        self.now += hours * HOUR

    @precondition(lambda self: self.known)
    @rule(hours=st.integers(1, 4))
    def somebody_holds_it(self, hours: int) -> None:
        self.held_until = self.now + hours * HOUR
        oid = self.drop.retired.oid
        assert holds.put_on_hold(self.pg, "partman", oid, self.held_until, "court")

    @precondition(lambda self: self.known)
    @rule()
    def somebody_lets_it_go(self) -> None:
        assert holds.let_go(self.pg, "partman", self.drop.retired.oid)
        self.held_until = self.now

    @rule(keeps=st.booleans())
    def a_plugin_makes_up_its_mind(self, keeps: bool) -> None:
        self.guardian.keeps = keeps

    @precondition(lambda self: self.check is None)
    @rule()
    def somebody_takes_its_check(self) -> None:
        [(name, self.check)] = self.pg.execute(
            "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE conrelid = %s::regclass AND contype = 'c'",
            [self.name],
        ).fetchall()
        self.pg.execute(f"ALTER TABLE {self.name} DROP CONSTRAINT {name}")

    @precondition(lambda self: self.check is not None)
    @rule(name=st.sampled_from(["partman_bounds", "another_name"]))
    def somebody_gives_its_check_back(self, name: str) -> None:
        self.pg.execute(f"ALTER TABLE {self.name} ADD CONSTRAINT {name} {self.check}")
        self.check = None

    @precondition(lambda self: self.home is None)
    @rule(home=st.sampled_from(["events", "others"]))
    def somebody_attaches_it(self, home: str) -> None:
        self.pg.execute(
            f"ALTER TABLE {home} ATTACH PARTITION {self.name} {self.bounds}"
        )
        self.home = home

    @precondition(lambda self: self.home is not None)
    @rule()
    def somebody_detaches_it(self) -> None:
        self.pg.execute(f"ALTER TABLE {self.home} DETACH PARTITION {self.name}")
        self.home = None

    @precondition(lambda self: self.name.startswith("part"))
    @rule(replaced=st.booleans())
    def somebody_gives_it_another_name(self, replaced: bool) -> None:
        old, self.name = self.name, f"aside_{self.number}"
        self.pg.execute(f"ALTER TABLE {old} RENAME TO {self.name}")
        self.stand_in = replaced
        if replaced:
            self.pg.execute(f"CREATE TABLE {old} (precious int)")

    @precondition(lambda self: self.name.startswith("aside"))
    @rule()
    def somebody_gives_it_its_name_back(self) -> None:
        old, self.name = self.name, f"part_{self.number}"
        if self.stand_in:
            self.pg.execute(f"DROP TABLE {self.name}")
        self.pg.execute(f"ALTER TABLE {old} RENAME TO {self.name}")
        self.stand_in = False

    @precondition(lambda self: self.known and self.home is None)
    @rule()
    def somebody_takes_it_out_of_the_records(self) -> None:
        self.pg.execute(
            "DELETE FROM partman.detached_partitions WHERE relation = %s::regclass",
            [self.name],
        )
        self.known = False

    @rule()
    def a_run_tries_to_drop_it(self) -> None:
        may = (
            self.home is None
            and self.check is None
            and self.known
            and self.name.startswith("part")
            and self.due <= self.now
            and self.held_until <= self.now
            and not self.guardian.keeps
        )
        assert self._does(self.drop) == may
        oid = self.drop.retired.oid
        query = "SELECT EXISTS (SELECT FROM pg_class WHERE oid = %s)"
        assert value(self.pg, query, oid) != may
        if self.stand_in:
            assert value(self.pg, "SELECT to_regclass(%s)", f"part_{self.number}")
        if may:
            self.a_partition_leaves()
        else:
            assert value(self.pg, f"SELECT count(*) FROM {self.name}") == 1

    @rule()
    def it_is_given_up(self) -> None:
        """And the next one leaves."""
        if self.home is not None:
            self.somebody_detaches_it()
        self.a_partition_leaves()


def test_what_is_dropped_is_only_what_may_be(server_dsn, template_db):
    class Here(Bin):
        server, template = server_dsn, template_db

    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=12,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
