"""Settings files, and partitions that were there before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .helpers import MONTHLY, at_terminal

if TYPE_CHECKING:
    from pathlib import Path

    from .helpers import Connection, Partman


FILE = """
[[tables]]
name = "public.events"
partition_by = "at"
partition_interval = "1 month"
"""


@pytest.mark.usefixtures("events")
def test_a_file_is_synced_and_pruned(partman: Partman, empty_directory: Path) -> None:
    file = empty_directory / "partman.toml"
    file.write_text(FILE)
    assert "would be registered" in partman("sync", "--dry-run").stdout
    assert "No managed tables yet" in partman("status", "--now", "2026-01-01").stdout
    assert "public.events: registered" in partman("sync").stdout
    assert "\tfile\t" in partman("tables").stdout
    assert "nothing changed" in partman("sync", "partman.toml").stdout
    file.write_text("")
    assert "--prune" in partman("sync").stdout
    assert "no longer managed" in partman("sync", "--prune").stdout


@pytest.mark.usefixtures("events")
def test_status_says_when_the_file_here_differs(
    partman: Partman, empty_directory: Path
) -> None:
    file = empty_directory / "partman.toml"
    file.write_text(FILE)
    assert "public.events is in partman.toml, but not registered" in (
        partman("status").stdout
    )
    partman("sync")
    partman("maintain")
    assert "partman.toml" not in partman("status").stdout
    file.write_text(FILE + "partition_count = 3\n")
    text = partman("status").stdout
    assert "public.events differs from partman.toml in partition_count" in text
    assert "try: partman sync --dry-run" in text


@pytest.mark.usefixtures("events")
def test_a_file_whose_table_cannot_work_says_which(
    partman: Partman, empty_directory: Path
) -> None:
    file = empty_directory / "partman.toml"
    file.write_text(FILE + '[[tables]]\nname = "nope"\npartition_interval = "1 day"\n')
    done = partman("sync", code=4)
    assert "public.events: registered" in done.stdout
    assert "nope" in done.stderr


def test_all_mistakes_of_a_file_are_told_at_once(
    partman: Partman, empty_directory: Path
) -> None:
    """Those of one part hide those of no other."""
    (empty_directory / "partman.toml").write_text(
        "[database]\nschema = 5\n"
        '[[tables]]\npartition_interval = "10"\nretentoin = "1 day"\n'
        '[[tables]]\nname = "events"\ntimezone = "Nowhere"\n'
        '[[tables]]\nname = "events"\npartition_interval = "1 day"\npartition_count = 0'
    )
    for command in (("config", "validate"), ("sync",)):
        told = partman(*command, code=4).stderr.splitlines()
        assert len(told) == 8
        assert (
            "partman.toml: no setting 'retentoin'; did you mean 'retention_period'? "
            "@ tables[0]"
        ) in told[4]


def test_at_a_terminal_only_what_was_asked_about_is_left_as_it_was(
    database: str, partman: Partman, pg: Connection, empty_directory: Path
) -> None:
    """The other tables of the file are registered, and shown."""
    pg.execute("CREATE TABLE logs (at timestamptz) PARTITION BY RANGE (at)")
    pg.execute("CREATE TABLE events (at timestamptz) PARTITION BY RANGE (at)")
    file = empty_directory / "partman.toml"
    file.write_text(FILE)
    partman("sync")
    other = FILE.replace("public.events", "public.logs")
    file.write_text(FILE + 'retention_period = "2 months"\n' + other)
    code, text = at_terminal(database, b"n\n", "sync")
    assert code == 130
    assert "public.logs: registered" in text
    assert "stopped: what was asked about was left as it was." in text
    listed = partman("tables").stdout
    assert "public.logs" in listed
    assert "2 months" not in listed


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.toml", b'{"tables": []}', "= hint: settings are written in TOML, as in "),
        ("a.toml", b"name = 'caf\xe9'", "it is not text in UTF-8"),
        ("a.toml", b"[tables]\nname = 'a'", "each table begins with [[tables]]"),
        ("a.toml", b"[[table]]\nname = 'a'", "did you mean 'tables'?"),
        ("a.toml", b"[database]\ndns = 'x'", "did you mean 'dsn'? @ database"),
        (
            "a.toml",
            b"[plugins]\nuse = ['nix']",
            "plugin 'nix' (handed over) is broken: ",
        ),
        ("pyproject.toml", b"tool = 3", "it says nothing about partman"),
        ("pyproject.toml", b"[project]\nname = 'a'", "settings are in [tool.partman]"),
    ],
)
def test_a_file_that_cannot_work_is_told_without_a_server(
    name: str, content: bytes, told: str, partman: Partman, empty_directory: Path
) -> None:
    (empty_directory / name).write_bytes(content)
    done = partman("config", "validate", name, code=4)
    assert done.stdout == ""
    assert f"]: {name}: " in done.stderr
    assert told in done.stderr


def test_a_file_may_begin_with_the_mark_of_windows_editors(
    partman: Partman, empty_directory: Path
) -> None:
    (empty_directory / "partman.toml").write_text(FILE, encoding="utf-8-sig")
    assert "1 table, no mistakes" in partman("config", "validate").stdout


# Adoption


def test_adoption_takes_what_fits_and_gives_reasons_for_the_rest(
    events: str, partman: Partman, pg: Connection
) -> None:
    pg.execute(
        "CREATE TABLE fits PARTITION OF events FOR VALUES FROM ('2020-01-01 00:00+00')"
        " TO ('2020-02-01 00:00+00');"
        "CREATE TABLE wide PARTITION OF events FOR VALUES FROM ('2020-02-03 00:00+00')"
        " TO ('2020-03-05 00:00+00')"
    )
    partman("register", *MONTHLY)
    tried = partman("adopt", events, "--dry-run").stdout
    assert "would adopt  public.fits" in tried
    done = partman("adopt", events).stdout
    assert "adopted  public.fits" in done
    assert "left  public.wide: " in done
    assert "adopted 1 of 2 partitions" in done
    assert "public.fits\t2020-01-01\t2020-02-01" in partman("partitions", events).stdout
