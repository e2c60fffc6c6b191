"""The grounds of the trials, prepared once, and how many faults were tried."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from partman_core.executor import creation
from partman_core.pg import window

from .scenarios import SCENARIOS
from .trials import Ground

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

TRIED: dict[str, int] = {}
"""By what it was, how many faults were tried."""


@pytest.fixture(scope="session")
def server(server_dsn: str) -> Iterator[psycopg.Connection[Any]]:
    """Yield a session in the maintenance database."""
    with psycopg.connect(server_dsn, autocommit=True) as conn:
        yield conn


@pytest.fixture(scope="session")
def grounds(server: psycopg.Connection[Any]) -> Iterator[dict[str, Ground]]:
    """Yield what is prepared already, by name."""
    made: dict[str, Ground] = {}
    yield made
    for each in made.values():
        each.template.remove()


@pytest.fixture
def ground(
    server: psycopg.Connection[Any],
    grounds: dict[str, Ground],
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[[str], Ground]:
    """Return a function that gives a scenario's ground by its name."""
    by_name = {scenario.name: scenario for scenario in SCENARIOS}

    def get(name: str) -> Ground:
        monkeypatch.setattr(window, "READ_RATE", by_name[name].read_rate)
        monkeypatch.setattr(creation, "AT_ONCE", by_name[name].at_once)
        if name not in grounds:
            grounds[name] = Ground.of(server, by_name[name])
        return grounds[name]

    return get


@pytest.fixture
def tried() -> dict[str, int]:
    """Return the count that is shown at the end."""
    return TRIED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how many faults were tried."""
    if not TRIED:
        return
    terminalreporter.section("faults")
    for what, count in TRIED.items():
        terminalreporter.line(f"{count:5} {what}")
    terminalreporter.line(f"{sum(TRIED.values()):5} in all")
