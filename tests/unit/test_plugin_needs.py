"""A plugin that is made for another core is named, before it can do harm."""

from __future__ import annotations

from importlib.metadata import distributions
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from partman_core import __version__
from partman_core.plugins import BUILTINS, Plugins
from partman_core.plugins.needs import check_distribution

from .plugin_samples import broken, made, plugin

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

OURS = tuple(dotted.rpartition(".")[2] for dotted in BUILTINS)
HOOK = """\
from partman_core import hookimpl

@hookimpl
def partman_event(event): ...
"""


def installed(
    place: Path, name: str, code: str, *needs: str, entry: str = ""
) -> list[EntryPoint]:
    """Return the entry points of an installed distribution with one plugin."""
    module = name.replace("-", "_")
    info = place / f"{module}-1.5.dist-info"
    info.mkdir()
    lines = ["Metadata-Version: 2.1", f"Name: {name}", "Version: 1.5"]
    lines += [f"Requires-Dist: {each}" for each in needs]
    (info / "METADATA").write_text("\n".join(lines) + "\n")
    (info / "entry_points.txt").write_text(f"[partman]\n{entry or name} = {module}\n")
    (place / f"{module}.py").write_text(code)
    (dist,) = distributions(path=[str(place)], name=name)
    return list(dist.entry_points)


def test_a_package_for_a_newer_core_is_named_and_not_even_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.syspath_prepend(tmp_path)
    code = "raise AssertionError('it was imported')"
    points = installed(tmp_path, "late-plugin", code, "attrs", "partman>=99")
    found = Plugins(installed=points)
    [failure] = found.failures
    assert failure.error.message == (
        "plugin 'late-plugin' is broken: "
        f"it needs partman >=99, and this is {__version__}"
    )
    assert failure.error.hint == (
        "pip install 'partman>=99', or leave it out with --without late-plugin"
    )
    assert found.active == OURS
    assert found.listed()[-1].failure == failure.error.message


def test_a_package_for_this_core_takes_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.syspath_prepend(tmp_path)
    points = installed(tmp_path, "good-plugin", HOOK, f"Partman[binary]>={__version__}")
    assert Plugins(installed=points).active == (*OURS, "good-plugin")


@pytest.mark.parametrize(
    "needs",
    [
        "partman>=99; extra == 'later'",
        "partman>=99; python_version < '3'",
        "partman-archive>=99",
        "partman @ file:///nowhere",
        "partman >= what?",
        "partman",
    ],
)
def test_what_does_not_concern_this_core_is_passed_over(needs: str):
    check_distribution([needs])


def test_an_attribute_says_so_without_a_package():
    late = plugin("late", partman_event=lambda: None)
    late.partman_requires = ">=99,<100"
    [failure] = Plugins([late], installed=()).failures
    assert f"it needs partman <100,>=99, and this is {__version__}" in (
        failure.error.message
    )
    assert "--without late" in (failure.error.hint or "")
    late.partman_requires = f"~={__version__}"
    assert made(late).active == (*OURS, "late")


@pytest.mark.parametrize("told", ["0.2", "newer", 2, ("0", "2")])
def test_an_attribute_that_makes_no_sense_is_named(told: object):
    module = plugin("odd", partman_event=lambda: None)
    module.partman_requires = told
    assert f"partman_requires = {told!r} does not say which versions" in broken(module)


def test_what_the_core_has_not_got_yet_is_a_hint_that_it_is_too_old(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.syspath_prepend(tmp_path)
    code = "from partman_core.model import WhatComesLater"
    points = installed(tmp_path, "eager-plugin", code)
    [failure] = Plugins(installed=points).failures
    assert "cannot import name 'WhatComesLater'" in failure.error.message
    assert "it may be made for another partman" in (failure.error.hint or "")


def test_two_packages_with_plugins_of_one_name_are_told_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.syspath_prepend(tmp_path)
    points = [
        *installed(tmp_path, "one-archive", HOOK, entry="archive"),
        *installed(tmp_path, "two-archive", HOOK, entry="archive"),
    ]
    [failure] = Plugins(installed=points).failures
    said = "two plugins have this name: one-archive and two-archive"
    assert said in failure.error.message
    assert failure.error.hint == (
        "leave one of them out: --without one-archive or --without two-archive"
    )
    for left, kept in (("one-archive", "two-archive"), ("two-archive", "one-archive")):
        found = Plugins(without=[left], installed=points)
        assert not found.failures
        assert [one.source for one in found.listed() if not one.left_out][-1] == kept
        found.check_without()
