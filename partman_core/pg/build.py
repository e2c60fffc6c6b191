"""The statements that build a partition apart from its table.

``LIKE ... INCLUDING ALL`` copies columns, defaults, checks, indexes and comments.
Identity is left out: PostgreSQL 15 would give the partition a sequence of its own
(and duplicate numbers through direct inserts), PostgreSQL 17 and later refuse to
attach it.  What LIKE does not copy follows here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from psycopg.sql import SQL, Composed, Identifier, Literal

from partman_core.bounds import clause

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from partman_core.model import Table
    from partman_core.naming import Name
    from partman_core.pg.facts import Facts, Grant
    from partman_core.plan import Create

_REPLICA = {"f": SQL("FULL"), "n": SQL("NOTHING")}


def relation(name: Name) -> Identifier:
    """Write a name, schema and all."""
    if name.schema is None:
        return Identifier(name.relation)
    return Identifier(name.schema, name.relation)


def statements(made: Create, facts: Facts, table: Table) -> Composed:
    """Write all statements that build a partition like its parent.

    One that is partitioned again is built with all that is to be inside of it.  Nobody
    can use it yet, so its partitions are made in place.
    """
    like = SQL("CREATE TABLE {} (LIKE {} INCLUDING ALL EXCLUDING IDENTITY)").format(
        relation(made.name), relation(facts.name)
    )
    return SQL("\n").join([*_whole(like, made, facts, table)])


def inside(made: Create, facts: Facts, table: Table) -> Composed:
    """Write what builds the partitions of one that is built and not attached yet."""
    return SQL("\n").join([*_inside(made, facts, table)])


def _whole(
    create: Composed, made: Create, facts: Facts, table: Table
) -> Iterator[Composed]:
    name = made.name
    yield _create(create, made, facts, table)
    yield from _row_security(name, facts)
    yield from _replica_identity(name, facts)
    yield from _columns(name, facts)
    yield from _grants(name, facts)
    yield from _inside(made, facts, table)


def _inside(made: Create, facts: Facts, table: Table) -> Iterator[Composed]:
    for inner in made.inner:
        create = SQL("CREATE TABLE {} PARTITION OF {} {}").format(
            relation(inner.name),
            relation(made.name),
            SQL(clause(inner.bounds, _types(made))),
        )
        yield from _whole(create, inner, facts, table)


def _types(made: Create) -> list[str]:
    return [column.type for column in made.split.columns] if made.split else []


def _create(create: Composed, made: Create, facts: Facts, table: Table) -> Composed:
    parts: list[Composed | SQL] = [create]
    if made.split is not None:
        parts.append(SQL("PARTITION BY {}").format(SQL(str(made.split))))
        if tablespace := table.tablespace or facts.tablespace:
            parts.append(SQL("TABLESPACE {}").format(Identifier(tablespace)))
        return SQL("{};").format(SQL(" ").join(parts))
    if facts.access_method:
        parts.append(SQL("USING {}").format(Identifier(facts.access_method)))
    if table.storage:
        parts.append(SQL("WITH ({})").format(_options(table.storage.items())))
    if tablespace := table.tablespace or facts.tablespace:
        parts.append(SQL("TABLESPACE {}").format(Identifier(tablespace)))
    return SQL("{};").format(SQL(" ").join(parts))


def _options(pairs: Iterable[Sequence[str]]) -> Composed:
    return SQL(", ").join(
        SQL("{} = {}").format(
            SQL(".").join(map(Identifier, key.split("."))), Literal(value)
        )
        for key, value in pairs
    )


def _row_security(name: Name, facts: Facts) -> Iterator[Composed]:
    """Close the partition itself: the parent's policies do not reach it.

    With row security on and no policy nobody but the owner reads it directly;
    queries through the parent are judged by the parent's policies alone.
    """
    if facts.row_security:
        yield _alter(name, SQL("ENABLE ROW LEVEL SECURITY"))
    if facts.force_row_security:
        yield _alter(name, SQL("FORCE ROW LEVEL SECURITY"))


def _replica_identity(name: Name, facts: Facts) -> Iterator[Composed]:
    identity = facts.replica_identity
    if identity == "i" and not facts.replica_columns:
        identity = "n"  # without its index that is what it amounts to
    if action := _REPLICA.get(identity):
        yield _alter(name, SQL("REPLICA IDENTITY {}").format(action))
    if identity == "i":
        yield SQL(_USING_INDEX).format(
            table=Literal(relation(name).as_string(None)),
            columns=Literal(list(facts.replica_columns)),
        )


_USING_INDEX = """DO $partman$
DECLARE chosen name;
BEGIN
  SELECT c.relname INTO STRICT chosen
    FROM pg_index x
    JOIN pg_class c ON c.oid = x.indexrelid
   WHERE x.indrelid = {table}::regclass AND x.indisunique AND x.indimmediate
     AND x.indpred IS NULL
     AND {columns}::text[] = (
         SELECT array_agg(a.attname::text ORDER BY k.n)
           FROM unnest(x.indkey::int2[]) WITH ORDINALITY AS k(attnum, n)
           JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = k.attnum)
   LIMIT 1;
  EXECUTE format('ALTER TABLE %s REPLICA IDENTITY USING INDEX %I', {table}, chosen);
END $partman$;"""
"""The partition's own index over the columns of the parent's replica identity."""


def _columns(name: Name, facts: Facts) -> Iterator[Composed]:
    for column in facts.columns:
        alter = SQL("ALTER COLUMN {} ").format(Identifier(column.column))
        if column.target is not None:
            target = Literal(column.target)
            yield _alter(name, alter + SQL("SET STATISTICS {}").format(target))
        if column.options:
            pairs = [option.split("=", 1) for option in column.options]
            yield _alter(name, alter + SQL("SET ({})").format(_options(pairs)))


def _grants(name: Name, facts: Facts) -> Iterator[Composed]:
    """Give the parent's grants, unless row security guards what they would show."""
    if facts.row_security:
        return
    for grant in facts.grants:
        yield _grant(name, grant)


def _grant(name: Name, grant: Grant) -> Composed:
    column = (
        SQL("")
        if grant.column is None
        else SQL(" ({})").format(Identifier(grant.column))
    )
    return SQL("GRANT {privilege}{column} ON {table} TO {grantee}{option};").format(
        privilege=SQL(grant.privilege),
        column=column,
        table=relation(name),
        grantee=SQL("PUBLIC") if grant.grantee is None else Identifier(grant.grantee),
        option=SQL(" WITH GRANT OPTION" if grant.grantable else ""),
    )


def _alter(name: Name, action: SQL | Composed) -> Composed:
    return SQL("ALTER TABLE {} {};").format(relation(name), action)
