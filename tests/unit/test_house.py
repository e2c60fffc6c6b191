"""The house rules that no other tool keeps."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
MODULES = sorted(
    path.relative_to(ROOT)
    for folder in ("partman_core", "plugins")
    for path in (ROOT / folder).rglob("*.py")
)
PG = Path("partman_core/pg")
SQL = re.compile(
    r"\s*(SELECT|INSERT INTO|UPDATE|DELETE FROM|CREATE|ALTER|DROP|TRUNCATE|LOCK|COPY"
    r"|ANALYZE|VACUUM|GRANT|REVOKE|SET|DO|WITH|COMMENT ON)\s"
)

each_module = pytest.mark.parametrize("path", MODULES, ids=str)


def parsed(path: Path) -> ast.Module:
    return ast.parse((ROOT / path).read_text())


def prose(tree: ast.Module) -> set[ast.AST]:
    """Find what only speaks of SQL: docstrings, and the hints of errors."""
    found: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr):
            found.add(node.value)
        elif isinstance(node, ast.keyword) and node.arg == "hint":
            found.update(ast.walk(node.value))
    return found


def statements(tree: ast.Module) -> Iterator[str]:
    """Find the strings of *tree* that are SQL."""
    spoken = prose(tree)
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and node not in spoken
            and SQL.match(node.value)
        ):
            yield f"line {node.lineno}: {node.value.strip()[:60]}"


def test_there_is_a_house():
    assert Path("partman_core/__init__.py") in MODULES
    assert Path("plugins/partman_plugins/__init__.py") in MODULES


@each_module
def test_a_module_says_what_it_is_for(path):
    assert ast.get_docstring(parsed(path))


@each_module
def test_annotations_are_never_evaluated(path):
    lines = (ROOT / path).read_text().splitlines()
    assert "from __future__ import annotations" in lines or not parsed(path).body[1:]


@each_module
def test_a_module_is_one_room(path):
    assert len((ROOT / path).read_text().splitlines()) <= 400


@each_module
def test_a_function_fits_on_a_screen(path):
    long = [
        f"{node.name}: {node.end_lineno - node.lineno + 1} lines"
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno - node.lineno + 1 > 60
    ]
    assert not long


@each_module
def test_sql_stands_in_pg_and_in_the_demos_story_only(path):
    if PG in path.parents or "demo" in path.stem or "demo" in path.parent.parts:
        return
    assert not list(statements(parsed(path)))


def test_sql_files_stand_in_pg_only():
    found = {path.relative_to(ROOT) for path in (ROOT / "partman_core").rglob("*.sql")}
    assert not [path for path in found if PG not in path.parents]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ('conn.execute("SELECT count(*) FROM t")', 1),
        ('conn.execute("""\n  WITH t AS (SELECT 1) TABLE t""")', 1),
        ('conn.execute(questions["tree"])', 0),
        ('conn.execute("DROP TABLE t")', 1),
        ('conn.execute(f"CREATE TABLE {name} (id int)")', 1),
        ('raise ConfigError("no", hint="CREATE TABLE first")', 0),
        ('"""DROP TABLE is refused."""', 0),
    ],
)
def test_the_search_for_sql_finds_it(line, found):
    assert len(list(statements(ast.parse(line)))) == found
