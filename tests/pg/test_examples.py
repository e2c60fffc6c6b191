"""The examples do what they say, on a database that has nothing of them yet."""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"
SHOP = """
CREATE SCHEMA shop;
CREATE SCHEMA shop_archive;
CREATE TABLE shop.page_views (viewed_at timestamptz) PARTITION BY RANGE (viewed_at);
CREATE TABLE shop.orders (ordered_at timestamptz) PARTITION BY RANGE (ordered_at);
CREATE TABLE shop.invoices (issued_on date) PARTITION BY RANGE (issued_on);
CREATE TABLE shop.sensor_readings (at timestamp) PARTITION BY RANGE (at);
CREATE TABLE shop.projects (id int);
INSERT INTO shop.projects VALUES (7), (8);
CREATE TABLE shop.logs (project int, at timestamptz) PARTITION BY LIST (project);
"""


@pytest.fixture
def run(database, tmp_path, monkeypatch):
    """Return a function that runs Python in an empty directory, with a PARTMAN_DSN."""
    monkeypatch.setenv("PARTMAN_DSN", database)

    def start(*args: str | Path, code: int = 0) -> str:
        done = subprocess.run(
            [sys.executable, *map(str, args)], check=False, capture_output=True,
            text=True, cwd=tmp_path,
        )  # fmt: skip
        assert done.returncode == code, f"{done.stdout}\n{done.stderr}"
        return done.stdout

    return start


@pytest.fixture
def partitions(pg):
    """Return a function that names the partitions of a table."""
    query = (
        "SELECT c.relname FROM pg_inherits JOIN pg_class c ON c.oid = inhrelid"
        " WHERE inhparent = to_regclass(%s) ORDER BY 1"
    )
    return lambda table: [name for (name,) in pg.execute(query, [table])]


def test_every_example_is_tested_and_listed():
    listed = (EXAMPLES / "README.md").read_text("utf-8")
    tested = Path(__file__).read_text("utf-8")
    for path in [*EXAMPLES.glob("*.py"), *EXAMPLES.glob("*.toml")]:
        assert f"`{path.name}`" in listed
        assert f'"{path.name}"' in tested


def test_a_program_that_embeds_partman(run, partitions):
    said = run(EXAMPLES / "embed.py")
    assert "7 to create." in said
    assert "Done: 7 × create." in said
    assert len(partitions("partman_example.visits")) == 7
    assert "nothing to do" in run(EXAMPLES / "embed.py")


@pytest.mark.parametrize("name", ["embed.py", "async_host.py"])
def test_the_argument_comes_before_the_environment(run, database, monkeypatch, name):
    monkeypatch.setenv("PARTMAN_DSN", "host=/nowhere")
    assert "Done: " in run(EXAMPLES / name, database)


def test_a_hook_saves_the_rows_or_keeps_the_partition(run, pg, tmp_path):
    count = "SELECT count(*) FROM partman_example.sales_p2013"
    gone = "SELECT to_regclass('partman_example.sales_p2013') IS NULL"
    said = run(EXAMPLES / "pre_drop_hook.py", code=3)
    assert "archive is missing; is the disk mounted?" in said
    assert pg.execute(count).fetchone() == (365,)

    archive = tmp_path / "archive"
    archive.mkdir()
    assert "Done: 1 × drop." in run(EXAMPLES / "pre_drop_hook.py")
    assert pg.execute(gone).fetchone() == (True,)
    (saved,) = archive.iterdir()
    assert saved.name == "partman_example.sales_p2013.csv"
    with saved.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["amount"] for row in rows] == [str(n) for n in range(365)]
    assert rows[0]["at"].startswith("2013-01-01 12:00:00")


def test_an_event_loop_goes_on_while_partman_works(run, partitions):
    said = run(EXAMPLES / "async_host.py")
    assert "Done: 48 × create." in said
    rounds = int(said.split("went round ")[1].split()[0])
    assert rounds > 1
    assert len(partitions("partman_example.readings")) == 48


def test_a_settings_file_has_no_mistakes_and_can_be_kept(run, pg, partitions):
    partman = ("-m", "partman_core", "--config", EXAMPLES / "partman.toml")
    assert "5 tables, no mistakes" in run(*partman, "config", "validate")
    pg.execute(SHOP)
    run(*partman, "sync")
    run(*partman, "maintain")
    assert len(partitions("shop.page_views")) == 10
    assert len(partitions("shop.orders")) == 3
    assert partitions("shop.invoices")[:2] == ["invoices_p2024", "invoices_p2025"]
    assert set(partitions("shop.logs")) == {"logs_p7", "logs_p8"}
    readings = partitions("shop.sensor_readings")
    assert len(readings) == 97
    assert "sensor_readings_default" in readings
    storage = "SELECT reloptions FROM pg_class WHERE oid = %s::regclass"
    (stored,) = pg.execute(storage, [f"shop.{readings[0]}"]).fetchone()
    assert sorted(stored) == ["autovacuum_enabled=false", "fillfactor=100"]
    assert "nothing to do" in run(*partman, "plan", "--check")
