"""The CHECK that keeps stray keys out of what was detached, for every kind of key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from partman_core.pg import catalog, registry, session
from partman_core.plan import Detach, Drop, Settle

from .doing import performed
from .helpers import (
    NOW,
    check_text,
    children,
    is_there,
    relations,
    value,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from partman_core.model import Tree
    from partman_core.report import Outcome

    Connection = psycopg.Connection[Any]


class OddTable:
    """The table ``odd``, whatever its key; the executor retires its first partition."""

    def __init__(self, conn: Connection) -> None:
        self.conn = conn
        registry.ensure(conn, "partman")

    def detach(self, result: str = "done") -> list[Outcome]:
        """Detach ``odd_1`` as retention does."""
        tree = self._tree()
        part = next(p for p in tree.partitions if p.name.relation == "odd_1")
        detach = Detach(
            table=tree.name,
            partition=part,
            reason="",
            action="drop",
            concurrently=tree.default is None,
            due=NOW,
        )
        return self._run(tree, detach, result)

    def drop(self, result: str = "done") -> list[Outcome]:
        """Drop what was detached."""
        tree = self._tree()
        drop = Drop(table=tree.name, retired=tree.bin[0], reason="")
        return self._run(tree, drop, result)

    def settle(self, result: str = "done") -> list[Outcome]:
        """Record what a run that was cut short has detached."""
        tree = self._tree()
        settle = Settle(table=tree.name, retired=tree.bin[0], reason="")
        return self._run(tree, settle, result)

    def _tree(self) -> Tree:
        [tree] = catalog.trees(
            self.conn, "partman", [value(self.conn, "SELECT 'odd'::regclass::oid")]
        ).values()
        return tree

    def _run(self, tree: Tree, operation: Any, result: str) -> list[Outcome]:
        report = performed(self.conn, tree, operation)
        assert [out.result for out in report.outcomes] == [result], report
        return list(report.outcomes)


@pytest.fixture
def an_odd_table(database: str) -> Iterator[OddTable]:
    odd = OddTable(session.connect(database))
    yield odd
    odd.conn.close()


KEYS = {
    "timestamptz": ("RANGE", "FROM ('2026-01-01') TO ('2026-02-01')"),
    "timestamp": ("RANGE", "FROM ('2026-01-01') TO ('2026-02-01')"),
    "date": ("RANGE", "FROM ('2026-01-01') TO ('2026-02-01')"),
    "int": ("RANGE", "FROM (-5) TO (10)"),
    "bigint": ("RANGE", "FROM (10) TO (20)"),
    "smallint": ("RANGE", "FROM (MINVALUE) TO (20)"),
    "numeric": ("RANGE", "FROM (1.5) TO (MAXVALUE)"),
    "uuid": (
        "RANGE",
        (
            "FROM ('018cc251-f400-7000-8000-000000000000')"
            " TO ('018cc778-5000-7000-8000-000000000000')"
        ),
    ),
    'text COLLATE "C"': ("RANGE", "FROM ('01HK153X00') TO ('01HK3QHP00')"),
    "varchar(26)": ("RANGE", "FROM ('a') TO ('b')"),
    "text": ("LIST", "IN ('a', 'it''s', NULL)"),
    "varchar": ("LIST", "IN ('a', 'b')"),
    "char(3)": ("LIST", "IN ('abc')"),
    "boolean": ("LIST", "IN (true)"),
    "integer": ("LIST", "IN (1, 2, 3)"),
    "dom": ("RANGE", "FROM (1) TO (2)"),
    "mood": ("LIST", "IN ('sad', 'happy')"),
    "oid": ("HASH", "WITH (MODULUS 2, REMAINDER 1)"),
}


@pytest.mark.parametrize("in_default", [False, True])
@pytest.mark.parametrize("key", KEYS)
def test_every_kind_of_key_keeps_the_check_of_its_bounds(
    pg, key, in_default, an_odd_table
):
    """What is recorded is what PostgreSQL prints of the CHECK that stands."""
    method, bounds = KEYS[key]
    if method == "HASH":
        in_default = False
    pg.execute("CREATE DOMAIN dom AS int CHECK (value > 0)")
    pg.execute("CREATE TYPE mood AS ENUM ('sad', 'happy')")
    pg.execute(f"CREATE TABLE odd (k {key}, n int) PARTITION BY {method} (k)")
    pg.execute(f"CREATE TABLE odd_1 PARTITION OF odd FOR VALUES {bounds}")
    if in_default:
        pg.execute("CREATE TABLE odd_rest PARTITION OF odd DEFAULT")
    an_odd_table.detach()
    [(recorded, run)] = pg.execute(
        "SELECT bound_check, run_id FROM partman.detached_partitions"
    ).fetchall()
    assert run is not None
    checks = check_text(pg, "odd_1")
    assert recorded in checks if method != "HASH" else recorded is None
    an_odd_table.drop()
    assert not is_there(pg, "odd_1")


@pytest.mark.parametrize("in_default", [False, True])
def test_a_partition_of_a_partition_keeps_the_check_of_all_its_bounds(
    pg, in_default, an_odd_table
):
    pg.execute("CREATE TABLE top (a text, k int) PARTITION BY LIST (a)")
    pg.execute(
        "CREATE TABLE odd PARTITION OF top FOR VALUES IN ('x', 'y')"
        " PARTITION BY RANGE (k)"
    )
    pg.execute("CREATE TABLE odd_1 PARTITION OF odd FOR VALUES FROM (1) TO (2)")
    if in_default:
        pg.execute("CREATE TABLE odd_rest PARTITION OF odd DEFAULT")
    an_odd_table.detach()
    recorded = value(pg, "SELECT bound_check FROM partman.detached_partitions")
    assert recorded in check_text(pg, "odd_1")
    with pytest.raises(Exception, match="check constraint"):
        pg.execute("INSERT INTO odd_1 VALUES ('z', 1)")
    an_odd_table.drop()
    assert not is_there(pg, "odd_1")


@pytest.mark.parametrize("in_default", [False, True])
def test_a_partition_that_is_partitioned_itself_is_retired_whole(
    pg, in_default, an_odd_table
):
    pg.execute("CREATE TABLE odd (k int, h int) PARTITION BY RANGE (k)")
    pg.execute(
        "CREATE TABLE odd_1 PARTITION OF odd FOR VALUES FROM (1) TO (2)"
        " PARTITION BY HASH (h)"
    )
    pg.execute(
        "CREATE TABLE odd_1_0 PARTITION OF odd_1 FOR VALUES WITH"
        " (MODULUS 1, REMAINDER 0)"
    )
    if in_default:
        pg.execute("CREATE TABLE odd_rest PARTITION OF odd DEFAULT")
    an_odd_table.detach()
    recorded = value(pg, "SELECT bound_check FROM partman.detached_partitions")
    assert recorded in check_text(pg, "odd_1")
    an_odd_table.drop()
    assert not is_there(pg, "odd_1")
    assert relations(pg, "odd%") == {"odd"} | ({"odd_rest"} if in_default else set())


@pytest.mark.parametrize("in_default", [False, True])
def test_a_check_that_implies_the_bounds_does_not_replace_ours(
    pg, in_default, an_odd_table
):
    """PostgreSQL leaves none of its own then."""
    pg.execute("CREATE TABLE odd (k int NOT NULL) PARTITION BY RANGE (k)")
    pg.execute("CREATE TABLE odd_1 PARTITION OF odd FOR VALUES FROM (1) TO (9)")
    pg.execute("ALTER TABLE odd_1 ADD CHECK (k >= 2 AND k < 5)")
    pg.execute("ALTER TABLE odd_1 ADD CONSTRAINT partman_bounds CHECK (k > 0)")
    if in_default:
        pg.execute("CREATE TABLE odd_rest PARTITION OF odd DEFAULT")
    an_odd_table.detach()
    recorded = value(pg, "SELECT bound_check FROM partman.detached_partitions")
    assert recorded in check_text(pg, "odd_1")
    an_odd_table.drop()
    assert not is_there(pg, "odd_1")


class Cut(psycopg.Connection[Any]):
    """A session that is interrupted after a concurrent detach is committed."""

    def execute(self, query: Any, *args: Any, **kwargs: Any) -> Any:
        done = super().execute(query, *args, **kwargs)
        text = query if isinstance(query, str) else query.as_string(None)
        if text.endswith("CONCURRENTLY;"):
            raise KeyboardInterrupt
        return done


@pytest.mark.parametrize("key", ["timestamptz", "varchar"])
def test_a_run_that_ends_right_after_a_detach_is_finished_by_the_next(
    database, pg, an_odd_table, key
):
    """PostgreSQL's own CHECK may be in other words; then the rows are looked at."""
    method, bounds = KEYS[key]
    pg.execute(f"CREATE TABLE odd (k {key}) PARTITION BY {method} (k)")
    pg.execute(f"CREATE TABLE odd_1 PARTITION OF odd FOR VALUES {bounds}")
    an_odd_table.conn.close()
    an_odd_table.conn = session.adopt(Cut.connect(database))
    an_odd_table.detach("skipped")
    assert not children(pg, "odd")
    if key == "varchar":
        [out] = an_odd_table.drop("failed")
        assert "cut short" in out.message
    an_odd_table.settle()
    an_odd_table.drop()
    assert not is_there(pg, "odd_1")


