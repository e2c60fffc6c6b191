"""Ctrl-C in mid-run: it ends, says what was done, and the next run does the rest."""

from __future__ import annotations

import signal
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator

PATIENCE = 60
WAITING = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    " AND application_name = 'partman' AND wait_event_type = 'Lock'"
)


@pytest.fixture(autouse=True)
def interruptible() -> Iterator[None]:
    """Let a Ctrl-C reach the processes that are started, in the background too.

    A shell lets background jobs ignore it, and their children inherit that.
    """
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def waiting(partman, pg):
    """Return a context in which a command runs and has come to somebody's lock."""

    @contextmanager
    def wait(*args: str) -> Iterator[subprocess.Popen[str]]:
        deadline = time.monotonic() + PATIENCE
        with partman.start(*args) as process:
            try:
                while not pg.execute(WAITING).fetchone()[0]:
                    assert process.poll() is None, process.communicate()
                    assert time.monotonic() < deadline, "it never waits"
                yield process
            finally:
                process.kill()

    return wait


@pytest.fixture
def stopped(waiting):
    """Return a function that stops a command while it waits for somebody's lock."""

    def stop(*args: str, by: int = signal.SIGINT) -> tuple[int, str, str]:
        with waiting(*args) as process:
            process.send_signal(by)
            out, err = process.communicate(timeout=PATIENCE)
        return process.returncode, out, err

    return stop


@pytest.fixture
def holder(other):
    """Return a session in a transaction, which holds what the test lets it lock."""
    return other(autocommit=False)


@pytest.mark.usefixtures("flights")
def test_a_stopped_creation_is_told_and_finished_by_the_next_run(
    partman, partitions, holder, stopped
):
    partman.register()
    holder.execute("LOCK TABLE ONLY flights IN SHARE UPDATE EXCLUSIVE MODE")
    code, out, err = stopped("maintain")
    assert code == 130
    assert "Left: 13 × create." in out
    assert "Interrupted: the next run finishes the rest." in out
    assert "Traceback" not in err
    assert partitions() == []
    holder.rollback()
    assert partman.json("history")["operations"] == []
    assert "Done: 13 × create." in partman("maintain").stdout
    assert len(partitions()) == 13
    assert "nothing to do" in partman("plan", "--check").stdout


@pytest.mark.usefixtures("flights")
def test_a_stopped_retirement_tells_what_was_done_and_the_next_run_does_the_rest(
    partman, partitions, holder, stopped
):
    partman.register()
    partman("maintain")
    partman.register("--retention-period", "9 months", "--yes")
    holder.execute("LOCK TABLE ONLY flights_p201302 IN SHARE UPDATE EXCLUSIVE MODE")
    code, out, _ = stopped("maintain")
    assert code == 130
    assert "Done: 1 × detach." in out
    assert "Left: 1 × detach, 2 × drop." in out
    assert partitions()[0] == "flights_p201302"
    kinds = [each["kind"] for each in partman.json("history")["operations"]]
    assert kinds == ["detach", *["create"] * 13]
    holder.rollback()
    assert "Done: 1 × detach, 2 × drop." in partman("maintain").stdout
    assert partitions()[0] == "flights_p201303"
    assert "nothing to do" in partman("plan", "--check").stdout


@pytest.mark.usefixtures("flights")
def test_a_detach_that_is_stopped_half_way_is_named_and_finished_by_the_next_run(
    partman, partitions, holder, stopped
):
    partman.register()
    partman("maintain")
    partman.register("--retention-period", "9 months", "--yes")
    holder.execute("SELECT FROM flights")
    code, out, _ = stopped("maintain")
    assert code == 130
    assert "public.flights_p201301 is half-detached" in out
    assert "Interrupted: the next run finishes the rest." in out
    holder.rollback()
    assert "half-detached" in partman("status", code=3).stdout
    rows = partman.rows("partitions", "flights")
    assert (rows[0]["PARTITION"], rows[0]["STATE"]) == (
        "public.flights_p201301",
        "half-detached",
    )
    done = partman("maintain").stdout
    assert "Done: 1 × finalize, 1 × detach, 2 × drop." in done
    assert partitions()[0] == "flights_p201303"
    assert "nothing to do" in partman("plan", "--check").stdout


@pytest.mark.usefixtures("flights")
def test_a_termination_is_an_orderly_end_as_well(partman, holder, stopped):
    partman.register()
    holder.execute("LOCK TABLE ONLY flights IN SHARE UPDATE EXCLUSIVE MODE")
    code, out, _ = stopped("maintain", by=signal.SIGTERM)
    assert code == 128 + signal.SIGTERM
    assert "Interrupted" in out
    holder.rollback()
    assert "Done: 13 × create." in partman("maintain").stdout


@pytest.mark.usefixtures("flights")
def test_a_table_that_another_run_works_on_is_left_to_it(partman, holder, waiting):
    partman.register()
    holder.execute("LOCK TABLE ONLY flights IN SHARE UPDATE EXCLUSIVE MODE")
    with waiting("maintain") as first:
        told = partman("maintain").stdout
        assert "another engine is at work on it" in told
        assert "at work" in partman("apply", code=6).stdout
        holder.rollback()
        out, _ = first.communicate(timeout=PATIENCE)
    assert first.returncode == 0
    assert "Done: 13 × create." in out
