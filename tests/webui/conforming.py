"""Every answer is held against the OpenAPI document: status, type, shape."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator

from partman_webui import openapi


@cache
def document() -> dict[str, Any]:
    """Return the document, made strict: no field that it does not name."""
    found = json.loads(openapi.FILE.read_text("utf-8"))
    for name, schema in found["components"]["schemas"].items():
        if "properties" in schema:
            schema["additionalProperties"] = False
            if name != "SeedPartition":
                # Everything is always told, also what is not known.
                schema["required"] = sorted(schema["properties"])
    return found


@cache
def _paths() -> list[tuple[re.Pattern[str], str]]:
    found = []
    for path in document()["paths"]:
        pattern = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path))
        found.append((re.compile(pattern), path))
    return sorted(found, key=lambda pair: -len(pair[1]))


@cache
def _validator(reference: str) -> Draft202012Validator:
    schema = {"$ref": reference, "components": document()["components"]}
    return Draft202012Validator(schema)


def check(method: str, path: str, status: int, kind: str, body: bytes) -> None:
    """Fail if an answer is not as the document says.

    :param path: as it was sent, percent-encoded, below the prefix.
    :param kind: of the body, from ``Content-Type``.
    """
    known = next((name for regex, name in _paths() if regex.fullmatch(path)), None)
    if known is None or method.lower() not in document()["paths"][known]:
        assert status in {400, 401, 404, 405}, (method, path, status)
        return
    operation = document()["paths"][known][method.lower()]
    told = operation["responses"].get(str(status))
    assert told is not None, f"{method} {known} answers {status}, which is nowhere told"
    if "content" not in told:
        assert not body, f"{method} {known} {status} has a body"
        return
    kind = kind.partition(";")[0]
    assert kind in told["content"], f"{method} {known} {status}: {kind!r}"
    schema = told["content"][kind]["schema"]
    if "$ref" in schema and kind != "text/event-stream":
        answer = json.loads(body)
        _validator(schema["$ref"]).validate(answer)
