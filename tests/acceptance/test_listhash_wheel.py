"""Lists and hashes come with a distribution of their own, and with nothing else."""

from __future__ import annotations

import pytest

from .conftest import TREE, built

SETTINGS = """\
[[tables]]
name = "public.orders"
partition_type = "list"
values = { eu = ["de", "fr"], us = ["us"] }
null_group = "unknown"

[[tables]]
name = "public.visits"
partition_interval = "1 day"
partition_count = 2
subpartition = { partition_type = "hash", partition_by = "id", modulus = 3 }
"""
SIZES = "SELECT tableoid::regclass::text, count(*) FROM {} GROUP BY 1"


@pytest.fixture(scope="module")
def listhash(tmp_path_factory, wheel, install_fresh):
    """Return an environment with both wheels, and what they ask for."""
    made = install_fresh(tmp_path_factory.mktemp("listhash") / "env", wheel, "[binary]")
    made.install(
        built(TREE / "plugins" / "partman-listhash", tmp_path_factory.mktemp("dist"))
    )
    return made


@pytest.fixture
def with_listhash(partman, listhash):
    """Return ``partman`` in that environment."""
    partman.environment = listhash
    return partman


@pytest.fixture
def sessions(pg):
    """Make a table by hash; return a connection."""
    pg.execute("CREATE TABLE sessions (id bigint PRIMARY KEY) PARTITION BY HASH (id)")
    return pg


def rows_by_partition(pg, table):
    return dict(pg.execute(SIZES.format(table)).fetchall())


@pytest.mark.usefixtures("sessions")
def test_without_it_there_is_no_hash(partman):
    done = partman("register", "sessions", "--set", "modulus=4", code=4)
    assert "no plugin here has a strategy" in done.stderr


def test_installed_it_makes_hash_work_with_no_other_change(with_listhash, sessions):
    partman = with_listhash
    partman("register", "sessions", "--set", "modulus=4")
    assert "Done: 4 × create." in partman("maintain").stdout
    sessions.execute("INSERT INTO sessions SELECT generate_series(1, 1000)")
    found = rows_by_partition(sessions, "sessions")
    assert sorted(found) == [f"sessions_p{number}" for number in range(4)]
    assert sum(found.values()) == 1000
    sessions.execute("DROP TABLE sessions_p2")
    assert "Done: 1 × create." in partman("maintain").stdout
    partman("register", "sessions", "--set", "modulus=8")
    assert "other-modulus" in partman("plan", code=3).stdout
    partman("status", code=3)


def test_it_is_listed_as_any_plugin_is(with_listhash):
    rows = {row["PLUGIN"]: row for row in with_listhash.rows("plugins")}
    found = rows["listhash"]
    assert (found["VERSION"], found["SOURCE"]) == ("0.1.0", "partman-listhash")
    assert found["HOOKS"] == "strategies"


def test_its_settings_stand_in_the_file(with_listhash, pg):
    partman = with_listhash
    pg.execute("CREATE TABLE orders (country text) PARTITION BY LIST (country)")
    pg.execute(
        "CREATE TABLE visits (id bigint, at timestamptz) PARTITION BY RANGE (at)"
    )
    (partman.place / "partman.toml").write_text(SETTINGS)
    partman("sync")
    partman("maintain")
    pg.execute("INSERT INTO orders VALUES ('de'), ('fr'), ('us'), (NULL)")
    assert rows_by_partition(pg, "orders") == {
        "orders_peu": 2, "orders_pus": 1, "orders_punknown": 1,
    }  # fmt: skip
    pg.execute("INSERT INTO visits SELECT n, now() FROM generate_series(1, 99) n")
    assert len(rows_by_partition(pg, "visits")) == 3
    partman("plan")
    partman("sync", "--dry-run")


def test_left_out_it_stops_its_tables_by_name_and_no_other(with_listhash, sessions):
    partman = with_listhash
    partman("register", "sessions", "--set", "modulus=4")
    sessions.execute("CREATE TABLE log (at date) PARTITION BY RANGE (at)")
    partman("register", "log", "--partition-interval", "1 day")
    done = partman("--without", "listhash", "maintain", "--json", code=4)
    assert "no plugin here has a strategy 'hash'" in done.stdout
    assert "'listhash' is left out" in done.stdout
    assert "log_p" in done.stdout
