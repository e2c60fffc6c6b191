"""Colours, signs, tables, JSON, and what options are read as."""

from __future__ import annotations

import io
import json
import sys
from datetime import UTC, datetime
from typing import Any

import click
import pytest

from partman_core import config
from partman_core.cli import flags
from partman_core.cli.options import Moment
from partman_core.cli.output import Output, emit, wants_colour
from partman_core.plugins import Plugins


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_colours_are_for_terminals_unless_somebody_says_otherwise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "CLICOLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert wants_colour("auto", Terminal())
    assert not wants_colour("auto", io.StringIO())
    assert wants_colour("always", io.StringIO())
    assert not wants_colour("never", Terminal())


@pytest.mark.parametrize(
    ("name", "value", "stream", "coloured"),
    [
        ("NO_COLOR", "1", Terminal(), False),
        ("CLICOLOR", "0", Terminal(), False),
        ("TERM", "dumb", Terminal(), False),
        ("FORCE_COLOR", "1", io.StringIO(), True),
    ],
)
def test_the_environment_decides_about_colours(
    name: str, value: str, stream: Any, coloured: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for other in ("NO_COLOR", "FORCE_COLOR", "CLICOLOR"):
        monkeypatch.delenv(other, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv(name, value)
    assert wants_colour("auto", stream) is coloured


def test_signs_become_ascii_where_the_stream_knows_no_others() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    emit("≈3 rows … “ü”", stream)
    stream.flush()
    assert raw.getvalue() == b"~3 rows .. \\u201c\\xfc\\u201d\n"


def test_a_table_for_a_pipe_has_tabs_and_no_lines(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Output().table(("A", "B C"), [("1", "two words"), ("3", "")])
    assert capsys.readouterr().out == "A\tB C\n1\ttwo words\n3\t\n"


def test_a_table_for_a_terminal_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    Output("never").table(("A", "SIZE"), [("x[1]", "2")], right="SIZE")
    assert "x[1]" in terminal.getvalue()
    assert "\t" not in terminal.getvalue()
    assert "\x1b" not in terminal.getvalue()


def test_json_has_an_envelope(capsys: pytest.CaptureFixture[str]) -> None:
    Output().envelope("tables", {"tables": ["ü"]})
    body = json.loads(capsys.readouterr().out)
    assert datetime.fromisoformat(body.pop("generated_at")).tzinfo is not None
    assert body == {"version": 1, "command": "tables", "tables": ["ü"]}


def test_quiet_keeps_results_and_drops_notes(
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = Output(quiet=True)
    out.say("result")
    out.note("note")
    assert capsys.readouterr() == ("result\n", "")


# Options


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-24", datetime(2026, 11, 24, tzinfo=UTC)),
        ("2026-11-24T09:00Z", datetime(2026, 11, 24, 9, tzinfo=UTC)),
        ("2026-11-24T09:00+02:00", datetime(2026, 11, 24, 7, tzinfo=UTC)),
    ],
)
def test_a_moment_without_an_offset_is_utc(text: str, moment: datetime) -> None:
    assert Moment().convert(text, None, None) == moment


def test_settings_are_collected_as_a_file_would_have_them() -> None:
    settings = flags.collected(
        {"partition_interval": "1 day", "retention_count": None, "start": 7},
        ["fillfactor=70"],
        ["archive.path=s3://x", "archive.parts=3", "archive.deep.on=true", "drain=x=y"],
    )
    assert settings == {
        "partition_interval": "1 day",
        "start": 7,
        "storage": {"fillfactor": "70"},
        "archive": {"path": "s3://x", "parts": 3, "deep": {"on": True}},
        "drain": "x=y",
    }


@pytest.mark.parametrize("text", ["novalue", "=3", "start.x=1"])
def test_a_malformed_setting_is_a_usage_error(text: str) -> None:
    with pytest.raises(click.UsageError):
        flags.collected({"start": 7}, [], [text])


def test_there_is_a_flag_for_every_built_in_setting_and_for_nothing_else() -> None:
    known = {setting.name for setting in config.keys(Plugins(installed=()))}
    assert {*flags.ORDER, "storage", "default_partition"} == known - {"drain"}


def test_a_narrow_terminal_loses_columns_but_never_a_part_of_a_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    monkeypatch.setenv("COLUMNS", "50")
    name, why = "public." + "n" * 43, "because " * 6
    columns = ("NAME", "RUN", "WHY", "TOOK")
    Output("never").table(
        columns, [(name, "7", why, "3 ms")], spare="TOOK RUN", fold="WHY"
    )
    text = terminal.getvalue()
    assert name in text
    assert "TOOK" not in text
    assert "RUN" not in text
    assert text.count("because") == 6
