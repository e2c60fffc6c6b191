"""Where partitions are to be moved is looked at when it is said, not some night."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .helpers import a_table, an_engine, daily, refusal, registered

if TYPE_CHECKING:
    import psycopg

    Connection = psycopg.Connection[Any]

MOVED = {"retention_period": "1 day", "retention_action": "move"}


def test_a_schema_that_is_not_there_is_refused(database, pg):
    a_table(pg)
    pg.execute('CREATE SCHEMA "The Attic"')
    engine = an_engine(database)
    error = refusal(engine, **MOVED, retention_schema="nowhere")
    assert error.code == "retention-schema"
    assert "there is no schema nowhere to move partitions to" in error.message
    assert error.hint == "CREATE SCHEMA nowhere AUTHORIZATION postgres"
    near = refusal(engine, **MOVED, retention_schema="the_attic")
    assert near.hint.startswith('did you mean "The Attic"?')
    assert "CREATE SCHEMA the_attic" in near.hint
    assert not registered(pg)
    pg.execute(error.hint)
    daily(engine, **MOVED, retention_schema="nowhere")
    daily(engine, **MOVED, retention_schema='"The Attic"')


def test_a_schema_that_the_tables_owner_may_not_use_is_refused(a_role, database, pg):
    """Partitions are moved as the owner, whoever registers the table."""
    owner = a_role()
    a_table(pg)
    pg.execute(f"ALTER TABLE events OWNER TO {owner}")
    pg.execute("CREATE SCHEMA attic")
    engine = an_engine(database)
    try:
        error = refusal(engine, **MOVED, retention_schema="attic")
        assert error.code == "retention-schema"
        assert f"its owner {owner} may not make tables in the schema attic" in str(
            error
        )
        assert not registered(pg)
        pg.execute(error.hint)
        daily(engine, **MOVED, retention_schema="attic")
    finally:
        pg.execute(f"DROP OWNED BY {owner} CASCADE")


def test_it_is_one_mistake_among_others(database, pg):
    a_table(pg)
    error = refusal(
        an_engine(database), **MOVED, retention_schema="nowhere", tablespace="fast"
    )
    assert len(error.mistakes) == 2
    assert "tablespace fast" in error.mistakes[0]
    assert "schema nowhere" in error.mistakes[1]
