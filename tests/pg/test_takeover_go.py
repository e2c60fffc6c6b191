"""Taking over from go_partman and gopartman, whose tables are made by hand here."""

from __future__ import annotations

import pytest

from partman_core.errors import ConfigError

from .helpers import a_table, an_engine, children, told, value

PARENTS = """
CREATE SCHEMA gopart;
CREATE TABLE gopart.parent_tables (
    id varchar PRIMARY KEY, schema_name varchar NOT NULL, table_name varchar NOT NULL,
    tenant_column varchar, partition_by varchar NOT NULL,
    partition_type varchar NOT NULL, partition_interval varchar NOT NULL,
    partition_count int NOT NULL DEFAULT 10, retention_period varchar NOT NULL,
    created_at timestamptz DEFAULT now(), updated_at timestamptz DEFAULT now(),
    UNIQUE (schema_name, table_name));
CREATE TABLE gopart.tenants (
    id varchar NOT NULL,
    parent_table_id varchar NOT NULL REFERENCES gopart.parent_tables,
    created_at timestamptz DEFAULT now(), PRIMARY KEY (parent_table_id, id));
CREATE TABLE gopart.partitions (
    id varchar PRIMARY KEY, parent_table_id varchar NOT NULL, tenant_id varchar,
    partition_by varchar NOT NULL, partition_type varchar NOT NULL,
    partition_bounds_from timestamptz NOT NULL,
    partition_bounds_to timestamptz NOT NULL)
"""

REWRITTEN = """
ALTER TABLE gopart.parent_tables DROP COLUMN partition_count,
    ALTER retention_period TYPE interval USING retention_period::interval,
    ADD premake int NOT NULL DEFAULT 4,
    ADD retention_keep_table boolean NOT NULL DEFAULT false,
    ADD retention_schema varchar,
    ADD automatic_maintenance boolean NOT NULL DEFAULT true;
ALTER TABLE gopart.partitions ADD name varchar, ADD is_default boolean DEFAULT false,
    ADD status varchar NOT NULL DEFAULT 'active'
"""

FIRST = """
CREATE SCHEMA gopart;
CREATE TABLE gopart.partition_management (
    id text PRIMARY KEY, table_name text NOT NULL, schema_name text NOT NULL,
    tenant_id text, tenant_column text, partition_by text NOT NULL,
    partition_type text NOT NULL, partition_interval text NOT NULL,
    retention_period text NOT NULL, partition_count int NOT NULL DEFAULT 10,
    created_at timestamp DEFAULT now(), updated_at timestamp DEFAULT now())
"""

TENANTS = ("acme", "ACME", "o'brien")


def logs(pg) -> None:
    """Make a table of tenants, with partitions as go_partman makes them."""
    a_table(
        pg,
        "logs",
        "project_id varchar NOT NULL, at timestamptz NOT NULL",
        "RANGE (project_id, at)",
    )
    for number, tenant in enumerate(TENANTS):
        quoted = tenant.replace("'", "''")
        for day in (10, 23, 24):
            pg.execute(
                f"CREATE TABLE logs_{number}_202611{day} PARTITION OF logs FOR VALUES"
                f" FROM ('{quoted}', '2026-11-{day}') TO"
                f" ('{quoted}', '2026-11-{day + 1}');"
                f"INSERT INTO logs VALUES ('{quoted}', '2026-11-{day} 12:00')"
            )


def attempts(pg) -> None:
    """Make a table without tenants, with partitions that begin at any time of day."""
    a_table(pg, "attempts")
    for day in (22, 23, 24):
        pg.execute(
            f"CREATE TABLE attempts_202611{day} PARTITION OF attempts FOR VALUES"
            f" FROM ('2026-11-{day} 13:37') TO ('2026-11-{day + 1} 13:37')"
        )


def kept(pg, table, interval="24h0m0s", retention="168h0m0s", tenant=None) -> None:
    pg.execute(
        "INSERT INTO gopart.parent_tables (id, schema_name, table_name, tenant_column,"
        " partition_by, partition_type, partition_interval, retention_period)"
        " VALUES (%s, 'public', %s, %s, 'at', 'range', %s, %s)",
        [table, table, tenant, interval, retention],
    )


