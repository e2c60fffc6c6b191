"""``partman maintain`` as a service, and how a run is ended: without a database."""

from __future__ import annotations

import os
import signal
import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from partman_core import cli as process
from partman_core.cli import ending, failing, service
from partman_core.cli.app import cli
from partman_core.engine import Engine
from partman_core.errors import Refused
from partman_core.executor.stopping import Stop
from partman_core.report import Report

if TYPE_CHECKING:
    from click.testing import Result

PATIENCE = 60
NOW = datetime(2026, 11, 24, tzinfo=UTC)
WHOLE = Report(run=1, command="maintain", started_at=NOW)
CUT = Report(run=1, command="maintain", started_at=NOW, interrupted=True)


@pytest.fixture(autouse=True)
def empty_directory(tmp_path, monkeypatch):
    for name in ("PARTMAN_DSN", "PARTMAN_CONFIG", "PARTMAN_SCHEMA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(autouse=True)
def as_in_a_process(monkeypatch):
    """Let SIGTERM do what it does in the process of the command."""
    monkeypatch.setattr(process, "stopped_by", [])
    before = signal.signal(signal.SIGTERM, process._stop)
    yield
    signal.signal(signal.SIGTERM, before)


def maintain(*args: str) -> Result:
    return CliRunner().invoke(cli, ["maintain", *args], prog_name="partman")


@pytest.mark.parametrize(
    ("args", "why"),
    [
        (("--every", "1h", "--cron", "@daily"), "give --every or --cron, not both"),
        (("--every", "soon"), "'soon' has no number"),
        (("--every", "1M"), "may mean months or minutes"),
        (("--cron", "61 * * * *"), "not right about the minute"),
        (("--every", "1h", "--json"), "a service has --log-format"),
        (("--workers", "0"), "0 is not in the range x>=1"),
        (("--max-seconds", "0"), "0 is not in the range x>=1"),
        (("--log-format", "xml"), "'xml' is not one of 'text', 'json'"),
    ],
)
def test_what_cannot_be_meant_is_a_usage_error(args, why):
    done = maintain(*args)
    assert done.exit_code == 64
    assert why in done.stderr
    assert done.stdout == ""


@pytest.fixture
def started(monkeypatch) -> dict[str, Any]:
    """Return what a service is started with; a signal comes at once."""
    given: dict[str, Any] = {}

    def start(_: Engine, *tables: str, **more: Any) -> None:
        given.update(more, tables=tables)
        raise KeyboardInterrupt

    monkeypatch.setattr(Engine, "start", start)
    return given


def test_flags_say_how_often_and_how(started):
    done = maintain("a", "b", "--every", "15m", "--workers", "3", "--max-seconds", "9")
    assert done.exit_code == 130
    assert str(started.pop("every")) == "15 minutes"
    assert started == {
        "tables": ("a", "b"), "cron": None, "workers": 3, "max_seconds": 9,
        "max_drops": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "args", "rhythm"),
    [
        ("", ("--service",), ("None", None)),
        ("every = '2 h'", ("--service",), ("2 hours", None)),
        ("cron = '@hourly'", ("--service",), ("None", "@hourly")),
        ("cron = '@hourly'", ("--every", "1h"), ("1 hour", None)),
        ("every = '2 h'", ("--cron", "@daily"), ("None", "@daily")),
    ],
)
def test_the_file_says_what_no_flag_says(started, tmp_path, text, args, rhythm):
    settings = f"[maintenance]\n{text}\nworkers = 5\nmax_seconds = 60\n"
    (tmp_path / "partman.toml").write_text(settings)
    assert maintain(*args).exit_code == 130
    assert (str(started["every"]), started["cron"]) == rhythm
    assert (started["workers"], started["max_seconds"]) == (5, 60)


# How a run is ended


def test_a_run_that_ends_by_itself_is_told_as_it_is():
    assert ending.in_good_order(lambda _: WHOLE) == (WHOLE, False)


def test_what_a_run_raises_is_raised():
    def run(_: Stop) -> Report:
        raise Refused("no")

    with pytest.raises(Refused, match="no"):
        ending.in_good_order(run)


def cut_by(number: int) -> Any:
    """Return a run that gets a signal, and ends in good order."""

    def run(stop: Stop) -> Report:
        os.kill(os.getpid(), number)
        assert stop.wait(PATIENCE)
        return CUT

    return run


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (15, 143)])
def test_a_signal_ends_it_in_good_order(number, code):
    report, told = ending.in_good_order(cut_by(number))
    assert (report, told) == (CUT, True)
    assert ending.exit_code(report, told=told) == code


def test_a_second_signal_does_not_wait_for_that():
    hold = threading.Event()

    def run(stop: Stop) -> Report:
        os.kill(os.getpid(), signal.SIGTERM)
        assert stop.wait(PATIENCE)
        os.kill(os.getpid(), signal.SIGTERM)
        hold.wait(PATIENCE)
        return CUT

    with pytest.raises(KeyboardInterrupt):
        ending.in_good_order(run)
    hold.set()
    assert failing.stop_code() == 143


def test_a_limit_in_time_ends_it_in_good_order_and_means_run_again():
    def run(stop: Stop) -> Report:
        assert stop.wait(PATIENCE)
        return CUT

    report, told = ending.in_good_order(run, 0.01)
    assert (report, told) == (CUT, False)
    assert ending.exit_code(report, told=told) == ending.ENDED_EARLY


class Serving:
    """An engine of which it is known how it stops."""

    def __init__(self, *, ends: bool) -> None:
        self.ends = ends

    def stop(self, timeout: float) -> bool:
        assert timeout == service.ENDS_WITHIN
        return self.ends


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (15, 143)])
def test_a_service_goes_on_until_a_signal_comes(number, code):
    def start() -> None:
        threading.Timer(0, os.kill, (os.getpid(), number)).start()

    assert service.serve(Serving(ends=True), start) == code


def test_a_service_does_not_wait_for_ever_for_what_does_not_end(monkeypatch):
    codes: list[int] = []
    monkeypatch.setattr(os, "_exit", codes.append)
    service.serve(Serving(ends=False), lambda: os.kill(os.getpid(), signal.SIGTERM))
    assert codes == [143]
