"""Every way to log in, as somebody who has done so."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from partman_webui import Basic, Bearer, Hosted, Link, Proxied
from partman_webui.login.basic import hashed

from .clients import Client

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from partman_webui.application import Application

SECRET = "the secret of mia"
PROXY = "10.0.0.7"
USERS = {"mia": hashed(SECRET)}
BASIC = base64.b64encode(f"mia:{SECRET}".encode()).decode()
HOSTS = ("localhost", "127.0.0.1", "[::1]", "ui.example")


@frozen(kw_only=True)
class Entrance:
    """One way to log in.

    :param options: of the application.
    :param headers: that somebody shows who is logged in.
    :param environ: what the server says of their requests.
    """

    name: str
    options: Mapping[str, Any] = field(factory=dict)
    headers: Mapping[str, str] = field(factory=dict)
    environ: Mapping[str, Any] = field(factory=dict)

    def logged_in(self, application: Application) -> Client:
        """Return the client of somebody who is logged in."""
        client = Client(application, dict(self.headers), dict(self.environ))
        if self.name == "link":
            client.headers["Cookie"] = cookie_of(application)
        return client


def cookie_of(application: Application) -> str:
    """Log in by a link; return the cookie."""
    [link] = application.app.options.auth
    secret = link.issue(application.app.options.clock())
    reply = Client(application).get(f"/login?token={secret}")
    assert reply.status == 303, reply.text
    assert reply.cookie is not None
    return reply.cookie


def entrances() -> dict[str, Callable[[], Entrance]]:
    """Return every way, by its name; ways keep something, so each is made anew."""
    return {
        "link": lambda: Entrance(name="link", options={"auth": [Link()]}),
        "token": lambda: Entrance(
            name="token",
            options={"auth": [Bearer.of(SECRET)]},
            headers={"Authorization": f"Bearer {SECRET}"},
        ),
        "basic": lambda: Entrance(
            name="basic",
            options={"auth": [Basic(USERS)]},
            headers={"Authorization": f"Basic {BASIC}"},
        ),
        "header": lambda: Entrance(
            name="header",
            options={"auth": [Proxied()], "trusted_proxies": [PROXY]},
            headers={"X-Forwarded-User": "mia", "X-Forwarded-For": "192.0.2.9"},
            environ={"REMOTE_ADDR": PROXY},
        ),
        "wsgi": lambda: Entrance(
            name="wsgi",
            options={"auth": [Hosted()]},
            environ={"REMOTE_USER": "mia"},
        ),
        "local": lambda: Entrance(name="local"),
    }
