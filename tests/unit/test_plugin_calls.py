"""Every hook is called with types, one plugin at a time; who fails is named."""

# ruff: noqa: ARG005, PLW0108 - hooks name what they do not need

from __future__ import annotations

import logging
import sys
from typing import Any

import pytest

from partman_core.errors import PluginError, Refused
from partman_core.model import Event, Keep, Retire, Retired
from partman_core.plan import Finding
from partman_core.plugins.calling import outcome_of

from .plugin_samples import (
    ARCHIVE,
    BOUNDS,
    EVENT,
    LEVEL,
    NAME,
    NOW,
    PARTITION,
    Fortnights,
    Yearly,
    broken,
    made,
    plugin,
    table,
    tree,
)


def raising(error: Exception) -> Any:
    def function(*_: Any) -> Any:
        raise error

    return function


def test_a_strategy_a_codec_and_a_section_of_a_plugin_are_there():
    found = made(
        plugin(
            partman_strategies=lambda: [Yearly],
            partman_key_codecs=lambda: [Fortnights()],
            partman_sections=lambda: [ARCHIVE],
        )
    )
    assert found.strategies()["yearly"] is Yearly
    assert found.codecs()["fortnights"] == Fortnights()
    assert found.sections()["archive"] is ARCHIVE
    assert found.owner("codec", "fortnights") == "mine"


def test_the_first_clock_that_answers_is_taken():
    silent = plugin("silent", partman_clock=lambda: None)
    clock = made(plugin(partman_clock=lambda: lambda: NOW), silent).clock()
    assert clock is not None
    assert clock() == NOW
    assert made().clock() is None


@pytest.mark.parametrize(
    "clock", [lambda: NOW.replace(tzinfo=None), lambda: 5, lambda: 1 / 0, sys.exit]
)
def test_a_clock_that_tells_no_time_is_named_and_stops_what_destroys(clock: Any):
    calls: list[int] = []
    found = made(plugin(partman_clock=lambda: lambda: calls.append(1) or clock()))
    read = found.clock()
    assert read is not None
    assert not found.obstacles(table(found))
    for _ in range(2):
        with pytest.raises(PluginError, match=r"plugin 'mine' (gave|failed)"):
            read()
    assert len(calls) == 1
    [obstacle] = found.obstacles(table(found))
    assert obstacle.code == "plugin-broken"
    assert "partman_clock" in obstacle.message
    [info] = [info for info in found.listed() if info.name == "mine"]
    assert info.hooks == ("partman_clock",)
    assert "partman_clock" in (info.failure or "")


@pytest.mark.parametrize(
    ("hook", "answer", "words"),
    [
        ("partman_clock", 1, "partman_clock gives 1, not a callable"),
        ("partman_logger", print, "which is not like logging.Logger"),
    ],
)
def test_a_clock_or_a_log_that_is_none_is_a_broken_plugin(
    hook: str, answer: Any, words: str
):
    assert words in broken(plugin(**{hook: lambda: answer}))


def test_the_log_goes_where_a_plugin_says(caplog: pytest.LogCaptureFixture):
    log = logging.getLogger("elsewhere")
    with caplog.at_level(logging.INFO, "elsewhere"):
        made(plugin(partman_logger=lambda: log)).logger().info("one %s", "word")
    assert caplog.record_tuples == [("elsewhere", logging.INFO, "one word")]
    assert made(plugin(partman_logger=lambda: log)).logger().name == "elsewhere"
    assert made().logger() is logging.getLogger("partman")


def test_tenants_are_collected_once_each():
    found = made(
        plugin("one", partman_tenants=lambda table: ["b", "a"]),
        plugin("two", partman_tenants=lambda: iter(["b"])),
    )
    assert found.tenants(table(found)) == (("a", "b"), ())


def test_a_plugin_that_names_no_tenants_silences_no_other():
    found = made(
        plugin("one", partman_tenants=lambda: ["a"]),
        plugin("bad", partman_tenants=lambda: "ab"),
        plugin("worse", partman_tenants=raising(OSError("down"))),
        plugin("two", partman_tenants=lambda: ["b"]),
    )
    names, errors = found.tenants(table(found))
    assert names == ("a", "b")
    assert [error.message for error in errors] == [
        "plugin 'worse' failed in partman_tenants: OSError: down",
        "plugin 'bad' gave 'ab' for partman_tenants, which is not a list",
    ]


def test_verdicts_are_collected_from_all():
    retire = Retire(partition=PARTITION, reason="old")
    keep = Keep(partition=PARTITION, reason="needed")
    found = made(
        plugin("one", partman_retire=lambda level: [retire]),
        plugin("two", partman_retire=lambda table: iter([keep])),
        plugin("three", partman_retire=lambda: None),
    )
    assert found.verdicts(table(found), LEVEL) == [keep, retire]


def test_a_plugin_that_raises_a_verdict_or_gives_another_thing_is_named():
    def half_way() -> Any:
        yield Retire(partition=PARTITION, reason="old")
        raise KeyError("bounds")

    for hook, words in (
        (half_way, "'mine' failed in partman_retire: KeyError: 'bounds'"),
        (lambda: [PARTITION], "which is not a Retire or a Keep"),
        (raising(PluginError("inner")), "'mine' failed in partman_retire: inner"),
    ):
        found = made(plugin(partman_retire=hook))
        with pytest.raises(PluginError, match=words) as caught:
            found.verdicts(table(found), LEVEL)
        assert "--without mine" in (caught.value.hint or "")


