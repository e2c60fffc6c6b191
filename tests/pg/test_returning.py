"""The way back from the bin: what is attached again, and what is told of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from partman_core.errors import Blocked, Claimed, ConfigError
from partman_core.pg.claims import DISPOSAL, take
from partman_core.plan import Attach

from .helpers import (
    DAY,
    NOW,
    OLD,
    OLDER,
    a_table,
    an_engine,
    check_text,
    children,
    daily,
    is_there,
    outcomes,
    told,
    value,
    with_history,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from partman_core import Engine

    Connection = psycopg.Connection[Any]

ROWS = "SELECT count(*) FROM events WHERE at < '2026-11-23'"


@pytest.fixture(params=[False, True], ids=["alone", "beside DEFAULT"])
def binned(
    request: pytest.FixtureRequest, database: str, pg: Connection, clock: Any
) -> Engine:
    """Return an engine with two partitions in its bin, detached either way."""
    engine = with_history(
        database, pg, clock, in_default=request.param, grace_period="1 day"
    )
    engine.maintain()
    return engine


@pytest.fixture
def plainly(database: str, pg: Connection, clock: Any) -> Engine:
    """Return an engine with two partitions in its bin, beside a DEFAULT."""
    engine = with_history(database, pg, clock, in_default=True, grace_period="1 day")
    engine.maintain()
    return engine


def record(pg: Connection, table: str, name: str = OLD) -> Any:
    """Return what is recorded of a partition, as JSON; None: nothing."""
    rows = pg.execute(
        f"SELECT to_jsonb(t) FROM partman.{table} t WHERE relation = %s::regclass",
        [name],
    ).fetchall()
    return rows[0][0] if rows else None


def is_proven(pg: Connection, name: str = OLD) -> list[bool]:
    return [
        proven
        for (proven,) in pg.execute(
            "SELECT convalidated FROM pg_constraint WHERE conrelid = %s::regclass"
            " AND contype = 'c'",
            [name],
        )
    ]


def refused(engine: Engine, name: str = OLD, **options: Any) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        engine.attach(name, **options)
    assert caught.value.exit_code == 4
    return caught.value


def test_what_was_taken_out_comes_back_with_all_its_rows(pg, binned):
    assert value(pg, ROWS) == 0
    before = {OLD: value(pg, f"SELECT count(*) FROM {OLD}")}
    report = binned.attach(OLD)
    assert report.command == "attach"
    assert report.exit_code == 0
    assert told(report) == [("attach", OLD)]
    assert children(pg)[OLD] == (
        "FOR VALUES FROM ('2026-11-22 00:00:00+00') TO ('2026-11-23 00:00:00+00')"
    )
    assert value(pg, ROWS) == before[OLD] == 24
    assert record(pg, "detached_partitions") is None
    assert record(pg, "detached_partitions", OLDER) is not None
    ours = record(pg, "managed_partitions")
    assert (ours["attached"], ours["bounds"]) == (True, children(pg)[OLD])


def test_it_is_in_the_history_with_its_size(pg, binned):
    binned.attach(OLD)
    deed = binned.history()[0]
    assert (deed.kind, deed.partition.relation, deed.result) == ("attach", OLD, "done")
    assert deed.rows == 24
    assert deed.bytes > 0
    assert deed.bounds == children(pg)[OLD]


def test_it_is_on_hold_then_and_no_later_run_takes_it_out(pg, binned, clock):
    report = binned.attach(OLD)
    [finding] = report.tables[0].findings
    assert finding.code == "held"
    assert f"`partman release public.{OLD}`" in finding.hint
    assert record(pg, "managed_partitions")["hold_until"] == "infinity"
    clock.now += 400 * DAY
    assert binned.maintain(max_drops=99).exit_code == 0
    assert OLD in children(pg)
    assert binned.release(OLD) is not None
    assert ("detach", OLD) in told(binned.maintain(max_drops=99))


def test_without_a_hold_the_report_says_that_the_next_run_takes_it_out(pg, binned):
    report = binned.attach(OLD, hold=False)
    [finding] = report.tables[0].findings
    assert finding.code == "not-held"
    assert "next run" in finding.message
    assert record(pg, "managed_partitions")["hold_until"] is None
    assert told(binned.maintain()) == [("detach", OLD)]


def test_a_hold_that_it_has_in_the_bin_keeps_its_reason(pg, binned):
    binned.hold(OLD, reason="court", until=NOW + 30 * DAY)
    binned.hold(OLDER, reason="audit", until=NOW + 30 * DAY)
    binned.attach(OLD)
    binned.attach(OLDER, hold=False)
    assert record(pg, "managed_partitions")["hold_reason"] == "court"
    assert record(pg, "managed_partitions")["hold_until"] == "infinity"
    older = record(pg, "managed_partitions", OLDER)
    assert (older["hold_reason"], older["hold_until"][:10]) == ("audit", "2026-12-24")


def test_what_would_be_kept_anyway_needs_no_warning(database, pg, binned, clock):
    daily(an_engine(database, clock), start="2026-11-21")
    report = binned.attach(OLD, hold=False)
    assert report.tables[0].findings == ()
    assert ("detach", OLD) not in told(binned.maintain())


def test_a_dry_run_changes_nothing(pg, binned):
    plan = binned.attach(OLD, dry_run=True)
    [operation] = plan.operations
    assert isinstance(operation, Attach)
    assert not plan.destroys
    assert OLD not in children(pg)
    assert binned.history()[0].kind != "attach"


def test_the_plan_says_what_is_locked_and_who_waits(binned, pg):
    plan = binned.attach(OLD, dry_run=True)
    [explained] = binned.explain(plan)
    phases = [step.phase for step in explained.steps]
    in_default = "rest" in children(pg)
    assert phases == (["validate", "attach"] if in_default else ["attach"])
    assert (explained.steps[-1].waits is None) == (not in_default)


def test_rows_are_read_before_anything_is_locked_that_others_use(pg, plainly):
    """A plain detach leaves a CHECK whose rows PostgreSQL has not read yet."""
    assert is_proven(pg) == [False]
    plan = plainly.attach(OLD, dry_run=True)
    assert plan.to_json()["tables"][0]["operations"][0]["way"] == "prove-and-attach"
    plainly.attach(OLD)
    assert check_text(pg, OLD) == []


def test_where_postgresql_left_its_own_check_nothing_is_read(database, pg, clock):
    engine = with_history(database, pg, clock, grace_period="1 day")
    engine.maintain()
    assert is_proven(pg) == [True]
    [entry] = engine.attach(OLD, dry_run=True).to_json()["tables"][0]["operations"]
    assert entry["way"] == "attach"
    engine.attach(OLD)


def test_a_check_that_somebody_took_away_is_made_and_proved_again(pg, binned):
    for name in check_names(pg):
        pg.execute(f"ALTER TABLE {OLD} DROP CONSTRAINT {name}")
    plan = binned.attach(OLD, dry_run=True)
    [explained] = binned.explain(plan)
    phases = [step.phase for step in explained.steps]
    assert phases == ["guard", "validate", "attach"]
    assert told(binned.attach(OLD)) == [("attach", OLD)]
    assert check_text(pg, OLD) == []


def check_names(pg: Connection, name: str = OLD) -> list[str]:
    rows = pg.execute(
        "SELECT quote_ident(conname) FROM pg_constraint"
        " WHERE conrelid = %s::regclass AND contype = 'c'",
        [name],
    )
    return [constraint for (constraint,) in rows]


def test_rows_of_other_ranges_keep_it_out_and_are_told_of(pg, binned):
    for name in check_names(pg):
        pg.execute(f"ALTER TABLE {OLD} DROP CONSTRAINT {name}")
    pg.execute(f"INSERT INTO {OLD} VALUES ('2020-01-01')")
    report = binned.attach(OLD)
    [out] = outcomes(report, "failed")
    assert out.sqlstate == "23514"
    assert "do not belong" in out.message
    assert "2026-11-22" in out.hint
    assert report.exit_code == 3
    assert record(pg, "detached_partitions") is not None
    assert value(pg, f"SELECT count(*) FROM {OLD}") == 25


def test_late_rows_in_default_keep_it_out_and_are_told_of(pg, plainly):
    pg.execute("INSERT INTO events VALUES ('2026-11-22 12:00')")
    report = plainly.attach(OLD)
    [out] = outcomes(report, "failed")
    assert out.sqlstate == "23514"
    assert "public.rest holds rows" in out.message
    assert OLD in out.hint
    assert record(pg, "detached_partitions") is not None
    pg.execute("DELETE FROM events WHERE at = '2026-11-22 12:00'")
    assert told(plainly.attach(OLD)) == [("attach", OLD)]


def test_another_partition_of_its_range_keeps_it_out_and_is_named(pg, binned):
    pg.execute(
        "CREATE TABLE newcomer PARTITION OF events"
        " FOR VALUES FROM ('2026-11-22 06:00+00') TO ('2026-11-22 12:00+00')"
    )
    report = binned.attach(OLD)
    [out] = outcomes(report, "failed")
    assert out.sqlstate == "42P17"
    assert "newcomer" in out.message
    assert out.hint
    assert report.exit_code == 3


def test_a_table_that_was_changed_meanwhile_is_told_of(pg, binned):
    pg.execute("ALTER TABLE events ADD COLUMN more int")
    report = binned.attach(OLD)
    [out] = outcomes(report, "failed")
    assert out.sqlstate == "42804"
    assert f"ALTER TABLE public.{OLD}" in out.hint
    pg.execute(f"ALTER TABLE {OLD} ADD COLUMN more int")
    assert told(binned.attach(OLD)) == [("attach", OLD)]


def test_a_failure_is_in_the_history_and_leaves_it_in_the_bin(pg, plainly):
    pg.execute("INSERT INTO events VALUES ('2026-11-22 12:00')")
    plainly.attach(OLD)
    deed = plainly.history()[0]
    assert (deed.kind, deed.result) == ("attach", "failed")
    assert [one.partition.relation for one in plainly.bin()] == [OLDER, OLD]
    assert plainly.runs()[0].result == "failed"


@pytest.mark.parametrize(
    ("written", "meant"),
    [("events_p20261123", "is in public.events"), ("events_p2026112", OLD[:-1]),
     ("EVENTS_P20261122X", "did you mean"), ('"Events_p20261122"', OLD)],
)  # fmt: skip
def test_a_name_that_is_not_in_the_bin_is_refused(binned, written, meant):
    error = refused(binned, written)
    assert error.code == "not-in-bin"
    assert meant in f"{error.message} {error.hint}"


def test_names_fold_as_sql_does(pg, binned):
    assert told(binned.attach(OLD.upper())) == [("attach", OLD)]
    assert told(binned.attach(f'PUBLIC."{OLDER}"')) == [("attach", OLDER)]


def test_of_two_with_one_name_the_schema_tells(database, pg, binned, clock):
    pg.execute("CREATE SCHEMA other")
    pg.execute("SET search_path = other")
    a_table(pg, "other.events")
    engine = an_engine(database, clock)
    daily(engine, "other.events", start="2026-11-21")
    engine.maintain()
    daily(engine, "other.events", retention_period="1 day", grace_period="1 day",
          confirm=True)  # fmt: skip
    engine.maintain()
    error = refused(binned, OLD)
    assert error.code == "ambiguous-partition"
    assert told(binned.attach(f"other.{OLD}")) == [("attach", OLD)]
    assert f"other.{OLD}" not in children(pg, "public.events")


def test_before_anything_was_registered_the_bin_is_empty(database, pg):
    a_table(pg)
    error = refused(an_engine(database), "events")
    assert (error.code, error.hint) == ("not-in-bin", "the bin is empty")


def test_what_has_come_back_cannot_come_back_again(binned):
    binned.attach(OLD)
    assert "public.events" in refused(binned).message


def test_a_table_that_is_no_longer_managed_takes_nothing_back(binned):
    binned.unregister("events")
    error = refused(binned)
    assert error.code == "not-managed"
    assert "partman register" in error.hint


def test_where_the_table_is_gone_there_is_nowhere_to_go(pg, binned):
    pg.execute("DROP TABLE events")
    assert refused(binned).code == "table-gone"
    assert value(pg, f"SELECT count(*) FROM {OLD}") == 24


def test_a_claimed_table_is_left_to_its_engine(pg, binned, other):
    holder = other()
    claim = take(holder, value(pg, "SELECT 'events'::regclass::oid"))
    report = binned.attach(OLD)
    assert report.exit_code == Claimed.exit_code == 6
    assert "another engine" in report.tables[0].error
    claim.let_go()
    assert told(binned.attach(OLD)) == [("attach", OLD)]


def test_a_drop_that_is_at_work_on_others_does_not_keep_it_out(pg, binned, other):
    assert take(other(), value(pg, "SELECT 'events'::regclass::oid"), DISPOSAL)
    assert told(binned.attach(OLD)) == [("attach", OLD)]


def test_who_holds_it_is_named(database, pg, clock, other):
    engine = with_history(
        database, pg, clock, grace_period="1 day", lock_patience="300 ms"
    )
    engine.maintain()
    reader = other(autocommit=False, application_name="archiver")
    reader.execute(f"LOCK TABLE {OLD} IN EXCLUSIVE MODE")
    report = engine.attach(OLD)
    [out] = outcomes(report, "failed")
    assert report.exit_code == 8
    assert "archiver" in out.message
    reader.rollback()
    assert told(engine.attach(OLD)) == [("attach", OLD)]


def test_nobody_waits_long_behind_it(database, pg, clock, other):
    """Beside a DEFAULT it needs the whole table, which somebody reads."""
    engine = with_history(
        database, pg, clock, in_default=True, grace_period="1 day",
        lock_patience="300 ms",
    )  # fmt: skip
    engine.maintain()
    reader = other(autocommit=False)
    reader.execute("SELECT count(*) FROM events")
    report = engine.attach(OLD)
    [out] = outcomes(report, "failed")
    assert report.exit_code == 8
    assert f"pid {reader.info.backend_pid}" in out.message
    assert is_proven(pg) == [True]
    reader.rollback()
    assert told(engine.attach(OLD)) == [("attach", OLD)]


def test_what_stands_by_its_name_by_now_is_not_attached(pg, binned):
    """It was renamed, and another table has its name."""

    pg.execute(f"ALTER TABLE {OLD} RENAME TO aside")
    pg.execute(f"CREATE TABLE {OLD} (at timestamptz NOT NULL, note text)")
    assert refused(binned).code == "not-in-bin"
    assert told(binned.attach("aside")) == [("attach", "aside")]
    assert is_there(pg, OLD)


def test_between_looking_and_attaching_another_takes_its_name(database, pg, clock):
    engine = with_history(database, pg, clock, grace_period="1 day")
    engine.maintain()
    swapped = an_engine(swapping(database, pg), clock)
    report = swapped.attach(OLD)
    [out] = outcomes(report, "failed")
    assert "changed" in out.message
    assert OLD not in children(pg)
    assert value(pg, "SELECT count(*) FROM aside") == 24


def swapping(database: str, pg: Connection) -> Callable[[], Connection]:
    """Return a way to the server that swaps the partition just before its attach."""

    class Swapping(psycopg.Connection[Any]):
        def execute(self, query: Any, *args: Any, **kwargs: Any) -> Any:
            text = query if isinstance(query, str) else query.as_string(None)
            if "ATTACH PARTITION" in text:
                pg.execute(f"ALTER TABLE {OLD} RENAME TO aside")
                pg.execute(f"CREATE TABLE {OLD} (at timestamptz NOT NULL, note text)")
            return super().execute(query, *args, **kwargs)

    return lambda: Swapping.connect(database, autocommit=True)


def test_between_looking_and_attaching_somebody_drops_it(database, pg, clock):
    engine = with_history(database, pg, clock, grace_period="1 day")
    engine.maintain()

    class Dropping(psycopg.Connection[Any]):
        def execute(self, query: Any, *args: Any, **kwargs: Any) -> Any:
            text = query if isinstance(query, str) else query.as_string(None)
            if "ATTACH PARTITION" in text:
                pg.execute(f"DROP TABLE {OLD}")
            return super().execute(query, *args, **kwargs)

    late = an_engine(lambda: Dropping.connect(database, autocommit=True), clock)
    report = late.attach(OLD)
    [out] = outcomes(report, "failed")
    assert "is gone" in out.message
    assert report.exit_code == 3


def test_a_foreign_key_is_the_tables_again(database, pg, clock):
    pg.execute("CREATE TABLE kinds (note text PRIMARY KEY)")
    pg.execute("INSERT INTO kinds VALUES ('x')")
    engine = with_history(database, pg, clock, grace_period="1 day")
    pg.execute("ALTER TABLE events ADD FOREIGN KEY (note) REFERENCES kinds")
    engine.maintain()
    assert told(engine.attach(OLD)) == [("attach", OLD)]
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        pg.execute("INSERT INTO events VALUES ('2026-11-22 12:00', 'y')")
    keys = (
        "SELECT count(*) FROM pg_constraint"
        " WHERE conrelid = %s::regclass AND contype = 'f'"
    )
    assert value(pg, keys, OLD) == 1


def test_on_a_table_of_another_role_it_is_attached_as_its_owner(
    a_role, server_dsn, database, pg, clock
):
    role, owner = a_role(), a_role("NOLOGIN")
    engine = with_history(database, pg, clock, in_default=True, grace_period="1 day")
    engine.maintain()
    for name in ("events", OLD, OLDER, *children(pg)):
        pg.execute(f"ALTER TABLE {name} OWNER TO {owner}")
    pg.execute(f"GRANT {owner} TO {role}")
    pg.execute(f"GRANT USAGE, CREATE ON SCHEMA public TO {owner}")
    pg.execute(f"GRANT USAGE ON SCHEMA partman TO {role}")
    pg.execute(f"GRANT ALL ON ALL TABLES IN SCHEMA partman TO {role}")
    dsn = psycopg.conninfo.make_conninfo(database, user=role, password="x")
    assert told(an_engine(dsn, clock).attach(OLD)) == [("attach", OLD)]


def test_what_somebody_holds_wholly_is_told_of(database, pg, clock, other):
    """Some servers cannot even read its CHECKs then."""
    engine = with_history(
        database, pg, clock, in_default=True, grace_period="1 day",
        lock_patience="300 ms",
    )  # fmt: skip
    engine.maintain()
    holder = other(autocommit=False)
    holder.execute(f"LOCK TABLE {OLD}")
    try:
        code = engine.attach(OLD).exit_code
    except Blocked as blocked:
        code = blocked.exit_code
    assert code == 8
    holder.rollback()
    assert told(engine.attach(OLD)) == [("attach", OLD)]
