"""What the guide for plugin authors shows is really run, snippet by snippet."""

from __future__ import annotations

import ast
import csv
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from partman_core import hookspecs, settings
from partman_core.cli.app import cli
from partman_core.config.file import read_file

from .helpers import Clock, a_table, an_engine, children, is_there, told, value

GUIDE = (Path(__file__).parents[2] / "plugins" / "README.md").read_text("utf-8")
BLOCKS = re.findall(r"^```(\w+)\n# (\S+)\n(.*?)^```", GUIDE, re.DOTALL | re.MULTILINE)
SNIPPETS = {name: code for _, name, code in BLOCKS}
PLUGINS = [name.removesuffix(".py") for name in SNIPPETS if name.endswith(".py")]

NOW = datetime(2026, 11, 24, 15, 40, tzinfo=UTC)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Write all snippets to files that Python finds, as a reader would."""
    for name, code in SNIPPETS.items():
        (tmp_path / name).write_text(code, "utf-8")
    for name in PLUGINS:
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def columns(pg: Any, column: str = "at timestamptz NOT NULL", **more: Any) -> None:
    """Make the table that the guide speaks of."""
    a_table(pg, "marks", columns=f"{column}, mark int", **more)


# The strategy


def test_the_strategy_makes_school_years(database, pg, place):
    columns(pg)
    clock = Clock(NOW)
    engine = an_engine(database, clock, plugins=["school_years"])
    engine.register("marks", partition_type="school-years")
    assert engine.maintain().exit_code == 0
    assert list(children(pg, "marks")) == ["marks_p2026", "marks_p2027"]
    assert children(pg, "marks")["marks_p2026"] == (
        "FOR VALUES FROM ('2026-09-01 00:00:00+00') TO ('2027-09-01 00:00:00+00')"
    )
    assert not engine.plan().operations
    clock.now = datetime(2027, 8, 31, 23, 59, tzinfo=UTC)
    assert not engine.plan().operations
    clock.now = datetime(2027, 9, 1, tzinfo=UTC)
    assert told(engine.maintain()) == [("create", "marks_p2028")]


@pytest.mark.parametrize("column", ["at timestamp NOT NULL", "at date NOT NULL"])
def test_the_strategy_serves_wall_clocks_as_well(database, pg, place, column):
    columns(pg, column)
    engine = an_engine(database, NOW, plugins=["school_years"])
    engine.register("marks", partition_type="school-years", begins=1, years=1)
    engine.maintain()
    assert children(pg, "marks")["marks_p2026"].startswith(
        "FOR VALUES FROM ('2026-01-01"
    )
    assert not engine.plan().operations


def test_the_strategy_refuses_what_it_cannot_serve(database, pg, place):
    columns(pg, "at timestamptz NOT NULL", key="HASH (at)")
    engine = an_engine(database, NOW, plugins=["school_years"])
    with pytest.raises(Exception, match="school years are ranges of a time"):
        engine.register("marks", partition_type="school-years")


def test_the_settings_file_uses_the_strategy(database, pg, place, monkeypatch):
    monkeypatch.setenv("PARTMAN_DSN", database)
    columns(pg)

    def partman(*args: str, code: int = 0) -> str:
        done = CliRunner().invoke(cli, args, prog_name="partman")
        assert done.exit_code == code, done.output
        return done.output

    assert "no mistakes" in partman("config", "validate")
    partman("sync")
    partman("maintain")
    assert [line[18:28] for line in children(pg, "marks").values()] == [
        f"{year}-08-01" for year in (year_of_school(), year_of_school() + 1)
    ]
    assert "school_years" in partman("plugins")
    assert read_file(place / "partman.toml").plugins.use == ("school_years",)


def year_of_school() -> int:
    """Return the year in which this one began, by the settings file."""
    now = datetime.now(UTC)
    return now.year - (now.month < 8)


def test_the_strategy_is_short():
    lines = SNIPPETS["school_years.py"].splitlines()
    assert len([line for line in lines if line.strip()]) <= 30


# The others


@pytest.fixture
def yearly(pg) -> Any:
    """Return a function that makes an engine whose table has years since 2021."""

    def make(database: str, *plugins: str, **more: Any) -> Any:
        columns(pg)
        for clock in (datetime(2021, 6, 1, tzinfo=UTC), NOW):
            engine = an_engine(database, clock, plugins=plugins)
            engine.register(
                "marks", partition_interval="1 year", partition_count=6, **more
            )
            engine.create_future_partitions()
        pg.execute(
            "INSERT INTO marks SELECT '2021-03-01', n FROM generate_series(1,9) n"
        )
        return engine

    return make


def test_the_policy_retires_whole_calendar_years(database, pg, place, yearly):
    engine = yearly(database, "books", books={"full_years": 3})
    detached = [op for op in engine.plan().operations if op.kind == "detach"]
    assert [op.name.relation for op in detached] == ["marks_p2021", "marks_p2022"]
    assert detached[0].reason == "it ended before 2023"
    assert detached[0].due == datetime(2026, 12, 24, 15, 40, tzinfo=UTC)
    assert engine.managed_tables()[0].requires == ("books",)
    report = engine.maintain(max_drops=9)
    assert told(report) == [("detach", "marks_p2021"), ("detach", "marks_p2022")]
    assert is_there(pg, "marks_p2021")
    assert not engine.plan().operations


def test_the_policy_says_nothing_of_tables_that_do_not_ask_for_it(
    database, pg, place, yearly
):
    assert not yearly(database, "books").plan().operations


def test_the_hook_saves_the_rows_or_keeps_the_partition(
    database, pg, place, yearly, monkeypatch, tmp_path
):
    archive = tmp_path / "archive"
    monkeypatch.setenv("ARCHIVE", str(archive))
    engine = yearly(database, "to_csv", retention_period="4 years")
    report = engine.maintain(max_drops=9)
    assert f"{archive} is missing; is the disk mounted?" in str(report)
    assert report.exit_code == 3
    assert value(pg, "SELECT count(*) FROM marks_p2021") == 9
    archive.mkdir()
    assert told(engine.maintain(max_drops=9)) == [("drop", "marks_p2021")]
    assert not is_there(pg, "marks_p2021")
    [saved] = archive.iterdir()
    assert saved.name == "marks_p2021.csv"
    with saved.open(newline="") as file:
        assert [row["mark"] for row in csv.DictReader(file)] == list("123456789")


def test_the_check_stands_in_a_tables_health(database, pg, place, yearly):
    engine = yearly(database, "unanalysed")
    [health] = engine.check()
    [found] = [each for each in health.findings if each.code == "never-analysed"]
    assert found.message.startswith("11 partitions were never analysed: public.marks_p")
    assert health.exit_code == 3
    pg.execute("ANALYZE marks")
    [health] = engine.check()
    assert "never-analysed" not in [each.code for each in health.findings]


# All of it, installed


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the guide's package, and put what is in its wheel into a directory."""
    source = tmp_path_factory.mktemp("source")
    for name, code in SNIPPETS.items():
        (source / name).write_text(code, "utf-8")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", "dist"]
    subprocess.run(build, cwd=source, check=True, capture_output=True)
    [wheel] = (source / "dist").glob("*.whl")
    target = tmp_path_factory.mktemp("installed")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(target)
    return target


