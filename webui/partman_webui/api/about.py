"""Who asks, what there is: logins, databases, plugins, findings, actions."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from partman_core import __version__
from partman_webui import openapi, paging, shaped, shapes
from partman_webui.app import Route
from partman_webui.asking import ABILITIES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from partman_core.pg.actions import Action
    from partman_core.plugins import PluginInfo
    from partman_webui.api.served import Served
    from partman_webui.app import Asked
    from partman_webui.database import Database

FEATURES = ("maintain", "apply", "tenants", "bin", "hold", "adopt")
"""What every engine of this version can do."""

COMING = ("drain", "convert", "simulate")
"""What an engine can do if it has a method of that name."""

OPEN = "There is no login here: whoever reaches these pages may do what they allow."

GRAVITY = ("error", "warning", "info")
MOST_ACTIONS, USUAL_ACTIONS = 500, 100
MAJOR = 10_000


def routes(served: Served) -> Iterator[Route]:
    """Yield the addresses."""
    for name, function in {
        "databases": databases,
        "me": me,
        "plugins": plugins,
        "findings": findings,
        "actions": actions,
        "openapi.json": document,
    }.items():
        yield Route("GET", f"/api/v1/{name}", partial(function, served))


def databases(served: Served, asked: Asked) -> shapes.Databases:  # noqa: ARG001 - all are
    """Return the databases of these pages."""
    return shapes.Databases(items=[_database(one) for one in served.databases.values()])


def _database(database: Database) -> shapes.DatabaseShown:
    server, label, reachable = None, database.name, True
    try:
        read = database.look()
    except Exception:  # noqa: BLE001 - its own pages say why
        reachable = False
    else:
        found = read.value.sight.server
        server, reachable = _server(found.version), not read.stale
        label = found.database
    return shapes.DatabaseShown(
        name=database.name, label=label, server=server, reachable=reachable
    )


def _server(version: int) -> str:
    return f"PostgreSQL {version // MAJOR}.{version % MAJOR}"


def me(served: Served, asked: Asked) -> shapes.Me:
    """Return who is asking, and what they may do."""
    database = served.database(asked)
    has = [name for name in COMING if hasattr(database.engine, name)]
    return shapes.Me(
        actor=asked.actor.name,
        method=asked.actor.method,
        can=[ability for ability in ABILITIES if asked.may(ability)],
        features=[*FEATURES, *has],
        version=__version__,
        server=_database(database).server,
        database=asked.database,
        warning=OPEN if served.app.options.anyone else None,
    )


def plugins(served: Served, asked: Asked) -> shapes.Plugins:
    """Return the plugins, in the order in which they are asked."""
    listed = served.database(asked).engine.plugins.listed()
    return shapes.Plugins(items=[_plugin(one) for one in listed])


def _plugin(one: PluginInfo) -> shapes.PluginShown:
    """Return a plugin."""
    return shapes.PluginShown(
        name=one.name,
        version=one.version,
        source=one.source,
        hooks=list(one.hooks),
        error="left out on request" if one.left_out else one.failure,
    )


def findings(served: Served, asked: Asked) -> shapes.Findings:
    """Return the findings of all tables, the gravest first."""
    read = served.database(asked).look()
    every = [
        shaped.reason(found)
        for seen in read.value.sight.tables
        for found in seen.health.findings
    ]
    return shapes.Findings(
        items=sorted(every, key=lambda one: GRAVITY.index(one.severity)),
        read_at=shaped.iso(read.value.sight.read_at),
        stale=read.stale,
    )


def actions(served: Served, asked: Asked) -> shapes.Actions:
    """Return what was done and refused through these pages, the newest first."""
    database = served.database(asked)
    limit = asked.number("limit", USUAL_ACTIONS, most=MOST_ACTIONS)
    before = paging.before("actions", asked.query.get("cursor"))
    found = database.engine.actions(limit=limit + 1, before=before)
    items = [_action(one) for one in found[:limit]]
    more = paging.written("actions", items[-1].id) if found[limit:] else None
    return shapes.Actions(items=items, next_cursor=more)


def _action(one: Action) -> shapes.ActionShown:
    return shapes.ActionShown(
        id=one.id,
        at=shaped.iso_or_none(one.at) or "",
        actor=one.actor,
        method=one.method,
        action=one.action,
        target=one.target,
        allowed=one.allowed,
        detail=one.detail,
        address=one.address,
    )


def document(served: Served, asked: Asked) -> bytes:  # noqa: ARG001 - it is the same for all
    """Return the OpenAPI document."""
    return openapi.FILE.read_bytes()
