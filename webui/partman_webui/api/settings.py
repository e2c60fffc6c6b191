"""A table's settings: shown with their JSON Schema, previewed, declared anew."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any

from attrs import evolve

from partman_core import config
from partman_core.errors import ConfigError
from partman_webui import planned, shapes
from partman_webui.answers import Answer, encoded, etag
from partman_webui.api.runs import check_confirmed
from partman_webui.app import Route
from partman_webui.problems import problem
from partman_webui.shapes import FieldProblem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from partman_core.model import Table
    from partman_core.plugins import Plugins
    from partman_webui.api.served import Served
    from partman_webui.app import Asked
    from partman_webui.database import Database, Found

_PLACE = re.compile(r" @ (?P<path>[^\s()]+)(?: \(hint: (?P<hint>.*)\))?$", re.DOTALL)
_HINT = re.compile(r" \(hint: (?P<hint>.*)\)$", re.DOTALL)
"""How sentences about mistakes end: with a place, with a hint, or with both."""


def routes(served: Served) -> Iterator[Route]:
    """Yield the addresses."""
    rule = "/api/v1/tables/<id:table>/settings"
    yield Route("GET", rule, partial(shown, served))
    yield Route(
        "PUT", rule, partial(declare, served), needs="settings", action="settings"
    )
    yield Route(
        "POST", f"{rule}/preview", partial(preview, served), needs="plan",
        action="preview",
    )  # fmt: skip


def shown(served: Served, asked: Asked, id: str) -> shapes.SettingsShown:  # noqa: A002
    """Return a table's settings."""
    database = served.database(asked)
    return _shown(database, asked, database.table(id))


def _shown(database: Database, asked: Asked, found: Found) -> shapes.SettingsShown:
    declared = found.seen.view.declared
    why_not = None
    if declared.origin == "file":
        why_not = "This table is declared by a settings file: change it there."
    elif not asked.may("settings"):
        why_not = "This login may not change settings."
    settings = dict(declared.settings)
    return shapes.SettingsShown(
        table=found.id,
        origin=declared.origin,
        editable=why_not is None,
        why_not=why_not,
        settings=settings,
        schema=schema(database.engine.plugins, settings.get("partition_type", "range")),
    )


def schema(plugins: Plugins, kind: str) -> dict[str, Any]:
    """Return the JSON Schema of a table's settings.

    :param kind: of the strategy.
    """
    whole = config.schema(plugins)
    parts: dict[str, Any] = dict(whole["$defs"])
    parts.pop("Settings", None)
    own = parts.pop(f"Table_{kind}", None)
    if own is None:
        return {"$schema": whole["$schema"], "type": "object"}
    others = [name for name in parts if name.startswith("Table_")]
    return {
        "$schema": whole["$schema"],
        **own,
        "properties": {k: v for k, v in own["properties"].items() if k != "name"},
        "required": [name for name in own.get("required", ()) if name != "name"],
        "$defs": {name: part for name, part in parts.items() if name not in others},
    }


def declare(served: Served, asked: Asked, id: str) -> Answer:  # noqa: A002
    """Declare all settings of a table."""
    wanted = asked.read(shapes.SettingsAsked)
    database = served.database(asked)
    found = _as_it_is_now(database, id)
    _check_version(asked, _shown(database, asked, found))
    table, mistakes = typed(database, found, wanted.settings)
    if table is None:
        raise _wrong(found.id, mistakes)
    if why := retires_more(found, table):
        check_confirmed(found.id, wanted.confirm, f"retires more than before ({why})")
    made = _register(database, found, wanted.settings, dry_run=False)
    changes = ", ".join(map(str, made.changes)) or "nothing changed"
    served.record(asked, "settings", found.id, changes)
    database.reads.forget()
    told = _shown(database, asked, database.table(found.id))
    return Answer(shape=told, headers={"ETag": etag(encoded(told))})


def _wrong(table: str, mistakes: Sequence[shapes.Mistake]) -> Exception:
    """Return the refusal of settings that cannot be, with every mistake."""
    first = mistakes[0]
    more = f", and {len(mistakes) - 1} more mistakes" if len(mistakes) > 1 else ""
    return problem(
        "validation",
        f"The settings of {table} cannot be so: {first.text}{more}.",
        hint=first.hint,
        errors=[
            FieldProblem(pointer=f"/settings{one.pointer}", detail=one.text)
            for one in mistakes
        ],
    )


