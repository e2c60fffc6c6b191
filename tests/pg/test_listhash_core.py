"""What the core knows of lists and hashes, whichever strategy asks for them."""

from __future__ import annotations

from contextlib import suppress
from typing import ClassVar

import psycopg
import pytest
from attrs import frozen

import partman_listhash
from partman_core import hookimpl
from partman_core.bounds import HashBounds
from partman_core.strategy import Wanted

from .helpers import a_table, an_engine, children, refusal, told


@pytest.fixture
def engine(database, clock):
    return an_engine(database, clock, plugins=[partman_listhash])


def test_what_a_half_detached_list_holds_is_made_when_that_is_finished(
    pg, engine, other
):
    """Also where the new one holds only some of its values."""
    a_table(pg, columns="kind text", key="LIST (kind)")
    engine.register("events", partition_type="list", values={"ab": ["a", "b"]})
    engine.maintain()
    reader, worker = other(autocommit=False), other()
    reader.execute("SELECT count(*) FROM events")
    worker.execute("SET statement_timeout = '50ms'")
    with suppress(psycopg.errors.QueryCanceled):
        worker.execute("ALTER TABLE events DETACH PARTITION events_pab CONCURRENTLY")
    reader.rollback()
    engine.register("events", partition_type="list", values=["a"])
    assert told(engine.maintain()) == [
        ("finalize", "events_pab"), ("create", "events_pa"),
    ]  # fmt: skip
    assert children(pg) == {"events_pa": "FOR VALUES IN ('a')"}


@pytest.mark.parametrize("parts", [4, 6, 9])
def test_hashes_that_cannot_stand_beside_others_are_not_planned(
    database, pg, clock, parts
):
    """A strategy that knows nothing of what is there wants another modulus."""

    @frozen(kw_only=True)
    class Parts:
        kind: ClassVar[str] = "parts"
        parts: int = 2

        def problems(self, _key, _codec):
            return ()

        def wanted(self, _level):
            for number in range(self.parts):
                yield Wanted(bounds=HashBounds(self.parts, number), suffix=f"n{number}")

    class Offered:
        @hookimpl
        def partman_strategies(self):
            return [Parts]

    a_table(pg, columns="id bigint", key="HASH (id)")
    engine = an_engine(database, clock, plugins=[Offered()])
    engine.register("events", partition_type="parts", parts=2)
    engine.maintain()
    engine.register("events", partition_type="parts", parts=parts)
    assert not engine.plan().operations


def test_a_hash_has_no_default_at_any_level(pg, engine):
    a_table(pg, columns="id bigint", key="HASH (id)")
    hashed = {"partition_type": "hash", "modulus": 2, "default_partition": True}
    error = refusal(engine, **hashed, partition_interval=None)
    assert "by HASH (id) there is no DEFAULT partition" in str(error)
    a_table(pg, "others", columns="id bigint, at date")
    error = refusal(engine, "others", subpartition={**hashed, "partition_by": "id"})
    assert "by HASH (id) there is no DEFAULT partition" in str(error)


def test_a_level_below_is_checked_against_its_columns(pg, engine):
    a_table(pg, columns="kind integer, at date")
    below = {"partition_type": "list", "partition_by": "kind", "values": ["x"]}
    error = refusal(engine, subpartition=below)
    assert "partitions by LIST (kind): kind is integer, and 'x' is not" in str(error)
