"""What is installed has the pages and the API's description in it."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

WEBUI = Path(__file__).parents[2] / "webui"
PACKAGE = WEBUI / "partman_webui"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a directory with the wheel and the sdist of a copy of the sources."""
    place = tmp_path_factory.mktemp("built")
    left_out = shutil.ignore_patterns("frontend", "node_modules", "__pycache__")
    shutil.copytree(WEBUI, place / "webui", ignore=left_out)
    subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--outdir", place / "dist",
         place / "webui"],
        check=True, capture_output=True,
    )  # fmt: skip
    return place / "dist"


def needed() -> set[str]:
    """Return the files that have to be there, by their paths in the package."""
    found = [PACKAGE / "openapi.json", *(PACKAGE / "static").rglob("*")]
    files = {path.relative_to(WEBUI).as_posix() for path in found if path.is_file()}
    assert "partman_webui/static/icon.svg" in files
    modules = {path.relative_to(WEBUI).as_posix() for path in PACKAGE.rglob("*.py")}
    return files | modules


def test_the_wheel_has_the_pages_and_nothing_else(built):
    [wheel] = built.glob("*.whl")
    with zipfile.ZipFile(wheel) as opened:
        names = set(opened.namelist())
        info = "partman_webui-0.1.0.dist-info"
        points = opened.read(f"{info}/entry_points.txt").decode()
    assert {name for name in names if not name.startswith(info)} == needed()
    assert "[partman.commands]\nui = partman_webui.command:ui" in points


def test_the_sdist_has_the_pages_too(built):
    [sdist] = built.glob("*.tar.gz")
    with tarfile.open(sdist) as opened:
        names = {name.partition("/")[2] for name in opened.getnames()}
    assert needed() <= names
    assert {"pyproject.toml", "README.md"} <= names
