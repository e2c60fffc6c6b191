"""A plugin that raises in a hook, as the command line tells of it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from partman_core import hookspecs
from partman_core.cli.app import cli

from .helpers import MONTHLY, months_ago

if TYPE_CHECKING:
    from pathlib import Path

HOOKS = [name for name in vars(hookspecs) if name.startswith("partman_")]

KEEP = ("--start", months_ago(8), "--retention-period", "6 months")

QUIET = {"partman_check", "partman_event"}
"""Nothing that is done depends on them."""

PLUGIN = """\
from partman_core import hookimpl

@hookimpl
def {hook}():
    raise OSError("the disk is on fire")
"""


@pytest.fixture
def using(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Return a function that has the settings file here use a plugin that raises."""
    monkeypatch.syspath_prepend(tmp_path)

    def use(hook: str) -> None:
        monkeypatch.delitem(sys.modules, "acme_faulty", raising=False)
        (tmp_path / "acme_faulty.py").write_text(PLUGIN.format(hook=hook))
        (tmp_path / "partman.toml").write_text('[plugins]\nuse = ["acme_faulty"]\n')

    return use


@pytest.mark.parametrize("hook", HOOKS)
def test_it_is_named_and_reading_and_creating_go_on(
    hook, using, expiring, partman, database
):
    partman("register", *MONTHLY, "--start", months_ago(8), "--partition-count", "11")
    partman("register", *MONTHLY, *KEEP, "--partition-count", "11", "--yes")
    using(hook)
    listed = partman("plugins", code=at_load(hook)).output
    plan = partman("plan", "--check", code=3 if while_planning(hook) else 2).output
    assert "1 to create" in plan
    assert len(partman("partitions", expiring).output.splitlines()) > 10
    look = [
        CliRunner().invoke(cli, ["--dsn", database, word])
        for word in ("check", "status")
    ]
    assert {done.exit_code for done in look} <= {0, 2, 3}
    done = partman("maintain", code=0 if hook in QUIET else 3).output
    was_done = done.partition("Done: ")[2].partition(".")[0]
    assert ("create" in was_done) == (hook != "partman_post_create")
    assert ("drop" in was_done) == (hook in QUIET | {"partman_post_create"})
    said = " ".join([listed, plan, *(each.output for each in look), done])
    assert "plugin 'acme_faulty'" in said
    assert hook in said
    assert "the disk is on fire" in said
    assert "unexpected" not in said
    partman("--without", "acme_faulty", "maintain")


def at_load(hook: str) -> int:
    """Return what `partman plugins` ends with."""
    early = hookspecs.__doc__ or ""
    [line] = [each for each in early.splitlines() if each.startswith(f"{hook} ")]
    return 4 if line.endswith("once an engine") else 0


def while_planning(hook: str) -> bool:
    """Say whether a plan has to tell of it."""
    return bool(at_load(hook)) or hook in {"partman_tenants", "partman_retire"}