def test_findings_are_collected_and_one_that_raises_becomes_a_finding():
    finding = Finding(code="x", severity="info", table=NAME, message="hm")
    found = made(
        plugin("fine", partman_check=lambda table, tree, now: [finding]),
        plugin("bad", partman_check=raising(RuntimeError("no"))),
    )
    bad, fine = found.check(table(found), tree(), NOW)
    assert fine is finding
    assert (bad.code, bad.severity) == ("plugin-broken", "error")
    assert "'bad' failed in partman_check: no" in bad.message


def test_post_create_gets_what_it_asks_for_and_may_refuse():
    seen: list[Any] = []
    found = made(
        plugin(partman_post_create=lambda conn, bounds: seen.append((conn, bounds)))
    )
    found.post_create(table(found), PARTITION.name, BOUNDS, conn="conn")  # type: ignore[arg-type]
    assert seen == [("conn", BOUNDS)]
    found = made(plugin(partman_post_create=raising(ValueError("full"))))
    with pytest.raises(Refused, match="'mine' refused in partman_post_create"):
        found.post_create(table(found), PARTITION.name, BOUNDS, conn=None)  # type: ignore[arg-type]


def test_a_veto_names_its_plugin_and_says_why():
    class Denied(Exception):
        sqlstate = "42501"

    found = made(plugin(partman_pre_detach=raising(Denied("not mine\nDETAIL: x"))))
    with pytest.raises(Refused) as caught:
        found.pre_detach(table(found), PARTITION)
    assert caught.value.message == (
        "plugin 'mine' refused in partman_pre_detach: Denied: not mine"
    )
    assert caught.value.sqlstate == "42501"
    assert caught.value.exit_code == 3


def test_the_last_chance_before_a_drop():
    seen: list[Any] = []

    def last(table: Any, partition: Any, conn: Any, connect: Any) -> None:
        seen.append((table.name, partition.name, conn, connect()))

    found = made(
        plugin("asked", partman_pre_drop=last),
        plugin("refusing", partman_pre_drop=raising(RuntimeError("still read"))),
    )
    gone = Retired(
        oid=1,
        name=PARTITION.name,
        bounds=BOUNDS,
        action="drop",
        retired_at=NOW,
        due=NOW,
    )
    with pytest.raises(Refused, match="'refusing' refused in partman_pre_drop: still"):
        found.pre_drop(table(found), gone, "conn", lambda: "second")  # type: ignore[arg-type, return-value]
    assert not seen
    found = made(plugin("asked", partman_pre_drop=last))
    found.pre_drop(table(found), gone, "conn", lambda: "second")  # type: ignore[arg-type, return-value]
    assert seen == [(NAME, PARTITION.name, "conn", "second")]


def test_no_listener_silences_another(caplog: pytest.LogCaptureFixture):
    heard: list[str] = []
    found = made(
        plugin("first", partman_event=lambda event: heard.append(event.kind)),
        plugin("bad", partman_event=raising(RuntimeError("deaf"))),
    )
    found.announce(EVENT)
    assert heard == ["created"]
    assert "plugin 'bad' failed to listen to 'created'" in caplog.text
    found.announce(EVENT)
    [remark] = found.remarks()
    assert remark.message == "plugin 'bad' failed in partman_event: deaf"
    assert (remark.severity, remark.table) == ("info", None)
    assert not found.remarks()


def test_a_logger_that_raises_silences_nobody_either(
    caplog: pytest.LogCaptureFixture,
):
    class Full:
        def __getattr__(self, name: str) -> Any:
            return raising(OSError("disk full"))

    heard: list[Event] = []
    found = made(
        plugin("listener", partman_event=lambda event: heard.append(event)),
        plugin("bad", partman_event=raising(RuntimeError("deaf"))),
        plugin("log", partman_logger=lambda: Full()),
    )
    found.announce(EVENT)
    assert heard == [EVENT]
    assert "plugin 'bad' failed to listen to 'created'" in caplog.text
    assert {remark.message for remark in found.remarks()} == {
        "plugin 'bad' failed in partman_event: deaf",
        "plugin 'log' failed in partman_logger: OSError: disk full",
    }


@pytest.mark.parametrize("exit_in", ["the hook", "its generator"])
def test_a_hook_that_ends_the_program_is_a_failure_like_any_other(exit_in: str):
    def generator() -> Any:
        yield Retire(partition=PARTITION, reason="old")
        sys.exit(3)

    hook = generator if exit_in == "its generator" else lambda: sys.exit(3)
    found = made(plugin(partman_retire=hook))
    with pytest.raises(PluginError, match=r"it called sys\.exit\(3\)"):
        found.verdicts(table(found), LEVEL)


def test_arguments_come_by_their_names():
    class Implementation:
        argnames = ("second", "first")

        @staticmethod
        def function(second: int, first: int) -> tuple[int, int]:
            return first, second

    assert outcome_of(Implementation, {"first": 1, "second": 2}) == (1, 2)
