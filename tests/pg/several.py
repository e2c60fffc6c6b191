"""Several tables where something is to be created and something to be retired."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg

from .helpers import DAY, NOW, Clock, a_table, an_engine, daily

if TYPE_CHECKING:
    from partman_core import Engine

    Connection = psycopg.Connection[Any]

SIX = tuple("abcdef")
TWINS = tuple("uvwxyz")


def settings(**more: Any) -> dict[str, Any]:
    return {"start": "2026-11-21", "max_drops": 9, "confirm": True, **more}


def with_tables(
    database: str, pg: Connection, names: tuple[str, ...], **options: Any
) -> Engine:
    """Return an engine for tables where something is to be created and to be retired.

    Every second one has a DEFAULT.
    """
    clock = Clock(NOW - 3 * DAY)
    engine = an_engine(database, clock, **options)
    for number, table in enumerate(names):
        a_table(pg, table)
        more = {"default_partition": True} if number % 2 else {}
        daily(engine, table, retention_period="1 day", **settings(**more))
    assert engine.maintain(*names).exit_code == 0
    clock.now = NOW
    return engine
