"""The prose is tested too: what is written about partman is true."""

from __future__ import annotations

import ast
import inspect
import re
import subprocess
from pathlib import Path

import click
import pytest

import partman_core
from partman_core import errors, hookspecs
from partman_core.cli.app import cli

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")

HOOKS = [name for name in vars(hookspecs) if name.startswith("partman_")]
COMMANDS = cli.list_commands(click.Context(cli))


def code_blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.DOTALL | re.MULTILINE)


def test_every_hook_is_in_the_manuals_table_in_calling_order():
    table = re.findall(r"^(partman_\w+) ", hookspecs.__doc__ or "", re.MULTILINE)
    assert table == HOOKS


@pytest.mark.parametrize("name", HOOKS)
def test_every_hook_says_what_it_is_for(name):
    assert len((inspect.getdoc(getattr(hookspecs, name)) or "").split()) >= 6


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_and_every_option_has_help(name):
    command = cli.get_command(click.Context(cli), name)
    assert command is not None
    assert command.help
    for option in command.params:
        if isinstance(option, click.Option):
            assert option.help, f"{name} {option.opts}"


def test_what_is_public_can_be_imported_and_is_little():
    assert len(partman_core.__all__) <= 20
    for name in partman_core.__all__:
        assert getattr(partman_core, name) is not None


def test_the_readme_is_at_most_two_screens_and_its_python_is_python():
    assert README.count("\n") <= 120
    for block in code_blocks("python"):
        ast.parse(block)


def test_the_readmes_commands_and_flags_exist():
    lines = "\n".join(code_blocks("")).replace("\\\n", " ").splitlines()
    ours = [line for line in lines if line.startswith("partman ")]
    calls = [line.split("#")[0].split() for line in ours]
    assert len(calls) >= 4
    for _, name, *words in calls:
        command = cli.get_command(click.Context(cli), name)
        assert command is not None, name
        known = {flag for param in command.params for flag in param.opts}
        assert {word for word in words if word.startswith("--")} <= known


def test_the_readmes_exit_codes_are_those_of_the_errors():
    codes = {
        kind.exit_code
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, errors.PartmanError)
    }
    told = {int(code) for code in re.findall(r"\| (\d+) \|", README)}
    assert codes <= told
    assert set(errors.SEVERITY) - {7} <= told


def test_what_the_readme_points_at_is_there():
    for target in re.findall(r"\]\(([^)#:]+)\)", README):
        assert (ROOT / target).is_file(), target
    for path in re.findall(r"`((?:examples|partman_core)/[\w/.]*)`", README):
        assert (ROOT / path).exists(), path


NO_TEXT = (".xz", ".svg", ".png")


def test_nothing_names_a_machine_or_a_place_to_download_from():
    """Neither absolute paths of somebody's machine nor files on a package host."""
    forbidden = re.compile(
        r"(?<![\w.])/(?:root|home/\w+)/"
        r"|https?://\S+\.(?:whl|tgz|tar\.gz|deb)\b|index-url"
    )
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.split()
    texts = [ROOT / name for name in listed if not name.endswith(NO_TEXT)]
    for path in texts:
        if path.is_file() and path != Path(__file__):
            found = forbidden.search(path.read_text("utf-8"))
            assert not found, f"{path.name}: {found and found.group()}"
