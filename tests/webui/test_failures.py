"""What goes wrong is told as problems: what, why, the way out, and nothing secret."""

from __future__ import annotations

import logging

import psycopg
import pytest

from partman_core import Engine
from partman_core.errors import (
    Blocked,
    Claimed,
    ConfigError,
    PartmanError,
    Refused,
    Stale,
    Unreachable,
)
from partman_core.pg import session
from partman_webui import Bearer
from partman_webui.app import Route
from partman_webui.login import routes as logins
from partman_webui.problems import CODES, translated
from partman_webui.routing import Routes
from partman_webui.scrubbing import Scrubber

from .clients import Client

SECRET = "the secret of mia"
OURS = {"Sec-Fetch-Site": "same-origin"}
PLANS = "/api/v1/tables/public.events/plans"


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (Unreachable("x"), (503, "db-unreachable")),
        (ConfigError("x", code="unknown-table"), (404, "table-unknown")),
        (ConfigError("x", code="not-managed"), (404, "table-unknown")),
        (ConfigError("x", code="unknown-partition"), (404, "partition-unknown")),
        (ConfigError("x", code="declared-by-file"), (409, "conflict")),
        (ConfigError("x", code="standby"), (409, "conflict")),
        (ConfigError("x", code="password"), (503, "db-unreachable")),
        (ConfigError("x", code="needs-confirmation"), (422, "confirm-needed")),
        (ConfigError("x", code="off-grid"), (422, "validation")),
        (Blocked("x"), (409, "locked")),
        (Claimed("x"), (409, "locked")),
        (Stale("x"), (409, "plan-stale")),
        (Refused("x"), (409, "conflict")),
        (PartmanError("x"), (500, "internal")),
        (psycopg.errors.LockNotAvailable("x"), (503, "db-busy")),
        (psycopg.errors.QueryCanceled("x"), (503, "db-busy")),
        (psycopg.OperationalError("x"), (503, "db-unreachable")),
        (psycopg.errors.SyntaxError("x"), (500, "internal")),
        (ZeroDivisionError("x"), (500, "internal")),
    ],
)
def test_errors_of_the_engine_are_told_by_what_can_be_done(error, expected):
    told = translated(error)
    assert (told.status, told.code) == expected
    assert told.problem.title == CODES[told.code][1]
    assert told.problem.type == f"urn:partman:problem:{told.code}"
    if expected[0] == 500:
        assert "x" not in told.problem.detail.split()


def failing(application, error):
    """Make an address of an application fail; return it."""

    def fail(asked):
        raise error

    app = application.app
    more = Route("GET", "/api/v1/fails", fail)
    return type(application)(
        app=app,
        door=application.door,
        limits=application.limits,
        routes=Routes([*logins.routes(app, application.door), more]),
        pages=application.pages,
        readiness=application.readiness,
        scrubber=Scrubber(("pässword",)),
    )


def test_what_nobody_expected_is_in_the_log_and_not_in_the_answer(make, caplog):
    broken = failing(make(), ValueError("the pässword of mia"))
    with caplog.at_level(logging.ERROR, logger="partman.webui"):
        reply = Client(broken).get("/api/v1/fails")
    assert (reply.status, reply.code) == (500, "internal")
    number = reply.json()["request_id"]
    assert number == reply.headers["x-request-id"]
    assert "of mia" not in reply.text
    [record] = caplog.records
    told = record.getMessage()
    assert f"GET /api/v1/fails failed (request {number}): Traceback" in told
    assert told.endswith("ValueError: the *** of mia")
    assert "pässword" not in caplog.text
    caplog.clear()
    Client(failing(make(), ValueError("no secret"))).get("/api/v1/fails")
    [record] = caplog.records
    assert record.getMessage().endswith("ValueError: no secret")
    assert record.exc_info[0] is ValueError


