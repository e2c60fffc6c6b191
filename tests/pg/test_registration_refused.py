"""What cannot work is refused when it is registered, with a sentence of its own."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from .helpers import (
    NOW,
    Clock,
    a_table,
    an_engine,
    children,
    daily,
    refusal,
    registered,
    value,
)

if TYPE_CHECKING:
    Connection = psycopg.Connection[Any]

HOUR = timedelta(hours=1)


def test_each_thing_that_cannot_work_is_told_apart_and_nothing_is_written(database, pg):
    a_table(pg, columns='at timestamptz NOT NULL, "Made" date, note text')
    a_table(pg, "listed", columns="kind text", key="LIST (kind)")
    a_table(pg, "numbers", columns="id bigint", key="RANGE (id)")
    pg.execute("CREATE TABLE plain (at timestamptz)")
    pg.execute("CREATE VIEW seen AS SELECT * FROM plain")
    pg.execute("CREATE TABLE first_one PARTITION OF listed FOR VALUES IN ('a')")
    engine = an_engine(database)
    cases = [
        (refusal(engine, "evnts"), "unknown-table", "evnts", "public.events"),
        (refusal(engine, '"Events"'), "unknown-table", '"Events"', "public.events"),
        (refusal(engine, "a.b.c"), "bad-name", "a.b.c", ""),
        (refusal(engine, "plain"), "not-partitioned", "ordinary table", "PARTITION BY"),
        (refusal(engine, "seen"), "not-partitioned", "view", "PARTITION BY"),
        (refusal(engine, "first_one"), "not-partitioned", "partition of", "listed"),
        (
            refusal(engine, "listed", partition_type="range"),
            "other-strategy",
            "LIST (kind)",
            "list",
        ),
        (
            refusal(engine, partition_by="created"),
            "missing-column",
            "no column created",
            "it has at",
        ),
        (
            refusal(engine, partition_by="made"),
            "missing-column",
            "no column made",
            '"Made"',
        ),
        (
            refusal(engine, partition_by='"Made"'),
            "other-key",
            "RANGE (at)",
            'partition_by to "at"',
        ),
        (
            refusal(engine, partition_by="at, note"),
            "other-key",
            "RANGE (at)",
            'partition_by to "at"',
        ),
        (refusal(engine, partition_by="at;"), "bad-name", "at;", ""),
        (refusal(engine, timezone="Europe/Berlim"), "config", "Europe/Berlin", ""),
        (refusal(engine, "numbers"), "cannot-work", "is a time", ""),
        (
            refusal(engine, "numbers", key="epoch_x", partition_interval="1 day"),
            "key",
            "epoch_x",
            "",
        ),
        (refusal(engine, partition_interval=10), "cannot-work", "10", ""),
    ]
    for error, code, said, hint in cases:
        assert said in str(error), error
        assert hint in (error.hint or ""), (error, error.hint)
        assert code in {error.code, "config"}, (error, error.code)
    messages = [str(error) for error, *_ in cases]
    assert len(set(messages)) == len(messages)
    assert not registered(pg)


def test_an_expression_as_key_can_be_named_as_it_is_written(database, pg):
    a_table(pg, key="RANGE ((at AT TIME ZONE 'UTC'))")
    engine = an_engine(database)
    expression = value(
        pg, "SELECT pg_get_expr(partexprs, partrelid) FROM pg_partitioned_table"
    )
    daily(engine, count=1, partition_by=expression)
    error = refusal(engine, partition_by="date_trunc('day', at)")
    assert error.code in {"bad-name", "missing-column", "other-key"}
    assert engine.maintain().exit_code == 0
    assert len(children(pg)) == 1


def test_all_mistakes_are_told_at_once(database, pg):
    a_table(pg)
    error = refusal(
        an_engine(database),
        partition_interval="0 days",
        partition_count=0,
        retentoin_period="9 days",
    )
    assert len(error.mistakes) == 3
    assert any("retention_period" in mistake for mistake in error.mistakes)
    assert not registered(pg)


@pytest.mark.parametrize(
    ("storage", "said", "hint"),
    [
        ({"fillfactr": 90}, 'fillfactr = 90: unrecognized parameter "fillfactr"',
         "did you mean fillfactor?"),
        ({"fillfactor": 5}, "fillfactor = 5: value 5 out of bounds", "manual"),
        ({"fillfactor": "much"}, "fillfactor = much: invalid value", "manual"),
        ({"toast.autovacuum_enable": False}, "unrecognized parameter",
         "did you mean toast.autovacuum_enabled?"),
        ({"oids": True}, "oids = true: tables declared WITH OIDS", ""),
        ({"wine.fillfactor": 90}, "unrecognized parameter namespace", "manual"),
        ({"": 1}, "zero-length", ""),
    ],
)  # fmt: skip
def test_a_storage_parameter_that_postgresql_does_not_take_is_refused(
    database, pg, storage, said, hint
):
    a_table(pg)
    engine = an_engine(database)
    for dry_run in (True, False):
        error = refusal(engine, storage=storage, dry_run=dry_run)
        assert error.code == "storage"
        assert error.message.startswith("public.events: PostgreSQL does not take")
        assert said in error.message
        assert hint in error.hint
    assert not registered(pg)


def test_every_storage_parameter_and_the_tablespace_are_told_at_once(database, pg):
    a_table(pg)
    storage = {"fillfactor": 1, "autovacuum_enabled": True, "colour": "red"}
    error = refusal(an_engine(database), storage=storage, tablespace="fast")
    assert [words in said for words, said in zip(
        ("tablespace fast", "fillfactor = 1", "colour = red"), error.mistakes,
        strict=True,
    )] == [True] * 3  # fmt: skip


def test_storage_parameters_that_work_are_tried_and_nothing_is_left(database, pg):
    a_table(pg)
    engine = an_engine(database)
    storage = {"fillfactor": 70, "toast.autovacuum_enabled": False}
    daily(engine, count=1, storage=storage, dry_run=True)
    assert not registered(pg)
    temporary = "SELECT count(*) FROM pg_namespace WHERE nspname LIKE %s"
    assert value(pg, temporary, "pg_temp%") == 0
    daily(engine, count=1, storage=storage)
    assert engine.maintain().exit_code == 0
    options = "SELECT reloptions FROM pg_class WHERE relname = 'events_p20261124'"
    assert value(pg, options) == ["fillfactor=70"]


def test_what_cannot_be_tried_is_not_tried(a_role, database, pg):
    """Without the privilege TEMPORARY, or where nothing can be written."""
    a_table(pg)
    wrong = {"partition_interval": "1 day", "storage": {"fillfactr": 90}}
    only_reads = "-c default_transaction_read_only=on"
    reader = an_engine(make_conninfo(database, options=only_reads))
    assert reader.register("events", **wrong, dry_run=True).created
    role = a_role()
    pg.execute(f"REVOKE TEMPORARY ON DATABASE {pg.info.dbname} FROM PUBLIC")
    poor = an_engine(make_conninfo(database, user=role, password="x"))
    assert poor.register("events", **wrong, dry_run=True).created


def test_a_tablespace_that_is_not_there_is_refused(a_tablespace, database, pg):
    a_table(pg)
    engine = an_engine(database)
    error = refusal(engine, tablespace=a_tablespace[:-1])
    assert error.code == "tablespace"
    assert f"there is no tablespace {a_tablespace[:-1]}" in error.message
    assert error.hint == f"did you mean {a_tablespace}?"
    assert "pg_default" in refusal(engine, tablespace="zzz").hint
    assert refusal(engine, tablespace="pg_global").code == "tablespace"
    assert not registered(pg)
    for tablespace in ("pg_default", a_tablespace):
        daily(engine, count=1, tablespace=tablespace)


def test_a_tablespace_that_the_tables_owner_may_not_use_is_refused(
    a_role, a_tablespace, database, pg
):
    """Partitions are made by the owner, whoever registers the table."""
    owner = a_role()
    a_table(pg)
    pg.execute(f"GRANT CREATE ON SCHEMA public TO {owner}")
    pg.execute(f"ALTER TABLE events OWNER TO {owner}")
    engine = an_engine(database)
    try:
        error = refusal(engine, tablespace=a_tablespace)
        assert error.code == "tablespace"
        assert f"its owner {owner} may not" in error.message
        assert not registered(pg)
        daily(engine, count=1, tablespace="pg_default")
        pg.execute(error.hint)
        daily(engine, count=1, tablespace=a_tablespace)
        assert engine.maintain().exit_code == 0
        assert len(children(pg)) == 1
    finally:
        pg.execute(f"DROP OWNED BY {owner} CASCADE")


def test_more_partitions_than_anybody_should_make_are_refused(database, pg):
    """As many as partition_count may be, one may ask for by a date, and no more."""
    a_table(pg)
    engine = an_engine(database)
    last = NOW.replace(minute=0) + 9_999 * HOUR
    hourly = {"partition_interval": "1 hour"}
    error = refusal(engine, **hourly, partition_until=last + HOUR)
    assert error.code == "too-many"
    assert "would be 10,001 partitions, and partman makes 10,000" in error.message
    assert "a nearer partition_until" in error.message
    engine.register("events", **hourly, partition_until=last, dry_run=True)
    for finest in ("1 us", "1 minute"):
        error = refusal(engine, partition_interval=finest, partition_until=last)
        assert error.code == "too-many"
    assert not registered(pg)


def test_a_start_long_ago_is_refused_unless_retention_or_partitions_cut_it_short(
    database, pg
):
    a_table(pg)
    engine = an_engine(database)
    minutes = {"partition_interval": "1 hour", "start": "2020-01-01"}
    error = refusal(engine, **minutes)
    assert "or a later start" in error.message
    assert "60,4" in error.message
    engine.register("events", **minutes, retention_period="1 week", dry_run=True)
    assert refusal(engine, **minutes, retention_period="3 years").code == "too-many"
    assert refusal(
        engine, partition_interval="1 day", start="1900-01-01",
        partition_until="2026-12-01",
    ).message.count("46,35") == 1  # fmt: skip
    assert not registered(pg)


def test_what_is_there_already_does_not_count_as_too_many(database, pg):
    """A table that has grown is registered again like any other."""
    a_table(pg)
    clock = Clock()
    engine = an_engine(database, clock)
    settings = {"partition_interval": "1 hour", "start": NOW, "partition_count": 9_990}
    engine.register("events", **settings)
    clock.now += 20 * HOUR
    assert refusal(engine, **settings).code == "too-many"
    clock.now -= 20 * HOUR
    engine.register("events", **{**settings, "partition_count": 15})
    engine.maintain()
    clock.now += 20 * HOUR
    assert not engine.register("events", **settings).created


def test_periods_that_are_over_before_the_next_run_are_refused(database, pg):
    a_table(pg)
    engine = an_engine(database)
    error = refusal(engine, partition_interval="1 us")
    assert error.code == "cannot-work"
    assert "10 periods of 1 microsecond are over in 10 microseconds" in error.message
    assert "longer partition_interval" in error.message
    few = {"partition_interval": "1 second", "partition_count": 59}
    assert "59 seconds" in refusal(engine, **few).message
    assert not registered(pg)
    engine.register("events", **{**few, "partition_count": 60})
    assert engine.maintain().exit_code == 0
    assert len(children(pg)) == 60
