"""What is disturbed: small tables, each with something due, by what is done to them.

Each is made in a database of its own, of which every trial gets a copy.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import psycopg
from attrs import field, frozen

from partman_core import Engine, hookimpl
from partman_core.executor import creation
from partman_core.naming import Name
from partman_core.pg import window

from .looking import reach

if TYPE_CHECKING:
    from collections.abc import Callable

    Connection = psycopg.Connection[Any]
    Deed = Callable[[Engine], object]

DAY = timedelta(days=1)
NOW = datetime(2026, 11, 24, 15, 40, tzinfo=UTC)
COLUMNS = "at timestamptz NOT NULL, n bigint NOT NULL"
ROWS = """
INSERT INTO events SELECT at, extract(day FROM at) FROM generate_series(
    '2026-11-21'::timestamptz, '2026-11-23 23:00', '6 hours') at"""
TENANTS = {
    "tenant_column": "n", "partition_by": "at",
    "retention_period": "1 day", "max_drops": 9,
}  # fmt: skip
RETIRING = {"retention_period": "1 day", "max_drops": 9}
DETACH = {"retention_action": "detach"}
MOVE = {"retention_action": "move", "retention_schema": "attic"}


class Archive:
    """Plugins that work in the transactions of builds and drops, and beside them."""

    @hookimpl
    def partman_post_create(self, partition, conn):
        conn.execute("INSERT INTO made VALUES (%s)", [str(partition)])

    @hookimpl
    def partman_pre_detach(self, partition):
        """Have nothing against it."""

    @hookimpl
    def partman_pre_drop(self, partition, conn, connect):
        with connect() as beside:
            [(count,)] = beside.execute(f"SELECT count(*) FROM {partition.name}")
        conn.execute(f"INSERT INTO archive SELECT *, {count} FROM {partition.name}")


class Days:
    """A tenant for each day of the month: whose rows they are, in ``n``."""

    @hookimpl
    def partman_tenants(self):
        return [str(day) for day in range(21, 25)]


def maintain(engine: Engine) -> object:
    """Do what is due."""
    return engine.maintain()


@frozen(kw_only=True)
class Scenario:
    """Something that is done, and the database that it is done in.

    Partitions of a day are there from the 21st to the 23rd.  On the 24th that day and
    the next are missing; where a day is kept, the 21st and the 22nd are over.

    :param name: what is special about it.
    :param columns: of the table.
    :param key: by which it is partitioned.
    :param before: SQL that is done before the table is registered.
    :param settings: besides an interval of a day.
    :param after: done when there are partitions with rows.
    :param now: when it is done.
    :param deed: what is done; until nothing is planned any more.
    :param plugins: the classes of the engine's plugins.
    :param is_registered: whether the table is, before.
    :param is_begun: whether partitions are there, before.
    :param tables: all that are as that one is.
    :param read_rate: how fast a DEFAULT is thought to be read: that makes it large.
    :param at_once: how many tables are built in a transaction; with more than so many,
        a second session builds them.
    """

    name: str
    columns: str = COLUMNS
    key: str = "RANGE (at)"
    before: str = ""
    settings: dict[str, Any] = field(factory=dict)
    after: Callable[[Connection, Engine], None] | None = None
    now: datetime = NOW
    deed: Deed = maintain
    plugins: tuple[type, ...] = ()
    is_registered: bool = True
    is_begun: bool = True
    tables: tuple[str, ...] = ("events",)
    read_rate: int = window.READ_RATE
    at_once: int = creation.AT_ONCE

    def engine(self, target: Any, now: datetime | None = None) -> Engine:
        """Return an engine for which it is always the same moment."""
        moment = self.now if now is None else now
        made = [plugin() for plugin in self.plugins]
        return Engine(target, clock=lambda: moment, plugins=made)

    def prepare(self, dsn: str) -> None:
        """Make the tables, and what is in them."""
        early = self.engine(dsn, NOW - 2 * DAY)
        with psycopg.connect(dsn, autocommit=True) as pg:
            for table in self.tables:
                pg.execute(
                    f"CREATE TABLE {table} ({self.columns}) PARTITION BY {self.key}"
                )
            if self.before:
                pg.execute(self.before)
            if self.is_registered:
                for table in self.tables:
                    register(early, table, **self.settings)
            if self.is_registered and self.is_begun:
                assert early.maintain().exit_code == 0
                for table in self.tables:
                    pg.execute(ROWS.replace("events", table))
            if self.after:
                self.after(pg, self.engine(dsn, NOW))
            pg.execute("VACUUM ANALYZE")


def register(engine: Engine, table: str = "events", **settings: Any) -> object:
    """Declare a table with partitions of a day, from the 21st on."""
    given = {
        "partition_interval": "1 day",
        "partition_count": 2,
        "max_stall": "2 seconds",
        **settings,
    }
    return engine.register(table, start="2026-11-21", confirm=True, **given)


RECORDED = """
INSERT INTO partman.detached_partitions (relation, parent, bounds, action, retired_at,
                                         due, bound_check)
