"""Plugins are found, checked, left out and missed; each failure is one plugin's."""

# ruff: noqa: ARG005, PLW0108 - hooks name what they do not need

from __future__ import annotations

import re
import subprocess
import sys
from importlib.metadata import EntryPoint
from types import ModuleType
from typing import Any

import attrs
import pytest
from attrs import frozen

from partman_core import hookimpl, hookspecs
from partman_core.errors import PluginError
from partman_core.keys import CODECS
from partman_core.model import Event, Section
from partman_core.plugins import BUILTINS, Plugins

from .plugin_samples import (
    ARCHIVE,
    EVENT,
    Archive,
    Fortnights,
    Ranges,
    Yearly,
    broken,
    made,
    plugin,
    table,
)

HOOKS = [name for name in vars(hookspecs) if name.startswith("partman_")]
OURS = tuple(dotted.rpartition(".")[2] for dotted in BUILTINS)

# What there is


def test_the_built_in_plugins_are_there():
    found = made()
    assert found.active == OURS
    assert {"range", "retention"} < set(OURS)
    assert {found.owner("strategy", kind) for kind in found.strategies()} <= {*OURS}
    assert found.owner("section", "retention") == "retention"
    assert set(found.codecs()) == {codec.name for codec in CODECS}


def test_plugins_may_be_objects_modules_or_names():
    class Listener:
        @hookimpl
        def partman_event(self, event: Event) -> None:
            heard.append(event)

    heard: list[Event] = []
    found = made(Listener(), plugin(partman_event=lambda event: heard.append(event)))
    found.announce(EVENT)
    assert heard == [EVENT, EVENT]
    assert Plugins([BUILTINS[0]], installed=()).active == OURS


def test_two_of_them_know_nothing_of_each_other():
    one = made(plugin(partman_event=lambda: None))
    assert one.has("partman_event")
    assert not made().has("partman_event")


def test_what_is_registered_last_is_asked_first():
    asked: list[str] = []
    first = plugin("first", partman_event=lambda: asked.append("first"))
    last = plugin("last", partman_event=lambda: asked.append("last"))
    made(first, last).announce(EVENT)
    assert asked == ["last", "first"]


