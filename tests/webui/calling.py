"""The pages' API, called as a server calls it; and tables to ask about."""

from __future__ import annotations

import gzip
import io
import json
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from attrs import define, frozen

from partman_core import Engine
from partman_webui import create_app

from . import conforming

if TYPE_CHECKING:
    from collections.abc import Iterator

    import psycopg

    from partman_webui.application import Application

    Connection = psycopg.Connection[Any]

NOW = datetime(2026, 11, 24, 15, 40, tzinfo=UTC)
"""A Tuesday."""

DAY = timedelta(days=1)
EVENTS = "public.events"
ALL = ("apply", "destructive", "settings")
PATIENCE = 60
"""Seconds after which something that should have happened never will."""


class Clock:
    """A clock that stands still until it is set."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


@frozen
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@define
class Client:
    """Calls a WSGI application, and holds every answer against the document."""

    app: Application
    address: str = "127.0.0.1"

    def __call__(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        headers: dict[str, str] | None = None,
        **query: Any,
    ) -> Answer:
        """Send a request.

        :param path: percent-encoded where it needs to be.
        """
        environ = self.environ(method, path, body, headers or {}, query)
        started: list[Any] = []
        chunks = self.app(environ, lambda *given: started.append(given))
        try:
            sent = b"".join(chunks)
        finally:
            close = getattr(chunks, "close", None)
            if close is not None:
                close()
        status, given = started[0]
        told = dict(given)
        if told.get("Content-Encoding") == "gzip":
            sent = gzip.decompress(sent)
        found = Answer(int(status.split()[0]), told, sent)
        kind = told.get("Content-Type", "")
        conforming.check(method, path, found.status, kind, sent)
        return found

    def environ(
        self,
        method: str,
        path: str,
        body: Any,
        headers: dict[str, str],
        query: dict[str, Any],
    ) -> dict[str, Any]:
        """Return a request as a server hands it over."""
        from urllib.parse import unquote_to_bytes

        sent = b"" if body is None else json.dumps(body).encode()
        environ: dict[str, Any] = {
            "REQUEST_METHOD": method,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
            "QUERY_STRING": urlencode(query),
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "8131",
            "HTTP_HOST": "127.0.0.1:8131",
            "REMOTE_ADDR": self.address,
            "CONTENT_LENGTH": str(len(sent)),
            "wsgi.input": io.BytesIO(sent),
            "wsgi.errors": io.StringIO(),
            "wsgi.url_scheme": "http",
            "wsgi.version": (1, 0),
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }
        if body is not None:
            environ["CONTENT_TYPE"] = "application/json"
        for name, value in headers.items():
            key = name.upper().replace("-", "_")
            environ[key if key == "CONTENT_TYPE" else f"HTTP_{key}"] = value
        return environ

    def get(self, path: str, **query: Any) -> Any:
        """Return what an address answers, which has to be 200."""
        found = self("GET", path, **query)
        assert found.status == 200, found.body
        return found.json

    def refused(self, status: int, method: str, path: str, *given: Any, **more: Any):
        """Return the problem that an address answers with."""
        found = self(method, path, *given, **more)
        assert found.status == status, found.body
        assert found.headers["Content-Type"] == "application/problem+json"
        assert found.json["status"] == status
        return found.json

    def post(self, path: str, body: Any, status: int = 200) -> Any:
        """Send something, and return the answer."""
        found = self("POST", path, body)
        assert found.status == status, found.body
        return found.json


def table(name: str = EVENTS, rest: str = "") -> str:
    """Return the address of a table."""
    return f"/api/v1/tables/{quote(name, safe='')}{rest}"


def an_engine(dsn: Any, now: Any = NOW, **options: Any) -> Engine:
    """Return an engine for which it is always *now*, or what a :class:`Clock` says."""
    clock = now if callable(now) else lambda: now
    return Engine(dsn, clock=clock, **options)


def a_client(engine: Any, *allow: str, **options: Any) -> Client:
    """Return a client of the pages, from this machine."""
    return Client(create_app(engine, allow=allow, writes=10_000, **options))


def with_events(database: str, pg: Connection, **more: Any) -> tuple[Engine, Clock]:
    """Make a table with a partition a day, of which two are over; three are missing."""
    pg.execute(
        "CREATE TABLE events (at timestamptz NOT NULL, note text)"
        " PARTITION BY RANGE (at)"
    )
    clock = Clock(NOW - 3 * DAY)
    engine = an_engine(database, clock)
    settings = {
        "partition_interval": "1 day",
        "partition_count": 5,
        "start": "2026-11-20",
        "retention_period": "2 days",
        **more,
    }
    engine.register("events", **settings)
    assert engine.maintain().exit_code == 0
    pg.execute(
        "INSERT INTO events SELECT g, 'x' FROM generate_series("
        "'2026-11-20'::timestamptz, '2026-11-24 12:00', '1 hour') g"
    )
    pg.execute("ANALYZE events")
    clock.now = NOW
    return engine, clock


def planned(client: Client, name: str = EVENTS, **asked: Any) -> Any:
    """Return a plan, and the hash of its table's part."""
    plan = client.post(table(name, "/plans"), asked)
    (part,) = plan["tables"]
    return plan, part["hash"]


def applied(client: Client, name: str = EVENTS) -> Any:
    """Do what is due, and return the run once it is over."""
    _, seen = planned(client, name)
    body = {"table": name, "hash": seen, "confirm": name}
    begun = client.post("/api/v1/runs", body, 202)
    return over(client, begun["id"])


def over(client: Client, run: int) -> Any:
    """Wait for the end of a run."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        found = client.get(f"/api/v1/runs/{run}")
        if found["result"] != "running":
            return found
    raise AssertionError(f"run {run} does not end")


@contextmanager
def holding(conn: Connection, *statements: str) -> Iterator[None]:
    """Have a transaction open that has done something; undo it at the end."""
    conn.execute("BEGIN")
    try:
        for statement in statements:
            conn.execute(statement)
        yield
    finally:
        conn.execute("ROLLBACK")
