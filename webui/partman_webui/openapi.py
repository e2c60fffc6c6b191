"""The OpenAPI document of ``/api/v1``, made from the shapes; and of the seed's two.

``python -m partman_webui.openapi`` writes it beside this file, where it is committed; a
test compares the two, and every answer of the tests with it.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import msgspec

from partman_webui import shapes
from partman_webui.operations import (
    DATABASE,
    EMPTY,
    OPERATIONS,
    TEXT,
    Operation,
    Parameter,
)

FILE = Path(__file__).with_name("openapi.json")
VERSION = "1"
PROBLEM = "application/problem+json"

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
