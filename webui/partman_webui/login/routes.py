"""What the login page asks for: ``POST /api/v1/login`` and ``/api/v1/logout``."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from partman_webui.answers import Answer
from partman_webui.app import Route
from partman_webui.login.asked import LoginAsked

if TYPE_CHECKING:
    from collections.abc import Iterable

    from partman_webui.app import App
    from partman_webui.asking import Asked
    from partman_webui.login.door import Door


def routes(app: App, door: Door) -> Iterable[Route]:
    """Return the routes; nobody has to be logged in for them."""
    log_in, log_out = partial(_log_in, app, door), partial(_log_out, app, door)
    yield Route("POST", "/api/v1/login", log_in, needs=None)
    yield Route("POST", "/api/v1/logout", log_out, needs=None)


def _log_in(app: App, door: Door, asked: Asked) -> Answer:
    """Log in with a token, or a user and a password; 204 with a cookie."""
    now, sent = app.options.clock(), asked.read(LoginAsked)
    actor = door.log_in(sent, asked.received, now)
    cookie = door.sessions.begin(actor, asked.received, now)
    app.record(actor, "login", None, allowed=True)
    return Answer(status=204, headers={"Set-Cookie": cookie})


def _log_out(app: App, door: Door, asked: Asked) -> Answer:
    """End the session; 204, also where there was none."""
    cookie = door.sessions.end(asked.received, app.options.clock())
    if asked.actor.method != "none":
        app.record(asked.actor, "logout", None, allowed=True)
    return Answer(status=204, headers={"Set-Cookie": cookie})
