"""What a role needs to work with our tables, and the grant that it is told."""

from __future__ import annotations

import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from psycopg.sql import SQL, Identifier

from partman_core.errors import ConfigError
from partman_core.pg import registry, session

from .flights import (
    OURS,
    SCHEMA,
    start,
    tables,
)


@pytest.fixture
def guest(conn, database):
    """The DSN of a role without any privilege, which is dropped afterwards."""
    name = f"{conn.info.dbname}_guest"
    conn.execute(SQL("CREATE ROLE {} LOGIN").format(Identifier(name)))
    yield make_conninfo(database, user=name)
    conn.execute(SQL("DROP OWNED BY {}").format(Identifier(name)))
    conn.execute(SQL("DROP ROLE {}").format(Identifier(name)))


def test_who_may_not_make_a_schema_is_told_the_grant(conn, guest):
    with session.connect(guest) as poor:
        with pytest.raises(ConfigError, match="permission denied") as caught:
            registry.ensure(poor, SCHEMA)
        assert (caught.value.exit_code, caught.value.code) == (4, "privilege")
        assert poor.info.transaction_status == psycopg.pq.TransactionStatus.IDLE
        by_schema, by_database = caught.value.hint.split(": ", 1)[1].split("; or ")
        assert by_database.startswith("GRANT CREATE ON DATABASE")
        conn.execute(by_schema)
        registry.ensure(poor, SCHEMA)
        assert tables(poor) == OURS


def test_who_may_make_schemas_needs_no_more(conn, guest):
    with session.connect(guest) as poor:
        user, name = Identifier(poor.info.user), Identifier(poor.info.dbname)
        conn.execute(SQL("GRANT CREATE ON DATABASE {} TO {}").format(name, user))
        registry.ensure(poor, SCHEMA)
        assert registry.declared(poor, SCHEMA) == []


def test_who_may_not_use_a_prepared_schema_is_told_the_grant(conn, guest):
    conn.execute("CREATE SCHEMA partman")
    with session.connect(guest) as poor:
        with pytest.raises(ConfigError) as caught:
            registry.ensure(poor, SCHEMA)
        assert caught.value.code == "privilege"
        conn.execute(caught.value.hint.split(": ", 1)[1])
        registry.ensure(poor, SCHEMA)


def test_who_may_not_read_our_tables_is_told_the_grant(ready, guest):
    with session.connect(guest) as poor:
        server = session.probe(poor, SCHEMA)
        assert (server.registry, server.schema_version) == ("unreadable", None)
        with pytest.raises(ConfigError) as caught:
            registry.check(server)
        assert (caught.value.exit_code, caught.value.code) == (4, "privilege")
        with pytest.raises(ConfigError) as direct:
            registry.declared(poor, SCHEMA)
        assert direct.value.code == "privilege"
        ready.execute(caught.value.hint)
        registry.check(session.probe(poor, SCHEMA))
        assert registry.declared(poor, SCHEMA) == []
        with pytest.raises(ConfigError) as writing:
            start(poor)
        assert writing.value.code == "privilege"
        ready.execute(writing.value.hint.split(" (")[0])
        assert start(poor)
