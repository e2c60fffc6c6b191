"""What a shell, a role or a database sets for others must not change what we read."""

from __future__ import annotations

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from .helpers import a_table, an_engine, daily, value

SURROUNDINGS = [
    {"PGTZ": "Asia/Kolkata"},
    {"PGDATESTYLE": "SQL, MDY"},
    {"PGTZ": "America/New_York", "PGDATESTYLE": "German"},
    {"PGOPTIONS": "-c timezone=Asia/Kolkata -c intervalstyle=iso_8601"},
]

SETTINGS = [
    ("timezone", "America/New_York"),
    ("datestyle", "SQL, DMY"),
    ("quote_all_identifiers", "on"),
    ("standard_conforming_strings", "off"),
    ("extra_float_digits", "0"),
]

KEYS = ["timestamptz", "timestamp", "date"]


def converges(database: str, pg: psycopg.Connection, key: str) -> None:
    a_table(pg, columns=f"at {key} NOT NULL")
    engine = an_engine(database)
    daily(engine, count=3)
    assert len(engine.maintain().of("done")) == 3
    again = engine.maintain()
    assert again.exit_code == 0
    assert again.of("done") == ()
    assert {partition.ours for partition in engine.partitions("events")} == {True}
    bounds = value(
        pg,
        "SELECT min(pg_get_expr(relpartbound, oid)) FROM pg_class"
        " WHERE relname = 'events_p20261124'",
    )
    assert "2026-11-24" in bounds


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("variables", SURROUNDINGS, ids=str)
def test_the_variables_of_libpq_do_not_change_what_is_read(
    database, pg, monkeypatch, variables, key
):
    for name, said in variables.items():
        monkeypatch.setenv(name, said)
    converges(database, pg, key)


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize(("name", "said"), SETTINGS)
def test_the_databases_own_settings_do_not_change_what_is_read(
    database, pg, name, said, key
):
    there = Identifier(pg.info.dbname)
    statement = SQL("ALTER DATABASE {} SET {} = {}")
    pg.execute(statement.format(there, Identifier(name), said))
    converges(database, pg, key)
