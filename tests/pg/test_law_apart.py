"""Law: one table's trouble is its own.

Some of several tables are in trouble, each in some way; what becomes of the others is
what becomes of their twins, which nothing befalls.
"""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from partman_core import hookimpl

from .helpers import DAY, NOW, Clock, an_engine

if TYPE_CHECKING:
    from partman_core.report import Report, TableReport

    Connection = psycopg.Connection[Any]

SERIAL = count(1)
TABLES = ("a", "b", "c", "d")

HOOKS = ("tenants", "retire", "post_create", "pre_detach", "pre_drop", "event")
BY_HAND = ("dropped", "settings", "locked", "refused")
TROUBLES = (*HOOKS, *BY_HAND, "killed")

FAILING = set(TROUBLES) - {"event"}
"""A listener that raises is in the log, and spoils nothing."""

BLIND = {"dropped", "settings"}
"""Where nobody can say how long there will be partitions."""

EXIT_CODE = {"dropped": 4, "settings": 4, "locked": 8, "refused": 4, "killed": 5}
"""What each is told with; hooks that raise are told with 3."""


class Trouble:
    """A plugin that fails for some tables."""

    def __init__(self) -> None:
        self.of: dict[str, str] = {}

    def at(self, table: Any, where: str) -> None:
        if table is not None and self.of.get(str(table)) == where:
            raise RuntimeError(f"trouble in {where}")

    @hookimpl
    def partman_tenants(self, table):
        self.at(table.name, "tenants")
        return ()

    @hookimpl
    def partman_retire(self, table):
        self.at(table.name, "retire")
        return ()

    @hookimpl
    def partman_post_create(self, table, conn):
        self.at(table.name, "post_create")
        if self.of.get(str(table.name)) == "killed":
            conn.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    @hookimpl
    def partman_pre_detach(self, table):
        self.at(table.name, "pre_detach")

    @hookimpl
    def partman_pre_drop(self, table):
        self.at(table.name, "pre_drop")

    @hookimpl
    def partman_event(self, event):
        self.at(event.table, "event")


REFUSE = """
CREATE FUNCTION {schema}.refuse() RETURNS event_trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM pg_event_trigger_ddl_commands()
                WHERE object_identity ~ '^{schema}[.]{table}_p') THEN
        RAISE insufficient_privilege;
    END IF;
END $$;
CREATE EVENT TRIGGER {schema}_{table} ON ddl_command_end WHEN tag IN ('CREATE TABLE')
    EXECUTE FUNCTION {schema}.refuse()"""


class Scene:
    """Two schemas with the same tables, of which two partitions each are over."""

    def __init__(self, dsn: str, pg: Connection) -> None:
        self.pg, self.clock, self.plugin = pg, Clock(NOW - 3 * DAY), Trouble()
        self.engine = an_engine(dsn, self.clock, plugins=[self.plugin])
        number = next(SERIAL)
        self.schema, self.twin = f"real{number}", f"twin{number}"
        for schema in (self.schema, self.twin):
            pg.execute(f"CREATE SCHEMA {schema}")
            for table in TABLES:
                self.make(f"{schema}.{table}")
        assert self.engine.maintain(*self.names(self.twin)).exit_code == 0
        assert self.engine.maintain(*self.names(self.schema)).exit_code == 0
        self.clock.now = NOW

    def make(self, table: str) -> None:
        self.pg.execute(
            f"CREATE TABLE {table} (at timestamptz NOT NULL) PARTITION BY RANGE (at)"
        )
        self.engine.register(
            table, partition_interval="1 day", partition_count=5, max_drops=9,
            retention_period="1 day", lock_patience="200 ms",
        )  # fmt: skip

    @staticmethod
    def names(schema: str) -> list[str]:
        return [f"{schema}.{table}" for table in TABLES]

    def befall(self, table: str, trouble: str, holder: Connection) -> None:
        name = f"{self.schema}.{table}"
        if trouble in HOOKS or trouble == "killed":
            self.plugin.of[name] = trouble
        elif trouble == "dropped":
            self.pg.execute(f"DROP TABLE {name}")
        elif trouble == "locked":
            holder.execute(f"LOCK TABLE {name} IN ACCESS EXCLUSIVE MODE")
        elif trouble == "refused":
            self.pg.execute(REFUSE.format(schema=self.schema, table=table))
        else:
            self.pg.execute(
                "UPDATE partman.partition_management SET partition_interval = 'x'"
                " WHERE relation = %s::regclass",
                [name],
            )

    def clear(self) -> None:
        for schema in (self.schema, self.twin):
            for table in self.names(schema):
                self.forget(table)
            self.pg.execute(f"DROP SCHEMA {schema} CASCADE")

    def forget(self, table: str) -> None:
        self.pg.execute(
            "DELETE FROM partman.partition_management"
            " WHERE format('%%s.%%s', schema_name, table_name) = %s",
            [table],
        )


troubles = st.dictionaries(
    st.sampled_from(TABLES), st.sampled_from(TROUBLES), max_size=len(TABLES) - 1
)


def test_one_tables_trouble_never_changes_what_becomes_of_another(database, pg, other):
    @settings(
        max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow]
    )
    @given(befallen=troubles, workers=st.integers(1, 3))
    def law(befallen: dict[str, str], workers: int) -> None:
        scene, holder = Scene(database, pg), other(autocommit=False)
        for table, trouble in befallen.items():
            scene.befall(table, trouble, holder)
        try:
            report = scene.engine.maintain(*scene.names(scene.schema), workers=workers)
            twin = scene.engine.maintain(*scene.names(scene.twin))
        finally:
            holder.rollback()
        note(str(report))
        _is_their_own(befallen, report, twin)
        scene.clear()

    law()


@pytest.mark.parametrize("workers", [1, 3])
@pytest.mark.parametrize("trouble", TROUBLES)
def test_a_table_in_trouble_is_told_of_and_the_others_are_served(
    database, pg, other, trouble, workers
):
    scene, holder = Scene(database, pg), other(autocommit=False)
    scene.befall("b", trouble, holder)
    report = scene.engine.maintain(*scene.names(scene.schema), workers=workers)
    twin = scene.engine.maintain(*scene.names(scene.twin))
    holder.rollback()
    _is_their_own({"b": trouble}, report, twin)


def _is_their_own(befallen: dict[str, str], report: Report, twin: Report) -> None:
    assert twin.exit_code == 0, twin
    assert len(report.tables) == len(TABLES)
    expected = {one.table.relation: one for one in twin.tables}
    for told in report.tables:
        trouble = befallen.get(told.table.relation)
        assert bool(told.runway) == (trouble not in BLIND), trouble
        if trouble in FAILING:
            assert EXIT_CODE.get(trouble, 3) in _codes(told), (trouble, told)
            assert told.exit_code
        else:
            assert _shape(told) == _shape(expected[told.table.relation]), trouble


def _codes(told: TableReport) -> set[int]:
    """Return the exit codes of all that is told of a table."""
    of_outcomes = [out.exit_code for out in told.outcomes]
    of_findings = [found.exit_code for found in told.findings]
    return {told.error_code, *of_outcomes, *of_findings}


def _shape(told: TableReport) -> list[Any]:
    """Return what is told of a table, whatever its schema is called."""
    done = [
        (out.operation.kind, out.operation.name.relation, out.operation.bounds,
         out.result, out.message)
        for out in told.outcomes
    ]  # fmt: skip
    codes = [found.code for found in told.findings]
    return [done, codes, told.runway, told.error, told.skipped, told.exit_code]
