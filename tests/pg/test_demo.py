"""The demo: a true story, and nothing of it is left behind."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from urllib.request import HTTPCookieProcessor, build_opener

import psycopg
import pytest

from partman_core.cli.flights import FIRST, first_hour, flights
from partman_core.pg.embedded import stop_kept

DEMO = (sys.executable, "-m", "partman_core", "demo")
FLIGHTS = 336_776


@pytest.fixture(autouse=True)
def elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Be where no settings file is, and name a server that does not matter."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PARTMAN_DSN", "host=nowhere")
    monkeypatch.setenv("PYTHONUNBUFFERED", "1")


def place_in(text: str) -> Path:
    """Return the directory of the server, as the first line tells it."""
    (place,) = re.findall(r"is up, in (.*)\.", text)
    return Path(place)


def test_the_demo_tells_its_story_and_leaves_nothing() -> None:
    done = subprocess.run(DEMO, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    text = done.stdout
    totals = re.findall(r"total +(\d+)", text.replace(",", ""))
    before, after, by_carrier = map(int, totals)
    assert before == FLIGHTS
    assert 0.7 * FLIGHTS < after < 0.85 * FLIGHTS
    assert by_carrier == after
    assert "Done: 16 × create." in text
    assert "retention_period  9 months" in text
    assert re.search(r"- drop +flights_p\d{6}", text)
    assert "Inserts have partitions until" in text
    assert "What to try next" in text
    assert not place_in(text).exists()


def test_a_kept_demo_goes_on_and_can_be_looked_at() -> None:
    done = subprocess.run(
        [*DEMO, "--keep"],
        capture_output=True,
        text=True,
        check=True,
    )
    (dsn,) = re.findall("export PARTMAN_DSN='(.*)'", done.stdout)
    with psycopg.connect(dsn) as conn:
        rows = conn.execute("SELECT count(*), max(time_hour) FROM flights").fetchone()
    assert rows is not None
    assert rows[0] > FLIGHTS / 2
    assert rows[1].astimezone(UTC).date() in days_around_now()
    status = subprocess.run(
        [sys.executable, "-m", "partman_core", "--dsn", dsn, "status"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "public.flights" in status.stdout
    shown = the_pages(done.stdout)
    assert {"flights", "flights_by_carrier"} <= shown
    place = place_in(done.stdout)
    assert f"--stop {place}\n" in done.stdout
    stop_kept(place)
    assert not place.exists()


def the_pages(text: str) -> set[str]:
    """Log in by the link that the demo tells; return the tables that are shown."""
    (link,) = re.findall(r"http://127\.0\.0\.1:\d+/login\?token=\S+", text)
    opener = build_opener(HTTPCookieProcessor())
    with opener.open(link, timeout=60) as page:
        assert page.status == 200
    with opener.open(f"{link.partition('/login')[0]}/api/tables", timeout=60) as found:
        return {table["name"] for table in json.load(found)["tables"]}


def days_around_now() -> set[date]:
    today = datetime.now(UTC).date()
    return {today, today - timedelta(days=1)}


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)]
)
@pytest.mark.parametrize("keep", [(), ("--keep",)])
def test_a_demo_that_is_stopped_leaves_nothing(
    number: int, code: int, keep: tuple[str, ...]
) -> None:
    with subprocess.Popen(
        [*DEMO, *keep],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        place = place_in(process.stdout.readline())
        assert place.exists()
        for line in process.stdout:
            if line.startswith("2. "):
                process.send_signal(number)
                break
        _, errors = process.communicate()
    assert process.returncode == code
    assert errors.splitlines()[-1] == "stopped."
    assert not place.exists()


def test_on_a_terminal_the_demo_shows_its_progress() -> None:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(DEMO, stdout=subprocess.DEVNULL, stderr=theirs)
    os.close(theirs)
    shown = b""
    while True:
        try:
            shown += os.read(ours, 4096)
        except OSError:
            break  # the other end is closed
    os.close(ours)
    assert process.wait() == 0
    assert b"flights" in shown
    assert b"100%" in shown


def test_the_data_is_moved_by_whole_days() -> None:
    today = date(2024, 2, 29)
    parts: list[float] = []
    with flights(today, parts.append) as blocks:
        lines = b"".join(blocks).decode().splitlines()
    assert len(lines) == FLIGHTS
    first, last = (
        datetime.fromisoformat(line.partition(",")[0]) for line in (lines[0], lines[-1])
    )
    assert first == first_hour(today)
    assert first.time() == FIRST.time()
    assert last.date() == today
    assert parts == sorted(parts)
    assert parts[-1] == 1