def test_tables_with_and_without_tenants_are_taken_over_whole(database, pg):
    pg.execute(PARENTS)
    logs(pg)
    attempts(pg)
    kept(pg, "logs", tenant="project_id")
    kept(pg, "attempts")
    for tenant in TENANTS:
        pg.execute("INSERT INTO gopart.tenants VALUES (%s, 'logs')", [tenant])
    engine = an_engine(database)
    before, rows = children(pg, "logs"), value(pg, "SELECT count(*) FROM logs")
    done = engine.migrate_from("go_partman", confirm=True)
    assert done.exit_code == 0, [one.error for one in done.tables]
    plain, shared = done.tables
    assert plain.proposal.settings == {
        "partition_interval": "1 day",
        "partition_count": 10,
        "partition_by": "at",
        "retention_period": "7 days",
        "retention_action": "drop",
    }
    assert "still runs" in done.warnings[0]
    assert len(plain.adoption.accepted) == 3
    assert "3 of its partitions do not lie on the grid" in plain.proposal.notes[-1]
    assert set(shared.proposal.tenants) == set(TENANTS)
    assert len(shared.adoption.accepted) == 6
    assert len(shared.adoption.backlog.partitions) == 3
    report = engine.maintain()
    assert report.exit_code == 0
    assert {kind for kind, _ in told(report)} == {"create"}
    assert set(before) < set(children(pg, "logs"))
    assert len(children(pg, "logs")) == len(before) + 3 * 9
    assert value(pg, "SELECT count(*) FROM logs") == rows
    assert not engine.plan()
    engine.import_existing_partitions("logs", confirm=True)
    engine.maintain(max_drops=100)
    assert set(before) - set(children(pg, "logs")) == {
        f"logs_{number}_20261110" for number in range(3)
    }


def test_what_was_cut_short_is_finished_by_the_next_one(database, pg, monkeypatch):
    pg.execute(PARENTS)
    logs(pg)
    kept(pg, "logs", tenant="project_id")
    for tenant in TENANTS:
        pg.execute("INSERT INTO gopart.tenants VALUES (%s, 'logs')", [tenant])
    engine = an_engine(database)
    for step in ("register_tenants", "import_existing_partitions"):
        with monkeypatch.context() as patched:

            def killed(*_given, **_more):
                raise KeyboardInterrupt

            patched.setattr(engine, step, killed)
            with pytest.raises(KeyboardInterrupt):
                engine.migrate_from("go_partman", confirm=True)
        [shown] = engine.migrate_from("go_partman", dry_run=True).tables
        assert not shown.is_ours
    [one] = engine.migrate_from("go_partman", confirm=True).tables
    assert len(one.adoption.accepted) == 6
    assert {each.tenant for each in engine.tenants("logs")} == set(TENANTS)
    [one] = engine.migrate_from("go_partman", confirm=True).tables
    assert one.is_ours


def test_what_somebody_has_changed_since_is_left_as_it_is(database, pg):
    pg.execute(PARENTS)
    attempts(pg)
    kept(pg, "attempts")
    engine = an_engine(database)
    engine.register("attempts", partition_interval="1 hour")
    [one] = engine.migrate_from("go_partman", confirm=True).tables
    assert one.is_ours
    assert engine.import_existing_partitions("attempts", any_size=True).accepted


def test_the_first_layout_has_settings_for_each_tenant(database, pg):
    pg.execute(FIRST)
    logs(pg)
    for tenant, count, retention in (("acme", 10, "168h0m0s"), ("ACME", 3, "720h0m0s")):
        pg.execute(
            "INSERT INTO gopart.partition_management (id, table_name, schema_name,"
            " tenant_id, tenant_column, partition_by, partition_type,"
            " partition_interval, retention_period, partition_count)"
            " VALUES (%s, 'logs', 'public', %s, 'project_id', 'at', 'range',"
            " '24h0m0s', %s, %s)",
            [tenant, tenant, retention, count],
        )
    [one] = an_engine(database).migrate_from("go_partman", confirm=True).tables
    assert one.error is None
    assert one.proposal.tenants == {
        "acme": {},
        "ACME": {"partition_count": 3, "retention_period": "30 days"},
    }
    assert len(one.adoption.accepted) >= 4


