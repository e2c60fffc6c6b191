"""Settings files and their schema: where tables are declared, and how that is read."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from partman_core import config
from partman_core.errors import ConfigError
from partman_core.interval import Interval
from partman_core.plugins import Plugins
from partman_core.settings import TableKeys, settings_of

from .settings_samples import BUILT_IN, EXTENDED, read


def written(tmp_path: Path, text: str, name: str = "partman.toml") -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def file_mistakes(tmp_path: Path, text: str) -> list[str]:
    path = written(tmp_path, text)
    with pytest.raises(ConfigError) as caught:
        config.read_file(path)
    assert caught.value.exit_code == 4
    return [told.replace(f"{path}: ", "") for told in caught.value.mistakes]


WHOLE = """
[database]
dsn = "postgresql://localhost/app"
schema = "parts"
pooler = "session"

[plugins]
use = ["my.plugin"]
without = ["archive"]

[maintenance]
every = "30 minutes"
workers = 4

[[tables]]
name = "Public.Events"
partition_interval = "1 day"
start = 2026-01-01

[[tables]]
name = '"Odd".t'
partition_interval = 1000
"""


def test_a_file_says_where_what_and_without_whom(tmp_path: Path):
    path = written(tmp_path, WHOLE)
    found = config.read_file(path)
    assert found.dsn == "postgresql://localhost/app"
    assert (found.schema, found.without) == ("parts", ("archive",))
    assert found.pooler == "session"
    assert found.plugins.use == ("my.plugin",)
    assert found.maintenance.every == Interval.parse("30 minutes")
    assert found.tables[0] == (
        "public.events",
        {"partition_interval": "1 day", "start": date(2026, 1, 1)},
        f"{path}: tables[0]",
    )
    assert found.tables[1].name == '"Odd".t'


def test_pyproject_may_say_it_too(tmp_path: Path):
    text = '[tool.partman]\n[[tool.partman.tables]]\nname = "t"\n'
    found = config.read_file(written(tmp_path, text, "pyproject.toml"))
    assert found.tables[0].where.endswith("pyproject.toml: tool.partman.tables[0]")
    silent = written(tmp_path, "[project]\n", "pyproject.toml")
    with pytest.raises(ConfigError, match="it says nothing about partman"):
        config.read_file(silent)


def test_an_empty_file_says_nothing_and_is_fine(tmp_path: Path):
    found = config.read_file(written(tmp_path, ""))
    assert (found.tables, found.dsn, found.schema) == ((), None, "partman")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[[tables]]\nname = \n", "line 2, column 8: "),
        ("a = 1\na = 2\n", "line 2, column 6: "),
        ("[database", "at its end: "),
    ],
)
def test_a_syntax_error_has_its_line_and_column(tmp_path: Path, text: str, words: str):
    path = written(tmp_path, text)
    with pytest.raises(ConfigError) as caught:
        config.read_file(path)
    assert caught.value.message.startswith(f"{path}: {words}")


def test_a_file_that_cannot_be_read_is_said_to_be_so(tmp_path: Path):
    with pytest.raises(ConfigError, match="there is no such file") as caught:
        config.read_file(tmp_path / "partman.toml")
    assert "config init" in (caught.value.hint or "")
    with pytest.raises(ConfigError, match="directory"):
        config.read_file(tmp_path)
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="not text in UTF-8"):
        config.read_file(tmp_path / "binary.toml")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[databse]", "no part 'databse'; did you mean 'database'?"),
        ("[database]\ndns = 'x'", "no setting 'dns'; did you mean 'dsn'? @ database"),
        ("[database]\ndsn = 3", "3 is not text @ database.dsn"),
        ("[database]\npooler = 'x'", "'session', 'transaction' @ database.pooler"),
        ("[maintenance]\ncron = 'x'", "'x' has 1 field, and cron has 5 @ maintenance"),
        (
            "[maintenance]\nevery = '1h'\ncron = '@daily'",
            "give either every or cron, not both",
        ),
        ("[maintenance]\nmax_seconds = 0", "max_seconds is at least 1, not 0"),
        ("[maintenance]\nworkers = 0", "workers is at least 1, not 0"),
        ("[maintenance]\nevery = '0 s'", "every is at least 1 second, not 0 days"),
        ("database = 3", "3 is not a table @ database"),
        ("[tables]\nname = 'x'", "each table begins with [[tables]], in two brackets"),
        ("tables = [3]", "3 is not a table @ tables[0]"),
        ("[[tables]]", "'name' is required @ tables[0]"),
        ("[[tables]]\nname = 3", "3 is not a table's name @ tables[0]"),
        ("[[tables]]\nname = 'a.b.c'", "has 3 parts"),
        (
            "[[tables]]\nname = 'A'\n[[tables]]\nname = 'a'",
            "a is declared already, by tables[0] @ tables[1]",
        ),
    ],
)
def test_a_mistake_in_a_file_has_its_place(tmp_path: Path, text: str, words: str):
    (told,) = file_mistakes(tmp_path, text)
    assert words in told


def test_the_mistakes_of_a_whole_file_are_told_at_once(tmp_path: Path):
    text = """
    [databse]
    [[tables]]
    partition_interval = "10"
    [[tables]]
    name = "b"
    retentoin = "1 day"
    """
    path = written(tmp_path, text)
    with pytest.raises(ConfigError) as caught:
        config.read_tables(path, BUILT_IN)
    assert [told.replace(f"{path}: ", "") for told in caught.value.mistakes] == [
        "no part 'databse'; did you mean 'database'?",
        "'name' is required @ tables[0] (hint: as in name = \"public.events\")",
        (
            "'10' has no unit @ tables[0].partition_interval "
            '(hint: say the unit, as in "10 days")'
        ),
        (
            "'partition_interval' is required @ tables[1] "
            '(hint: as in partition_interval = "1 month")'
        ),
        "no setting 'retentoin'; did you mean 'retention_period'? @ tables[1]",
    ]


def test_a_files_tables_are_typed(tmp_path: Path):
    found, tables = config.read_tables(written(tmp_path, WHOLE), BUILT_IN)
    assert [str(table.name) for table in tables] == ["public.events", '"Odd".t']
    assert found.schema == "parts"


# Its schema


def test_the_schema_has_what_the_installed_plugins_have():
    schema = config.schema(EXTENDED)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    kinds = schema["$defs"]["Settings"]["properties"]["tables"]["items"]["anyOf"]
    assert [kind["$ref"] for kind in kinds] == [
        "#/$defs/Table_range",
        "#/$defs/Table_tenant",
        "#/$defs/Table_hash",
    ]
    table = schema["$defs"]["Table_range"]
    assert set(table["properties"]) == {
        "name",
        "archive",
        "subpartition",
        *settings_of(TableKeys),
        *settings_of(type(read().strategy)),
        *settings_of(type(read().sections["retention"])),
    }
    assert table["required"] == ["name", "partition_interval"]
    assert table["additionalProperties"] is False
    archive = schema["$defs"]["Archive"]
    assert archive["description"] == "Where rows go before they are dropped."
    assert archive["properties"]["directory"] == {
        "type": "string",
        "description": "Where the files are put.",
    }
    assert "examples" in archive["properties"]["keep"]
    json.dumps(schema)


def test_every_setting_says_what_it_means():
    for setting in config.keys(BUILT_IN):
        assert setting.meaning, setting.name


def test_without_a_plugin_the_schema_is_smaller():
    schema = config.schema(Plugins(without=["retention"], installed=()))
    assert "retention_period" not in schema["$defs"]["Table_range"]["properties"]
