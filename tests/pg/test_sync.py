"""A settings file is written into the registry, and nothing else reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from partman_core.errors import ConfigError

from .helpers import a_table, an_engine, daily, name, registered

if TYPE_CHECKING:
    from pathlib import Path

FILE = """
[[tables]]
name = "events"
partition_interval = "1 day"
partition_count = 2

[[tables]]
name = "public.others"
partition_interval = "1 month"
"""


def written(tmp_path: Path, text: str = FILE) -> Path:
    path = tmp_path / "partman.toml"
    path.write_text(text, "utf-8")
    return path


def test_a_settings_file_is_written_into_the_registry(database, pg, tmp_path):
    a_table(pg)
    a_table(pg, "others")
    engine = an_engine(database)
    preview = engine.sync(written(tmp_path), dry_run=True)
    assert [str(one.table) for one in preview.registrations] == [
        "public.events", "public.others"
    ]  # fmt: skip
    assert not registered(pg)
    done = engine.sync(written(tmp_path))
    assert done.exit_code == 0
    assert {table.origin for table in engine.managed_tables()} == {"file"}
    again = engine.sync(written(tmp_path))
    assert [one.changes for one in again.registrations] == [(), ()]


def test_what_a_file_declares_is_changed_only_there(database, pg, tmp_path):
    a_table(pg)
    a_table(pg, "others")
    engine = an_engine(database)
    engine.sync(written(tmp_path))
    with pytest.raises(ConfigError) as caught:
        daily(engine, count=9)
    assert caught.value.code == "declared-by-file"
    assert "partman sync" in caught.value.hint
    engine.unregister("events")
    daily(engine)


def test_a_table_that_left_the_file_stays_until_it_is_pruned(database, pg, tmp_path):
    a_table(pg)
    a_table(pg, "others")
    a_table(pg, "mine")
    engine = an_engine(database)
    daily(engine, "mine")
    engine.sync(written(tmp_path))
    shorter = written(tmp_path, FILE.partition('\n[[tables]]\nname = "public')[0])
    left = engine.sync(shorter)
    assert (left.left, left.removed) == ((name("others"),), ())
    assert len(engine.managed_tables()) == 3
    assert engine.sync(shorter, prune=True, dry_run=True).removed == (name("others"),)
    assert len(engine.managed_tables()) == 3
    pruned = engine.sync(shorter, prune=True)
    assert (pruned.left, pruned.removed) == ((), (name("others"),))
    names = [table.name.relation for table in engine.managed_tables()]
    assert names == ["events", "mine"]


def test_a_table_whose_entry_does_not_go_with_it_is_told_and_not_pruned(
    database, pg, tmp_path
):
    """The others are taken all the same."""
    a_table(pg)
    a_table(pg, "others")
    engine = an_engine(database)
    engine.sync(written(tmp_path))
    wrong = FILE.replace('"1 month"', '"1 month"\npartition_by = "made"')
    wrong = wrong.replace("partition_count = 2", "partition_count = 7")
    done = engine.sync(written(tmp_path, wrong), prune=True)
    assert done.exit_code == 4
    assert [str(key) for key in done.errors] == ["public.others"]
    assert (done.removed, done.left) == ((), ())
    assert [table.strategy.partition_count for table in engine.managed_tables()] == [
        7, 10
    ]  # fmt: skip


def test_a_mistake_in_the_file_is_found_before_anything_is_written(
    database, pg, tmp_path
):
    a_table(pg)
    a_table(pg, "others")
    wrong = FILE.replace("1 month", "0 days").replace("1 day", "10")
    with pytest.raises(ConfigError) as caught:
        an_engine(database).sync(written(tmp_path, wrong))
    assert len(caught.value.mistakes) == 2
    assert not registered(pg)


def test_names_that_are_none_and_tables_that_are_named_twice_are_told(
    database, pg, tmp_path
):
    a_table(pg)
    text = FILE.replace("public.others", "public.events")
    twice = an_engine(database).sync(written(tmp_path, text))
    assert twice.exit_code == 4
    [error] = twice.errors.values()
    assert error.code == "declared-twice"
    assert "tables[1]" in error.message


def test_retention_in_a_file_needs_a_word_more_too(database, pg, tmp_path):
    a_table(pg)
    a_table(pg, "others")
    engine = an_engine(database)
    engine.sync(written(tmp_path))
    text = FILE.replace("partition_count = 2", 'retention_period = "2 days"')
    done = engine.sync(written(tmp_path, text))
    assert [error.code for error in done.errors.values()] == ["needs-confirmation"]
    assert engine.sync(written(tmp_path, text), confirm=True).exit_code == 0


def test_pruning_spares_what_was_registered_by_hand(database, pg, tmp_path):
    a_table(pg)
    a_table(pg, "others")
    a_table(pg, "mine")
    engine = an_engine(database)
    daily(engine, "mine")
    assert engine.sync(written(tmp_path), prune=True).removed == ()
    assert len(engine.managed_tables()) == 3


def test_a_table_that_is_not_there_keeps_no_other_from_being_written(
    database, pg, tmp_path
):
    a_table(pg)
    engine = an_engine(database)
    done = engine.sync(written(tmp_path), prune=True)
    assert done.exit_code == 4
    assert list(done.errors) == ["public.others"]
    assert [str(one.table) for one in done.registrations] == ["public.events"]
