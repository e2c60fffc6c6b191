"""A plugin that raises in a hook is named, and stops no more than it has to.

The cases are made from the specifications: a hook that is added to them is held to the
strictest rule, unless it is named here.
"""

from __future__ import annotations

import inspect
import json
import logging
import sys
from typing import TYPE_CHECKING, Any

import pytest
from attrs import frozen

from partman_core import Engine, hookimpl, hookspecs
from partman_core.errors import ConfigError
from partman_core.keys.numbers import Epochs
from partman_core.model import Section

from .helpers import (
    DAY,
    NOW,
    OLD,
    OLDER,
    a_table,
    an_engine,
    by_table,
    children,
    daily,
    expiring,
    relations,
    told,
)
from .tenants import PerTenant

if TYPE_CHECKING:
    from collections.abc import Callable

HOOKS = [name for name in vars(hookspecs) if name.startswith("partman_")]

HARMLESS = {"partman_check", "partman_event"}
"""Nobody relies on them for rows that are about to go: retirement goes on."""

NEEDED = {"partman_post_create"}
"""What a new partition is finished by: without it there is none."""

ANSWERS = {
    hook: inspect.signature(getattr(hookspecs, hook)).return_annotation
    for hook in HOOKS
}

NEW, TODAYS = "events_p20261129", "events_p20261123"
"""What is missing a day later, and what has expired as well by then."""


def raising() -> Any:
    raise RuntimeError("the disk is on fire")


def exiting() -> Any:
    sys.exit("the disk is on fire")


def half_way() -> Any:
    yield from ()
    raise RuntimeError("the disk is on fire")


def babbling() -> Any:
    return 17


def plugin(hook: str, function: Callable[[], Any]) -> Any:
    """Return a plugin that takes part in one hook."""

    def implementation(_self: Any) -> Any:
        return function()

    body = {hook: hookimpl(implementation), "__module__": "acme"}
    return type("Faulty", (), body)()


def all_that_is_said(engine: Engine, *told: Any) -> str:
    """Return what a person can read about it: the plugins, findings, the report."""
    listed = [info.failure for info in engine.plugins.listed() if info.failure]
    found = [finding for health in engine.check() for finding in health.findings]
    return " ".join(map(str, (*listed, *found, *told)))


CASES = [
    *((hook, raising) for hook in HOOKS),
    *((hook, exiting) for hook in HOOKS),
    *((hook, half_way) for hook, kind in ANSWERS.items() if "[" in kind),
    *((hook, babbling) for hook, kind in ANSWERS.items() if kind != "None"),
]


@pytest.mark.parametrize(
    ("hook", "fault"), CASES, ids=lambda case: getattr(case, "__name__", case)
)
def test_a_plugin_with_a_fault_is_named_and_stops_only_what_it_must(
    database, pg, expired, hook, fault
):
    before = children(pg)
    engine = an_engine(database, expired.now + DAY, plugins=[plugin(hook, fault)])

    assert len(engine.partitions("events")) == len(before)
    assert [table.name.relation for table in engine.managed_tables()] == ["events"]
    plan = engine.plan()
    assert "create" in [operation.kind for operation in plan.operations]
    [health] = engine.check()
    assert health.runway
    report = engine.maintain(max_drops=9)

    after = children(pg)
    assert (NEW in after) == (hook not in NEEDED)
    gone = set(before) - relations(pg)
    assert gone == ({OLD, OLDER, TODAYS} if goes_on(hook) else set())
    said = all_that_is_said(engine, plan, json.dumps(report.to_json()))
    assert "'acme.Faulty'" in said
    assert hook in said
    assert ("17" if fault is babbling else "the disk is on fire") in said
    assert report.exit_code == (0 if hook in HARMLESS else 3)


def goes_on(hook: str) -> bool:
    """Say whether what has expired is retired though a hook fails."""
    return hook in HARMLESS | NEEDED


@pytest.mark.parametrize("hook", HOOKS)
def test_without_the_plugin_all_goes_on(database, pg, expired, hook):
    faulty = plugin(hook, raising)
    engine = an_engine(
        database, expired.now + DAY, plugins=[faulty], without=["acme.Faulty"]
    )
    report = engine.maintain(max_drops=9)
    assert report.exit_code == 0, report
    assert NEW in children(pg)
    assert OLD not in children(pg)


@pytest.mark.parametrize("hook", HOOKS)
def test_tables_can_be_declared_beside_a_plugin_that_raises(database, pg, hook):
    a_table(pg)
    engine = an_engine(database, plugins=[plugin(hook, raising)])
    daily(engine, dry_run=True)
    daily(engine, count=1)
    assert len(engine.managed_tables()) == 1
    engine.unregister("events")


def test_a_clock_that_stops_is_not_asked_again_and_the_servers_is_read(database, pg):
    """Without it nobody knows what is over; what is needed now is still made."""
    asked = []

    class Stopped:
        @hookimpl
        def partman_clock(self):
            def read():
                asked.append(1)
                if len(asked) > 1:
                    raise OSError("the line is dead")
                return NOW

            return read

    a_table(pg)
    expiring(an_engine(database, NOW - 3 * DAY))
    an_engine(database, NOW - 3 * DAY).maintain()
    engine = Engine(database, plugins=[Stopped()])
    assert engine.plan().now == NOW
    plan = engine.plan()
    assert plan.now != NOW
    assert {operation.kind for operation in plan.operations} == {"create"}
    report = engine.maintain()
    assert {kind for kind, _ in told(report)} == {"create"}
    assert "failed in partman_clock: OSError: the line is dead" in str(report)
    assert report.exit_code == 3
    assert OLD in children(pg)
    assert len(asked) == 2


