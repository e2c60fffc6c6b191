"""The command line without a database: help, usage, errors, exit codes, colours."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import pytest
from click.testing import CliRunner

from partman_core import config
from partman_core.cli import flags
from partman_core.cli.app import COMMANDS, cli
from partman_core.cli.options import Moment
from partman_core.cli.output import Output, emit, wants_colour
from partman_core.cli.state import State
from partman_core.plugins import Plugins

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


def partman(
    *args: str, path: Path | None = None, **kwargs: Any
) -> subprocess.CompletedProcess[str]:
    """Run it as a process, with *path* on Python's path."""
    environment = os.environ | {"PYTHONPATH": str(path or "")}
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


def test_a_file_that_is_no_plan_is_a_usage_error(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("{}")
    (tmp_path / "b.json").write_text("not json")
    for name in ("a.json", "b.json"):
        done = run("apply", "--plan", name)
        assert done.exit_code == 64
        assert name in done.stderr


# Commands of plugins


def test_a_plugins_command_is_listed_without_being_imported(tmp_path: Path) -> None:
    place = distribution(tmp_path, "def acme(state): ...\nsys.exit('imported')")
    done = partman("--help", path=place)
    assert done.returncode == 0
    assert "acme        (plugin acme-tools)" in done.stdout


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


@pytest.mark.parametrize("name, code", [("SIGINT", 130), ("SIGTERM", 143)])
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
    place = distribution(tmp_path, "def acme(state):\n    click.confirm('?', abort=True)")
    assert partman("acme", path=place, input="n\n").returncode == 130


def test_a_reader_that_goes_away_is_no_error(tmp_path: Path) -> None:
    place = distribution(
        tmp_path, "def acme(state):\n    for n in range(9999): state.out.say('x' * 99)"
    )
    process = subprocess.Popen(
        [sys.executable, "-m", "partman_core", "acme"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(place)},
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait() == 141


# Output


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_colours_are_for_terminals_unless_somebody_says_otherwise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "CLICOLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert wants_colour("auto", Terminal())
    assert not wants_colour("auto", io.StringIO())
    assert wants_colour("always", io.StringIO())
    assert not wants_colour("never", Terminal())


@pytest.mark.parametrize(
    "name, value, stream, coloured",
    [
        ("NO_COLOR", "1", Terminal(), False),
        ("CLICOLOR", "0", Terminal(), False),
        ("TERM", "dumb", Terminal(), False),
        ("FORCE_COLOR", "1", io.StringIO(), True),
    ],
)
def test_the_environment_decides_about_colours(
    name: str, value: str, stream: Any, coloured: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for other in ("NO_COLOR", "FORCE_COLOR", "CLICOLOR"):
        monkeypatch.delenv(other, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv(name, value)
    assert wants_colour("auto", stream) is coloured


def test_signs_become_ascii_where_the_stream_knows_no_others() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    emit("≈3 rows … “ü”", stream)
    stream.flush()
    assert raw.getvalue() == b"~3 rows .. \\u201c\\xfc\\u201d\n"


def test_a_table_for_a_pipe_has_tabs_and_no_lines(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Output().table(("A", "B C"), [("1", "two words"), ("3", "")])
    assert capsys.readouterr().out == "A\tB C\n1\ttwo words\n3\t\n"


def test_a_table_for_a_terminal_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    Output("never").table(("A", "SIZE"), [("x[1]", "2")], right="SIZE")
    assert "x[1]" in terminal.getvalue()
    assert "\t" not in terminal.getvalue()
    assert "\x1b" not in terminal.getvalue()


def test_json_has_an_envelope(capsys: pytest.CaptureFixture[str]) -> None:
    Output().envelope("tables", {"tables": ["ü"]})
    body = json.loads(capsys.readouterr().out)
    assert datetime.fromisoformat(body.pop("generated_at")).tzinfo is not None
    assert body == {"version": 1, "command": "tables", "tables": ["ü"]}


def test_quiet_keeps_results_and_drops_notes(
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = Output(quiet=True)
    out.say("result")
    out.note("note")
    assert capsys.readouterr() == ("result\n", "")


# Options


@pytest.mark.parametrize(
    "text, moment",
    [
        ("2026-11-24", datetime(2026, 11, 24, tzinfo=UTC)),
        ("2026-11-24T09:00Z", datetime(2026, 11, 24, 9, tzinfo=UTC)),
        ("2026-11-24T09:00+02:00", datetime(2026, 11, 24, 7, tzinfo=UTC)),
    ],
)
def test_a_moment_without_an_offset_is_utc(text: str, moment: datetime) -> None:
    assert Moment().convert(text, None, None) == moment


def test_settings_are_collected_as_a_file_would_have_them() -> None:
    settings = flags.collected(
        {"partition_interval": "1 day", "retention_count": None, "start": 7},
        ["fillfactor=70"],
        ["archive.path=s3://x", "archive.parts=3", "archive.deep.on=true", "drain=x=y"],
    )
    assert settings == {
        "partition_interval": "1 day",
        "start": 7,
        "storage": {"fillfactor": "70"},
        "archive": {"path": "s3://x", "parts": 3, "deep": {"on": True}},
        "drain": "x=y",
    }


@pytest.mark.parametrize("text", ["novalue", "=3", "start.x=1"])
def test_a_malformed_setting_is_a_usage_error(text: str) -> None:
    with pytest.raises(click.UsageError):
        flags.collected({"start": 7}, [], [text])


def test_there_is_a_flag_for_every_built_in_setting_and_for_nothing_else() -> None:
    known = {setting.name for setting in config.keys(Plugins(installed=()))}
    assert {*flags.ORDER, "storage", "default_partition"} == known - {"drain"}


# The settings file, the DSN


def dsn_of(**given: Any) -> str:
    return State(**given)._dsn()


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
