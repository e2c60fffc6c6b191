"""What the tests of number axes share: tables keyed by ids, and looks at them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .helpers import a_table, an_engine, children

if TYPE_CHECKING:
    import psycopg

    from partman_core import Engine
    from partman_core.model import Tree
    from partman_core.plan import Finding

    Connection = psycopg.Connection[Any]

SERIAL = "id bigserial PRIMARY KEY, note text"
BY_ID = "RANGE (id)"


BARE = "id bigint PRIMARY KEY, note text"
KEEPING = {"retention_period": 100, "max_drops": 50}
"""What is kept: the last hundred ids."""


def by_hundreds(engine: Engine, **more: Any) -> Any:
    """Register events with partitions of a hundred ids."""
    wanted = {"partition_interval": 100, "partition_count": 3, **more}
    return engine.register("events", **wanted)


def counted(
    database: str, pg: Connection, columns: str = SERIAL, **more: Any
) -> Engine:
    """Return an engine that looks after events, which is partitioned by id."""
    a_table(pg, columns=columns, key=BY_ID)
    engine = an_engine(database)
    by_hundreds(engine, **more)
    return engine


def tree_of(engine: Engine) -> Tree:
    """Return what the engine sees of events."""
    with engine._opener.session() as opened:
        (view,) = engine._surveyor().look(opened)
    if view.error:
        raise view.error
    return view.tree


def position(engine: Engine) -> int | None:
    """Return the last number in use, as the engine sees it."""
    return tree_of(engine).position


def codes(engine: Engine) -> set[str]:
    """Return the codes of all findings of the plan."""
    return {found.code for part in engine.plan().tables for found in part.findings}


def insert(pg: Connection, count: int) -> None:
    """Insert rows that draw their ids from the sequence."""
    row = "INSERT INTO events (note) SELECT 'x' FROM generate_series(1, %s)"
    pg.execute(row, [count])


def put(pg: Connection, *ids: int | str, table: str = "events") -> None:
    """Insert rows with ids given by hand."""
    for each in ids:
        pg.execute(f"INSERT INTO {table} (id) VALUES (%s)", [each])


def ranges(pg: Connection) -> set[str]:
    """Return the ranges of the partitions of events, without quotes."""
    found = children(pg).values()
    return {bound.removeprefix("FOR VALUES ").replace("'", "") for bound in found}


def block(lower: Any, upper: Any) -> str:
    """Return a range as :func:`ranges` does."""
    return f"FROM ({lower}) TO ({upper})"


def finding(engine: Engine, code: str = "position-doubtful") -> Finding:
    """Return the only finding with this code."""
    (plan,) = engine.plan().tables
    (found,) = [each for each in plan.findings if each.code == code]
    return found


def kinds(engine: Engine) -> set[str]:
    return {operation.kind for operation in engine.plan().operations}
