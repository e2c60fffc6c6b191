"""Attacks, by each way of logging in: what each of them gets."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from partman_core import Engine
from partman_core.pg import scratch
from partman_webui import create_app

from .bundle import a_bundle
from .clients import Client
from .doors import HOSTS, PROXY, SECRET, cookie_of, entrances

if TYPE_CHECKING:
    from collections.abc import Iterator

    from partman_webui.application import Application

WAYS = sorted(entrances())
PLANS = "/api/v1/tables/public.events/plans"
EVERYTHING = ("apply", "destructive", "settings")
FROM_AFAR = {"REMOTE_ADDR": "192.0.2.66"}
OURS = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture(scope="module")
def attacked(server_dsn: str, template_db: str) -> Iterator[Engine]:
    """Yield the engine of a database with a managed table."""
    name = f"partman_attacked_{os.getpid()}"
    with scratch.database(server_dsn, name, template_db) as dsn:
        with psycopg.connect(dsn, autocommit=True) as pg:
            pg.execute("CREATE TABLE events (at date NOT NULL) PARTITION BY RANGE (at)")
        engine = Engine(dsn)
        engine.register("events", partition_interval="1 day", partition_count=3)
        engine.maintain()
        yield engine


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Return a directory with a bundle of a few bytes."""
    return a_bundle(tmp_path_factory.mktemp("bundle"))


class Site:
    """An application, and somebody who is logged in to it."""

    def __init__(self, engine: Engine, bundle: Any, way: str, **options: Any) -> None:
        entrance = entrances()[way]()
        options = {
            "allow": EVERYTHING,
            "static": bundle,
            "allowed_hosts": HOSTS,
            **entrance.options,
            **options,
        }
        self.way = way
        self.application: Application = create_app(engine, **options)
        self.client = entrance.logged_in(self.application)
        self.stranger = Client(self.application, environ=dict(FROM_AFAR))

    def refused(self) -> list[Any]:
        """Return what the history has of refusals, the newest first."""
        self.application.app.recorder.settle()
        return [one for one in self.application.app.engine().actions()
                if not one.allowed]  # fmt: skip


@pytest.fixture(params=WAYS)
def site(request, attacked: Engine, bundle: Any) -> Iterator[Site]:
    """Yield an application for each way of logging in."""
    made = Site(attacked, bundle, request.param)
    yield made
    made.application.app.recorder.settle()
    made.application.close()


def test_who_attacks_nobody_is_served(site):
    assert site.client.get("/api/v1/tables").status == 200
    assert site.client.post(PLANS, headers=OURS).status == 200
    assert site.client.get("/").status == 200


@pytest.mark.parametrize("where", ["cross-site", "same-site", "none", "x, same-origin"])
def test_a_change_from_another_site_is_refused(site, where):
    reply = site.client.post(PLANS, headers={"Sec-Fetch-Site": where})
    assert (reply.status, reply.code) == (403, "cross-site")
    refusal, *_ = site.refused()
    assert (refusal.action, refusal.allowed) == (f"POST {PLANS}", False)
    assert refusal.detail.startswith("cross-site: ")


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "null", "http://localhost", "http://localhost:8131.evil.example",
     "https://localhost:8131", "http://localhost:99999", "file://"],
)  # fmt: skip
def test_an_old_browser_is_known_by_its_origin(site, origin):
    reply = site.client.post(PLANS, headers={"Origin": origin})
    assert (reply.status, reply.code) == (403, "cross-site")
    own = site.client.post(PLANS, headers={"Origin": "http://localhost:8131"})
    assert own.status == 200


def test_a_form_cannot_send_json(site):
    for type_ in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
    ]:
        headers = {"Content-Type": type_, **OURS}
        reply = site.client.post(PLANS, headers=headers, body=b'{"only": []}')
        assert (reply.status, reply.code) == (415, "json-only")


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "evil:8131", ""]
)
def test_a_name_that_is_not_ours_is_refused(site, host):
    for path in ["/", "/api/v1/tables", "/login?token=x", "/api/tables"]:
        reply = site.client.get(path, headers={"Host": host})
        assert (reply.status, reply.code) == (421, "host-not-allowed")


def test_a_cookie_beside_a_bearer_token_that_is_none_helps_nobody(site):
    headers = {"Cookie": site.client.headers.get("Cookie", "partman_s=x.y")}
    headers["Authorization"] = "Bearer of ill news"
    reply = site.client.post(PLANS, headers=headers)
    expected = (401, "login-failed") if site.way == "token" else (403, "cross-site")
    assert (reply.status, reply.code) == expected


def test_a_user_that_nobody_vouches_for_is_nobody(site):
    forged = {"X-Forwarded-User": "mia", "X-Forwarded-For": PROXY, "Remote-User": "mia"}
    for reply in [
        site.stranger.get("/api/v1/tables", headers=forged),
        site.stranger.post(PLANS, headers=forged | OURS),
    ]:
        assert (reply.status, reply.code) == (401, "auth-required")


