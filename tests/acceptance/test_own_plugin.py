"""The template of a plugin, as somebody has it who copied it: built, installed, tested.

It is installed next to the main wheel, and its tests run far from this tree.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from .conftest import LONGEST, built

if TYPE_CHECKING:
    from collections.abc import Callable

TEMPLATE = Path(__file__).parents[2] / "examples" / "own_plugin"
TRIVIAL = "def test_it(partman_clock): assert partman_clock().year == 2026\n"


@pytest.fixture(scope="session")
def developer(tmp_path_factory, wheel, install_fresh):
    """Return an environment of ``pip install partman pytest``."""
    made = install_fresh(tmp_path_factory.mktemp("developer") / "env", wheel)
    made.install("pytest>=8.2")
    return made


@pytest.fixture
def tests_of(developer, tmp_path, server_dsn) -> Callable[..., str]:
    """Return a function that runs tests there, and returns what pytest writes."""

    def run(place: Path, *options: str) -> str:
        done = subprocess.run(
            [developer.python, "-m", "pytest", "-p", "no:cacheprovider", *options],
            check=False, capture_output=True, text=True, cwd=place, timeout=5 * LONGEST,
            env={"PATH": os.defpath, "HOME": str(tmp_path), "LANG": "C.UTF-8",
                 "PARTMAN_TEST_DSN": server_dsn},
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return run


def test_pytest_works_where_partman_is_and_the_kit_is_not(
    developer, tests_of, tmp_path
):
    assert not list(developer.packages.glob("hypothesis"))
    (tmp_path / "test_trivial.py").write_text(TRIVIAL)
    assert "1 passed" in tests_of(tmp_path, "-W", "error")


def test_the_template_is_built_installed_and_passes_its_tests(
    developer, tests_of, wheel, tmp_path
):
    source = tmp_path / "copied"
    shutil.copytree(
        TEMPLATE, source, ignore=shutil.ignore_patterns("__pycache__", ".*")
    )
    plugin = built(source, tmp_path / "dist")
    developer.install(f"partman[binary,testing] @ {wheel.as_uri()}", plugin)
    shutil.rmtree(source / "src")
    said = tests_of(source)
    assert " passed" in said
    assert not {"failed", "skipped", "error", "warning"} & {*said.split()}
    partman = [developer.root / "bin" / "partman", "plugins"]
    listed = subprocess.run(partman, capture_output=True, text=True, check=True).stdout
    assert "month-ends\t0.1.0\tpartman-month-ends" in listed
