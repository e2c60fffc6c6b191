"""Whatever a table's key is, what left it comes back, and takes the locks it says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from partman_core.model import Table
from partman_core.pg import catalog, ddl, facts, holds, registry, session
from partman_core.plan import Detach
from partman_core.planner.returning import way_back

from .doing import performed
from .helpers import NOW, check_text, children, name, value
from .test_bound_checks import KEYS
from .test_locks import held, said, taken

if TYPE_CHECKING:
    from collections.abc import Iterator

    from partman_core.model import Tree
    from partman_core.plan import Attach, Operation

    Connection = Any


UNREAD = 'partition constraint for table "odd_1" is implied by existing constraints'
"""What PostgreSQL tells where it need not read the rows under its locks."""


class Odd:
    """The table ``odd``, whatever its key, which its partition ``odd_1`` leaves."""

    def __init__(self, conn: Connection) -> None:
        self.conn = conn
        registry.ensure(conn, "partman")

    def tree(self) -> Tree:
        oid = value(self.conn, "SELECT 'odd'::regclass::oid")
        return catalog.trees(self.conn, "partman", [oid])[oid]

    def leave(self, *, plainly: bool = False) -> None:
        tree = self.tree()
        self._run(
            Detach(
                table=tree.name,
                partition=next(p for p in tree.partitions if p.name == name("odd_1")),
                reason="",
                action="drop",
                concurrently=tree.default is None and not plainly,
                due=NOW,
            )
        )

    def way_back(self) -> Attach:
        [retired] = self.tree().bin
        guard = holds.guard(self.conn, "partman", retired)
        [attach] = way_back(name("odd"), retired, guard).operations
        return attach

    def come_back(self) -> None:
        self._run(self.way_back())

    def _run(self, operation: Operation) -> None:
        report = performed(self.conn, self.tree(), operation)
        assert [out.result for out in report.outcomes] == ["done"], report


@pytest.fixture
def odd(database: str) -> Iterator[Odd]:
    found = Odd(session.connect(database))
    yield found
    found.conn.close()


@pytest.mark.parametrize("plainly", [False, True], ids=["concurrently", "plainly"])
@pytest.mark.parametrize("key", KEYS)
def test_whatever_the_key_is_it_comes_back_as_it_was(pg, key, plainly, odd):
    method, bounds = KEYS[key]
    pg.execute("CREATE DOMAIN dom AS int CHECK (value > 0)")
    pg.execute("CREATE TYPE mood AS ENUM ('sad', 'happy')")
    pg.execute(f"CREATE TABLE odd (k {key}, n int) PARTITION BY {method} (k)")
    pg.execute(f"CREATE TABLE odd_1 PARTITION OF odd FOR VALUES {bounds}")
    if plainly and method != "HASH":
        pg.execute("CREATE TABLE odd_rest PARTITION OF odd DEFAULT")
    before = children(pg, "odd")
    odd.leave(plainly=plainly)
    assert "odd_1" not in children(pg, "odd")
    heard: list[str | None] = []
    odd.conn.add_notice_handler(lambda told: heard.append(told.message_primary))
    odd.conn.execute("SET client_min_messages = debug1")
    odd.come_back()
    # What is printed of a domain's bounds is read back as something else.
    in_other_words = key == "dom" and plainly
    assert (UNREAD in heard) == (method != "HASH" and not in_other_words)
    assert children(pg, "odd") == before
    assert odd.tree().bin == ()
    back = next(p for p in odd.tree().partitions if p.name == name("odd_1"))
    assert back.ours


@pytest.mark.parametrize("plainly", [False, True], ids=["concurrently", "plainly"])
def test_a_partition_that_is_partitioned_itself_comes_back_whole(pg, plainly, odd):
    pg.execute("CREATE TABLE odd (k int, h int) PARTITION BY RANGE (k)")
    pg.execute(
        "CREATE TABLE odd_1 PARTITION OF odd FOR VALUES FROM (1) TO (2)"
        " PARTITION BY HASH (h)"
    )
    pg.execute(
        "CREATE TABLE odd_1_0 PARTITION OF odd_1 FOR VALUES WITH"
        " (MODULUS 1, REMAINDER 0)"
    )
    if plainly:
        pg.execute("CREATE TABLE odd_rest PARTITION OF odd DEFAULT")
    pg.execute("INSERT INTO odd SELECT 1, g FROM generate_series(1, 9) g")
    odd.leave(plainly=plainly)
    odd.come_back()
    assert value(pg, "SELECT count(*) FROM odd") == 9


def test_a_partition_of_a_partition_comes_back_to_it(pg, odd):
    pg.execute("CREATE TABLE top (a text, k int) PARTITION BY LIST (a)")
    pg.execute(
        "CREATE TABLE odd PARTITION OF top FOR VALUES IN ('x', 'y')"
        " PARTITION BY RANGE (k)"
    )
    pg.execute("CREATE TABLE odd_1 PARTITION OF odd FOR VALUES FROM (1) TO (2)")
    pg.execute("CREATE TABLE odd_rest PARTITION OF odd DEFAULT")
    pg.execute("INSERT INTO top VALUES ('x', 1)")
    odd.leave()
    odd.come_back()
    assert value(pg, "SELECT count(*) FROM top") == 1


def test_leaving_and_coming_back_again_and_again_leaves_nothing_behind(pg, odd):
    pg.execute("CREATE TABLE odd (k int NOT NULL) PARTITION BY RANGE (k)")
    pg.execute("CREATE TABLE odd_1 PARTITION OF odd FOR VALUES FROM (1) TO (2)")
    pg.execute("CREATE TABLE odd_rest PARTITION OF odd DEFAULT")
    for _ in range(3):
        odd.leave()
        assert len(check_text(pg, "odd_1")) == 1
        odd.come_back()
        assert check_text(pg, "odd_1") == []
        pg.execute("UPDATE partman.managed_partitions SET hold_until = NULL")


def test_a_check_of_the_users_own_that_says_the_same_stays(pg, odd):
    pg.execute("CREATE TABLE odd (k int NOT NULL) PARTITION BY RANGE (k)")
    pg.execute("CREATE TABLE odd_1 PARTITION OF odd FOR VALUES FROM (1) TO (2)")
    pg.execute("CREATE TABLE odd_rest PARTITION OF odd DEFAULT")
    said_by_bounds = value(
        pg, "SELECT pg_get_partition_constraintdef('odd_1'::regclass)"
    )
    pg.execute(f"ALTER TABLE odd_1 ADD CONSTRAINT mine CHECK ({said_by_bounds})")
    odd.leave()
    assert odd.way_back().check == "mine"
    odd.come_back()
    assert len(check_text(pg, "odd_1")) == 1


LOCKED = ["plain", "default", "foreign key", "foreign key and default", "referenced",
          "referenced and default"]  # fmt: skip


@pytest.mark.parametrize("shape", LOCKED)
def test_each_step_takes_the_locks_that_it_says(pg, other, odd, shape):
    pg.execute("CREATE TABLE kinds (kind int PRIMARY KEY) ")
    links = "REFERENCES kinds" if "foreign key" in shape else ""
    pg.execute(
        f"CREATE TABLE odd (k int PRIMARY KEY, kind int {links}) PARTITION BY RANGE (k)"
    )
    pg.execute("CREATE TABLE odd_1 PARTITION OF odd FOR VALUES FROM (1) TO (2)")
    if "referenced" in shape:
        pg.execute("CREATE TABLE notes (k int REFERENCES odd)")
    if "default" in shape:
        pg.execute("CREATE TABLE rest PARTITION OF odd DEFAULT")
    odd.leave(plainly=True)
    tree, conn = odd.tree(), other()
    steps = ddl.steps(
        odd.way_back(),
        facts.facts(pg, [tree.oid])[tree.oid],
        Table(name=tree.name, strategy=None),
        {},
    )
    assert [step.phase for step in steps] == ["validate", "attach"]
    for step in steps:
        assert taken(pg, conn, step, "SHARE UPDATE EXCLUSIVE") == said(step.locks)
        conn.execute(step.sql) if step.phase == "validate" else None
    assert (steps[-1].waits is None) == (shape == "plain")
    assert held(pg, conn.info.backend_pid, "ACCESS SHARE") == {}
