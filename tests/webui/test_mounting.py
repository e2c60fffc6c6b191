"""The pages work wherever they are mounted, and behind proxies that strip or keep."""

from __future__ import annotations

import asyncio
import json
import re
import threading

import a2wsgi
import django
import flask
import httpx
import pytest
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from fastapi import FastAPI
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from partman_webui import Actor, Hosted, Link, Proxied

from .clients import Client

PREFIX = "/ops/partitions"
OURS = {"Sec-Fetch-Site": "same-origin"}
PLANS = "/api/v1/tables/public.events/plans"


def boot_of(text):
    """Return what a page was told."""
    return json.loads(re.search(r'id="boot">(.*?)</script>', text)[1])


def works_below(prefix, ask, page="/tables/public.events"):
    """Check that all is where it should be; *ask* returns status, headers, text."""
    status, headers, _ = ask("GET", prefix)
    assert status == 307
    assert headers["location"] == "./partitions/"  # whatever stands before that
    for path in ["/", page]:
        status, headers, text = ask("GET", prefix + path)
        assert (status, headers["content-type"]) == (200, "text/html; charset=utf-8")
        assert boot_of(text)["prefix"] == prefix
        script = re.search(r'src="([^"]+)"', text)[1]
        assert script == f"{prefix}/assets/index-abc.js"
    assert ask("GET", script)[2].startswith("export")
    status, headers, text = ask("GET", f"{prefix}/api/v1/tables")
    assert status == 200
    assert [one["id"] for one in json.loads(text)["items"]] == ["public.events"]
    assert ask("POST", prefix + PLANS)[0] == 200
    assert ask("GET", f"{prefix}/assets/gone.js")[0] == 404
    assert ask("GET", f"{prefix}/api/v1/gone")[0] == 404


def asking(client):
    """Return what asks by a client of ours."""

    def ask(method, path):
        send = client.get if method == "GET" else client.post
        reply = send(path, headers=OURS)
        return reply.status, reply.headers, reply.text

    return ask


class Known:
    """A middleware of a host application: it knows everybody as mia."""

    def __init__(self, application):
        self.application = application

    def __call__(self, environ, start_response):
        return self.application(environ | {"REMOTE_USER": "mia"}, start_response)


def test_it_mounts_in_flask(make):
    app = flask.Flask("host")
    app.add_url_rule("/", "home", lambda: "the host")
    ui = make(auth=[Hosted()])
    app.wsgi_app = DispatcherMiddleware(app.wsgi_app, {PREFIX: Known(ui)})
    works_below(PREFIX, asking(Client(app.wsgi_app)))
    assert Client(app.wsgi_app).get("/").text == "the host"
    me = Client(app.wsgi_app).get(f"{PREFIX}/api/v1/me").json()
    assert (me["actor"], me["method"]) == ("mia", "wsgi")


def test_it_mounts_beside_django(make):
    if not settings.configured:
        settings.configure(ROOT_URLCONF=__name__, SECRET_KEY="x", ALLOWED_HOSTS=["*"])
        django.setup()
    site, ui = get_wsgi_application(), make(auth=[Hosted()])
    application = DispatcherMiddleware(site, {PREFIX: Known(ui)})
    works_below(PREFIX, asking(Client(application)))
    assert Client(application).get("/").status == 404


urlpatterns: list[object] = []
"""Django's: none."""


def test_it_mounts_in_fastapi(make):
    app = FastAPI()
    ui = make(auth=[Hosted(lambda _: Actor(name="mia", method="wsgi"))])
    app.mount(PREFIX, a2wsgi.WSGIMiddleware(ui, workers=2))
    app.add_api_route("/", lambda: "the host")

    def ask(method, path):
        async def asked():
            transport = httpx.ASGITransport(app)
            async with httpx.AsyncClient(
                transport=transport, base_url="http://localhost"
            ) as client:
                body = {} if method == "POST" else None
                return await client.request(method, path, headers=OURS, json=body)

        reply = asyncio.run(asked())
        # FastAPI itself sends the bare prefix on, by a whole address
        location = reply.headers.get("location", "")
        if location == f"http://localhost{PREFIX}/":
            reply.headers["location"] = "./partitions/"
        return reply.status_code, reply.headers, reply.text

    works_below(PREFIX, ask)
    assert ask("GET", "/")[2] == '"the host"'


@pytest.fixture
def behind(make):
    """Return the client of a proxy that has logged somebody in."""

    def behind(**options):
        ui = make(auth=[Proxied()], trusted_proxies=["10.0.0.0/24"], **options)
        user = {"X-Forwarded-User": "mia"}
        return Client(ui, headers=user, environ={"REMOTE_ADDR": "10.0.0.7"})

    return behind


def test_a_proxy_may_keep_the_prefix(behind):
    works_below(PREFIX, asking(behind(prefix=PREFIX)))


def test_a_proxy_may_strip_the_prefix_and_say_so(behind):
    client = behind()
    client.headers["X-Forwarded-Prefix"] = PREFIX

    def ask(method, path):
        return asking(client)(method, path.removeprefix(PREFIX))

    works_below(PREFIX, ask)


def test_a_proxy_may_strip_the_prefix_that_the_options_name(behind):
    client = behind(prefix=PREFIX)
    assert boot_of(client.get("/tables/public.events").text)["prefix"] == PREFIX
    assert client.get("/api/v1/tables").status == 200


@pytest.mark.parametrize(
    "told",
    ["//evil.example", "/a/../b", "/<script>", "https://evil.example", '/"x', "/a b"],
)
def test_a_prefix_that_is_none_is_not_believed(behind, told):
    page = behind().get("/", headers={"X-Forwarded-Prefix": told})
    assert boot_of(page.text)["prefix"] == ""


def test_a_prefix_is_believed_from_trusted_proxies_only(make):
    client = Client(make())
    page = client.get("/", headers={"X-Forwarded-Prefix": PREFIX})
    assert boot_of(page.text)["prefix"] == ""


def test_the_cookie_and_the_link_stay_below_the_prefix(make):
    link = Link()
    client = Client(make(auth=[link], prefix=PREFIX))
    reply = client.get(f"{PREFIX}/login?token={link.issue(2e9)}")
    assert (reply.status, reply.headers["location"]) == (303, "./")
    assert f"Path={PREFIX};" in reply.headers["set-cookie"]
    assert "Secure" not in reply.headers["set-cookie"]


def test_over_https_the_cookie_is_for_https_only(make):
    link = Link()
    ui = make(auth=[link], trusted_proxies=["10.0.0.7"])
    client = Client(ui, environ={"REMOTE_ADDR": "10.0.0.7"})
    path, headers = f"/login?token={link.issue(2e9)}", {"X-Forwarded-Proto": "https"}
    reply = client.get(path, headers=headers)
    assert reply.headers["set-cookie"].endswith("HttpOnly; SameSite=Strict; Secure")


def test_threads_of_a_host_may_ask_at_the_same_time(make):
    client, replies = Client(make()), []
    threads = [
        threading.Thread(target=lambda: replies.append(client.get("/api/v1/tables")))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert [reply.status for reply in replies] == [200] * 8
    assert len({reply.headers["etag"] for reply in replies}) == 1
