"""The specifications are the manual: every hook says what it gets, gives and costs."""

from __future__ import annotations

import inspect
import re

import pytest

from partman_core import hookspecs
from partman_core.plugins.guarding import GUARDING

HOOKS = [name for name in vars(hookspecs) if name.startswith("partman_")]
UNITS = {
    "now": "aware",
    "conn": "commit",
    "connect": "closed",
    "partition": "estimate|quoted",
    "event": "bytes",
    "level": "bytes",
}
"""Words without which an argument is not described: a unit, or whose it is."""

each_hook = pytest.mark.parametrize("name", HOOKS)


def described(name: str) -> dict[str, str]:
    """Return a hook's docstring field by field."""
    text = inspect.getdoc(getattr(hookspecs, name)) or ""
    fields = re.findall(r"^:([^:]+):\s+(.*?)(?=^:|\Z)", text, re.DOTALL | re.MULTILINE)
    assert len(fields) == len(dict(fields)), "one of them is described twice"
    return {field: " ".join(told.split()) for field, told in fields}


def arguments(name: str) -> list[str]:
    return list(inspect.signature(getattr(hookspecs, name)).parameters)


@each_hook
def test_every_argument_is_described_in_its_order_and_no_other(name):
    told = [field.split()[1] for field in described(name) if field.startswith("param")]
    assert told == arguments(name)


@each_hook
def test_what_is_said_of_an_argument_is_more_than_its_name(name):
    for field, told in described(name).items():
        assert len(told.split()) >= 3, field
        assert told.endswith("."), field


@each_hook
def test_arguments_with_a_unit_or_an_owner_have_it(name):
    fields = described(name)
    for argument in arguments(name):
        if argument in UNITS:
            assert re.search(UNITS[argument], fields[f"param {argument}"]), argument


@each_hook
def test_a_hook_that_gives_something_says_what_and_one_that_does_not_says_nothing(name):
    kind = inspect.signature(getattr(hookspecs, name)).return_annotation
    assert ("returns" in described(name)) == (kind != "None")


@each_hook
def test_every_hook_says_what_it_costs_when_it_raises(name):
    told = described(name)["raises Exception"]
    assert re.search("report|finding|broken", told), "where it is told"
    kept = re.search("nothing .* dropped|stays|is kept|not loaded", told)
    assert kept or name not in GUARDING


@each_hook
def test_the_fields_come_last_and_in_one_order(name):
    order = [field.split()[0] for field in described(name)]
    assert order == sorted(order, key=["param", "returns", "raises"].index)


def test_the_table_of_all_hooks_says_how_often_each_is_called():
    rows = re.findall(
        r"^(partman_\w+)  +(\S.*?)  +(\S.*)$", hookspecs.__doc__, re.MULTILINE
    )
    assert [name for name, _, _ in rows] == HOOKS
    for name, result, _ in rows:
        kind = inspect.signature(getattr(hookspecs, name)).return_annotation
        options = getattr(hookspecs, name).partman_spec
        assert ("first" in result) == options["firstresult"]
        assert ("collected" in result) == ("[" in kind and not options["firstresult"])