def test_installed_plugins_are_found_by_their_entry_points(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setitem(
        sys.modules, "somebodys", plugin("somebodys", partman_event=lambda: None)
    )
    point = EntryPoint(name="theirs", value="somebodys", group="partman")
    found = Plugins(installed=[point])
    assert found.active == (*OURS, "theirs")
    info = found.listed()[-1]
    assert (info.name, info.source, info.hooks) == (
        "theirs",
        "somebodys",
        ("partman_event",),
    )


def test_a_plugin_that_is_installed_and_handed_over_takes_part_once(
    monkeypatch: pytest.MonkeyPatch,
):
    module = plugin("somebodys", partman_event=lambda: None)
    monkeypatch.setitem(sys.modules, "somebodys", module)
    point = EntryPoint(name="theirs", value="somebodys", group="partman")
    found = Plugins(["somebodys", module], installed=[point])
    assert found.active == (*OURS, "theirs")


def test_every_hook_can_be_asked_for():
    found = made()
    assert [hook for hook in HOOKS if found.has(hook)] == [
        "partman_strategies",
        "partman_sections",
        "partman_retire",
    ]


# What is broken


def test_a_plugin_that_does_not_load_is_remembered_and_hides_no_other():
    point = EntryPoint(name="gone", value="no_such_module", group="partman")
    found = Plugins([plugin(partman_event=lambda: None)], installed=[point])
    (failure,) = found.failures
    assert failure.name == "gone"
    assert failure.error.message == (
        "plugin 'gone' (no_such_module) is broken: ModuleNotFoundError: "
        "No module named 'no_such_module'"
    )
    assert "--without gone" in (failure.error.hint or "")
    assert found.active == (*OURS, "mine")
    assert found.listed()[-1].failure == failure.error.message


def test_a_plugin_that_exits_while_it_loads_is_broken(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "exiting.py").write_text("raise SystemExit(3)")
    monkeypatch.syspath_prepend(tmp_path)
    assert "SystemExit: 3" in broken("exiting")


def test_a_misspelt_hook_is_an_error_of_that_plugin_alone():
    slip = plugin("slip", partman_pre_dorp=lambda: None)
    right = plugin("right", partman_pre_drop=lambda: None)
    found = Plugins([slip, right], installed=())
    (failure,) = found.failures
    assert re.fullmatch(
        r"plugin 'slip' \(handed over\) is broken: there is no hook "
        r"'partman_pre_dorp' \(function <lambda> in test_plugins\.py, line \d+\); "
        r"did you mean 'partman_pre_drop'\?",
        failure.error.message,
    )
    assert found.active == (*OURS, "right")


def test_a_hook_without_its_mark_is_an_error():
    module = plugin(partman_event=lambda: None)
    module.partman_pre_drop = lambda: None
    assert "partman_pre_drop lacks its mark" in broken(module)


def test_a_function_with_a_name_of_its_own_is_named_with_the_hook_it_misspells():
    def save(conn: Any) -> None: ...

    module = ModuleType("slip")
    module.save = hookimpl(specname="pre_drop")(save)
    message = broken(module)
    assert "there is no hook 'pre_drop' (function save in test_plugins.py" in message
    assert "did you mean 'partman_pre_drop'?" in message


def test_a_hook_that_is_like_no_other_may_be_a_newer_cores():
    module = ModuleType("early")
    module.partman_backfill = hookimpl(lambda: None)
    [failure] = Plugins([module], installed=()).failures
    assert "there is no hook 'partman_backfill'" in failure.error.message
    assert "optionalhook=True" in (failure.error.hint or "")
    module.partman_backfill = hookimpl(optionalhook=True)(lambda: None)
    assert "takes part in no hook" in broken(module)
    module.partman_event = hookimpl(lambda: None)
    assert made(module).active == (*OURS, "early")


def test_a_misspelt_hook_without_its_mark_is_an_error():
    module = plugin(partman_event=lambda: None)
    module.partman_pre_dorp = lambda: None
    message = broken(module)
    assert "partman_pre_dorp lacks its mark and there is no such hook" in message
    assert "partman_pre_drop is" in message


def test_an_unknown_argument_is_an_error_that_says_which_there_are():
    module = plugin(partman_pre_drop=lambda partition, con: None)
    [failure] = Plugins([module], installed=()).failures
    assert re.search(
        r"partman_pre_drop has no argument 'con' \(function <lambda> in "
        r"test_plugins\.py, line \d+\); did you mean 'conn'\?",
        failure.error.message,
    )
    assert "table, partition, conn, connect" in (failure.error.hint or "")


def test_a_plugin_without_hooks_is_an_error():
    assert "takes part in no hook" in broken(ModuleType("empty"))


def test_a_class_is_no_plugin():
    assert "it is a class" in broken(type("Mine", (), {}))


def test_a_wrapper_is_an_error():
    def around(event: Event) -> Any:
        return (yield)

    module = ModuleType("mine")
    around.__name__ = "partman_event"
    module.partman_event = hookimpl(wrapper=True)(around)
    assert "one by one" in broken(module)


def test_two_plugins_of_one_name_are_told_apart():
    first, second = (
        plugin(partman_event=lambda: None),
        plugin(partman_event=lambda: None),
    )
    found = Plugins([first, second], installed=())
    assert "two plugins have this name" in found.failures[0].error.message
    assert found.active == (*OURS, "mine")


def not_frozen() -> Any:
    return attrs.make_class("Loose", {"kind": attrs.field(default="loose")})


def offers(hook: str, value: Any) -> str:
    return broken(plugin(**{hook: lambda: value}))


@pytest.mark.parametrize(
    ("hook", "value", "words"),
    [
        ("partman_strategies", [int], "is not a strategy: a frozen attrs class"),
        ("partman_strategies", [Yearly()], "is not a strategy"),
        ("partman_strategies", [not_frozen()], "is not frozen"),
        ("partman_strategies", [Archive], "has no name"),
        ("partman_strategies", Yearly, "not a list"),
        (
            "partman_strategies",
            [frozen(type("Bare", (), {"kind": "bare"}))],
            "no method 'problems'",
        ),
        ("partman_key_codecs", [Fortnights], "is not a codec"),
        ("partman_key_codecs", [Fortnights(axis="space")], "has no axis"),
        ("partman_key_codecs", [object()], "is not a codec"),
        ("partman_sections", [Archive], "is not a section"),
        ("partman_sections", "archive", "not a list"),
        ("partman_sections", [Section(name="x", kind=int)], "the section 'x'"),
        ("partman_sections", [Section(name="x", kind=not_frozen())], "not frozen"),
        (
            "partman_sections",
            [Section(name="timezone", kind=Archive)],
            "'timezone' would mean two things: 'partman' and 'mine' have it",
        ),
        (
            "partman_sections",
            [Section(name="retention_period", kind=Archive)],
            "'retention' and 'mine' have it",
        ),
        (
            "partman_sections",
            [Section(name="start", kind=Archive)],
            "'start' would mean two things",
        ),
    ],
)
def test_what_is_offered_has_to_be_what_it_should(hook: str, value: Any, words: str):
    assert words in offers(hook, value)


def test_a_type_that_is_unknown_at_run_time_is_said():
    kind = frozen(type("Late", (), {"__annotations__": {"a": "Nowhere"}}))
    message = offers("partman_sections", [Section(name="late", kind=kind)])
    assert "unknown at run time" in message


def test_a_plugin_that_raises_while_it_offers_is_broken():
    def raising() -> Any:
        raise RuntimeError("no")

    assert broken(plugin(partman_sections=raising)).endswith(
        "is broken: partman_sections failed: no"
    )


def test_a_plugin_that_raises_half_way_through_its_offers_is_broken():
    def half_way() -> Any:
        yield Yearly
        raise KeyError("kind")

    message = broken(plugin(partman_strategies=half_way))
    assert message.endswith("partman_strategies failed: KeyError: 'kind'")


@pytest.mark.parametrize(
    ("hook", "value", "what"),
    [
        ("partman_strategies", Yearly, "strategy 'yearly'"),
        ("partman_key_codecs", Fortnights(), "codec 'fortnights'"),
        ("partman_sections", ARCHIVE, "section 'archive'"),
    ],
)
def test_what_two_plugins_offer_names_both(hook: str, value: Any, what: str):
    first = plugin("first", **{hook: lambda: [value]})
    second = plugin("second", **{hook: lambda: [value]})
    third = plugin("third", partman_event=lambda: None)
    found = Plugins([first, third, second], installed=())
    assert found.active == (*OURS, "third")
    for failure in found.failures:
        said = f"the {what} is offered twice: by 'first' and by 'second'"
        assert said in failure.error.message
        assert failure.error.hint == (
            "leave one of them out: --without first or --without second"
        )
    for left, kept in (("first", "second"), ("second", "first")):
        found = made(first, third, second, without=(left,))
        assert found.owner(what.split(maxsplit=1)[0], what.split("'")[1]) == kept


@pytest.mark.parametrize("number", [2, 3, 4])
def test_however_many_offer_one_name_none_of_them_has_it(number: int):
    several = [
        plugin(f"p{n}", partman_strategies=lambda: [Yearly]) for n in range(number)
    ]
    found = Plugins(several, installed=())
    assert found.active == OURS
    assert "yearly" not in found.strategies()
    assert len(found.failures) == number
    for each in several:
        assert repr(each.__name__) in found.failures[0].error.message


def test_what_comes_with_partman_keeps_its_name():
    message = offers("partman_key_codecs", [Fortnights(name="uuid7")])
    assert "by 'partman' and by 'mine'" in message
    mine = plugin(partman_strategies=lambda: [Ranges])
    found = Plugins([mine], installed=())
    [failure] = found.failures
    assert "the strategy 'range' is offered twice: by 'range' and by" in (
        failure.error.message
    )
    assert found.owner("strategy", "range") == "range"
    assert made(mine, without=("range", "tenant")).owner("strategy", "range") == "mine"


def test_a_plugin_that_offers_one_name_twice_is_broken():
    message = offers("partman_strategies", [Yearly, Yearly])
    assert "it offers the strategy 'yearly' twice" in message


def test_what_would_mean_two_things_names_both_and_the_way_out():
    keyed = Section(name="since", kind=Archive)
    first = plugin("first", partman_strategies=lambda: [Yearly])
    second = plugin("second", partman_sections=lambda: [keyed])
    found = Plugins([first, second], installed=())
    assert [failure.name for failure in found.failures] == ["second", "first"]
    for failure in found.failures:
        said = "the setting 'since' would mean two things: 'second' and 'first' have it"
        assert said in failure.error.message
        assert "--without second or --without first" in (failure.error.hint or "")


def test_two_strategies_may_have_a_setting_of_one_name():
    other = frozen(type("Other", (Yearly,), {"kind": "other"}))
    found = made(
        plugin("first", partman_strategies=lambda: [Yearly]),
        plugin("second", partman_strategies=lambda: [other]),
    )
    assert {"yearly", "other"} <= set(found.strategies())


def test_what_a_broken_plugin_offers_is_not_there():
    module = plugin(partman_strategies=lambda: [Yearly], partman_sections=lambda: [int])
    found = Plugins([module], installed=())
    assert "yearly" not in found.strategies()
    assert found.owner("strategy", "yearly") is None


# What is left out


def test_a_plugin_can_be_left_out():
    found = made(plugin(partman_event=lambda: None), without=("mine", "retention"))
    assert found.active == tuple(name for name in OURS if name != "retention")
    assert "retention" not in found.sections()
    assert [info.name for info in found.listed() if info.left_out] == [
        "retention",
        "mine",
    ]


def test_a_broken_plugin_that_is_left_out_is_no_failure():
    point = EntryPoint(name="gone", value="no_such_module", group="partman")
    assert not Plugins(installed=[point], without=["gone"]).failures


def test_a_misspelt_name_to_leave_out_is_refused():
    with pytest.raises(PluginError, match="did you mean 'retention'"):
        Plugins(without=["retension"], installed=())


def test_a_plugin_that_is_not_here_can_be_left_out_if_a_table_asks_for_it():
    found = Plugins(without=["archive"], installed=())
    found.check_without(["archive"])
    with pytest.raises(PluginError, match="no plugin 'archive' to leave out"):
        found.check_without()


# What they guard


def guarding() -> ModuleType:
    return plugin("guard", partman_pre_drop=lambda: None)


def test_plugins_with_a_say_in_what_is_destroyed_guard_every_table():
    listener = plugin("listener", partman_event=lambda: None)
    found = made(guarding(), listener)
    assert found.guards(table(found)) == ("guard",)


def test_the_owner_of_a_section_guards_the_tables_that_have_it():
    found = made(plugin("owner", partman_sections=lambda: [ARCHIVE]))
    assert found.guards(table(found)) == ()
    assert found.guards(table(found, archive={"directory": "/a"})) == ("owner",)


def test_a_plugin_that_a_table_asks_for_is_missed():
    found = made()
    asking = attrs.evolve(table(found), requires=("guard", "retention"))
    assert found.missing(asking) == ("guard",)
    (obstacle,) = found.obstacles(asking)
    assert (obstacle.code, obstacle.severity) == ("plugin-missing", "error")
    assert obstacle.message == (
        "plugin 'guard', which this table asks for, is missing; "
        "nothing of this table is detached or dropped"
    )
    assert not made(guarding()).obstacles(asking)


def test_a_plugin_that_is_left_out_is_not_missed():
    asking = attrs.evolve(table(made()), requires=("guard",))
    assert not made(without=("guard",)).obstacles(asking)


def test_a_broken_plugin_is_an_obstacle_for_every_table():
    found = Plugins([ModuleType("empty")], installed=())
    asking = attrs.evolve(table(found), requires=("empty",))
    (obstacle,) = found.obstacles(asking)
    assert obstacle.code == "plugin-broken"
    assert obstacle.hint is not None
    assert "--without empty" in obstacle.hint


HEAVY = {"pluggy", "psycopg", "cattrs", "msgspec", "click", "rich", "attrs"}


def imported_by(statement: str) -> set[str]:
    """Return all modules that a new interpreter has after a statement."""
    code = f"import sys; {statement}; print(*sys.modules)"
    return set(subprocess.check_output([sys.executable, "-c", code], text=True).split())


def test_importing_the_package_imports_no_plugin_and_nothing_heavy():
    modules = imported_by("import partman_core")
    assert not modules & (HEAVY | {"partman_plugins", "partman_core.plugins"})


def test_making_plugins_needs_no_database():
    statement = "from partman_core.plugins import Plugins; Plugins(installed=())"
    assert imported_by(statement) & HEAVY == {"pluggy", "attrs"}
