"""The command line without a database: help, usage, errors, exit codes, colours."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from partman_core.cli import here, outside
from partman_core.cli.app import COMMANDS, cli

if TYPE_CHECKING:
    from click.testing import Result

HEAVY = {"psycopg", "rich", "attrs", "attr", "pluggy", "cattrs", "msgspec", "tzdata"}


@pytest.fixture(autouse=True)
def empty_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("PARTMAN_DSN", "PARTMAN_CONFIG", "PARTMAN_SCHEMA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*args: str) -> Result:
    return CliRunner().invoke(cli, args, prog_name="partman")


def with_path(place: Path | None) -> dict[str, str]:
    """Return an environment in which Python finds what is in *place*."""
    places = [str(place or ""), os.environ.get("PYTHONPATH", "")]
    return os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, places))}


def partman(
    *args: str, path: Path | None = None, **kwargs: Any
) -> subprocess.CompletedProcess[str]:
    """Run it as a process, with *path* on Python's path."""
    environment = with_path(path)
    command = [sys.executable, "-m", "partman_core", *args]
    return subprocess.run(
        command, capture_output=True, text=True, env=environment, check=False, **kwargs
    )


def distribution(place: Path, code: str) -> Path:
    """Make an installed distribution ``acme`` with the command ``acme``."""
    info = place / "acme_tools-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-tools\n")
    (info / "entry_points.txt").write_text("[partman.commands]\nacme = acme:acme\n")
    head = "import click, os, signal, sys\n@click.command()\n@click.pass_obj\n"
    (place / "acme.py").write_text(head + code)
    return place


def loaded_by(*args: str) -> set[str]:
    code = (
        "import sys\nfrom partman_core.cli.app import cli\n"
        f"try: cli({list(args)!r})\nexcept SystemExit: pass\n"
        "print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    return {name.partition(".")[0] for name in done.stderr.split()}


def test_help_imports_click_and_nothing_heavy() -> None:
    assert loaded_by("--help").isdisjoint(HEAVY)


def test_help_reads_no_settings_file_where_no_plugin_has_a_command(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    read: list[object] = []
    monkeypatch.setattr(here, "settings_file", read.append)
    monkeypatch.setattr(outside, "found", dict)
    assert run("--help").exit_code == 0
    assert read == []
    monkeypatch.setattr(outside, "found", lambda: {"acme": []})
    assert run("--help").exit_code == 0
    assert read == [None]


def test_help_of_a_command_needs_no_database_driver_and_no_plugin() -> None:
    loaded = loaded_by("register", "--help")
    assert loaded.isdisjoint({"psycopg", "rich", "pluggy", "partman_plugins"})


def test_help_names_every_command() -> None:
    text = run("--help").output
    for name, (_, line) in COMMANDS.items():
        assert f"  {name}" in text
        assert line in text


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(name: str) -> None:
    done = run(name, "--help")
    assert done.exit_code == 0
    assert f"Usage: partman {name}" in done.output


def test_a_slip_in_a_commands_name_is_a_usage_error_with_a_suggestion() -> None:
    done = run("pln")
    assert done.exit_code == 64
    assert "error[usage]: no command 'pln'; did you mean 'plan'?" in done.stderr


@pytest.mark.parametrize(
    "args",
    [
        (),
        ("plan", "--nonsense"),
        ("plan", "--now", "yesterday"),
        ("plan", "--only", "create,destroy"),
        ("plan", "--now", "2026-01-01", "-o", "plan.json"),
        ("apply", "public.t", "--plan", "missing.json"),
        ("register",),
        ("register", "public.t", "--partition-count", "many"),
        ("register", "public.t", "--storage", "fillfactor"),
        ("maintain", "--max-drops", "0"),
        ("history", "--limit", "none"),
        ("--color", "blue", "plan"),
        ("--config", "missing.toml", "plan"),
        ("sync",),
        ("unregister", "public.t"),
    ],
)
def test_a_usage_error_exits_with_64_and_prints_nothing_on_stdout(
    args: tuple[str, ...],
) -> None:
    done = run(*args)
    assert done.exit_code == 64, done.output
    assert done.stdout == ""


def test_a_global_option_behind_the_command_is_explained() -> None:
    done = run("plan", "--dsn", "x")
    assert done.exit_code == 64
    assert "this option stands before the command" in done.stderr


def test_without_a_terminal_a_question_names_the_flag_that_answers_it() -> None:
    done = run("unregister", "public.t")
    assert "This needs --yes" in done.stderr


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"{}", "JSON, but of something else"),
        (b"[1, 2]", "JSON, but of something else"),
        (b"not json", "no JSON"),
        (b"", "no JSON"),
        (b"[" * 100_000, "no JSON"),
        (b"\xff\xfe\x00", "no text"),
        (b'{"version": 2, "hash": "x", "tables": []}', "only 1 is known"),
        (b'{"version": 1, "hash": "x", "tables": {"a": 1}}', "damaged"),
        (b'{"version": 1, "hash": "x", "tables": [{"table": "t"}]}', "damaged"),
    ],
)
def test_a_file_that_is_no_plan_is_told_apart(
    content: bytes, why: str, tmp_path: Path
) -> None:
    (tmp_path / "saved.json").write_bytes(content)
    done = run("apply", "--plan", "saved.json")
    assert done.exit_code == 4, done.output
    assert done.stdout == ""
    assert done.stderr.startswith("error[not-a-plan]: saved.json is not a saved plan: ")
    assert why in done.stderr
    assert "partman plan -o FILE" in done.stderr