def test_passwords_are_found_however_they_are_spelt(monkeypatch):
    monkeypatch.setenv("PGPASSWORD", "from the environment")
    scrubber = Scrubber.of(
        ["postgresql://mia:a%40b%2Fc@h/d", "host=h password='two words'", "no dsn", len]
    )
    assert "a@b/c" not in repr(scrubber)
    for secret in ["a@b/c", "a%40b%2Fc", "two words", "from the environment", "no dsn"]:
        assert scrubber.clean(f"<{secret}>") == "<***>"
    assert (
        Scrubber.of_engines([Engine("host=h password=xyzzy")]).clean("xyzzy") == "***"
    )


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/api", (404, "not-found")),
        ("GET", "/api/", (404, "not-found")),
        ("GET", "/api/v1/nothing", (404, "not-found")),
        ("GET", "/api/v1/runs/-1", (404, "not-found")),
        ("GET", "/api/v1/runs/99999999999999999999", (404, "not-found")),
        ("GET", "/api/v2/tables", (404, "not-found")),
        ("DELETE", "/api/v1/me", (405, "method-not-allowed")),
        ("OPTIONS", "/api/v1/me", (405, "method-not-allowed")),
        ("GET", "/api/v1/login", (405, "method-not-allowed")),
        ("GET", "/api/v1/%ff", (400, "bad-request")),
        ("GET", "/api/v1/tables/%00", (400, "bad-request")),
        ("GET", "/api/v1/tables?q=%ff", (400, "bad-request")),
        ("GET", "/api/v1/tables?q=%00", (400, "bad-request")),
        ("GET", "/api/v1/tables?database=none", (404, "database-unknown")),
        ("GET", "/api/v1/tables/public.nothing", (404, "table-unknown")),
    ],
)
def test_addresses_that_are_none_are_told_as_problems(client, method, path, expected):
    reply = client.request(method, path, headers=OURS)
    assert (reply.status, reply.code) == expected
    assert reply.json()["detail"]
    if reply.status == 405:
        assert reply.headers["allow"]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"{", (400, "bad-request")),
        (b"\xff", (400, "bad-request")),
        (b'{"at": "\\ud800"}', (400, "bad-request")),
        (b"[" * 100_000, (400, "bad-request")),
        (b"NaN", (400, "bad-request")),
        (b'{"at": "\\u0000"}', (422, "validation")),
        (b"[]", (422, "validation")),
        (b'{"at": 1}', (422, "validation")),
        (b'{"only": [1]}', (422, "validation")),
        (b'{"atx": ""}', (422, "validation")),
    ],
)
def test_bodies_that_are_none_are_told_as_problems(client, body, expected):
    headers = {"Content-Type": "application/json; charset=utf-8", **OURS}
    reply = client.request("POST", PLANS, body=body, headers=headers)
    assert (reply.status, reply.code) == expected


def test_a_body_that_was_cut_short_is_not_taken(client):
    reply = client.post(PLANS, headers=OURS, environ={"CONTENT_LENGTH": "9"})
    assert (reply.status, reply.code) == (400, "bad-request")
    reply = client.post(
        PLANS, headers=OURS, environ={"CONTENT_LENGTH": "x"}, valid=False
    )
    assert (reply.status, reply.code) == (400, "bad-request")


def test_refusals_on_a_standby_or_before_a_schema_are_logged(make, database, caplog):
    empty = Engine(database, schema="not_yet")
    ui = make(empty, auth=[Bearer.of(SECRET)])
    client = Client(ui, headers={"Authorization": f"Bearer {SECRET}"})
    with caplog.at_level(logging.WARNING, logger="partman.webui"):
        reply = client.post(PLANS, headers={"Sec-Fetch-Site": "cross-site"})
        ui.app.recorder.settle()
    assert reply.code == "cross-site"
    assert "was refused POST" in caplog.text
    with session.connect(database) as conn:
        assert session.probe(conn, "not_yet").registry == "absent"


def test_a_history_that_cannot_be_written_changes_no_answer(make, engine, pg, caplog):
    [(name,)] = pg.execute("SELECT current_database()").fetchall()
    pg.execute(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')
    ui = make(auth=[Bearer.of(SECRET)])
    with caplog.at_level(logging.WARNING, logger="partman.webui"):
        sent = Client(ui).post("/api/v1/login", json={"token": SECRET}, headers=OURS)
        ui.app.recorder.settle()
    assert sent.status == 204
    assert "the history cannot keep that" in caplog.text


def test_a_database_that_does_not_answer_is_not_ready(make):
    client = Client(make(Engine("host=127.0.0.1 port=1 dbname=secret_name")))
    reply = client.get("/readyz")
    assert (reply.status, reply.code) == (503, "db-unreachable")
    assert "secret_name" not in reply.text
    assert client.get("/healthz").status == 200


def test_health_is_told_by_any_name_and_to_anybody(make):
    client = Client(make(auth=[Bearer.of(SECRET)], allowed_hosts=["ui.example"]))
    for path in ["/healthz", "/readyz"]:
        reply = client.get(path, headers={"Host": "10.1.2.3:8131"})
        assert (reply.status, reply.json()) == (200, {"status": "ok"})
