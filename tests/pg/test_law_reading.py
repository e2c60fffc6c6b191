"""Law: reading is the default.  What an engine is asked changes nothing at all."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from partman_core import Engine
from partman_core.errors import ConfigError

from .helpers import (
    DAY,
    NOW,
    OLD,
    TODAY,
    a_table,
    an_engine,
    daily,
    registered,
    with_history,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Connection = psycopg.Connection[Any]
    Question = Callable[[Engine], object]

CHANGING = {
    "apply",
    "create_future_partitions",
    "drop_old_partitions",
    "hold",
    "maintain",
    "record_action",
    "release",
    "start",
    "stop",
    "stop_run",
    "unregister",
}
"""What an engine does on somebody's word; everything else is asked below."""

CATALOGS = (
    "pg_class", "pg_attribute", "pg_attrdef", "pg_constraint", "pg_depend", "pg_index",
    "pg_inherits", "pg_namespace", "pg_partitioned_table", "pg_policy", "pg_proc",
    "pg_publication", "pg_publication_rel", "pg_trigger", "pg_type",
)  # fmt: skip

OURS = """
SELECT format('%I.%I', schemaname, tablename) FROM pg_tables
 WHERE schemaname IN ('partman', 'public')
"""

SETTINGS = """
[[tables]]
name = "events"
partition_interval = "1 hour"

[[tables]]
name = "others"
partition_interval = "1 month"
"""


def everything(pg: Connection) -> dict[str, list[Any]]:
    """Return which versions of which rows there are, in the catalog and in tables."""
    tables = [*CATALOGS, *(name for (name,) in pg.execute(OURS))]
    found = {
        name: pg.execute(f"SELECT xmin, ctid FROM {name} ORDER BY ctid").fetchall()
        for name in tables
    }
    numbers = "SELECT sequencename, last_value FROM pg_sequences ORDER BY 1"
    return {**found, "sequences": pg.execute(numbers).fetchall()}


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    path = tmp_path / "partman.toml"
    path.write_text(SETTINGS)
    return path


@pytest.fixture
def questions(settings: Path) -> dict[str, Question]:
    """Return whatever can be asked, by the method that is called."""
    interval = {"partition_interval": "1 week"}
    document = settings.with_suffix(".json")
    document.write_text('{"tables": [{"table_name": "others", "granularity": "day"}]}')
    return {
        "plan": lambda engine: engine.plan(now=NOW + 30 * DAY),
        "explain": lambda engine: engine.explain(engine.plan()),
        "check": lambda engine: engine.check(now=NOW + 30 * DAY),
        "managed_tables": lambda engine: engine.managed_tables(),
        "partitions": lambda engine: engine.partitions("events"),
        "look": lambda engine: engine.look(now=NOW + 30 * DAY),
        "ahead": lambda engine: engine.ahead("events", [NOW + 30 * DAY]),
        "sizes": lambda engine: engine.sizes([1]),
        "in_the_way": lambda engine: engine.in_the_way({"public.events": "SHARE"}),
        "history": lambda engine: engine.history(),
        "run": lambda engine: engine.run(1),
        "happened": lambda engine: engine.happened(1),
        "tallies": lambda engine: engine.tallies(1),
        "actions": lambda engine: engine.actions(),
        "runs": lambda engine: engine.runs(),
        "bin": lambda engine: engine.bin(),
        "attach": lambda engine: engine.attach(OLD, dry_run=True),
        "register": lambda engine: engine.register("events", dry_run=True, **interval),
        "sync": lambda engine: engine.sync(settings, prune=True, dry_run=True),
        "import_existing_partitions": lambda engine: engine.import_existing_partitions(
            "events", dry_run=True
        ),
        "tenants": lambda engine: engine.tenants("logs"),
        "register_tenant": lambda engine: engine.register_tenant(
            "logs", "new", dry_run=True
        ),
        "register_tenants": lambda engine: engine.register_tenants(
            "logs", ["new"], dry_run=True
        ),
        "remove_tenants": lambda engine: engine.remove_tenants(
            "logs", ["acme"], dry_run=True
        ),
        "migrate_from": lambda engine: engine.migrate_from(
            "pg-partsmith", document=document, dry_run=True
        ),
    }


@pytest.fixture(params=[False, True], ids=["alone", "beside DEFAULT"])
def busy(
    request: pytest.FixtureRequest, database: str, pg: Connection, clock: Any
) -> Engine:
    """Return an engine that would have much to do: of every kind something is due."""
    engine = with_history(
        database, pg, clock, in_default=request.param, grace_period="1 day"
    )
    engine.maintain()
    a_table(pg, "others")
    pg.execute(
        "CREATE TABLE stray PARTITION OF events"
        " FOR VALUES FROM ('2026-11-20') TO ('2026-11-21')"
    )
    a_table(pg, "logs", "tenant text, at timestamptz", "LIST (tenant)")
    daily(engine, "logs", tenant_column="tenant", partition_by="at")
    engine.register_tenant("logs", "acme")
    clock.now += 2 * DAY
    kinds = {operation.kind for operation in engine.plan().operations}
    assert kinds == {"create", "detach", "drop"}
    return engine


def test_whatever_is_asked_nothing_is_changed(pg, busy, questions):
    before = everything(pg)
    for name, ask in questions.items():
        assert ask(busy) is not None
        assert everything(pg) == before, name


def test_whatever_is_asked_of_a_stranger_leaves_no_trace(database, pg, questions):
    """Not even a schema: nobody has said that the database is to be managed."""
    a_table(pg)
    a_table(pg, "others")
    pg.execute(f"CREATE TABLE {TODAY} PARTITION OF events DEFAULT")
    before = everything(pg)
    for name, ask in questions.items():
        with suppress(ConfigError):  # nothing is managed
            ask(an_engine(database))
        assert everything(pg) == before, name
    assert not registered(pg)


def test_every_method_of_an_engine_is_asked_or_said_to_change_something(questions):
    public = {
        name
        for name in dir(Engine)
        if not name.startswith("_") and callable(getattr(Engine, name))
    }
    assert public == CHANGING | questions.keys()