@pytest.mark.parametrize(
    ("args", "code"),
    [
        (("plan", "--json", "--nonsense"), 64),
        (("plan", "--nonsense", "--json"), 64),
        (("unregister", "public.t", "--json"), 64),
        (("apply", "--plan", "saved.json", "--json"), 4),
        (("config", "validate", "wrong.toml", "--json"), 4),
    ],
)
def test_with_json_an_error_is_one_line_of_it_on_stderr(
    args: tuple[str, ...], code: int, tmp_path: Path
) -> None:
    (tmp_path / "saved.json").write_text("{}")
    (tmp_path / "wrong.toml").write_text("[[tables]]\nname = 1\n")
    done = run(*args)
    assert done.exit_code == code
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    error = json.loads(line)["error"]
    assert {"code", "message", "hint", "exit_code"} <= set(error)
    assert error["exit_code"] == code


def test_with_json_every_mistake_of_a_file_is_by_itself(tmp_path: Path) -> None:
    (tmp_path / "wrong.toml").write_text(
        '[[tables]]\nname = "t"\npartition_count = 0\nretentoin = 3\n'
    )
    done = run("config", "validate", "wrong.toml", "--json")
    error = json.loads(done.stderr)["error"]
    assert len(error["mistakes"]) > 1


# Commands of plugins


def test_a_plugins_command_is_listed_without_being_imported(tmp_path: Path) -> None:
    place = distribution(tmp_path, "def acme(state): ...\nsys.exit('imported')")
    done = partman("--help", path=place)
    assert done.returncode == 0
    assert re.search(r"^  acme +\(plugin acme-tools\)$", done.stdout, re.MULTILINE)


def test_a_plugins_command_gets_the_state_and_its_exit_code_counts(
    tmp_path: Path,
) -> None:
    code = "def acme(state):\n    state.out.say(type(state).__name__)\n    return 7"
    done = partman("acme", path=distribution(tmp_path, code))
    assert (done.returncode, done.stdout) == (7, "State\n")


def test_a_plugins_command_that_cannot_be_imported_names_its_plugin(
    tmp_path: Path,
) -> None:
    place = distribution(tmp_path, "def acme(state): ...\nimport missing_module")
    done = partman("acme", path=place)
    assert done.returncode == 4
    assert "error[plugin]: the command 'acme' of acme-tools" in done.stderr
    assert "  = hint: repair or uninstall acme-tools" in done.stderr


def test_a_plugins_command_that_is_none_is_refused(tmp_path: Path) -> None:
    place = distribution(tmp_path, "def acme(state): ...\nacme = 3")
    done = partman("acme", path=place)
    assert done.returncode == 4
    assert "no click command, but int" in done.stderr


# Errors and endings


def test_an_error_is_a_sentence_a_line_for_each_mistake_and_a_hint(
    tmp_path: Path,
) -> None:
    code = (
        "def acme(state):\n"
        "    from partman_core.errors import ConfigError\n"
        "    raise ConfigError('two', hint='mend', code='x', mistakes=('one', 'two'))"
    )
    done = partman("acme", path=distribution(tmp_path, code))
    assert done.returncode == 4
    assert done.stderr == "error[x]: one\nerror[x]: two\n  = hint: mend\n"


def test_the_unexpected_is_one_line_and_a_traceback_only_when_asked(
    tmp_path: Path,
) -> None:
    place = distribution(tmp_path, "def acme(state):\n    raise KeyError('oops')")
    short = partman("acme", path=place)
    assert short.returncode == 1
    assert short.stderr.splitlines()[0] == "unexpected: KeyError: 'oops'"
    assert "Traceback" not in short.stderr
    long = partman("-v", "acme", path=place)
    assert long.returncode == 1
    assert "Traceback" in long.stderr


@pytest.mark.parametrize(("name", "code"), [("SIGINT", 130), ("SIGTERM", 143)])
def test_a_signal_stops_it_and_shows_in_the_exit_code(
    name: str, code: int, tmp_path: Path
) -> None:
    place = distribution(
        tmp_path,
        "def acme(state):\n"
        "    try:\n"
        f"        os.kill(os.getpid(), signal.{name})\n"
        "        signal.pause()\n"
        "    finally:\n"
        "        print('cleaned up')",
    )
    done = partman("acme", path=place)
    assert done.returncode == code
    assert done.stdout == "cleaned up\n"
    assert "Traceback" not in done.stderr


def test_an_abort_at_a_question_exits_with_130(tmp_path: Path) -> None:
    place = distribution(
        tmp_path, "def acme(state):\n    click.confirm('?', abort=True)"
    )
    assert partman("acme", path=place, input="n\n").returncode == 130


def test_a_reader_that_goes_away_is_no_error(tmp_path: Path) -> None:
    place = distribution(
        tmp_path, "def acme(state):\n    for n in range(9999): state.out.say('x' * 99)"
    )
    process = subprocess.Popen(
        [sys.executable, "-m", "partman_core", "acme"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=with_path(place),
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait() == 141