def test_the_package_has_its_plugins_and_its_command(database, pg, installed, tmp_path):
    columns(pg)
    places = [str(installed), os.environ.get("PYTHONPATH", "")]
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join(filter(None, places)),
        "PARTMAN_DSN": database,
    }

    def partman(*args: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "partman_core", *args], cwd=tmp_path,
            capture_output=True, text=True, env=environment, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    listed = partman("plugins")
    for name in ("school-years", "books"):
        assert f"{name}\t1.0\tacme-partitions\t" in listed
    assert "sizes\t1.0\tacme-partitions\t(a command)" in listed
    assert "sizes" in partman("--help")
    partman("register", "marks", "--partition-type", "school-years")
    partman("maintain")
    sizes = [line.split("\t") for line in partman("sizes", "marks").splitlines()]
    assert [name for _, name in sizes] == [
        f"public.{name}" for name in children(pg, "marks")
    ]
    assert all(size.isdecimal() for size, _ in sizes)


# The guide as a whole


def test_every_snippet_is_used_here_and_is_python_or_toml():
    assert (
        len(re.findall(r"^```\w", GUIDE, re.MULTILINE)) == len(BLOCKS) == len(SNIPPETS)
    )
    here = Path(__file__).read_text("utf-8")
    for kind, name, code in BLOCKS:
        (ast.parse if kind == "python" else tomllib.loads)(code)
        word = name.removesuffix(".py")
        assert f'"{word}"' in here or f'"{word}.py"' in here or word in SHIPPED, name


SHIPPED = ("sizes", "pyproject.toml", "partman.toml")
"""What is used as a whole: by the package, and by the settings file."""


def test_the_guide_is_at_most_four_screens():
    assert GUIDE.count("\n") <= 240


def test_every_hook_has_its_place_by_purpose_and_none_is_made_up():
    hooks = [name for name in vars(hookspecs) if name.startswith("partman_")]
    table = GUIDE.partition("| purpose |")[2].partition("\n## ")[0]
    assert sorted(re.findall(r"`(partman_\w+)`", table)) == sorted(hooks)
    named = set(re.findall(r"\bpartman_[a-z_]+\b(?!/|\.)", GUIDE))
    fixtures = {"partman_database", "partman_clock", "partman_engine"}
    assert named - {*hooks} - fixtures <= {"partman_requires", "partman_core"}


def test_what_the_guide_points_at_is_there():
    root = Path(__file__).parents[2]
    for path in re.findall(r"`((?:examples|partman_core)/[\w/.]+)`", GUIDE):
        assert (root / path).exists(), path
    heads = {
        re.sub(r"\W+", "-", head.lower())
        for head in re.findall(r"^## (.+)", GUIDE, re.MULTILINE)
    }
    assert set(re.findall(r"\]\(#([^)]+)\)", GUIDE)) <= heads


def test_the_settings_of_the_snippets_are_the_cores_words_or_their_own():
    assert not {"begins", "years", "books", "full_years"} & set(settings.RESERVED)