def test_a_row_that_got_in_before_the_check_was_settled_keeps_its_table(
    database, pg, an_odd_table
):
    pg.execute("CREATE TABLE odd (k varchar) PARTITION BY LIST (k)")
    pg.execute("CREATE TABLE odd_1 PARTITION OF odd FOR VALUES IN ('a', 'b')")
    an_odd_table.conn.close()
    an_odd_table.conn = session.adopt(Cut.connect(database))
    an_odd_table.detach("skipped")
    pg.execute("ALTER TABLE odd_1 DROP CONSTRAINT odd_1_k_check, ADD CHECK (k <> '')")
    pg.execute("INSERT INTO odd_1 VALUES ('precious')")
    [out] = an_odd_table.settle("failed")
    assert out.sqlstate == "23514"
    an_odd_table.drop("failed")
    assert value(pg, "SELECT count(*) FROM odd_1") == 1


def test_without_any_check_nothing_is_settled_afterwards(database, pg, an_odd_table):
    pg.execute("CREATE TABLE odd (k varchar) PARTITION BY LIST (k)")
    pg.execute("CREATE TABLE odd_1 PARTITION OF odd FOR VALUES IN ('a', 'b')")
    an_odd_table.conn.close()
    an_odd_table.conn = session.adopt(Cut.connect(database))
    an_odd_table.detach("skipped")
    pg.execute("ALTER TABLE odd_1 DROP CONSTRAINT odd_1_k_check")
    [out] = an_odd_table.drop("failed")
    assert "CHECK" in out.message