def test_a_log_that_cannot_be_written_to_is_told_and_stops_nothing(
    database, pg, expired, caplog, monkeypatch
):
    class Full(logging.Handler):
        def emit(self, _record):
            raise OSError("no space left")

    log = logging.getLogger("full")
    monkeypatch.setattr(log, "handlers", [Full()])
    log.setLevel(logging.INFO)

    class Logs:
        @hookimpl
        def partman_logger(self):
            return log

    engine = an_engine(database, expired.now + DAY, plugins=[Logs()])
    with caplog.at_level(logging.INFO, "partman"):
        report = engine.maintain(max_drops=9)
    assert report.exit_code == 0
    assert OLD not in children(pg)
    [remark] = report.findings
    assert "failed in partman_logger: OSError: no space left" in remark.message
    assert f"attached public.{NEW}" in caplog.text


def test_a_listener_that_raises_is_told_once_a_run(database, pg, expired):
    faulty = plugin("partman_event", raising)
    engine = an_engine(database, expired.now + DAY, plugins=[faulty])
    report = engine.maintain(max_drops=9)
    [remark] = report.findings
    assert remark.message == (
        "plugin 'acme.Faulty' failed in partman_event: the disk is on fire"
    )
    assert remark.hint == "repair it, or leave it out with --without acme.Faulty"
    assert (remark.severity, report.exit_code) == ("info", 0)


# Two that offer one name


class First:
    """Offers a strategy, and knows of a tenant."""

    @hookimpl
    def partman_strategies(self):
        return [PerTenant]

    @hookimpl
    def partman_tenants(self):
        return ["a"]


class Second(First):
    """Offers the same."""


def test_a_strategy_that_two_offer_serves_no_table_and_the_others_are_served(
    database, pg
):
    a_table(pg, columns="tenant text", key="LIST (tenant)")
    a_table(pg, "others")
    first, second = First(), Second()
    engine = an_engine(database, plugins=[first])
    engine.register("events", partition_type="per-tenant")
    daily(engine, "others", count=1)

    engine = an_engine(database, plugins=[first, second])
    report = engine.maintain()
    tables = by_table(report)
    for failure in engine.plugins.failures:
        assert repr(failure.name) in tables["events"].error + tables["events"].hint
    assert len(engine.plugins.failures) == 2
    assert tables["events"].exit_code == 4
    assert not children(pg)
    assert len(children(pg, "others")) == 1
    said = " ".join(finding.message for finding in tables["others"].findings)
    assert "the strategy 'per-tenant' is offered twice: by " in said
    with pytest.raises(ConfigError, match="per-tenant"):
        engine.register("events", partition_type="per-tenant", prefix="of")

    out, _ = (failure.name for failure in engine.plugins.failures)
    engine = an_engine(database, plugins=[first, second], without=[out])
    assert engine.maintain().exit_code == 0
    assert len(children(pg)) == 1


def test_a_section_that_two_offer_stops_what_destroys_and_nothing_else(
    database, pg, expired
):
    @frozen(kw_only=True)
    class Archive:
        """Where rows go."""

        bucket: str = "none"

    class One:
        @hookimpl
        def partman_sections(self):
            return [Section(name="archive", kind=Archive)]

    class Two(One):
        """Offers the same."""

    expiring(an_engine(database, expired, plugins=[One()]), archive={"bucket": "s3"})
    engine = an_engine(database, expired.now + DAY, plugins=[One(), Two()])
    report = engine.maintain(max_drops=9)
    assert told(report) == [("create", NEW)]
    said = " ".join(found.message for found in report.tables[0].findings)
    assert "the section 'archive' is offered twice: by " in said
    for name in ("One", "Two"):
        assert f".<locals>.{name}'" in said
    assert report.exit_code == 3


def test_a_codec_that_two_offer_serves_no_table_and_the_others_are_served(
    database, pg, two
):
    class One:
        @hookimpl
        def partman_key_codecs(self):
            return [Epochs("tenths", 10, frozenset({"bigint"}))]

    class Two(One):
        """Offers the same."""

    a_table(pg, "numbers", columns="at bigint NOT NULL", key="RANGE (at)")
    daily(an_engine(database, plugins=[One()]), "numbers", count=1, key="tenths")
    daily(an_engine(database), "others", count=1)
    report = an_engine(database, plugins=[One(), Two()]).maintain()
    assert len(children(pg, "others")) == 1
    assert not children(pg, "numbers")
    assert "no codec 'tenths'" in by_table(report)["numbers"].error
    assert "the codec 'tenths' is offered twice: by " in str(report)


# What a broken plugin had a say in


def test_a_table_keeps_asking_for_a_plugin_that_is_broken_when_it_is_declared_again(
    database, pg, expired
):
    """Else the plugin could be uninstalled, and nobody would miss it."""
    guard = plugin("partman_pre_drop", lambda: None)
    expiring(an_engine(database, expired, plugins=[guard]))
    broken = type("Faulty", (), {"__module__": "acme"})()
    expiring(an_engine(database, expired, plugins=[broken]), retention_period="2 days")
    engine = an_engine(database, expired)
    assert engine.managed_tables()[0].requires == ("acme.Faulty",)
    engine.maintain(max_drops=9)
    assert OLD in children(pg)
