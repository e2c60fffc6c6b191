"""Statements that are sent as they are, or are parts of a step.

Names and values are quoted here, and every ``DO`` block is put together here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from psycopg.sql import SQL, Composed, Identifier
from psycopg.sql import Literal as Value

from partman_core.pg.build import relation

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from partman_core.naming import Name

EXCLUSIVE = "ACCESS EXCLUSIVE"

BOUND_CHECK = "partman_bounds"
"""Name of the CHECK that a plainly detached partition keeps."""


def lock(names: Iterable[Name], mode: str, *, only: bool = False) -> Composed:
    """Write the lock of several tables.

    :param only: without their partitions.
    """
    each = SQL("ONLY {}" if only else "{}")
    return SQL("LOCK TABLE {} IN {} MODE;").format(
        SQL(", ").join(each.format(relation(name)) for name in names),
        SQL(mode),
    )


def do_block(body: Composed) -> Composed:
    """Wrap statements into one ``DO`` block, whatever they quote."""
    text, tag = body.as_string(None), "$partman$"
    while tag in text:
        tag = f"{tag[:-1]}_$"
    quote = SQL(tag)
    return SQL("DO {quote} BEGIN\n{body}\nEND {quote};").format(quote=quote, body=body)


def finalization(parent: Name, name: Name) -> Composed:
    """Write the end of a concurrent detach that was cut short."""
    return SQL("ALTER TABLE {} DETACH PARTITION {} FINALIZE;").format(
        relation(parent), relation(name)
    )


def bound_check(
    name: Name, check: str, *, stale: bool = False, scan: bool = False
) -> Composed:
    """Write the CHECK that keeps stray keys out of a detached partition.

    :param stale: whether some other CHECK of its name makes way.
    :param scan: have the rows that are there checked as well.
    """
    drop = SQL("DROP CONSTRAINT {}, ").format(Identifier(BOUND_CHECK))
    return SQL(
        "ALTER TABLE {table} {drop}ADD CONSTRAINT {name} CHECK ({check}){how};"
    ).format(
        table=relation(name),
        drop=drop if stale else SQL(""),
        name=Identifier(BOUND_CHECK),
        check=SQL(check),
        how=SQL("" if scan else " NOT VALID"),
    )


def settle(name: Name, check: str, *, scan: bool = False) -> Composed:
    """Write what sees to it that a detached partition has the CHECK of its bounds.

    A concurrent detach leaves one of its own, but none where another one implies it,
    and prints constants differently than the bounds do.

    :param check: as the bounds amounted to.
    :param scan: have the rows that are there checked as well.
    """
    own = SQL(_HAS_OWN).format(table=Value(literal(name)), name=Value(BOUND_CHECK))
    return do_block(
        SQL(
            "IF NOT EXISTS (SELECT FROM pg_constraint k"
            " WHERE k.conrelid = {table}::regclass AND k.contype = 'c'"
            " AND pg_get_expr(k.conbin, k.conrelid) = {check}) THEN\n"
            "IF {own} THEN {instead}\nELSE {added}\nEND IF; END IF;"
        ).format(
            table=Value(literal(name)),
            check=Value(check),
            own=own,
            instead=bound_check(name, check, stale=True, scan=scan),
            added=bound_check(name, check, scan=scan),
        )
    )


_HAS_OWN = (
    "EXISTS (SELECT FROM pg_constraint k"
    " WHERE k.conrelid = {table}::regclass AND k.conname = {name})"
)


def removal(name: Name) -> Composed:
    """Write the end of a table; what depends on it is never taken along."""
    return SQL("DROP TABLE {};").format(relation(name))


def removal_if_empty(name: Name) -> Composed:
    """Write the end of a table that was built and never attached.

    Rows keep it, and so does whoever has attached it.  Forced row security would hide
    its rows from its owner.
    """
    return do_block(
        SQL(
            "{lock}\n"
            "IF (SELECT relispartition FROM pg_class WHERE oid = {name}::regclass) THEN"
            " RAISE object_in_use USING MESSAGE = {attached}; END IF;\n"
            "ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY;\n"
            "IF EXISTS (SELECT FROM {table}) THEN"
            " RAISE object_in_use USING MESSAGE = {filled}, HINT = {hint}; END IF;\n"
            "{removal}"
        ).format(
            lock=lock([name], EXCLUSIVE),
            name=Value(literal(name)),
            attached=Value(f"{name} was built and is attached somewhere by now"),
            table=relation(name),
            filled=Value(
                f"{name} was built and never attached, but somebody put rows into it"
            ),
            hint=Value("attach it by hand, or move its rows and drop it"),
            removal=removal(name),
        )
    )


def moving(name: Name, schema: str, *, whole: bool) -> Composed:
    """Write the way of a table to another schema.

    :param whole: take its partitions along, which PostgreSQL would leave behind.
    """
    move = SQL("ALTER TABLE {} SET SCHEMA {};").format(
        relation(name), Identifier(schema)
    )
    if not whole:
        return move
    inside = SQL(_INSIDE).format(table=Value(literal(name)), schema=Value(schema))
    return SQL("\n").join([do_block(inside), move])


_INSIDE = """DECLARE part regclass;
BEGIN
  FOR part IN SELECT relid FROM pg_partition_tree({table}) WHERE level > 0 LOOP
    EXECUTE format('ALTER TABLE %s SET SCHEMA %I', part, {schema});
  END LOOP;
END;"""


def freeze(names: Sequence[Name], *, readable: bool) -> Composed:
    """Write the lock that a detached table is dropped under.

    :param readable: others may still read it: a plugin may archive it.
    """
    return lock(names, "EXCLUSIVE" if readable else EXCLUSIVE)


def literal(name: Name) -> str:
    """Write a name as a value, for a cast to regclass."""
    return relation(name).as_string(None)
