"""What is read is kept for a moment, read once for all, and shown again on failure."""

from __future__ import annotations

import threading

import pytest

from partman_webui.problems import ProblemError
from partman_webui.reads import AGAIN, SLACK, TTL, Cached, Reads


class Watch:
    """A monotonic clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Source:
    """Something to be read, that counts how often it was."""

    def __init__(self) -> None:
        self.count = 0
        self.error: Exception | None = None
        self.go = threading.Event()
        self.go.set()

    def __call__(self) -> int:
        self.count += 1
        self.go.wait()
        if self.error is not None:
            raise self.error
        return self.count


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def source() -> Source:
    return Source()


def test_it_is_read_once_as_long_as_it_is_new(watch, source):
    kept = Cached(source, clock=watch)
    assert kept.get().value == kept.get().value == 1
    watch.now += TTL - 1
    assert kept.get().value == 1
    watch.now += 2
    found = kept.get()
    assert (found.value, found.stale) == (2, False)


def test_fifty_who_ask_at_once_read_it_once(watch, source):
    kept = Cached(source, clock=watch)
    source.go.clear()
    found: list[int] = []
    many = [
        threading.Thread(target=lambda: found.append(kept.get().value))
        for _ in range(50)
    ]
    for one in many:
        one.start()
    source.go.set()
    for one in many:
        one.join()
    assert found == [1] * 50
    assert source.count == 1


def test_what_was_read_before_is_shown_as_stale_when_reading_fails(watch, source):
    kept = Cached(source, clock=watch)
    kept.get()
    source.error = RuntimeError("gone")
    watch.now += TTL + 1
    found = kept.get()
    assert (found.value, found.stale) == (1, True)


def test_a_failure_is_raised_where_nothing_was_read_before(watch, source):
    kept = Cached(source, clock=watch)
    source.error = RuntimeError("gone")
    with pytest.raises(RuntimeError, match="gone"):
        kept.get()


def test_after_a_failure_it_is_not_asked_again_at_once(watch, source):
    kept = Cached(source, clock=watch)
    source.error = RuntimeError("gone")
    for _ in range(3):
        with pytest.raises(RuntimeError):
            kept.get()
    assert source.count == 1
    source.error = None
    watch.now += AGAIN + 0.1
    assert kept.get().value == 2


def test_nobody_waits_long_for_a_read_if_there_is_an_older_one(watch, source):
    kept = Cached(source, clock=watch, patience=0.01)
    kept.get()
    source.go.clear()
    watch.now += TTL + 1
    found = kept.get()
    assert (found.value, found.stale) == (1, False)
    watch.now += SLACK
    found = kept.get()
    assert (found.value, found.stale) == (1, True)
    assert source.count == 2
    source.go.set()


def test_what_takes_too_long_and_was_never_read_is_a_problem(
    watch, source, monkeypatch
):
    monkeypatch.setattr("partman_webui.reads.FIRST_PATIENCE", 0.01)
    kept = Cached(source, clock=watch)
    source.go.clear()
    with pytest.raises(ProblemError) as caught:
        kept.get()
    assert caught.value.code == "db-busy"
    source.go.set()


def test_what_is_forgotten_while_it_is_read_is_read_again(watch, source):
    kept = Cached(source, clock=watch)
    source.go.clear()
    begun = threading.Thread(target=kept.get)
    begun.start()
    while source.count == 0:
        pass
    kept.forget()
    source.go.set()
    begun.join()
    assert kept.get().value == 2


def test_the_reads_that_nobody_asks_for_any_more_are_let_go(watch):
    reads = Reads(clock=watch, most=2)
    for key in ("a", "b", "a", "c"):
        reads.get(key, str)
    again = Source()
    reads.get("a", again)
    assert again.count == 0
    reads.get("b", again)
    assert again.count == 1
