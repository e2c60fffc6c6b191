"""Where the settings come from, and the commands that need no database."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from partman_core.cli.app import cli
from partman_core.cli.state import State

if TYPE_CHECKING:
    from click.testing import Result


@pytest.fixture(autouse=True)
def empty_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("PARTMAN_DSN", "PARTMAN_CONFIG", "PARTMAN_SCHEMA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*args: str) -> Result:
    return CliRunner().invoke(cli, args, prog_name="partman")


def dsn_of(**given: Any) -> str:
    return State(**given).target


def test_the_dsn_comes_from_the_flag_or_the_file_or_libpq(tmp_path: Path) -> None:
    assert dsn_of() == ""
    (tmp_path / "partman.toml").write_text('[database]\ndsn = "host=file"\n')
    assert dsn_of() == "host=file"
    assert dsn_of(dsn="host=flag") == "host=flag"


def test_a_file_that_is_named_comes_before_the_one_that_lies_here(
    tmp_path: Path,
) -> None:
    (tmp_path / "partman.toml").write_text('[database]\ndsn = "host=here"\n')
    (tmp_path / "other.toml").write_text('[database]\ndsn = "host=other"\n')
    assert dsn_of(config=Path("other.toml")) == "host=other"


def test_pyproject_counts_if_it_speaks_of_partman(tmp_path: Path) -> None:
    project = tmp_path / "pyproject.toml"
    project.write_text("[tool.ruff]\n")
    assert State().file is None
    project.write_text("broken [")
    assert State().file is None
    project.write_text('[tool.partman.database]\ndsn = "host=project"\n')
    assert State().file == Path("pyproject.toml")
    assert dsn_of() == "host=project"


def test_a_new_settings_file_is_valid_and_never_overwritten(tmp_path: Path) -> None:
    done = run("config", "init")
    assert done.exit_code == 0, done.stderr
    assert run("config", "validate").exit_code == 0
    text = (tmp_path / "partman.toml").read_text()
    again = run("config", "init")
    assert again.exit_code == 64
    assert "exists and is not overwritten" in again.stderr
    assert (tmp_path / "partman.toml").read_text() == text


def test_all_mistakes_of_a_file_are_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "partman.toml").write_text(
        '[[tables]]\nname = "public.t"\npartition_interval = "10"\n'
        'retentoin = "30 days"\n'
    )
    done = run("config", "validate")
    assert done.exit_code == 4
    assert len(done.stderr.splitlines()) >= 2
    assert "no setting 'retentoin'" in done.stderr
    assert "tables[0]" in done.stderr


def test_a_syntax_error_names_line_and_column(tmp_path: Path) -> None:
    (tmp_path / "partman.toml").write_text('[database]\ndsn = "x\n')
    done = run("config", "validate")
    assert done.exit_code == 4
    assert "line 2" in done.stderr


def test_the_schema_is_json_schema() -> None:
    done = run("config", "schema")
    assert done.exit_code == 0, done.stderr
    assert "partition_interval" in done.stdout
    assert json.loads(done.stdout)


def test_plugins_are_listed_with_their_hooks() -> None:
    done = run("plugins", "--json")
    assert done.exit_code == 0, done.stderr
    listed = {one["name"]: one for one in json.loads(done.stdout)["plugins"]}
    assert "partman_strategies" in listed["range"]["hooks"]
    assert "partman_retire" in listed["retention"]["hooks"]


def test_the_version_is_the_packages() -> None:
    assert run("version").stdout == "partman 0.1.0\n"
