"""The tenants of a table: listed, added, given settings of their own, let go."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from partman_core.errors import ConfigError
from partman_webui import planned, shapes
from partman_webui.app import Route
from partman_webui.problems import problem
from partman_webui.shapes import FieldProblem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from partman_core.engine import TenantChange, TenantInfo
    from partman_webui.api.served import Served
    from partman_webui.app import Asked
    from partman_webui.database import Database

OWN = frozenset({"partition_interval", "partition_count", "retention_period"})
"""What can be another for a tenant than for its table."""


def routes(served: Served) -> Iterator[Route]:
    """Yield the addresses."""
    rule = "/api/v1/tables/<id:table>/tenants"
    yield Route("GET", rule, partial(tenants, served))
    yield Route(
        "POST", rule, partial(change, served), needs="settings", action="tenants"
    )


def tenants(served: Served, asked: Asked, id: str) -> shapes.Tenants:  # noqa: A002
    """Return a table's tenants."""
    database = served.database(asked)
    database.table(id)
    found = database.reads.get(("tenants", id), lambda: database.engine.tenants(id))
    return shapes.Tenants(items=[_row(one) for one in found.value])


def _row(one: TenantInfo) -> shapes.TenantRow:
    return shapes.TenantRow(
        tenant=one.tenant,
        registered=one.registered,
        known=one.known,
        own=dict(one.own),
        partitions=one.partitions,
        rows=one.rows,
        bytes=one.bytes,
    )


def change(served: Served, asked: Asked, id: str) -> shapes.TenantsChanged:  # noqa: A002
    """Add tenants, set what is their own, and let others go."""
    wanted = asked.read(shapes.TenantsAsked)
    _check(wanted)
    database = served.database(asked)
    found = database.table(id)
    agreed = wanted.confirm == found.id
    try:
        made = _changed(database, found.id, wanted, agreed=agreed)
    except ConfigError as error:
        if error.code != "needs-confirmation":
            raise
        detail = f"the table's name, {found.id}, has to be typed here"
        raise problem(
            "confirm-needed",
            f"{error.message}: {detail}.",
            errors=[FieldProblem(pointer="/confirm", detail=detail)],
        ) from error
    if not wanted.dry_run:
        database.reads.forget()
        served.record(asked, "tenants", found.id, _told(made))
    return shapes.TenantsChanged(
        added=[name for one in made for name in one.added],
        changed=[name for one in made for name in one.changed],
        removed=[name for one in made for name in one.removed],
        plan=planned.plan(made[-1].plan, ()),
        dry_run=wanted.dry_run,
    )


def _changed(
    database: Database, table: str, wanted: shapes.TenantsAsked, *, agreed: bool
) -> list[TenantChange]:
    engine, made = database.engine, []
    how = {"confirm": agreed, "dry_run": wanted.dry_run}
    if wanted.tenants:
        made.append(engine.register_tenants(table, wanted.tenants, **how))
    if wanted.remove:
        made.append(engine.remove_tenants(table, wanted.remove, **how))
    return made


def _told(made: list[TenantChange]) -> str:
    parts = []
    for word in ("added", "changed", "removed"):
        names = [name for one in made for name in getattr(one, word)]
        if names:
            parts.append(f"{word} {', '.join(names)}")
    return "; ".join(parts) or "nothing changed"


def _check(wanted: shapes.TenantsAsked) -> None:
    """Refuse a request that asks for nothing, or for what no tenant can have.

    :raises ProblemError: ``validation``.
    """
    if wanted.tenants and wanted.remove:
        raise _wrong("/remove", "add tenants or let some go, one request each")
    if not (wanted.tenants or wanted.remove):
        raise _wrong("/tenants", "name at least one tenant, here or in remove")
    for tenant, own in wanted.tenants.items():
        for key in own:
            if key not in OWN:
                place = f"/tenants/{tenant.replace('~', '~0').replace('/', '~1')}/{key}"
                raise _wrong(place, f"a tenant's own can be {', '.join(sorted(OWN))}")


def _wrong(pointer: str, detail: str) -> Exception:
    return problem(
        "validation",
        f"What was sent is not right at {pointer}: {detail}.",
        errors=[FieldProblem(pointer=pointer, detail=detail)],
    )
