"""The web UI of partman: one WSGI application, to be served or to be mounted.

::

    from partman_core import Engine
    from partman_webui import Hosted, create_app

    ui = create_app(Engine("postgresql:///app"), auth=[Hosted()])
    flask_app.wsgi_app = DispatcherMiddleware(flask_app.wsgi_app, {"/partitions": ui})

``partman ui`` serves it by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from partman_webui.asking import Actor
from partman_webui.login import Basic, Bearer, Hosted, Link, Proxied, Token
from partman_webui.options import Options

if TYPE_CHECKING:
    from partman_core import Engine
    from partman_webui.application import Application

__all__ = [
    "Actor",
    "Basic",
    "Bearer",
    "Hosted",
    "Link",
    "Options",
    "Proxied",
    "Token",
    "create_app",
]

ONLY = "default"
"""What the database is called where there is one."""


def create_app(engine: Engine | Mapping[str, Engine], **options: Any) -> Application:
    """Return the pages and their API as a WSGI application.

    Without *auth* and *anyone* it answers only to the machine that it runs on.

    :param engine: of one database, or several by their names, the first one being
        shown first.
    :param options: see :class:`~partman_webui.options.Options`.
    :raises ConfigError: an option cannot be as it is.
    """
    from partman_webui import api
    from partman_webui.app import App
    from partman_webui.application import Application
    from partman_webui.limits import Limits
    from partman_webui.login import routes as logins
    from partman_webui.login.door import Door
    from partman_webui.pages import Pages, read
    from partman_webui.readiness import Readiness
    from partman_webui.routing import Routes
    from partman_webui.scrubbing import Scrubber

    engines = dict(engine) if isinstance(engine, Mapping) else {ONLY: engine}
    chosen = Options(**options)
    app = App(options=chosen, engines=engines)
    limits = Limits.of(chosen)
    door = Door.of(chosen, limits)
    ways = tuple(way.name for way in chosen.auth)
    return Application(
        app=app,
        door=door,
        limits=limits,
        routes=Routes([*logins.routes(app, door), *api.routes(app)]),
        pages=Pages(read(chosen.static), chosen.poll, app.default, ways),
        readiness=Readiness(app),
        scrubber=Scrubber.of_engines(engines.values()),
    )
