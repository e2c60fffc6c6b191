"""What people did and were refused is kept, with who it was."""

from __future__ import annotations

from datetime import timedelta

import pytest

from partman_core import Engine
from partman_core.errors import ConfigError
from partman_core.pg import registry, schema, session
from partman_core.pg.migrations import migrations

from .flights import SCHEMA
from .helpers import NOW, a_table, an_engine, daily


def refuse(engine, **more):
    """Record a refusal; return its number."""
    return engine.record_action(
        **{
            "actor": "mia",
            "method": "token",
            "action": "apply",
            "allowed": False,
            **more,
        }
    )


def test_actions_are_told_newest_first_with_all_that_is_known(ready, database):
    first = refuse(
        an_engine(database), target="public.events", detail="no", address="::1"
    )
    second = refuse(an_engine(database, NOW + timedelta(hours=1)), allowed=True)
    newest, oldest = an_engine(database).actions()
    assert (newest.id, newest.allowed, newest.at) == (
        second, True, NOW + timedelta(hours=1),
    )  # fmt: skip
    assert (newest.target, newest.detail, newest.address) == (None, None, None)
    assert (oldest.id, oldest.actor, oldest.method, oldest.action, oldest.at) == (
        first, "mia", "token", "apply", NOW,
    )  # fmt: skip
    assert (oldest.target, oldest.detail, oldest.address) == (
        "public.events", "no", "::1",
    )  # fmt: skip


def test_actions_are_told_a_page_at_a_time(ready, database):
    engine = an_engine(database)
    numbers = [refuse(engine) for _ in range(5)]
    page = engine.actions(limit=2)
    assert [one.id for one in page] == numbers[:-3:-1]
    assert [one.id for one in engine.actions(before=page[-1].id)] == numbers[2::-1]


def test_whatever_a_request_holds_can_be_kept(ready, database):
    engine = an_engine(database)
    refuse(engine, actor="a\0b", detail="\ud800 {schema} %s '", target='"Ä".t')
    [kept] = engine.actions()
    assert (kept.actor, kept.detail, kept.target) == ("a b", "? {schema} %s '", '"Ä".t')


def test_actions_are_no_runs(ready, database):
    engine = an_engine(database)
    refuse(engine)
    assert engine.runs() == []


def test_before_there_is_a_schema_of_ours_nothing_is_kept(conn, database):
    engine = an_engine(database)
    assert refuse(engine) is None
    assert engine.actions() == []
    assert session.probe(conn, SCHEMA).registry == "absent"


def test_where_nothing_can_be_written_that_is_said(ready, database, pg):
    [(name,)] = pg.execute("SELECT current_database()").fetchall()
    pg.execute(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')
    engine = Engine(database)
    with pytest.raises(ConfigError, match="read-only"):
        refuse(engine)
    assert engine.actions() == []


def test_a_schema_from_before_is_brought_up_to_date_by_the_first_action(
    conn, database, pg, monkeypatch
):
    first = migrations()[:1]
    with monkeypatch.context() as before:
        before.setattr(schema, "migrations", lambda: first)
        before.setattr(schema, "latest", lambda: 1)
        a_table(pg)
        engine = an_engine(database)
        daily(engine)
    assert engine.actions() == []
    assert [str(table.name) for table in engine.managed_tables()] == ["public.events"]
    number = refuse(engine)
    assert [one.id for one in engine.actions()] == [number]
    assert [str(table.name) for table in engine.managed_tables()] == ["public.events"]
    registry.ensure(conn, SCHEMA)
