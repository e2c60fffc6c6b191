"""What is written into our tables together with DDL, for many relations at once.

Each function returns one statement with all its values in it, ready to be sent in
one string with the statements that it belongs to, however many relations there are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, LiteralString

from attrs import frozen

from partman_core.bounds import clause
from partman_core.pg.driver import sql
from partman_core.pg.statements import BOUND_CHECK

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from partman_core.model import Deed
    from partman_core.naming import Name
    from partman_core.plan import Create, Detach


@frozen(kw_only=True)
class Records:
    """Where the statements write, and on whose behalf.

    :param schema: name of our own schema.
    :param run: number of the run.
    :param now: the run's clock.
    """

    schema: str
    run: int | None
    now: datetime

    def built(
        self, names: Sequence[Name], parent: int, bounds: Sequence[str]
    ) -> sql.Composed:
        """Record tables that were built for *parent* and are not attached yet."""
        return self._statement(
            "INSERT INTO {schema}.managed_partitions"
            " (relation, parent, bounds, attached, origin, created_at, run_id)"
            " SELECT relation::regclass, {parent}::oid, bounds, false, 'made', {now},"
            " {run} FROM unnest({names}::text[], {bounds}::text[])"
            " AS built(relation, bounds);",
            parent=sql.Literal(parent),
            names=_names(names),
            bounds=sql.Literal(list(bounds)),
        )

    def inside(self, made: Sequence[Create]) -> list[sql.Composed]:
        """Record what is inside of tables that were built, down to the last level."""
        parts = list(_inside(made))
        if not parts:
            return []
        recorded = self._statement(
            "INSERT INTO {schema}.managed_partitions"
            " (relation, parent, bounds, attached, origin, created_at, run_id)"
            " SELECT relation::regclass, parent::regclass, bounds, true, 'made', {now},"
            " {run} FROM unnest({names}::text[], {parents}::text[], {bounds}::text[])"
            " AS built(relation, parent, bounds);",
            names=_names([name for name, _, _ in parts]),
            parents=_names([parent for _, parent, _ in parts]),
            bounds=sql.Literal([bounds for _, _, bounds in parts]),
        )
        return [recorded]

    def attached(self, names: Sequence[Name]) -> sql.Composed:
        """Record that tables that were built are attached now."""
        return self._statement(
            "UPDATE {schema}.managed_partitions SET attached = true"
            " WHERE relation = ANY({names}::text[]::regclass[]);",
            names=_names(names),
        )

    def adopted(
        self, oids: Sequence[int], parent: int, bounds: Sequence[str]
    ) -> sql.Composed:
        """Record that partitions that somebody else made are ours from now on."""
        return self._statement(
            "INSERT INTO {schema}.managed_partitions"
            " (relation, parent, bounds, attached, origin, created_at)"
            " SELECT relation, {parent}::oid, bounds, true, 'adopted', {now}"
            " FROM unnest({oids}::oid[], {bounds}::text[]) AS taken(relation, bounds)"
            " ON CONFLICT (relation) DO UPDATE SET parent = excluded.parent,"
            " bounds = excluded.bounds, attached = true, origin = excluded.origin,"
            " created_at = excluded.created_at;",
            parent=sql.Literal(parent),
            oids=sql.Literal(list(oids)),
            bounds=sql.Literal(list(bounds)),
        )

    def retiring(
        self, operations: Sequence[Detach], parent: int, bounds: Sequence[str]
    ) -> sql.Composed:
        """Record that partitions are to be taken out, and what becomes of them.

        The CHECK that each one's bounds amount to is recorded with it, as PostgreSQL
        prints it at that moment.  That waits where somebody holds it exclusively.  The
        run is recorded when it is out, see :meth:`detached`.
        """
        partitions = [operation.partition for operation in operations]
        return self._statement(
            "INSERT INTO {schema}.detached_partitions (relation, parent, bounds,"
            " action, target_schema, retired_at, due, run_id, bound_check, rows, bytes)"
            " SELECT relation, {parent}::oid, bounds, action, target_schema, {now},"
            " due, NULL, CASE WHEN (SELECT partstrat FROM pg_partitioned_table"
            " WHERE partrelid = {parent}::oid) <> 'h'"
            " THEN pg_get_partition_constraintdef(relation) END, rows, bytes"
            " FROM unnest({oids}::oid[], {bounds}::text[], {actions}::text[],"
            " {schemas}::text[], {due}::timestamptz[], {rows}::bigint[],"
            " {bytes}::bigint[]) AS retired(relation, bounds, action, target_schema,"
            " due, rows, bytes)"
            " ON CONFLICT (relation) DO UPDATE SET parent = excluded.parent,"
            " bounds = excluded.bounds, action = excluded.action,"
            " target_schema = excluded.target_schema,"
            " retired_at = excluded.retired_at, due = excluded.due,"
            " run_id = excluded.run_id, bound_check = excluded.bound_check,"
            " rows = excluded.rows, bytes = excluded.bytes;",
            parent=sql.Literal(parent),
            oids=sql.Literal([partition.oid for partition in partitions]),
            bounds=sql.Literal(list(bounds)),
            actions=sql.Literal([operation.action for operation in operations]),
            schemas=sql.Literal([op.target_schema for op in operations]),
            due=sql.Literal([operation.due for operation in operations]),
            rows=sql.Literal([partition.rows for partition in partitions]),
            bytes=sql.Literal([partition.bytes for partition in partitions]),
        )

    def detached(self, oids: Sequence[int]) -> sql.Composed:
        """Record that partitions are out, and the CHECK that each has got.

        Ours may be printed in other words than the bounds that it was made of.
        """
        return self._statement(
            "UPDATE {schema}.detached_partitions d SET run_id = {run}, bound_check ="
            " CASE WHEN EXISTS (SELECT FROM pg_constraint k"
            " WHERE k.conrelid = d.relation AND k.contype = 'c'"
            " AND pg_get_expr(k.conbin, k.conrelid) = d.bound_check)"
            " THEN d.bound_check ELSE (SELECT pg_get_expr(k.conbin, k.conrelid)"
            " FROM pg_constraint k WHERE k.conrelid = d.relation"
            " AND k.conname = {name}) END"
            " WHERE d.relation = ANY({oids}::oid[]);",
            oids=sql.Literal(list(oids)),
            name=sql.Literal(BOUND_CHECK),
        )

    def withdrawn(self, oids: Sequence[int]) -> sql.Composed:
        """Forget the intent to retire partitions that are still where they were."""
        return self._statement(
            "DELETE FROM {schema}.detached_partitions d"
            " WHERE d.relation = ANY({oids}::oid[]) AND EXISTS (SELECT"
            " FROM pg_inherits i WHERE i.inhrelid = d.relation"
            " AND NOT i.inhdetachpending);",
            oids=sql.Literal(list(oids)),
        )

    def forgotten(self, oids: Sequence[int]) -> sql.Composed:
        """Forget relations, and what is inside of them: dropped, or moved away.

        It has to come before that.
        """
        return self._statement(
            "WITH RECURSIVE inside(oid) AS (SELECT unnest({oids}::oid[])"
            " UNION SELECT i.inhrelid FROM inside o"
            " JOIN pg_inherits i ON i.inhparent = o.oid),"
            " gone AS (DELETE FROM {schema}.detached_partitions"
            " WHERE relation IN (SELECT oid FROM inside))"
            " DELETE FROM {schema}.managed_partitions"
            " WHERE relation IN (SELECT oid FROM inside);",
            oids=sql.Literal(list(oids)),
        )

    def unbuilt(self, name: Name) -> sql.Composed:
        """Forget a table that was built and could not be attached."""
        return self._statement(
            "DELETE FROM {schema}.managed_partitions"
            " WHERE relation = {name}::regclass AND NOT attached;",
            name=sql.Literal(str(name)),
        )

    def done(
        self, deeds: Sequence[Deed], seconds: Sequence[float] | None = None
    ) -> sql.Composed:
        """Record operations of one table and one transaction in the history.

        :param seconds: how long each took; None: its share of what the transaction
            has taken so far.
        """
        first = deeds[0]
        taken = [None] * len(deeds) if seconds is None else list(seconds)
        return self._statement(
            "INSERT INTO {schema}.operation_history (run_id, at, schema_name,"
            " table_name, kind, partition, bounds, rows, bytes, seconds, result)"
            " SELECT {run}, {now}, {table_schema}, {table}, kind, partition, bounds,"
            " rows, bytes, coalesce(taken, extract(epoch"
            " FROM clock_timestamp() - transaction_timestamp()) / {count}), 'done'"
            " FROM unnest({kinds}::text[], {partitions}::text[], {bounds}::text[],"
            " {rows}::bigint[], {bytes}::bigint[], {taken}::float8[])"
            " AS deeds(kind, partition, bounds, rows, bytes, taken);",
            table_schema=sql.Literal(first.table.schema),
            table=sql.Literal(first.table.relation),
            taken=sql.Literal(taken),
            count=sql.Literal(len(deeds)),
            kinds=sql.Literal([deed.kind for deed in deeds]),
            partitions=_names([deed.partition for deed in deeds]),
            bounds=sql.Literal([deed.bounds for deed in deeds]),
            rows=sql.Literal([deed.rows for deed in deeds]),
            bytes=sql.Literal([deed.bytes for deed in deeds]),
        )

    def known(self, table: Name) -> sql.Composed:
        """Ask which operations of this run on a table are committed."""
        return self._statement(
            "SELECT kind, partition FROM {schema}.operation_history"
            " WHERE run_id = {run} AND result = 'done'"
            " AND schema_name = {table_schema} AND table_name = {table};",
            table_schema=sql.Literal(table.schema),
            table=sql.Literal(table.relation),
        )

    def failed(self, deeds: Sequence[Deed]) -> sql.Composed:
        """Record operations of one table that failed, and why."""
        first = deeds[0]
        return self._statement(
            "INSERT INTO {schema}.operation_history (run_id, at, schema_name,"
            " table_name, kind, partition, bounds, seconds, result, sqlstate, message)"
            " SELECT {run}, {now}, {table_schema}, {table}, kind, partition, bounds,"
            " seconds, 'failed', sqlstate, message"
            " FROM unnest({kinds}::text[], {partitions}::text[], {bounds}::text[],"
            " {seconds}::float8[], {states}::text[], {messages}::text[])"
            " AS deeds(kind, partition, bounds, seconds, sqlstate, message);",
            table_schema=sql.Literal(first.table.schema),
            table=sql.Literal(first.table.relation),
            kinds=sql.Literal([deed.kind for deed in deeds]),
            partitions=_names([deed.partition for deed in deeds]),
            bounds=sql.Literal([deed.bounds for deed in deeds]),
            seconds=sql.Literal([deed.seconds for deed in deeds]),
            states=sql.Literal([deed.sqlstate for deed in deeds]),
            messages=sql.Literal([deed.message for deed in deeds]),
        )

    def _statement(self, text: LiteralString, **parts: sql.Composable) -> sql.Composed:
        return sql.SQL(text).format(
            **{
                "schema": sql.Identifier(self.schema),
                "run": sql.Literal(self.run),
                "now": sql.Literal(self.now),
                **parts,
            }
        )


def _inside(made: Sequence[Create]) -> Iterator[tuple[Name, Name, str]]:
    for outer in made:
        types = [column.type for column in outer.split.columns] if outer.split else []
        for inner in outer.inner:
            yield inner.name, outer.name, clause(inner.bounds, types)
        yield from _inside(outer.inner)


def _names(names: Sequence[Name]) -> sql.Literal:
    """Write relations by name, for when their oids are not known yet."""
    return sql.Literal([str(name) for name in names])
