"""Commands of plugins: each is named with who offers it, whatever is wrong with it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

BESIDE = "partman-webui"
"""What `make` installs with partman, and has a command too."""

GOOD = "import click\n@click.command()\ndef go(): print('went')\n"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path


def distribution(
    place: Path, name: str, command: str, code: str = GOOD, more: str = ""
) -> None:
    """Make an installed distribution with one command, and more entry points."""
    module = name.replace("-", "_")
    info = place / f"{module}-1.5.dist-info"
    info.mkdir()
    head = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.5\n"
    (info / "METADATA").write_text(head)
    points = f"[partman.commands]\n{command} = {module}:go\n{more}"
    (info / "entry_points.txt").write_text(points)
    (place / f"{module}.py").write_text(code)


def partman(place: Path, *args: str, code: int = 0) -> subprocess.CompletedProcess[str]:
    """Run it as a process, with *place* on Python's path."""
    places = [str(place), os.environ.get("PYTHONPATH", "")]
    done = subprocess.run(
        [sys.executable, "-m", "partman_core", *args],
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, places))},
        cwd=place,
        check=False,
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done


def listed(place: Path, *args: str, code: int = 0) -> dict[str, str | None]:
    """Return what is wrong with each command, by who offers it."""
    done = partman(place, *args, "plugins", "--json", code=code)
    commands = json.loads(done.stdout)["commands"]
    found = {one["source"]: one["failure"] for one in commands}
    assert found.pop(BESIDE, None) is None
    return found


def test_commands_are_listed_with_the_plugins(place: Path) -> None:
    distribution(place, "acme-tools", "acme")
    assert listed(place) == {"acme-tools": None}
    assert "acme\t1.5\tacme-tools\t(a command)" in partman(place, "plugins").stdout


def test_a_command_that_two_offer_is_neithers(place: Path) -> None:
    distribution(place, "acme-tools", "acme")
    distribution(place, "other-tools", "acme", GOOD.replace("went", "other"))
    said = "the command 'acme' is offered twice: by acme-tools and by other-tools"
    done = partman(place, "acme", code=4)
    assert done.stdout == ""
    assert f"error[plugin]: {said}" in done.stderr
    assert "--without acme-tools or --without other-tools" in done.stderr
    assert "by `without` in [plugins]" in done.stderr
    assert "offered twice, by acme-tools and other-tools" in (
        partman(place, "--help").stdout
    )
    assert listed(place, code=4) == {"acme-tools": said, "other-tools": said}
    assert partman(place, "--without", "other-tools", "acme").stdout == "went\n"
    assert partman(place, "--without", "acme-tools", "acme").stdout == "other\n"
    assert listed(place, "--without", "acme-tools") == {"other-tools": None}


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("partman.toml", '[plugins]\nwithout = ["acme-tools"]\n'),
        ("pyproject.toml", '[tool.partman.plugins]\nwithout = ["acme-tools"]\n'),
        ("mine.toml", '[plugins]\nwithout = ["acme-tools"]\n'),
    ],
)
def test_the_settings_file_leaves_out_as_the_option_does(
    file: str, text: str, place: Path
) -> None:
    distribution(place, "acme-tools", "acme")
    distribution(place, "other-tools", "acme", GOOD.replace("went", "other"))
    (place / file).write_text(text)
    named = ("--config", file) if file == "mine.toml" else ()
    assert partman(place, *named, "acme").stdout == "other\n"
    assert listed(place, *named) == {"other-tools": None}
    shown = partman(place, *named, "--help").stdout
    assert "(plugin other-tools)" in shown
    assert "offered twice" not in shown


def test_a_plugin_that_the_settings_file_leaves_out_has_no_command(place: Path) -> None:
    distribution(place, "acme-tools", "acme")
    (place / "partman.toml").write_text('[plugins]\nwithout = ["acme-tools"]\n')
    assert "no command 'acme'" in partman(place, "acme", code=64).stderr
    (place / "partman.toml").write_text("[plugins]\nwithout = 3\n")
    assert partman(place, "acme").stdout == "went\n"


@pytest.mark.parametrize(
    "text", ["[plugins", "plugins = 3", "[plugins]\nwithout = [3]"]
)
def test_help_does_not_mind_a_settings_file_with_mistakes(
    text: str, place: Path
) -> None:
    distribution(place, "acme-tools", "acme")
    (place / "partman.toml").write_text(text)
    assert "(plugin acme-tools)" in partman(place, "--help").stdout


def test_a_command_by_the_name_of_one_of_ours_is_told_and_ours_is_called(
    place: Path,
) -> None:
    distribution(place, "acme-tools", "version")
    assert "went" not in partman(place, "version").stdout
    [failure] = listed(place, code=4).values()
    assert failure == (
        "the command 'version' of acme-tools is never called: "
        "partman has one of that name itself"
    )
    done = partman(place, "plugins", code=4)
    assert "acme-tools has to call it something else" in done.stderr


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("import vault_driver\n", "No module named 'vault_driver'"),
        ("import sys; sys.exit(3)\n", "SystemExit: 3"),
        ("def go(: ...\n", "SyntaxError"),
        ("go = 3\n", "no click command, but int"),
        ("", "has no attribute 'go'"),
    ],
)
def test_a_command_that_cannot_be_called_is_told_and_hides_no_other(
    code: str, words: str, place: Path
) -> None:
    distribution(place, "acme-tools", "acme", code)
    distribution(place, "other-tools", "other")
    done = partman(place, "acme", code=4)
    assert "the command 'acme' of acme-tools" in done.stderr
    assert words in done.stderr
    assert partman(place, "other").stdout == "went\n"
    found = listed(place, code=4)
    assert words in (found["acme-tools"] or "")
    assert found["other-tools"] is None


def test_a_command_that_raises_is_named_in_the_traceback(place: Path) -> None:
    distribution(place, "acme-tools", "acme", GOOD.replace("print('went')", "1 / 0"))
    assert "in acme (plugin acme-tools)" in partman(place, "-v", "acme", code=1).stderr


def test_a_distribution_can_be_left_out_with_all_that_it_has(place: Path) -> None:
    code = (
        GOOD + "from partman_core import hookimpl\n"
        "@hookimpl\ndef partman_pre_drop(): ...\n"
    )
    more = "[partman]\nacme = acme_tools\n"
    distribution(place, "acme-tools", "acme", code, more)
    done = partman(place, "--without", "acme-tools", "plugins", "--json")
    told = json.loads(done.stdout)
    assert "acme-tools" not in {one["source"] for one in told["commands"]}
    [acme] = [one for one in told["plugins"] if one["name"] == "acme"]
    assert acme["left_out"]
