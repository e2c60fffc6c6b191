"""The OpenAPI document of ``/api/v1``, made from the shapes; and of the seed's two.

``python -m partman_webui.openapi`` writes it beside this file, where it is committed; a
test compares the two, and every answer of the tests with it.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from attrs import field, frozen

from partman_webui import shapes
from partman_webui.login.asked import LoginAsked

if TYPE_CHECKING:
    from collections.abc import Sequence

FILE = Path(__file__).with_name("openapi.json")
VERSION = "1"
PROBLEM = "application/problem+json"
SEED = "The frozen interface of the system that partman follows."


@frozen(kw_only=True)
class Parameter:
    """Something that an address takes.

    :param where: ``query``, ``path`` or ``header``.
    """

    name: str
    text: str
    schema: dict[str, Any]
    where: str = "query"
    required: bool = False


@frozen(kw_only=True)
class Operation:
    """What one address does with one method.

    :param answer: the shape of its answer; None: plain JSON.
    :param body: the shape of what is sent; None: nothing is.
    :param also: types of the answer besides JSON.
    :param refusals: statuses of the problems that are its own.
    """

    method: str
    path: str
    text: str
    answer: type[Any] | None
    status: int = 200
    body: type[Any] | None = None
    parameters: Sequence[Parameter] = ()
    also: Sequence[str] = ()
    refusals: Sequence[int] = ()
    tags: Sequence[str] = field(default=("v1",))


EMPTY = 204
"""The status of an answer without a body."""


def _integer(low: int, high: int | None = None) -> dict[str, Any]:
    found: dict[str, Any] = {"type": "integer", "minimum": low}
    return found if high is None else found | {"maximum": high}


TEXT = {"type": "string"}
DATABASE = Parameter(
    name="database", text="The database, by its name; the first one if none.",
    schema=TEXT,
)  # fmt: skip
TABLE = Parameter(
    name="id", text="The table's name as SQL writes it.", schema=TEXT, where="path",
    required=True,
)  # fmt: skip
RUN = Parameter(
    name="n", text="The run's number.", schema=_integer(1), where="path", required=True
)
CURSOR = Parameter(
    name="cursor", text="Where the next page begins, as the last one said.",
    schema=TEXT,
)  # fmt: skip


def _limit(most: int, usual: int) -> Parameter:
    schema = _integer(1, most) | {"default": usual}
    return Parameter(name="limit", text="At most so many.", schema=schema)


V1 = (
    Operation(
        method="post", path="/api/v1/login", text="Log in; the answer has a cookie.",
        answer=None, status=EMPTY, body=LoginAsked, refusals=(401, 422),
    ),
    Operation(
        method="post", path="/api/v1/logout", text="End the session.", answer=None,
        status=EMPTY, body=None,
    ),
    Operation(
        method="get", path="/api/v1/databases", text="The databases of these pages.",
        answer=shapes.Databases,
    ),
    Operation(
        method="get", path="/api/v1/me", text="Who is asking, and what they may do.",
        answer=shapes.Me,
    ),
    Operation(
        method="get", path="/api/v1/plugins", text="The plugins.",
        answer=shapes.Plugins,
    ),
    Operation(
        method="get", path="/api/v1/findings", text="The findings of all tables.",
        answer=shapes.Findings,
    ),
    Operation(
        method="get", path="/api/v1/tables",
        text="The managed tables, the most urgent first.", answer=shapes.Tables,
        parameters=(
            Parameter(
                name="health", text="Only tables that are so, with commas between.",
                schema=TEXT,
            ),
            Parameter(name="q", text="Only names with this in them.", schema=TEXT),
            Parameter(name="schema", text="Only of this schema.", schema=TEXT),
            _limit(1000, 200),
            CURSOR,
        ),
        refusals=(400,),
    ),
    Operation(
        method="get", path="/api/v1/tables/{id}", text="One table.",
        answer=shapes.TableSummary, parameters=(TABLE,), refusals=(404,),
    ),
    Operation(
        method="get", path="/api/v1/tables/{id}/partitions",
        text="A table's partitions, and what its timeline is drawn with.",
        answer=shapes.Partitions,
        parameters=(TABLE, _limit(50_000, 1000), CURSOR), refusals=(400, 404),
    ),
    Operation(
        method="get", path="/api/v1/tables/{id}/tenants", text="A table's tenants.",
        answer=shapes.Tenants, parameters=(TABLE,), refusals=(404, 422),
    ),
    Operation(
        method="post", path="/api/v1/tables/{id}/tenants",
        text="Add tenants, set what is their own, or let them go.",
        answer=shapes.TenantsChanged, body=shapes.TenantsAsked, parameters=(TABLE,),
        refusals=(404, 409, 422),
    ),
    Operation(
        method="get", path="/api/v1/tables/{id}/settings",
        text="A table's settings, and the JSON Schema of them.",
        answer=shapes.SettingsShown, parameters=(TABLE,), refusals=(404,),
    ),
    Operation(
        method="put", path="/api/v1/tables/{id}/settings",
        text="Declare all settings of a table.", answer=shapes.SettingsShown,
        body=shapes.SettingsAsked,
        parameters=(
            TABLE,
            Parameter(
                name="If-Match", text="The ETag of the settings that were changed.",
                schema=TEXT, where="header",
            ),
        ),
        refusals=(404, 409, 412, 422, 428),
    ),
    Operation(
        method="post", path="/api/v1/tables/{id}/settings/preview",
        text="What settings would change; nothing is written.",
        answer=shapes.SettingsPreview, body=shapes.SettingsAsked, parameters=(TABLE,),
        refusals=(404,),
    ),
    Operation(
        method="post", path="/api/v1/tables/{id}/plans",
        text="What would be done with a table; nothing is kept.",
        answer=shapes.PlanShown, body=shapes.PlanAsked, parameters=(TABLE,),
        refusals=(404, 422),
    ),
    Operation(
        method="get", path="/api/v1/tables/{id}/days",
        text="What becomes due today and in the next seven days.", answer=shapes.Days,
        parameters=(TABLE,), refusals=(404, 422),
    ),
    Operation(
        method="get", path="/api/v1/bin",
        text="What retention took out and nobody has dropped yet.", answer=shapes.Bin,
        parameters=(Parameter(name="table", text="Only of this.", schema=TEXT),),
    ),
    Operation(
        method="post", path="/api/v1/bin/attach",
        text="Bring a partition back from the bin, in a run.", answer=shapes.RunShown,
        status=202, body=shapes.AttachAsked, refusals=(404, 409, 422),
    ),
    Operation(
        method="get", path="/api/v1/holds", text="What is on hold.",
        answer=shapes.Holds,
    ),
    Operation(
        method="post", path="/api/v1/holds", text="Put a partition on hold.",
        answer=shapes.Holds, body=shapes.HoldAsked, refusals=(404, 409, 422),
    ),
    Operation(
        method="delete", path="/api/v1/holds", text="Let a partition go.",
        answer=shapes.Holds,
        parameters=(
            Parameter(
                name="partition", text="Its name as SQL writes it.", schema=TEXT,
                required=True,
            ),
        ),
        refusals=(404, 409, 422),
    ),
    Operation(
        method="get", path="/api/v1/runs", text="The runs, the newest first.",
        answer=shapes.Runs,
        parameters=(
            Parameter(name="table", text="Only runs that did something with it.",
                      schema=TEXT),
            _limit(500, 50),
            CURSOR,
        ),
        refusals=(400, 404),
    ),
    Operation(
        method="post", path="/api/v1/runs",
        text="Do what a plan says, if it still holds.", answer=shapes.RunShown,
        status=202, body=shapes.RunAsked, refusals=(404, 409, 422),
    ),
    Operation(
        method="get", path="/api/v1/runs/{n}", text="One run.",
        answer=shapes.RunShown, parameters=(RUN,), refusals=(404,),
    ),
    Operation(
        method="post", path="/api/v1/runs/{n}/stop",
        text="Ask a run to end in good order.", answer=shapes.RunShown,
        parameters=(RUN,), refusals=(404, 409),
    ),
    Operation(
        method="get", path="/api/v1/runs/{n}/events",
        text="What happened in a run; as a stream if that is asked for.",
        answer=shapes.RunEvents, also=("text/event-stream",),
        parameters=(
            RUN,
            Parameter(
                name="after", text="Only events after this one.", schema=_integer(0)
            ),
        ),
        refusals=(400, 404),
    ),
    Operation(
        method="get", path="/api/v1/actions",
        text="What was done and refused through these pages.", answer=shapes.Actions,
        parameters=(_limit(500, 100), CURSOR), refusals=(400,),
    ),
    Operation(
        method="get", path="/api/v1/openapi.json", text="This document.", answer=None
    ),
)  # fmt: skip

_SCHEMA = Parameter(name="schema", text="The table's schema.", schema=TEXT)
SEEDS = (
    Operation(
        method="get", path="/api/tables", text="The managed tables. " + SEED,
        answer=shapes.SeedTables, tags=("seed",),
    ),
    Operation(
        method="get", path="/api/partitions", text="A table's partitions. " + SEED,
        answer=shapes.SeedPartitions, tags=("seed",),
        parameters=(
            Parameter(name="table", text="As /api/tables prints it.", schema=TEXT,
                      required=True),
            _SCHEMA,
            _limit(1000, 10),
            Parameter(name="offset", text="After so many.", schema=_integer(0)),
        ),
        refusals=(400, 404),
    ),
)  # fmt: skip
OPERATIONS = (*SEEDS, *V1)
USUAL = (400, 401, 403, 404, 421, 429, 500, 503)
"""Statuses of problems that any address may answer."""

TAKES = (413, 415, 400, 422)
"""The same where something is sent."""


def document() -> dict[str, Any]:
    """Make the document."""
    classes = _classes()
    _, components = msgspec.json.schema_components(
        classes, ref_template="#/components/schemas/{name}"
    )
    paths: dict[str, Any] = {}
    for operation in OPERATIONS:
        paths.setdefault(operation.path, {})[operation.method] = _described(operation)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "partman",
            "version": VERSION,
            "description": "Whether partitioned tables are well, and what is done to "
            "them. Moments are ISO 8601 in UTC, lengths are seconds, sizes are bytes; "
            "null means that something is not known, or that there is none.",
        },
        "paths": paths,
        "components": {"schemas": components},
    }


def _classes() -> list[type[Any]]:
    found: dict[type[Any], None] = {shapes.Problem: None}
    for operation in OPERATIONS:
        for kind in (operation.answer, operation.body):
            if kind is not None:
                found[kind] = None
    return list(found)


def _described(operation: Operation) -> dict[str, Any]:
    parameters = [*operation.parameters]
    if "v1" in operation.tags:
        parameters.append(DATABASE)
    kinds = ("application/json", *operation.also)
    refusals = {*USUAL, *operation.refusals}
    if any(one.schema.get("type") == "integer" for one in operation.parameters):
        refusals.add(422)
    told: dict[str, Any] = {
        "summary": operation.text,
        "operationId": _name(operation),
        "tags": list(operation.tags),
        "parameters": [_parameter(one) for one in parameters],
    }
    if operation.body is not None:
        refusals |= {*TAKES}
        told["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": _reference(operation.body)}},
        }
    worked: dict[str, Any] = {"description": "It worked."}
    if operation.status != EMPTY:
        worked["content"] = {kind: _content(operation, kind) for kind in kinds}
    answers: dict[str, Any] = {str(operation.status): worked}
    if operation.method == "get":
        answers["304"] = {"description": "It is as it was, by its ETag."}
    for status in sorted(refusals):
        answers[str(status)] = {
            "description": "It did not.",
            "content": {PROBLEM: {"schema": _reference(shapes.Problem)}},
        }
    return told | {"responses": answers}


def _content(operation: Operation, kind: str) -> dict[str, Any]:
    if kind != "application/json":
        return {"schema": TEXT}
    if operation.answer is None:
        return {"schema": {"type": "object"}}
    return {"schema": _reference(operation.answer)}


def _reference(kind: type[Any]) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{kind.__name__}"}


def _parameter(one: Parameter) -> dict[str, Any]:
    return {
        "name": one.name,
        "in": one.where,
        "required": one.required,
        "description": one.text,
        "schema": one.schema,
    }


def _name(operation: Operation) -> str:
    words = operation.path.replace("{", "").replace("}", "").replace(".", "_")
    parts = [part for part in words.split("/") if part and part not in {"api", "v1"}]
    seed = ["seed"] if "seed" in operation.tags else []
    return "_".join([operation.method, *seed, *parts])


def text() -> str:
    """Return the document as it is committed."""
    return json.dumps(document(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
    sys.stderr.write(f"{FILE} is written\n")