def test_a_session_that_we_did_not_sign_is_none(site):
    text, _, signature = "eyJpZCI6IngifQ.AAAA".partition(".")
    for forged in [f"{text}.{signature}", f"{text}.", ".", "é.é", "partman_s"]:
        reply = site.stranger.get(
            "/api/v1/tables", headers={"Cookie": f"partman_s={forged}"}
        )
        assert (reply.status, reply.code) == (401, "auth-required")


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.txt", "/assets/../../secret.txt", "/assets/..%2f..%2fsecret.txt",
        "/%2e%2e/secret.txt", "/assets/%2e%2e%2f%2e%2e%2fsecret.txt",
        "/..%5csecret.txt/..",
        "//secret.txt", "/etc//passwd", "/tables/../../secret.txt", "/assets/",
        "/assets/gone.js", "/favicon.ico", "/secret.txt",
    ],
)  # fmt: skip
def test_no_file_from_outside_of_the_bundle_is_served(site, path):
    for client in (site.client, site.stranger):
        reply = client.get(path, headers={"Accept": "text/html"})
        assert (reply.status, reply.code) == (404, "not-found")
        assert "not for everybody" not in reply.text


@pytest.mark.parametrize(
    "path",
    ["//evil.example", "//evil.example/%2f..", "/%2f%2fevil.example",
     "/\\evil.example/..",
     "/login?token=x&next=//evil.example", "/login?token=//evil.example"],
)  # fmt: skip
def test_nobody_is_sent_to_another_site(site, path):
    reply = site.client.get(path)
    assert reply.status in {401, 404}
    assert "location" not in reply.headers


def test_a_body_of_two_megabytes_is_refused(site):
    reply = site.client.post(PLANS, json={"at": "x" * 2**21}, headers=OURS)
    assert (reply.status, reply.code) == (413, "too-large")
    longer = {"CONTENT_LENGTH": "9" * 4000}
    assert site.client.post(PLANS, headers=OURS, environ=longer).status == 413
    endless = {"CONTENT_LENGTH": "", "wsgi.input_terminated": True}
    reply = site.client.post(
        PLANS, json={"at": "x" * 2**21}, headers=OURS, environ=endless
    )
    assert reply.status == 413


def test_a_plan_that_no_longer_holds_is_not_applied(site):
    body = {"table": "public.events", "hash": "0" * 64}
    reply = site.client.post("/api/v1/runs", json=body, headers=OURS)
    assert (reply.status, reply.code) == (409, "plan-stale")


WRITES = {
    ("POST", "/api/v1/runs"): {"table": "public.events", "hash": "x"},
    ("POST", "/api/v1/runs/1/stop"): {},
    ("PUT", "/api/v1/tables/public.events/settings"): {"settings": {}},
    ("POST", "/api/v1/tables/public.events/tenants"): {"remove": ["a"]},
    ("POST", "/api/v1/holds"): {"partition": "public.p", "reason": "x"},
    ("DELETE", "/api/v1/holds?partition=public.p"): None,
    ("POST", "/api/v1/bin/attach"): {"partition": "public.p"},
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("method", "path"), WRITES)
def test_who_may_only_read_changes_nothing(attacked, bundle, way, method, path):
    site = Site(attacked, bundle, way, allow=())
    reply = site.client.request(
        method, path, json=WRITES[method, path], headers={"If-Match": "*", **OURS}
    )
    assert (reply.status, reply.code) == (403, "not-allowed")
    refusal, *_ = site.refused()
    assert refusal.action.startswith(method)
    assert refusal.actor == site.client.get("/api/v1/me").json()["actor"]


def test_a_login_link_is_good_for_one_person(attacked, bundle):
    site = Site(attacked, bundle, "link")
    [link] = site.application.app.options.auth
    path = f"/login?token={link.issue(site.application.app.options.clock())}"
    assert site.stranger.request("HEAD", path).status == 204
    assert site.stranger.get(path).status == 303
    for again in (site.stranger, site.client):
        reply = again.get(path, headers={"Accept": "application/json"})
        assert (reply.status, reply.code) == (401, "login-failed")
        assert "set-cookie" not in reply.headers
    page = site.stranger.get(path, headers={"Accept": "text/html"})
    assert page.status == 401
    assert "used already" in page.text
    refusal, *_ = site.refused()
    assert (refusal.actor, refusal.address) == ("nobody", "192.0.2.66")
    assert SECRET not in refusal.detail


def test_cookies_of_one_server_are_worth_nothing_at_another(attacked, bundle):
    one, other = Site(attacked, bundle, "link"), Site(attacked, bundle, "link")
    headers = {"Cookie": cookie_of(one.application)}
    assert one.stranger.get("/api/v1/tables", headers=headers).status == 200
    assert other.stranger.get("/api/v1/tables", headers=headers).status == 401
