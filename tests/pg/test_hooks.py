"""Every hook, each by a plugin that is made in its test and really takes part."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from attrs import frozen

from partman_core import Engine, hookimpl, hookspecs
from partman_core.errors import ConfigError
from partman_core.keys.numbers import Epochs
from partman_core.model import Keep, Retire, Section
from partman_core.plan import Finding

from .helpers import (
    DAY,
    NOW,
    OLD,
    OLDER,
    TODAY,
    Clock,
    a_table,
    an_engine,
    children,
    daily,
    is_there,
    told,
)
from .tenants import Tenants

if TYPE_CHECKING:
    Connection = psycopg.Connection[Any]


def test_strategies_and_tenants_of_a_plugin_make_partitions(database, pg):
    a_table(pg, columns="tenant text", key="LIST (tenant)")
    plugin = Tenants("acme", "ACME", "o'hara; --")
    engine = an_engine(database, plugins=[plugin])
    result = engine.register("events", partition_type="per-tenant", prefix="of")
    assert [op.tenant for op in result.plan.operations] == sorted(plugin.tenants)
    assert engine.maintain().exit_code == 0
    assert set(children(pg).values()) == {
        "FOR VALUES IN ('acme')",
        "FOR VALUES IN ('ACME')",
        "FOR VALUES IN ('o''hara; --')",
    }
    assert ("attached", "acme") in plugin.heard
    assert not engine.plan().operations


def test_tenants_that_cannot_be_asked_for_stop_what_destroys(database, pg, expired):
    class Broken:
        @hookimpl
        def partman_tenants(self):
            raise RuntimeError("the directory is down")

    engine = an_engine(database, expired.now + DAY, plugins=[Broken()])
    report = engine.maintain()
    assert [kind for kind, _ in told(report)] == ["create"]
    assert "the directory is down" in str(report)
    assert report.exit_code == 3


def test_a_codec_of_a_plugin_gives_keys_their_place(database, pg):
    class Minutes:
        @hookimpl
        def partman_key_codecs(self):
            return [Epochs("epoch_tenths", 10, frozenset({"bigint"}))]

    a_table(pg, columns="at bigint NOT NULL", key="RANGE (at)")
    engine = an_engine(database, plugins=[Minutes()])
    daily(engine, count=1, key="epoch_tenths")
    engine.maintain()
    midnight = int(NOW.replace(hour=0, minute=0).timestamp()) * 10
    assert children(pg) == {
        TODAY: f"FOR VALUES FROM ('{midnight}') TO ('{midnight + 864_000}')"
    }


@frozen(kw_only=True)
class Archive:
    """Where old rows go."""

    bucket: str = "none"
    days: int = 1


class Archiver:
    """Offers a section, and retires what it says."""

    @hookimpl
    def partman_sections(self):
        return [Section(name="archive", kind=Archive)]

    @hookimpl
    def partman_retire(self, table, level):
        section = table.section(Archive)
        if section is None:
            return
        assert {partition.name.relation for partition in level.existing} >= {TODAY}
        assert level.now == NOW
        for partition in level.existing[: section.days]:
            yield Retire(
                partition=partition,
                reason=f"goes to {section.bucket}",
                action="detach",
            )


def test_a_section_and_a_word_about_retention_are_heard(database, pg):
    a_table(pg)
    clock = Clock(NOW - 3 * DAY)
    engine = an_engine(database, clock, plugins=[Archiver()])
    daily(engine, count=4, archive={"bucket": "s3", "days": 2})
    engine.create_future_partitions()
    clock.now = NOW
    [detach, _] = [op for op in engine.plan().operations if op.kind == "detach"]
    assert detach.reason == "goes to s3"
    report = engine.maintain()
    assert told(report)[-2:] == [("detach", OLDER), ("detach", OLD)]
    assert is_there(pg, OLD)


def test_what_a_guard_keeps_is_kept_whatever_others_say(database, pg, expired):
    class Guard:
        @hookimpl
        def partman_retire(self, level):
            for partition in level.existing:
                if partition.name.relation == OLD:
                    yield Keep(partition=partition, reason="the court wants it")

    report = an_engine(database, expired, plugins=[Guard()]).maintain()
    assert ("detach", OLDER) in told(report)
    assert OLD in children(pg)
    assert any("the court wants it" in f.message for f in report.tables[0].findings)


def test_a_plugins_clock_stamps_and_judges_everything(database, pg):
    then = datetime(1999, 12, 31, 12, tzinfo=UTC)

    class Millennium:
        @hookimpl
        def partman_clock(self):
            return lambda: then

    a_table(pg)
    engine = Engine(database, plugins=[Millennium()])
    daily(engine, count=1)
    engine.maintain()
    assert list(children(pg)) == ["events_p19991231"]
    assert engine.history()[0].at == engine.runs()[0].started_at == then


@pytest.mark.parametrize("bad", ["a naive time", "an error", "nothing"])
def test_a_clock_that_is_no_clock_is_told(database, pg, bad):
    def clock():
        if bad == "an error":
            raise RuntimeError("stopped")
        return datetime(2026, 1, 1) if bad == "a naive time" else None

    class Broken:
        @hookimpl
        def partman_clock(self):
            return clock

    a_table(pg)
    daily(an_engine(database))
    plan = Engine(database, plugins=[Broken()]).plan()
    assert plan.now.date() == datetime.now(UTC).date()
    assert any("partman_clock" in found.message for found in plan.findings)
    if bad != "an error":
        with pytest.raises(ConfigError, match="time zone"):
            Engine(database, clock=clock).plan()


def test_a_plugins_logger_gets_the_log(database, pg, caplog):
    class Logs:
        @hookimpl
        def partman_logger(self):
            return logging.getLogger("mine")

    a_table(pg)
    engine = an_engine(database, plugins=[Logs()])
    daily(engine, count=1)
    with caplog.at_level(logging.INFO, "mine"):
        engine.maintain()
    [record] = [r for r in caplog.records if r.name == "mine"]
    assert record.message == f"attached public.{TODAY} of public.events"
    assert record.table == "public.events"


def test_findings_of_a_plugin_stand_in_a_tables_health(database, pg, expired):
    class Checker:
        @hookimpl
        def partman_check(self, table, tree, now):
            yield Finding(
                code="too-dull",
                severity="warning",
                table=table.name,
                message=f"{len(tree.partitions)} partitions at {now:%H:%M}",
            )

    [health] = an_engine(database, expired, plugins=[Checker()]).check()
    [found] = [f for f in health.findings if f.code == "too-dull"]
    assert found.message.endswith("partitions at 15:40")
    assert health.exit_code == 3


def test_listeners_hear_what_is_committed_and_one_that_raises_silences_nobody(
    database, pg, expired, caplog
):
    heard: list[Any] = []

    class Listener:
        @hookimpl
        def partman_event(self, event):
            heard.append(event)
            if event.kind == "attached":
                assert event.partition.relation in children(pg)
            if event.kind == "dropped":
                assert not is_there(pg, event.partition.relation)

    class Broken:
        @hookimpl
        def partman_event(self):
            raise RuntimeError("the line is dead")

    engine = an_engine(database, expired.now + DAY, plugins=[Listener(), Broken()])
    with caplog.at_level(logging.CRITICAL):
        report = engine.maintain(max_drops=9)
    assert report.exit_code == 0, report
    kinds = [event.kind for event in heard]
    assert kinds[0] == "run-started"
    assert kinds[-1] == "run-finished"
    assert kinds[1:-1] == (["created", "attached"] + ["detached"] * 3 + ["dropped"] * 3)
    assert {event.run for event in heard} == {report.run}
    dropped = next(event for event in heard if event.kind == "dropped")
    assert dropped.table.relation == "events"
    assert str(dropped.bounds).startswith("FOR VALUES FROM")
    assert dropped.bytes > 0


def test_a_failure_is_told_to_listeners_with_its_reason(database, pg):
    heard: list[Any] = []

    class Listener:
        @hookimpl
        def partman_event(self, event):
            heard.append((event.kind, event.message))

        @hookimpl
        def partman_post_create(self):
            raise RuntimeError("no room")

    a_table(pg)
    engine = an_engine(database, plugins=[Listener()])
    daily(engine, count=1)
    engine.maintain()
    [(kind, message)] = [each for each in heard if each[1]]
    assert kind == "failed"
    assert "no room" in message


def test_all_hooks_are_proved_here():
    """A hook that is added to the specification needs a test like these."""
    files = sorted(Path(__file__).parent.glob("test_hooks*.py"))
    words = "".join(file.read_text("utf-8") for file in files)
    hooks = [name for name in vars(hookspecs) if name.startswith("partman_")]
    assert len(hooks) == 12
    assert [name for name in hooks if f"def {name}" not in words] == []
