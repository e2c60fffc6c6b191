"""``partman maintain`` as a process that signals end; ``partman stop``; last runs."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest

from .helpers import MONTHLY, partitions

if TYPE_CHECKING:
    from collections.abc import Iterator

PATIENCE = 60
"""Seconds after which something that should have happened never will."""

BUILT = "SELECT count(*) FROM partman.managed_partitions WHERE NOT attached"
SIGNALS = [(signal.SIGTERM, 143), (signal.SIGINT, 130)]


@pytest.fixture(autouse=True)
def interruptible() -> Iterator[None]:
    """Let a Ctrl-C reach what is started, also where a shell had it ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def started(database):
    """Return a context in which a command runs as a process."""

    @contextmanager
    def start(*args: str) -> Iterator[subprocess.Popen[str]]:
        command = [sys.executable, "-m", "partman_core", "--dsn", database, *args]
        with subprocess.Popen(
            command, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env=os.environ | {"PYTHONWARNINGS": "error", "PYTHONUTF8": "1"},
        ) as process:  # fmt: skip
            try:
                yield process
            finally:
                process.kill()

    return start


@pytest.fixture
def blocked(pg, other, events, partman, started):
    """Return a context in which a command waits for somebody else's lock."""

    @contextmanager
    def start(*args: str) -> Iterator[tuple[subprocess.Popen[str], Any]]:
        patient = ("--lock-patience", "1 hour", "--partition-count", "3")
        partman("register", *MONTHLY, *patient)
        holder = other(autocommit=False)
        holder.execute(f"LOCK TABLE ONLY {events} IN SHARE UPDATE EXCLUSIVE MODE")
        deadline = time.monotonic() + PATIENCE
        with started(*args) as process:
            while pg.execute(BUILT).fetchone() != (3,):
                assert process.poll() is None, process.communicate()
                assert time.monotonic() < deadline, "it never builds anything"
            yield process, holder

    return start


def said(process: subprocess.Popen[str], event: str) -> dict[str, Any]:
    """Wait for an event in the log of a process."""
    for line in process.stderr:
        body = json.loads(line)
        if body.get("event") == event:
            return body
    raise AssertionError(f"it ended, and never said {event}")


@pytest.mark.parametrize("command", ["maintain", "apply"])
@pytest.mark.parametrize(("number", "code"), SIGNALS)
def test_a_run_that_waits_for_a_lock_ends_at_once_and_tells_how_far_it_came(
    blocked, partman, pg, number, code, command
):
    with blocked(command) as (process, holder):
        process.send_signal(number)
        out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == code
    assert "Left: 3 × create." in out, err
    assert "Interrupted: the next run finishes the rest." in out
    # The plan that is applied is shown there before it is.
    assert err == "" if command == "maintain" else "to create" in err
    assert partitions(pg) == []
    assert " interrupted " in partman("status", code=3).stdout.splitlines()[-1]
    holder.rollback()
    assert "Done: 3 × create." in partman("maintain").stdout
    partman("plan", "--check")


@pytest.mark.parametrize(("number", "code"), SIGNALS)
def test_a_service_ends_a_waiting_pass_in_good_order(
    blocked, partman, pg, number, code
):
    every = ("maintain", "--every", "1h", "--log-format", "json")
    with blocked(*every) as (process, holder):
        process.send_signal(number)
        ended = said(process, "pass-ended")
        assert (ended["result"], ended["left"]) == ("was interrupted", 3)
        assert said(process, "stopped")
        out, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, out, err) == (code, "", "")
    holder.rollback()
    assert "Done: 3 × create." in partman("maintain").stdout
    assert len(partitions(pg)) == 3


@pytest.mark.parametrize(("number", "code"), SIGNALS)
def test_a_service_without_a_pass_ends_at_once(
    events, partman, pg, started, number, code
):
    partman("register", *MONTHLY)
    with started("maintain", "--cron", "@hourly", "--log-format", "json") as process:
        assert said(process, "started")["message"].endswith("by cron '@hourly'")
        ended = said(process, "pass-ended")
        assert (ended["run"], ended["done"], ended["level"]) == (1, 10, "info")
        assert len(partitions(pg)) == 10
        process.send_signal(number)
        out, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, out) == (code, "")
    assert [json.loads(line)["event"] for line in err.splitlines()] == ["stopped"]


def test_a_quiet_pass_of_a_service_is_one_line(events, partman, started, tmp_path):
    partman("register", *MONTHLY)
    partman("maintain")
    (tmp_path / "partman.toml").write_text("[maintenance]\nevery = '30 minutes'\n")
    with started("maintain", "--service") as process:
        lines = [process.stderr.readline() for _ in range(2)]
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=PATIENCE)
    assert process.returncode == 143
    stamp = r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ INFO    "
    first, second = lines
    assert re.fullmatch(
        f"{stamp}maintenance in the background, every 30 minutes\n", first
    )
    assert re.fullmatch(
        stamp + r"run 2 was done in \d+\.\d s: nothing had to be done; next one in "
        r"\d+ min\n",
        second,
    )


def test_a_service_waits_for_a_server_that_is_not_there(tmp_path, started):
    away = f"host={tmp_path} dbname=x"
    every = ("--every", "1h", "--log-format", "json")
    with started("--dsn", away, "maintain", *every) as process:
        assert said(process, "server-away")["next_in"] == 1
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=PATIENCE)
    assert process.returncode == 143


def test_a_run_whose_time_is_up_ends_early_and_says_run_again(blocked, partman):
    with blocked("maintain", "--max-seconds", "5") as (process, holder):
        out, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 7
    assert "Interrupted: the next run finishes the rest." in out
    holder.rollback()
    assert "Done: 3 × create." in partman("maintain").stdout


def test_a_run_can_be_stopped_from_elsewhere(blocked, partman, pg):
    with blocked("maintain") as (process, _):
        line = partman("status", code=3).stdout.splitlines()[-1]
        number = re.fullmatch(r"Last run: (\d+), on since .*, by .*", line)[1]
        done = partman("stop", number)
        assert done.stdout == f"Run {number} is told to stop.\n"
        out, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 7
    assert "Left: 3 × create." in out
    over = json.loads(partman("stop", number, "--json").stdout)
    assert (over["run"], over["told_to_stop"]) == (int(number), False)
    assert "is over already" in partman("stop", number).stdout


def test_a_run_that_never_was_cannot_be_stopped(events, partman):
    assert (
        "error[no-such-run]: there is no run 3" in partman("stop", "3", code=4).stderr
    )
    partman("register", *MONTHLY)
    partman("maintain")
    assert "error[no-such-run]" in partman("stop", "3", code=4).stderr
    assert "is over already" in partman("stop", "1").stdout


def test_the_last_run_is_told_by_status(events, partman):
    assert json.loads(partman("status", "--json").stdout)["last_run"] is None
    assert "Last run" not in partman("status").stdout
    partman("register", *MONTHLY)
    partman("maintain")
    last = json.loads(partman("status", "--json").stdout)["last_run"]
    assert (last["run"], last["command"], last["result"]) == (1, "maintain", "done")
    assert "@" in last["actor"]
    ended = datetime.fromisoformat(last["finished_at"])
    assert datetime.fromisoformat(last["started_at"]) <= ended
    line = partman("status").stdout.splitlines()[-1]
    stamp = f"{ended:%Y-%m-%d %H:%M} UTC"
    assert line == f"Last run: 1 done {stamp} by {last['actor']}"
