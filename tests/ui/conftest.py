"""Pages in a real browser: Debian's Chromium, before a real server and database.

Whatever the browser complains about (an error, a broken rule of the content security
policy, an answer that failed) fails the test in which it was.
"""

from __future__ import annotations

import itertools
import shutil
import threading
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from attrs import define, field
from playwright.sync_api import sync_playwright
from waitress.server import create_server

from partman_core import Engine
from partman_core.pg import scratch
from partman_core.pg.embedded import THROWAWAY, embedded_server
from partman_webui import create_app

from . import databases

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import (
        Browser,
        BrowserContext,
        ConsoleMessage,
        Page,
        Playwright,
    )

SERVER = THROWAWAY | {"max_connections": "100"}
DESK = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}
NUMBERS = itertools.count(1)
EVERYTHING = ("apply", "destructive", "settings")


@define
class Site:
    """A database, and the pages that show it.

    :ivar url: where they are, with a slash at the end.
    """

    dsn: str
    engine: Engine
    url: str = ""
    _close: list[Callable[[], None]] = field(factory=list)

    def sql(self, statement: str, *args: Any) -> list[Any]:
        """Do something in the database."""
        with psycopg.connect(self.dsn, autocommit=True) as conn:
            done = conn.execute(statement, args or None)
            return done.fetchall() if done.description else []

    def serve(self, **options: Any) -> str:
        """Serve the pages; return where they are."""
        app = create_app(self.engine, **options)
        server = create_server(app, host="127.0.0.1", port=0, threads=16)
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()

        def close() -> None:
            app.close()
            server.close()
            thread.join(10)

        self._close.append(close)
        prefix = options.get("prefix", "")
        self.url = f"http://127.0.0.1:{server.effective_port}{prefix}/"
        return self.url

    def close(self) -> None:
        """End what serves the pages."""
        while self._close:
            self._close.pop()()


@pytest.fixture(scope="session")
def server_dsn() -> Iterator[str]:
    """Yield how to reach a server of our own."""
    with embedded_server(settings=SERVER) as server:
        yield server.dsn


@contextmanager
def a_site(server_dsn: str) -> Iterator[Site]:
    """Yield a database without tables, not served yet."""
    name = f"partman_pages_{next(NUMBERS)}"
    with scratch.database(server_dsn, name) as dsn:
        made = Site(dsn, Engine(dsn))
        try:
            yield made
        finally:
            made.close()


@pytest.fixture
def site(server_dsn: str) -> Iterator[Site]:
    """Yield a database without tables, not served yet, for one test."""
    with a_site(server_dsn) as made:
        yield made


@pytest.fixture(scope="module")
def trouble(server_dsn: str) -> Iterator[Site]:
    """Yield a served database that every test of a module looks at, and leaves alone.

    Everything is allowed; one run was done.
    """
    with a_site(server_dsn) as made:
        databases.in_trouble(made, datetime.now(UTC))
        made.serve(allow=EVERYTHING)
        yield made


@pytest.fixture
def now() -> datetime:
    """Return the moment: the pages show the true one."""
    return datetime.now(UTC)


def chromium(playwright: Playwright) -> Browser:
    """Start Debian's Chromium, without a window."""
    program = shutil.which("chromium")
    assert program, "no chromium: `make test-ui` says how to get it"
    return playwright.chromium.launch(
        executable_path=program,
        args=["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"],
    )


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Yield the one browser of all tests."""
    with sync_playwright() as playwright:
        browser = chromium(playwright)
        yield browser
        browser.close()


@define(slots=False)  # Playwright keeps its wrapper of a listener on the object
class Complaints:
    """What the browser did not like."""

    heard: list[str] = field(factory=list)
    allowed: list[str] = field(factory=list)

    def listen(self, page: Page) -> None:
        """Hear what becomes of a page."""
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.heard.append(str(error)))

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.heard.append(f"{message.type}: {message.text} {message.location}")

    def allow(self, part: str) -> None:
        """Have what contains *part* be expected."""
        self.allowed.append(part)

    def left(self) -> list[str]:
        """Return what was not expected."""
        return [
            one for one in self.heard if not any(part in one for part in self.allowed)
        ]


@pytest.fixture
def complaints() -> Iterator[Complaints]:
    """Yield what collects complaints; some that nobody expected fail the test."""
    found = Complaints()
    yield found
    assert not found.left()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """Yield a browser's session, with the screen of a desk."""
    context = browser.new_context(viewport=DESK, locale="en-GB", timezone_id="UTC")
    context.set_default_timeout(15_000)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext, complaints: Complaints) -> Page:
    """Return a page whose complaints are heard."""
    page = context.new_page()
    complaints.listen(page)
    return page
