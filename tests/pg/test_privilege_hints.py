"""Who lacks what, where the server refuses to make a table."""

from __future__ import annotations

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from partman_core.bounds import DefaultBounds
from partman_core.executor.outcome import failed
from partman_core.model import Retired
from partman_core.naming import Name
from partman_core.plan import Create, Drop, Move


def refused(pg, role: str, query) -> psycopg.Error:
    """Return what the server says to *role*."""
    pg.execute(SQL("SET ROLE {}").format(Identifier(role)))
    with pytest.raises(psycopg.errors.InsufficientPrivilege) as caught:
        pg.execute(query)
    pg.execute("RESET ROLE")
    return caught.value


def making(schema: str) -> Create:
    return Create(
        table=Name(schema, "t"), name=Name(schema, "p"), bounds=DefaultBounds(),
        reason="",
    )  # fmt: skip


def gone(schema: str) -> Retired:
    return Retired(
        oid=1, name=Name(schema, "p"), bounds=DefaultBounds(), action="move",
        retired_at=None, due=None,
    )  # fmt: skip


@pytest.mark.parametrize("schema", ["app", 'My "App"', "for schema app"])
def test_the_hint_is_the_grant_that_the_owner_lacks(a_role, pg, schema):
    owner = a_role("NOLOGIN")
    place = Identifier(schema)
    pg.execute(SQL("CREATE SCHEMA {}").format(place))
    error = refused(pg, owner, SQL("CREATE TABLE {}.p (at int)").format(place))
    hint = failed(making(schema), error, 0.0, owner=owner).hint
    before, grant, rest = hint.partition("GRANT")
    assert before == (
        f"this is done as the table's owner, {owner}, who may not make tables there: "
    )
    pg.execute(grant + rest)
    pg.execute(SQL("SET ROLE {}").format(Identifier(owner)))
    pg.execute(SQL("CREATE TABLE {}.p (at int)").format(place))
    pg.execute("RESET ROLE")
    pg.execute(SQL("DROP SCHEMA {} CASCADE").format(place))


def test_where_the_owner_is_not_known_it_is_still_told_what_is_lacking(a_role, pg):
    pg.execute("CREATE SCHEMA app")
    error = refused(pg, a_role("NOLOGIN"), "CREATE TABLE app.p (at int)")
    found = failed(making("app"), error, 0.0)
    assert (found.sqlstate, found.exit_code) == ("42501", 4)
    assert found.hint == (
        "the table's owner, as whom this is done, needs USAGE, CREATE ON SCHEMA app"
    )


def test_a_move_needs_the_grant_on_the_schema_that_it_goes_to(a_role, pg):
    owner = a_role("NOLOGIN")
    pg.execute("CREATE SCHEMA archive")
    error = refused(pg, owner, "CREATE TABLE archive.p (at int)")
    operation = Move(
        table=Name("app", "t"), retired=gone("app"), reason="", target_schema="archive"
    )
    hint = failed(operation, error, 0.0, owner=owner).hint
    assert hint.endswith(f"GRANT USAGE, CREATE ON SCHEMA archive TO {owner}")


def test_a_tablespace_is_granted_as_one(a_role, a_tablespace, pg):
    owner = a_role("NOLOGIN")
    pg.execute(SQL("CREATE SCHEMA AUTHORIZATION {}").format(Identifier(owner)))
    query = SQL("CREATE TABLE {}.p (at int) TABLESPACE {}")
    query = query.format(Identifier(owner), Identifier(a_tablespace))
    hint = failed(making("app"), refused(pg, owner, query), 0.0, owner=owner).hint
    assert hint.endswith(f"GRANT CREATE ON TABLESPACE {a_tablespace} TO {owner}")
    pg.execute(SQL("DROP SCHEMA {} CASCADE").format(Identifier(owner)))


@pytest.mark.parametrize("kind", ["schema of another table", "table"])
def test_what_the_owner_may_not_lack_is_not_ascribed_to_him(a_role, pg, kind):
    owner = a_role("NOLOGIN")
    pg.execute("CREATE SCHEMA partman; CREATE TABLE public.secret (n int)")
    query = "TABLE partman.x" if kind.startswith("schema") else "TABLE public.secret"
    error = refused(pg, owner, query)
    for operation in (
        making("app"),
        Drop(table=Name("app", "t"), retired=gone("app"), reason=""),
    ):
        hint = failed(operation, error, 0.0, owner=owner).hint
        assert hint.startswith("grant what is missing to the role that connects")
