"""Taking over from pg-partsmith as it comes from PyPI, in an environment of its own.

Named so that it runs only where it is asked for: it installs what it needs.
"""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from importlib import util
from pathlib import Path
from urllib.parse import quote

import pytest
from psycopg.conninfo import conninfo_to_dict

import partman_listhash
from partman_core import Engine

HERE = Path(__file__).parent
PROVISION = HERE.parent / "benchmarks" / "peers" / "provision.py"
CHILDREN = """
SELECT c.relname, pg_get_expr(c.relpartbound, c.oid)
  FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
 WHERE i.inhparent = 'events'::regclass"""


@pytest.fixture(scope="session")
def python() -> str:
    """Return the Python of an environment that has it."""
    spec = util.spec_from_file_location("provision", PROVISION)
    provision = util.module_from_spec(spec)
    sys.modules["provision"] = provision
    spec.loader.exec_module(provision)
    provision.partsmith()
    return str(provision.PARTSMITH / "bin" / "python")


def url(database: str) -> str:
    told = conninfo_to_dict(database)
    user, password = told.get("user", ""), told.get("password")
    if password:
        user = f"{quote(user)}:{quote(password)}"
    host, port = quote(str(told["host"]), safe=""), told.get("port", 5432)
    return f"postgresql+psycopg://{user}@/{told['dbname']}?host={host}&port={port}"


def test_what_it_maintained_is_taken_over_and_kept_up(database, pg, python, tmp_path):
    now = datetime.now(UTC)
    today = now.date()
    pg.execute(
        "CREATE TABLE events (at timestamptz NOT NULL, note text)"
        " PARTITION BY RANGE (at)"
    )
    file = tmp_path / "partitions.json"
    entry = {"table_name": "events", "partition_column": "at", "granularity": "day",
             "create_ahead_count": 4, "retention_count": 30}  # fmt: skip
    file.write_text(json.dumps({"tables": [entry]}))
    for back in range(1, 6):
        first = today - timedelta(back)
        pg.execute(
            f"CREATE TABLE events__{first:%Y_%m_%d} PARTITION OF events FOR VALUES"
            f" FROM ('{first} 00:00+00') TO ('{first + timedelta(1)} 00:00+00')"
        )
    once = [python, str(HERE / "partsmith_once.py"), url(database), str(file)]
    subprocess.run(once, check=True)
    pg.execute(
        "INSERT INTO events SELECT g, 'x' FROM generate_series(%s::timestamptz, %s,"
        " '1 hour') g",
        [datetime.combine(today - timedelta(5), datetime.min.time(), UTC), now],
    )
    pg.execute("ANALYZE events")
    before = dict(pg.execute(CHILDREN).fetchall())
    assert len(before) == 9
    rows = pg.execute("SELECT count(*) FROM events").fetchone()

    entry["retention_count"] = 3  # from now on two of them are over
    file.write_text(json.dumps({"tables": [entry]}))
    engine = Engine(database, clock=lambda: now)
    done = engine.migrate_from("pg-partsmith", document=file, confirm=True)
    [one] = done.tables
    assert done.exit_code == 0, one.error
    assert len(one.adoption.accepted) == 6
    assert len(one.adoption.backlog.partitions) == 3
    assert not one.plan
    engine.maintain()
    assert dict(pg.execute(CHILDREN).fetchall()) == before
    assert pg.execute("SELECT count(*) FROM events").fetchone() == rows

    tomorrow = Engine(database, clock=lambda: now + timedelta(1))
    assert tomorrow.maintain().exit_code == 0
    there = dict(pg.execute(CHILDREN).fetchall())
    assert len(set(there.values())) == len(there) == 9


def test_levels_that_it_made_are_taken_over_and_kept_up(database, pg, python, tmp_path):
    now = datetime.now(UTC)
    pg.execute(
        "CREATE TABLE events (id bigint, region text, at timestamptz NOT NULL)"
        " PARTITION BY RANGE (at)"
    )
    scheme = {
        "method": "range",
        "key": "at",
        "boundaries": {"kind": "time", "granularity": "day"},
        "child": {
            "method": "list",
            "key": "region",
            "groups": [
                {"name": "eu", "values": ["de", "fr"]},
                {"name": "us", "values": ["us"]},
            ],
            "include_default": True,
            "child": {"method": "hash", "key": "id", "modulus": 2},
        },
    }
    lifecycle = {"creation": {"kind": "create_ahead", "count": 3}}
    entry = {"table_name": "events", "scheme": scheme, "lifecycle": lifecycle}
    file = tmp_path / "partitions.json"
    file.write_text(json.dumps({"tables": [entry]}))
    once = [python, str(HERE / "partsmith_once.py"), url(database), str(file)]
    subprocess.run(once, check=True)
    pg.execute(
        "INSERT INTO events SELECT n, (ARRAY['de', 'us', 'jp'])[1 + mod(n, 3)], %s"
        " FROM generate_series(1, 300) n",
        [now],
    )
    whole = "SELECT relid::text FROM pg_partition_tree('events')"
    before = {name for (name,) in pg.execute(whole)}
    engine = Engine(database, clock=lambda: now, plugins=[partman_listhash])
    [one] = engine.migrate_from("pg-partsmith", document=file, confirm=True).tables
    assert one.error is one.proposal.obstacle is None
    assert not one.plan
    assert engine.maintain().exit_code == 0
    assert {name for (name,) in pg.execute(whole)} == before
    assert pg.execute("SELECT count(*) FROM events").fetchone() == (300,)

    tomorrow = Engine(
        database, clock=lambda: now + timedelta(1), plugins=[partman_listhash]
    )
    assert tomorrow.maintain().exit_code == 0
    made = {name for (name,) in pg.execute(whole)} - before
    assert sum(name.count("_p") == 1 for name in made) == 1
    for region in ("de", "us", "jp"):
        moment = now + timedelta(3)
        pg.execute("INSERT INTO events VALUES (1, %s, %s)", [region, moment])
    subprocess.run(once, check=True)
    after = {name for (name,) in pg.execute(whole)}
    assert after == before | made