def test_the_rewrite_is_taken_over_with_its_own_words(database, pg):
    """It has names for intervals, and a switch of its own."""
    pg.execute(PARENTS + ";" + REWRITTEN)
    a_table(pg)
    a_table(pg, "upgraded")
    kept(pg, "events", "weekly", "30 days")
    kept(pg, "upgraded", "24h0m0s", "168h0m0s")
    pg.execute("UPDATE gopart.parent_tables SET retention_keep_table = id = 'events'")
    pg.execute(
        "CREATE TABLE public.old_week (at timestamptz);"
        "INSERT INTO gopart.partitions (id, name, parent_table_id, partition_by,"
        " partition_type, partition_bounds_from, partition_bounds_to, status) VALUES"
        " ('1', 'public.old_week', 'events', 'at', 'range', now(), now(), 'detached')"
    )
    engine = an_engine(database)
    with pytest.raises(ConfigError) as caught:
        engine.migrate_from("gopartman", confirm=True)
    assert caught.value.code == "still-maintained"
    assert len(caught.value.mistakes) == 2
    for statement in caught.value.hint.splitlines():
        pg.execute(statement)
    done = engine.migrate_from("gopartman", confirm=True)
    weekly, upgraded = done.tables
    assert weekly.proposal.settings["partition_interval"] == "7 days"
    assert weekly.proposal.settings["partition_count"] == 5
    assert weekly.proposal.settings["retention_action"] == "detach"
    assert "old_week" in weekly.proposal.notes[0]
    assert upgraded.proposal.settings["partition_interval"] == "1 day"
    assert upgraded.proposal.settings["retention_period"] == "7 days"
    assert done.exit_code == 0


def test_it_is_refused_while_a_lock_or_a_session_shows_that_it_runs(
    database, pg, other
):
    pg.execute(PARENTS)
    a_table(pg)
    kept(pg, "events")
    engine = an_engine(database)
    holder = other()
    holder.execute("SELECT pg_advisory_lock(hashtext('public'), hashtext('events'))")
    with pytest.raises(ConfigError, match="at work on it"):
        engine.migrate_from("gopartman", confirm=True)
    holder.execute("SELECT pg_advisory_unlock_all()")
    there = other(application_name="billing go_partman")
    pid = there.info.backend_pid
    with pytest.raises(ConfigError, match="is connected"):
        engine.migrate_from("go_partman", confirm=True)
    there.close()
    left = "SELECT count(*) FROM pg_stat_activity WHERE pid = %s"
    while value(pg, left, pid):
        pass
    assert engine.migrate_from("go_partman", confirm=True).exit_code == 0


def test_the_word_that_it_is_stopped_has_to_be_given(database, pg):
    pg.execute(PARENTS)
    a_table(pg)
    kept(pg, "events", retention="0s")
    engine = an_engine(database)
    with pytest.raises(ConfigError, match="still runs: stop it first") as caught:
        engine.migrate_from("go_partman")
    assert caught.value.code == "needs-confirmation"
    [one] = engine.migrate_from("go_partman", dry_run=True).tables
    assert "keeps everything" in one.proposal.notes[0]
    assert "retention_period" not in one.proposal.settings


def test_a_partition_that_spans_tenants_is_left_and_told_of(database, pg):
    pg.execute(PARENTS)
    logs(pg)
    pg.execute(
        "CREATE TABLE many PARTITION OF logs FOR VALUES"
        " FROM ('p', '2026-01-01') TO ('q', '2026-01-01')"
    )
    kept(pg, "logs", tenant="project_id")
    pg.execute("INSERT INTO gopart.tenants VALUES ('acme', 'logs')")
    [one] = an_engine(database).migrate_from("go_partman", confirm=True).tables
    assert one.error is None
    left = {r.partition.name.relation: r for r in one.adoption.refused}
    assert "many" in left
    assert "tenant" in left["many"].why
    assert left["many"].remedy


@pytest.mark.parametrize(
    ("peer", "schema", "words"),
    [
        ("go_partman", None, "connect to the database"),
        ("go_parman", None, "takes over from"),
        ("pg_partman", "elsewhere", "connect to the database"),
    ],
)
def test_what_is_not_there_is_said_with_the_way_out(database, pg, peer, schema, words):
    with pytest.raises(ConfigError) as caught:
        an_engine(database).migrate_from(peer, schema=schema, dry_run=True)
    assert words in caught.value.hint


def test_several_schemas_of_one_need_a_word(database, pg):
    pg.execute(PARENTS)
    pg.execute(PARENTS.replace("gopart", "second"))
    a_table(pg)
    kept(pg, "events")
    engine = an_engine(database)
    with pytest.raises(ConfigError, match="several schemas: gopart, second") as caught:
        engine.migrate_from("go_partman", dry_run=True)
    assert caught.value.hint == "say which: --schema gopart"
    assert engine.migrate_from("go_partman", schema="gopart", dry_run=True).fit
