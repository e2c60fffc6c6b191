"""One operation done as a run does it, on a table that no engine looks after."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from partman_core.executor import Pass
from partman_core.executor.work import Work
from partman_core.model import Table
from partman_core.pg import facts
from partman_core.plan import TablePlan
from partman_core.plugins import Plugins

from .helpers import NOW

if TYPE_CHECKING:
    import psycopg

    from partman_core.model import Tree
    from partman_core.plan import Operation
    from partman_core.report import TableReport


def performed(
    conn: psycopg.Connection[Any], tree: Tree, operation: Operation, **more: Any
) -> TableReport:
    """Do one operation to a table, and return what became of it.

    :param more: of the run, where it is not as usual.
    """
    usual = {
        "connect": lambda: conn,
        "plugins": Plugins(),
        "now": NOW,
        "log": logging.getLogger("partman"),
    }
    part = Pass.of(
        Work(conn=conn, schema="partman", run=7, **(usual | more)),
        Table(name=tree.name, strategy=None),
        tree,
        facts.facts(conn, [tree.oid]),
        TablePlan(table=tree.name, operations=(operation,)),
    )
    for due, do in (
        (part.creations, part.create),
        (part.retirements, part.retire),
        (part.disposals, part.dispose),
    ):
        if due:
            do()
    return part.report()