SELECT relation, parent, bounds, 'drop', %s, %s,
       pg_get_partition_constraintdef(relation)
  FROM partman.managed_partitions WHERE relation = 'events_p20261121'::regclass"""
DETACHING = "ALTER TABLE events DETACH PARTITION events_p20261121 CONCURRENTLY"


def half_detached(pg: Connection, _: Engine) -> None:
    """Leave a partition half-detached, as a run does whose detach is cut short."""
    pg.execute(RECORDED, [NOW - DAY, NOW - DAY])
    with (
        psycopg.connect(reach(pg), autocommit=True) as worker,
        psycopg.connect(reach(pg)) as reader,
    ):
        reader.execute("SELECT count(*) FROM events")
        worker.execute("SET statement_timeout = '50ms'")
        with suppress(psycopg.errors.QueryCanceled):
            worker.execute(DETACHING)


def detached(pg: Connection, _: Engine) -> None:
    """Leave a detach that is not recorded, as a run does that dies after it."""
    pg.execute(RECORDED, [NOW - DAY, NOW - DAY])
    pg.execute(DETACHING)


BUILT = """
INSERT INTO partman.managed_partitions (relation, parent, bounds, attached, origin,
                                        created_at)
VALUES ('events_p20261120', 'events', 'FOR VALUES FROM (''2026-11-20 00:00:00+00'')'
        ' TO (''2026-11-21 00:00:00+00'')', false, 'made', %s)"""


def built(pg: Connection, _: Engine) -> None:
    """Leave a table built and not attached, which nobody wants any more."""
    pg.execute("CREATE TABLE events_p20261120 (LIKE events INCLUDING ALL)")
    pg.execute(BUILT, [NOW - DAY])


def in_the_bin(_: Connection, engine: Engine) -> None:
    """Retire what is over; it waits out its grace."""
    assert engine.maintain().exit_code == 0


def bring_back(engine: Engine) -> object:
    """Attach a partition from the bin, if it is in it."""
    name = Name("public", "events_p20261121")
    there = [one for one in engine.bin() if one.partition == name]
    return engine.attach(name) if there else None


def rows_in_default(pg: Connection, _: Engine) -> None:
    """Put rows into DEFAULT that no partition is made for."""
    pg.execute("INSERT INTO events SELECT '2020-01-01', n FROM generate_series(1, 9) n")


def in_the_window(pg: Connection, _: Engine) -> None:
    """Leave the CHECK on DEFAULT with which a run attaches beside a large one."""
    pg.execute(
        "ALTER TABLE events_pdefault ADD CONSTRAINT partman_window"
        " CHECK (at < '2026-11-26') NOT VALID"
    )


def foreign(pg: Connection, _: Engine) -> None:
    """Make a partition by hand."""
    pg.execute(
        "CREATE TABLE foreigner PARTITION OF events FOR VALUES FROM"
        " ('2026-11-24 00:00:00+00') TO ('2026-11-25 00:00:00+00')"
    )


DEFAULT = {"default_partition": True}
BIN = {**RETIRING, "grace_period": "2 hours"}

SCENARIOS = (
    Scenario(name="creating"),
    Scenario(name="creating many", settings={"partition_count": 4}, at_once=2),
    Scenario(name="creating all of it", settings=DEFAULT, is_begun=False),
    Scenario(name="creating beside an empty DEFAULT", settings=DEFAULT),
    Scenario(
        name="creating beside a DEFAULT with rows",
        settings=DEFAULT,
        after=rows_in_default,
    ),
    Scenario(
        name="creating beside a large DEFAULT",
        settings={**DEFAULT, "partition_count": 4},
        after=rows_in_default,
        read_rate=1,
    ),
    Scenario(
        name="closing the window on DEFAULT", settings=DEFAULT, after=in_the_window
    ),
    Scenario(name="removing what was built in vain", after=built),
    Scenario(name="retiring concurrently", settings=RETIRING),
    Scenario(name="retiring beside DEFAULT", settings={**RETIRING, **DEFAULT}),
    Scenario(name="retiring to keep", settings={**RETIRING, **DETACH}),
    Scenario(
        name="retiring to another schema",
        before="CREATE SCHEMA attic",
        settings={**RETIRING, **MOVE},
    ),
    Scenario(name="retiring into the bin", settings=BIN),
    Scenario(name="finishing a detach", settings=RETIRING, after=half_detached),
    Scenario(name="recording a detach", settings=RETIRING, after=detached),
    Scenario(
        name="emptying the bin", settings=BIN, after=in_the_bin, now=NOW + DAY / 8
    ),
    Scenario(
        name="attaching from the bin", settings=BIN, after=in_the_bin, deed=bring_back
    ),
    Scenario(
        name="attaching from the bin beside DEFAULT",
        settings={**BIN, **DEFAULT},
        after=in_the_bin,
        deed=bring_back,
    ),
    Scenario(
        name="tenants in one range",
        key="RANGE (n, at)",
        settings=TENANTS,
        plugins=(Days,),
    ),
    Scenario(
        name="the days of each tenant",
        key="LIST (n)",
        settings={**TENANTS, "partition_count": 3},
        plugins=(Days,),
    ),
    Scenario(name="the tenants of each day", settings=TENANTS, plugins=(Days,)),
    Scenario(
        name="with hooks",
        before="CREATE TABLE made (partition text);"
        "CREATE TABLE archive (at timestamptz, n bigint, count bigint)",
        settings=RETIRING,
        plugins=(Archive,),
    ),
    Scenario(
        name="with a foreign key",
        before="CREATE TABLE days (n bigint PRIMARY KEY);"
        "INSERT INTO days SELECT generate_series(1, 31);"
        "ALTER TABLE events ADD FOREIGN KEY (n) REFERENCES days",
        settings=RETIRING,
    ),
    Scenario(
        name="with a foreign key to it",
        columns=f"{COLUMNS}, PRIMARY KEY (at, n)",
        before="CREATE TABLE visits (at timestamptz, n bigint,"
        " FOREIGN KEY (at, n) REFERENCES events)",
        settings=RETIRING,
    ),
    Scenario(
        name="two tables at once",
        tables=("events", "others"),
        settings=RETIRING,
        deed=lambda engine: engine.maintain(workers=2),
    ),
    Scenario(
        name="registering for the first time",
        is_registered=False,
        deed=lambda engine: register(engine, **RETIRING),
    ),
    Scenario(
        name="registering anew",
        deed=lambda engine: register(engine, partition_count=5),
    ),
    Scenario(
        name="adopting",
        after=foreign,
        deed=lambda engine: engine.import_existing_partitions("events", confirm=True),
    ),
)