def _as_it_is_now(database: Database, table: str) -> Found:
    """Return a table as it is at this moment, not as it was a moment ago."""
    database.table(table)
    database.reads.forget()
    return database.table(table)


def _check_version(asked: Asked, told: shapes.SettingsShown) -> None:
    """Refuse a change of settings that are not those that were seen.

    :raises ProblemError: ``if-match-needed`` or ``settings-changed``.
    """
    given = asked.headers.get("if-match", "").strip()
    if not given:
        raise problem(
            "if-match-needed",
            "If-Match is missing: the ETag with which the settings were answered.",
            hint="Read the settings, change them, and send their ETag along.",
        )
    known = {tag.strip().removeprefix("W/") for tag in given.split(",")}
    if etag(encoded(told)).removeprefix("W/") not in known:
        raise problem(
            "settings-changed",
            f"The settings of {told.table} are not those that were changed.",
            hint="Read them again: somebody else was faster.",
        )


def _register(
    database: Database, found: Found, settings: Mapping[str, Any], *, dry_run: bool
) -> Any:
    return database.engine.register(found.id, confirm=True, dry_run=dry_run, **settings)


def preview(served: Served, asked: Asked, id: str) -> shapes.SettingsPreview:  # noqa: A002
    """Return what settings would change; nothing is written."""
    wanted = asked.read(shapes.SettingsAsked)
    database = served.database(asked)
    found = database.table(id)
    table, mistakes = typed(database, found, wanted.settings)
    if table is None:
        return _refused(mistakes)
    try:
        made = _register(database, found, wanted.settings, dry_run=True)
    except ConfigError as error:
        return _refused(_mistakes(error, wanted.settings))
    return shapes.SettingsPreview(
        mistakes=[],
        changes=[str(change) for change in made.changes],
        retires_more=retires_more(found, table),
        plan=planned.plan(made.plan, database.engine.explain(made.plan)),
    )


def _refused(mistakes: list[shapes.Mistake]) -> shapes.SettingsPreview:
    return shapes.SettingsPreview(
        mistakes=mistakes, changes=[], retires_more=None, plan=None
    )


def typed(
    database: Database, found: Found, settings: Mapping[str, Any]
) -> tuple[Table | None, list[shapes.Mistake]]:
    """Read settings as a registration does.

    :returns: the table as they want it; None, and all mistakes, where they have some.
    """
    view, plugins = found.seen.view, database.engine.plugins
    method = None if view.tree is None else view.tree.key.method
    try:
        table = config.structure(
            settings, view.declared.name, plugins, parent_type=method
        )
    except ConfigError as error:
        return None, _mistakes(error, settings)
    return evolve(table, requires=plugins.guards(table, view.declared.requires)), []


def retires_more(found: Found, table: Table) -> str | None:
    """Say whether settings retire more than those that there are, and why."""
    before = found.seen.view.table
    if before is None:
        before = evolve(table, sections={}, requires=found.seen.view.declared.requires)
    return config.tightens(before, table)


def _mistakes(error: ConfigError, settings: Mapping[str, Any]) -> list[shapes.Mistake]:
    hint = error.hint if len(error.mistakes) == 1 else None
    return [_mistake(sentence, hint, settings) for sentence in error.mistakes]


def _mistake(
    sentence: str, hint: str | None, settings: Mapping[str, Any]
) -> shapes.Mistake:
    place = _PLACE.search(sentence)
    if place is not None:
        return shapes.Mistake(
            pointer=_pointer(place["path"]),
            text=sentence[: place.start()],
            hint=place["hint"] or hint,
        )
    told = _HINT.search(sentence)
    if told is not None:
        sentence, hint = sentence[: told.start()], told["hint"]
    # What nobody knows has no place of its own, but is named.
    named = next((key for key in settings if f" {key!r}" in sentence), None)
    pointer = "" if named is None else f"/{named.replace('~', '~0').replace('/', '~1')}"
    return shapes.Mistake(pointer=pointer, text=sentence, hint=hint)


def _pointer(path: str) -> str:
    parts = re.split(r"[.\[]", path)
    return "".join(f"/{part.rstrip(']')}" for part in parts if part)
